"""Where measurements take place: one PostgreSQL that keeps every promise, a database for each."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ops.server import embedded

# fsync, synchronous_commit and full_page_writes stay on, as PostgreSQL has them. No checkpoint
# falls into one contestant's work because of what another one wrote.
PARAMETERS = {
    "shared_buffers": "1GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "max_connections": "200",
}

_numbers = count(1)


@dataclass(frozen=True)
class Place:
    """What a contestant is given; it may be handed to another process."""

    dsn: str  # a database of its own, over TCP
    address: str = ""  # of a server of its own kind, if it has one


@contextmanager
def server(
    dsn: str | None = None, parameters: Mapping[str, str] = PARAMETERS
) -> Iterator[tuple[str, Path]]:
    """(dsn, folder): the server named, or one of our own for the time of the measurement.

    Over TCP: over a Unix socket the stock recorder hangs on large transactions.
    """
    with temporary_folder() as folder:
        if dsn:
            yield dsn, folder
        else:
            with embedded(folder / "data", tcp=True, parameters=parameters) as own:
                yield own.tcp_dsn, folder


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that the server's own user may pass through; removed in the end."""
    folder = Path(tempfile.mkdtemp(prefix="sogoc-bench-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def database(dsn: str) -> Iterator[Place]:
    """A fresh database beside the one named; dropped in the end."""
    name = sql.Identifier(f"sogoc_bench_{next(_numbers)}")
    with psycopg.connect(dsn, autocommit=True) as connection:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name)
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
        connection.execute("CHECKPOINT")
        try:
            yield Place(make_conninfo(dsn, dbname=name.as_string().strip('"')))
        finally:
            connection.execute(drop)
