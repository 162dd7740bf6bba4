"""`sogoc dossier`: from a template to the carrying out and its correction, as a clerk does it."""

from __future__ import annotations

from datetime import date

import pytest

from domain.dossier.tables import Heading
from domain.unit import AdministrativeUnit
from ops.cli import dossier_acts
from ops.cli.dossiers import write_dossier
from ops.migrate import migrate
from ops.settings import Settings
from ops.wiring import Wiring, open_register
from services.commands import Rename
from services.dossiers.files.reading import read_path
from services.register import Register
from tests.services.dossiers import (
    DAY,
    STATE,
    TODAY,
    becomes,
    country,
    envelope,
    id_of,
    merger,
    people,
    tables,
    was,
)

KEY = "an/2026"
HEADING = Heading("Sắp xếp xã Đồng và xã Suối", DAY, key=KEY)
DRAFTER, APPROVER = ("--by", "office-1"), ("--by", "office-2")


@pytest.fixture
def own(empty, postgres, tmp_path, today):
    """A province of this test's own."""
    settings = Settings(tmp_path, postgres.dsn, empty)
    migrate(postgres.dsn, empty)
    wiring = Wiring(settings, postgres.dsn, open_register(settings, postgres.dsn))
    wiring.register.execute(*country(), *people())
    yield wiring
    wiring.close()


@pytest.fixture
def today(monkeypatch):
    """The clock stands on a day after that of the examples, whenever this is run."""
    monkeypatch.setattr(dossier_acts, "today", lambda: TODAY)
    monkeypatch.setattr(Register, "today", staticmethod(lambda: TODAY))


@pytest.fixture
def files(tmp_path):
    """Writes a dossier into a workbook, and gives its path."""

    def write(rows=None, heading=HEADING, name="ho-so.xlsx"):
        to = tmp_path / name
        write_dossier(to, heading, rows or merger())
        return str(to)

    return write


def drafted(sogoc, files, rows=None):
    said = sogoc("dossier", "draft", files(rows), *DRAFTER)
    assert said.code == 0, said.err
    return said


def approved(sogoc, files, rows=None):
    drafted(sogoc, files, rows)
    [checked] = sogoc("dossier", "check", KEY, *DRAFTER).rows
    said = sogoc("dossier", "approve", KEY, "--digest", checked["digest"], *APPROVER)
    assert said.code == 0, said.err
    return checked["digest"]


def test_a_template_is_filled_in_by_whoever_reads_it(sogoc, tmp_path):
    for name in ("ho-so.xlsx", "ho-so.json", "ho-so.zip", "ho-so"):
        said = sogoc("dossier", "template", str(tmp_path / name))
        assert (said.code, said.out) == (0, "")
        [wrong] = [v for v in read_path(tmp_path / name).verdicts if v.field == "title"]
        assert wrong.table in ("dossier", "Hồ sơ")
    refused = sogoc("dossier", "template", str(tmp_path / "ho-so.doc"))
    assert refused.code == 1
    assert "'.doc' is none of .xlsx, .json, .zip" in refused.err


