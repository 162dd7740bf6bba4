"""Rows into the tables of a view: they come, they give way, and all of a stream are cleared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg import Connection
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from projections.engine.faults import RowsAhead, RowsGone
from projections.engine.view import Changes, Closing, Row, View
from projections.sql import statement

REFUSED = (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.ProgramLimitExceeded)
"""What the database may have against rows, and not against tables: ill-formed, not consistent, or
too long for an index."""


@dataclass(frozen=True)
class Target:
    """A view's tables in one place."""

    view: View
    home: str


def write(connection: Connection[Any], target: Target, changes: Changes) -> None:
    """Raises RowsGone, REFUSED, psycopg.Error."""
    if changes.closed:
        close_rows(connection, target, changes.closed)
    if changes.added:
        write_rows(connection, target, changes.added)


def write_in_halves(
    connection: Connection[Any], target: Target, parts: Sequence[tuple[UUID, Changes]]
) -> list[UUID]:
    """Write the changes of streams but for those that the database refuses; returns those.

    Within a transaction. Raises RowsGone, psycopg.Error.
    """
    if not parts:
        return []
    try:
        with connection.transaction():
            write(connection, target, together(changes for _, changes in parts))
    except REFUSED:
        if len(parts) == 1:
            return [parts[0][0]]
        middle = len(parts) // 2
        halves = (parts[:middle], parts[middle:])
        return [stream for half in halves for stream in write_in_halves(connection, target, half)]
    return []


def together(several: Iterable[Changes]) -> Changes:
    """The changes of several streams in one."""
    closed: list[Closing] = []
    added: list[Row] = []
    for changes in several:
        closed.extend(changes.closed)
        added.extend(changes.added)
    return Changes(closed, added)


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


def clear_rows(connection: Connection[Any], target: Target, streams: Sequence[UUID]) -> None:
    """Take all rows of these streams away."""
    table, column = Identifier(target.home, target.view.table), Identifier(target.view.stream)
    clear = SQL("DELETE FROM {} WHERE {} = ANY(%s)").format(table, column)
    connection.execute(clear, [list(streams)])


def refuse_ahead(connection: Connection[Any], target: Target, stream: UUID, since: int) -> None:
    """Raises RowsAhead when the table holds more of a stream than the mark says."""
    view = target.view
    known_from = SQL("position") if view.key is None else SQL("lower(known)")
    query = SQL("SELECT FROM {} WHERE {} = %s AND {} > %s LIMIT 1").format(
        Identifier(target.home, view.table), Identifier(view.stream), known_from
    )
    if connection.execute(query, [stream, since]).rowcount:
        raise RowsAhead(view.name, stream, since)
