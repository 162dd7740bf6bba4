"""Dossiers written to files and read back: the same from CSV, XLSX and JSON."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import fields
from datetime import date
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.reader.excel import load_workbook

from domain.dossier.tables import (
    After,
    Before,
    Decision,
    Declared,
    Handover,
    Heading,
    Rule,
    Tables,
    Transfer,
)
from domain.names import folded
from services.dossiers.files import schema, words
from services.dossiers.files.cells import Refused
from services.dossiers.files.reading import Read, read_bytes, read_path
from services.dossiers.files.schema import ALL, DOSSIER, TABLES, Column, Table
from services.dossiers.files.to_csv import csv_files, csv_template, write_folder, zipped
from services.dossiers.files.to_json import json_document, json_template
from services.dossiers.files.to_workbook import workbook, workbook_template
from services.dossiers.files.values import plain_text
from services.reorganisation import reading as reorganisation
from services.reorganisation.dossiers import dossiers as dossiers_of_2025

JULY = date(2025, 7, 1)
TYPES: dict[str, schema.ColumnType] = {
    "Đối tượng": "subject",
    "Cấp": "level",
    "Loại hình": "type",
    "Loại cơ sở": "setting",
}
WRITERS = {
    "csv": lambda heading, tables: zipped(csv_files(heading, tables)),
    "xlsx": workbook,
    "json": json_document,
}


def written_back(form: str, heading: Heading, tables: Tables) -> Read:
    return read_bytes(f"dossier.{form}", WRITERS[form](heading, tables))


# Strategies, derived from the schema: a new column is tested as soon as it is there


def _is_fine(text: str) -> bool:
    try:
        return bool(plain_text(text, 60))
    except Refused:
        return False


def _tuple(texts: list[str]) -> tuple[str, ...]:
    return tuple(texts)


def _one_form(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


LETTERS = st.characters(exclude_categories=("C", "Zl", "Zp"))
TEXTS = st.text(LETTERS, min_size=1, max_size=30).map(_one_form).filter(_is_fine)
CODES = st.from_regex(r"[0-9]{2,5}|id:[0-9a-f-]{8,36}|new:cells/[1-9]", fullmatch=True)
HANDLES = TEXTS.filter(lambda text: not set(text) & set(",;"))
BY_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "name": TEXTS,
    "text": TEXTS,
    "code": CODES,
    "code_or_none": CODES | st.just("-"),
    "handle": HANDLES,
    "handles": st.lists(HANDLES, max_size=3, unique=True).map(_tuple),
    "date": st.dates(date(1802, 1, 1), date(2999, 1, 1)),
    "count": st.integers(0, 10**10),
    "step": st.integers(1, 10_000),
    "area": st.integers(0, 10**14),
    "truth": st.booleans(),
}


def of_column(column: Column, governing: str | None, refs: list[str]) -> st.SearchStrategy[Any]:
    values: st.SearchStrategy[Any]
    if column.field == "decision":
        values = st.sampled_from(refs) if refs else st.nothing()
    elif column.field == "effective_on":
        values = st.dates(date(1930, 1, 1), date(2199, 12, 31))
    elif column.field == "cites":
        values = st.lists(st.sampled_from(refs), max_size=2, unique=True).map(_tuple)
    elif column.type == "rule" and (governing or "").startswith("organisation_decision"):
        values = HANDLES
    elif column.type in schema.CLOSED:
        starred = ["*"] if column.is_starred else []
        values = st.sampled_from([*words.labels(column.type, governing), *starred])
    else:
        values = BY_TYPE[column.type]
    return values if column.is_required else values | st.just(column.default)


@st.composite
def rows_of(draw: Any, table: Table, refs: list[str]) -> tuple[Any, ...]:
    rows = []
    for number in range(1, draw(st.integers(0, 3)) + 1):
        values: dict[str, Any] = {}
        governing = None
        for column in table.columns:
            values[column.field] = draw(of_column(column, governing, refs))
            if column.type in schema.GOVERNING:
                governing = values[column.field]
        rows.append(table.row_type(row=number, **values))
    return tuple(rows)


@st.composite
def dossiers(draw: Any) -> tuple[Heading, Tables]:
    heading = Heading(**{c.field: draw(of_column(c, None, [])) for c in DOSSIER.columns})
    refs = draw(st.lists(HANDLES, max_size=3, unique=True))
    decisions = [
        Decision(
            row=row,
            **{
                c.field: ref if c.field == "ref" else draw(of_column(c, None, refs))
                for c in schema.DECISIONS.columns
            },
        )
        for row, ref in enumerate(refs, start=1)
    ]
    others = {t.name: draw(rows_of(t, refs)) for t in TABLES if t.name != "decisions"}
    return heading, Tables(decisions=tuple(decisions), **others)


@pytest.mark.parametrize("form", WRITERS)
@given(dossier=dossiers())
def test_what_was_written_is_read_back_the_same(form, dossier):
    heading, tables = dossier
    read = written_back(form, heading, tables)
    assert read.verdicts == ()
    assert read.heading == heading
    assert read.tables == tables


@given(dossier=dossiers())
def test_the_same_content_has_the_same_digest_from_whatever_file(dossier):
    digests = {written_back(form, *dossier).digest for form in WRITERS}
    assert len(digests) == 1


def test_any_change_of_content_changes_the_digest_and_none_of_places_does():
    heading = Heading("Sắp xếp", JULY)
    row = Before(1, "unit", "00004")
    one = written_back("json", heading, Tables(before=(row,)))
    other = written_back("json", heading, Tables(before=(Before(1, "unit", "00005"),)))
    moved = read_bytes(
        "x.json",
        b'{"before": [{"code": "00004", "subject": "unit"}], "rules": [],'
        b'"dossier": {"effective_on": "01/07/2025", "title": "S\xe1\xba\xafp x\xe1\xba\xbfp"}}',
    )
    assert moved.is_sound
    assert one.digest == moved.digest != other.digest


def test_the_same_dossier_has_the_same_bytes():
    dossier = Heading("Sắp xếp", JULY), Tables(before=(Before(1, "unit", "00004"),))
    for write in WRITERS.values():
        assert write(*dossier) == write(*dossier)


def test_a_folder_is_read_as_its_archive_is(folder):
    dossier = Heading("Sắp xếp", JULY), Tables(rules=(Rule(1, "subordinates", "superior"),))
    write_folder(folder, csv_files(*dossier))
    assert read_path(folder).tables == dossier[1]
    archive = folder / "ho-so.zip"
    archive.write_bytes(zipped(csv_files(*dossier)))
    assert read_path(archive).digest == read_path(folder).digest
    archive.unlink()
    (folder / "doc-truoc.txt").write_text("x")
    [noted] = read_path(folder).verdicts
    assert (noted.severity, noted.file, noted.rule) == ("warning", "doc-truoc.txt", "file-kind")


def test_what_is_not_there_is_said():
    read = read_path(Path("/nowhere/at/all"))
    assert [v.rule for v in read.verdicts] == ["file"]
    assert read.heading is None
    assert read.digest is None


def test_the_dossiers_of_2025_are_read_back_as_they_were_written():
    lists, findings = reorganisation.read(files("services.vn2025"))
    assert findings == []
    made = list(dossiers_of_2025(lists))
    assert len(made) == 35
    for heading, tables in made:
        read = written_back("csv", heading, tables)
        assert (read.verdicts, read.heading, read.tables) == ((), heading, tables)
    largest = max(made, key=lambda dossier: len(dossier[1]))
    assert written_back("xlsx", *largest).tables == largest[1]


# Templates


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("template.zip", zipped(csv_template())),
        ("template.xlsx", workbook_template()),
        ("template.json", json_template()),
    ],
)
def test_a_template_lacks_nothing_but_what_it_is_to_be_filled_with(name, content):
    read = read_bytes(name, content)
    assert [(v.field, v.rule) for v in read.verdicts] == [
        ("title", "required"),
        ("effective_on", "required"),
    ]
    assert set(read.places) == {table.name for table in ALL}


def test_a_filled_template_of_a_workbook_is_sound():
    book = load_workbook(BytesIO(workbook_template()))
    sheet = book["Hồ sơ"]
    given_ = {"Tên hồ sơ": "Sắp xếp", "Ngày có hiệu lực": "1/7/2025"}
    for row in sheet.iter_rows(min_row=2):
        row[1].value = given_.get(row[0].value)
    book["Trước sắp xếp"].append([1, "đơn vị hành chính", "00004", "cấp xã", "Xã A", "phường"])
    out = BytesIO()
    book.save(out)
    read = read_bytes("filled.xlsx", out.getvalue())
    assert read.verdicts == ()
    assert read.heading == Heading("Sắp xếp", JULY)
    assert read.tables.before == (Before(1, "unit", "00004", 1, "commune", "Xã A", "phuong"),)


def test_a_workbook_keeps_codes_as_texts_and_offers_lists():
    heading, tables = Heading("S", JULY), Tables(after=(After(1, "unit", "00004"),))
    book = load_workbook(BytesIO(workbook(heading, tables)))
    assert book.sheetnames[0] == "Hướng dẫn"
    sheet = book["Sau sắp xếp"]
    headed = {cell.value: cell for cell in sheet[1]}
    code = sheet.cell(2, headed["Mã số"].column)
    assert (code.value, code.data_type, code.number_format) == ("00004", "s", "@")
    assert sheet.freeze_panes == "A2"
    lists = {str(v.sqref).split(":")[0]: v.formula1 for v in sheet.data_validations.dataValidation}
    for name in TYPES:
        column = headed[name].column_letter
        first, last = lists[f"{column}2"].split("!")[1].replace("$", "").split(":")
        offered = {cell.value for [cell] in book["Danh mục"][first:last]}
        assert None not in offered
        assert offered == set(words.labels(TYPES[name]).values())
    [below] = [
        of for of in sheet.column_dimensions.values() if of.min <= headed["Mã số"].column <= of.max
    ]
    assert below.number_format == "@"


# The schema


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
def test_every_field_of_a_row_is_a_column_and_no_heading_means_two(table):
    of_row = {f.name for f in fields(table.row_type)} - {"row"}
    assert {column.field for column in table.columns} == of_row
    known: dict[str, Column] = {}
    for column in table.columns:
        for heading in column.headings:
            assert known.setdefault(folded(heading), column) is column


def test_no_name_means_two_tables():
    known: dict[str, Table] = {}
    for table in ALL:
        for name in table.names:
            assert known.setdefault(folded(name), table) is table


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
def test_every_example_of_the_schema_can_be_read(table):
    for column in table.columns:
        if column.example:
            row = {"subject": "unit", "sort": "members", "body": "executive_committee"}
            row |= {column.name: column.example}
            required = {
                c.name: c.example for c in table.columns if c.is_required and c.name not in row
            }
            content = {"dossier": {"title": "S", "effective_on": "2025-07-01"}}
            content |= {table.name: {**required, column.name: column.example}}
            if table is not DOSSIER:
                content[table.name] = [  # type: ignore[assignment]
                    {k: v for k, v in {**required, **row}.items() if _has(table, k)}
                ]
            read = read_bytes("x.json", json.dumps(content).encode())
            slips = [v for v in read.verdicts if v.rule != "ref-known"]
            assert slips == [], column.name


def _has(table: Table, name: str) -> bool:
    return any(column.name == name for column in table.columns)


@pytest.mark.parametrize("type_", [*schema.CLOSED])
@pytest.mark.parametrize("governing", ["unit", "organisation", "executive_committee", None])
def test_every_word_shown_is_recognised_in_any_form(type_, governing):
    labels = words.labels(type_, governing)
    assert labels or type_ in ("post", "rule")
    for code, word in labels.items():
        assert words.recognise(type_, code, governing) == code
        for typed in (word.upper(), unicodedata.normalize("NFD", word), folded(word)):
            assert words.recognise(type_, typed, governing) == code


def test_what_a_word_means_follows_from_the_row():
    assert words.recognise("type", "Thành phố thuộc tỉnh", "unit") == "thanh_pho"
    assert words.recognise("type", "chi bộ", "organisation") == "cell"
    assert words.recognise("type", "chi bộ", "unit") is None
    assert words.recognise("post", "Bí thư", "executive_committee") == "secretary"
    assert words.recognise("post", "Bí thư", "people_council") is None
    assert words.recognise("rule", "Chi bộ", "organisation_kind.commune") == "cell"
    assert words.recognise("rule", "cấp trên trực tiếp", "subordinates") == "superior"
    assert words.recognise("rule", "cấp trên trực tiếp", "members") is None


def test_a_finding_in_a_row_is_placed_in_its_file():
    heading = Heading("Sắp xếp", JULY)
    transfers = tuple(Transfer(n, "unit", f"0000{n}", "00009") for n in (1, 2, 3))
    others = (Declared(1, "unit", "commune"),)
    hand = (Handover(1, "members", "00001"),)
    tables = Tables(transfers=transfers, declared=others, handovers=hand)
    for form, file, sheet, row in (
        ("csv", "transfers.csv", "transfers", 3),
        ("xlsx", "dossier.xlsx", "Chuyển giao", 3),
        ("json", "dossier.json", "transfers", 2),
    ):
        read = written_back(form, heading, tables)
        verdict = read.verdict("transfers", 2, "area", "INV-X", "it is not so", "72/2025/QH15")
        assert (verdict.file, verdict.table, verdict.row) == (file, sheet, row)
        assert (verdict.field, verdict.document) == ("area_km2", "72/2025/QH15")
        assert read.verdict("transfers", 0, "row", "x", "y").row == 0
    read = written_back("csv", heading, tables)
    assert read.verdict("dossier", 0, "effective_on", "x", "y").row == 4


def test_places_count_lines_with_breaks_in_them_and_rows_that_are_wrong():
    with ZipFile(out := BytesIO(), "w") as archive:
        archive.writestr("dossier.csv", "field,value\ntitle,S\neffective_on,2025-07-01\n")
        archive.writestr(
            "before.csv", 'subject,code,name\r\nunit,1,"Xã\r\nA"\r\n\r\nunit,,B\r\nunit,3,C\r\n'
        )
    read = read_bytes("x.zip", out.getvalue())
    assert [(v.row, v.rule) for v in read.verdicts] == [(5, "required")]
    assert [(row.row, row.name) for row in read.tables.before] == [(1, "Xã A"), (3, "C")]
    assert read.verdict("before", 3, "code", "x", "y").row == 6
