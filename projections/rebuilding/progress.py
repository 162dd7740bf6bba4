"""How far a rebuild has come, and when it will be done."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple


class Progress(NamedTuple):
    """One step of a rebuild, for these views together."""

    views: tuple[str, ...]
    step: str  # "laying out", "indexing", "following", "comparing", "switching"
    done: int  # events, or the position while following
    of: int
    events_per_s: float = 0.0  # of this run; 0: not known yet
    left_s: float | None = None  # of this step, at that pace; None: not known
    processes: int = 1  # at work


Tell = Callable[[Progress], None]


class Meter:
    """Measures the pace of laying out from where this run began."""

    def __init__(self, views: Sequence[str], done: int, of: int) -> None:
        self._views, self._begun, self.goal = tuple(views), done, of
        self._since = time.monotonic()

    def at(self, done: int, processes: int) -> Progress:
        pace = (done - self._begun) / max(time.monotonic() - self._since, 1e-6)
        left_s = (self.goal - done) / pace if pace else None
        return Progress(self._views, "laying out", done, self.goal, pace, left_s, processes)
