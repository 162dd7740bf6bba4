"""Bring the views level with the log: many events to a transaction, each stream folded once.

A batch is: new positions -> the streams they touch -> their whole histories up to the batch's end
-> rows of all views -> delete, copy, move the marks; one transaction. Folding again gives the same
rows, so whoever is killed in between begins again where the marks stand.
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
from projections.layout import EventFailed, histories, lay_out
from projections.marks import Mark, create, marks, namespace
from projections.view import Recorded, Row, Source, View

__all__ = ["EventFailed", "Status", "ViewOutdated", "create", "follow", "marks", "status"]

BATCH = 2000  # events; more gains little and holds the transaction longer


class ViewOutdated(Exception):
    """Another version laid these rows out, or none: the view must be rebuilt."""

    def __init__(self, view: str, stored: int | None, version: int) -> None:
        found = "was never built" if stored is None else f"was laid out by version {stored}"
        super().__init__(f"{view} {found}, this release has version {version}: rebuild it")
        self.view, self.stored, self.version = view, stored, version


@dataclass(frozen=True)
class Target:
    """A view's tables in one place."""

    view: View
    home: str


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
    Raises ViewOutdated; EventFailed, with everything before the failing event shown.
    """
    targets = [Target(view, namespace(schema, view.name)) for view in views]
    return follow_targets(connection, source, targets, up_to, batch, progress, stop)


def follow_targets(
    connection: Connection[Any],
    source: Source,
    targets: Sequence[Target],
    up_to: int | None = None,
    batch: int = BATCH,
    progress: Callable[[int], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> int:
    """`follow`, for tables anywhere."""
    assert connection.autocommit, "each batch is a transaction of its own"
    reached = min(mark.position for mark in _current(connection, targets).values())
    while not (stop and stop()):
        before, reached = reached, _step(connection, source, targets, up_to, batch)
        if reached == before:
            break
        if progress:
            progress(reached)
    return reached


def _step(
    connection: Connection[Any],
    source: Source,
    targets: Sequence[Target],
    up_to: int | None,
    batch: int,
) -> int:
    """One batch; when an event in it fails, those before it, and then the error."""
    try:
        return _batch(connection, source, targets, up_to, batch)
    except (EventFailed, psycopg.DataError, psycopg.IntegrityError):
        if batch == 1:
            raise
    return _one_by_one(connection, source, targets, up_to, batch)


def _one_by_one(
    connection: Connection[Any],
    source: Source,
    targets: Sequence[Target],
    up_to: int | None,
    batch: int,
) -> int:
    reached = min(mark.position for mark in _current(connection, targets).values())
    for _ in range(batch):
        try:
            reached = _batch(connection, source, targets, up_to, 1)
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            failed = source.log.feed(reached, 1)[0]
            raise EventFailed("Writing", failed.id, failed.originator_id, error) from error
    return reached


def _batch(
    connection: Connection[Any],
    source: Source,
    targets: Sequence[Target],
    up_to: int | None,
    batch: int,
) -> int:
    with connection.transaction():
        for home in sorted(target.home for target in targets):
            marked.lock(connection, home)
        reached = _current(connection, targets)
        after = min(mark.position for mark in reached.values())
        fresh = source.log.feed(after, batch, up_to)
        if not fresh:
            return after
        head = fresh[-1].id
        behind = {target: mark for target, mark in reached.items() if mark.position < head}
        rows = _rows(source, fresh, {target.view: mark for target, mark in behind.items()})
        streams = [UUID(str(stream)) for stream in {each.originator_id for each in fresh}]
        for target, mark in behind.items():
            write_rows(connection, target, rows[target.view], streams)
            seen = mark.seen + of_events(each for each in fresh if each.id > mark.position)
            marked.move(connection, target.home, head, seen)
    return head


def _current(connection: Connection[Any], targets: Iterable[Target]) -> dict[Target, Mark]:
    """The marks; raises ViewOutdated unless this release laid out all of them."""
    found = {}
    for target in targets:
        mark = marked.read(connection, target.home)
        if mark is None or mark.version != target.view.version:
            stored = mark.version if mark else None
            raise ViewOutdated(target.view.name, stored, target.view.version)
        found[target] = mark
    return found


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
    def must_be_rebuilt(self) -> bool:
        """The layout is not this release's, or events were skipped."""
        mark = self.mark
        return mark is None or mark.version != self.version or mark.seen.count != mark.position


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
