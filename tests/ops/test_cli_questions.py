"""`sogoc crosswalk`, `audit`, `diff`, `why`, `rules` and `events`: questions across days."""

import os
import re
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from domain.legal_basis import LegalBasis
from ops.migrate import migrate
from ops.settings import Settings
from ops.wiring import Wiring, open_register
from tests.ops.conftest import id_text
from tests.services.test_register import unit

DAYS = ("--from", "31/05/2025", "--to", "2025-06-01")
REPOSITORY = Path(__file__).parents[2]


def test_codes_are_crossed_with_how_sure_it_is(town, sogoc):
    said = sogoc("crosswalk", "00001", "00003", *DAYS)
    assert (said.code, said.err) == (0, "")
    told = [(r["code"], r["certainty"], r["found_name"], r["is_default"]) for r in said.rows]
    assert told == [
        ("00001", "exact", "Xã Gộp", "false"),
        ("00003", "split", "Xã 4", "true"),
        ("00003", "split", "Xã 5", "false"),
    ]
    assert {row["document"] for row in said.rows} == {"1656/NQ-UBTVQH15"}
    back = sogoc("crosswalk", "00001", "--from", "2025-06-01", "--to", "2025-05-31")
    assert [row["found_name"] for row in back.rows] == ["Xã 1", "Xã 2"]


def test_an_unknown_code_has_a_line_and_makes_the_exit_code(town, sogoc):
    said = sogoc("crosswalk", "99999", "00004", *DAYS, "--format", "json")
    assert said.code == 1
    assert [(row["code"], row["certainty"]) for row in said.json] == [
        ("99999", "none"),
        ("00004", "exact"),
    ]
    assert said.err == "sogoc: nobody bore these on 31/05/2025: 99999\n"


def test_names_are_accepted_beside_codes(town, sogoc):
    said = sogoc("crosswalk", "xa 1", "00004", "Xã Không", *DAYS)
    assert (said.code, said.err) == (1, "sogoc: nobody bore these on 31/05/2025: Xã Không\n")
    assert [(r["code"], r["certainty"], r["found_name"]) for r in said.rows] == [
        ("xa 1", "exact", "Xã Gộp"),
        ("00004", "exact", "Xã 4"),
        ("Xã Không", "none", ""),
    ]
    assert (said.rows[0]["population_share"], said.rows[0]["is_computed"]) == ("1.0", "false")


def test_codes_come_from_a_list_too(town, sogoc, tmp_path):
    listed = sogoc("units", "--level", "commune", "--valid-at", "2025-05-31").out
    piped = sogoc("crosswalk", "-", *DAYS, stdin=listed)
    assert (piped.code, len(piped.rows)) == (0, 8)
    file = tmp_path / "codes.csv"
    file.write_text("\ufeffcode,name\n00001,Xã 1\n\n00004\n", "utf-8")
    from_file = sogoc("crosswalk", "--file", str(file), *DAYS)
    assert [row["code"] for row in from_file.rows] == ["00001", "00004"]
    assert sogoc("crosswalk", *DAYS).code == 2


def test_the_trail_is_a_sentence_a_line_in_either_language(town, sogoc):
    said = sogoc("audit", "--subject", "00003", "--lang", "en")
    begun, divided = said.out.splitlines()
    assert re.match(r"Record \d+ - 2025-04-01: Xã 3 - came into being", begun)
    assert re.search(r"\)\. Recorded by \S.*, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+07:00\.$", begun)
    assert "successors: Xã 4 (part), Xã 5 (part)" in divided
    vietnamese = sogoc("audit", "--type", "renamed")
    assert " - 01/07/2025: Đảng bộ tỉnh An Mới - " in vietnamese.out
    assert vietnamese.out.startswith("Bản ghi số ")


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ([], 18),
        (["--under", "02"], 3),
        (["--under", "01", "--type", "unit.ended"], 3),
        (["--from", "2025-06-01", "--to", "01/07/2025"], 4),
        (["--document", "1656/NQ-UBTVQH15", "--limit", "5"], 5),
        (["--actor", "nobody"], 0),
        (["--number-unknown"], 0),
        (["--number-known", "--limit", "4"], 4),
        (["--known-at", "3"], 3),
        (["--recorded-to", "2025-01-01"], 0),
        (["--recorded-from", "2025-01-01T00:00+07:00"], 18),
    ],
)
def test_the_trail_is_limited_by_what_is_asked(town, sogoc, asked, number):
    assert len(sogoc("audit", *asked, "--format", "csv").rows) == number


