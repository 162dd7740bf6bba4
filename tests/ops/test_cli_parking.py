"""`sogoc parked`: what is parked is listed, tried again, left out, and told of everywhere."""

from __future__ import annotations

import psycopg
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from domain.unit import AdministrativeUnit
from ops.migrate import migrate
from ops.settings import Settings
from ops.wiring import Wiring, open_register, today
from projections.catalogue import VIEWS
from services.access import Tokens
from tests.ops.conftest import id_text, settle
from tests.services.test_register import rename, unit

WHY = "Đã bỏ ràng buộc thừa"


@pytest.fixture
def own(empty, postgres, tmp_path):
    """A country of this test's own, with the district Đông parked in units for its renaming."""
    settings = Settings(tmp_path, postgres.dsn, empty)
    migrate(postgres.dsn, empty)
    wiring = Wiring(settings, postgres.dsn, open_register(settings, postgres.dsn))
    settle(wiring)
    wiring.project()
    spans = f'"{empty}_units".spans'
    odd = f"ALTER TABLE {spans} ADD CONSTRAINT odd CHECK (name <> 'Huyện Lạ')"
    run(postgres, odd)
    wiring.register.execute(rename("Huyện Đông", "Huyện Lạ", of=AdministrativeUnit))
    wiring.register.execute(rename("Huyện Tây", "Huyện Tây Mới", of=AdministrativeUnit))
    wiring.project()
    yield wiring
    wiring.close()


def run(postgres, statement):
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(statement)


def mend(postgres, schema):
    run(postgres, f'ALTER TABLE "{schema}_units".spans DROP CONSTRAINT odd')


def test_what_is_parked_is_listed_with_its_reason(own, sogoc):
    [row] = sogoc("parked").rows
    assert (row["view"], row["stream"]) == ("units", id_text("Huyện Đông"))
    assert (row["position"], row["step"], row["version"]) == ("19", "writing", "2")
    assert row["reason"].startswith("CheckViolation: ")
    assert sogoc("parked", "--view", "audit").rows == []
    said = sogoc("projections")
    assert said.err == "sogoc: streams are parked in units: look at `sogoc parked --view units`\n"
    projections = {row["view"]: row["parked"] for row in said.rows}
    assert projections == {name: "1" if name == "units" else "0" for name in VIEWS}


def test_a_retry_after_mending_shows_what_was_held_back(own, sogoc, postgres, empty):
    refused = sogoc("parked", "retry", "units", "--reason", WHY)
    assert refused.code == 1
    assert [row["outcome"] for row in refused.rows] == ["parked"]
    mend(postgres, empty)
    said = sogoc("parked", "retry", "all", id_text("Huyện Đông"), "--reason", WHY)
    assert said.code == 0
    assert [(r["decision"], r["outcome"]) for r in said.rows] == [("parked-retried", "followed")]
    assert sogoc("parked").rows == []
    assert sogoc("verify").code == 0
    [line] = sogoc("audit", "--type", "parked-retried", "--limit", "1", "--format", "json").json
    assert (line["name"], line["reason"]) == ("units", WHY)


def test_a_discard_goes_on_without_the_event_and_can_be_taken_back(own, sogoc, postgres, empty):
    stream = id_text("Huyện Đông")
    said = sogoc("parked", "discard", "units", stream, "--reason", "Ghi nhầm")
    assert [(r["event_position"], r["outcome"]) for r in said.rows] == [("19", "followed")]
    assert sogoc("parked").rows == []
    assert sogoc("verify").code == 0
    mend(postgres, empty)
    taken_back = sogoc("parked", "retry", "units", stream, "--event", "19", "--reason", WHY)
    assert [row["outcome"] for row in taken_back.rows] == ["followed"]
    assert sogoc("verify").code == 0


