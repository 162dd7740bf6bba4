"""`sogoc projections`, `rebuild` and `verify`: where the views stand, and whether all is right."""

from uuid import UUID

import psycopg
import pytest

from domain.unit import AdministrativeUnit
from ops.cli import progress
from ops.cli.arranging import PANELS
from ops.cli.progress import Course, in_words
from ops.migrate import migrate
from ops.settings import Settings
from ops.wiring import Wiring, open_register
from projections.catalogue import VIEWS
from projections.rebuilding.rebuild import Progress
from tests.ops.conftest import id_text, settle


@pytest.fixture
def own(empty, postgres, tmp_path):
    """A country of this test's own, projected: it will be damaged."""
    settings = Settings(tmp_path, postgres.dsn, empty)
    migrate(postgres.dsn, empty)
    wiring = Wiring(settings, postgres.dsn, open_register(settings, postgres.dsn))
    settle(wiring)
    yield wiring
    wiring.close()


def spoil(postgres, statement):
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        assert connection.execute(statement).rowcount == 1


def test_projections_stand_where_they_stand(own, sogoc):
    said = sogoc("projections")
    assert [(row["view"], row["mark"], row["lag"]) for row in said.rows] == [
        (view, "", "18") for view in VIEWS
    ]
    assert "units was never built: run `sogoc import` or `sogoc rebuild units`" in said.err
    own.project()
    rows = sogoc("projections", "--digest", "--format", "json").json
    assert {(r["mark"], r["lag"], r["lag_s"], r["events"], r["agrees"]) for r in rows} == {
        (18, 0, 0.0, 18, True)
    }
    assert len({row["digest"] for row in rows}) == 1
    assert {row["view"]: row["rows"] for row in rows}["audit"] == 18


@pytest.mark.parametrize("many", [18, 17])
def test_after_a_big_catch_up_the_database_is_let_to_look_at_the_rows(
    own, postgres, empty, monkeypatch, many
):
    """More than so many events; of the 18 that there are."""
    monkeypatch.setattr("ops.wiring.ANALYZE_FROM", many)
    own.project()
    counted = "SELECT reltuples FROM pg_class WHERE oid = %s::regclass"
    with psycopg.connect(postgres.dsn) as connection:
        [(lines,)] = connection.execute(counted, [f"{empty}_audit.lines"]).fetchall()
    assert lines == (18 if many < 18 else -1)  # -1: nobody has looked yet


def test_a_view_that_has_not_seen_what_the_log_holds_is_told(own, sogoc, postgres, empty):
    own.project()
    spoil(postgres, f"UPDATE {empty}_lineage.mark SET digest = digest + 1")
    said = sogoc("projections")
    assert [row["view"] for row in said.rows if row["agrees"] != "true"] == ["lineage"]
    assert said.err == "sogoc: lineage has not seen what the log holds: run `sogoc verify`\n"


def test_an_equal_view_is_switched_and_a_different_one_refused(own, sogoc, postgres, empty):
    own.project()
    said = sogoc("rebuild", "all", "--format", "json")
    assert said.code == 0
    assert "sogoc:" not in said.err
    assert [(r["view"], r["equal"], r["switched"]) for r in said.json] == [
        (view, True, True) for view in VIEWS
    ]
    spoil(postgres, f"UPDATE {empty}_units.spans SET name = 'Xã Sai' WHERE name = 'Xã Bến'")
    refused = sogoc("rebuild", "units", "--format", "table")
    assert refused.code == 1
    assert "not switched" in refused.out
    assert "Xã Sai" in refused.err
    accepted = sogoc("rebuild", "units", "--accept-differences")
    assert (accepted.code, accepted.rows[0]["switched"]) == (0, "true")
    assert sogoc("units", "--code", "00008").rows[0]["name"] == "Xã Bến"


