"""A dossier as one JSON document."""

from __future__ import annotations

import json
from typing import Any

from domain.dossier.tables import Heading, Tables
from services.dossiers.files.plain import plain_record, records
from services.dossiers.files.schema import ALL, DOSSIER


def json_document(heading: Heading, tables: Tables) -> bytes:
    """What an empty cell would mean is left out; an area is a text, so that no digit is lost."""
    document: dict[str, Any] = {
        table.name: [plain_record(table, row) for row in rows]
        for table, rows in records(heading, tables)
    }
    [document[DOSSIER.name]] = document[DOSSIER.name]
    return _bytes(document)


def json_template() -> bytes:
    """All tables with no rows, and a heading to fill in."""
    document: dict[str, Any] = {table.name: [] for table in ALL}
    document[DOSSIER.name] = dict.fromkeys(column.name for column in DOSSIER.columns)
    return _bytes(document)


def _bytes(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
