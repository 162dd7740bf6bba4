"""A process that appends: python -m tests.store.writer WAY DSN SCHEMA [SEED].

`hammer`: several threads append to a few streams that others append to as well; prints how many
appends were recorded and how many refused. `halt`: one append by COPY that says "halfway" in its
middle and goes no further.
"""

from __future__ import annotations

import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from ops.store import Recorder
from services.store import GuardMoved, HeadMoved, KeyMoved, Terms
from tests.store.events import event, life, opened

THREADS, APPENDS, STREAMS = 4, 60, 6
HALF = 1_000


def hammer(log: Recorder, seed: int) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        recorded = sum(pool.map(lambda n: _appends(log, random.Random(seed + n)), range(THREADS)))
    print(recorded, THREADS * APPENDS - recorded, flush=True)


def _appends(log: Recorder, chance: random.Random) -> int:
    """Append at the heads as they look now; others may be quicker. Return how often it worked."""
    streams = [UUID(int=n + 1) for n in range(STREAMS)]
    return sum(_append(log, chance, streams) for _ in range(APPENDS))


def _append(log: Recorder, chance: random.Random, streams: list[UUID]) -> bool:
    written, read = chance.sample(streams, 2)
    heads = log.heads([written, read])
    first = heads.get(written, 0) + 1
    size = 350 if chance.random() < 0.05 else chance.randint(1, 3)
    key = f"key:{chance.randint(1, 3)}"
    seen = log.keyed([key]).get(key, (0, []))[0]
    terms = Terms(guards={read: heads.get(read, 0)}, keys=[(0, key)], conditions={key: seen})
    try:
        log.append(life(written, first, first + size - 1), terms)
    except (HeadMoved, GuardMoved, KeyMoved):
        return False
    return True


class Halfway(StoredEvent):
    """An event at which its writer stops for good."""

    def __getattribute__(self, name: str) -> object:
        if name == "state":
            print("halfway", flush=True)
            time.sleep(3600)
        return super().__getattribute__(name)


def halt(log: Recorder) -> None:
    stream = UUID(int=2**100)
    ordinary = event(stream, HALF + 1)
    last = Halfway(stream, HALF + 1, ordinary.topic, ordinary.state)
    log.append([*life(stream, 1, HALF), last])


def main(way: str, dsn: str, schema: str, seed: str = "0") -> None:
    with opened(dsn, schema) as log:
        if way == "hammer":
            hammer(log, int(seed))
        else:
            halt(log)


if __name__ == "__main__":
    main(*sys.argv[1:])