def test_documents_without_a_number_can_be_looked_for(empty, postgres, sogoc):
    migrate(postgres.dsn, empty)
    settings = Settings(Path("/nowhere"), postgres.dsn, empty)
    found, basis = unit("Tỉnh An", code="01"), (LegalBasis(None, issuer="Quốc hội"),)
    with closing(Wiring(settings, postgres.dsn, open_register(settings, postgres.dsn))) as wiring:
        unnumbered = replace(found.envelope, basis=basis)
        wiring.register.execute(unit("Tỉnh Bình", code="02"), replace(found, envelope=unnumbered))
        wiring.project()
    [row] = sogoc("audit", "--number-unknown", "--format", "csv").rows
    assert (row["name"], row["number_unknown"]) == ("Tỉnh An", "true")
    assert "số chưa rõ: Quốc hội" in row["sentence"]
    [known] = sogoc("audit", "--number-known", "--format", "json").json
    assert (known["name"], known["number_unknown"]) == ("Tỉnh Bình", False)


def test_the_newest_come_first_when_asked_so(town, sogoc):
    rows = sogoc("audit", "--newest-first", "--limit", "2", "--format", "json").json
    assert [row["position"] for row in rows] == [18, 17]
    said = sogoc("audit", "--type", "x")
    assert (said.code, "is no type of event" in said.err) == (1, True)


def test_differences_tell_their_cause(town, sogoc):
    rows = sogoc("diff", "--from", "2025-05-31", "--to", "01/06/2025", "--category", "units").rows
    assert {(row["name"], row["field"], row["cause"]) for row in rows} == {
        *((name, "existence", "happened") for name in ("Xã 1", "Xã 2", "Xã 3", "Xã Gộp")),
        *((name, "successors", "happened") for name in ("Xã 1", "Xã 2", "Xã 3")),
    }
    learned = sogoc("diff", "--from", "2025-07-01@17", "--to", "2025-07-01")
    [row] = learned.rows
    assert (row["category"], row["before"], row["after"]) == (
        "organisations",
        "Đảng bộ tỉnh An",
        "Đảng bộ tỉnh An Mới",
    )
    assert row["cause"] == "learned"
    assert sogoc("diff", "--from", "x", "--to", "2025-07-01").code == 2


def test_why_names_what_decides_and_what_gave_way(town, sogoc):
    rows = sogoc("why", "Đảng bộ tỉnh An Mới", "name").rows
    assert [(row["standing"], row["value"]) for row in rows] == [
        ("decides", "Đảng bộ tỉnh An Mới"),
        ("superseded", "Đảng bộ tỉnh An"),
    ]
    assert rows[0]["document"] == "1656/NQ-UBTVQH15"
    table = sogoc("why", "00004", "superior_id", "--format", "table").out
    assert "Huyện Đông" in table
    said = sogoc("why", "00004", "colour")
    assert (said.code, said.out) == (1, "")
    assert "code.nso" in said.err
    both = sogoc("why", "Đông", "name")
    assert "fits 2" in both.err
    assert sogoc("why", "Đông", "name", "--category", "units").code == 0


def test_rules_are_told_with_their_document(sogoc):
    rows = sogoc("rules", "organisation.kind", "--on", "2025-07-01").rows
    assert {row["rule_set"] for row in rows} == {"294-QĐ/TW/1"}
    [one] = sogoc("rules", rows[0]["key"], "--on", "2025-07-01", "--format", "json").json
    assert one["document"]
    said = sogoc("rules", "nothing", "--on", "2025-07-01")
    assert (said.code, said.out) == (1, "")


def test_events_are_the_records_as_they_are_stored(town, sogoc):
    stored = [each.state.decode() for each in town.wiring.register.store.feed(0, 100)]
    assert sogoc("events").out.splitlines() == stored
    assert sogoc("events", "--after", "3", "--limit", "2").out.splitlines() == stored[3:5]
    table = sogoc("events", "--limit", "1", "--format", "table").out
    assert "unit.established" in table
    assert "name Tỉnh An" in table
    [row] = sogoc("events", "--after", "17", "--format", "json").json
    assert (row["position"], row["data"]) == (18, {"name": "Đảng bộ tỉnh An Mới"})
    assert sogoc("events", "--follow", "--format", "json").code == 2


def command(*arguments):
    return [sys.executable, "-c", "from ops.cli import main; main()", *arguments]


def test_following_goes_on_until_nobody_reads(town):
    """In a locale that knows no Vietnamese, for a reader that leaves after three lines."""
    environment = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command("events", "--follow"), stdout=pipe, stderr=pipe, env=environment, cwd=REPOSITORY
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        lines = [process.stdout.readline() for _ in range(3)]
        process.stdout.close()
        assert process.wait(20) == 0
        assert process.stderr.read() == b""
    assert "Tỉnh An" in lines[0].decode()


def test_a_reader_that_leaves_early_ends_it_in_silence(town):
    script = " ".join(
        ["{", *(f"'{part}'" for part in command("units")), "; echo $? >&2; } | head -1"]
    )
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, cwd=REPOSITORY)
    assert done.stdout.startswith("code,name")
    assert done.stderr == "0\n"


def test_it_works_beside_a_serving_process(town, sogoc):
    with town.wiring.following():
        assert sogoc("units", "--code", "02").rows[0]["id"] == id_text("Tỉnh Bình")
        assert sogoc("crosswalk", "00004", *DAYS).code == 0
