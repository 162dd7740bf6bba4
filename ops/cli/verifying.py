"""`sogoc verify`: is the log whole, and do the read models say what a replay of it says?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer

from ops.cli.app import Prose, app, register
from ops.cli.asking import refuse_empty
from ops.cli.output import in_prose, quiet_when_nobody_reads, write
from ops.cli.progress import bar, rebuilding
from ops.cli.views import hexadecimal
from ops.helpers import cores, helpers
from ops.wiring import Wiring
from projections.engine.digest import Digest
from projections.engine.following import Status, ViewStopped, status
from projections.engine.view import View
from projections.rebuilding.rebuild import Rebuilt, rebuild_together, seen_by
from services.verify import Check, verify_log

COLUMNS = ("claim", "looked_at", "wrong", "findings")
SHOWN_MAX, FINDING_MAX = 3, 300  # findings of a check, and characters of each, in the table


Position = Annotated[
    int | None, typer.Option(min=1, help="A mark that was noted, and with it --digest.")
]
Noted = Annotated[str | None, typer.Option(help="The digest that stood beside it.")]


@app.command(epilog="Example: sogoc verify --format json")
def verify(position: Position = None, digest: Noted = None, format_: Prose = None) -> None:
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
    positions = {each.mark.position for each in found if each.mark}
    expected = {position: seen_by(wiring.source, position) for position in positions}
    replays = _replays(wiring, found)
    for each in found:
        yield _seen(each, expected)
        yield replays[each.view]


def _seen(each: Status, log: Mapping[int, Digest]) -> Check:
    check = Check(f"{each.view} has seen every event up to its mark")
    if each.mark is None:
        check.saw(False, f"it was never built: run `sogoc rebuild {each.view}`")
        return check
    position, seen = each.mark.position, each.mark.seen
    expected = log[position]
    finding = (
        f"up to {position}: {seen.count} events, digest {hexadecimal(seen)};"
        f" the log has {expected.count}, {hexadecimal(expected)}"
    )
    check.saw(seen == expected and seen.count == position, finding)
    check.looked_at = expected.count
    return check


def _replays(wiring: Wiring, found: Sequence[Status]) -> dict[str, Check]:
    """Each view as the log says it, beside what is there; nothing is left behind."""
    checks = {each.view: Check(f"{each.view} says what a replay of the log says") for each in found}
    for each in found:
        if each.mark is None or each.mark.version != each.version:
            laid_out = each.mark and each.mark.version
            words = f"laid out by version {laid_out}, this release has {each.version}"
            checks[each.view].saw(False, words)
    views = [view for view in wiring.views if not checks[view.name].wrong]
    waiting = {view.name for view in views}
    try:
        for done in _replayed(wiring, views):
            _compare(checks[done.view], done)
            waiting.remove(done.view)
    except ViewStopped as error:
        for name in waiting:
            checks[name].saw(False, str(error))
    return checks


def _replayed(wiring: Wiring, views: Sequence[View]) -> Iterator[Rebuilt]:
    with rebuilding() as course:
        yield from rebuild_together(
            wiring.dsn,
            wiring.settings.schema,
            wiring.source,
            views,
            compare_only=True,
            helpers=helpers(wiring, cores()),
            progress=course,
        )


def _compare(check: Check, done: Rebuilt) -> None:
    compared = done.comparison
    assert compared is not None, "a view that has a mark is compared"
    check.looked_at = compared.rebuilt.count
    live, replayed = compared.live_parked, compared.rebuilt_parked
    if live:
        check.claim += f", with {len(live)} {'stream' if len(live) == 1 else 'streams'} parked"
    check.findings += [f"parked live only: {stream}" for stream in sorted(live - replayed)]
    check.findings += [f"parked in the replay only: {stream}" for stream in sorted(replayed - live)]
    check.findings += [f"live only: {row}" for row in compared.live_only]
    check.findings += [f"replay only: {row}" for row in compared.rebuilt_only]
    check.wrong = max(len(check.findings), int(not compared.equal))
