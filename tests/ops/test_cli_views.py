"""`sogoc projections`, `rebuild` and `verify`: where the views stand, and whether all is right."""

import psycopg
import pytest

from ops.migrate import migrate
from ops.settings import Settings
from ops.wiring import Wiring, open_register
from projections.catalogue import VIEWS
from tests.ops.conftest import settle


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
    assert [row["rows"] for row in rows][-1] == 18


def test_a_view_that_has_not_seen_what_the_log_holds_is_told(own, sogoc, postgres, empty):
    own.project()
    spoil(postgres, f"UPDATE {empty}_lineage.mark SET digest = digest + 1")
    said = sogoc("projections")
    assert [row["agrees"] for row in said.rows] == ["true", "true", "false", "true"]
    assert said.err == "sogoc: lineage has not seen what the log holds: run `sogoc verify`\n"


def test_an_equal_view_is_switched_and_a_different_one_refused(own, sogoc, postgres, empty):
    own.project()
    said = sogoc("rebuild", "all", "--format", "json")
    assert (said.code, said.err) == (0, "")
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