def test_all_share_one_reading_however_they_are_named(own, sogoc):
    own.project()
    for named in (["--all"], [*reversed(VIEWS)], ["all", "units"]):
        said = sogoc("rebuild", *named)
        assert (said.code, [row["view"] for row in said.rows]) == (0, list(VIEWS))
    said = sogoc("rebuild", "audit", "units", "--processes", "1", "--anew")
    assert [row["view"] for row in said.rows] == ["units", "audit"]
    for wrong in ([], ["units", "--back", "--anew"], ["units", "--processes", "0"]):
        assert sogoc("rebuild", *wrong).code == 2


def test_a_rebuild_that_is_stopped_says_how_far_it_came(own, sogoc, monkeypatch):
    own.project()

    class Stopped(Course):
        def __call__(self, to):
            super().__call__(to)
            if to.step == "indexing":
                raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(progress, "Course", Stopped)
        said = sogoc("rebuild", "units")
    assert said.code == 130
    assert "sogoc: was indexing units; run it again to go on" in said.err
    assert sogoc("rebuild", "units").rows[0]["switched"] == "true"


def test_each_stage_of_a_rebuild_is_told_where_there_is_no_terminal(own, sogoc):
    own.project()
    said = sogoc("rebuild", "units", "--processes", "1")
    stages = [line.split(" units")[0] for line in said.err.splitlines()]
    assert stages == ["laying out", "indexing", "comparing", "switching"]


