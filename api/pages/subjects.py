"""What units and organisations look like on a page. Pure: rows in, words and addresses out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias
from uuid import UUID

from api.pages import words
from api.pages.words import Term
from projections.organisations import Organisation
from projections.point import Point
from projections.units import Unit
from services.reading import Reading

Row: TypeAlias = Unit | Organisation
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shown:
    """A unit or an organisation in one line."""

    id: UUID
    path: str  # of its page
    name: str
    type: Term
    codes: tuple[tuple[str, str], ...]  # (scheme, code)

    @property
    def code(self) -> str:
        return self.codes[0][1] if self.codes else ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What it was on the days from `first` up to, not including, `after` (None: open)."""

    first: date
    after: date | None
    shown: Shown
    superior: tuple[str, str] | None  # (path, name)
    note: Term | None

    @property
    def last(self) -> date | None:
        return self.after - ONE_DAY if self.after else None


def path_of(category: str, id_: UUID) -> str:
    """The page of a thing; `category` is "unit" or "organisation"."""
    return f"/places/{id_}" if category == "unit" else f"/organisations/{id_}"


def category_of(row: Row) -> str:
    return "unit" if isinstance(row, Unit) else "organisation"


def id_of(row: Row) -> UUID:
    return row.unit_id if isinstance(row, Unit) else row.organisation_id


def shown(row: Row) -> Shown:
    """A row in the words of the days on which it holds."""
    if isinstance(row, Unit):
        term = words.unit_type(row.level, row.type, row.valid_from)
    else:
        term = words.kind(row.kind, row.valid_from)
    codes = tuple(sorted(row.codes.items(), key=lambda code: (code[0] != "nso", code)))
    return Shown(id_of(row), path_of(category_of(row), id_of(row)), row.name, term, codes)


def stretches(history: Sequence[Row], names: Mapping[UUID, str]) -> list[Stretch]:
    """A life in the order of days; `names` tells those of the superiors."""
    return [_stretch(row, names) for row in history]


def _stretch(row: Row, names: Mapping[UUID, str]) -> Stretch:
    superior = None
    if row.superior_id is not None:
        path = path_of(category_of(row), row.superior_id)
        superior = (path, names.get(row.superior_id, "?"))
    suspended = isinstance(row, Organisation) and row.status == "suspended"
    note = words.status("suspended") if suspended else None
    return Stretch(row.valid_from, row.valid_to, shown(row), superior, note)


def row_on(history: Sequence[Row], day: date) -> Row | None:
    """What holds on that day; None when it is not active then."""
    return next((row for row in history if _holds(row, day)), None)


def nearest(history: Sequence[Row], day: date) -> tuple[Row, date]:
    """What holds on that day, else on the nearest day of its life, and that day."""
    days = [(abs((near - day).days), near, row) for row in history for near in [_near(row, day)]]
    _, near, row = min(days, key=lambda each: each[:2])
    return row, near


def _near(row: Row, day: date) -> date:
    latest = row.valid_to - ONE_DAY if row.valid_to else date.max
    return min(max(row.valid_from, day), latest)


def _holds(row: Row, day: date) -> bool:
    return row.valid_from <= day and (row.valid_to is None or day < row.valid_to)


def standing(history: Sequence[Row], day: date) -> tuple[bool, Term]:
    """Whether it is active on that day, and how to say so."""
    if row_on(history, day):
        return True, Term(f"Tồn tại vào ngày {words.day(day)}", f"In existence on {words.day(day)}")
    ended = max((row.valid_to or date.max) for row in history)
    if ended <= day:
        return False, Term(
            f"Không còn tồn tại từ ngày {words.day(ended)}",
            f"No longer in existence since {words.day(ended)}",
        )
    first = min(row.valid_from for row in history if row.valid_from > day)
    return False, Term(
        f"Chưa có trong sổ vào ngày {words.day(day)}; từ ngày {words.day(first)}",
        f"Not on record on {words.day(day)}; from {words.day(first)}",
    )


def on_day(reading: Reading, day: date) -> Point:
    """That day, as known at the point that is asked about."""
    return Point(day, reading.point.known_at)
