"""A dossier as a set of CSV files: UTF-8 with the BOM that spreadsheets want, `,` between."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from domain.dossier.tables import Heading, Tables
from services.dossiers.files.plain import plain_record, records
from services.dossiers.files.schema import ALL, DOSSIER, FIELD, VALUE, Table

_ASIDE = (2025, 7, 1, 0, 0, 0)  # time of every member: the same dossier has the same bytes


def csv_files(heading: Heading, tables: Tables) -> Iterator[tuple[str, bytes]]:
    """(name, content) of each file; of all tables, also those without rows."""
    for table, rows in records(heading, tables):
        yield f"{table.name}.csv", _content(table, [plain_record(table, row) for row in rows])


def csv_template() -> Iterator[tuple[str, bytes]]:
    """The same without content."""
    for table in ALL:
        yield f"{table.name}.csv", _content(table, [{}] if table is DOSSIER else [])


def write_folder(folder: Path, files: Iterator[tuple[str, bytes]]) -> None:
    """Into a folder that is there; files of these names are replaced."""
    for name, content in files:
        (folder / name).write_bytes(content)


def zipped(files: Iterator[tuple[str, bytes]]) -> bytes:
    """As one archive; the same files give the same bytes."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(ZipInfo(name, _ASIDE), content, ZIP_DEFLATED)
    return out.getvalue()


def _content(table: Table, stated: list[dict[str, Any]]) -> bytes:
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    if table is DOSSIER:
        [record] = stated
        writer.writerow((FIELD[0], VALUE[0]))
        writer.writerows((c.name, _cell(record.get(c.name))) for c in table.columns)
    else:
        writer.writerow([column.name for column in table.columns])
        for record in stated:
            writer.writerow([_cell(record.get(column.name)) for column in table.columns])
    return out.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list():
            return "; ".join(value)
    return str(value)
