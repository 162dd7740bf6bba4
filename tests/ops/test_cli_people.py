"""Persons and their keys on the command line."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import psycopg
import pytest

CASE = ("--case", "07-VV/UBKTTU", "--body", "Ủy ban Kiểm tra Tỉnh ủy")
BECAUSE = ("--reason", "Danh sách của chi bộ")
SEEING = ("--names", "--purpose", "vụ việc 07-VV/UBKTTU")
DAY = ("--on", "2025-07-01")
ORDER = ("--basis", "05-QĐ/TU", "--authority", "Ban Thường vụ Tỉnh ủy")
PEOPLE: list[dict[str, Any]] = [
    {"name": "Nguyễn Văn Thử", "birth_date": "1975-03-02", "of_minority": False},
    {"name": "Trần Thị Mẫu", "phone": None},
]


@pytest.fixture
def register(empty, sogoc, monkeypatch, tmp_path: Path) -> Path:
    """An empty register; returns its data folder."""
    monkeypatch.setenv("SOGOC_DATA", str(tmp_path))
    assert sogoc("migrate").out.splitlines()[-1] == "For the keys of persons: applied 0001_keys."
    return tmp_path


def lines(people: list[Any]) -> str:
    return "\n".join(json.dumps(each, ensure_ascii=False) for each in people)


@pytest.fixture
def ids(register, sogoc) -> list[str]:
    said = sogoc("people", "register", "-", *BECAUSE, *DAY, stdin=lines(PEOPLE))
    assert said.code == 0, said.err
    return [row["id"] for row in said.rows]


def test_persons_come_from_lines_and_are_shown_with_names_only(ids, sogoc):
    said = sogoc("people", "show", ids[0])
    assert said.rows == [{"id": ids[0], "status": "registered", "holds": "[]", "destroyed_at": ""}]
    assert said.err == ""
    said = sogoc("people", "show", ids[0], *SEEING)
    assert (said.rows[0]["name"], said.rows[0]["birth_date"]) == ("Nguyễn Văn Thử", "1975-03-02")
    assert "put on record" in said.err
    [told] = sogoc("people", "readers", ids[0]).rows
    assert (told["actor_id"], told["purpose"]) == ("operator", "vụ việc 07-VV/UBKTTU")
    at = told["read_at"]
    assert sogoc("people", "readers", ids[0], "--read-from", at).rows == [told]
    assert sogoc("people", "readers", ids[0], "--read-to", at).rows == []


def test_persons_are_searched_for_a_purpose(ids, sogoc):
    assert sogoc("people", "search", "thu").code == 2
    assert [r["id"] for r in sogoc("people", "search", "thu", *SEEING).rows] == [ids[0]]
    said = sogoc("people", "search", "-", "--purpose", "x", stdin="Mẫu\n")
    assert (said.rows[0]["id"], "name" in said.rows[0]) == (ids[1], False)


def test_a_line_is_repeated_to_no_effect_where_it_has_an_id(ids, sogoc):
    again = lines([PEOPLE[0] | {"id": ids[0]}])
    for _ in range(2):
        assert sogoc("people", "register", "-", *BECAUSE, *DAY, stdin=again).rows[0]["id"] == ids[0]
    assert sogoc("keys", "status").rows[0]["keys"] == "2"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("SECRET", "Line 1 is no JSON object"),
        ('{"name": 7}', "Line 1 is no JSON object"),
        ('{"name": "A", "SECRET": "x"}', "Line 1 has 1 names beside"),
        ('{"name": "A", "birth_date": "SECRET"}', "birth_date is not well formed"),
        ('{"name": "A", "sex": "SECRET"}', "Line 1: It is one of female, male"),
        ('{"name": "A", "of_minority": "SECRET"}', "of_minority is no bool"),
        ('{"name": "A", "id": "SECRET"}', "id is not well formed"),
    ],
)
def test_a_wrong_line_is_named_and_not_quoted(register, sogoc, line, words):
    said = sogoc("people", "register", "-", *BECAUSE, stdin=line)
    assert (said.code, said.out) == (1, "")
    assert words in said.err
    assert "SECRET" not in said.err


def test_a_file_that_is_not_there_is_told(register, sogoc):
    assert "cannot be read" in sogoc("people", "register", "/nowhere", *BECAUSE).err


def test_details_are_recorded_corrected_and_taken_back(ids, sogoc, tmp_path):
    file = tmp_path / "details.json"
    file.write_text(json.dumps({"name": "Nguyễn Văn Đổi"}), "utf-8")
    given = (ids[0], str(file), *BECAUSE, "--on", "2025-08-01")
    assert sogoc("people", "record", *given, "--dry-run").rows[0]["position"] == ""
    assert sogoc("people", "record", *given).rows[0]["event"] == "person.details-recorded"
    assert sogoc("people", "record", *given).rows == []
    assert sogoc("people", "show", ids[0], *SEEING).rows[0]["name"] == "Nguyễn Văn Đổi"
    past = ("--valid-at", "2025-07-15")
    assert sogoc("people", "show", ids[0], *SEEING, *past).rows[0]["name"] == "Nguyễn Văn Thử"
    assert sogoc("people", "void", ids[0], "3", *BECAUSE).rows[0]["event"] == "person.voided"
    assert sogoc("people", "show", ids[0], *SEEING).rows[0]["name"] == "Nguyễn Văn Thử"


def test_a_hold_forbids_what_is_then_done_with_a_receipt(ids, sogoc):
    assert sogoc("people", "hold", ids[0], *CASE, *BECAUSE, *DAY).rows
    refused = sogoc("people", "destroy", ids[0], *ORDER)
    assert refused.code == 1
    assert "the case 07-VV/UBKTTU of Ủy ban Kiểm tra Tỉnh ủy" in refused.err
    assert sogoc("people", "lift", ids[0], *CASE, *BECAUSE).rows
    assert sogoc("people", "destroy", ids[0], *ORDER).rows[0]["event"] == "person.key-destroyed"
    assert sogoc("people", "show", ids[0], *SEEING).rows[0]["status"] == "destroyed"
    assert sogoc("keys", "sweep").out.startswith("0 keys destroyed")
    assert sogoc("rebuild", "all").code == sogoc("verify").code == 0


def test_the_master_key_is_in_a_file_for_nobody_else(ids, register):
    file = register / "master.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_master_key_is_replaced_and_no_event_changes(ids, register, sogoc, postgres, empty):
    def stored() -> list[Any]:
        with psycopg.connect(postgres.dsn) as connection:
            return connection.execute(f"SELECT * FROM {empty}.events").fetchall()

    before, old = stored(), (register / "master.key").read_text()
    assert sogoc("keys", "rotate").out == "2 keys wrapped anew.\n"
    assert stored() == before
    assert (register / "master.key.previous").read_text() == old
    assert (register / "master.key").read_text() != old
    (register / "master.key.previous").unlink()
    assert sogoc("people", "show", ids[0], *SEEING).rows[0]["name"] == "Nguyễn Văn Thử"
    rows = sogoc("keys", "status").rows
    assert [(row["is_current"], row["keys"]) for row in rows] == [("false", "0"), ("true", "2")]


def test_another_master_key_opens_nothing_and_is_not_made_in_silence(ids, register, sogoc):
    (register / "master.key").unlink()
    for given in (("show", ids[0], *SEEING), ("register", "-", *BECAUSE)):
        said = sogoc("people", *given, stdin=lines(PEOPLE))
        assert (said.code, said.err.count("which was not given")) == (1, 1)
    assert not (register / "master.key").exists()


def test_without_a_vault_one_is_told_what_to_do(empty, sogoc, postgres):
    assert sogoc("migrate").code == 0
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA {empty}_keys CASCADE")
    assert "sogoc migrate" in sogoc("keys", "status").err
