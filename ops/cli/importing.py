"""`sogoc import`: record the reorganisation of 1 July 2025 from a folder of lists."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from ops.cli.app import app, register
from ops.wiring import Wiring
from services.register import Register
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
    with register() as wiring, bars() as progress:
        imported = record_with_bar(wiring.register, lists, progress)
        project_with_bar(wiring, progress)
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


def record_with_bar(register: Register, lists: Lists, progress: Progress) -> Imported:
    """Raises RegisterError."""
    task = progress.add_task("Recording", total=None, what="")

    def show(done: int, total: int, words: str) -> None:
        progress.update(task, completed=done, total=total, what=words)

    with fewer_collections():
        return record(register, lists, show)


def project_with_bar(wiring: Wiring, progress: Progress) -> int:
    """Bring the views level with the log; return the position."""
    head = wiring.register.store.position()
    task = progress.add_task("Projecting", total=head, what="")

    def show(position: int) -> None:
        progress.update(task, completed=position, what=f"position {position:,}")

    with fewer_collections():
        reached = wiring.project(show)
    progress.update(task, completed=head, what=f"position {reached:,}")
    return reached


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
