"""What all tests stand on: one real PostgreSQL a run, one schema a test, Hypothesis profiles."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

from ops.server import Server, embedded

settings.register_profile("house", deadline=None, max_examples=40)
settings.register_profile("night", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))

schema_numbers = count(1)


def temporary_folder() -> Path:
    """Make a folder that the server's own user may pass through."""
    folder = Path(tempfile.mkdtemp(prefix="sogoc-test-"))
    folder.chmod(0o711)
    return folder


@pytest.fixture
def folder() -> Iterator[Path]:
    """A temporary folder for a data folder; removed after the test."""
    folder = temporary_folder()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The run's PostgreSQL: `.dsn` over its Unix socket, `.tcp_dsn` over 127.0.0.1."""
    folder = temporary_folder()
    quick = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
    try:
        with embedded(folder / "data", tcp=True, parameters=quick) as server:
            yield server
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def schema(postgres: Server) -> Iterator[str]:
    """Name of an empty schema of the test's own; dropped after the test with all that is in it."""
    name = f"test_{next(schema_numbers)}"
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
    yield name
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))
