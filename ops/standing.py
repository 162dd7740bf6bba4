"""How log and read models stand, in one snapshot of the database, for those who watch.

On a connection of its own and with short limits: watching takes nothing away from those who work,
and waits for nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any, NamedTuple

import psycopg
from psycopg import Connection, IsolationLevel
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import scalar_row
from psycopg.sql import SQL, Identifier

from projections.engine import marks
from projections.engine.marks import namespace
from projections.engine.status import Status
from projections.engine.view import View
from projections.rebuilding import ranges

CONNECT_S = 2
STATEMENT_MS = 1000
# Whoever is cut off from the database must know it some day: a look that never ends is the last.
GIVE_UP = "tcp_user_timeout=5000 keepalives_idle=5 keepalives_interval=2 keepalives_count=3"


class Building(NamedTuple):
    """How far the rebuild of a view has laid out the log; it may be stopped, to be gone on with."""

    done: int  # events
    of: int


@dataclass(frozen=True)
class ViewStanding:
    """How a view stands."""

    status: Status
    parked_s: float  # since the first of its parked streams was parked; 0: none is
    building: Building | None  # None: it is not being rebuilt

    @property
    def parked(self) -> int:
        """Streams that were put aside because one of their events failed."""
        return len(self.status.mark.parked) if self.status.mark else 0

    @property
    def uncounted(self) -> int:
        """Events up to the mark that were not counted, or counted twice; 0: all is well."""
        mark = self.status.mark
        return abs(mark.position - mark.seen.count) if mark else 0


@dataclass(frozen=True)
class Standing:
    """How all views stand to the log."""

    head: int
    views: Sequence[ViewStanding]

    @property
    def disagreeing(self) -> int:
        """Pairs of views that have come equally far, and have not seen the same."""
        marks = [each.status.mark for each in self.views if each.status.mark]
        return sum(
            one.position == other.position and one.seen != other.seen
            for one, other in combinations(marks, 2)
        )


def look(dsn: str, schema: str, views: Iterable[View]) -> Standing:
    """Raises psycopg.Error when the database is away, or does not answer in time."""
    impatient = make_conninfo(dsn, connect_timeout=CONNECT_S, **conninfo_to_dict(GIVE_UP))
    with psycopg.connect(impatient) as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        connection.execute(SQL("SET LOCAL statement_timeout = {}").format(STATEMENT_MS))
        head, now = _head(connection, schema)
        found = [_of(connection, schema, view, head, now) for view in views]
    return Standing(head, found)


def _head(connection: Connection[Any], schema: str) -> tuple[int, datetime]:
    """The last position of the log, and what time it is where events are stamped."""
    query = SQL("SELECT position, clock_timestamp() FROM {}").format(Identifier(schema, "log"))
    position, now = connection.execute(query).fetchall()[0]
    return position, now


def _of(
    connection: Connection[Any], schema: str, view: View, head: int, now: datetime
) -> ViewStanding:
    home = namespace(schema, view.name)
    mark = marks.read(connection, home)
    waiting_since = _recorded_at(connection, schema, mark.position + 1 if mark else 1)
    status = Status(view.name, mark, view.version, head, _seconds(waiting_since, now))
    parked_s = _seconds(_parked_at(connection, home), now) if mark and mark.parked else 0.0
    building = _building(connection, namespace(schema, view.name, "_next"))
    return ViewStanding(status, parked_s, building)


def _seconds(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0) if since else 0.0


def _building(connection: Connection[Any], home: str) -> Building | None:
    plan = ranges.plan(connection, home)
    return Building(ranges.done(connection, home).events, plan.goal) if plan else None


def _recorded_at(connection: Connection[Any], schema: str, position: int) -> datetime | None:
    query = SQL("SELECT recorded_at FROM {} WHERE position = %s")
    with connection.cursor(row_factory=scalar_row) as cursor:
        events = Identifier(schema, "events")
        return cursor.execute(query.format(events), [position]).fetchone()


def _parked_at(connection: Connection[Any], home: str) -> datetime | None:
    query = SQL("SELECT min(parked_at) FROM {}").format(Identifier(home, "parked"))
    with connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(query).fetchone()
