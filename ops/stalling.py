"""Saying once that the follower stands still, and once that it goes on.

It cannot say so itself: it waits for a lock, or sits in a batch that does not end.
"""

from __future__ import annotations

from typing import Protocol

import structlog

log = structlog.get_logger(__name__)


class Follows(Protocol):
    """What is asked of a follower."""

    @property
    def position(self) -> int: ...

    @property
    def idle_s(self) -> float: ...


class Stalling:
    """Asked now and then, by one thread. Who finds that there is nothing to do gets on, too."""

    def __init__(self, follower: Follows, limit_s: float) -> None:
        self._follower, self._limit_s = follower, limit_s
        self._longest_s: float | None = None  # None: it gets on

    def look(self) -> None:
        """Log what has changed since the last look."""
        idle_s, position = self._follower.idle_s, self._follower.position
        if idle_s > self._limit_s:
            if self._longest_s is None:
                log.error("follower.stalled", position=position, idle_s=round(idle_s, 1))
            self._longest_s = idle_s
        elif self._longest_s is not None:
            stalled_s = round(self._longest_s, 1)
            log.warning("follower.goes_on", position=position, stalled_s=stalled_s)
            self._longest_s = None
