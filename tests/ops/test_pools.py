"""Who borrows a connection gets one that lives, although the server has hung up on all others."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, ExitStack

import psycopg

from ops.pools import hot_pool, open_pool

MARK = "application_name=pooled"
SEVERAL = 4


def hang_up(dsn: str) -> None:
    """What a server does to its connections when it ends."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity"
            " WHERE application_name = 'pooled'"
        ).fetchall()
    assert len(ended) >= SEVERAL
    assert {done for (done,) in ended} == {True}


def test_no_reader_pays_for_a_restart(postgres):
    with open_pool(f"{postgres.dsn} {MARK}") as pool:
        with ExitStack() as lent:
            for _ in range(SEVERAL):
                lent.enter_context(pool.connection()).execute("SELECT 1")
        hang_up(postgres.dsn)
        for _ in range(2 * SEVERAL):
            with pool.connection() as connection:
                assert connection.execute("SELECT 1").fetchall() == [(1,)]


def test_no_hot_reader_pays_for_a_restart(postgres):
    async def read():
        async with hot_pool(f"{postgres.dsn} {MARK}") as pool:
            async with AsyncExitStack() as lent:
                for _ in range(SEVERAL):
                    await lent.enter_async_context(pool.connection())
            await asyncio.to_thread(hang_up, postgres.dsn)
            for _ in range(2 * SEVERAL):
                async with pool.connection() as connection:
                    assert await (await connection.execute("SELECT 1")).fetchall() == [(1,)]

    asyncio.run(read())
