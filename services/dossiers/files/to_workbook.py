"""A dossier as an XLSX workbook with Vietnamese headings and lists to choose from.

Every column that is no number or date has the format of a text, also below the last row, so that
what a clerk types keeps its zeros. The same dossier has the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from domain.dossier.tables import Heading, Tables
from services.dossiers.files import guide, words
from services.dossiers.files.plain import records, square_km
from services.dossiers.files.schema import (
    ALL,
    CLOSED,
    DOSSIER,
    FIELD,
    GOVERNING,
    GUIDES,
    NUMBERS,
    TABLES,
    VALUE,
    Column,
    Table,
)

_ASIDE = datetime(2025, 7, 1)  # noqa: DTZ001  # "created" of every workbook
_FIRST_DAY = date(1900, 3, 1)  # from which on spreadsheets agree on the number of a day
_ROWS_MAX = 1_048_576
_WIDTHS = {"name": 32, "text": 32, "date": 14, "step": 8, "truth": 12, "type": 24}
_WIDTH = 18
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def workbook(heading: Heading, tables: Tables) -> bytes:
    return _made(records(heading, tables))


def workbook_template() -> bytes:
    """All sheets with their headings and lists, and no content."""
    return _made([(DOSSIER, (None,)), *((table, ()) for table in TABLES)])


def _made(content: Iterable[tuple[Table, tuple[Any, ...]]]) -> bytes:
    out = BytesIO()
    with Workbook(out, _OPTIONS) as book:
        book.set_properties({"title": "Hồ sơ sắp xếp", "created": _ASIDE})
        forms = _Forms(book)
        _explain(book.add_worksheet(GUIDES[0]), forms)
        sheets = {table.name: book.add_worksheet(table.heading) for table in ALL}
        ranges = _write_lists(book.add_worksheet(GUIDES[1]), forms)
        for table, rows in content:
            if table is DOSSIER:
                _write_heading(sheets[table.name], forms, rows[0])
            else:
                _write_table(sheets[table.name], forms, table, rows, ranges)
    return out.getvalue()


class _Forms:
    """How cells look, by what is in them."""

    def __init__(self, book: Workbook) -> None:
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.text = book.add_format({"num_format": "@"})
        self.day = book.add_format({"num_format": "dd/mm/yyyy"})
        self.number = book.add_format({"num_format": "0"})
        self.area = book.add_format({"num_format": "General"})
        look = {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "num_format": "@"}
        self.optional = book.add_format({**look, "bg_color": "#EEEEEE"})
        self.required = book.add_format({**look, "bg_color": "#FFE699"})

    def of(self, column: Column) -> Format:
        if column.type == "date":
            return self.day
        if column.type == "area":
            return self.area
        return self.number if column.type in NUMBERS else self.text

    def above(self, column: Column) -> Format:
        return self.required if column.is_required else self.optional


def _explain(sheet: Worksheet, forms: _Forms) -> None:
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 110)
    for row, (name, line) in enumerate(guide.lines()):
        sheet.write_string(row, 0, name, None if line else forms.title)
        sheet.write_string(row, 1, line)


def _write_lists(sheet: Worksheet, forms: _Forms) -> dict[str, str]:
    """Ranges of the lists to choose from, by type of column."""
    ranges: dict[str, str] = {}
    for index, type_ in enumerate((*CLOSED, "truth")):
        choices = list(dict.fromkeys(_choices(type_)))
        sheet.set_column(index, index, 40)
        sheet.write_string(0, index, type_, forms.optional)
        for row, choice in enumerate(choices, start=1):
            sheet.write_string(row, index, choice, forms.text)
        letter = xl_col_to_name(index)
        ranges[type_] = f"='{GUIDES[1]}'!${letter}$2:${letter}${len(choices) + 1}"
    return ranges


def _choices(type_: Any) -> Iterable[str]:
    if type_ == "truth":
        return ("có", "không")
    return words.labels(type_).values()


def _write_heading(sheet: Worksheet, forms: _Forms, heading: Heading | None) -> None:
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 80, forms.text)
    sheet.write_string(0, 0, FIELD[1], forms.optional)
    sheet.write_string(0, 1, VALUE[1], forms.optional)
    for row, column in enumerate(DOSSIER.columns, start=1):
        sheet.write_string(row, 0, column.heading, forms.above(column))
        sheet.write_blank(row, 1, None, forms.of(column))
        if heading is not None:
            _write(sheet, forms, row, 1, column, getattr(heading, column.field), None)
    sheet.freeze_panes(1, 1)


def _write_table(
    sheet: Worksheet, forms: _Forms, table: Table, rows: tuple[Any, ...], ranges: dict[str, str]
) -> None:
    for index, column in enumerate(table.columns):
        sheet.set_column(index, index, _WIDTHS.get(column.type, _WIDTH), forms.of(column))
        sheet.write_string(0, index, column.heading, forms.above(column))
        if column.type in ranges:
            sheet.data_validation(1, index, _ROWS_MAX - 1, index, _choice(ranges[column.type]))
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows, start=1):
        governing = next((getattr(row, of) for of in GOVERNING if hasattr(row, of)), None)
        for index, column in enumerate(table.columns):
            _write(sheet, forms, number, index, column, getattr(row, column.field), governing)


def _choice(range_: str) -> dict[str, Any]:
    """A list to choose from; codes may be typed, so another value is only warned of."""
    return {
        "validate": "list",
        "source": range_,
        "error_type": "warning",
        "error_title": "Danh mục",
        "error_message": "Giá trị không có trong danh mục; có thể nhập mã.",
    }


def _write(
    sheet: Worksheet,
    forms: _Forms,
    row: int,
    index: int,
    column: Column,
    value: Any,
    governing: str | None,
) -> None:
    """A value that an empty cell means already is not written, but for what counts steps."""
    if value is None or (value == column.default and column.type not in ("step", "extent")):
        return
    form = forms.of(column)
    match column.type:
        case "date" if value >= _FIRST_DAY:
            sheet.write_datetime(row, index, value, form)
        case "date":
            sheet.write_string(row, index, value.isoformat(), forms.text)
        case "count" | "step":
            sheet.write_number(row, index, value, form)
        case "area":
            sheet.write_number(row, index, float(square_km(value)), form)
        case "truth":
            sheet.write_string(row, index, "có" if value else "không", form)
        case "handles":
            sheet.write_string(row, index, "; ".join(value), form)
        case _:
            shown = words.label(column.type, value, governing) if column.type in CLOSED else value
            sheet.write_string(row, index, shown, form)
