"""What stands in a cell of a dossier, and what it is read as, or why it is not."""

from __future__ import annotations

import json
import unicodedata
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dossiers.files.cells import Number, Refused
from services.dossiers.files.reading import Read, read_bytes
from services.dossiers.files.schema import ALL, Column
from services.dossiers.files.values import READERS, plain_text

DAY = "dd/mm/yyyy"


def read_as(table: str, field: str, cell: Any, governing: str | None = None) -> Any:
    [column] = [c for t in ALL if t.name == table for c in t.columns if c.field == field]
    return READERS[column.type](cell, column, governing)


def refusal(table: str, field: str, cell: Any, governing: str | None = None) -> str:
    with pytest.raises(Refused) as refused:
        read_as(table, field, cell, governing)
    return refused.value.rule


# Texts


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_vietnamese_comes_out_composed_with_single_blanks(form):
    typed = unicodedata.normalize(form, "  Phường\u00a0 Ngô\tQuyền\n")
    assert read_as("after", "name", typed) == "Phường Ngô Quyền"


@pytest.mark.parametrize(
    "hidden", ["\u200b", "\u202e", "\u00ad", "\x00", "\x1b", "\ufeff", "\ud800", "\ue000"]
)
def test_what_cannot_be_seen_is_refused_by_its_number(hidden):
    with pytest.raises(Refused, match=f"U\\+{ord(hidden):04X}") as refused:
        read_as("after", "name", f"Phường{hidden}A")
    assert refused.value.rule == "text-printable"


@pytest.mark.parametrize("text", ["=1+1", "+84", "@SUM(A1)", '=HYPERLINK("x")'])
def test_what_a_spreadsheet_would_run_is_refused(text):
    assert refusal("after", "name", text) == "text-form"


def test_texts_have_a_length():
    assert read_as("after", "name", "x" * 200) == "x" * 200
    assert refusal("after", "name", "x" * 201) == "too-long"
    assert refusal("decisions", "reason", "x" * 10_001) == "too-long"


@pytest.mark.parametrize("cell", [Number("5"), True, [], {}, Number("45839", DAY)])
def test_what_is_no_text_is_refused_where_a_text_is_wanted(cell):
    assert refusal("after", "name", cell) == "value-type"


@given(text=st.text())
def test_a_text_is_read_in_one_form_or_refused(text):
    try:
        read = plain_text(text)
    except Refused:
        return
    assert read.isprintable()
    assert read == plain_text(read) == unicodedata.normalize("NFC", read)


# Codes


@pytest.mark.parametrize("code", ["00004", "4", "id:0198c0de", "ttxvn:A-12", "new:cells/1", "01 A"])
def test_a_code_is_the_text_that_stands_there(code):
    assert read_as("before", "code", f" {code} ") == code


@pytest.mark.parametrize("text", ["4.0", "4,0", "1E+05", "1.5e3", "12e3"])
def test_a_code_that_was_a_number_is_refused(text):
    assert refusal("before", "code", text) == "code-number"


@pytest.mark.parametrize("text", ["'00004", '="00004"', "Mã 4", "-4", "-", "#N/A", "x" * 101])
def test_what_is_no_code_is_refused(text):
    assert refusal("before", "code", text) in ("code-form", "text-form")


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (Number("4", "00000"), "00004"),
        (Number("4.0", "00000"), "00004"),
        (Number("10081", "00000"), "10081"),
        (Number("0", "00"), "00"),
    ],
)
def test_a_number_is_a_code_where_its_format_says_how_many_digits(number, code):
    assert read_as("before", "code", number) == code
    assert read_as("before", "superior", number) == code


@pytest.mark.parametrize(
    "number",
    [
        Number("4"),
        Number("4", "#,##0"),
        Number("4", "@"),
        Number("4", "000-00"),
        Number("4.5", "00000"),
        Number("-4", "00000"),
        Number("1E5", "00000"),
        Number("45839", DAY),
    ],
)
def test_any_other_number_is_no_code(number):
    assert refusal("before", "code", number) == "code-number"
    assert refusal("decisions", "ref", number) == "code-number"


def test_nobody_is_meant_only_where_nobody_can_be():
    assert read_as("after", "keeps", "-") == read_as("after", "superior", " - ") == "-"
    assert refusal("after", "code", "-") == "code-form"


