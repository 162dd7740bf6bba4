"""A JSON document as sheets of cells: one member a table, each a list of objects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from services.dossiers.files.cells import Number, Sheet
from services.dossiers.files.gathered import Gathered, Unreadable
from services.dossiers.files.naming import nearest_table, table_called
from services.dossiers.files.schema import DOSSIER, Table


class _Twice(ValueError):
    """A member of an object is there twice: which one counts, nobody can say."""


def json_sheets(file: str, content: bytes, gathered: Gathered) -> Iterator[Sheet]:
    """Raises Unreadable where it is no JSON in UTF-8."""
    document = _parsed(file, content)
    if not isinstance(document, dict):
        raise Unreadable("json-form", 'the document is an object: {"dossier": {...}, ...}', file)
    for name, member in document.items():
        table = table_called(name)
        if table is None:
            words = f"there is no table {name[:60]!r}; {nearest_table(name)}"
            gathered.error(file, name[:60], 0, "file", "table-known", words)
        elif table is DOSSIER:
            yield from _record(table, file, member, gathered)
        elif not isinstance(member, list):
            gathered.error(file, name, 0, "file", "json-form", "a table is a list of objects")
        else:
            yield _sheet(table, file, member, gathered)


def _parsed(file: str, content: bytes) -> Any:
    try:
        return json.loads(
            content.decode("utf-8-sig"),
            parse_int=Number,
            parse_float=Number,
            parse_constant=Number,
            object_pairs_hook=_once,
        )
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Unreadable("encoding", "this is not UTF-8", file, "", line) from None
    except json.JSONDecodeError as error:
        words = f"this is no JSON: {error.msg} in column {error.colno}"
        raise Unreadable("json-form", words, file, "", error.lineno) from None
    except _Twice as error:
        raise Unreadable("json-form", str(error), file) from None
    except RecursionError:
        raise Unreadable("json-form", "it is nested too deeply", file) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise _Twice(f"a member {name[:60]!r} stands twice in one object")
        members[name] = value
    return members


def _record(table: Table, file: str, member: Any, gathered: Gathered) -> Iterator[Sheet]:
    if isinstance(member, dict):
        header = [(0, name) for name in member]
        record = iter([(0, list(member.values()))])
        yield Sheet(table, file, table.name, header, record, is_upright=True)
    else:
        gathered.error(file, table.name, 0, "file", "json-form", "this is an object")


def _sheet(table: Table, file: str, rows: list[Any], gathered: Gathered) -> Sheet:
    """All names that any row has are its columns; the first that has one tells its place."""
    first: dict[str, int] = {}
    for place, row in enumerate(rows, start=1):
        if isinstance(row, dict):
            for name in row:
                first.setdefault(name, place)
        else:
            gathered.error(file, table.name, place, "row", "json-form", "a row is an object")
    header: list[tuple[int, Any]] = [(place, name) for name, place in first.items()]
    cells = (
        (place, [row.get(name) for name in first])
        for place, row in enumerate(rows, start=1)
        if isinstance(row, dict)
    )
    return Sheet(table, file, table.name, header, cells)
