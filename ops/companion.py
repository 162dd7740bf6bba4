"""A second process that projects while the first one records: two cores, half the time.

Nothing depends on it: whatever it has not done when it is gone, the first process does.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection

from ops.settings import Settings
from ops.wiring import Wiring, open_register

PAUSE_S = 0.2
AT_ONCE = 4_000  # events: many small batches would take the first one's time
STOP_S = 10


class Companion:
    """What the first process knows of the second."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.position = 0  # that all views have reached, as last told

    def look(self) -> int:
        """Take in what was told since; returns the position."""
        with suppress(EOFError, OSError):
            while self._pipe.poll():
                self.position = self._pipe.recv()
        return self.position

    def finish(self, head: int) -> Iterator[int]:
        """Let it come to `head` and end; yields the positions on the way there."""
        with suppress(EOFError, OSError):
            self._pipe.send(head)
            while self.position < head:
                self.position = self._pipe.recv()
                yield self.position


@contextmanager
def companion(wiring: Wiring) -> Iterator[Companion]:
    """Projects what is recorded inside the block, until it is told to finish or the block ends."""
    spawning = get_context("spawn")  # a fork would inherit our connections
    ours, its = spawning.Pipe()
    process = spawning.Process(
        target=_project, args=(wiring.settings, wiring.dsn, its), name="projecting", daemon=True
    )
    process.start()
    its.close()
    try:
        yield Companion(ours)
    finally:
        ours.close()
        process.join(STOP_S)
        process.terminate()


def _project(settings: Settings, dsn: str, pipe: Connection) -> None:
    """In the second process: ends at the head it is told, or when the first one is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the first one to answer
    wiring = Wiring(settings, dsn, open_register(settings, dsn))
    with suppress(EOFError, OSError):
        reached = 0
        while not pipe.poll(PAUSE_S):
            head = wiring.register.store.position()
            if head - reached >= AT_ONCE:
                reached = wiring.project(pipe.send, stop=pipe.poll, up_to=head)
        pipe.recv()
        pipe.send(wiring.project(pipe.send))
    wiring.close()
