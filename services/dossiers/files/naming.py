"""Which table and which column a name in a file means: English or Vietnamese, marks or not."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from domain.names import folded
from services.dossiers.files.cells import Sheet, is_empty, shown
from services.dossiers.files.gathered import Gathered
from services.dossiers.files.nearest import nearest
from services.dossiers.files.schema import ALL, COUNTERS, GUIDES, Column, Table

_COUNTERS = frozenset(map(folded, COUNTERS))


def table_called(name: str) -> Table | None:
    return _tables().get(folded(name))


@cache
def _tables() -> dict[str, Table]:
    return {folded(name): table for table in ALL for name in table.names}


def explains(name: str) -> bool:
    """Whether a sheet of that name is one of those that are not read."""
    return folded(name) in map(folded, GUIDES)


def nearest_table(name: str, vietnamese: bool = False) -> str:
    """Words on what a name of no table may have meant."""
    known = [table.heading if vietnamese else table.name for table in ALL]
    near = nearest(name, [each for table in ALL for each in table.names])
    return f"did you mean {near!r}?" if near else f"the tables are {', '.join(known)}"


def columns_of(sheet: Sheet, gathered: Gathered) -> list[tuple[int, Column]]:
    """Where each column of the table stands, in their order; what is wrong is gathered."""
    known, at = _columns(sheet.table), dict[str, int]()
    if _is_title(sheet):
        words = (
            f"this is no heading of {sheet.table.name!r}: the first row that is not empty holds "
            "the headings; remove what stands above them"
        )
        gathered.error(sheet.file, sheet.name, sheet.header[0][0], "row", "columns", words)
        return []
    for index, (place, cell) in enumerate(sheet.header):
        if is_empty(cell) or folded(str(cell)) in _COUNTERS:
            continue
        column = known.get(folded(str(cell))) if isinstance(cell, str) else None
        if column is None:
            words = f"{shown(cell)} is no column of {sheet.table.name!r}; {_meant(sheet, cell)}"
            gathered.error(sheet.file, sheet.name, place, _called(cell), "column-known", words)
        elif column.field in at:
            words = f"{column.name!r} stands here a second time"
            gathered.error(sheet.file, sheet.name, place, column.name, "column-once", words)
        else:
            at[column.field] = index
    for column in sheet.table.columns:
        if column.is_required and column.field not in at and (sheet.header or sheet.is_upright):
            words = f"the column {column.name!r} ({column.heading}) is missing"
            place = 0 if sheet.is_upright else sheet.header[0][0]
            gathered.error(sheet.file, sheet.name, place, column.name, "column-missing", words)
    return [(at[c.field], c) for c in sheet.table.columns if c.field in at]


def _is_title(sheet: Sheet) -> bool:
    """Whether no heading at all is meant by the first row: a title stands above them."""
    said = [str(cell) for _, cell in sheet.header if not is_empty(cell)]
    known = _columns(sheet.table)
    return (
        bool(said)
        and not sheet.is_upright
        and not any(folded(each) in known or nearest(each, known) for each in said)
    )


def unnamed(sheet: Sheet) -> frozenset[int]:
    """Columns without a heading: nothing may stand in them."""
    return frozenset(i for i, (_, cell) in enumerate(sheet.header) if is_empty(cell))


@cache
def _known(table_name: str) -> Mapping[str, Column]:
    table = next(t for t in ALL if t.name == table_name)
    return {folded(name): column for column in table.columns for name in column.headings}


def _columns(table: Table) -> Mapping[str, Column]:
    return _known(table.name)


def _meant(sheet: Sheet, cell: Any) -> str:
    near = nearest(str(cell), [n for c in sheet.table.columns for n in c.headings])
    if near:
        return f"did you mean {near!r}?"
    return f"it has {', '.join(column.name for column in sheet.table.columns)}"


def _called(cell: Any) -> str:
    return " ".join(str(cell).split())[:60]
