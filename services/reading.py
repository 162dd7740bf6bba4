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
from psycopg.sql import SQL, Identifier
from psycopg_pool import ConnectionPool

from domain.errors import InvalidValue, RegisterError
from projections.marks import marks
from projections.point import Point
from services.store import Log

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
KNOWN_VIEWS = ("units", "organisations", "lineage", "audit")


class NotYetThere(RegisterError):
    """The read models have not reached the position that the reader wants to see."""

    code, title = "not-yet-there", "The read models have not reached that position yet"


@dataclass(frozen=True)
class Basis:
    """What an answer rests on."""

    epoch: UUID
    position: int  # of the read models: everything up to it is in them
    head: int  # of the log, in the same snapshot
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


class Readings:
    """Opens readings. `today` tells the day in Asia/Ho_Chi_Minh that "now" means."""

    def __init__(
        self,
        pool: ConnectionPool[Connection[Any]],
        schema: str,
        log: Log,
        today: Callable[[], date],
    ) -> None:
        self._pool, self._schema, self._log, self._today = pool, schema, log, today

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
        `known_at` given as a position. Raises NotYetThere, InvalidValue (a position that the log
        has not reached).
        """
        wanted = max(min_position, known_at if isinstance(known_at, int) else 0)
        deadline = time.monotonic() + wait_s
        while True:
            with self._snapshot() as connection:
                basis = self._basis(connection)
                if wanted <= basis.position:
                    point = Point(
                        valid_at or self._today(), self._known(connection, known_at, basis)
                    )
                    yield Reading(connection, self._schema, point, basis)
                    return
            field = "min_position" if wanted == min_position else "known_at"
            self._refuse(wanted, basis, deadline, field)
            time.sleep(0.02)

    def _refuse(self, wanted: int, basis: Basis, deadline: float, field: str) -> None:
        if wanted > basis.head:
            raise InvalidValue(
                f"The log has not reached position {wanted}", field=field, position=basis.head
            )
        if time.monotonic() > deadline:
            raise NotYetThere(
                f"The read models are at {basis.position}, not yet at {wanted}",
                position=basis.position,
            )

    def _known(
        self, connection: Connection[Any], known_at: int | datetime | None, basis: Basis
    ) -> int:
        if known_at is None:
            return basis.position
        if isinstance(known_at, int):
            if known_at < 0:
                raise InvalidValue("Positions begin at 1", field="known_at")
            return known_at
        statement = SQL("SELECT {}.position_at(%s) AS position").format(Identifier(self._schema))
        row = connection.execute(statement, [known_at]).fetchone()
        return min(row["position"] or 0, basis.position) if row else 0

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
        statement = SQL("SELECT position, epoch FROM {}.log").format(Identifier(self._schema))
        log = connection.execute(statement).fetchone()
        assert log is not None
        reached = marks(connection, self._schema, KNOWN_VIEWS)
        if len(reached) < len(KNOWN_VIEWS):
            missing = ", ".join(sorted(set(KNOWN_VIEWS) - reached.keys()))
            raise NotYetThere(f"These read models were never built: {missing}", position=0)
        return Basis(
            epoch=log["epoch"],
            position=min(mark.position for mark in reached.values()),
            head=log["position"],
            versions={view: mark.version for view, mark in reached.items()},
        )
