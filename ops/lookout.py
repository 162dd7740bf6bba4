"""Finding out, now and then, what is dear to find out or may hang."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Condition, Thread
from typing import Generic, TypeVar

import structlog

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Lookout(Generic[T]):
    """Asks `look` in a thread of its own, once at a time, when its answer is older than `keep_s`.

    Whoever wants to know waits `patience_s` at most, however many do and however long it takes.
    """

    def __init__(
        self,
        look: Callable[[], T],
        *,
        keep_s: float = 5.0,
        stale_s: float = 15.0,
        patience_s: float = 2.0,
    ) -> None:
        self._look, self._keep_s, self._stale_s = look, keep_s, stale_s
        self._patience_s = patience_s
        self._changed = Condition()
        self._looking = False
        self._last: tuple[float, T] | None = None

    def found(self) -> T | None:
        """The last answer; None: there is none that is younger than `stale_s`."""
        with self._changed:
            if self._younger_than(self._keep_s) is None:
                self._begin()
                self._changed.wait_for(lambda: not self._looking, self._patience_s)
            return self._younger_than(self._stale_s)

    def _younger_than(self, seconds: float) -> T | None:
        if self._last is None or time.monotonic() - self._last[0] > seconds:
            return None
        return self._last[1]

    def _begin(self) -> None:
        if not self._looking:
            self._looking = True
            # The end of the process does not wait for it: it may hang.
            Thread(target=self._find, name="lookout", daemon=True).start()

    def _find(self) -> None:
        found: T | None = None
        try:
            found = self._look()
        except Exception as error:  # whatever it is, the next look may succeed
            log.warning("lookout.failed", error=f"{type(error).__name__}: {error}")
        with self._changed:
            self._looking = False
            if found is not None:
                self._last = time.monotonic(), found
            self._changed.notify_all()
