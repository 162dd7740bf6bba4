"""The parts of an XLSX workbook (ECMA-376), read as streams with nothing kept that is not needed.

One pass over a sheet gives the value last reckoned, whether it is a formula, the number as it was
written and its format, and merged cells; no library gives all of these at once, and what a number
was before somebody made a float or a date of it is what tells a code from a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from posixpath import dirname, join, normpath
from typing import Any
from xml.etree.ElementTree import Element, ParseError, iterparse
from xml.parsers import expat
from zipfile import ZipFile

from services.dossiers.files.cells import Broken, Formula, Number
from services.dossiers.files.gathered import Unreadable

_ELEMENTS_MAX = 200_000  # between two rows; a row has at most 16,384 cells
_STRINGS_MAX = 2_000_000
_COLUMNS_MAX = 256  # the widest table has a dozen
_LINES_MAX = 1_048_576
_STYLES_BYTES_MAX = 8 * 1024 * 1024
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LETTERS = re.compile(r"[A-Z]{1,3}(?=\d)")
_BUILT_IN_DATES = {**dict.fromkeys((14, 15, 16, 17, 22), "d/m/y"), 1: "0", 2: "0.00"}


@dataclass
class Part:
    """One sheet: its name, whether it shows, and where in the archive it is."""

    name: str
    is_hidden: bool
    path: str
    merged: list[str] = field(default_factory=list)  # "A1:B2"; known after its rows were read


class Workbook:
    """Raises Unreadable, here and while rows are read, where a part is not as it should be."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._names = set(archive.namelist())
        path = self._main()
        targets = self._targets(path)
        root = self._tree(path)
        self.from_1904 = any(
            each.get("date1904") in ("1", "true") for each in _all(root, "workbookPr")
        )
        self.sheets = [
            Part(each.get("name", ""), each.get("state", "visible") != "visible", target)
            for each in _all(root, "sheet")
            if (target := targets.get(each.get(_RELATION) or each.get(_STRICT_RELATION) or ""))
        ]
        by_kind = {kind: join(dirname(path), f"{kind}.xml") for kind in ("sharedStrings", "styles")}
        for target in targets.values():
            for kind in by_kind:
                if target.endswith(f"{kind}.xml"):
                    by_kind[kind] = target
        self._strings = self._read_strings(by_kind["sharedStrings"])
        self._formats = self._read_formats(by_kind["styles"])

    def rows(self, part: Part) -> Iterator[tuple[int, list[Any]]]:
        """(row as the sheet counts, cells)."""
        row, waiting = 0, 0
        for element in self._elements(part.path):
            waiting += 1
            tag = element.tag
            if tag.endswith("}row"):
                row, waiting = _number(element.get("r"), row + 1), 0
                if row > _LINES_MAX:
                    raise Unreadable("workbook-form", "a row is beyond the end of a sheet")
                yield row, self._cells(element)
                element.clear()
            elif waiting > _ELEMENTS_MAX:
                raise Unreadable("too-large", "the sheet holds more than any sheet can")
            elif tag.endswith("}mergeCell"):
                part.merged.append(element.get("ref", ""))

    def _cells(self, row: Element) -> list[Any]:
        cells: list[Any] = []
        column = -1
        for element in row:
            column = _column(element.get("r", ""), column + 1)
            value = self._value(element)
            if value is None:
                continue
            if column >= _COLUMNS_MAX:
                raise Unreadable("too-large", f"something stands beyond column {_COLUMNS_MAX}")
            cells.extend([None] * (column + 1 - len(cells)))
            cells[column] = value
        return cells

    def _value(self, element: Element) -> Any:
        raw: str | None = None
        inline: Element | None = None
        is_formula = False
        for child in element:
            tag = child.tag
            if tag.endswith("}v"):
                raw = child.text
            elif tag.endswith("}f"):
                is_formula = True
            elif tag.endswith("}is"):
                inline = child
        value = _text(inline) if inline is not None else self._typed(element, raw)
        return Formula(value) if is_formula else value

    def _typed(self, element: Element, raw: str | None) -> Any:
        if raw is None:
            return None
        match element.get("t", "n"):
            case "s":
                try:
                    return self._strings[_number(raw, len(self._strings))]
                except IndexError:
                    return Broken(f"text number {raw}")
            case "b":
                return raw.strip() in ("1", "true")
            case "e":
                return Broken(raw)
            case "n":
                style = _number(element.get("s"), 0)
                known = 0 <= style < len(self._formats)
                format_ = self._formats[style] if known else "General"
                return Number(raw.strip(), format_, self.from_1904)
        return _unescaped(raw)

    def _read_strings(self, path: str) -> list[str]:
        strings: list[str] = []
        if path in self._names:
            waiting = 0
            for element in self._elements(path):
                waiting += 1
                if _local(element) == "si":
                    strings.append(_text(element))
                    element.clear()
                    waiting = 0
                if waiting > _ELEMENTS_MAX or len(strings) > _STRINGS_MAX:
                    raise Unreadable("too-large", "the workbook holds too many texts")
        return strings

    def _read_formats(self, path: str) -> list[str]:
        """The code of the format of each style."""
        if path not in self._names:
            return []
        root = self._tree(path)
        codes = dict[int, str](_BUILT_IN_DATES)
        for each in _all(root, "numFmt"):
            codes[_number(each.get("numFmtId"), -1)] = each.get("formatCode", "General")
        styles = [style for styles in _all(root, "cellXfs") for style in styles]
        return [codes.get(_number(style.get("numFmtId"), 0), "General") for style in styles]

    def _main(self) -> str:
        if "_rels/.rels" in self._names:
            for each in _all(self._tree("_rels/.rels"), "Relationship"):
                if each.get("Type", "").endswith("/officeDocument"):
                    return each.get("Target", "").lstrip("/")
        return "xl/workbook.xml"

    def _targets(self, path: str) -> dict[str, str]:
        """Paths in the archive by id of relation."""
        folder, _, file = path.rpartition("/")
        found: dict[str, str] = {}
        for each in _all(self._tree(f"{folder}/_rels/{file}.rels"), "Relationship"):
            target = each.get("Target", "")
            whole = target.lstrip("/") if target.startswith("/") else join(folder, target)
            if normpath(whole) in self._names:
                found[each.get("Id", "")] = normpath(whole)
        return found

    def _tree(self, path: str) -> Element:
        if path not in self._names:
            raise Unreadable("workbook-form", f"the workbook has no part {path!r}")
        if self._archive.getinfo(path).file_size > _STYLES_BYTES_MAX:
            raise Unreadable("too-large", f"the part {path!r} is too large")
        *_, root = self._elements(path)  # a document has a root, or it does not parse
        return root

    def _elements(self, path: str) -> Iterator[Element]:
        try:
            for _, element in iterparse(self._guarded(path), ("end",)):
                yield element
        except ParseError as error:
            raise Unreadable("workbook-form", f"the part {path!r} is no XML: {error}") from None

    def _guarded(self, path: str) -> Any:
        """The part as a stream. Raises Unreadable for a document type: no workbook needs entities,
        and they are how a few bytes become many.
        """
        seen: list[str] = []
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = lambda *_: seen.append("doctype")
        parser.StartElementHandler = lambda *_: seen.append("element")
        with self._archive.open(path) as stream:
            while not seen and (portion := stream.read(4096)):
                try:
                    parser.Parse(portion)
                except expat.ExpatError as error:
                    if seen[:1] == ["doctype"]:
                        break
                    words = f"the part {path!r} is no XML: {error}"
                    raise Unreadable("workbook-form", words) from None
        if seen[:1] == ["doctype"]:
            raise Unreadable("workbook-form", f"the part {path!r} declares a document type")
        return self._archive.open(path)


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _all(root: Element, name: str) -> Iterator[Element]:
    return (each for each in root.iter() if _local(each) == name)


def _text(element: Element) -> str:
    """All runs of a text, without the readings that stand above them (ruby)."""
    parts: list[str] = []
    for child in element:
        match _local(child):
            case "t":
                parts.append(child.text or "")
            case "r":
                parts += [each.text or "" for each in child if _local(each) == "t"]
    return _unescaped("".join(parts))


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else otherwise


def _column(reference: str, otherwise: int) -> int:
    """0 for "A1"; cells may leave their reference out."""
    found = _LETTERS.match(reference)
    return _column_of(found[0]) if found else otherwise


@lru_cache(maxsize=1024)
def _column_of(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column - 1