def test_a_dossier_goes_from_its_files_to_its_day(own, sogoc, files, tmp_path):
    [row] = drafted(sogoc, files).rows
    assert (row["key"], row["state"], row["act"]) == (KEY, "drafted", "lập hồ sơ sắp xếp")
    [checked] = sogoc("dossier", "check", KEY, *DRAFTER).rows
    assert checked["state"] == "checked"
    alone = sogoc("dossier", "approve", KEY, "--digest", checked["digest"], *DRAFTER)
    assert alone.code == 1
    assert "Who drew it up does not approve it (field actor, rule INV-DOS-1)" in alone.err
    sogoc("dossier", "approve", row["id"], "--digest", checked["digest"], *APPROVER)
    scheduled = sogoc("dossier", "schedule", KEY, "--on", "28/02/2026", *APPROVER)
    assert [r["state"] for r in scheduled.rows] == ["scheduled"]
    [done] = sogoc("dossier", "carry-out", KEY, *APPROVER).rows
    assert (done["state"], done["digest"]) == ("carried_out", checked["digest"])
    assert int(done["events"]) > 10
    [again] = sogoc("dossier", "carry-out", KEY, *APPROVER).rows
    assert (again["events"], again["position"], again["act"]) == ("0", "", "")
    [standing] = sogoc("dossier", "list", "--state", "carried_out").rows
    assert (standing["key"], standing["carried_out_at"]) == (KEY, done["position"])
    assert sogoc("dossier", "list", "--state", "drafted").rows == []
    told = sogoc("dossier", "show", KEY)
    assert "Sắp xếp xã Đồng và xã Suối" in told.out
    assert "thực hiện hồ sơ, office-2" in told.out
    counted = {r["sort"]: r for r in sogoc("dossier", "report", KEY, "--format", "csv").rows}
    assert counted["unit.commune.xa"]["holds"] == "true"
    assert sogoc("units", "--name", "Xã Đồng Suối", "--valid-at", str(DAY)).rows != []
    old = {r["old"]: r["new"] for r in sogoc("dossier", "crosswalk", KEY).rows}
    assert old == {"60001": "60001", "60002": "60001"}
    exported = tmp_path / "out.json"
    assert sogoc("dossier", "export", KEY, str(exported)).code == 0
    assert read_path(exported).digest == read_path(tmp_path / "ho-so.xlsx").digest


def test_everything_wrong_with_the_form_is_told_and_nothing_recorded(own, sogoc, tmp_path):
    position = own.register.store.position()
    folder = tmp_path / "ho-so"
    sogoc("dossier", "template", str(folder))
    (folder / "before.csv").write_text("code,level\n60001,commune\n,hamlet\n", "utf-8")
    said = sogoc("dossier", "draft", str(folder))
    assert said.code == 1
    assert "dossier.csv:dossier:" in said.err
    assert "before.csv:before:3: code: " in said.err
    assert "before.csv:before:3: level: " in said.err
    assert said.err.splitlines()[-1].endswith("things are wrong; nothing was recorded (field FILE)")
    assert own.register.store.position() == position
    missing = sogoc("dossier", "draft", str(tmp_path / "nowhere.xlsx"))
    assert missing.code == 1
    assert "nowhere.xlsx: file: No such file or directory [file]" in missing.err


WRONG = tables(was("60009"), was("60003", name="Xã Sông"), becomes("60003", type="thi_tran"))


def test_everything_the_register_has_against_it_is_told_by_rows(own, sogoc, files):
    drafted(sogoc, files, WRONG)
    position = own.register.store.position()
    for asked in (("check", KEY), ("rehearse", KEY)):
        said = sogoc("dossier", *asked)
        assert said.code == 1
        assert "before:1: code: " in said.err
        assert "before:2: name: The register says 'Xã Núi'" in said.err
        assert "[register-says]" in said.err
    placed = sogoc("dossier", "check", files(WRONG))
    assert placed.code == 1
    assert "ho-so.xlsx:Trước sắp xếp:2: code: " in placed.err
    assert "ho-so.xlsx:Trước sắp xếp:3: name: " in placed.err
    assert own.register.store.position() == position


def test_a_rehearsal_tells_all_and_stores_nothing(own, sogoc, files):
    position = own.register.store.position()
    of_files = sogoc("dossier", "rehearse", files())
    assert of_files.code == 0, of_files.err
    assert "posts that end: " in of_files.out
    assert own.register.store.position() == position
    drafted(sogoc, files)
    [told] = sogoc("dossier", "rehearse", KEY, "--format", "json").json
    assert told["passes"]
    assert told["operations"]
    assert told["balances"]
    listed = sogoc("dossier", "rehearse", KEY, "--list", "affected", "--format", "json").json
    assert {row["sort"] for row in listed} == {"archives", "posts", "subordinates"}
    codes = sogoc("dossier", "rehearse", KEY, "--list", "codes", "--format", "csv").rows
    assert {row["code"]: row["becomes"] for row in codes}["60001"] == "Xã Đồng Suối"
    [checked] = sogoc("dossier", "check", KEY, *DRAFTER).rows
    assert checked["digest"] == told["digest"]


