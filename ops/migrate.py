"""Bring the log's tables up to date: numbered SQL files, one transaction each, applied once.

Safe to repeat and to run from several processes at once: they wait for each other. Where nothing is
missing nothing is written, so whoever may only read the log's tables may run it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from typing import LiteralString

import psycopg
from psycopg import sql

EXTENSIONS = ("btree_gist", "pg_trgm")
ADVISORY_LOCK = 0x50_60_C0_01  # one for all schemas: extensions belong to the whole database

CREATE_TABLE: LiteralString = """
    CREATE TABLE IF NOT EXISTS migrations (
        name       text PRIMARY KEY,
        sha256     text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
"""


class MigrationRefused(Exception):
    """The migrations cannot be applied to this database, and why."""


class NotMigrated(Exception):
    """The database is not as this release needs it. `applied`: what was applied so far."""

    def __init__(self, applied: Sequence[str], missing: Sequence[str]) -> None:
        super().__init__(f"the database lacks {', '.join(missing)}: run `sogoc migrate`")
        self.applied = tuple(applied)


@dataclass(frozen=True)
class Migration:
    """One step, as it stands in its file."""

    name: str
    statements: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.statements.encode()).hexdigest()


def migrations_in(folder: Traversable) -> list[Migration]:
    """Return a folder's migrations in the order of their names."""
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return [
        Migration(file.name.removesuffix(".sql"), file.read_bytes().decode())
        for file in files
        if file.name.endswith(".sql")
    ]


def migrate(
    dsn: str,
    schema: str,
    migrations: Sequence[Migration] | None = None,
    extensions: Sequence[str] = EXTENSIONS,
) -> list[str]:
    """Apply what is missing in a schema, which is made when missing; return the names applied.

    The statements find the schema first on their search_path, then `public` with the extensions.
    None takes the migrations that come with the register.

    Raises MigrationRefused when a migration was edited after it was applied, is missing or comes
    before one that was applied, or when an extension or a right cannot be had; earlier ones stay
    applied.
    """
    steps = shipped() if migrations is None else migrations
    with psycopg.connect(dsn, autocommit=True) as connection:
        applied = _applied(connection, schema)
        if applied and not _missing(applied, steps) and not _lacking(connection, extensions):
            return []
        connection.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        try:
            _prepare(connection, schema, extensions)
            missing = _missing(_applied(connection, schema), steps)
            return [_apply(connection, step) for step in missing]
        except psycopg.errors.InsufficientPrivilege as error:
            raise MigrationRefused(
                f"this role may not make the log's tables ({error.diag.message_primary}):"
                " run `sogoc migrate` as the one that owns them"
            ) from error


def check(
    dsn: str,
    schema: str,
    migrations: Sequence[Migration] | None = None,
    extensions: Sequence[str] = EXTENSIONS,
) -> None:
    """Compare what was applied with what comes with the register. Writes nothing.

    Raises NotMigrated when something is missing, MigrationRefused as `migrate` does.
    """
    steps = shipped() if migrations is None else migrations
    with psycopg.connect(dsn, autocommit=True) as connection:
        applied = _applied(connection, schema)
        missing = [migration.name for migration in _missing(applied, steps)]
        missing += _lacking(connection, extensions)
    if missing:
        raise NotMigrated(list(applied), missing)


def shipped() -> list[Migration]:
    """The migrations that come with the register."""
    return migrations_in(resources.files("ops.migrations"))


def _applied(connection: psycopg.Connection, schema: str) -> dict[str, str]:
    """SHA-256 by name, in the order of names; looked for in the catalogue, which everybody may."""
    exists = "SELECT FROM pg_tables WHERE schemaname = %s AND tablename = 'migrations'"
    if connection.execute(exists, [schema]).fetchone() is None:
        return {}
    table = sql.Identifier(schema, "migrations")
    query = sql.SQL("SELECT name, sha256 FROM {} ORDER BY name").format(table)
    return dict(connection.execute(query).fetchall())


def _prepare(connection: psycopg.Connection, schema: str, extensions: Sequence[str]) -> None:
    connection.execute("SET client_min_messages TO warning")
    for extension in _lacking(connection, extensions):
        _create_extension(connection, extension)
    name = sql.Identifier(schema)
    exists = "SELECT FROM pg_namespace WHERE nspname = %s"
    if connection.execute(exists, [schema]).fetchone() is None:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(name))
    connection.execute(sql.SQL("SET search_path TO {}, public").format(name))
    connection.execute(CREATE_TABLE)


def _lacking(connection: psycopg.Connection, extensions: Sequence[str]) -> list[str]:
    """Those that are missing: a dump of the log's schema alone brings none with it."""
    query = "SELECT extname FROM pg_extension WHERE extname = ANY(%s)"
    there = {name for (name,) in connection.execute(query, [list(extensions)])}
    return [extension for extension in extensions if extension not in there]


def _create_extension(connection: psycopg.Connection, extension: str) -> None:
    create = sql.SQL("CREATE EXTENSION {} SCHEMA public").format(sql.Identifier(extension))
    try:
        connection.execute(create)
    except psycopg.Error as error:
        raise MigrationRefused(
            f"the extension {extension} is missing and cannot be created"
            f" ({error.diag.message_primary}); let an administrator run:"
            f" CREATE EXTENSION {extension} SCHEMA public"
        ) from error


def _missing(applied: Mapping[str, str], migrations: Sequence[Migration]) -> list[Migration]:
    """What is to be applied, in its order. Raises MigrationRefused."""
    known = [migration.name for migration in migrations]
    for name in applied.keys() - set(known):
        raise MigrationRefused(f"{name} was applied here, but this version does not know it")
    for migration in migrations:
        if applied.get(migration.name, migration.sha256) != migration.sha256:
            raise MigrationRefused(f"{migration.name} was edited after it was applied")
    missing = [migration for migration in migrations if migration.name not in applied]
    if missing and applied and missing[0].name < max(applied):
        raise MigrationRefused(f"{missing[0].name} comes before {max(applied)}, applied already")
    return missing


def _apply(connection: psycopg.Connection, migration: Migration) -> str:
    with connection.transaction():
        # No parameters, so that the file may hold several statements.
        connection.execute(migration.statements.encode())
        connection.execute(
            "INSERT INTO migrations (name, sha256) VALUES (%s, %s)",
            [migration.name, migration.sha256],
        )
    return migration.name
