"""Other processes that lay out ranges, as many as there are cores to spare.

They take ranges from the same list as whoever called them. One that is killed, or meets an event
that cannot be taken in, is gone and its range is free: the caller comes to it, and says why.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from importlib import import_module
from multiprocessing import connection as waiting
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

import psycopg

from projections.catalogue import VIEWS
from projections.engine.rows import Target
from projections.engine.view import Source, View
from projections.rebuilding.sweep import work

STOP_S = 60.0  # for the range at hand

OpenSource = Callable[[], AbstractContextManager[Source]]
"""Opens the log in another process: what can be pickled, a function of a module for instance."""


@dataclass(frozen=True)
class Helpers:
    """How many processes may help, and how each of them opens the log."""

    open_source: OpenSource
    number: int


class Crew:
    """The helpers that are at work."""

    def __init__(self, processes: Sequence[BaseProcess]) -> None:
        self._processes = processes

    @property
    def number(self) -> int:
        return sum(process.is_alive() for process in self._processes)

    def wait(self, seconds: float) -> None:
        """Until one of them is gone, or the time is up."""
        alive = [process.sentinel for process in self._processes if process.is_alive()]
        if alive:
            waiting.wait(alive, seconds)
        else:
            time.sleep(seconds)


@contextmanager
def at_work(
    helpers: Helpers | None,
    dsn: str,
    schema: str,
    targets: Sequence[Target],
    goal: int,
    most: int,
) -> Iterator[Crew]:
    """Helpers inside the block, `most` of them at most; they end with it, at a range's border."""
    number = max(min(helpers.number, most), 0) if helpers else 0
    if not all(_has_name(target.view) for target in targets):
        number = 0  # a layout cannot be sent, but for its name
    spawning = get_context("spawn")  # a fork would inherit our connections
    pipes: list[Connection] = []
    processes: list[BaseProcess] = []
    try:
        for _ in range(number):
            assert helpers is not None
            ours, its = spawning.Pipe()
            pipes.append(ours)
            homes = [
                (t.view.name, t.view.module, t.view.in_sql is not None, t.home) for t in targets
            ]
            sent = (helpers.open_source, dsn, schema, homes, goal, its)
            process: BaseProcess = spawning.Process(
                target=_help, args=sent, name="rebuilding", daemon=True
            )
            process.start()
            processes.append(process)
            its.close()
        yield Crew(processes)
    finally:
        for pipe in pipes:
            pipe.close()
        for process in processes:
            process.join(STOP_S)
            process.kill()


def _has_name(view: View) -> bool:
    """Whether it is the one that bears its name, said in SQL or not."""
    known = _named(view.name, view.module)
    return known is not None and (known.begin, known.version) == (view.begin, view.version)


def _named(name: str, module: str | None) -> View | None:
    if module is None:
        return VIEWS.get(name)
    return getattr(import_module(module), name.upper(), None)


def _target(name: str, module: str | None, in_sql: bool, home: str) -> Target:
    view = _named(name, module)
    assert view is not None
    return Target(view if in_sql else replace(view, in_sql=None), home)


def _help(
    open_source: OpenSource,
    dsn: str,
    schema: str,
    homes: Sequence[tuple[str, str | None, bool, str]],
    goal: int,
    pipe: Connection,
) -> None:
    """In the other process: ends when there is no range left, or whoever sent it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the first one to answer
    targets = [_target(*each) for each in homes]
    with (
        suppress(Exception),  # the first one comes to the same range, and says what is wrong
        open_source() as source,
        psycopg.connect(dsn, autocommit=True) as connection,
    ):
        work(connection, schema, source, targets, goal, stop=pipe.poll)
