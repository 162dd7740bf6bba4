"""What was decided about streams that are parked in a view, as the engine follows it.

A stream that was decided about is told anew from its whole history, but for what is left out. So
the rows are those that a rebuild would make, whatever has happened to the stream in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from domain.read_model import Decision, ReadModel, read_model_id
from projections.engine.faults import EventFailed, EventUnreadable
from projections.engine.layout import decoded
from projections.engine.marks import Mark
from projections.engine.view import Decode, Recorded, Source

_PREFIX = f"{ReadModel.TOPIC}."


@dataclass(frozen=True)
class Decided:
    """What stands decided about a view at a position of the log."""

    position: int  # of the last decision; 0: there is none
    discarded: Mapping[int, UUID]  # positions that are left out, with their streams
    anew: frozenset[UUID] = frozenset()  # streams that were decided about since the mark

    @classmethod
    def of(cls, mark: Mark) -> Decided:
        return cls(mark.decided, mark.discarded)


def decisions(fresh: Iterable[Recorded], decode: Decode) -> list[Decision]:
    """What of this decides about parked streams. Raises EventUnreadable."""
    return [_read(each, decode) for each in fresh if each.topic.startswith(_PREFIX)]


def _read(recorded: Recorded, decode: Decode) -> Decision:
    try:
        event = decoded(recorded, decode)
    except EventFailed as error:
        raise EventUnreadable(recorded.id, recorded.originator_id, error.cause) from error
    assert isinstance(event, Decision)
    return event


def followed(view: str, before: Decided, since: Iterable[Decision]) -> Decided:
    """What stands decided about a view once these have been taken in."""
    mine = [each for each in since if each.view == view and (each.position or 0) > before.position]
    if not mine:
        return before
    read_model = ReadModel.of(view)
    read_model.discarded |= before.discarded
    for each in mine:
        each.mutate(read_model)
    anew = frozenset(each.stream_id for each in mine)
    return Decided(read_model.decided, read_model.discarded, anew)


def decided_at(source: Source, view: str, position: int) -> Decided:
    """What stands decided about a view at a position of the log. Raises EventUnreadable."""
    recorded = source.log.histories([read_model_id(view)], position)
    return followed(view, Decided(0, {}), decisions(recorded, source.decode))


def keep(connection: Connection[Any], home: str, discarded: Mapping[int, UUID]) -> None:
    """Write down what is left out, beside the rows."""
    table = Identifier(home, "discarded")
    connection.execute(SQL("DELETE FROM {}").format(table))
    insert = SQL("INSERT INTO {} (position, stream) VALUES (%s, %s)").format(table)
    with connection.cursor() as cursor:
        cursor.executemany(insert, list(discarded.items()))


def kept(connection: Connection[Any], home: str) -> dict[int, UUID]:
    """What is left out there: positions with their streams."""
    query = SQL("SELECT position, stream FROM {}").format(Identifier(home, "discarded"))
    with connection.cursor(row_factory=tuple_row) as cursor:
        return dict(cursor.execute(query).fetchall())
