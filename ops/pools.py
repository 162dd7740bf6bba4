"""Pools of connections for readers, which lend none that the server has hung up on.

After a restart of the server every connection of a pool is dead and nobody has been told: each
would cost somebody a failed read. What has come meanwhile is seen on the socket, without asking.
"""

from __future__ import annotations

from select import POLLIN, poll
from typing import Any

from psycopg import AsyncConnection, Connection, OperationalError
from psycopg.pq.abc import PGconn
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from services.reading import HotPool

SIZE_MAX = 10
HOT_SIZE_MAX = 32  # whoever waits for a connection costs more than a connection


def open_pool(dsn: str) -> ConnectionPool[Connection[Any]]:
    """Connections for readers."""
    return ConnectionPool(dsn, min_size=1, max_size=SIZE_MAX, open=True, check=_still_there)


def hot_pool(dsn: str) -> HotPool:
    """Connections for one event loop, in autocommit; whoever enters it opens it."""
    return AsyncConnectionPool(
        dsn,
        min_size=1,
        max_size=HOT_SIZE_MAX,
        open=False,
        kwargs={"autocommit": True},
        check=_async_still_there,
    )


def _still_there(connection: Connection[Any]) -> None:
    """Raises OperationalError: the pool then takes another one."""
    if _has_news(connection.pgconn):
        connection.close()
        raise OperationalError("the server has hung up")


async def _async_still_there(connection: AsyncConnection[Any]) -> None:
    if _has_news(connection.pgconn):
        await connection.close()
        raise OperationalError("the server has hung up")


def _has_news(pgconn: PGconn) -> bool:
    """Nothing comes on an idle connection but its end, or news of settings: a new one, then."""
    incoming = poll()
    incoming.register(pgconn.socket, POLLIN)
    return bool(incoming.poll(0))
