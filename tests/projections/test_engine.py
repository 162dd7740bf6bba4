"""The engine on the real PostgreSQL: follow, rebuild, switch, back, and being killed."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from projections.engine import create
from projections.organisations import ORGANISATIONS
from projections.units import UNITS

VIEWS = (UNITS, ORGANISATIONS)


@pytest.fixture
def connection(postgres):
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        for extension in ("btree_gist", "pg_trgm"):
            connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
        yield connection


@pytest.fixture
def home(connection, schema):
    """The log's schema, with the views beside it; all of them dropped after the test."""
    for view in VIEWS:
        create(connection, schema, view)
    yield schema
    like = schema.replace("_", r"\_") + r"\_%"
    found = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE %s", [like])
    for (name,) in found.fetchall():
        connection.execute(SQL("DROP SCHEMA {} CASCADE").format(Identifier(name)))
