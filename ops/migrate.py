"""Bring the log's tables up to date: numbered SQL files, one transaction each, applied once.

Safe to repeat and to run from several processes at once: they wait for each other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
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


def migrate(dsn: str, schema: str, migrations: Sequence[Migration] | None = None) -> list[str]:
    """Apply what is missing in a schema, which is made when missing; return the names applied.

    The statements find the schema first on their search_path, then `public` with the extensions.
    None takes the migrations that come with the register.

    Raises MigrationRefused when a migration was edited after it was applied, is missing or comes
    before one that was applied, or when an extension cannot be had; earlier ones stay applied.
    """
    if migrations is None:
        migrations = migrations_in(resources.files("ops.migrations"))
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        _prepare(connection, schema)
        return [_apply(connection, step) for step in _missing(connection, migrations)]


def _prepare(connection: psycopg.Connection, schema: str) -> None:
    connection.execute("SET client_min_messages TO warning")
    for extension in EXTENSIONS:
        _ensure_extension(connection, extension)
    name = sql.Identifier(schema)
    exists = "SELECT FROM pg_namespace WHERE nspname = %s"
    if connection.execute(exists, [schema]).fetchone() is None:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(name))
    connection.execute(sql.SQL("SET search_path TO {}, public").format(name))
    connection.execute(CREATE_TABLE)


def _ensure_extension(connection: psycopg.Connection, extension: str) -> None:
    exists = "SELECT FROM pg_extension WHERE extname = %s"
    if connection.execute(exists, [extension]).fetchone() is not None:
        return
    create = sql.SQL("CREATE EXTENSION {} SCHEMA public").format(sql.Identifier(extension))
    try:
        connection.execute(create)
    except psycopg.Error as error:
        raise MigrationRefused(
            f"the extension {extension} is missing and cannot be created"
            f" ({error.diag.message_primary}); let an administrator run:"
            f" CREATE EXTENSION {extension} SCHEMA public"
        ) from error


def _missing(
    connection: psycopg.Connection, migrations: Sequence[Migration]
) -> Iterator[Migration]:
    applied: dict[str, str] = dict(
        connection.execute("SELECT name, sha256 FROM migrations").fetchall()
    )
    known = [migration.name for migration in migrations]
    for name in applied.keys() - set(known):
        raise MigrationRefused(f"{name} was applied here, but this version does not know it")
    for migration in migrations:
        if applied.get(migration.name, migration.sha256) != migration.sha256:
            raise MigrationRefused(f"{migration.name} was edited after it was applied")
    missing = [migration for migration in migrations if migration.name not in applied]
    if missing and applied and missing[0].name < max(applied):
        raise MigrationRefused(f"{missing[0].name} comes before {max(applied)}, applied already")
    return iter(missing)


def _apply(connection: psycopg.Connection, migration: Migration) -> str:
    with connection.transaction():
        # No parameters, so that the file may hold several statements.
        connection.execute(migration.statements.encode())
        connection.execute(
            "INSERT INTO migrations (name, sha256) VALUES (%s, %s)",
            [migration.name, migration.sha256],
        )
    return migration.name
