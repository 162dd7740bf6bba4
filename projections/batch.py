"""One batch: what is new in the log, told once to all views, and what it changes in their tables.

New positions -> the streams they touch, remembered or read -> rows that close and rows that come,
in all views -> marks: one transaction. What was there before stays untouched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from domain.catalogue import EVENTS
from projections import marks as marked
from projections.digest import Digest, of_events
from projections.faults import RowsGone, ViewOutdated
from projections.garbage import uncollected
from projections.layout import Telling, decoded, histories
from projections.marks import Mark
from projections.memory import Memory
from projections.sql import statement
from projections.view import Changes, Closing, Recorded, Row, Source, View


@dataclass(frozen=True)
class Target:
    """A view's tables in one place."""

    view: View
    home: str


def take_in(
    connection: Connection[Any],
    source: Source,
    targets: Sequence[Target],
    up_to: int | None,
    size: int,
    memory: Memory,
) -> dict[Target, int]:
    """Take in what follows the lowest mark; the positions that the views have then.

    Raises EventFailed, ViewOutdated, RowsGone, psycopg.Error; nothing has happened then.
    """
    names = tuple(target.view.name for target in targets)
    tellings: dict[UUID, Telling] = {}
    with uncollected(), connection.transaction():
        for home in sorted(target.home for target in targets):
            marked.lock(connection, home)
        marks = {target: read_mark(connection, target) for target in targets}
        after = min(mark.position for mark in marks.values())
        fresh = source.log.feed(after, size, up_to)
        head = fresh[-1].id if fresh else after
        behind = {target: mark for target, mark in marks.items() if mark.position < head}
        if behind:
            reached = {target.view: mark.position for target, mark in marks.items()}
            tellings = _tellings(source, fresh, names, reached, memory)
            changes = _changes(tellings.values(), reached)
            for target in behind:
                _write(connection, target, changes[target.view])
            _move(connection, behind, fresh)
    memory.keep(names, tellings.items())
    return {target: max(mark.position, head) for target, mark in marks.items()}


def read_mark(connection: Connection[Any], target: Target) -> Mark:
    """Raises ViewOutdated unless this release laid the view out."""
    mark = marked.read(connection, target.home)
    if mark is None or mark.version != target.view.version:
        stored = mark.version if mark else None
        raise ViewOutdated(target.view.name, stored, target.view.version)
    return mark


# Telling


def _tellings(
    source: Source,
    fresh: Sequence[Recorded],
    names: tuple[str, ...],
    reached: Mapping[View, int],
    memory: Memory,
) -> dict[UUID, Telling]:
    """The streams that `fresh` touches, told up to its end."""
    tellings: dict[UUID, Telling] = {}
    unknown: list[UUID] = []
    for stream, news in _by_stream(fresh, reached).items():
        before = news[0].originator_version - 1
        telling = memory.take(names, stream, before) if before > 0 else Telling(reached)
        if telling is None:
            unknown.append(stream)
            continue
        tellings[stream] = telling
        for recorded in news:
            telling.tell(decoded(recorded, source.decode))
    if unknown:
        recorded_before = source.log.histories(unknown, fresh[-1].id)
        for history in histories(recorded_before, source.decode):
            telling = tellings[history[0].originator_id] = Telling(reached)
            for event in history:
                telling.tell(event)
    return tellings


def _by_stream(fresh: Iterable[Recorded], views: Iterable[View]) -> dict[UUID, list[Recorded]]:
    """Events of streams that a view shows; of an unknown event, decoding will tell."""
    shown = {aggregate for view in views for aggregate in view.aggregates}
    found: dict[UUID, list[Recorded]] = {}
    for recorded in fresh:
        event = EVENTS.get(recorded.topic)
        if event is None or event.AGGREGATE in shown:
            stream = recorded.originator_id
            assert isinstance(stream, UUID)
            found.setdefault(stream, []).append(recorded)
    return found


def _changes(tellings: Iterable[Telling], reached: Mapping[View, int]) -> dict[View, Changes]:
    changes = {view: Changes([], []) for view in reached}
    for telling in tellings:
        for view, (closed, added) in telling.changes(reached).items():
            changes[view].closed.extend(closed)
            changes[view].added.extend(added)
    return changes


# Writing


def _write(connection: Connection[Any], target: Target, changes: Changes) -> None:
    if changes.closed:
        close_rows(connection, target, changes.closed)
    if changes.added:
        write_rows(connection, target, changes.added)


def close_rows(connection: Connection[Any], target: Target, closed: Sequence[Closing]) -> None:
    """Let rows give way. Raises RowsGone when they are not there: the table was altered."""
    view = target.view
    assert view.key is not None, f"{view.name} is a journal"
    streams, keys, until = zip(*closed, strict=True)
    query = statement(
        "rows_close",
        table=Identifier(target.home, view.table),
        stream=Identifier(view.stream),
        key=Identifier(view.key),
    )
    values = {"streams": list(streams), "keys": list(keys), "until": list(until)}
    with connection.cursor(row_factory=tuple_row) as cursor:
        found = set(cursor.execute(query, values).fetchall())
    gone = [each for each in closed if (each.stream, each.key) not in found]
    if gone:
        raise RowsGone(view.name, gone[0].stream, gone[0].key)


def write_rows(connection: Connection[Any], target: Target, rows: Iterable[Row]) -> None:
    """Add rows."""
    columns = SQL(", ").join(map(Identifier, target.view.columns))
    table = Identifier(target.home, target.view.table)
    copying = SQL("COPY {} ({}) FROM STDIN").format(table, columns)
    with connection.cursor() as cursor, cursor.copy(copying) as copy:
        for row in rows:
            copy.write_row(row)


def _move(
    connection: Connection[Any], behind: Mapping[Target, Mark], fresh: Sequence[Recorded]
) -> None:
    """Views that stood at the same position have seen the same events since."""
    seen: dict[int, Digest] = {}
    for target, mark in behind.items():
        if mark.position not in seen:
            seen[mark.position] = of_events(e for e in fresh if e.id > mark.position)
        marked.move(connection, target.home, fresh[-1].id, mark.seen + seen[mark.position])
