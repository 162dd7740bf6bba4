"""The ranges of the log that a rebuild lays out one by one, and which of them are done.

They stand in the fresh schema, beside the rows. A worker takes a range by locking it, so it is
free again when its worker is gone, whatever became of that one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row, tuple_row
from psycopg.sql import SQL, Identifier

from projections.engine import marks
from projections.engine.digest import Digest
from projections.engine.rows import Target
from projections.sql import script

_FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Plan:
    """What must be the same for a rebuild to go on where another one stopped."""

    epoch: UUID
    goal: int  # position up to which all ranges are laid out
    version: int  # of the layout


@dataclass(frozen=True, slots=True)
class Range:
    """Streams from `first` on and before `after` (None: to the end)."""

    number: int
    first: UUID
    after: UUID | None


@dataclass(frozen=True, slots=True)
class Done:
    """How much of a view is laid out."""

    ranges: int
    of: int
    events: int  # in the ranges that are done

    @property
    def is_all(self) -> bool:
        return self.ranges == self.of


def between(borders: Sequence[UUID]) -> list[Range]:
    """The ranges that borders cut all ids into."""
    ends: list[UUID | None] = [_FIRST, *borders, None]
    return [Range(n, first or _FIRST, after) for n, (first, after) in enumerate(pairwise(ends))]


def begin(connection: Connection[Any], target: Target, plan: Plan, ranges: Sequence[Range]) -> None:
    """Make the tables of the view without their indexes, and the list of what is to be done."""
    home = target.home
    marks.create_tables(connection, home, target.view)
    marks.run(connection, home, script("building"))
    insert = SQL("INSERT INTO {} (epoch, goal, version, planned) VALUES (%s, %s, %s, %s)")
    values = [plan.epoch, plan.goal, plan.version, len(ranges)]
    connection.execute(insert.format(Identifier(home, "building")), values)
    copying = SQL("COPY {} (number, first, after) FROM STDIN").format(Identifier(home, "ranges"))
    with connection.cursor() as cursor, cursor.copy(copying) as copy:
        for each in ranges:
            copy.write_row((each.number, each.first, each.after))


def plan(connection: Connection[Any], home: str) -> Plan | None:
    """What is being built there; None: nothing is, or it is done and compared."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        if cursor.execute("SELECT to_regclass(%s)", [f'"{home}".building']).fetchall() == [(None,)]:
            return None
        query = SQL("SELECT epoch, goal, version FROM {}").format(Identifier(home, "building"))
        return Plan(*cursor.execute(query).fetchall()[0])


def planned(connection: Connection[Any], home: str) -> list[Range]:
    """All ranges, done or not; none where nothing is being built."""
    if plan(connection, home) is None:
        return []
    query = SQL("SELECT number, first, after FROM {} ORDER BY number")
    with connection.cursor(row_factory=class_row(Range)) as cursor:
        return cursor.execute(query.format(Identifier(home, "ranges"))).fetchall()


def take(
    connection: Connection[Any], targets: Sequence[Target], goal: int
) -> tuple[Range, list[Target]] | None:
    """A range that is to be done, and for whom; None: there is none, or others are at the last.

    It is ours until the transaction ends. Views are locked in the order of `targets`, so those who
    work on some of them only wait for each other, and no two for ever.
    """
    if any(_goal(connection, target.home) != goal for target in targets):
        return None  # somebody has begun anew, after whoever had sent us was killed
    for target in targets:
        found = _take(connection, target)
        if found is not None:
            rest = targets[targets.index(target) + 1 :]
            return found, [target, *(each for each in rest if _hold(connection, each, found))]
    return None


def _goal(connection: Connection[Any], home: str) -> int | None:
    """Reading it keeps the tables from being dropped until the transaction ends."""
    found = plan(connection, home)
    return found.goal if found else None


def _take(connection: Connection[Any], target: Target) -> Range | None:
    query = SQL(
        "SELECT number, first, after FROM {} WHERE events IS NULL"
        " ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED"
    ).format(Identifier(target.home, "ranges"))
    with connection.cursor(row_factory=class_row(Range)) as cursor:
        return cursor.execute(query).fetchone()


def _hold(connection: Connection[Any], target: Target, taken: Range) -> bool:
    """Whether this view lacks that range, too."""
    query = SQL("SELECT number FROM {} WHERE number = %s AND events IS NULL FOR UPDATE")
    table = Identifier(target.home, "ranges")
    return connection.execute(query.format(table), [taken.number]).fetchone() is not None


def finish(connection: Connection[Any], home: str, number: int, seen: Digest) -> None:
    """In the transaction of the rows; the last thing there, for others who finish wait."""
    update = SQL("UPDATE {} SET events = %s, digest = %s WHERE number = %s")
    values = [seen.count, seen.sum, number]
    connection.execute(update.format(Identifier(home, "ranges")), values)
    counted = SQL("UPDATE {} SET done = done + 1, events = events + %s")
    connection.execute(counted.format(Identifier(home, "building")), [seen.count])


def reopen(connection: Connection[Any], target: Target) -> int:
    """Begin with empty tables again, up to the same goal, which is returned; in a transaction."""
    tables = (Identifier(target.home, name) for name in (target.view.table, "parked"))
    connection.execute(SQL("TRUNCATE {}, {}").format(*tables))
    update = SQL("UPDATE {} SET events = NULL, digest = NULL")
    connection.execute(update.format(Identifier(target.home, "ranges")))
    update = SQL("UPDATE {} SET done = 0, events = 0")
    connection.execute(update.format(Identifier(target.home, "building")))
    found = plan(connection, target.home)
    assert found is not None
    return found.goal


def done(connection: Connection[Any], home: str) -> Done:
    """Costs the same however many ranges there are."""
    query = SQL("SELECT done AS ranges, planned AS of, events FROM {}")
    with connection.cursor(row_factory=class_row(Done)) as cursor:
        return cursor.execute(query.format(Identifier(home, "building"))).fetchall()[0]


def seen(connection: Connection[Any], home: str) -> Digest:
    """Of all ranges that are done."""
    query = SQL("SELECT sum(events), sum(digest) FROM {}").format(Identifier(home, "ranges"))
    with connection.cursor(row_factory=tuple_row) as cursor:
        events, total = cursor.execute(query).fetchall()[0]
    return Digest() + Digest(int(events or 0), int(total or 0))


def forget(connection: Connection[Any], home: str) -> None:
    """The view is done: nobody goes on with it."""
    tables = SQL(", ").join(Identifier(home, name) for name in ("building", "ranges"))
    connection.execute(SQL("DROP TABLE {}").format(tables))
