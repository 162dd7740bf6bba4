"""The same content as JSON, as NDJSON and as CSV.

CSV follows RFC 4180: a header row, CRLF, UTF-8 without a byte order mark. A list of texts is joined
by "; ", anything deeper is JSON in its cell, and nothing is the empty cell.

Spreadsheets run a cell that begins with = + - @, a tab or a carriage return. Such texts get an
apostrophe in front, and so do those with nothing but apostrophes before such a character: a program
that takes one apostrophe off every cell matching ^'+[=+@\\t\\r-] has the exact text back.
Numbers and days are never touched.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from types import NoneType
from typing import Any, TextIO
from uuid import UUID

import orjson

_AS_PLAIN = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS
_RUNS = re.compile(r"'*[=+\-@\t\r]")


def plain(value: Any) -> Any:
    """`value` as JSON knows it; instants in UTC with microseconds, as in the records."""
    match value:
        case None | bool() | int() | float():
            return value
        case Enum():
            return plain(value.value)
        case str():
            return value
        case UUID():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"
        case date():
            return value.isoformat()
        case Mapping():
            return {str(key): plain(each) for key, each in value.items()}
        case _ if is_dataclass(value):
            return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
        case Iterable():
            return [plain(each) for each in value]
    raise TypeError(f"{type(value).__name__} has no plain form")


def to_json(value: Any) -> bytes:
    """`plain` in one go: what orjson writes in the same way, it writes by itself."""
    return orjson.dumps(value, _plain_part, _AS_PLAIN)


def _plain_part(value: Any) -> Any:
    """What orjson leaves to us."""
    if isinstance(value, (date, Mapping)):
        return plain(value)
    if isinstance(value, Iterable):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no plain form")


def to_canonical_json(value: Any) -> bytes:
    """With sorted keys: what is the same has the same bytes."""
    return orjson.dumps(plain(value), option=orjson.OPT_SORT_KEYS)


def to_ndjson(rows: Iterable[Any]) -> bytes:
    return b"".join(to_json(row) + b"\n" for row in rows)


def to_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """A table of these columns; what else the rows hold is left out."""
    text = io.StringIO(newline="")
    write_csv(text, columns, columns, rows)
    return text.getvalue().encode()


def write_csv(
    out: TextIO,
    headings: Sequence[str],
    columns: Sequence[str],
    rows: Iterable[Mapping[str, Any]],
) -> None:
    """As `to_csv`, under other headings than the names of the columns."""
    writer = csv.writer(out)
    writer.writerow([cell(heading) for heading in headings])
    writer.writerows([_written(row.get(column)) for column in columns] for row in rows)


def _written(value: Any) -> str:
    """Any value as the text of a cell; the frequent kinds at once."""
    known = _AT_ONCE.get(type(value))
    return known(value) if known else cell(plain(value))


def cell(value: Any) -> str:
    """One plain value as the text of a cell."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return _harmless(value)
        case list() if _joinable(value):
            return _harmless("; ".join(value))
        case list() | dict():
            return orjson.dumps(value).decode()
    return str(value)


def _joinable(values: list[Any]) -> bool:
    return all(isinstance(v, str) and v and ";" not in v and v[0] != "[" for v in values)


def _harmless(text: str) -> str:
    return f"'{text}" if _RUNS.match(text) else text


_AT_ONCE: dict[type, Callable[[Any], str]] = {
    str: _harmless,
    NoneType: lambda _: "",
    UUID: str,
    int: str,
    bool: lambda truth: "true" if truth else "false",
}
