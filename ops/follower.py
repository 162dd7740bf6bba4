"""Keeping the read models level with the log, in the background of a service.

A thread is woken by the log's NOTIFY, looks by itself every second as well, and goes on after an
error: what went wrong last is kept for readiness to show, and how it gets on. A view that cannot go
on is tried again from time to time; the others are kept level meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Condition, Event, Thread
from typing import Protocol

import psycopg
import structlog
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from ops.headway import Headway
from ops.stalling import Stalling
from projections.engine.faults import ViewStopped, in_one
from projections.engine.following import Memory, attend, create
from projections.engine.view import Source, View

POLL_S = 1.0  # a NOTIFY is lost with its connection; nothing waits longer than this for it
SLICE_S = 0.2  # how soon a stop is seen
RETRY_S = 1.0
RETRY_STOPPED_S = 5.0  # a view that cannot go on costs a batch each time it is tried

log = structlog.get_logger(__name__)


class Watch(Protocol):
    """Told of what the follower does, in its thread. Be quick; never raise."""

    def followed(self, events: int, seconds: float) -> None:
        """A batch of so many events was taken in."""


class Unwatched:
    """Nobody looks."""

    def followed(self, events: int, seconds: float) -> None: ...


class Follower:
    """Runs the engine of the views. `position` is what all that go on have reached."""

    def __init__(
        self,
        dsn: str,
        schema: str,
        source: Source,
        views: Sequence[View],
        revive: Callable[[], None] = lambda: None,
        stall_limit_s: float = 30.0,
    ) -> None:
        """`revive` is called after each failure: it may start a server that is gone.

        Whoever has not got on for longer than `stall_limit_s` stalls, and the log says so.
        """
        self._dsn, self._schema, self._source, self._views = dsn, schema, source, views
        self._revive, self._failures = revive, 0
        self._moved = Condition()
        self._stopping = Event()
        self._listeners: list[Callable[[int], None]] = []
        self._thread = Thread(target=self._run, name="follower", daemon=True)
        self._watcher = Thread(target=self._watch, name="follower-watch", daemon=True)
        self._stalling = Stalling(self, stall_limit_s)
        self.position = 0
        self.error: str | None = None  # of the last attempt; None: all is well
        self.stopped: str | None = None  # names of the views that cannot go on, with commas
        self.stopped_views: frozenset[str] = frozenset()
        self.watch: Watch = Unwatched()
        self._stopped: dict[str, ViewStopped] = {}
        self._headway = Headway()

    def start(self) -> None:
        self._thread.start()
        self._watcher.start()

    def stop(self) -> None:
        """Returns when the batch at hand is done."""
        self._stopping.set()
        with self._moved:
            self._moved.notify_all()
        self._thread.join()
        self._watcher.join()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def idle_s(self) -> float:
        """Seconds since it last took something in, or found that there was nothing to take in."""
        return self._headway.idle_s

    @property
    def rate(self) -> float:
        """Events a second that it has taken in of late."""
        return self._headway.rate

    def wait(self, after: int, timeout_s: float) -> int:
        """The position, as soon as it is beyond `after`, or when the time is up."""
        with self._moved:
            self._moved.wait_for(
                lambda: self.position > after or self._stopping.is_set(), timeout_s
            )
            return self.position

    def listen(self, listener: Callable[[int], None]) -> Callable[[], None]:
        """Call `listener` with each new position, from the follower's thread; returns the undoing.

        It must not block; `loop.call_soon_threadsafe` is what an asyncio reader passes on.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _watch(self) -> None:
        """In a thread beside it."""
        while not self._stopping.wait(SLICE_S):
            self._stalling.look()

    # In the thread

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with psycopg.connect(self._dsn, autocommit=True) as connection:
                    self._follow_until_stopped(connection)
            except Exception as error:  # whatever it is, the next attempt may succeed
                self._fail(error)
                self._stopping.wait(RETRY_S)

    def _fail(self, error: Exception) -> None:
        """Told with its traceback once, as long as it is the same kind of failure."""
        known = self.error is not None and self.error.startswith(type(error).__name__)
        self._failures = self._failures + 1 if known else 1
        self.error = f"{type(error).__name__}: {error}"
        log.error("follower.failed", error=self.error, times=self._failures, exc_info=not known)
        try:
            self._revive()
        except Exception as failure:
            log.warning("server.not_revived", error=str(failure))

    def _follow_until_stopped(self, connection: Connection) -> None:
        for view in self._views:
            create(connection, self._schema, view)
        connection.execute(SQL("LISTEN {}").format(Identifier(self._schema)))
        retry_at, memory = 0.0, Memory()
        while not self._stopping.is_set():
            if time.monotonic() >= retry_at:
                self._stopped, retry_at = {}, time.monotonic() + RETRY_STOPPED_S
            self._attend(connection, memory)
            self._sleep(connection)

    def _attend(self, connection: Connection, memory: Memory) -> None:
        """Bring the views level, but for those that have stopped and are not yet tried again."""
        done = attend(
            connection,
            self._schema,
            self._source,
            [view for view in self._views if view.name not in self._stopped],
            progress=self._got_on,
            stop=self._stopping.is_set,
            memory=memory,
            took=lambda events, seconds: self.watch.followed(events, seconds),
        )
        for view, parked in done.parked:
            told = {"stream": str(parked.stream), "position": parked.position, "step": parked.step}
            log.error("follower.stream_parked", view=view, **told)
        self._stopped |= done.stopped
        self.stopped_views = frozenset(self._stopped)
        self._note(in_one(self._stopped.values()))
        if done.reached:
            self._got_on(min(done.reached.values()))

    def _note(self, fault: ViewStopped | None) -> None:
        error = f"{type(fault).__name__}: {fault}" if fault else None
        if fault and error != self.error:
            log.error("follower.view_stopped", view=fault.view, error=error)
        self.error, self.stopped = error, fault.view if fault else None

    def _sleep(self, connection: Connection) -> None:
        """Until there is news, or it is time to look."""
        deadline = time.monotonic() + POLL_S
        while not self._stopping.is_set() and time.monotonic() < deadline:
            if any(True for _ in connection.notifies(timeout=SLICE_S, stop_after=1)):
                return

    def _got_on(self, position: int) -> None:
        self._headway.got_on(position)
        self._tell(position)

    def _tell(self, position: int) -> None:
        if position == self.position:
            return
        with self._moved:
            self.position = position
            self._moved.notify_all()
        for listener in tuple(self._listeners):
            listener(position)
