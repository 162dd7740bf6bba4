"""How works are timed: one after the other, by many clients at once, in several processes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from threading import BrokenBarrierError, Thread
from traceback import format_exc
from typing import Any

PATIENCE_S = 300

Figures = dict[str, float]
"""What one work of one contestant came to in one round, by field: "rate" is events a second."""


@dataclass(frozen=True)
class Pace:
    """Events done, and the seconds that it took."""

    events: int
    seconds: float

    def figures(self) -> Figures:
        return {"rate": self.events / self.seconds, "events": self.events}


class Failed(Exception):
    """A process that took part has failed; these are its words."""


def paced(work: Callable[[], int]) -> Pace:
    """Time a work that tells how many events it did."""
    began = time.perf_counter()
    events = work()
    return Pace(events, time.perf_counter() - began)


def latencies(work: Callable[[], object], times: int, limit_s: float, warm: int = 0) -> Figures:
    """Do it again and again; the rate, and p50 and p99 in milliseconds."""
    for _ in range(warm):
        work()
    taken: list[float] = []
    deadline = time.perf_counter() + limit_s
    while not taken or (len(taken) < times and time.perf_counter() < deadline):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return {"rate": len(taken) / sum(taken) * 1000, **spread(taken)}


def without_rate(figures: Figures) -> Figures:
    """Where the delay is what counts."""
    return {name: value for name, value in figures.items() if name != "rate"}


def spread(taken_ms: Sequence[float]) -> Figures:
    """p50, p99 and how many there were."""
    ordered = sorted(taken_ms)
    return {
        "p50_ms": ordered[len(ordered) // 2],
        "p99_ms": ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))],
        "count": len(ordered),
    }


def at_once(works: Sequence[Callable[[], object]], seconds: float) -> int:
    """A thread for each, doing its work again and again; how often it was done in all."""
    done = [0] * len(works)
    failures: list[BaseException] = []
    deadline = time.perf_counter() + seconds

    def repeat(index: int) -> None:
        try:
            while time.perf_counter() < deadline:
                works[index]()
                done[index] += 1
        except BaseException as error:
            failures.append(error)

    threads = [Thread(target=repeat, args=(index,)) for index in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return sum(done)


def in_processes(
    prepare: Callable[..., Callable[[], Any]], arguments: Sequence[tuple[Any, ...]]
) -> tuple[list[Any], float]:
    """What `prepare(*each)` gives is run in a process each, all begun at once.

    Returns what they returned, in no order, and the seconds until the last had done. Processes are
    spawned: a fork would inherit connections. Raises Failed.
    """
    spawning = get_context("spawn")
    line, said = spawning.Barrier(len(arguments) + 1), spawning.Queue()
    processes = [
        spawning.Process(target=_take_part, args=(prepare, each, line, said), daemon=True)
        for each in arguments
    ]
    for process in processes:
        process.start()
    try:
        _wait(line)
        began = time.perf_counter()
        answers = [said.get(timeout=PATIENCE_S) for _ in processes]
        seconds = time.perf_counter() - began
    finally:
        for process in processes:
            process.join(PATIENCE_S)
    failed = [words for words, _ in answers if words]
    if failed:
        raise Failed("; ".join(failed))
    return [answer for _, answer in answers], seconds


def _take_part(
    prepare: Callable[..., Callable[[], Any]], arguments: tuple[Any, ...], line: Barrier, said: Any
) -> None:
    try:
        work = prepare(*arguments)
        line.wait(PATIENCE_S)
        said.put((None, work()))
    except BrokenBarrierError:
        said.put(("another one failed", None))
    except BaseException:
        line.abort()
        said.put((format_exc(), None))


def _wait(line: Barrier) -> None:
    with suppress(BrokenBarrierError):  # who broke it says why
        line.wait(PATIENCE_S)
