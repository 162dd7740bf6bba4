"""The lists of a folder as typed rows that remember their file and line.

Text is brought into Unicode NFC at the door; codes stay text, with their leading zeros.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from hashlib import sha256
from importlib.resources.abc import Traversable
from io import StringIO
from typing import Any, NamedTuple, TypeVar, get_type_hints


class Finding(NamedTuple):
    """Something wrong in the input, where, and which rule says so."""

    file: str
    line: int  # of the file, the header being line 1; 0: the file as a whole
    field: str
    rule: str
    words: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}: {self.words} [{self.rule}]"


@dataclass(frozen=True, kw_only=True)
class Row:
    file: str
    line: int

    def finding(self, field: str, rule: str, words: str) -> Finding:
        return Finding(self.file, self.line, field, rule, words)


@dataclass(frozen=True, kw_only=True)
class Province(Row):
    code: str
    name: str
    type: str


@dataclass(frozen=True, kw_only=True)
class District(Row):
    code: str
    name: str
    type: str
    province_code: str


@dataclass(frozen=True, kw_only=True)
class OldCommune(Row):
    code: str
    name: str
    type: str
    district_code: str
    province_code: str


@dataclass(frozen=True, kw_only=True)
class NewCommune(Row):
    code: str
    name: str
    type: str
    province_code: str


@dataclass(frozen=True, kw_only=True)
class ProvinceChange(Row):
    old_code: str
    new_code: str
    kind: str  # "kept" or "merged"


@dataclass(frozen=True, kw_only=True)
class CommuneChange(Row):
    old_code: str
    new_code: str
    extent: str  # "whole" or "part"
    is_default: bool | None  # None: was neither true nor false


@dataclass(frozen=True, kw_only=True)
class DistrictChange(Row):
    old_district_code: str
    new_commune_code: str


@dataclass(frozen=True, kw_only=True)
class Resolution(Row):
    province_code: str  # of a new province; empty: of the whole country
    number: str
    date: date | None  # of the decision; None: was no date
    issuer: str
    title_vi: str


@dataclass(frozen=True, kw_only=True)
class Lists:
    """A whole country, before and after."""

    provinces_before: tuple[Province, ...]
    districts_before: tuple[District, ...]
    communes_before: tuple[OldCommune, ...]
    provinces_after: tuple[Province, ...]
    communes_after: tuple[NewCommune, ...]
    province_changes: tuple[ProvinceChange, ...]
    commune_changes: tuple[CommuneChange, ...]
    district_to_commune_changes: tuple[DistrictChange, ...]
    resolutions: tuple[Resolution, ...]
    digest: str  # of the bytes of all these files


R = TypeVar("R", bound=Row)


def read(folder: Traversable) -> tuple[Lists, list[Finding]]:
    """All lists of a folder, and what is wrong with their form; nothing else is looked at."""
    findings: list[Finding] = []
    digest, rows = sha256(), dict[str, Any]()
    for name, row_type in _row_types().items():
        content = _bytes(folder / f"{name}.csv", findings)
        digest.update(b"%s %d\n" % (name.encode(), len(content)))
        digest.update(content)
        rows[name] = tuple(_rows(row_type, f"{name}.csv", content, findings)) if content else ()
    return Lists(**rows, digest=digest.hexdigest()[:32]), findings


def _row_types() -> dict[str, type[Row]]:
    hints = get_type_hints(Lists)
    return {name: hint.__args__[0] for name, hint in hints.items() if name != "digest"}


def _bytes(file: Traversable, findings: list[Finding]) -> bytes:
    try:
        content = file.read_bytes()
        content.decode()
    except (FileNotFoundError, NotADirectoryError):
        findings.append(Finding(file.name, 0, "file", "file-missing", "there is no such file"))
    except OSError as error:
        words = f"it cannot be read: {error.strerror}"
        findings.append(Finding(file.name, 0, "file", "file-missing", words))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        findings.append(Finding(file.name, line, "file", "encoding", "this is not UTF-8"))
    else:
        if not content:
            findings.append(Finding(file.name, 0, "file", "columns", "the file is empty"))
        return content
    return b""


def _rows(row_type: type[R], file: str, content: bytes, findings: list[Finding]) -> Iterator[R]:
    hints = get_type_hints(row_type)
    wanted = [f.name for f in fields(row_type) if f.name not in {"file", "line"}]
    lines = _lines(file, content, findings)
    _, header = next(lines, (1, []))
    missing = [column for column in wanted if column not in header]
    if missing:
        findings += [Finding(file, 1, c, "columns", "this column is missing") for c in missing]
        return
    places = [(column, header.index(column), READERS[hints[column]]) for column in wanted]
    for line, values in lines:
        if len(values) != len(header):
            words = f"{len(values)} values under {len(header)} columns"
            findings.append(Finding(file, line, "row", "row-form", words))
            continue
        row: dict[str, Any] = {"file": file, "line": line}
        for column, index, reader in places:
            row[column] = reader(values[index])
            if row[column] is None:
                words = f"{values[index]!r} is no {column}; expected {EXPECTED[reader]}"
                findings.append(Finding(file, line, column, f"{column}-form", words))
        yield row_type(**row)


def _lines(file: str, content: bytes, findings: list[Finding]) -> Iterator[tuple[int, list[str]]]:
    """(line on which the row begins, values)."""
    text = unicodedata.normalize("NFC", content.decode("utf-8-sig"))
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    begins = 1
    try:
        for values in reader:
            if values:
                yield begins, values
            begins = reader.line_num + 1
    except csv.Error as error:
        findings.append(Finding(file, begins, "row", "csv-form", str(error)))


def _text(value: str) -> str:
    return value


def _truth(value: str) -> bool | None:
    return {"true": True, "false": False}.get(value)


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if len(value) == len("2025-07-01") else None
    except ValueError:
        return None


READERS: dict[Any, Callable[[str], Any]] = {str: _text, bool | None: _truth, date | None: _day}
EXPECTED: dict[Any, str] = {_truth: "true or false", _day: "a day such as 2025-07-01"}
