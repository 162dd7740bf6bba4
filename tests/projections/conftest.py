"""Views on the real PostgreSQL, beside a log's schema of the test's own."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from projections.catalogue import VIEWS
from projections.engine.following import create


@pytest.fixture
def connection(postgres):
    """A session in autocommit, on a database with the extensions that the views need."""
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute("SET client_min_messages TO warning")
        for extension in ("btree_gist", "pg_trgm"):
            connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
        yield connection


@pytest.fixture
def home(connection, schema):
    """The log's schema, with all views beside it; they are dropped after the test."""
    for view in VIEWS.values():
        create(connection, schema, view)
    yield schema
    drop_views(connection, schema)


def drop_views(connection, schema):
    like = schema.replace("_", r"\_") + r"\_%"
    found = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE %s", [like])
    for (name,) in found.fetchall():
        connection.execute(SQL("DROP SCHEMA {} CASCADE").format(Identifier(name)))
