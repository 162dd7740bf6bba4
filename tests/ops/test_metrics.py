"""What is measured moves when something happens, names nobody, and is told without the database."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID

import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from api.app import create_app
from domain.envelope import Actor
from ops.follower import Follower
from ops.gauges import StandingGauges
from ops.lookout import Lookout
from ops.metrics import Metrics
from ops.migrate import migrate
from ops.settings import Settings
from ops.standing import look
from ops.watching import watched
from ops.wiring import Wiring, open_register, today
from projections.catalogue import VIEWS
from projections.engine.digest import Digest
from projections.engine.following import Target
from projections.engine.marks import create, namespace
from projections.rebuilding import ranges
from services.access import Holder, Tokens
from services.store import HeadMoved

PATIENCE_S = 30
TOKEN = "a-token-of-the-tests"
HOLDERS = {sha256(TOKEN.encode()).hexdigest(): Holder(Actor("office-17", "chuyên viên"))}
UUID_LIKE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}|[0-9a-f]{32}", re.IGNORECASE)
BASIS = {
    "effective_on": "2025-01-01",
    "authority": {"name": "Quốc hội"},
    "basis": [{"number": "202/2025/QH15", "issued_on": "2025-06-12"}],
}
PROVINCE = BASIS | {"way": "entered", "level": "province", "type": "tinh"}

Told = dict[tuple[str, frozenset[tuple[str, str]]], float]


@dataclass
class House:
    """A register that is measured, and who asks."""

    wiring: Wiring
    follower: Follower
    client: TestClient

    def told(self) -> Told:
        return parsed(self.client.get("/metrics").text)

    def post(self, path: str, **facts: Any) -> Any:
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        return self.client.post(path, json=facts, headers=bearer)

    def found_a_province(self, name: str) -> str:
        """Its id, once it can be read."""
        answer = self.post("/v1/units", **PROVINCE, name=name).json()
        until(lambda: self.follower.position >= answer["position"])
        stream: str = answer["events"][0]["stream"]
        return stream


def parsed(text: str) -> Told:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(told: Told, name: str, **labels: str) -> float:
    return told.get((name, frozenset(labels.items())), 0)


def of_views(told: Told, name: str) -> dict[str, float]:
    return {view: told[name, frozenset({("view", view)})] for view in VIEWS}


@pytest.fixture
def wiring(postgres, schema) -> Iterator[Wiring]:
    migrate(postgres.dsn, schema)
    settings = Settings(Path("/nowhere"), postgres.dsn, schema)
    opened = Wiring(settings, postgres.dsn, open_register(settings, postgres.dsn))
    yield opened
    opened.close()
    with opened.connection() as connection:
        for view in opened.views:
            connection.execute(f'DROP SCHEMA IF EXISTS "{schema}_{view.name}" CASCADE')


@pytest.fixture
def house(wiring) -> Iterator[House]:
    with wiring.connection() as connection:
        for view in wiring.views:
            create(connection, wiring.settings.schema, view)
    with wiring.following() as follower:
        metrics = watched(wiring, follower, "1.2.3")
        app = create_app(
            wiring.register, wiring.readings, Tokens(HOLDERS), follower, metrics, today=today
        )
        with TestClient(app, raise_server_exceptions=False) as client:
            yield House(wiring, follower, client)


def test_a_command_is_measured_from_the_door_to_the_read_models(house):
    before = house.told()
    house.found_a_province("Tỉnh An")
    told = house.told()

    def grown(name: str, **labels: str) -> float:
        return value(told, name, **labels) - value(before, name, **labels)

    posted = {"method": "POST", "route": "/v1/units", "status": "2xx"}
    assert grown("sogoc_http_request_seconds_count", **posted) == 1
    assert grown("sogoc_http_request_seconds_sum", **posted) > 0
    assert grown("sogoc_append_seconds_count") == 1
    assert grown("sogoc_append_requests_sum") == 1
    assert grown("sogoc_append_events_sum") == 1
    assert grown("sogoc_follower_batch_events_sum") == 1
    assert grown("sogoc_follower_batch_seconds_count") == 1
    assert told["sogoc_build_info", frozenset({("release", "1.2.3")})] == 1
    assert value(told, "process_resident_memory_bytes") > 0


def test_where_the_views_stand_is_told(house):
    house.found_a_province("Tỉnh An")
    told = house.told()
    assert value(told, "sogoc_up") == value(told, "sogoc_log_position") == 1
    ones, zeros = dict.fromkeys(VIEWS, 1), dict.fromkeys(VIEWS, 0)
    assert of_views(told, "sogoc_view_position") == ones
    assert of_views(told, "sogoc_view_events_total") == ones
    for name in ("lag_events", "lag_seconds", "uncounted_events", "parked_streams", "stopped"):
        assert of_views(told, f"sogoc_view_{name}") == zeros
    assert of_views(told, "sogoc_view_must_be_rebuilt") == zeros
    assert value(told, "sogoc_views_disagreeing") == 0
    assert value(told, "sogoc_follower_up") == 1
    assert value(told, "sogoc_follower_failing") == 0
    assert 0 <= value(told, "sogoc_follower_idle_seconds") < PATIENCE_S
    for pool in ("readers", "hot", "log"):
        assert value(told, "sogoc_pool_max", pool=pool) > 1
        size = value(told, "sogoc_pool_size", pool=pool)
        assert 0 <= value(told, "sogoc_pool_in_use", pool=pool) <= size
        assert value(told, "sogoc_pool_waiting", pool=pool) == 0


def test_what_is_refused_is_counted_by_kind(house):
    id_ = house.found_a_province("Tỉnh An")
    recorder = house.wiring.register.recorder
    stored = recorder.select_events(id_)
    with pytest.raises(HeadMoved):
        recorder.insert_events(stored)
    told = house.told()
    assert value(told, "sogoc_append_refused_total", kind="HeadMoved") == 1
    assert value(told, "sogoc_append_in_doubt_total") == 0


def test_each_text_of_help_can_be_understood_by_itself(house):
    told = house.client.get("/metrics").text.splitlines()
    texts = [line.split(" ", 3)[3] for line in told if line.startswith("# HELP sogoc_")]
    assert len(texts) > 20
    for text in texts:
        assert not re.search(r"\b(these|those|them|they)\b|^(1:|It |Who )", text), text


def test_a_view_that_is_behind_or_has_not_seen_everything_is_told(house):
    house.found_a_province("Tỉnh An")
    house.follower.stop()
    house.post("/v1/units", **PROVINCE, name="Tỉnh Bình")
    schema = house.wiring.settings.schema
    with house.wiring.connection() as connection:
        connection.execute(f'UPDATE "{schema}_units".mark SET events = 0')
        connection.execute(f'UPDATE "{schema}_audit".mark SET digest = digest + 1')
        connection.execute(f'UPDATE "{schema}_lineage".mark SET version = 0')
    told = house.told()
    assert value(told, "sogoc_follower_up") == 0
    assert of_views(told, "sogoc_view_lag_events") == dict.fromkeys(VIEWS, 1)
    assert min(of_views(told, "sogoc_view_lag_seconds").values()) > 0
    assert of_views(told, "sogoc_view_uncounted_events") == dict.fromkeys(VIEWS, 0) | {"units": 1}
    rebuilt = dict.fromkeys(VIEWS, 0) | {"units": 1, "lineage": 1}
    assert of_views(told, "sogoc_view_must_be_rebuilt") == rebuilt
    # units and audit, each with all others
    assert value(told, "sogoc_views_disagreeing") == 2 * len(VIEWS) - 3


def test_a_rebuild_that_goes_on_elsewhere_is_told(house):
    """As far as it has committed what it laid out."""
    schema = house.wiring.settings.schema
    target = Target(VIEWS["units"], namespace(schema, "units", "_next"))
    plan = ranges.Plan(house.wiring.register.store.epoch(), 1000, target.view.version)
    with house.wiring.connection() as connection:
        try:
            with connection.transaction():
                ranges.begin(connection, target, plan, ranges.between([UUID(int=2**127)]))
                ranges.finish(connection, target.home, 0, Digest(400, 7))
            told = house.told()
        finally:
            connection.execute(f'DROP SCHEMA "{target.home}" CASCADE')
    assert value(told, "sogoc_rebuild_done_events", view="units") == 400
    assert value(told, "sogoc_rebuild_goal_events", view="units") == 1000
    assert ("sogoc_rebuild_goal_events", frozenset({("view", "audit")})) not in told


def test_a_view_that_has_stopped_is_told_by_its_name(house):
    schema = house.wiring.settings.schema
    with house.wiring.connection() as connection:
        connection.execute(f'ALTER TABLE "{schema}_audit".lines RENAME TO mislaid')
    house.post("/v1/units", **PROVINCE, name="Tỉnh An")
    until(lambda: house.follower.stopped == "audit")
    told = house.told()
    assert of_views(told, "sogoc_view_stopped") == dict.fromkeys(VIEWS, 0) | {"audit": 1}
    assert value(told, "sogoc_follower_failing") == 1


def test_a_parked_stream_is_told_by_its_view(house):
    schema = house.wiring.settings.schema
    with house.wiring.connection() as connection:
        lines = f'"{schema}_audit".lines'
        connection.execute(f"ALTER TABLE {lines} ADD CONSTRAINT odd CHECK (position <> 1)")
    house.found_a_province("Tỉnh An")
    told = house.told()
    assert of_views(told, "sogoc_view_parked_streams") == dict.fromkeys(VIEWS, 0) | {"audit": 1}
    assert value(told, "sogoc_view_parked_seconds", view="audit") > 0
    assert of_views(told, "sogoc_view_stopped") == dict.fromkeys(VIEWS, 0)


def test_labels_name_routes_and_never_what_was_asked(house):
    id_ = house.found_a_province("Tỉnh An")
    for path in (f"/v1/units/{id_}", f"/v1/units?name={id_}", "/v1/units/nobody", f"/{id_}", "/"):
        house.client.get(path)
    house.client.head(f"/v1/units/{id_}")
    house.client.request("GUESS", f"/v1/units/{id_}")
    house.post(f"/v1/units/{id_}/renamings", **BASIS, name="Tỉnh Bình")
    text = house.client.get("/metrics").text
    asked = {
        tuple(dict(labels)[key] for key in ("method", "route", "status"))
        for name, labels in parsed(text)
        if name == "sogoc_http_request_seconds_count"
    }
    assert asked == {
        ("POST", "/v1/units", "2xx"),
        ("GET", "/v1/units/{id}", "2xx"),
        ("GET", "/v1/units/{id}", "4xx"),
        ("GET", "/v1/units", "2xx"),
        ("GET", "unmatched", "4xx"),
        ("GET", "/", "2xx"),
        ("HEAD", "/v1/units/{id}", "2xx"),
        ("other", "/v1/units/{id}", "4xx"),
        ("POST", "/v1/units/{id}/renamings", "2xx"),
    }
    assert not UUID_LIKE.search(text)
    assert "Tỉnh" not in text


def test_without_the_database_everything_else_is_told(wiring):
    def fail() -> Any:
        raise psycopg.OperationalError("gone")

    assert told_with(wiring, Lookout(fail)) == (0, 1)
    nowhere = "host=/nowhere dbname=sogoc"
    assert told_with(wiring, Lookout(lambda: look(nowhere, "register", wiring.views))) == (0, 1)


def test_a_database_that_hangs_holds_nobody_up(wiring):
    released = Event()
    try:
        hanging = Lookout(lambda: released.wait(4 * PATIENCE_S), patience_s=0.1)
        began = time.monotonic()
        assert told_with(wiring, hanging) == (0, 1)
        assert told_with(wiring, hanging) == (0, 1)
        assert time.monotonic() - began < PATIENCE_S
    finally:
        released.set()


def told_with(wiring: Wiring, lookout: Lookout[Any]) -> tuple[float, float]:
    """sogoc_up, and how many requests were measured before this one."""
    metrics = Metrics("1.2.3")
    metrics.registry.register(StandingGauges(lookout))
    metrics.served("GET", "/", 200, 0.1)
    told = parsed(metrics.render().decode())
    route = {"method": "GET", "route": "/", "status": "2xx"}
    return told["sogoc_up", frozenset()], value(told, "sogoc_http_request_seconds_count", **route)


def test_with_nobody_to_measure_there_is_no_such_address(wiring):
    app = create_app(wiring.register, wiring.readings, Tokens({}), today=today)
    with TestClient(app) as client:
        assert client.get("/metrics").status_code == 404


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
