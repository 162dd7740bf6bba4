"""Build views beside the live ones, compare, and switch; the old ones stay for a return.

One reading of the log serves all views that are rebuilt together, range by range, in as many
processes as there are. Readers and the follower go on meanwhile; a view is compared in snapshots,
and its follower is held for moments only. Killed anywhere, the live views are what they were,
and the next rebuild goes on from the ranges that are done. See docs/adr/0009-rebuild.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from psycopg import Connection
from psycopg.rows import tuple_row

from projections.engine import marks
from projections.engine.digest import Digest, of_events
from projections.engine.marks import namespace
from projections.engine.rows import Target
from projections.engine.view import Source, View
from projections.rebuilding.building import Place, RebuildStopped, build, connected
from projections.rebuilding.comparing import Comparison
from projections.rebuilding.helpers import Helpers
from projections.rebuilding.last_stretch import LastStretch, Rebuilt
from projections.rebuilding.progress import Progress, Tell
from projections.rebuilding.switching import CannotSwitch, back, drop

__all__ = [
    "CannotSwitch",
    "Comparison",
    "Helpers",
    "Progress",
    "RebuildStopped",
    "Rebuilt",
    "back",
    "rebuild",
    "rebuild_together",
    "seen_by",
]

STREAMS = 1000  # of a range; a second's work or less
PAGE = 2000  # events


def rebuild(dsn: str, schema: str, source: Source, view: View, **terms: Any) -> Rebuilt:
    """`rebuild_together` of one view, on the same terms."""
    [rebuilt] = rebuild_together(dsn, schema, source, [view], **terms)
    return rebuilt


def rebuild_together(
    dsn: str,
    schema: str,
    source: Source,
    views: Sequence[View],
    *,
    accept: bool = False,
    compare_only: bool = False,
    anew: bool = False,
    size: int = STREAMS,
    helpers: Helpers | None = None,
    progress: Tell = lambda progress: None,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Rebuilt]:
    """Build views anew from the whole log and switch to each that equals the live one.

    With `accept`, also to one that differs: for a new layout, or after a fault. With `compare_only`
    the live views stay, rebuilt ones that wait beside them too, and nothing is left behind; whoever
    was killed in comparing is cleared away by the next. Otherwise a rebuild that was interrupted is
    gone on with where that is possible, unless `anew`. `size` is in streams a range.

    `progress` and `stop` are called at the borders of ranges. Yields each view as soon as it is
    done, in the order given. May be repeated. Raises CannotSwitch, ViewStopped, RebuildStopped.
    """
    suffix = "_check" if compare_only else "_next"
    homes = {view: namespace(schema, view.name) for view in views}
    place = Place(dsn, schema, source, helpers, progress, stop)
    with ExitStack() as leaving:
        builder, switcher = (leaving.enter_context(connected(dsn)) for _ in range(2))
        pairs = [
            (Target(view, home), Target(_told(builder, view, home), home + suffix))
            for view, home in homes.items()
        ]
        for _, fresh in pairs:
            _refuse_second(switcher, fresh.home)
            if compare_only:
                leaving.callback(drop, switcher, fresh.home)
        build(place, builder, pairs, size, anew or compare_only)
        for live, fresh in pairs:
            last = LastStretch(place, builder, switcher, live, fresh)
            yield last.run(accept=accept, compare_only=compare_only)


def _told(connection: Connection[Any], view: View, home: str) -> View:
    """SQL sees nothing wrong with an event that cannot be read: it follows those who have read all.

    They are behind a live view of this layout in which nothing is parked or left out; `build` sees
    to it that what they have read is what is there.
    """
    mark = marks.read(connection, home)
    is_read = mark and mark.version == view.version and not (mark.parked or mark.discarded)
    return view if is_read else replace(view, in_sql=None)


def _refuse_second(connection: Connection[Any], home: str) -> None:
    """One rebuild of a view at a time, for as long as this session lasts."""
    query = "SELECT pg_try_advisory_lock(hashtextextended(%s, 5007))"
    with connection.cursor(row_factory=tuple_row) as cursor:
        if cursor.execute(query, [home]).fetchall() != [(True,)]:
            raise CannotSwitch(f"{home} is being built already")


def seen_by(source: Source, up_to: int) -> Digest:
    """What a view at `up_to` must have seen: reads the whole log up to there."""
    digest, after = Digest(), 0
    while found := source.log.feed(after, PAGE, up_to):
        digest, after = digest + of_events(found), found[-1].id
    return digest
