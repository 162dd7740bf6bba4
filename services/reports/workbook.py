"""A report as a workbook (XLSX): title, point and basis, headings, and cells of their types.

Rows are written as they come and not kept: a report of a million rows needs no more memory than one
of ten. Texts are written as texts, whatever they begin with, so that nothing is run as a formula;
codes keep their zeros. The same report at the same point has the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import IO, Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from services.reading import Footing
from services.reports.frame import Column, Heading, Report, Row

_WIDTHS = {"number": 12, "share": 10, "day": 12, "flag": 8, "code": 16, "id": 38, "person": 38}
_WIDTH = 40  # of a text
ASIDE = datetime(2025, 7, 1)  # noqa: DTZ001  # "created" of every workbook: the same bytes each time
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "dd/mm/yyyy",
}


def write_workbook(
    out: IO[bytes],
    report: Report,
    rows: Iterable[Row],
    footing: Footing,
    asked: Iterable[tuple[str, str]],
    headings: Heading = "vi",
) -> None:
    """Write it into `out`; `asked` says in words with what it was asked."""
    with Workbook(out, OPTIONS) as book:
        book.set_properties({"title": f"{report.id} {report.title}", "created": ASIDE})
        sheet = book.add_worksheet(report.id)
        forms = _Forms(book)
        for index, column in enumerate(report.columns):
            sheet.set_column(index, index, _WIDTHS.get(column.type, _WIDTH))
        first = _write_head(sheet, forms, report, _told(footing, asked))
        for index, column in enumerate(report.columns):
            sheet.write_string(first, index, column.headed(headings), forms.heading)
        sheet.freeze_panes(first + 1, 0)
        for number, row in enumerate(rows, start=first + 1):
            _write_row(sheet, forms, report.columns, number, row)


class _Forms:
    """How cells look, by what is in them."""

    def __init__(self, book: Workbook) -> None:
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.heading = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}
        )
        self.text = book.add_format({"num_format": "@"})
        self.day = book.add_format({"num_format": "dd/mm/yyyy"})
        self.share = book.add_format({"num_format": "0.0%"})


def _told(footing: Footing, asked: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The point in both times, what the report rests on, and with what it was asked."""
    point, basis = footing.point, footing.basis
    yield f"Tình hình ngày {point.valid_at:%d/%m/%Y}"
    yield f"Theo những gì đã ghi nhận đến hết bản ghi số {point.known_at}; sổ {basis.epoch}"
    for words, value in asked:
        yield f"{words}: {value}"


def _write_head(sheet: Worksheet, forms: _Forms, report: Report, told: Iterable[str]) -> int:
    """Returns the row of the headings."""
    sheet.write_string(0, 0, f"{report.id}. {report.title}", forms.title)
    sheet.write_string(1, 0, report.english)
    number = 2
    for number, line in enumerate(told, start=2):
        sheet.write_string(number, 0, line)
    return number + 2


def _write_row(
    sheet: Worksheet, forms: _Forms, columns: Iterable[Column], number: int, row: Row
) -> None:
    for index, column in enumerate(columns):
        value = row.get(column.name)
        if value is not None:
            _write(sheet, forms, column.type)(number, index, value)


def _write(sheet: Worksheet, forms: _Forms, type_: str) -> Callable[[int, int, Any], object]:
    match type_:
        case "number":
            return lambda row, column, value: sheet.write_number(row, column, value)
        case "share":
            return lambda row, column, value: sheet.write_number(row, column, value, forms.share)
        case "day":
            return lambda row, column, value: sheet.write_datetime(row, column, value, forms.day)
        case "flag":
            return lambda row, column, value: sheet.write_boolean(row, column, value)
    return lambda row, column, value: sheet.write_string(row, column, str(value), forms.text)
