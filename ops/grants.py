"""Let another role than the owner of the log do the work of the service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources

import psycopg
from psycopg import sql

from ops.migrate import MigrationRefused
from projections.catalogue import VIEWS
from projections.engine.marks import namespace

SUFFIXES = ("", "_next", "_previous", "_check")


def grant_service(dsn: str, schema: str, role: str) -> None:
    """Grant a role what `sogoc serve` needs, and hand it the read models, which it writes.

    For the owner of the log, once and after each migration. Safe to repeat.
    Raises MigrationRefused: there is no such role, or this one may not grant that.
    """
    with _granting(dsn) as connection:
        _grant(connection, schema, role)
        for home in _homes(connection, schema):
            _hand_over(connection, home, role)


def grant_vault(dsn: str, schema: str, role: str) -> None:
    """Grant a role what it needs of the vault in that schema. As `grant_service` otherwise."""
    with _granting(dsn) as connection:
        _execute(connection, "ops.vault", schema, role)


@contextmanager
def _granting(dsn: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(dsn, autocommit=True) as connection, connection.transaction():
        try:
            yield connection
        except (psycopg.errors.UndefinedObject, psycopg.errors.InsufficientPrivilege) as error:
            raise MigrationRefused(f"nothing was granted: {error.diag.message_primary}") from error


def _execute(connection: psycopg.Connection, package: str, schema: str, role: str) -> None:
    template = resources.files(package).joinpath("grants.sql").read_text()
    statements = sql.SQL(template).format(
        database=sql.Identifier(connection.info.dbname),
        schema=sql.Identifier(schema),
        role=sql.Identifier(role),
    )
    connection.execute(statements)


def _grant(connection: psycopg.Connection, schema: str, role: str) -> None:
    _execute(connection, "ops", schema, role)
    may = "SELECT has_database_privilege(%s, current_database(), 'CREATE')"
    if connection.execute(may, [role]).fetchone() != (True,):  # GRANT would only warn
        raise MigrationRefused(
            f"nothing was granted: let the owner of the database run:"
            f" GRANT CREATE ON DATABASE {connection.info.dbname} TO {role}"
        )


def _homes(connection: psycopg.Connection, schema: str) -> list[str]:
    """The schemas of read models that are there."""
    names = [namespace(schema, view, suffix) for view in VIEWS for suffix in SUFFIXES]
    found = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s)", [names])
    return [name for (name,) in found]


def _hand_over(connection: psycopg.Connection, home: str, role: str) -> None:
    """The schema first: who is to own a table must be allowed to make one there."""
    to = sql.Identifier(role)
    connection.execute(sql.SQL("ALTER SCHEMA {} OWNER TO {}").format(sql.Identifier(home), to))
    tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [home])
    for (table,) in tables.fetchall():
        alter = sql.SQL("ALTER TABLE {} OWNER TO {}").format(sql.Identifier(home, table), to)
        connection.execute(alter)