def test_what_moved_since_the_check_is_named(own, sogoc, files):
    approved(sogoc, files)
    own.register.execute(_renamed())
    said = sogoc("dossier", "carry-out", KEY, *APPROVER)
    assert said.code == 1
    assert "unit.renamed" in said.err
    assert "rule INV-DOS-3" in said.err


def _renamed():
    on = envelope(date(2026, 1, 1), STATE)
    return Rename(of=AdministrativeUnit, id=id_of("60001"), envelope=on, name="Xã Đồng Cũ")


def test_the_same_file_twice_is_one_dossier_and_a_withdrawn_key_is_free(own, sogoc, files):
    [first] = drafted(sogoc, files).rows
    [again] = drafted(sogoc, files).rows
    assert (again["id"], again["events"]) == (first["id"], "0")
    unsaid = sogoc("dossier", "withdraw", KEY)
    assert unsaid.code == 2
    [gone] = sogoc("dossier", "withdraw", KEY, "--reason", "Hoãn").rows
    assert (gone["state"], gone["act"]) == ("withdrawn", "rút hồ sơ")
    [second] = drafted(sogoc, files).rows
    assert second["id"] != first["id"]
    assert second["state"] == "drafted"


def test_a_correction_is_drawn_up_anew_and_tells_which_answers_changed(own, sogoc, files):
    early = sogoc("dossier", "correct", KEY, files())
    assert early.code == 1
    approved(sogoc, files)
    sogoc("dossier", "carry-out", KEY, *APPROVER)
    [anew] = sogoc("dossier", "correct", KEY, files(merger("Xã Suối Đồng")), *DRAFTER).rows
    assert anew["state"] == "drafted"
    [checked] = sogoc("dossier", "check", KEY, *DRAFTER).rows
    sogoc("dossier", "approve", KEY, "--digest", checked["digest"], *APPROVER)
    [done] = sogoc("dossier", "carry-out", KEY, *APPROVER).rows
    assert done["state"] == "corrected"
    changed = sogoc("dossier", "report", KEY, "--of", "impact", "--format", "json").json
    names = {(row["old"], row["new"]) for row in changed if row["field"] == "name"}
    assert ("Xã Đồng Suối", "Xã Suối Đồng") in names


def test_reports_are_handed_out_as_files(own, sogoc, files, tmp_path):
    drafted(sogoc, files)
    page = tmp_path / "chay-thu.html"
    assert sogoc("dossier", "report", KEY, str(page), "--of", "rehearsal").code == 0
    assert "Báo cáo chạy thử" in page.read_text()
    assert "<svg" in page.read_text()
    approved(sogoc, files)
    sogoc("dossier", "carry-out", KEY, *APPROVER)
    late = sogoc("dossier", "report", KEY, str(page), "--of", "rehearsal")
    assert (late.code, "carried_out" in late.err) == (1, True)
    english = tmp_path / "done.html"
    assert sogoc("dossier", "report", KEY, str(english), "--language", "en").code == 0
    assert "What became of a reorganisation dossier" in english.read_text()
    for name in ("bang.xlsx", "bang.zip", "bang.json"):
        told = sogoc("dossier", "report", KEY, str(tmp_path / name), "--of", "crosswalk")
        assert (told.code, (tmp_path / name).stat().st_size > 500) == (0, True)
    refused = sogoc("dossier", "report", KEY, str(tmp_path / "bang.doc"))
    assert refused.code == 1
    assert not (tmp_path / "bang.doc").exists()


def test_a_template_is_never_written_over_what_somebody_has_filled_in(sogoc, tmp_path):
    filled = tmp_path / "ho-so.xlsx"
    filled.write_bytes(b"filled in")
    refused = sogoc("dossier", "template", str(filled))
    assert (refused.code, "is there already" in refused.err) == (1, True)
    assert filled.read_bytes() == b"filled in"
