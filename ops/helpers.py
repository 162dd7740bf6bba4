"""Other processes for long work: how each of them opens the log for itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from ops.settings import Settings
from ops.wiring import Wiring, open_register
from projections.engine.view import Source
from projections.rebuilding.rebuild import Helpers
from services.record import to_event


def cores() -> int:
    """That this process may use."""
    return len(os.sched_getaffinity(0))


def helpers(wiring: Wiring, processes: int) -> Helpers:
    """All but this one, of so many processes."""
    return Helpers(partial(_opened, wiring.settings, wiring.dsn), processes - 1)


@contextmanager
def _opened(settings: Settings, dsn: str) -> Iterator[Source]:
    """In the other process; the server is held by the first one."""
    register = open_register(settings, dsn)
    try:
        yield Source(register.store, to_event)
    finally:
        register.close()
