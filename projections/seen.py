"""What one snapshot sees of the log itself, on the connection that reads the views."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row, scalar_row
from psycopg.sql import SQL, Identifier


@dataclass(frozen=True, slots=True)
class Head:
    """How far the log has come, and which log it is."""

    position: int
    epoch: UUID
    now: datetime  # of the database: the clock that stamps events


def head(connection: Connection[Any], schema: str) -> Head:
    query = SQL("SELECT position, epoch, clock_timestamp() AS now FROM {}.log")
    with connection.cursor(row_factory=class_row(Head)) as cursor:
        return cursor.execute(query.format(Identifier(schema))).fetchall()[0]


def position_at(connection: Connection[Any], schema: str, time: datetime) -> int:
    """The last position recorded at or before a time (with its zone); 0: none."""
    query = SQL("SELECT {}.position_at(%s)").format(Identifier(schema))
    with connection.cursor(row_factory=scalar_row) as cursor:
        return int(cursor.execute(query, [time]).fetchall()[0] or 0)
