"""A dossier from its files, whole, with everything that is wrong with their form in one pass.

Pure but for the bytes it reads: nothing is stored, and the same files give the same verdicts. What
the register says of the rows is for the check, which places its findings with `Read.verdict`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from domain.dossier.tables import Heading, Tables
from services.dossiers.files.archive import DAMAGED, members, opened
from services.dossiers.files.cells import Sheet
from services.dossiers.files.from_csv import csv_sheet
from services.dossiers.files.from_json import json_sheets
from services.dossiers.files.from_workbook import workbook_sheets
from services.dossiers.files.gathered import FILE_BYTES_MAX, Gathered, Unreadable
from services.dossiers.files.naming import nearest_table, table_called
from services.dossiers.files.plain import digest_of
from services.dossiers.files.references import refuse_loose_references
from services.dossiers.files.rows import Places, read_rows
from services.dossiers.files.schema import ALL, DOSSIER, TABLES
from services.dossiers.verdicts import ERROR, Verdict

_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # how an encrypted workbook begins, and an old .xls
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


@dataclass(frozen=True)
class Read:
    """What the files state, where each row stands in them, and what is wrong with their form."""

    heading: Heading | None  # None: it is missing or wrong
    tables: Tables  # without the rows that are wrong; numbers of rows count these too
    verdicts: tuple[Verdict, ...]
    file: str = ""
    places: Mapping[str, Places] = field(default_factory=dict)  # by name of table

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong; warnings may be there."""
        return self.heading is not None and not any(v.is_error for v in self.verdicts)

    @property
    def digest(self) -> str | None:
        """Of what is stated, wherever it stands: the same from each of the three kinds of file.

        None unless the heading is there.
        """
        return digest_of(self.heading, self.tables) if self.heading else None

    def verdict(
        self,
        table: str,
        row: int,
        field: str,
        rule: str,
        words: str,
        document: str | None = None,
        severity: str = ERROR,
    ) -> Verdict:
        """Something found later in a row of a table (0: the table as a whole), placed."""
        place = self.places.get(table)
        known = next((t.by_field.get(field) for t in ALL if t.name == table), None)
        name = known.name if known else field
        if place is None:
            return Verdict(severity, self.file, table, 0, name, rule, words, document)
        if table == DOSSIER.name:
            at = place.fields.get(field, place.rows[0] if place.rows else 0)
        else:
            at = place.rows[row - 1] if 0 < row <= len(place.rows) else 0
        return Verdict(severity, place.file, place.sheet, at, name, rule, words, document)


def read_path(path: Path) -> Read:
    """Of a folder of CSV files, or one file: .zip, .xlsx or .json, told apart by their content."""
    try:
        if path.is_dir():
            return _read(path.name, lambda gathered: _folder(path, gathered))
        with path.open("rb") as stream:
            return read_bytes(path.name, stream.read(FILE_BYTES_MAX + 1))
    except OSError as error:
        missing = Verdict(ERROR, path.name, "", 0, "file", "file", f"{error.strerror or error}")
        return Read(None, Tables(), (missing,), path.name)


def read_bytes(name: str, content: bytes) -> Read:
    """Of one file; `name` is only what verdicts call it."""
    return _read(name, lambda gathered: _sheets(name, content, gathered))


def _read(name: str, sheets: Callable[[Gathered], Iterator[Sheet]]) -> Read:
    gathered, found, places = Gathered(), dict[str, list[Any]](), dict[str, Places]()
    try:
        for sheet in sheets(gathered):
            table = sheet.table.name
            if table in places:
                words = f"the table {table!r} stands here a second time"
                gathered.error(sheet.file, sheet.name, 0, "file", "table-once", words)
                continue
            found[table], places[table] = read_rows(sheet, gathered)
        _refuse_other_than_one(name, places, gathered)
        tables = Tables(**{t.name: tuple(found.get(t.name, ())) for t in TABLES})
        refuse_loose_references(tables, places, gathered)
    except Unreadable as error:
        gathered.unreadable(error, name)
        tables = Tables(**{t.name: tuple(found.get(t.name, ())) for t in TABLES})
    heading = next(iter(found.get(DOSSIER.name, ())), None)
    return Read(heading, tables, tuple(gathered.verdicts), name, places)


def _refuse_other_than_one(name: str, places: Mapping[str, Places], gathered: Gathered) -> None:
    place = places.get(DOSSIER.name)
    if place is None:
        words = f"the table {DOSSIER.name!r} ({DOSSIER.heading}) is missing: title and day"
        gathered.error(name, DOSSIER.name, 0, "file", "table-missing", words)
    elif len(place.rows) != 1:
        words = f"it has one row, not {len(place.rows):,}"
        gathered.error(place.file, place.sheet, 0, "file", "one-record", words)


def _sheets(name: str, content: bytes, gathered: Gathered) -> Iterator[Sheet]:
    if len(content) > FILE_BYTES_MAX:
        raise Unreadable("too-large", f"a file has at most {FILE_BYTES_MAX // 2**20} MB")
    if content.startswith(_COMPOUND):
        words = "an encrypted workbook, or one in the old form .xls; save it as .xlsx, unencrypted"
        raise Unreadable("encrypted", words)
    if not content.startswith(_ZIP):
        if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
            words = "this is neither a workbook (.xlsx) nor an archive (.zip) of CSV nor JSON"
            raise Unreadable("file-kind", words)
        yield from json_sheets(name, content, gathered)
        return
    try:
        with ZipFile(BytesIO(content)) as archive:
            if opened(archive):
                yield from workbook_sheets(name, archive, gathered)
            else:
                yield from _csv(members(archive, gathered), gathered)
    except DAMAGED as error:
        raise Unreadable("file-kind", f"the archive is damaged: {error}") from None


def _folder(path: Path, gathered: Gathered) -> Iterator[Sheet]:
    left = FILE_BYTES_MAX

    def files() -> Iterator[tuple[str, bytes]]:
        nonlocal left
        for file in sorted(path.iterdir()):
            if file.is_file() and not file.name.startswith((".", "~")):
                content = b""
                if file.suffix.lower() == ".csv":
                    with file.open("rb") as stream:
                        content = stream.read(left + 1)
                left -= len(content)
                if left < 0:
                    words = f"the files have at most {FILE_BYTES_MAX // 2**20} MB together"
                    raise Unreadable("too-large", words, file.name)
                yield file.name, content

    return _csv(files(), gathered)


def _csv(files: Iterable[tuple[str, bytes]], gathered: Gathered) -> Iterator[Sheet]:
    """What stops the reading of one file does not stop that of the others."""
    for name, content in files:
        stem, _, ending = name.rpartition(".")
        table = table_called(stem)
        if ending.lower() != "csv":
            words = "this is no CSV file and was not read"
            gathered.warning(name, "", 0, "file", "file-kind", words)
        elif table is None:
            words = f"there is no table {stem[:60]!r}; {nearest_table(stem)}"
            gathered.error(name, "", 0, "file", "table-known", words)
        else:
            try:
                yield csv_sheet(table, name, content)
            except Unreadable as error:
                gathered.unreadable(error, name)
