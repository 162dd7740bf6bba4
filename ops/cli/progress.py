"""How far long work is, on the standard error: a bar on a terminal, else lines now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from projections.rebuilding.rebuild import Progress as Rebuilding

LINES_S = 10.0  # between two lines

Show = Callable[[int, int], None]
"""Told how much is done, of how much."""


class Course:
    """Shows what it is told of a rebuild; `last` is what it was told last."""

    def __init__(self, show: Callable[[Rebuilding], None]) -> None:
        self._show = show
        self.last: Rebuilding | None = None

    def __call__(self, to: Rebuilding) -> None:
        self.last = to
        self._show(to)


@contextmanager
def bar(what: str) -> Iterator[Show]:
    """One bar; it goes away when all is done."""
    with _bar(TextColumn("left"), TimeRemainingColumn()) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, of: progress.update(task, completed=done, total=of)


@contextmanager
def rebuilding() -> Iterator[Course]:
    """A bar with the pace and the time that is left; without a terminal lines now and then."""
    if not sys.stderr.isatty():
        yield Course(_Lines())
        return
    with _bar(TextColumn("{task.fields[pace]}")) as progress:
        task = progress.add_task("Rebuilding", total=None, pace="")

        def show(to: Rebuilding) -> None:
            what = f"{to.step.capitalize()} {', '.join(to.views)}"
            progress.update(
                task, description=what, completed=to.done, total=to.of or None, pace=_pace(to)
            )

        yield Course(show)


def _bar(*more: ProgressColumn) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=40),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        *more,
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


class _Lines:
    """A line when a stage begins, and now and then while it lasts."""

    def __init__(self) -> None:
        self._stage: tuple[str, tuple[str, ...]] | None = None
        self._next = 0.0

    def __call__(self, to: Rebuilding) -> None:
        stage, now = (to.step, to.views), time.monotonic()
        if stage == self._stage and now < self._next:
            return
        self._stage, self._next = stage, now + LINES_S
        typer.echo(in_words(to), err=True)


def in_words(to: Rebuilding) -> str:
    """laying out units, audit: 12,000 of 49,747 events, 9,000/s, 2 processes, 0:04 left"""
    how_far = f": {to.done:,} of {to.of:,} events" if to.of else ""
    pace = _pace(to)
    return f"{to.step} {', '.join(to.views)}{how_far}" + (f", {pace}" if pace else "")


def _pace(to: Rebuilding) -> str:
    if to.left_s is None:
        return ""
    processes = f", {to.processes} processes" if to.processes > 1 else ""
    return f"{to.events_per_s:,.0f}/s{processes}, {_time(to.left_s)} left"


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
