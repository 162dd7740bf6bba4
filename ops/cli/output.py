"""How answers are written: a table for people, lines and documents for programs.

`json` is one array, `ndjson` one object a line, `csv` has a header and LF line ends; none of them
ever shortens a value. A reader that goes away (`| head`) ends the command in silence.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from itertools import chain
from typing import Any, TextIO

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

Record = Mapping[str, Any]
"""A row by column; values are plain (text, number, day, time, id, list, table, None)."""


WIDE = 400  # columns


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"


def write(
    rows: Iterable[Record],
    format_: Format | None,
    columns: Sequence[str],
    title: str = "",
    shown: Sequence[str] | None = None,
) -> None:
    """Write rows to the standard output; the columns are given for there may be no rows.

    `shown` are those of the table where all would be too many for a screen.
    """
    chosen = chosen_format(format_)
    with quiet_when_nobody_reads():
        match chosen:
            case Format.TABLE:
                _write_table(rows, shown or columns, title)
            case Format.JSON:
                _write_json(rows, sys.stdout)
            case Format.NDJSON:
                sys.stdout.writelines(f"{_json(row)}\n" for row in rows)
            case Format.CSV:
                _write_csv(rows, columns, sys.stdout)
        sys.stdout.flush()


def chosen_format(format_: Format | None) -> Format:
    return format_ or (Format.TABLE if sys.stdout.isatty() else Format.CSV)


def is_for_people(format_: Format | None) -> bool:
    return chosen_format(format_) is Format.TABLE


def in_prose(format_: Format | None) -> bool:
    """Of an answer that is no list: words also into a pipe, unless a format is asked for."""
    return format_ in (None, Format.TABLE)


@contextmanager
def quiet_when_nobody_reads() -> Iterator[None]:
    """End the command without a word when the standard output was closed."""
    try:
        yield
    except BrokenPipeError:
        # What is still in the buffer would fail again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None


def _write_table(rows: Iterable[Record], columns: Sequence[str], title: str) -> None:
    table = Table(title=title or None, title_justify="left", show_edge=False, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(row.get(column))) for column in columns))
    console().print(table)


def console() -> Console:
    """For people, on the standard output; a file or a pipe has no edge to fold at."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)


def _write_json(rows: Iterable[Record], out: TextIO) -> None:
    lines = (f"  {_json(row)}" for row in rows)
    first = next(lines, None)
    if first is None:
        out.write("[]\n")
        return
    out.writelines(chain([f"[\n{first}"], (f",\n{line}" for line in lines), ["\n]\n"]))


def _write_csv(rows: Iterable[Record], columns: Sequence[str], out: TextIO) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)


def _cell(value: Any) -> str:
    """A value in one cell; what has parts is written as JSON."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case str():
            return value
        case date() | datetime():
            return value.isoformat()
        case Mapping() | list() | tuple():
            return _json(value)
        case _:
            return str(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)
