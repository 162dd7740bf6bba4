"""A second process that projects while the first one records: two cores, half the time.

Nothing depends on it: whatever it has not done when it is gone, the first process does. When the
first one needs them level, each of them takes half of the views: what is left is over sooner.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import Event

from ops.settings import Settings
from ops.wiring import Wiring, open_register
from projections.engine.view import View

LEFT_TO_US = {"holdings", "organisations", "units", "memberships"}
"""Half of the rows, by name: the audit trail alone costs about as much. Marks are a view's own."""

PAUSE_S = 0.2
AT_ONCE = 4_000  # events: many small batches would take the first one's time
STOP_S = 10


class Companion:
    """What the first process knows of the second."""

    def __init__(self, wiring: Wiring, pipe: Connection) -> None:
        self._wiring, self._pipe = wiring, pipe
        self._began = wiring.register.store.position()
        self.position = 0  # that all views have reached, as last told

    def look(self) -> int:
        """Take in what was told since; returns the position."""
        with suppress(EOFError, OSError):
            while self._pipe.poll():
                self.position = self._pipe.recv()
        return self.position

    def level(self, head: int) -> Iterator[int]:
        """Come to `head` together; yields the second one's positions on the way there.

        Raises what Wiring.project raises; of what stops the second one, nothing.
        """
        self._wiring.followed += head - self._began  # by the two of us
        self._began = head
        over = Event()
        with ThreadPoolExecutor(1) as beside:
            ours = beside.submit(
                self._wiring.project,
                stop=over.is_set,
                views=_half(self._wiring, True),
                batch=AT_ONCE,
            )
            try:
                yield from self._told(head)
                ours.result()
            finally:
                over.set()  # who presses Ctrl-C waits for a batch at most

    def _told(self, head: int) -> Iterator[int]:
        with suppress(EOFError, OSError):
            self._pipe.send(head)
            while self.position < head:
                self.position = self._pipe.recv()
                yield self.position


@contextmanager
def companion(wiring: Wiring) -> Iterator[Companion]:
    """Projects what is recorded inside the block, until the block ends."""
    spawning = get_context("spawn")  # a fork would inherit our connections
    ours, its = spawning.Pipe()
    process = spawning.Process(
        target=_project, args=(wiring.settings, wiring.dsn, its), name="projecting", daemon=True
    )
    process.start()
    its.close()
    try:
        yield Companion(wiring, ours)
    finally:
        ours.close()
        process.join(STOP_S)
        process.terminate()


def _project(settings: Settings, dsn: str, pipe: Connection) -> None:
    """In the second process: ends when the first one is gone, or has closed the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the first one to answer
    wiring = Wiring(settings, dsn, open_register(settings, dsn))
    with suppress(EOFError, OSError):
        reached = 0
        while True:
            if pipe.poll(PAUSE_S):
                pipe.recv()
                reached = wiring.project(pipe.send, views=_half(wiring, False), batch=AT_ONCE)
                pipe.send(reached)
            elif (head := wiring.register.store.position()) - reached >= AT_ONCE:
                reached = wiring.project(pipe.send, pipe.poll, up_to=head, batch=AT_ONCE)
    wiring.close()


def _half(wiring: Wiring, ours: bool) -> Sequence[View]:
    """Of the views: those of the first process, or those of the second."""
    return [view for view in wiring.views if (view.name in LEFT_TO_US) == ours]
