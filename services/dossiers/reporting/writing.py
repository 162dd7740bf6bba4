"""Reports on dossiers as files: a set of CSV in an archive, a workbook, plain values for JSON."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from services.dossiers.reporting.frame import Column, DossierReport, Language, Table
from services.dossiers.reporting.words import told
from services.reports.workbook import ASIDE, OPTIONS

_STAMP = (2025, 7, 1, 0, 0, 0)  # of every file in an archive: the same bytes each time
_UNSAFE = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins so


def csv_files(report: DossierReport, language: Language = "vi") -> dict[str, str]:
    """Text by file name, one file a table, headings in that language; RFC 4180, with a mark of
    UTF-8 so that spreadsheets read Vietnamese."""
    files = {
        f"{report.name}.csv": _csv([("", report.title.said(language)), *_told(report, language)])
    }
    for table in _shown(report):
        rows = [[c.heading.said(language) for c in table.columns]]
        rows += ([_cell(c, row, language) for c in table.columns] for row in table.rows)
        files[f"{table.name}.csv"] = _csv(rows)
    return files


def csv_archive(report: DossierReport, language: Language = "vi") -> bytes:
    """The same files in a ZIP archive."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, text in csv_files(report, language).items():
            file = ZipInfo(name, _STAMP)
            file.compress_type = ZIP_DEFLATED
            archive.writestr(file, text.encode())
    return out.getvalue()


def plain(report: DossierReport) -> dict[str, Any]:
    """Values that JSON knows: codes, not words; the tables by name."""
    return {
        "report": report.name,
        "about": report.about,
        "facts": {fact.label.en: _value(fact.value) for fact in report.facts},
        "tables": {
            table.name: [
                {
                    column.name.rstrip("_"): _value(getattr(row, column.name))
                    for column in table.columns
                }
                for row in table.rows
            ]
            for table in _shown(report)
        },
    }


def workbook(report: DossierReport, language: Language = "vi") -> bytes:
    """XLSX: the facts on the first sheet, then one sheet a table; texts are never formulas."""
    out = BytesIO()
    with Workbook(out, OPTIONS) as book:
        book.set_properties({"title": report.title.said(language), "created": ASIDE})
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        sheet = book.add_worksheet("Tóm tắt" if language == "vi" else "Summary")
        sheet.set_column(0, 0, 44)
        sheet.set_column(1, 1, 70)
        sheet.write_string(0, 0, report.title.said(language), bold)
        for number, (label, value) in enumerate(_told(report, language), start=2):
            sheet.write_string(number, 0, label)
            sheet.write_string(number, 1, value)
        for table in _shown(report):
            _write_table(
                book, book.add_worksheet(_sheet_name(table, language)), table, language, bold
            )
    return out.getvalue()


def _write_table(
    book: Workbook, sheet: Worksheet, table: Table, language: Language, bold: Any
) -> None:
    forms = {
        "day": book.add_format({"num_format": "dd/mm/yyyy"}),
        "share": book.add_format({"num_format": "0.0%"}),
    }
    sheet.set_column(0, len(table.columns) - 1, 24)
    for index, column in enumerate(table.columns):
        sheet.write_string(0, index, column.heading.said(language), bold)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(table.rows, start=1):
        for index, column in enumerate(table.columns):
            value = getattr(row, column.name)
            if value is not None:
                _writer(sheet, column, language, forms)(number, index, value)


def _writer(
    sheet: Worksheet, column: Column, language: Language, forms: dict[str, Any]
) -> Callable[[int, int, Any], object]:
    match column.type:
        case "number":
            return sheet.write_number
        case "share":
            return lambda row, at, value: sheet.write_number(row, at, value, forms["share"])
        case "day":
            return lambda row, at, value: sheet.write_datetime(row, at, value, forms["day"])
    return lambda row, at, value: sheet.write_string(row, at, told(column, value, language))


def _sheet_name(table: Table, language: Language) -> str:
    """At most 31 characters, of those that a sheet may have; the whole title is no must."""
    return table.title.said(language).split(" (")[0].replace(":", " -")[:31]


def _shown(report: DossierReport) -> Iterator[Table]:
    return (table for table in report.tables if table.rows or table.if_empty)


def _told(report: DossierReport, language: Language) -> list[tuple[str, str]]:
    about = ("Hồ sơ" if language == "vi" else "Dossier", report.about)
    verdict = [("", report.verdict.said(language))] if report.verdict else []
    facts = ((f.label.said(language), told(f, f.value, language)) for f in report.facts)
    return [about, *verdict, *facts]


def _cell(column: Column, row: Any, language: Language) -> str:
    value = getattr(row, column.name)
    if column.type in ("number", "share") and value is not None:
        return str(value)  # plain: programs read it
    text = told(column, value, language)
    return f"'{text}" if text.startswith(_UNSAFE) and len(text) > 1 else text


def _csv(rows: Any) -> str:
    out = StringIO()
    csv.writer(out).writerows(rows)
    return f"\ufeff{out.getvalue()}"


def _value(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_value(each) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: _value(getattr(value, name)) for name in value.__dataclass_fields__}
    return str(value) if isinstance(value, UUID | date | datetime) else value
