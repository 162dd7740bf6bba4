"""`sogoc import`: record the reorganisation of 1 July 2025 from a folder of lists."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from ops.cli.app import app, register
from ops.cli.stopping import resumable
from ops.companion import Companion, companion
from ops.wiring import Wiring
from services.reorganisation import Imported, InputRefused, checked, record, shipped
from services.reorganisation.reading import Lists

FOLDER = typer.Argument(
    exists=True, file_okay=False, help="Folder of the lists; those that are shipped if left out."
)
YOUNG_MAX = 50_000  # objects


@app.command("import")
def import_(folder: Annotated[Path | None, FOLDER] = None) -> None:
    """Record the reorganisation of 1 July 2025.

    Checks all lists first and records nothing when anything in them contradicts. May be stopped
    and run again: what is recorded stays recorded, and the same input records nothing twice.
    """
    lists = checked_or_exit(folder)
    with resumable(), register(migrating=True) as wiring, bars() as progress:
        imported = record_and_project(wiring, lists, progress)
    typer.echo(told(imported))


def checked_or_exit(folder: Path | None) -> Lists:
    """The lists; when they contradict themselves every finding is told, and the command ends."""
    try:
        return checked(folder or shipped())
    except InputRefused as refused:
        for finding in refused.findings:
            typer.echo(str(finding), err=True)
        typer.echo(f"sogoc: {refused.detail}", err=True)
        raise typer.Exit(1) from None


def record_and_project(wiring: Wiring, lists: Lists, progress: Progress) -> Imported:
    """Both with a bar, and at once while there is much to do. Raises RegisterError."""
    with abreast(wiring, progress) as both:
        return record(wiring.register, lists, both.show)


class Abreast:
    """Bars of what is recorded, and of how far the read models have come."""

    def __init__(self, wiring: Wiring, progress: Progress, helper: Companion | None) -> None:
        self._wiring, self._progress, self._helper = wiring, progress, helper
        self._recording = progress.add_task("Recording", total=None, what="")
        self._projecting = progress.add_task("Projecting", total=None, what="")

    def show(self, done: int, total: int, words: str) -> None:
        """So much is recorded, and what comes next."""
        self._progress.update(self._recording, completed=done, total=total, what=words)
        if self._helper is not None:
            self._progress.update(self._projecting, what=_at(self._helper.look()))

    def level(self) -> None:
        """Bring the read models level, together with the second process as long as it is there."""
        head = self._wiring.register.store.position()
        self._progress.update(self._projecting, total=head)
        for position in self._helper.level(head) if self._helper else ():
            self._reached(position)
        self._reached(self._wiring.project(self._reached))

    def _reached(self, position: int) -> None:
        self._progress.update(self._projecting, completed=position, what=_at(position))


@contextmanager
def abreast(wiring: Wiring, progress: Progress) -> Iterator[Abreast]:
    """What is recorded inside is in the read models when it ends.

    An empty register has much before it: then a second process projects beside the first.
    """
    is_empty = wiring.register.store.position() == 0
    with companion(wiring) if is_empty else nullcontext() as helper, fewer_collections():
        both = Abreast(wiring, progress, helper)
        yield both
        both.level()


def _at(position: int) -> str:
    return f"position {position:,}"


@contextmanager
def fewer_collections() -> Iterator[None]:
    """Much is made and soon dropped here, hardly anything in circles: look for those less often.

    A quarter of the time of an import went into looking.
    """
    before = gc.get_threshold()
    gc.set_threshold(YOUNG_MAX, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def bars() -> Progress:
    """Progress on the standard error; nothing of it unless that is a terminal."""
    return Progress(
        TextColumn("{task.description:<11}"),
        BarColumn(bar_width=40),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[what]}"),
        console=Console(stderr=True),
    )


def told(imported: Imported) -> str:
    """The outcome in a line."""
    if not imported.transactions_new:
        return f"Nothing new: all {imported.transactions} transactions are in the log already."
    return (
        f"Recorded {imported.transactions_new} of {imported.transactions} transactions;"
        f" the log is at position {imported.position:,}."
    )
