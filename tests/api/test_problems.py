"""Whatever goes wrong is told in one shape, and every kind of it is explained."""

import json
import time
from contextlib import contextmanager
from importlib import import_module
from pkgutil import walk_packages
from uuid import UUID

import psycopg
import pytest
from eventsourcing.persistence import OperationalError, StoredEvent
from psycopg_pool import ConnectionPool, PoolTimeout
from starlette.testclient import TestClient
from structlog.testing import capture_logs

import domain
import projections
import services
from api.app import create_app
from api.catalogue import every_error, explained
from api.explanations import EXPLANATIONS
from api.once import REPEATABLE, SINGLE
from api.problems import status_of
from domain.errors import OutcomeUnknown
from ops.pools import hot_pool
from projections.catalogue import VIEWS
from projections.engine.following import create
from services.access import Tokens
from services.reading import Readings
from services.register import Register
from services.store import InDoubt
from tests.api.conftest import BEARER, HOLDERS, TODAY, House, drop, said

SHAPE = {"type", "title", "status", "detail", "instance", "request_id"}
NOBODY = UUID(int=1)


def is_problem(response, status, code=None):
    told = response.json()
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.status_code == told["status"] == status
    assert told.keys() >= SHAPE
    assert told["request_id"] == response.headers["X-Request-ID"]
    if code:
        assert told["type"] == f"/problems/{code}"
    return told


def test_every_class_of_error_is_explained(house):
    for package in (domain, projections, services):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    for code, error in every_error().items():
        told = explained(error)
        assert 400 <= status_of(error) <= 503
        assert told["meaning"]
        assert told["retry"]
        page = house.client.get(told["type"], headers={"Accept": "text/html"})
        assert page.status_code == 200
        assert error.title.split("'")[0] in page.text
        assert house.client.get(told["type"]).json() == told
        assert code in house.client.get("/problems", headers={"Accept": "text/html"}).text
    assert EXPLANATIONS.keys() <= every_error().keys()


