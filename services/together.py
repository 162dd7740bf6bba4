"""Let those who ask the same of different things at one moment ask in one statement.

A statement costs the service and the database far more than one row more of it. So whoever asks
while as many of a kind are under way as there are processors to serve them waits until one is
answered; then all who wait go together. What they are told was read after they had asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
V = TypeVar("V")

ABREAST = 2  # statements of a kind at a time
TOGETHER_MAX = 64  # things asked about in one


class Together(Generic[K, T, V]):
    """`fetch(kind, things)` answers all of them at once. For one event loop."""

    def __init__(self, fetch: Callable[[K, Sequence[T]], Awaitable[V]]) -> None:
        self._fetch = fetch
        self._waiting: dict[K, list[tuple[T, asyncio.Future[V]]]] = {}
        self._under_way: dict[K, set[asyncio.Task[None]]] = {}

    async def ask(self, kind: K, thing: T) -> V:
        """The answer in which `thing` is told of. Raises what `fetch` raises."""
        answer: asyncio.Future[V] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(kind, []).append((thing, answer))
        if len(self._under_way.get(kind, ())) < ABREAST:
            self._begin(kind)
        return await answer

    def _begin(self, kind: K) -> None:
        waiting = self._waiting[kind]
        going, self._waiting[kind] = waiting[:TOGETHER_MAX], waiting[TOGETHER_MAX:]
        task = asyncio.create_task(self._answer(kind, going))
        self._under_way.setdefault(kind, set()).add(task)
        task.add_done_callback(lambda _: self._next(kind, task))

    async def _answer(self, kind: K, going: Sequence[tuple[T, asyncio.Future[V]]]) -> None:
        try:
            found = await self._fetch(kind, [thing for thing, _ in going])
        except Exception as error:
            for _, answer in going:
                if not answer.done():  # whoever asked may have gone
                    answer.set_exception(error)
            return
        for _, answer in going:
            if not answer.done():
                answer.set_result(found)

    def _next(self, kind: K, ended: asyncio.Task[None]) -> None:
        self._under_way[kind].discard(ended)
        if self._waiting[kind]:
            self._begin(kind)
        elif not self._under_way[kind]:
            del self._waiting[kind], self._under_way[kind]
