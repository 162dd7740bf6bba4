"""Where the tables of a view live, and the mark that says how far they have come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Composed, Identifier

from projections.engine.digest import Digest
from projections.engine.view import View
from projections.sql import script, statement

_LOCK: LiteralString = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 5006))"


@dataclass(frozen=True)
class Mark:
    """The position a view has come to, what it has seen, and the version that laid it out."""

    position: int
    seen: Digest
    version: int
    built_at: datetime
    decided: int  # position of the last decision about its parked streams; 0: none
    parked: frozenset[UUID]  # streams
    discarded: Mapping[int, UUID]  # positions that are left out, with their streams


def namespace(schema: str, view: str, suffix: str = "") -> str:
    """The schema that holds a view's tables: beside the log's, "register_units"."""
    return f"{schema}_{view}{suffix}"


def create(connection: Connection[Any], schema: str, view: View) -> None:
    """Make the view's schema and tables, empty, where they are missing. May be repeated."""
    home = namespace(schema, view.name)
    with connection.transaction():
        lock(connection, home)
        if not exists(connection, home):
            create_tables(connection, home, view)
            create_indexes(connection, home, view)
            write(connection, home, 0, Digest(), 0, view.version)


def create_tables(connection: Connection[Any], home: str, view: View) -> None:
    """The tables without their indexes, and no mark yet."""
    connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(home)))
    run(connection, home, script("mark") + script(view.name, view.package))


def create_indexes(connection: Connection[Any], home: str, view: View) -> None:
    """Keys, constraints and indexes; quicker after the rows than before."""
    run(connection, home, script(f"{view.name}_indexes", view.package))


def run(connection: Connection[Any], home: str, statements: bytes) -> None:
    """Statements for the tables of a schema; within a transaction."""
    before = connection.execute("SELECT current_setting('search_path')").fetchall()[0]
    path = next(iter(before.values())) if isinstance(before, dict) else before[0]
    within = SQL("SET LOCAL search_path TO {}, public").format(Identifier(home))
    connection.execute(within)
    connection.execute(statements)
    connection.execute("SELECT set_config('search_path', %s, true)", [path])


def analyze(connection: Connection[Any], schema: str, view: View) -> None:
    """Let the database see how the view's rows are now, when many are new."""
    table = Identifier(namespace(schema, view.name), view.table)
    connection.execute(SQL("ANALYZE {}").format(table))


def exists(connection: Connection[Any], home: str) -> bool:
    found = connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [home])
    return found.fetchone() is not None


def has(connection: Connection[Any], home: str, *tables: str) -> bool:
    """Whether all these tables are there."""
    there = "SELECT bool_and(to_regclass(name) IS NOT NULL) FROM unnest(%s::text[]) AS name"
    with connection.cursor(row_factory=tuple_row) as cursor:
        named = [f'"{home}".{table}' for table in tables]
        return cursor.execute(there, [named]).fetchall() == [(True,)]


def lock(connection: Connection[Any], home: str) -> None:
    """Hold the view under this name until the transaction ends: one follower, or one switch.

    By name and not by a row: who waited while the view was switched must find the new one.
    """
    connection.execute(_LOCK, [home])


def read(connection: Connection[Any], home: str) -> Mark | None:
    """The mark; None when the view was never built there, or a table of these is missing."""
    names = ("mark", "parked", "discarded")
    if not has(connection, home, *names):
        return None
    with connection.cursor(row_factory=tuple_row) as cursor:
        tables = {name: Identifier(home, name) for name in names}
        row = cursor.execute(statement("mark_read", **tables)).fetchone()
    if row is None:
        return None
    position, events, digest, version, built_at, decided, parked, discarded, streams = row
    seen, left_out = Digest(events, int(digest)), dict(zip(discarded, streams, strict=True))
    return Mark(position, seen, version, built_at, decided, frozenset(parked), left_out)


def marks(connection: Connection[Any], schema: str, views: Iterable[str]) -> dict[str, Mark]:
    """The marks of these views that are there, by name."""
    found = {view: read(connection, namespace(schema, view)) for view in views}
    return {view: mark for view, mark in found.items() if mark is not None}


def write(
    connection: Connection[Any], home: str, position: int, seen: Digest, decided: int, version: int
) -> None:
    """The first mark, in the transaction of the first rows."""
    values = [position, seen.count, seen.sum, decided, version]
    connection.execute(_insert(home), values)


def move(connection: Connection[Any], home: str, position: int, seen: Digest, decided: int) -> None:
    """Move the mark, in the transaction of the rows."""
    update = SQL("UPDATE {} SET position = %s, events = %s, digest = %s, decided = %s")
    values = [position, seen.count, seen.sum, decided]
    moved = connection.execute(update.format(Identifier(home, "mark")), values)
    assert moved.rowcount == 1, f"{home} has no mark"


def _insert(home: str) -> Composed:
    insert = SQL(
        "INSERT INTO {} (position, events, digest, decided, version) VALUES (%s, %s, %s, %s, %s)"
    )
    return insert.format(Identifier(home, "mark"))
