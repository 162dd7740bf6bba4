"""A register of its own for each test, on the run's PostgreSQL."""

from collections.abc import Iterator

import pytest

from ops.server import Server
from services.register import Register


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
