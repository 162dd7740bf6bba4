"""Waiting for what is to come to pass, and making others wait."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import psycopg
from psycopg import sql

from ops.store import Recorder

PATIENCE_S = 30


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.005)


def waits_begun(connection: psycopg.Connection) -> list[datetime]:
    """Since when each waits that waits for a lock now."""
    query = "SELECT waitstart FROM pg_locks WHERE NOT granted AND waitstart IS NOT NULL"
    return sorted(began for (began,) in connection.execute(query))


@contextmanager
def counter_held(log: Recorder, connection: psycopg.Connection) -> Iterator[None]:
    """Nobody appends meanwhile."""
    counter = sql.SQL("SELECT FROM {}.log FOR UPDATE").format(sql.Identifier(log.datastore.schema))
    with connection.transaction():
        connection.execute(counter)
        yield


def waiting_backends(connection: psycopg.Connection) -> int:
    """How many wait for a lock, on the whole server."""
    query = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    ((count,),) = connection.execute(query).fetchall()
    return int(count)