def test_the_help_tells_each_command_in_a_line_of_80_columns(sogoc, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    told = sogoc("--help").out.splitlines()
    assert max(map(len, told)) <= 80
    _, *lines = (line for line in told if line.startswith("│ "))  # the first one tells of --help
    placed = [name for panel in PANELS.values() for name in panel]
    assert [line.split()[1] for line in lines][: len(placed)] == placed, "or a line is wrapped"


def test_a_description_is_wrapped_where_the_terminal_ends(sogoc, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    told = sogoc("rebuild", "--help").out
    assert "reading of the log. Writes only the read models; readers go on meanwhile." in told


def test_progress_in_words():
    views = ("units", "audit")
    laying_out = Progress(views, "laying out", 12_000, 49_747, 9_000.4, 4.2, 2)
    assert in_words(laying_out) == (
        "laying out units, audit: 12,000 of 49,747 events, 9,000/s, 2 processes, 0:04 left"
    )
    assert in_words(Progress(views, "indexing", 0, 0)) == "indexing units, audit"
    hours = Progress(("audit",), "laying out", 1, 10**8, 9_000.0, 11_111.0)
    assert in_words(hours).endswith("9,000/s, 3:05:11 left")


def test_one_part_of_the_tree_is_laid_out_anew(own, sogoc, postgres, empty):
    own.project()
    spoil(postgres, f"UPDATE {empty}_units.spans SET name = 'Xã Sai' WHERE name = 'Xã Bến'")
    district, province = id_text("Huyện Đông"), id_text("Tỉnh An")
    elsewhere = sogoc("rebuild", "--subtree", id_text("Huyện Tây"))
    assert {row["differed"] for row in elsewhere.rows} == {"false"}
    said = sogoc("rebuild", "units", "audit", "--subtree", district)
    assert said.code == 0
    assert [(r["view"], r["streams"], r["differed"]) for r in said.rows] == [
        ("units", "8", "true"),
        ("audit", "8", "false"),
    ]
    assert sogoc("units", "--code", "00008").rows[0]["name"] == "Xã Bến"
    again = sogoc("rebuild", "--subtree", province).rows
    assert [(r["view"], r["streams"], r["differed"]) for r in again] == [
        (name, "9", "false")
        for name, view in VIEWS.items()
        if AdministrativeUnit in view.aggregates
    ]
    assert "organisations" not in {row["view"] for row in again}
    unseen = sogoc("rebuild", "organisations", "--subtree", province)
    assert (unseen.code, "shown in organisations" in unseen.err) == (1, True)
    nobody = sogoc("rebuild", "--subtree", str(UUID(int=7)))
    assert (nobody.code, "no unit or organisation" in nobody.err) == (1, True)
    assert sogoc("rebuild", "--subtree", province, "--back").code == 2
    assert sogoc("rebuild", "--subtree", "Xã Bến").code == 2


def test_one_can_go_back(own, sogoc, postgres, empty):
    own.project()
    assert sogoc("rebuild", "units", "--back").code == 1
    assert sogoc("rebuild", "units").code == 0
    said = sogoc("rebuild", "units", "--back")
    assert (said.code, said.rows[0]["mark"]) == (0, "18")
    said_before = sogoc("projections").rows[0]["built_at"]
    both = sogoc("rebuild", "all", "--back")
    assert (both.code, "organisations_previous to go back to" in both.err) == (1, True)
    assert sogoc("projections").rows[0]["built_at"] == said_before
    assert sogoc("rebuild", "nothing").code == 1
    assert sogoc("rebuild", "units", "--back", "--accept-differences").code == 2


def test_verify_looks_at_the_log_and_at_every_view(own, sogoc, postgres, empty):
    own.project()
    said = sogoc("verify", "--format", "json")
    assert said.code == 0
    claims = [check["claim"] for check in said.json]
    assert "positions are 1, 2, 3 ... without a gap" in claims
    assert [c for c in claims if c.endswith("says what a replay of the log says")] == [
        f"{view} says what a replay of the log says" for view in VIEWS
    ]
    spoil(postgres, f"UPDATE {empty}_units.spans SET name = 'Xã Sai' WHERE name = 'Xã Bến'")
    spoil(
        postgres,
        f"UPDATE {empty}.heads SET version = 9 WHERE version = 2 AND stream IN"
        f" (SELECT stream FROM {empty}.events WHERE position = 18)",
    )
    wrong = sogoc("verify", "--format", "table")
    assert wrong.code == 1
    marked = [line for line in wrong.out.splitlines() if "WRONG" in line]
    assert len(marked) == 2
    assert "heads say the last version" in marked[0]
    assert "units says what a replay" in marked[1]
    assert "live only" in wrong.out


def test_verify_compares_with_what_was_noted(own, sogoc):
    own.project()
    noted = sogoc("projections", "--format", "json").json[0]
    terms = ["verify", "--position", str(noted["mark"]), "--digest"]
    assert sogoc(*terms, noted["digest"]).code == 0
    other = sogoc(*terms, "0" * 32)
    assert other.code == 1
    assert "1 WRONG  the log up to position 18 has the digest that was noted" in other.out
    beyond = sogoc("verify", "--position", "19", "--digest", noted["digest"])
    assert (beyond.code, "18 events, digest" in beyond.out) == (1, True)
    assert sogoc("verify", "--position", "18").code == 2


def test_a_view_that_was_never_built_is_wrong(own, sogoc):
    said = sogoc("verify", "--format", "csv")
    assert said.code == 1
    assert sum(int(row["wrong"]) for row in said.rows) == 2 * len(VIEWS)


@pytest.mark.parametrize(
    ("damage", "finding"),
    [
        ("replace(record, 'Xã 4', 'Xã 7')", "units says what a replay of the log says"),
        ("substr(record, 2)", "bytes are canonical JSON"),
    ],
)
def test_verify_goes_on_through_what_is_broken(own, sogoc, postgres, empty, damage, finding):
    own.project()
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(f"ALTER TABLE {empty}.events DISABLE TRIGGER events_stay")
    spoil(postgres, f"UPDATE {empty}.events SET record = {damage} WHERE position = 8")
    said = sogoc("verify", "--format", "csv")
    assert said.code == 1
    wrong = {row["claim"] for row in said.rows if row["wrong"] != "0"}
    assert {finding, *(f"{view} has seen every event up to its mark" for view in VIEWS)} <= wrong
    assert "positions are 1, 2, 3 ... without a gap" not in wrong
