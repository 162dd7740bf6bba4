"""A register of its own for each test, on the run's PostgreSQL, and readings of it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from psycopg_pool import ConnectionPool

from ops.pools import hot_pool
from ops.server import Server
from projections.catalogue import VIEWS
from projections.engine.following import create, follow
from projections.engine.view import Source
from services.reading import Reading, Readings
from services.record import to_event
from services.register import Register

TODAY = date(2026, 11, 21)


@pytest.fixture
def register(postgres: Server, schema: str) -> Iterator[Register]:
    environment = {
        "PERSISTENCE_MODULE": "ops.store",
        "SOGOC_DSN": postgres.dsn,
        "SOGOC_SCHEMA": schema,
        "SOGOC_POOL_SIZE": "12",
    }
    with Register(environment) as opened:
        yield opened


@contextmanager
def claiming(postgres: Server, schema: str) -> Iterator[psycopg.Connection[Any]]:
    """Somebody has begun to record one event, and takes it back at the end."""
    claim = SQL(
        "SELECT {}.claim(ARRAY[gen_random_uuid()], '{{1}}',"
        " NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"
    )
    with psycopg.connect(postgres.dsn) as connection:
        connection.execute(claim.format(Identifier(schema)))
        yield connection
        connection.rollback()


@pytest.fixture
def readings(postgres: Server, schema: str, register: Register) -> Iterator[Readings]:
    """Of views that are empty at first."""
    with (
        psycopg.connect(postgres.dsn, autocommit=True) as connection,
        ConnectionPool(postgres.dsn, min_size=1, max_size=4, open=True) as pool,
    ):
        for view in VIEWS.values():
            create(connection, schema, view)
        yield Readings(pool, schema, lambda: TODAY, lambda: hot_pool(postgres.dsn))
        for view in VIEWS.values():
            connection.execute(f"DROP SCHEMA IF EXISTS {schema}_{view.name} CASCADE")


@pytest.fixture
def level(
    postgres: Server, schema: str, register: Register, readings: Readings
) -> Iterator[Callable[[], None]]:
    """Brings the views level with the log."""
    source, views = Source(register.store, to_event), list(VIEWS.values())
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:

        def brought() -> None:
            follow(connection, schema, source, views)

        yield brought


@pytest.fixture
def read(
    readings: Readings, level: Callable[[], None]
) -> Callable[..., AbstractContextManager[Reading]]:
    """`with read(valid_at=…, known_at=…) as reading`, the views brought level before."""

    def at(**point: Any) -> AbstractContextManager[Reading]:
        level()
        return readings.at(**point)

    return at