def operations(house):
    for path, item in house.client.get("/openapi.json").json()["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def test_every_operation_tells_what_is_wrong_in_one_shape(house):
    """Each is asked something wrong: an unknown parameter, and an empty body."""
    for method, path, operation in operations(house):
        url = path.replace("{id}", str(NOBODY)).replace("{position}", "1").replace("{code}", "x")
        if method == "post":
            told = is_problem(house.client.post(url, json={}, headers=BEARER), 422)
            assert {each["in"] for each in told["errors"]} == {"body"}
            text = {"Content-Type": "text/plain"}
            is_problem(house.client.post(url, content=b"x", headers=BEARER | text), 415)
            broken = {"Content-Type": "application/json"}
            is_problem(house.client.post(url, content=b"{", headers=BEARER | broken), 400)
        elif operation.get("parameters") and path.startswith("/v1/"):
            wrong = {"valid-at": "2025-07-01"}
            told = is_problem(house.client.get(url, params=wrong, headers=BEARER), 422)
            assert "valid-at" in [each["field"] for each in told["errors"]]
            is_problem(house.client.get(url, headers=BEARER | {"Accept": "image/png"}), 406)


def test_every_operation_is_described(house):
    for method, path, operation in operations(house):
        assert operation["tags"], path
        assert operation["summary"], path
        problems = {s for s in operation["responses"] if s.startswith(("4", "5"))}
        assert problems, (method, path)
        for status in problems:
            assert "application/problem+json" in operation["responses"][status]["content"]
        assert any(s.startswith("2") for s in operation["responses"])
        if method == "post" and "crosswalk" not in path:
            assert operation["security"], path


@pytest.mark.parametrize("path", ["/v2", "/v1/unit", "/v1/units/", "/v1/units/x/y/z"])
def test_an_unknown_address(house, path):
    is_problem(house.client.get(path), 404, "no-such-route")


def test_a_method_that_is_not_taken(house):
    refused = house.client.put(f"/v1/units/{NOBODY}", json={})
    is_problem(refused, 405, "method-not-allowed")
    assert refused.headers["Allow"] == "GET, HEAD"
    assert house.client.head("/v1/units/mergers").headers["Allow"] == "POST"


def test_something_that_is_not_there(house):
    for what in ("", "/tree", "/ancestors", "/descendants", "/history", "/successors"):
        is_problem(house.get(f"/v1/units/{NOBODY}{what}"), 404, "not-found")
    is_problem(house.get("/v1/events/999999"), 404)
    is_problem(house.get("/problems/nothing"), 404)
    body = said("2025-02-01", name="Xã Không Có")
    is_problem(house.post(f"/v1/units/{NOBODY}/renamings", body), 404)


def test_something_that_is_not_active_then_tells_its_days(house):
    path = f"/v1/units/{house.ids['Xã Bình 1']}?valid_at=2024-01-01"
    assert is_problem(house.get(path), 404)["first_day"] == "2025-01-01"


def test_nothing_is_decided_about_what_cannot_be_read(postgres):
    """Neither a change nor a withdrawal; others go on."""
    with unfollowed(postgres.dsn, limit_s=60) as (client, found):
        house = House(client.app, client.app.state.register, client, {})
        id_ = found()
        house.register.store.append([StoredEvent(UUID(id_), 2, "unit.renamed", b'{"format":1}')])
        body = said("2025-02-01", name="Tỉnh Khác")
        for path, facts in (
            ("renamings", body),
            ("voidings", said("2025-02-01", voids=1)),
            ("endings", said("2025-02-01", way="dissolution")),
        ):
            answer = house.post(f"/v1/units/{id_}/{path}", facts)
            told = is_problem(answer, 409, "stream-unreadable")
            assert (told["id"], told["position"], told["step"]) == (id_, 2, "decoding")
            assert "sogoc verify" in told["detail"]
        house.unit("Tỉnh Sau", "province")


def test_a_rule_that_is_broken_names_itself(house):
    path = f"/v1/units/{house.ids['Huyện Bình']}/endings"
    told = is_problem(house.post(path, said("2025-02-01", way="dissolution")), 409)
    assert (told["type"], told["rule"]) == ("/problems/subordinates-left", "INV-ORG-1")


def test_a_body_that_is_too_large(house):
    huge = b'{"codes": "' + b"0" * 1_100_000 + b'"}'
    as_json = {"Content-Type": "application/json"}
    said_so = house.client.post("/v1/crosswalk", content=huge, headers=as_json)
    is_problem(said_so, 413, "body-too-large")
    portions = (huge[start : start + 65536] for start in range(0, len(huge), 65536))
    found_out = house.client.post("/v1/crosswalk", content=portions, headers=as_json)
    is_problem(found_out, 413, "body-too-large")


def test_paths_of_wrong_fields_are_named(house):
    wrong = {
        "basis": [{"number": "1/QH"}, {"number": 7}],
        "effective_on": "1/7/2025",
        "nmae": "Xã",
        "authority": {},
    }
    told = is_problem(house.post(f"/v1/units/{NOBODY}/renamings", wrong), 422)
    fields = {each["field"] for each in told["errors"]}
    assert fields == {"basis[1].number", "effective_on", "nmae", "name", "authority.name"}
    pointers = {each["pointer"] for each in told["errors"]}
    assert pointers == {
        "#/basis/1/number",
        "#/effective_on",
        "#/nmae",
        "#/name",
        "#/authority/name",
    }
    wrong = said("2025-02-01", name="Xã", **{"a/b~c d": 1})
    told = is_problem(house.post(f"/v1/units/{NOBODY}/renamings", wrong), 422)
    assert told["errors"][0]["pointer"] == "#/a~1b~0c%20d"


def test_what_is_wrong_is_told_in_words_of_our_own(house):
    """Not in those of a library."""
    wrong: dict[str, object] = {
        "effective_on": "2025-02-30",
        "authority": "Quốc hội",
        "basis": [{"number": "1\u0000", "sha256": "x", "issuer": 7}] * 51,
        "voids": "7",
        "nmae": "Xã",
        "name": "",
    }
    told = is_problem(house.post(f"/v1/units/{NOBODY}/renamings", wrong), 422)
    wrong["basis"] = [{"number": "1\u0000", "sha256": "x", "issuer": 7}]
    told["errors"] += house.post(f"/v1/units/{NOBODY}/renamings", wrong).json()["errors"]
    messages = {each["field"]: each["message"] for each in told["errors"]}
    assert messages == {
        "effective_on": "it must be a day that exists, written YYYY-MM-DD",
        "authority": "it must be a JSON object, in braces",
        "basis": "it must have at most 50 items",
        "basis[0].number": "it holds control characters",
        "basis[0].sha256": "it must be a SHA-256, in 64 digits and letters a to f",
        "basis[0].issuer": "it must be a text, in quotes",
        "voids": "it must be a whole number",
        "nmae": "this name is not known here",
        "name": "it must not be empty",
    }
    told = is_problem(house.get("/v1/units?valid_at=1/7/2025&level=x&limit=0&parent=x"), 422)
    assert {each["field"]: each["message"] for each in told["errors"]} == {
        "valid_at": "a day is written YYYY-MM-DD",
        "limit": "it must be at least 1",
        "parent": "it must be an id, like 0197c348-8800-8bc0-8243-3ee5a495fb8b",
        "level[0]": "it must be 'province', 'district' or 'commune'",
    }


def test_a_body_in_another_encoding_is_told_apart(house):
    json_ = BEARER | {"Content-Type": "application/json"}
    path = f"/v1/units/{NOBODY}/renamings"
    latin = house.client.post(path, content='{"name": "Xã"}'.encode("latin-1"), headers=json_)
    assert "UTF-8" in is_problem(latin, 400, "malformed-body")["detail"]
    deep = house.client.post(path, content=b"[" * 100_000, headers=json_)
    is_problem(deep, 400, "malformed-body")


def test_control_characters_stay_outside(house):
    is_problem(house.get("/v1/units", params={"name": "a\x00b"}), 422)
    body = said("2025-02-01", name="Xã", reason="a\u0000b")
    is_problem(house.post(f"/v1/units/{NOBODY}/renamings", body), 422)


def test_what_nobody_foresaw_is_logged_and_not_told(house):
    broken = Raising(RuntimeError("a secret of the inside"))
    with instead(house, readings=broken), capture_logs() as logs:
        refused = house.client.get("/v1/units", headers={"X-Request-ID": "find-me"})
    is_problem(refused, 500, "internal-error")
    assert "secret" not in refused.text
    [failed] = [line for line in logs if line["event"] == "request.failed"]
    assert "secret" in str(failed["exc_info"])


def test_each_request_leaves_one_line_without_its_query(house):
    with capture_logs() as logs:
        house.client.get("/v1/units?name=someone", headers={"X-Request-ID": "r-1"})
    [line] = [line for line in logs if line["event"] == "request.served"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/v1/units", 200)
    assert "someone" not in json.dumps(line, default=str)


def test_the_correlation_id_is_recorded(house):
    head = {"X_Correlation_ID": "undertaking-7", "X_Request_ID": "r-2"}
    path = f"/v1/units/{house.ids['Xã Bình 2']}/renamings"
    told = house.post(path, said("2025-09-01", name="Xã Bình Hai"), **head)
    assert told.headers["X-Request-ID"] == "r-2"
    assert told.json()["events"][0]["correlation_id"] == "undertaking-7"
    path = f"/v1/units/{house.ids['Xã Bình 3']}/renamings"
    told = house.post(path, said("2025-09-01", name="Xã Bình Ba"), X_Request_ID="r-3")
    assert told.json()["events"][0]["correlation_id"] == "r-3"


def test_health(house):
    assert house.client.get("/health/live").json() == {"status": "alive"}
    ready = house.client.get("/health/ready")
    assert ready.json()["status"] == "ready"
    assert "Sogoc-Lag" in ready.headers


def test_every_read_answers_head_as_get_without_the_body(house):
    for method, path, _ in operations(house):
        if method != "get":
            continue
        id_ = house.ids["Tỉnh An" if "units" in path else "Đảng bộ tỉnh An"]
        url = path.replace("{id}", id_).replace("{position}", "1").replace("{code}", "not-found")
        position = {"Min-Position": str(house.register.store.position())}
        got, asked = (ask(url, headers=position) for ask in (house.client.get, house.client.head))
        changing = {"x-request-id"}
        assert (asked.status_code, asked.content) == (got.status_code, b""), path
        if got.status_code == 200:
            assert got.content
            assert {k: v for k, v in asked.headers.items() if k not in changing} == {
                k: v for k, v in got.headers.items() if k not in changing
            }


def test_a_condition_counts_for_head_too(house):
    path = f"/v1/units/{house.ids['Tỉnh An']}"
    tag = house.client.get(path).headers["ETag"]
    assert house.client.head(path, headers={"If-None-Match": tag}).status_code == 304


def test_a_name_in_a_query_counts_once(house):
    """Of two values one would go unnoticed."""
    day = "valid_at=2025-07-01"
    told = is_problem(house.get(f"/v1/units?{day}&{day}"), 422, "malformed-request")
    assert told["errors"][0] | {"message": ""} == {
        "in": "query",
        "field": "valid_at",
        "message": "",
    }
    assert house.get("/v1/units?level=commune&level=district").status_code == 200


def test_what_may_be_repeated_is_what_the_document_says(house):
    lists: set[str] = set()
    others: set[str] = set()
    for _, _, operation in operations(house):
        for each in operation.get("parameters", []):
            if each["in"] == "query":
                known = lists if each["schema"].get("type") == "array" else others
                known.add(each["name"])
    assert lists == REPEATABLE
    assert not lists & others


def test_a_header_that_has_one_value_counts_once(house):
    for name in SINGLE:
        two = [(name, "1"), (name, "2")]
        told = is_problem(house.client.get("/v1/events", headers=two), 422, "malformed-request")
        assert told["errors"][0]["field"] == name


@pytest.mark.parametrize("name", ["%", " ", "-", "..", ""])
def test_a_name_without_a_letter_or_a_digit_is_refused(house, name):
    """It would limit the list to nothing at all."""
    is_problem(house.get("/v1/units", params={"name": name}), 422, "malformed-request")


@pytest.mark.parametrize("field", ["code", "scheme"])
def test_an_empty_filter_is_refused(house, field):
    is_problem(house.get("/v1/units", params={field: ""}), 422, "malformed-request")


class Raising:
    """Readings that cannot be opened."""

    def __init__(self, error):
        self.error = error

    def at(self, *_, **__):
        raise self.error


@contextmanager
def instead(house, **state):
    """The application with other parts, for a while."""
    kept = {name: getattr(house.app.state, name) for name in state}
    for name, value in state.items():
        setattr(house.app.state, name, value)
    try:
        yield
    finally:
        for name, value in kept.items():
            setattr(house.app.state, name, value)


@pytest.mark.parametrize(
    "error", [PoolTimeout("none left"), psycopg.OperationalError("gone"), OperationalError("gone")]
)
def test_a_database_that_cannot_answer_now_is_asked_again(house, error):
    with instead(house, readings=Raising(error)):
        refused = house.client.get("/v1/units")
        page = house.client.get("/", headers={"Accept": "text/html"})
    is_problem(refused, 503, "not-ready")
    assert refused.headers["Retry-After"] == page.headers["Retry-After"] == "1"
    assert "gone" not in refused.text
    assert page.status_code == 503
    assert page.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("error", [InDoubt("lost"), OutcomeUnknown("lost")])
def test_an_outcome_that_nobody_knows_is_asked_again(house, error):
    class Doubting:
        store = house.register.store

        def execute(self, *_, **__):
            raise error

    with instead(house, register=Doubting()):
        body = said("2025-02-01", name="Xã")
        refused = house.post(f"/v1/units/{NOBODY}/renamings", body)
    is_problem(refused, 503, "outcome-unknown")
    assert refused.headers["Retry-After"] == "1"


def test_read_models_too_far_behind_are_not_ready(house, postgres):
    """Nobody keeps these level; an event waits longer than the limit."""
    with unfollowed(postgres.dsn, limit_s=0.2) as (client, record):
        assert client.get("/health/ready").json()["lag_s"] == 0
        record()
        patient = client.get("/health/ready").json()
        assert (patient["lag"], patient["lag_s"] < 0.2) == (1, True)
        time.sleep(0.25)
        told = is_problem(client.get("/health/ready"), 503, "not-ready")
        assert told["lag"] == 1
        assert told["lag_s"] > 0.2


@contextmanager
def unfollowed(dsn, limit_s):
    """A client of a register whose read models stay where they are, and a way to record."""
    schema = "api_unfollowed"
    environment = {"PERSISTENCE_MODULE": "ops.store", "SOGOC_DSN": dsn, "SOGOC_SCHEMA": schema}
    with (
        Register(environment) as register,
        ConnectionPool(dsn, min_size=1, max_size=2, open=True) as pool,
        psycopg.connect(dsn, autocommit=True) as connection,
    ):
        views = list(VIEWS.values())
        for view in views:
            create(connection, schema, view)
        readings = Readings(pool, schema, lambda: TODAY, lambda: hot_pool(dsn))
        access = Tokens(HOLDERS)
        app = create_app(register, readings, access, today=lambda: TODAY, lag_limit_s=limit_s)
        with TestClient(app, raise_server_exceptions=False) as client:
            house = House(app, register, client, {})
            yield client, lambda: house.unit("Tỉnh Chờ", "province")
    drop(dsn, schema)


def test_read_models_beyond_the_end_of_the_log_are_not_ready(house, postgres):
    """After a restore that lost the end of the log, what comes now would never be seen."""
    with unfollowed(postgres.dsn, limit_s=60) as (client, _):
        with psycopg.connect(postgres.dsn, autocommit=True) as connection:
            for view in VIEWS:
                connection.execute(f"UPDATE api_unfollowed_{view}.mark SET position = 3")
        told = is_problem(client.get("/health/ready"), 503, "not-ready")
        assert (told["position"], told["head"]) == (3, 0)


def test_a_database_that_hangs_is_told_soon(house):
    class Hanging:
        def at(self, *_, **__):
            time.sleep(3)
            raise PoolTimeout

    began = time.monotonic()
    with instead(house, readings=Hanging()):
        is_problem(house.client.get("/health/ready"), 503, "not-ready")
    assert time.monotonic() - began < 2.8


class Following:
    """A follower as readiness sees it."""

    is_alive, error, stopped, idle_s, rate = True, None, None, 0.1, 250.0

    def __init__(self, **state):
        self.__dict__.update(state)


def unready(house, **state):
    with instead(house, follower=Following(**state)):
        return is_problem(house.client.get("/health/ready"), 503, "not-ready")


def test_a_dead_follower_is_not_ready(house):
    with instead(house, follower=Following(is_alive=False)):
        assert house.client.get("/health/ready").headers["Retry-After"] == "1"
    assert unready(house, is_alive=False)["reason"] == "no-follower"
    assert unready(house, error="OperationalError: ...")["reason"] == "failing"


def test_readiness_names_the_read_model_that_cannot_go_on(house):
    told = unready(house, error="EventFailed: ...", stopped="audit")
    assert told["reason"] == "stopped"
    assert told["detail"].startswith("audit cannot be brought level")


def test_whoever_is_slow_is_degraded_and_whoever_stands_still_is_not_ready(postgres):
    """Both let an event wait longer than any limit; only one moves."""
    with unfollowed(postgres.dsn, limit_s=0.01) as (client, record):
        house = House(client.app, client.app.state.register, client, {})
        with instead(house, follower=Following(idle_s=900.0)):
            level = client.get("/health/ready").json()
        assert (level["status"], level["level_in_s"]) == ("ready", 0)  # nothing was to be done
        record()
        time.sleep(0.05)
        with instead(house, follower=Following(rate=0.5)):
            slow = client.get("/health/ready").json()
        assert (slow["status"], slow["lag"], slow["rate"]) == ("degraded", 1, 0.5)
        assert slow["level_in_s"] == 2
        assert slow["lag_s"] > 0.01
        with instead(house, follower=Following(rate=0.0)):
            assert "level_in_s" not in client.get("/health/ready").json()
        with instead(house, stall_limit_s=0.02):
            stalled = unready(house, idle_s=900.0)
        assert (stalled["reason"], stalled["lag"], stalled["idle_s"]) == ("stalled", 1, 900)
        with instead(house, stall_limit_s=600, follower=Following(idle_s=900.0)):
            fresh = client.get("/health/ready").json()  # the event has only just come
        assert fresh["status"] == "degraded"


def test_a_read_model_of_another_layout_is_not_ready(postgres):
    with unfollowed(postgres.dsn, limit_s=60) as (client, _):
        with psycopg.connect(postgres.dsn, autocommit=True) as connection:
            connection.execute("UPDATE api_unfollowed_audit.mark SET version = 0")
        told = is_problem(client.get("/health/ready"), 503, "not-ready")
        assert told["reason"] == "outdated"
        assert "audit" in told["detail"]


def test_both_states_and_every_reason_are_in_the_document(house):
    schemas = house.client.get("/openapi.json").json()["components"]["schemas"]
    assert schemas["Ready"]["properties"]["status"]["enum"] == ["ready", "degraded"]
    reasons = schemas["Unready"]["properties"]["reason"]
    assert {"stalled", "lag"} < set(reasons["enum"])
    assert all(f"{reason}:" in reasons["description"] for reason in reasons["enum"])
