"""Rows as plain values under the names of their columns, and the digest of all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from domain.dossier.tables import Heading, Tables
from services.dossiers.files.schema import DOSSIER, TABLES, Column, Table
from services.dossiers.files.values import DECIMALS


def plain(column: Column, value: Any) -> str | int | bool | list[str] | None:
    """As JSON has it; an area in km², written without an exponent. None: nothing to write."""
    if value is None or value == column.default:
        return None
    match value:
        case date():
            return value.isoformat()
        case tuple():
            return list(value)
        case int() if column.type == "area":
            return square_km(value)
    return value  # type: ignore[no-any-return]


def square_km(metres: int) -> str:
    return f"{Decimal(metres).scaleb(-DECIMALS).normalize():f}"


def records(heading: Heading, tables: Tables) -> Iterator[tuple[Table, tuple[Any, ...]]]:
    """All tables with their rows, the heading first."""
    yield DOSSIER, (heading,)
    for table in TABLES:
        yield table, getattr(tables, table.name)


def plain_record(table: Table, row: Any) -> dict[str, Any]:
    """What is not as an empty cell would have it, by name of column."""
    values = ((column.name, plain(column, getattr(row, column.field))) for column in table.columns)
    return {name: value for name, value in values if value is not None}


def digest_of(heading: Heading, tables: Tables) -> str:
    """SHA-256, 64 hexadecimal digits: the same for the same content from whatever file."""
    digest = sha256()
    for table, rows in records(heading, tables):
        stated = [plain_record(table, row) for row in rows]
        text = json.dumps(stated, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        digest.update(f"{table.name} {text}\n".encode())
    return digest.hexdigest()
