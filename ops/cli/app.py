"""The command `sogoc` itself, and what its commands have in common."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated

import typer

from domain.errors import InvalidValue
from ops.cli.output import Format
from ops.settings import Settings
from ops.wiring import Wiring, opened
from services.reading import LOCAL, Reading

app = typer.Typer(
    name="sogoc",
    help="Sổ Gốc: the register of record of Party organisations.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def read_day(text: str | date) -> date:
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day such as 2025-07-01") from None


def read_known_at(text: str | int | datetime) -> int | datetime:
    """A position of the log, or a time; a time without a zone is in Asia/Ho_Chi_Minh."""
    if not isinstance(text, str):
        return text
    if text.isdecimal():
        return int(text)
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        words = f"{text!r} is neither a position nor a time such as 2025-07-01T08:00"
        raise typer.BadParameter(words) from None
    return time if time.tzinfo else time.replace(tzinfo=LOCAL)


ValidAt = Annotated[
    date | None,
    typer.Option(parser=read_day, metavar="DAY", help="As it was on that day; today if left out."),
]
KnownAt = Annotated[
    int | None,
    typer.Option(
        parser=read_known_at,
        metavar="POSITION|TIME",
        help="As it was known then; all that is known if left out.",
    ),
]
As = Annotated[
    Format | None,
    typer.Option("--format", help="How to write; a table to a terminal, else csv."),
]


def settings() -> Settings:
    """Of this process. Raises InvalidValue."""
    try:
        return Settings.from_environment(os.environ)
    except ValueError as error:
        raise InvalidValue(str(error), field="environment") from None


@contextmanager
def register() -> Iterator[Wiring]:
    """The register that the environment names."""
    with opened(settings()) as wiring:
        yield wiring


@contextmanager
def reading(
    valid_at: date | None = None, known_at: int | datetime | None = None
) -> Iterator[Reading]:
    """The read models at a point in both times, brought level with the log first."""
    with register() as wiring:
        wiring.project()
        with wiring.readings.at(valid_at, known_at) as found:
            yield found
