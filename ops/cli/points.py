"""Days and points in both times, as they are typed: 2025-07-01, 01/07/2025, 2025-07-01@49747."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, NamedTuple

import typer

from services.reading import LOCAL

_OFFICIAL = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)


class TypedPoint(NamedTuple):
    """A day, and how much is known: a position, a time, or None for everything."""

    day: date
    known_at: int | datetime | None


def read_day(text: str | date) -> date:
    """2025-07-01, or 01/07/2025 as Vietnamese documents write it."""
    if isinstance(text, date):
        return text
    found = _OFFICIAL.fullmatch(text.strip())
    try:
        if found:
            day, month, year = map(int, found.groups())
            return date(year, month, day)
        return date.fromisoformat(text.strip())
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day such as 2025-07-01 or 01/07/2025") from None


def read_time(text: str | datetime) -> datetime:
    """A time; without a zone it is in Asia/Ho_Chi_Minh, and a day alone is its beginning."""
    if isinstance(text, datetime):
        return text
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        try:
            time = datetime.combine(read_day(text), datetime.min.time())
        except typer.BadParameter:
            words = f"{text!r} is no time such as 2025-07-01T08:00"
            raise typer.BadParameter(words) from None
    return time if time.tzinfo else time.replace(tzinfo=LOCAL)


def read_known_at(text: str | int | datetime) -> int | datetime:
    """A position of the log, or a time."""
    if not isinstance(text, str):
        return text
    if text.isascii() and text.isdecimal():
        return int(text)
    try:
        return read_time(text)
    except typer.BadParameter:
        words = f"{text!r} is neither a position nor a time such as 2025-07-01T08:00"
        raise typer.BadParameter(words) from None


def read_point(text: str | TypedPoint) -> TypedPoint:
    """A day, and after an @ what is known there."""
    if isinstance(text, TypedPoint):
        return text
    day, at, known_at = text.partition("@")
    return TypedPoint(read_day(day), read_known_at(known_at) if at else None)


def official(day: date | None) -> str:
    """As Vietnamese documents write it; nothing for no day."""
    return f"{day:%d/%m/%Y}" if day else ""


ValidAt = Annotated[
    date | None,
    typer.Option(parser=read_day, metavar="DAY", help="As it was on that day; today if left out."),
]
KnownAt = Annotated[
    int | None,
    typer.Option(
        parser=read_known_at,
        metavar="POSITION|TIME",
        help="As it was known then, a day: as it began; all that is known if left out.",
    ),
]
FromDay = Annotated[
    date,
    typer.Option("--from", parser=read_day, metavar="DAY", help="The day from which one looks."),
]
ToDay = Annotated[
    date,
    typer.Option("--to", parser=read_day, metavar="DAY", help="The day to which; may lie before."),
]