def test_a_dry_run_records_nothing_and_a_key_records_once(own, sogoc, postgres, empty):
    before = own.register.store.position()
    retry = ("parked", "retry", "units", "--reason", WHY)
    assert [r["outcome"] for r in sogoc(*retry, "--dry-run").rows] == ["none: a dry run"]
    assert own.register.store.position() == before
    mend(postgres, empty)
    first = sogoc(*retry, "--key", "k1")
    assert first.code == 0
    assert sogoc(*retry, "--key", "k1").rows == first.rows
    assert own.register.store.position() == before + 1
    other = sogoc("parked", "retry", "units", "--reason", "khác", "--key", "k1")
    assert other.code == 1
    assert "idempotency key was used for another request" in other.err


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("retry", "audit", "--reason", WHY), "Nothing is parked in audit"),
        (("retry", "nowhere", "--reason", WHY), "'nowhere' is none of units"),
        (("discard", "audit", "STREAM", "--reason", WHY), "is not parked in audit"),
        (("discard", "units", "STREAM", "--reason", ""), "Say why"),
        (("retry", "units", "STREAM", "--event", "3", "--reason", WHY), "is not left out of units"),
    ],
)
def test_what_makes_no_sense_is_refused_and_records_nothing(own, sogoc, wrong, said):
    before = own.register.store.position()
    refused = sogoc("parked", *(id_text("Huyện Đông") if a == "STREAM" else a for a in wrong))
    assert refused.code != 0
    assert said in refused.err
    assert own.register.store.position() == before


def test_a_rebuild_tries_again_and_tells_what_it_parks(own, sogoc, postgres, empty):
    """The log is whole, so it is the fresh table that refuses nothing: the view is mended."""
    said = sogoc("rebuild", "units", "--accept-differences", "--format", "json")
    assert (said.code, [row["switched"] for row in said.json]) == (0, [True])
    assert sogoc("parked").rows == []
    damaged = f"UPDATE {empty}.events SET record = replace(record, 'Huyện Lạ', 'Huyện' || chr(92)"
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(f"ALTER TABLE {empty}.events DISABLE TRIGGER USER")
        connection.execute(f"{damaged} || 'u0000') WHERE position = 19")
    said = sogoc("rebuild", "units", "--accept-differences", "--format", "json")
    assert said.code == 0
    assert "sogoc: streams are parked in units" in said.err
    [row] = sogoc("parked").rows
    assert (row["position"], row["step"]) == ("19", "writing")


def test_verify_tells_how_many_are_parked_and_of_what_else_differs(own, sogoc, postgres, empty):
    said = sogoc("verify", "--format", "json")
    assert said.code == 1
    [check] = [check for check in said.json if check["wrong"]]
    assert check["claim"] == "units says what a replay of the log says, with 1 stream parked"
    stream = id_text("Huyện Đông")  # the replay has no such constraint, and takes it in
    assert check["findings"][0] == f"parked live only: {stream}"
    assert all(stream in row for row in check["findings"])
    assert any(row.startswith("replay only: ") for row in check["findings"])


@pytest.fixture
def client(own):
    app = create_app(own.register, own.readings, Tokens({}), today=today)
    with TestClient(app) as client:
        yield client


def test_answers_tell_that_events_are_held_back(own, client, sogoc, postgres, empty):
    parked, other = (f"/v1/units/{id_text(name)}" for name in ("Huyện Đông", "Huyện Tây"))
    held = client.get(f"{parked}?known_at=20")
    assert held.json()["name"] == "Huyện Đông"
    assert (held.headers["Sogoc-Parked"], held.headers["Sogoc-Parked-From"]) == ("1", "19")
    assert client.get(f"{parked}/tree").headers["Sogoc-Parked-From"] == "19"
    assert client.get(other).json()["name"] == "Huyện Tây Mới"
    assert client.get(other).headers["Sogoc-Parked"] == "1"
    assert "Sogoc-Parked-From" not in client.get(other).headers
    assert "Sogoc-Parked" not in client.get("/v1/organisations").headers
    assert client.get("/health/ready").json()["parked"] == 1

    mend(postgres, empty)
    sogoc("parked", "retry", "units", "--reason", WHY)
    seen = {"If-None-Match": held.headers["ETag"], "Min-Position": "21"}
    followed = client.get(f"{parked}?known_at=20", headers=seen)
    assert (followed.status_code, followed.json()["name"]) == (200, "Huyện Lạ")
    assert "Sogoc-Parked" not in followed.headers
    assert followed.headers["Sogoc-Projection"] == "units/1+21"


def test_what_could_not_even_begin_is_not_said_to_be_unknown(own, client):
    own.register.execute(unit("Huyện Lạ", "district", "Tỉnh Bình"))
    own.project()
    refusal = client.get(f"/v1/units/{id_text('Huyện Lạ')}")
    assert (refusal.status_code, refusal.json()["parked_from"]) == (404, 21)
    assert "could not take in event 21" in refusal.json()["detail"]
