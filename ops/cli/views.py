"""`sogoc projections` and `sogoc rebuild`: where the read models stand, and building them anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any
from uuid import UUID

import psycopg
import typer
from psycopg import Connection

from domain.errors import InvalidValue, NotFound
from ops.cli.app import EMPTY, As, app, register
from ops.cli.asking import refuse_empty
from ops.cli.output import is_for_people, quiet_when_nobody_reads, write
from ops.cli.progress import Course, bar, in_words, rebuilding
from ops.helpers import cores, helpers
from ops.wiring import Wiring
from projections.catalogue import VIEWS
from projections.engine.digest import Digest, of_rows
from projections.engine.following import Status, status
from projections.engine.marks import namespace, read
from projections.engine.view import View
from projections.rebuilding.rebuild import CannotSwitch, Rebuilt, rebuild_together, seen_by
from projections.rebuilding.rebuild import back as go_back
from projections.rebuilding.subtree import rebuild_subtree

COLUMNS = (
    "view",
    "version",
    "mark",
    "lag",
    "lag_s",
    "events",
    "digest",
    "agrees",
    "parked",
    "built_at",
)
ROWS = ("rows", "row_digest")
REBUILT = ("view", "mark", "events", "rows", "row_digest", "live_rows", "equal", "switched")
REPAIRED = ("view", "streams", "rows_before", "rows", "row_digest", "differed")
ALL = "all"


def hexadecimal(digest: Digest) -> str:
    return f"{digest.sum:032x}"


# projections


@app.command(epilog="Example: sogoc projections --digest --format json")
def projections(
    digest: Annotated[
        bool, typer.Option("--digest", help="Also count and digest the rows.")
    ] = False,
    format_: As = None,
) -> None:
    """Show where the read models stand, without moving them.

    lag: events recorded and not seen; lag_s: seconds since the oldest of these. digest: of the
    events seen, whatever their order; agrees: whether the log up to the mark has the same. parked:
    streams that could not be taken in.
    """
    with register() as wiring, wiring.connection() as connection:
        found = status(connection, wiring.settings.schema, wiring.source, wiring.views)
        rows = list(_rows(wiring, connection, found, digest))
        write(rows, format_, (*COLUMNS, *ROWS) if digest else COLUMNS)
        for line in _advice(found, rows):
            typer.echo(f"sogoc: {line}", err=True)


def _rows(
    wiring: Wiring, connection: Connection[Any], found: Sequence[Status], digest: bool
) -> Iterator[dict[str, Any]]:
    seen = {position: seen_by(wiring.source, position) for position in _positions(found)}
    for each in found:
        row = _row(each, seen)
        if digest and each.mark:
            home = namespace(wiring.settings.schema, each.view)
            counted = of_rows(connection, home, VIEWS[each.view].table)
            row |= {"rows": counted.count, "row_digest": hexadecimal(counted)}
        yield row


def _positions(found: Sequence[Status]) -> set[int]:
    return {each.mark.position for each in found if each.mark}


def _row(each: Status, seen: dict[int, Digest]) -> dict[str, Any]:
    mark = each.mark
    return {
        "view": each.view,
        "version": mark.version if mark else None,
        "mark": mark.position if mark else None,
        "lag": each.lag,
        "lag_s": round(each.lag_s, 1),
        "events": mark.seen.count if mark else None,
        "digest": hexadecimal(mark.seen) if mark else None,
        "agrees": mark.seen == seen[mark.position] if mark else None,
        "parked": each.parked if mark else None,
        "built_at": mark.built_at if mark else None,
    }


def _advice(found: Sequence[Status], rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """What to do about what is not as it should be."""
    if not found[0].head:
        yield EMPTY
        return
    for each, row in zip(found, rows, strict=True):
        if each.mark is None:
            yield f"{each.view} was never built: run `sogoc import` or `sogoc rebuild {each.view}`"
        elif each.mark.version != each.version:
            words = f"{each.view} is of version {each.mark.version}, not {each.version}"
            yield f"{words}: run `sogoc rebuild {each.view} --accept-differences`"
        elif not row["agrees"]:
            yield f"{each.view} has not seen what the log holds: run `sogoc verify`"
        if each.parked:
            yield _parked(each.view)


def _parked(view: str) -> str:
    return f"streams are parked in {view}: look at `sogoc parked --view {view}`"


# rebuild

Which = Annotated[
    list[str] | None, typer.Argument(metavar="VIEW...|all", help=", ".join([*VIEWS, ALL]))
]
All = Annotated[bool, typer.Option("--all", help="All read models; the same as `all`.")]
Back = Annotated[bool, typer.Option("--back", help="Return to the view before the last switch.")]
Accept = Annotated[
    bool, typer.Option("--accept-differences", help="Switch also when the rows differ.")
]
Anew = Annotated[
    bool, typer.Option("--anew", help="Throw away what a rebuild that was stopped has left.")
]
Processes = Annotated[
    int | None,
    typer.Option(min=1, help="How many lay out; as many as there are cores if left out."),
]
Subtree = Annotated[
    UUID | None,
    typer.Option(
        metavar="ID",
        help="Only this unit or organisation and all that ever stood below it, in the live tables.",
    ),
]


@app.command("rebuild", epilog="Example: sogoc rebuild units organisations")
def rebuild_(
    which: Which = None,
    all_: All = False,
    back: Back = False,
    accept: Accept = False,
    anew: Anew = False,
    processes: Processes = None,
    subtree: Subtree = None,
    format_: As = None,
) -> None:
    """Build read models anew beside the live ones, compare, and switch.

    Those that are rebuilt together share one reading of the log. Writes only the read models;
    readers go on meanwhile. May be stopped at any time: the same command goes on from there. When
    the rows differ it says what differs, keeps the live ones and ends with exit code 1.
    """
    views = _chosen([*(which or []), *([ALL] if all_ or (subtree and not which) else [])])
    if back and (accept or anew):
        raise typer.BadParameter("--back builds and compares nothing: leave the others out")
    if subtree and (back or accept or anew):
        raise typer.BadParameter("--subtree writes into the live tables: leave the others out")
    with register() as wiring:
        refuse_empty(wiring)
        if subtree:
            write(_repaired(wiring, views, subtree), format_, REPAIRED)
            return
        if back:
            _refuse_unless_all_can(wiring, views)
            rows = (_gone_back(wiring, view) for view in views)
            write(rows, format_, ("view", "mark", "events", "version"))
            return
        done = _written(_rebuilt(wiring, views, processes or cores(), accept, anew), format_)
    if not all(each.switched for each in done):
        raise typer.Exit(1)


def _chosen(which: Sequence[str]) -> list[View]:
    for name in which:
        if name != ALL and name not in VIEWS:
            words = f"{name!r} is none of {', '.join([*VIEWS, ALL])}"
            raise InvalidValue(words, field="VIEW")
    if not which:
        raise typer.BadParameter(f"Say which: {', '.join([*VIEWS, ALL])}")
    return [view for name, view in VIEWS.items() if ALL in which or name in which]


def _repaired(wiring: Wiring, views: Sequence[View], root: UUID) -> list[dict[str, Any]]:
    with wiring.connection() as connection, bar("Laying out anew") as show:
        schema = wiring.settings.schema
        done = rebuild_subtree(connection, schema, wiring.source, views, root, show)
    if not done:
        which = ", ".join(view.name for view in views)
        raise NotFound(f"The log has no unit or organisation {root} that is shown in {which}")
    return [
        {
            "view": each.view,
            "streams": each.streams,
            "rows_before": each.before.count,
            "rows": each.after.count,
            "row_digest": hexadecimal(each.after),
            "differed": not each.equal,
        }
        for each in done
    ]


def _refuse_unless_all_can(wiring: Wiring, views: Sequence[View]) -> None:
    """Raises CannotSwitch before any of them has gone back."""
    with wiring.connection() as connection:
        for view in views:
            previous = namespace(wiring.settings.schema, view.name, "_previous")
            if read(connection, previous) is None:
                raise CannotSwitch(f"there is no {previous} to go back to")


def _gone_back(wiring: Wiring, view: View) -> dict[str, Any]:
    try:
        with wiring.connection() as connection:
            mark = go_back(connection, wiring.settings.schema, view)
    except psycopg.errors.LockNotAvailable:
        raise CannotSwitch(f"readers hold {view.name}; try again") from None
    return {
        "view": view.name,
        "mark": mark.position,
        "events": mark.seen.count,
        "version": mark.version,
    }


def _rebuilt(
    wiring: Wiring, views: Sequence[View], processes: int, accept: bool, anew: bool
) -> Iterator[Rebuilt]:
    with _told_when_stopped() as course:
        yield from rebuild_together(
            wiring.dsn,
            wiring.settings.schema,
            wiring.source,
            views,
            accept=accept,
            anew=anew,
            helpers=helpers(wiring, processes),
            progress=course,
        )


@contextmanager
def _told_when_stopped() -> Iterator[Course]:
    """Shows how far a rebuild is, and says so once more, below the bar, when it is stopped."""
    course: Course | None = None
    try:
        with rebuilding() as course:
            yield course
    except KeyboardInterrupt:
        if course and course.last:
            typer.echo(f"sogoc: was {in_words(course.last)}; run it again to go on", err=True)
        raise


def _written(rebuilt: Iterator[Rebuilt], format_: As) -> list[Rebuilt]:
    """Tell of each as soon as it is done; returns all of them."""
    done: list[Rebuilt] = []

    def told() -> Iterator[dict[str, Any]]:
        for each in rebuilt:
            done.append(each)
            for line in differing(each):
                typer.echo(line, err=True)
            if each.switched and each.mark.parked:
                typer.echo(f"sogoc: {_parked(each.view)}", err=True)
            yield _told(each)

    if not is_for_people(format_):
        write(told(), format_, REBUILT)
        return done
    with quiet_when_nobody_reads():
        for _ in told():
            print(_line(done[-1]), flush=True)
    return done


def _told(done: Rebuilt) -> dict[str, Any]:
    compared = done.comparison
    return {
        "view": done.view,
        "mark": done.mark.position,
        "events": done.mark.seen.count,
        "rows": compared and compared.rebuilt.count,
        "row_digest": compared and hexadecimal(compared.rebuilt),
        "live_rows": compared and compared.live.count,
        "equal": compared and compared.equal,
        "switched": done.switched,
    }


def _line(done: Rebuilt) -> str:
    compared, at = done.comparison, f"{done.view} at position {done.mark.position:,}"
    if compared is None:
        return f"{at}: built; there was none before"
    if compared.equal:
        rows = f"{compared.rebuilt.count:,} rows, digest {hexadecimal(compared.rebuilt)}"
        return f"{at}: {rows}, equal to the live ones; switched"
    counts = f"{compared.live.count:,} live rows, {compared.rebuilt.count:,} rebuilt ones"
    became = "switched all the same" if done.switched else "not switched"
    return f"{at}: differs ({counts}); {became}"


def differing(done: Rebuilt) -> Iterator[str]:
    """Some of the rows that differ, and what can be done."""
    compared = done.comparison
    if compared is None or compared.equal:
        return
    for label, rows in (("live only", compared.live_only), ("rebuilt only", compared.rebuilt_only)):
        for row in rows:
            yield f"  {done.view}, {label}: {row}"
    if not done.switched:
        if parked := len(done.mark.parked):
            yield f"sogoc: streams that are parked in the rebuilt {done.view}: {parked}"
        yield (
            f"sogoc: {done.view} stays as it was, for the rebuilt one differs;"
            f" look at both, then `sogoc rebuild {done.view} --accept-differences`"
        )
