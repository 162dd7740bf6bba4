"""A consistent look at the read models: one snapshot, one point in both times, one basis.

Every answer is taken in one read-only snapshot, and says what it rests on, so that it can be quoted
and asked for again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg import Connection, IsolationLevel
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

from domain.errors import InvalidValue, TryAgain
from projections.catalogue import VIEWS
from projections.marks import marks
from projections.point import Point
from projections.seen import head, position_at

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")


class NotYetThere(TryAgain):
    """The read models have not reached the position that the reader wants to see."""

    code, title = "not-yet-there", "The read models have not reached that position yet"


@dataclass(frozen=True)
class Basis:
    """What an answer rests on."""

    epoch: UUID
    position: int  # of the read models: everything up to it is in them
    head: int  # of the log, in the same snapshot
    now: datetime  # of the database, when the answer was begun
    versions: dict[str, int]  # of the layouts of the read models

    @property
    def lag(self) -> int:
        """Events recorded and not yet in the read models."""
        return self.head - self.position


@dataclass(frozen=True)
class Reading:
    """A snapshot: the connection sees one state of log and read models until it is closed."""

    connection: Connection[dict[str, Any]]
    schema: str
    point: Point
    basis: Basis

    def point_at(self, valid_at: date, known_at: int | datetime | None) -> Point:
        """Another point in the same snapshot; None: all that the read models know.

        Raises InvalidValue for what the log has not reached, NotYetThere for what they have not.
        """
        return Point(valid_at, _known(self.connection, self.schema, known_at, self.basis))


class Readings:
    """Opens readings. `today` tells the day in Asia/Ho_Chi_Minh that "now" means."""

    def __init__(
        self,
        pool: ConnectionPool[Connection[Any]],
        schema: str,
        today: Callable[[], date],
    ) -> None:
        self._pool, self._schema, self._today = pool, schema, today

    @contextmanager
    def at(
        self,
        valid_at: date | None = None,
        known_at: int | datetime | None = None,
        min_position: int = 0,
        wait_s: float = 2.0,
    ) -> Iterator[Reading]:
        """A reading at that point; None: today, and all that the read models know.

        Waits up to `wait_s` seconds until the read models have reached `min_position` and a
        `known_at` given as a position. Readings are not nested: one holds one connection of the
        pool. Raises NotYetThere; InvalidValue for a position or a time that the log has not
        reached.
        """
        wanted = max(min_position, known_at if isinstance(known_at, int) else 0)
        deadline = time.monotonic() + wait_s
        while True:
            with self._snapshot() as connection:
                basis = self._basis(connection)
                if wanted <= basis.position:
                    known = _known(connection, self._schema, known_at, basis)
                    point = Point(valid_at or self._today(), known)
                    yield Reading(connection, self._schema, point, basis)
                    return
            field = "min_position" if wanted == min_position else "known_at"
            _refuse_unreached(wanted, basis, field)
            if time.monotonic() > deadline:
                raise _behind(wanted, basis)
            time.sleep(0.02)

    @contextmanager
    def _snapshot(self) -> Iterator[Connection[dict[str, Any]]]:
        with self._pool.connection() as connection:
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            connection.row_factory = dict_row
            connection.prepare_threshold = None  # a plan for any day fits none: 0.5 ms became 55
            with connection.transaction():
                yield connection

    def _basis(self, connection: Connection[dict[str, Any]]) -> Basis:
        reached = marks(connection, self._schema, VIEWS)
        for name, view in VIEWS.items():
            mark = reached.get(name)
            if mark is None or mark.version != view.version:
                raise NotYetThere(f"The read model {name} must be rebuilt first", position=0)
        log = head(connection, self._schema)
        return Basis(
            epoch=log.epoch,
            position=min(mark.position for mark in reached.values()),
            head=log.position,
            now=log.now,
            versions={view: mark.version for view, mark in reached.items()},
        )


def _known(
    connection: Connection[Any], schema: str, known_at: int | datetime | None, basis: Basis
) -> int:
    if known_at is None:
        return basis.position
    if isinstance(known_at, datetime):
        if known_at > basis.now:
            raise InvalidValue("Nobody knows yet what will be known then", field="known_at")
        return min(position_at(connection, schema, known_at), basis.position)
    if known_at < 0:
        raise InvalidValue("Positions begin at 1", field="known_at")
    _refuse_unreached(known_at, basis, "known_at")
    if known_at > basis.position:
        raise _behind(known_at, basis)
    return known_at


def _refuse_unreached(wanted: int, basis: Basis, field: str) -> None:
    if wanted > basis.head:
        raise InvalidValue(
            f"The log has not reached position {wanted}", field=field, position=basis.head
        )


def _behind(wanted: int, basis: Basis) -> NotYetThere:
    return NotYetThere(
        f"The read models are at {basis.position}, not yet at {wanted}", position=basis.position
    )
