"""A register of its own for each test, on the run's PostgreSQL, and readings of it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from ops.server import Server
from projections.catalogue import VIEWS
from projections.engine import create, follow
from projections.view import Source
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


@pytest.fixture
def read(
    postgres: Server, schema: str, register: Register
) -> Iterator[Callable[..., AbstractContextManager[Reading]]]:
    """`with read(valid_at=…, known_at=…) as reading`, the views brought level before."""
    with (
        psycopg.connect(postgres.dsn, autocommit=True) as connection,
        ConnectionPool(postgres.dsn, min_size=1, max_size=4, open=True) as pool,
    ):
        for view in VIEWS.values():
            create(connection, schema, view)
        readings = Readings(pool, schema, lambda: TODAY)

        def at(**point: Any) -> AbstractContextManager[Reading]:
            views = list(VIEWS.values())
            follow(connection, schema, Source(register.store, to_event), views)
            return readings.at(**point)

        yield at
        for view in VIEWS.values():
            connection.execute(f"DROP SCHEMA {schema}_{view.name} CASCADE")
