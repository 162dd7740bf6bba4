"""The command `sogoc` itself, and what its commands have in common."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from domain.errors import InvalidValue, NotFound
from ops.cli.arranging import Arranged
from ops.cli.output import Format
from ops.migrate import NotMigrated
from ops.settings import Settings
from ops.wiring import Wiring, opened

EMPTY = "The register is empty: run `sogoc demo` or `sogoc import` first"

app = typer.Typer(
    name="sogoc",
    cls=Arranged,
    help="Sổ Gốc: the register of record of Party organisations.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

As = Annotated[
    Format | None,
    typer.Option("--format", help="How to write; a table to a terminal, else csv."),
]
Prose = Annotated[
    Format | None,
    typer.Option("--format", help="How to write; in words if left out (table is the same)."),
]
Limit = Annotated[int | None, typer.Option(min=1, help="At most so many; all if left out.")]


def settings() -> Settings:
    """Of this process. Raises InvalidValue."""
    try:
        return Settings.from_environment(os.environ)
    except ValueError as error:
        raise InvalidValue(str(error), field="environment") from None


@contextmanager
def register(*, migrating: bool = False) -> Iterator[Wiring]:
    """The register that the environment names; with `migrating` its tables are made up to date.

    Raises NotFound when it was never made, NotMigrated when another release made it.
    """
    chosen = settings()
    if not migrating:
        _refuse_to_make(chosen)
    try:
        with opened(chosen, migrating=migrating) as wiring:
            yield wiring
    except NotMigrated as error:
        if error.applied:
            raise
        raise NotFound(EMPTY) from None


def _refuse_to_make(chosen: Settings) -> None:
    """Asking makes no server of its own, which a slip in SOGOC_DATA would call for."""
    if chosen.dsn is None and not chosen.data.is_dir():
        raise NotFound(f"There is no register in {chosen.data}: run `sogoc demo` or `sogoc import`")
