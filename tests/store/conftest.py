"""A log in a schema of its own, over the Unix socket and over TCP."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from ops.server import Server
from ops.store import Recorder
from tests.store.events import opened


@pytest.fixture
def log(postgres: Server, schema: str) -> Iterator[Recorder]:
    with opened(postgres.dsn, schema) as recorder:
        yield recorder


@pytest.fixture(params=["socket", "tcp"])
def log_over(request: pytest.FixtureRequest, postgres: Server, schema: str) -> Iterator[Recorder]:
    """The same over either transport."""
    with opened(postgres.dsn if request.param == "socket" else postgres.tcp_dsn, schema) as log:
        yield log


@pytest.fixture
def connection(postgres: Server, log: Recorder) -> Iterator[psycopg.Connection]:
    """An administrator's connection in autocommit mode, with the log on its search_path."""
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        path = sql.SQL("SET search_path TO {}").format(sql.Identifier(log.datastore.schema))
        connection.execute(path)
        yield connection
