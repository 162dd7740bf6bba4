"""How much memory this process and its children hold, seen from /proc. PostgreSQL is no child."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

LOOK_S = 0.2
MEGABYTE = 1_000_000
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Peak:
    """The most that was seen, in bytes; what processes share is counted for each."""

    size: int = 0

    def look(self) -> None:
        self.size = max(self.size, resident())


@contextmanager
def watched() -> Iterator[Peak]:
    """Look now and then for as long as the block lasts."""
    peak, ended = Peak(), Event()

    def watch() -> None:
        while not ended.wait(LOOK_S):
            peak.look()

    thread = Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        ended.set()
        thread.join()
        peak.look()


def resident() -> int:
    """Bytes that this process and all below it hold now."""
    children, sizes = defaultdict[int, list[int]](list), dict[int, int]()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        process = int(stat.parent.name)
        children[int(fields[1])].append(process)
        sizes[process] = int(fields[21]) * PAGE_BYTES
    found, ahead = 0, [os.getpid()]
    while ahead:
        process = ahead.pop()
        found += sizes.get(process, 0)
        ahead += children[process]
    return found
