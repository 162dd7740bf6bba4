"""`sogoc verify`: is the log whole, and do the read models say what a replay of it says?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from ops.cli.app import Prose, app, register
from ops.cli.asking import refuse_empty
from ops.cli.output import in_prose, quiet_when_nobody_reads, write
from ops.cli.progress import bar
from ops.cli.views import hexadecimal
from ops.wiring import Wiring
from projections.engine import EventFailed, Status, status
from projections.rebuild import Rebuilt, rebuild, seen_by
from projections.view import View
from services.verify import Check, verify_log

COLUMNS = ("claim", "looked_at", "wrong", "findings")
SHOWN_MAX, FINDING_MAX = 3, 300  # findings of a check, and characters of each, in the table


Position = Annotated[
    int | None, typer.Option(min=1, help="A mark that was noted, and with it --digest.")
]
Digest = Annotated[str | None, typer.Option(help="The digest that stood beside it.")]


@app.command(epilog="Example: sogoc verify --format json")
def verify(position: Position = None, digest: Digest = None, format_: Prose = None) -> None:
    """Read the whole log and replay all read models, beside those that are there.

    A line for each claim; exit code 1 when anything contradicts one. Takes some 40 seconds for
    50,000 events. --position and --digest, as `sogoc projections` told them once, tell whether the
    log still begins with what it held then.
    """
    if (position is None) != (digest is None):
        raise typer.BadParameter("--position and --digest go together")
    with register() as wiring:
        refuse_empty(wiring)
        with bar("Reading the log") as show:
            checks = verify_log(wiring.register.store, show)
        if position is not None and digest is not None:
            checks.append(_kept(wiring, position, digest))
        checks += _projections(wiring)
    if in_prose(format_):
        with quiet_when_nobody_reads():
            for check in checks:
                print("\n".join(_lines(check)))
    else:
        write([_row(check) for check in checks], format_, COLUMNS)
    if any(check.wrong for check in checks):
        raise typer.Exit(1)


def _row(check: Check) -> dict[str, Any]:
    return {name: getattr(check, name) for name in COLUMNS}


def _lines(check: Check) -> Iterator[str]:
    standing = f"{check.wrong:,} WRONG" if check.wrong else "ok"
    yield f"{standing:>10}  {check.claim} ({check.looked_at:,} looked at)"
    for finding in check.findings[:SHOWN_MAX]:
        yield f"{'':12}{finding[:FINDING_MAX]}"
    if check.wrong > SHOWN_MAX:
        yield f"{'':12}... and {check.wrong - min(SHOWN_MAX, len(check.findings)):,} more"


def _kept(wiring: Wiring, position: int, digest: str) -> Check:
    """What a value that was kept elsewhere says of the log."""
    check = Check(f"the log up to position {position} has the digest that was noted")
    seen = seen_by(wiring.source, position)
    finding = f"{seen.count} events, digest {hexadecimal(seen)}"
    check.saw(seen.count == position and hexadecimal(seen) == digest.lower(), finding)
    check.looked_at = seen.count
    return check


def _projections(wiring: Wiring) -> Iterator[Check]:
    with wiring.connection() as connection:
        found = status(connection, wiring.settings.schema, wiring.source, wiring.views)
    for view, each in zip(wiring.views, found, strict=True):
        yield _seen(wiring, each)
        yield _replayed(wiring, view, each)


def _seen(wiring: Wiring, each: Status) -> Check:
    check = Check(f"{each.view} has seen every event up to its mark")
    if each.mark is None:
        check.saw(False, f"it was never built: run `sogoc rebuild {each.view}`")
        return check
    position, seen = each.mark.position, each.mark.seen
    expected = seen_by(wiring.source, position)
    finding = (
        f"up to {position}: {seen.count} events, digest {hexadecimal(seen)};"
        f" the log has {expected.count}, {hexadecimal(expected)}"
    )
    check.saw(seen == expected and seen.count == position, finding)
    check.looked_at = expected.count
    return check


def _replayed(wiring: Wiring, view: View, each: Status) -> Check:
    check = Check(f"{each.view} says what a replay of the log says")
    if each.mark is None or each.mark.version != each.version:
        found = each.mark and each.mark.version
        check.saw(False, f"laid out by version {found}, this release has {each.version}")
        return check
    try:
        _compare(check, _replay(wiring, view, each.head))
    except EventFailed as error:
        check.saw(False, str(error))
    return check


def _replay(wiring: Wiring, view: View, head: int) -> Rebuilt:
    """Build the view beside the live one, compare, and leave nothing behind."""
    with bar(f"Replaying {view.name}") as show:
        return rebuild(
            wiring.dsn,
            wiring.settings.schema,
            wiring.source,
            view,
            compare_only=True,
            progress=lambda position: show(position, head),
        )


def _compare(check: Check, done: Rebuilt) -> None:
    compared = done.comparison
    assert compared is not None, "a view that has a mark is compared"
    check.looked_at = compared.rebuilt.count
    if compared.equal:
        return
    check.findings += [f"live only: {row}" for row in compared.live_only]
    check.findings += [f"replay only: {row}" for row in compared.rebuilt_only]
    check.wrong = max(len(check.findings), 1)
