"""Streams that are parked in a view: an event of theirs could not be taken in there.

Their rows stay as the last good event left them, and what comes later waits, until somebody decides
that the stream is tried again, or that the event is left out. See docs/adr/0011-parking.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row, scalar_row
from psycopg.sql import SQL, Identifier

from projections.engine.faults import EventFailed, TooManyParked
from projections.engine.rows import Target

PARKED_MAX = 100  # streams in a view; more are no odd events, but a fault elsewhere
REASON_MAX = 500  # characters


@dataclass(frozen=True, slots=True)
class Parked:
    """A stream that is parked, and for what."""

    stream: UUID
    position: int  # of the event that could not be taken in
    version: int  # of that event in its stream
    step: str  # "decoding", "folding", "laying out", "writing"
    reason: str  # class and message of the error

    @classmethod
    def of(cls, stream: UUID, failed: EventFailed) -> Parked:
        cause = failed.cause
        said = f"{type(cause).__name__}: {cause}".replace("\x00", "\\0")[:REASON_MAX]
        return cls(stream, failed.position, failed.version, failed.step, said)


@dataclass(frozen=True, slots=True)
class Held:
    """A parked stream as it is told of."""

    view: str
    stream: UUID
    position: int
    version: int
    step: str
    reason: str
    parked_at: datetime


def held(connection: Connection[Any], home: str, view: str) -> list[Held]:
    """The streams that are parked in a view, in the order of the events that failed."""
    query = SQL(
        "SELECT %s AS view, stream, position, version, step, reason, parked_at FROM {}"
        " ORDER BY position, stream"
    ).format(Identifier(home, "parked"))
    with connection.cursor(row_factory=class_row(Held)) as cursor:
        return cursor.execute(query, [view]).fetchall()


def park(connection: Connection[Any], target: Target, parked: Parked) -> None:
    """Note it in the transaction of the rows. Raises TooManyParked."""
    table = Identifier(target.home, "parked")
    insert = SQL(
        "INSERT INTO {} (stream, position, version, step, reason) VALUES (%s, %s, %s, %s, %s)"
    )
    values = [parked.stream, parked.position, parked.version, parked.step, parked.reason]
    connection.execute(insert.format(table), values)
    with connection.cursor(row_factory=scalar_row) as cursor:
        query = SQL("SELECT count(*) FROM {}").format(table)
        if cursor.execute(query).fetchall()[0] > PARKED_MAX:
            last = f"position {parked.position}, {parked.step}: {parked.reason}"
            raise TooManyParked(target.view.name, PARKED_MAX, last)


def release(connection: Connection[Any], target: Target, streams: Sequence[UUID]) -> None:
    """Park them no longer; they are told anew in the same transaction."""
    delete = SQL("DELETE FROM {} WHERE stream = ANY(%s)")
    connection.execute(delete.format(Identifier(target.home, "parked")), [list(streams)])
