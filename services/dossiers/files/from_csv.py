"""A CSV file as a sheet of cells (RFC 4180; `,` or `;` between values, with BOM or without)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from domain.names import folded
from services.dossiers.files.cells import Sheet, is_empty
from services.dossiers.files.gathered import FILE_BYTES_MAX, Unreadable
from services.dossiers.files.schema import DOSSIER, FIELD, VALUE, Table

_DELIMITERS = ",;"
_WIDE = (b"\xff\xfe", b"\xfe\xff")  # how UTF-16 begins
csv.field_size_limit(FILE_BYTES_MAX)

Line = tuple[int, list[str]]


def csv_sheet(table: Table, file: str, content: bytes) -> Sheet:
    """Raises Unreadable where it is not UTF-8, here or while the rows are read."""
    lines = _lines(file, _decoded(file, content))
    place, header = next(lines, (1, []))
    if not header:
        raise Unreadable("columns", "the file is empty; its first line names the columns", file)
    if table is DOSSIER and is_pairs(header):
        return _upright(table, file, lines)
    return Sheet(table, file, table.name, [(place, cell) for cell in header], iter(lines))


def is_pairs(header: list[str]) -> bool:
    """Whether one record is written downwards, a field and its value a line."""
    named = [folded(cell) for cell in header if isinstance(cell, str) and not is_empty(cell)]
    return (
        len(named) == 2
        and named[0] in map(folded, FIELD)
        and named[1] in map(folded, VALUE)
        and header[:2] == [cell for cell in header if not is_empty(cell)]
    )


def _upright(table: Table, file: str, lines: Iterator[Line]) -> Sheet:
    header, values = list[tuple[int, str]](), list[str]()
    for place, cells in lines:
        if any(not is_empty(cell) for cell in cells[2:]):
            raise Unreadable("row-form", "more than a field and its value", file, table.name, place)
        if not all(map(is_empty, cells)):
            header.append((place, cells[0]))
            values.append(cells[1] if len(cells) > 1 else "")
    rows = iter([(header[0][0], values)] if header else [])
    return Sheet(table, file, table.name, header, rows, is_upright=True)


def _decoded(file: str, content: bytes) -> str:
    if content.startswith(_WIDE):
        raise Unreadable("encoding", "this is UTF-16; save it as CSV in UTF-8", file)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        words = "this is not UTF-8; in Excel save it as CSV UTF-8"
        raise Unreadable("encoding", words, file, "", line) from None


def _lines(file: str, text: str) -> Iterator[Line]:
    """(line on which a row begins, values)."""
    stream, begins = StringIO(text, newline=""), 1
    first = stream.readline()
    if first.strip().strip('"').casefold() in [f"sep={each}" for each in _DELIMITERS]:
        begins, delimiter = 2, first.strip().strip('"')[-1]
    else:
        delimiter = max(_DELIMITERS, key=first.count)
        stream.seek(0)
    reader, before = csv.reader(stream, delimiter=delimiter, strict=True), begins - 1
    try:
        for values in reader:
            if values:
                yield begins, values
            begins = before + reader.line_num + 1
    except csv.Error as error:
        raise Unreadable("csv-form", f"the quotes are wrong: {error}", file, "", begins) from None
