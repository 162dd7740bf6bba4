"""An XLSX workbook as sheets of cells: one sheet a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from zipfile import ZipFile

from services.dossiers.files.archive import DAMAGED
from services.dossiers.files.cells import Formula, Sheet, is_empty
from services.dossiers.files.from_csv import is_pairs
from services.dossiers.files.gathered import Enough, Gathered, Unreadable
from services.dossiers.files.naming import explains, nearest_table, table_called
from services.dossiers.files.schema import DOSSIER, Table
from services.dossiers.files.workbook_parts import Part, Workbook

Row = tuple[int, list[Any]]


def workbook_sheets(file: str, archive: ZipFile, gathered: Gathered) -> Iterator[Sheet]:
    """Raises Unreadable, here and while the rows are read."""
    book = Workbook(archive)
    if not book.sheets:
        raise Unreadable("workbook-form", "the workbook has no sheets", file)
    for part in book.sheets:
        table = table_called(part.name)
        if explains(part.name):
            continue
        if part.is_hidden:
            words = "a hidden sheet is not read; show it, or remove it"
            gathered.warning(file, part.name, 0, "file", "hidden", words)
            continue
        try:
            if table is not None:
                yield _sheet(table, file, part, book, gathered)
            elif any(not all(map(is_empty, cells)) for _, cells in _rows(file, part, book)):
                said = nearest_table(part.name, vietnamese=True)
                words = f"there is no table {part.name!r}; {said}"
                gathered.error(file, part.name, 0, "file", "table-known", words)
        except Enough:
            raise
        except Unreadable as error:
            error.table = part.name
            gathered.unreadable(error, file)


def _sheet(table: Table, file: str, part: Part, book: Workbook, gathered: Gathered) -> Sheet:
    rows = _watched(file, part, book, gathered)
    place, header = next((row for row in rows if not all(map(is_empty, row[1]))), (1, []))
    header = [cell.value if isinstance(cell, Formula) else cell for cell in header]
    while header and is_empty(header[-1]):
        header.pop()
    if table is DOSSIER and is_pairs(header):
        return _upright(table, file, part, rows, gathered)
    if not header:
        gathered.error(file, part.name, 1, "file", "columns", "the sheet has no headings")
    return Sheet(table, file, part.name, [(place, cell) for cell in header], rows)


def _upright(table: Table, file: str, part: Part, rows: Iterator[Row], gathered: Gathered) -> Sheet:
    header, values = list[tuple[int, Any]](), list[Any]()
    for place, cells in rows:
        if any(not is_empty(cell) for cell in cells[2:]):
            words = "more than a field and its value"
            gathered.error(file, part.name, place, "row", "row-form", words)
        if not all(map(is_empty, cells)):
            name, value = [*cells, None][:2]
            header.append((place, name))
            values.append(value)
    record = iter([(header[0][0], values)] if header else [])
    return Sheet(table, file, part.name, header, record, is_upright=True)


def _watched(file: str, part: Part, book: Workbook, gathered: Gathered) -> Iterator[Row]:
    """The rows, and at their end a verdict for each of the merged cells."""
    yield from _rows(file, part, book)
    for reference in part.merged:
        row = re.search(r"\d+", reference)
        words = f"the cells {reference[:30]} are merged; each row says all that it says"
        gathered.error(file, part.name, int(row[0]) if row else 0, "row", "merged", words)


def _rows(file: str, part: Part, book: Workbook) -> Iterator[Row]:
    try:
        yield from book.rows(part)
    except DAMAGED as error:
        raise Unreadable("workbook-form", f"the workbook is damaged: {error}", file) from None
