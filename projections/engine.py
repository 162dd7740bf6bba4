"""Bring the views level with the log: many events to a transaction, each stream folded once.

A batch is: new positions -> the streams they touch -> their whole histories up to the batch's end
-> rows of all views -> delete, copy, move the marks; one transaction. Folding again gives the same
rows, so whoever is killed in between begins again where the marks stand. A view that cannot go on
stops where it is, and the others go on without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from projections import marks as marked
from projections.digest import of_events
from projections.faults import (
    EventFailed,
    ViewAhead,
    ViewOutdated,
    ViewsStopped,
    ViewStopped,
    in_one,
)
from projections.layout import histories, lay_out
from projections.marks import Mark, create, marks, namespace
from projections.view import Recorded, Row, Source, View

__all__ = [
    "EventFailed",
    "Followed",
    "Status",
    "ViewAhead",
    "ViewOutdated",
    "ViewStopped",
    "ViewsStopped",
    "attend",
    "create",
    "follow",
    "marks",
    "status",
]

BATCH = 2000  # events; more gains little and holds the transaction longer
# what the database has against the rows of one view, or against its tables
_REFUSED = (
    psycopg.DataError,
    psycopg.IntegrityError,
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
)


@dataclass(frozen=True)
class Target:
    """A view's tables in one place."""

    view: View
    home: str


@dataclass(frozen=True)
class Followed:
    """How far views have come, by name; `stopped`: those that cannot go on, and why."""

    reached: Mapping[str, int]  # those that go on
    stopped: Mapping[str, ViewStopped]

    @property
    def fault(self) -> ViewStopped | None:
        """Why views cannot go on, in one error that names them all; None: all go on."""
        return in_one(self.stopped.values())


