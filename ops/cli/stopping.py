"""Ending in order: what Ctrl-C does, SIGTERM and the end of the terminal do as well.

Nothing else would leave the embedded server running, without anybody who holds it.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

ENDING = (signal.SIGTERM, signal.SIGHUP)


def end_in_order() -> None:
    """From now on these signals raise KeyboardInterrupt, unless they are ignored (`nohup`)."""
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


@contextmanager
def resumable() -> Iterator[None]:
    """Say of what is stopped in here that nothing is lost."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo("What is recorded stays; run it again and it goes on from there.", err=True)
        raise
