"""A process that appends: python -m tests.store.writer WAY DSN SCHEMA [SEED].

`hammer`: many threads append to a few streams that others append to as well; prints what became of
each append. `halt`: one append by COPY that says "halfway" in
its middle and goes no further. `interrupt`: the main thread leads and says so when three others
wait behind it; it is to be interrupted; then prints how many of the others recorded.
"""

from __future__ import annotations

import random
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from ops.store import Recorder
from ops.store.writer import Writer
from services.store import NO_TERMS, GuardMoved, HeadMoved, KeyMoved, Terms
from tests.store.events import event, life, new_stream, opened

THREADS, APPENDS, STREAMS = 32, 12, 6
HALF = 1_000


def hammer(log: Recorder, seed: int) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        for lines in pool.map(lambda n: _appends(log, random.Random(seed + n)), range(THREADS)):
            print(*lines, sep="\n", flush=True)


def _appends(log: Recorder, chance: random.Random) -> list[str]:
    """Append at the heads as they look now; others may be quicker."""
    streams = [UUID(int=n + 1) for n in range(STREAMS)]
    return [_append(log, chance, streams) for _ in range(APPENDS)]


def _append(log: Recorder, chance: random.Random, streams: list[UUID]) -> str:
    """What the record says, how many events, and the first and last position; 0: refused."""
    written, read = chance.sample(streams, 2)
    heads = log.heads([written, read])
    first = heads.get(written, 0) + 1
    size = 350 if chance.random() < 0.02 else chance.randint(1, 3)
    key = f"key:{chance.randint(1, 9)}"
    seen = log.keyed([key]).get(key, (0, []))[0]
    terms = Terms(guards={read: heads.get(read, 0)}, keys=[(0, key)], conditions={key: seen})
    told = f"{chance.getrandbits(64):x}"
    try:
        stored = life(written, first, first + size - 1, told.encode())
        appended = log.append(stored, terms if chance.random() < 0.5 else NO_TERMS)
    except (HeadMoved, GuardMoved, KeyMoved):
        return f"{told} {size} 0 0"
    return f"{told} {size} {appended.first} {appended.last}"


class Halfway(bytes):
    """A record at which its writer stops for good, once its place is known."""

    def replace(self, *args: object) -> bytes:
        print("halfway", flush=True)
        time.sleep(3600)
        raise AssertionError


def halt(log: Recorder) -> None:
    stream = UUID(int=2**100)
    last = StoredEvent(stream, HALF + 1, "organisation.renamed", Halfway(b"{}"))
    log.append([*life(stream, 1, HALF), last])


def interrupt(log: Recorder) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with ThreadPoolExecutor(4) as pool:
        pool.submit(_announce, log.datastore.writer)
        others = [pool.submit(_append_behind, log) for _ in range(3)]
        try:
            log.append([event(new_stream())])
        except KeyboardInterrupt:
            print("interrupted", flush=True)
    print(sum(other.result() for other in others), "recorded")


def _announce(writer: Writer) -> None:
    while writer.waiting < 3:
        time.sleep(0.01)
    print("leading", flush=True)


def _append_behind(log: Recorder) -> int:
    while not log.datastore.writer.led:
        time.sleep(0.01)
    appended = log.append([event(new_stream())])
    return appended.last - appended.first + 1


WAYS: dict[str, Callable[..., None]] = {"hammer": hammer, "halt": halt, "interrupt": interrupt}


def main(way: str, dsn: str, schema: str, *seed: str) -> None:
    with opened(dsn, schema) as log:
        WAYS[way](log, *map(int, seed))


if __name__ == "__main__":
    main(*sys.argv[1:])