def follow(
    connection: Connection[Any],
    schema: str,
    source: Source,
    views: Sequence[View],
    *,
    up_to: int | None = None,
    batch: int = BATCH,
    progress: Callable[[int], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> int:
    """Bring the views level with the log (with `up_to`); return the position all have reached.

    `connection` is in autocommit. `progress` is told the position after each batch; `stop` is
    asked before each. Several may follow at once: they take turns.
    Raises EventFailed, ViewOutdated, ViewAhead, ViewsStopped: after the other views have been
    brought level, and with everything before the failing event shown.
    """
    done = attend(
        connection, schema, source, views, up_to=up_to, batch=batch, progress=progress, stop=stop
    )
    if done.fault:
        raise done.fault
    return min(done.reached.values())


def attend(
    connection: Connection[Any],
    schema: str,
    source: Source,
    views: Sequence[View],
    *,
    up_to: int | None = None,
    batch: int = BATCH,
    progress: Callable[[int], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Followed:
    """`follow`, which tells of the views that cannot go on instead of raising."""
    targets = [Target(view, namespace(schema, view.name)) for view in views]
    return _attend(connection, source, targets, up_to, batch, progress, stop)


def follow_targets(
    connection: Connection[Any],
    source: Source,
    targets: Sequence[Target],
    up_to: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> None:
    """`follow`, for tables anywhere."""
    done = _attend(connection, source, targets, up_to, BATCH, progress, None)
    if done.fault:
        raise done.fault


def _attend(
    connection: Connection[Any],
    source: Source,
    targets: Sequence[Target],
    up_to: int | None,
    batch: int,
    progress: Callable[[int], None] | None,
    stop: Callable[[], bool] | None,
) -> Followed:
    assert connection.autocommit, "each batch is a transaction of its own"
    course = _Course(connection, source, up_to, batch, stop or (lambda: False))
    course.enter(targets)
    while course.round():
        if progress and course.reached:
            progress(min(course.reached.values()))
    return course.followed()


class _Course:
    """Views on their way. Those with the same mark go together, the one ahead goes first.

    So who stands still, or has far to go, delays nobody by more than a batch.
    """

    def __init__(
        self,
        connection: Connection[Any],
        source: Source,
        up_to: int | None,
        batch: int,
        stop: Callable[[], bool],
    ) -> None:
        self._connection, self._source = connection, source
        self._up_to, self._batch, self._stop = up_to, batch, stop
        self.reached: dict[Target, int] = {}
        self._stopped: dict[Target, ViewStopped] = {}

    def followed(self) -> Followed:
        reached = {target.view.name: position for target, position in self.reached.items()}
        stopped = {target.view.name: fault for target, fault in self._stopped.items()}
        return Followed(reached, stopped)

    def enter(self, targets: Iterable[Target]) -> None:
        for target in targets:
            try:
                self.reached[target] = _mark(self._connection, target).position
            except ViewOutdated as fault:
                self._stopped[target] = fault
        head = self._source.log.position()  # after the marks: what they have seen was there then
        for target, position in [*self.reached.items()]:
            if position > head:
                self._stopped[target] = ViewAhead(target.view.name, position, head)
                del self.reached[target]

    def round(self) -> bool:
        """A batch of each group; False when nobody has moved, or all are to stop."""
        before, up_to = dict(self.reached), self._up_to
        for position in sorted({*before.values()}, reverse=True):
            if self._stop():
                return False
            group = [target for target, reached in before.items() if reached == position]
            self._together(group, up_to)
            ahead = max(self.reached.get(target, position) for target in group)
            up_to = ahead if up_to is None else min(up_to, ahead)
        return self.reached != before

    def _together(self, group: Sequence[Target], up_to: int | None) -> None:
        """A batch of views; when it fails, each by itself, so that only who must stop does."""
        try:
            self.reached |= _batch(self._connection, self._source, group, up_to, self._batch)
        except (ViewStopped, *_REFUSED):
            for target in group:
                self._alone(target, up_to)

    def _alone(self, target: Target, up_to: int | None) -> None:
        """A batch of one view; when it fails, as far as it goes."""
        try:
            self.reached |= _halved(self._connection, self._source, target, up_to, self._batch)
        except ViewStopped as fault:
            self._stopped[target] = fault
            del self.reached[target]


def _halved(
    connection: Connection[Any], source: Source, target: Target, up_to: int | None, batch: int
) -> dict[Target, int]:
    """A batch of one view, cut in halves until the event that fails stands alone; raises then."""
    size, reached = batch, dict[Target, int]()
    for _ in range(2 * batch.bit_length()):
        before = reached
        try:
            reached = _batch(connection, source, [target], up_to, size)
        except (EventFailed, *_REFUSED) as error:
            if size == 1:
                raise _named(connection, source, target, error) from error
        else:
            if size == batch or reached == before:
                break
        size = max(size // 2, 1)
    return reached


def _named(
    connection: Connection[Any], source: Source, target: Target, error: Exception
) -> Exception:
    """The error of the next event, with the view's name."""
    if isinstance(error, EventFailed):
        return error.of(target.view.name)
    fresh = source.log.feed(_mark(connection, target).position, 1)
    return next(
        (EventFailed("writing", e.id, e.originator_id, error, target.view.name) for e in fresh),
        error,
    )


def _batch(
    connection: Connection[Any],
    source: Source,
    targets: Sequence[Target],
    up_to: int | None,
    batch: int,
) -> dict[Target, int]:
    """Take in what follows the lowest mark; the positions that the views have then."""
    with connection.transaction():
        for home in sorted(target.home for target in targets):
            marked.lock(connection, home)
        marks = {target: _mark(connection, target) for target in targets}
        after = min(mark.position for mark in marks.values())
        fresh = source.log.feed(after, batch, up_to)
        head = fresh[-1].id if fresh else after
        behind = {target: mark for target, mark in marks.items() if mark.position < head}
        if behind:
            _take_in(connection, source, fresh, behind)
    return {target: max(mark.position, head) for target, mark in marks.items()}


def _take_in(
    connection: Connection[Any],
    source: Source,
    fresh: Sequence[Recorded],
    behind: Mapping[Target, Mark],
) -> None:
    rows = _rows(source, fresh, {target.view: mark for target, mark in behind.items()})
    streams = [UUID(str(stream)) for stream in {each.originator_id for each in fresh}]
    for target, mark in behind.items():
        write_rows(connection, target, rows[target.view], streams)
        seen = mark.seen + of_events(each for each in fresh if each.id > mark.position)
        marked.move(connection, target.home, fresh[-1].id, seen)


def _mark(connection: Connection[Any], target: Target) -> Mark:
    """Raises ViewOutdated unless this release laid the view out."""
    mark = marked.read(connection, target.home)
    if mark is None or mark.version != target.view.version:
        stored = mark.version if mark else None
        raise ViewOutdated(target.view.name, stored, target.view.version)
    return mark


def _rows(
    source: Source, fresh: Sequence[Recorded], behind: Mapping[View, Mark]
) -> dict[View, list[Row]]:
    streams = {UUID(str(each.originator_id)): None for each in fresh}
    reached = {view: mark.position for view, mark in behind.items()}
    rows: dict[View, list[Row]] = {view: [] for view in behind}
    recorded = source.log.histories(list(streams), fresh[-1].id)
    for history in histories(recorded, source.decode):
        for view, lines in lay_out(history, reached).items():
            rows[view] += lines
    return rows


def write_rows(
    connection: Connection[Any],
    target: Target,
    rows: Iterable[Row],
    streams: Sequence[UUID] = (),
) -> None:
    """Replace the rows of these streams (a journal's are only added to)."""
    view, table = target.view, Identifier(target.home, target.view.table)
    if view.replaces and streams:
        clear = SQL("DELETE FROM {} WHERE {} = ANY(%s)").format(table, Identifier(view.stream))
        connection.execute(clear, [list(streams)])
    columns = SQL(", ").join(map(Identifier, view.columns))
    statement = SQL("COPY {} ({}) FROM STDIN").format(table, columns)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


@dataclass(frozen=True)
class Status:
    """How a view stands to the log."""

    view: str
    mark: Mark | None  # None: never built
    version: int  # of this release
    head: int  # of the log
    lag_s: float  # since the oldest event it has not seen was recorded; 0 when there is none

    @property
    def lag(self) -> int:
        """Events recorded and not seen."""
        return self.head - (self.mark.position if self.mark else 0)

    @property
    def is_ahead(self) -> bool:
        """It has seen more than the log holds: the log's end is lost, or it is another log."""
        return self.lag < 0

    @property
    def must_be_rebuilt(self) -> bool:
        """The layout is not this release's, events were skipped, or it is ahead of the log."""
        mark = self.mark
        skipped = mark is None or mark.seen.count != mark.position
        return mark is None or mark.version != self.version or skipped or self.is_ahead


def status(
    connection: Connection[Any], schema: str, source: Source, views: Iterable[View]
) -> list[Status]:
    """Where each view stands. Writes nothing."""
    head = source.log.position()
    now = datetime.now(UTC)
    found = []
    for view in views:
        mark = marked.read(connection, namespace(schema, view.name))
        lag_s = _lag_s(source, mark.position if mark else 0, head, now)
        found.append(Status(view.name, mark, view.version, head, lag_s))
    return found


def _lag_s(source: Source, reached: int, head: int, now: datetime) -> float:
    recorded_at = source.log.recorded_at(reached + 1) if reached < head else None
    return max((now - recorded_at).total_seconds(), 0.0) if recorded_at else 0.0
