"""Hold a view that was built against the live one, without holding anybody up.

Both are looked at in snapshots that were begun at one position, by digests of their rows. What is
recorded later touches single streams: from one position to the next only those are looked at anew,
for a stream that nothing came to has the rows it had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
from psycopg import Connection, IsolationLevel
from psycopg.rows import tuple_row
from psycopg.sql import Identifier

from projections.engine import decisions, marks
from projections.engine.digest import Digest, of_rows
from projections.engine.rows import Target
from projections.engine.view import Source
from projections.rebuilding.at_once import at_once
from projections.sql import statement

SAMPLES = 10  # rows shown of each side where two views differ
PAGE = 2000  # events

Pair = tuple[Connection[Any], Connection[Any]]
"""A session for the live view, and one for the rebuilt one: the database works for both at once."""

Targets = tuple[Target, Target]


@dataclass(frozen=True)
class Comparison:
    """The rows of the live view and of the rebuilt one, at the same position.

    A live view that is ahead of the log, whose end is lost, is compared as it is.
    """

    position: int
    live: Digest
    rebuilt: Digest
    live_only: tuple[str, ...] = ()  # some rows as JSON
    rebuilt_only: tuple[str, ...] = ()
    live_parked: frozenset[UUID] = frozenset()  # streams
    rebuilt_parked: frozenset[UUID] = frozenset()

    @property
    def equal(self) -> bool:
        return self.live == self.rebuilt


@dataclass(frozen=True)
class Stand:
    """Digests of both views at a position, and the sessions that see them as they are there."""

    pair: Pair
    position: int
    live: Digest
    rebuilt: Digest

    @property
    def equal(self) -> bool:
        return self.live == self.rebuilt


@contextmanager
def snapshots(dsn: str) -> Iterator[Callable[[], Pair]]:
    """A function that begins a pair of snapshots; those from before are left, and all at the end.

    Whoever calls it holds the follower, so that both see the same position.
    """
    opened: list[Pair] = []

    def begin() -> Pair:
        first, second = (psycopg.connect(dsn) for _ in range(2))
        opened.append((first, second))
        for connection in opened[-1]:
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            connection.execute("SELECT")  # the first statement begins the snapshot
        for older in opened[:-2]:  # the last but one is what the new one is compared with
            _close(older)
        del opened[:-2]
        return opened[-1]

    try:
        yield begin
    finally:
        for pair in opened:
            _close(pair)


def _close(pair: Pair) -> None:
    for connection in pair:
        connection.close()


def stand(pair: Pair, views: Targets, position: int) -> Stand:
    """All rows of both."""
    return Stand(pair, position, *_digests(pair, views, None))


def moved(before: Stand, pair: Pair, views: Targets, position: int, source: Source) -> Stand:
    """The same at a later position, by what was recorded since."""
    touched = sorted(_touched(source, before.position, position))
    if not touched:
        return Stand(pair, position, before.live, before.rebuilt)
    then, now = _digests(before.pair, views, touched), _digests(pair, views, touched)
    live, rebuilt = (
        whole - part + later
        for whole, part, later in zip((before.live, before.rebuilt), then, now, strict=True)
    )
    return Stand(pair, position, live, rebuilt)


def _digests(pair: Pair, views: Targets, streams: Sequence[UUID] | None) -> tuple[Digest, Digest]:
    live, rebuilt = at_once(partial(_rows, streams), pair, views)
    return live, rebuilt


def _rows(streams: Sequence[UUID] | None, connection: Connection[Any], target: Target) -> Digest:
    view = target.view
    if not marks.has(connection, target.home, view.table):
        return Digest()  # somebody has dropped it
    among = None if streams is None else {view.stream: streams}
    return of_rows(connection, target.home, view.table, among)


def _touched(source: Source, after: int, up_to: int) -> set[UUID]:
    """The streams that events came to, and those that were decided about."""
    found: set[UUID] = set()
    while after < up_to and (page := source.log.feed(after, PAGE, up_to)):
        found.update(UUID(str(each.originator_id)) for each in page)
        found.update(each.stream_id for each in decisions.decisions(page, source.decode))
        after = page[-1].id
    return found


def samples(found: Stand, views: Targets) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Some rows of each that the other lacks; none where the live view has lost its table."""
    connection, (live, fresh) = found.pair[0], views
    table = live.view.table
    if not marks.has(connection, live.home, table):
        return (), ()
    there, here = Identifier(live.home, table), Identifier(fresh.home, table)
    return _only(connection, there, here), _only(connection, here, there)


def _only(connection: Connection[Any], here: Identifier, there: Identifier) -> tuple[str, ...]:
    query = statement("rows_only_here", here=here, there=there)
    with connection.cursor(row_factory=tuple_row) as cursor:
        return tuple(text for (text,) in cursor.execute(query, {"limit": SAMPLES}))