def test_several_stand_in_one_cell_or_in_a_list():
    assert read_as("decisions", "cites", "a; b,c\nd") == ("a", "b", "c", "d")
    assert read_as("decisions", "cites", ["a", "b"]) == ("a", "b")
    assert refusal("decisions", "cites", "a; a") == "repeated"
    assert refusal("decisions", "cites", [["a"]]) == "value-type"
    assert refusal("decisions", "ref", "a;b") == "handle-form"


def test_whose_board_it_is_may_be_said_in_words():
    assert read_as("decisions", "authority", "Cấp trên trực tiếp") == "@superior"
    assert read_as("decisions", "authority", "@superior") == "@superior"


# Dates


@pytest.mark.parametrize(
    "text", ["2025-07-01", "01/07/2025", "1/7/2025", "2025-07-01T00:00:00", "2025-07-01 00:00:00"]
)
def test_a_day_is_read_in_iso_and_the_vietnamese_way(text):
    assert read_as("decisions", "issued_on", text) == date(2025, 7, 1)


@pytest.mark.parametrize(
    "text",
    [
        "07/13/2025",
        "31/02/2025",
        "1/7/25",
        "2025-7-1",
        "2025/07/01",
        "01-07-2025",
        "1.7.2025",
        "45839",
        "0000-01-01",
        "2025-07-01T09:30:00",
        "tháng 7 năm 2025",
        "٠١/٠٧/٢٠٢٥",
    ],
)
def test_what_is_no_day_for_sure_is_refused(text):
    assert refusal("decisions", "issued_on", text) == "date-form"


@pytest.mark.parametrize("text", ["01/01/1925", "31/12/1929", "2200-01-01", "31/12/9999"])
def test_a_dossier_takes_effect_in_years_that_there_are(text):
    assert refusal("dossier", "effective_on", text) == "date-form"


@pytest.mark.parametrize(
    ("number", "day"),
    [
        (Number("45839", DAY), date(2025, 7, 1)),
        (Number("45839.0", "[$-42A]d mmmm yyyy"), date(2025, 7, 1)),
        (Number("45839"), date(2025, 7, 1)),
        (Number("44377", DAY, from_1904=True), date(2025, 7, 1)),
        (Number("44377", from_1904=True), date(2025, 7, 1)),
        (Number("61", DAY), date(1900, 3, 1)),
        (Number("16438"), date(1945, 1, 1)),
    ],
)
def test_serial_days_are_read_in_both_systems(number, day):
    assert read_as("decisions", "issued_on", number) == day


@pytest.mark.parametrize(
    "number",
    [
        Number("60", DAY),
        Number("2025"),
        Number("20250701"),
        Number("45839.5", DAY),
        Number("-1", DAY),
        Number("16437"),
        Number("1e400"),
        Number("NaN"),
        Number("abc"),
    ],
)
def test_a_number_that_is_no_day_for_sure_is_refused(number):
    assert refusal("decisions", "issued_on", number) in ("date-form", "number-form")


@given(day=st.dates(date(1900, 3, 1), date(2999, 12, 31)))
def test_the_two_systems_differ_by_1462_days(day):
    serial = (day - date(1899, 12, 30)) // timedelta(days=1)
    assert read_as("decisions", "issued_on", Number(str(serial), DAY)) == day
    if day > date(1904, 1, 1):
        old = Number(str(serial - 1462), DAY, from_1904=True)
        assert read_as("decisions", "issued_on", old) == day


# Numbers


@pytest.mark.parametrize(
    ("cell", "metres"),
    [
        ("54.07", 54_070_000),
        ("54,07", 54_070_000),
        ("0,000001", 1),
        ("331212", 331_212_000_000),
        ("1.234", 1_234_000),
        (Number("54.069999999999993"), 54_070_000),
        (Number("54"), 54_000_000),
        (Number("1E-6"), 1),
    ],
)
def test_an_area_is_read_in_square_kilometres(cell, metres):
    assert read_as("transfers", "area", cell) == metres


@pytest.mark.parametrize(
    "cell",
    ["1.234,56", "1,234.5", "-1", "0.0000001", "1e3", "54 km²", Number("-1"), Number("1e-7"),
     Number("1e300"), Number("45839", DAY), "1000000000"],
)  # fmt: skip
def test_what_is_no_area_is_refused(cell):
    assert refusal("transfers", "area", cell) == "area-form"


