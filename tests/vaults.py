"""A vault for tests, on the run's PostgreSQL, with a master key of its own."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

from ops.pools import open_pool
from ops.settings import Settings
from ops.vault import KeyVault
from ops.vault.opening import migrate_vault, vault_on
from services.people import People
from services.register import Register

MASTER_KEY = base64.b64encode(bytes(range(32))).decode()


def vault_settings(dsn: str, schema: str) -> Settings:
    """The vault beside a log in that schema."""
    return Settings(Path("/nowhere"), dsn, schema, master_key=MASTER_KEY)


@contextmanager
def vault_beside(dsn: str, schema: str, settings: Settings | None = None) -> Iterator[KeyVault]:
    """An empty vault, dropped afterwards."""
    settings = settings or vault_settings(dsn, schema)
    migrate_vault(settings, dsn)
    try:
        with open_pool(dsn) as pool:
            yield vault_on(pool, settings)
    finally:
        drop_vault(dsn, schema)


@contextmanager
def people_of(register: Register, dsn: str, schema: str) -> Iterator[People]:
    with vault_beside(dsn, schema) as vault:
        yield People(register, vault)


def drop_vault(dsn: str, schema: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        drop = SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(f"{schema}_keys"))
        connection.execute(drop)
