"""What a report is: official titles and headings, what it is asked with, and where its rows are.

A report of an area is one `Report` in its file, services/reports/<area>.py, and one line in
services/reports/catalogue.py; the API, the command line and all forms follow from it. A person is
a random id in the rows: whoever may see names has them joined at the edge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from domain.errors import InvalidValue
from services.reading import Reading

ROWS_MAX = 1_000_000
"""Of one report: what fits on a sheet of a workbook."""

Row = Mapping[str, Any]
"""Values by the names of the columns; one that is left out is empty."""

Given = Mapping[str, Any]
"""What it was asked with, by the names of its parameters: each of them; None: not given."""

ColumnType = Literal["text", "code", "number", "share", "day", "flag", "id", "person"]
ParameterType = Literal["organisation", "person", "day", "number", "word", "flag"]
Heading = Literal["vi", "en", "name"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a report."""

    name: str  # in JSON and for programs
    heading: str  # official Vietnamese
    english: str
    type: ColumnType = "text"  # a code stays a text everywhere; a share is 0 to 1

    def headed(self, by: Heading) -> str:
        return {"vi": self.heading, "en": self.english, "name": self.name}[by]


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something a report can be asked with, besides the point in both times."""

    name: str
    words: str  # Vietnamese, for the head of a sheet
    english: str  # what it means, for who asks
    type: ParameterType
    is_required: bool = False
    choices: tuple[str, ...] = ()  # of a word
    least: int | None = None  # of a number
    most: int | None = None


@dataclass(frozen=True)
class Report:
    """A table anybody can ask for, at any point."""

    id: str  # "RP-01"
    title: str  # official Vietnamese
    english: str
    columns: tuple[Column, ...]
    rows: Callable[[Reading, Given], Iterable[Row]]  # in the order in which they are shown
    views: tuple[str, ...]  # read models that it rests on
    parameters: tuple[Parameter, ...] = ()
    note: str | None = None  # what a reader should know of how it counts; English
    grouped: Callable[..., Iterable[Row]] | None = None  # as `rows`, with groups.GroupsOf


SUPERIOR = Parameter(
    "superior", "Trong phạm vi", "It and all below it, on the day.", "organisation"
)
ORGANISATION = Parameter("organisation", "Tổ chức", "Of this organisation alone.", "organisation")
BEGINS = Parameter("from", "Từ ngày", "First day of the period.", "day", is_required=True)
ENDS = Parameter("to", "Đến trước ngày", "The day after its last.", "day", is_required=True)
PERIOD = (BEGINS, ENDS)


def period(given: Given) -> tuple[date, date]:
    """First day, and the day after the last. Raises InvalidValue when there is no day between."""
    begins, ends = given["from"], given["to"]
    if ends <= begins:
        raise InvalidValue("A period ends after it begins; `to` is not part of it", field="to")
    return begins, ends