@pytest.mark.parametrize(
    ("cell", "people"),
    [("12345", 12345), ("0", 0), (Number("12345"), 12345), (Number("5E3"), 5000)],
)
def test_people_are_counted_whole(cell, people):
    assert read_as("transfers", "population", cell) == people


@pytest.mark.parametrize(
    "cell", ["12.345", "12,345", "1e3", "-1", "12.0", "½", "١", Number("12.5"), Number("1e11"),
             Number("-1"), Number("45839", DAY)],
)  # fmt: skip
def test_what_is_no_whole_number_is_refused(cell):
    assert refusal("transfers", "population", cell) == "number-form"


def test_steps_begin_with_one():
    assert read_as("before", "step", "2") == 2
    assert refusal("before", "step", "0") == "number-form"


# Closed values


@pytest.mark.parametrize(
    "yes", ["true", "TRUE", "x", "X", "có", "Có", "co", "1", True, Number("1")]
)
def test_yes_is_said_in_many_ways(yes):
    assert read_as("transfers", "is_default", yes) is True


@pytest.mark.parametrize("no", ["false", "không", "KHÔNG", "0", False, Number("0")])
def test_so_is_no(no):
    assert read_as("transfers", "is_default", no) is False


@pytest.mark.parametrize("neither", ["2", "maybe", Number("2"), Number("1.0"), []])
def test_and_anything_else_is_neither(neither):
    assert refusal("transfers", "is_default", neither) in ("truth-form", "value-type")


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("extent", "Toàn bộ", "whole"),
        ("extent", "mot phan", "part"),
        ("extent", "chưa rõ", "unknown"),
        ("subject", "Đơn vị hành chính", "unit"),
        ("subject", "TO CHUC DANG", "organisation"),
    ],
)
def test_words_stand_for_codes(field, text, code):
    assert read_as("transfers", field, text) == code


def test_an_unknown_word_is_told_the_nearest():
    with pytest.raises(Refused, match="did you mean 'whole'") as refused:
        read_as("transfers", "extent", "wohle")
    assert refused.value.rule == "extent-known"
    with pytest.raises(Refused, match="one of whole, part, unknown"):
        read_as("transfers", "extent", "zzz")
    assert refusal("declared", "type", "**", "unit") == "type-known"
    assert read_as("declared", "type", "*", "unit") == "*"
    assert refusal("before", "type", "*", "unit") == "type-known"


# Everything in one pass


def test_every_slip_of_a_row_is_told_and_not_only_the_first():
    row = {"subject": "unit", "code": 4, "level": "xóm", "type": "chi bộ", "step": "x", "name": ""}
    read = json_read(before=[row, {"subject": "unit", "code": "1"}, {"subject": "?", "code": "2"}])
    assert [(v.row, v.field, v.rule) for v in read.verdicts] == [
        (1, "step", "number-form"),
        (1, "code", "code-number"),
        (1, "level", "level-known"),
        (1, "type", "type-known"),
        (3, "subject", "subject-known"),
    ]
    assert [row.row for row in read.tables.before] == [2]
    assert not read.is_sound


def test_references_to_documents_are_held_against_the_documents():
    read = json_read(
        decisions=[{"ref": "nq", "cites": ["luat", "nq"]}, {"ref": "nq"}, {"ref": "qd"}],
        before=[{"subject": "unit", "code": "1", "decision": "nqq"}],
        after=[{"subject": "unit", "code": "1", "decision": "qd"}],
    )
    assert [(v.table, v.row, v.field, v.rule) for v in read.verdicts] == [
        ("decisions", 2, "ref", "ref-once"),
        ("decisions", 1, "cites", "ref-known"),
        ("before", 1, "decision", "ref-known"),
    ]
    assert "did you mean 'nq'" in read.verdicts[2].words


def test_a_document_that_is_wrong_in_itself_is_not_missed_by_others():
    read = json_read(
        decisions=[{"ref": "nq", "issued_on": "?"}],
        before=[{"subject": "unit", "code": "1", "decision": "nq"}],
    )
    assert [(v.table, v.rule) for v in read.verdicts] == [("decisions", "date-form")]


def json_read(**tables: Any) -> Read:
    heading = {"title": "Sắp xếp", "effective_on": "2025-07-01"}
    return read_bytes("x.json", json.dumps({"dossier": heading, **tables}).encode())


def test_there_is_a_reader_for_every_type_of_column():
    columns: list[Column] = [column for table in ALL for column in table.columns]
    assert {column.type for column in columns} == set(READERS)
