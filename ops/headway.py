"""How a follower gets on: when it last moved, and how fast it is."""

from __future__ import annotations

import time
from collections.abc import Callable

WINDOW_S = 30.0
STEP_S = 1.0  # between two steps that are remembered


class Headway:
    """Told by the follower's thread, asked by any other one. `clock` counts seconds, from anywhere.

    Whoever is level has got on as well: there was nothing to do. Who waits for a lock, or sits in a
    batch that does not end, has not.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._advanced_at = clock()
        self._steps: tuple[tuple[float, int], ...] = ()  # replaced, never changed: others read it

    def got_on(self, position: int) -> None:
        """That position is reached now, or still the last one there is."""
        now = self._clock()
        *older, last = self._steps or ((now, position),)
        steps = [step for step in older if step[0] > now - WINDOW_S]
        if not steps or last[0] >= steps[-1][0] + STEP_S:
            steps.append(last)
        self._steps = (*steps, (now, position))
        self._advanced_at = now

    @property
    def idle_s(self) -> float:
        """Seconds since it last moved or was level."""
        return self._clock() - self._advanced_at

    @property
    def rate(self) -> float:
        """Events a second of the last half minute; 0: it does not move, or has just begun."""
        if not self._steps:
            return 0.0
        (began_at, first), (_, last) = self._steps[0], self._steps[-1]
        passed_s = self._clock() - began_at
        return max(last - first, 0) / passed_s if passed_s > 0 else 0.0
