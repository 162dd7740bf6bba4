"""The same work for several tables at once, each in a session of its own: the database works."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from psycopg import Connection

T = TypeVar("T")
R = TypeVar("R")


def at_once(
    work: Callable[[Connection[Any], T], R], connections: Sequence[Connection[Any]], on: Sequence[T]
) -> list[R]:
    """What the work gives for each; when one fails, or this is interrupted, the rest is cancelled.

    A connection for each, used by nobody else meanwhile.
    """
    with ThreadPoolExecutor(len(on)) as pool:
        try:
            return list(pool.map(work, connections, on))
        except BaseException:
            for connection in connections:
                connection.cancel()
            raise
