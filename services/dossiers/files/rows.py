"""From the cells of a sheet to typed rows, with a verdict for each cell that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.dossiers.files.cells import Broken, Formula, Number, Refused, Sheet, is_empty
from services.dossiers.files.gathered import Gathered, Unreadable
from services.dossiers.files.naming import columns_of, unnamed
from services.dossiers.files.schema import GOVERNING, Column
from services.dossiers.files.values import READERS

_NO_NUMBERS = ("code", "code_or_none", "handle")


@dataclass(frozen=True, slots=True)
class Places:
    """Where the rows of one table stand, as a person counts."""

    file: str
    sheet: str
    rows: tuple[int, ...]  # of row 1, 2, ...
    fields: Mapping[str, int]  # of a record written downwards


@dataclass
class _Sheet:
    """One sheet while it is read."""

    sheet: Sheet
    gathered: Gathered
    notes: dict[tuple[str, str], list[Any]] = field(default_factory=dict)

    def error(self, place: int, name: str, rule: str, words: str) -> None:
        self.gathered.error(self.sheet.file, self.sheet.name, place, name, rule, words)

    def note(self, place: int, name: str, rule: str, words: str) -> None:
        """Something that is read but worth a word: told once a column."""
        self.notes.setdefault((name, rule), [place, words, 0])[2] += 1

    def tell_notes(self) -> None:
        for (name, rule), (place, words, times) in self.notes.items():
            more = f" (and {times - 1:,} more in this column)" if times > 1 else ""
            self.gathered.warning(
                self.sheet.file, self.sheet.name, place, name, rule, f"{words}{more}"
            )


def read_rows(sheet: Sheet, gathered: Gathered) -> tuple[list[Any], Places]:
    """All rows that are well formed, numbered among all rows, and where each stands.

    Raises Enough at one row or verdict too many. Where the rest cannot be read, a verdict says so.
    """
    reading, columns = _Sheet(sheet, gathered), columns_of(sheet, gathered)
    fields = {c.field: sheet.header[index][0] for index, c in columns} if sheet.is_upright else {}
    width, blind = len(sheet.header), unnamed(sheet)
    rows, places = list[Any](), list[int]()
    is_whole = {c.field for _, c in columns} >= {
        c.field for c in sheet.table.columns if c.is_required
    }
    try:
        for place, cells in sheet.rows:
            if all(map(is_empty, cells)) and not sheet.is_upright:
                continue
            gathered.count_row()
            places.append(place)
            if columns:  # else the headings are missing, and that was told once
                _refuse_strays(reading, place, cells, width, blind)
            values = _read_row(reading, place, cells, columns, fields)
            if values is not None and is_whole:
                rows.append(_row(sheet, len(places), values))
    except Unreadable as error:
        error.file, error.table = error.file or sheet.file, error.table or sheet.name
        if error.is_final:
            raise
        gathered.unreadable(error, sheet.file)
    reading.tell_notes()
    return rows, Places(sheet.file, sheet.name, tuple(places), fields)


def _row(sheet: Sheet, number: int, values: dict[str, Any]) -> Any:
    if sheet.table.name == "dossier":
        return sheet.table.row_type(**values)
    return sheet.table.row_type(row=number, **values)


def _refuse_strays(
    reading: _Sheet, place: int, cells: list[Any], width: int, blind: frozenset[int]
) -> None:
    for index, cell in enumerate(cells):
        if (index >= width or index in blind) and not is_empty(cell):
            words = f"column {index + 1} has no heading, and something stands in it"
            reading.error(place, "row", "row-form", words)
            return


def _read_row(
    reading: _Sheet,
    place: int,
    cells: list[Any],
    columns: list[tuple[int, Column]],
    fields: Mapping[str, int],
) -> dict[str, Any] | None:
    """Values by field, without those left empty; None: something is wrong."""
    values: dict[str, Any] = {}
    governing: str | None = None
    is_sound = True
    for index, column in columns:
        cell = cells[index] if index < len(cells) else None
        at = fields.get(column.field, place)
        if isinstance(cell, Formula | Broken):
            cell, is_fine = _came_to(reading, at, column, cell)
            is_sound &= is_fine
            if not is_fine:
                continue
        if is_empty(cell):
            if column.is_required:
                words = f"{column.name!r} ({column.heading}) is empty"
                reading.error(at, column.name, "required", words)
                is_sound = False
            continue
        try:
            value = READERS[column.type](cell, column, governing)
        except Refused as refused:
            reading.error(at, column.name, refused.rule, refused.words)
            is_sound = False
            continue
        values[column.field] = value
        if column.type in GOVERNING:
            governing = value
        elif isinstance(cell, Number) and column.type in _NO_NUMBERS:
            words = f"the number {cell.text} was read as {value!r} by its format {cell.format!r}"
            reading.note(at, column.name, "code-number", words)
    return values if is_sound else None


def _came_to(
    reading: _Sheet, place: int, column: Column, cell: Formula | Broken
) -> tuple[Any, bool]:
    """(what a formula came to, whether that can be used)"""
    value = cell.value if isinstance(cell, Formula) else cell
    if isinstance(value, Broken):
        reading.error(place, column.name, "cell-fault", f"the cell shows {value.text[:60]!r}")
        return None, False
    if value is None:
        words = "a formula that was never reckoned; open the workbook, save it, or write the value"
        reading.error(place, column.name, "formula", words)
        return None, False
    words = "a formula: what it came to when the workbook was last saved was taken"
    reading.note(place, column.name, "formula", words)
    return value, True
