"""Commands over HTTP: conditions, repeats, dry runs, and what is answered."""

import json
import time
from types import SimpleNamespace
from uuid import UUID

import pytest
from starlette.requests import Request

from api import bodies
from api.clerk import Clerk
from api.errors import MalformedRequest
from api.preferences import wants_dry_run
from domain.envelope import Actor
from tests.api.conftest import BEARER, said


def fresh(house, name):
    return house.unit(name, "commune", "Huyện Bình")


def test_a_change_is_answered_with_its_position_its_events_and_the_new_version(house):
    id_ = fresh(house, "Xã Một")
    response = house.post(f"/v1/units/{id_}/renamings", said("2025-02-01", name="Xã Một Mới"))
    told = response.json()
    assert response.status_code == 201
    assert response.headers["Location"] == f"/v1/units/{id_}"
    assert response.headers["ETag"] == '"2"'
    assert told["position"] == house.register.store.position()
    [event] = told["events"]
    assert (event["type"], event["data"]) == ("unit.renamed", {"name": "Xã Một Mới"})
    assert event["actor"] == {"id": "office-17", "post": "chuyên viên"}
    assert event["recorded_at"] == told["recorded_at"]


def test_what_was_recorded_can_be_read_at_once(house):
    id_ = fresh(house, "Xã Đọc Ngay")
    told = house.record(f"/v1/units/{id_}/renamings", effective_on="2025-03-01", name="Xã Đã Đọc")
    headers = {"Min-Position": str(told["position"])}
    read = house.client.get(f"/v1/units/{id_}", headers=headers)
    assert read.json()["name"] == "Xã Đã Đọc"
    assert read.json()["version"] == 2
    assert house.get(f"/v1/units/{id_}?valid_at=2025-02-28").json()["name"] == "Xã Đọc Ngay"


def test_the_same_wish_again_records_nothing(house):
    id_ = fresh(house, "Xã Hai Lần")
    body = said("2025-02-01", name="Xã Khác")
    assert house.post(f"/v1/units/{id_}/renamings", body).status_code == 201
    again = house.post(f"/v1/units/{id_}/renamings", body)
    assert again.status_code == 200
    nothing: dict[str, object] = {"position": None, "recorded_at": None, "events": []}
    assert again.json() == nothing | {"detail": "Nothing to record: the register says so already"}


def test_a_repeat_with_the_same_key_gives_the_same_bytes(house):
    body = said(
        way="entered",
        level="commune",
        type="xa",
        name="Xã Lặp",
        superior_id=house.ids["Huyện Bình"],
    )
    first = house.post("/v1/units", body, Idempotency_Key="once")
    head = house.register.store.position()
    again = house.post("/v1/units", body, Idempotency_Key="once")
    assert (again.content, again.status_code) == (first.content, 201)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["ETag"] == first.headers["ETag"]
    assert house.register.store.position() == head


def test_a_repeat_of_nothing_to_record_is_nothing_to_record(house):
    id_ = fresh(house, "Xã Không Đổi")
    body = said("2025-01-01", name="Xã Không Đổi")
    answers = [
        house.post(f"/v1/units/{id_}/renamings", body, Idempotency_Key="nothing") for _ in range(2)
    ]
    assert [a.status_code for a in answers] == [200, 200]
    assert answers[0].content == answers[1].content


def test_a_key_used_for_something_else_is_refused(house):
    id_ = fresh(house, "Xã Khóa")
    path = f"/v1/units/{id_}/renamings"
    house.post(path, said("2025-02-01", name="Xã Khóa A"), Idempotency_Key="other")
    other = house.post(path, said("2025-02-01", name="Xã Khóa B"), Idempotency_Key="other")
    assert other.status_code == 422
    assert other.json()["type"] == "/problems/idempotency-key-reused"


def test_the_form_of_the_body_does_not_matter_to_the_key(house):
    id_ = fresh(house, "Xã Hình Thức")
    path, headers = f"/v1/units/{id_}/renamings", BEARER | {"Idempotency-Key": "form"}
    first = house.client.post(
        path, json=said("2025-02-01", name="Xã Ê", reason=None), headers=headers
    )
    turned = dict(reversed(said("2025-02-01", name="Xã E\u0302").items()))
    again = house.client.post(path, json=turned, headers=headers)
    assert first.status_code == 201
    assert again.content == first.content


def test_a_fact_that_a_later_release_knows_does_not_change_the_fingerprint(house):
    """A repeat across an upgrade is the same command still."""

    class Renaming(bodies.Renaming):
        seal: str | None = None
        copies: tuple[str, ...] = ()

    facts = said("2025-02-01", name="Xã A", basis=[{"number": "1/QH", "sha256": None}])
    keys = [
        clerk_of("office-17")._command_key(model.model_validate(facts))
        for model in (bodies.Renaming, Renaming)
    ]
    assert keys[0] == keys[1]
    other = clerk_of("office-17")._command_key(Renaming.model_validate(facts | {"seal": "x"}))
    assert other.fingerprint != keys[0].fingerprint


def test_keys_of_one_actor_never_meet_those_of_another(house):
    body = bodies.Renaming.model_validate(said("2025-02-01", name="Xã A"))
    one, other = clerk_of("a", "b:c")._command_key(body), clerk_of("a:b", "c")._command_key(body)
    assert one.key != other.key


def clerk_of(actor, key="k"):
    app = SimpleNamespace(state=SimpleNamespace(register=None, new_id=None))
    sent: dict[str, object] = {"method": "POST", "path": "/v1/x", "query_string": b""}
    request = Request({"type": "http", "headers": [], "app": app} | sent)
    return Clerk(request, Actor(actor, None), None, None, key, None)


def test_a_dry_run_tells_what_it_would_record_and_stores_nothing(house):
    id_ = fresh(house, "Xã Thử")
    head = house.register.store.position()
    path, body = f"/v1/units/{id_}/renamings", said("2025-02-01", name="Xã Đã Thử")
    dry = house.post(path, body, Prefer="dry-run", Idempotency_Key="dry")
    assert dry.status_code == 200
    assert dry.headers["Preference-Applied"] == "dry-run"
    assert house.register.store.position() == head
    wet = house.post(path, body, Idempotency_Key="dry").json()
    [would], [did] = dry.json()["events"], wet["events"]
    assert dry.json()["detail"] == "Not recorded: this was a dry run"
    later = {"position", "recorded_at", "correlation_id"}
    assert {k: v for k, v in would.items() if k not in later} == {
        k: v for k, v in did.items() if k not in later
    }
    assert would["position"] is would["recorded_at"] is None


def test_a_version_that_has_passed_is_refused_with_what_was_missed(house):
    id_ = fresh(house, "Xã Phiên Bản")
    path = f"/v1/units/{id_}/renamings"
    moved = house.post(path, said("2025-02-01", name="Xã P2"), If_Match='"1"')
    late = house.post(path, said("2025-03-01", name="Xã P3"), If_Match='"1"')
    assert moved.status_code == 201
    assert late.status_code == 412
    assert late.headers["ETag"] == '"2"'
    assert late.json()["version"] == 2
    assert late.json()["missed"] == [moved.json()["position"]]


def test_the_etag_of_a_read_serves_as_version(house):
    id_ = fresh(house, "Xã Thẻ")
    tag = house.get(f"/v1/units/{id_}").headers["ETag"]
    path = f"/v1/units/{id_}/renamings"
    assert house.post(path, said("2025-02-01", name="Xã T2"), If_Match=tag).status_code == 201
    assert house.post(path, said("2025-03-01", name="Xã T3"), If_Match=tag).status_code == 412


@pytest.mark.parametrize(
    "lines",
    [
        ["dry-run"],
        ["Dry-Run"],
        ["dry-run=true"],
        ["dry-run=0"],
        ['dry-run = "yes"; for=ever'],
        ["respond-async, dry-run"],
        ["respond-async ; wait=10 , dry-run"],
        ["return=minimal", "dry-run"],
        ["dry-run", "return=minimal"],
        ['note="a, b"', "", "dry-run"],
        ["handling=strict; dry-run"],
    ],
)
def test_whatever_names_a_dry_run_is_one(house, lines):
    path = f"/v1/units/{house.ids['Xã Bình 1']}/renamings"
    headers = [*BEARER.items(), *(("Prefer", line) for line in lines)]
    head = house.register.store.position()
    dry = house.client.post(path, json=said("2025-02-01", name="Xã Không Ghi"), headers=headers)
    assert (dry.status_code, dry.headers["Preference-Applied"]) == (200, "dry-run")
    assert len(dry.json()["events"]) == 1
    assert house.register.store.position() == head


@pytest.mark.parametrize(
    "lines",
    [
        ["dry run"],
        ["dryrun"],
        ["dry_run=1"],
        ["respond-async; Dry--Run"],
        ["dry-run=?1"],
        ["dry-run:yes"],
        ['"dry-run"'],
        ["respond-async", "=dry-run"],
        ['a="x, dry-run'],
    ],
)
def test_a_preference_that_cannot_be_read_is_refused(house, lines):
    path = f"/v1/units/{house.ids['Xã Bình 1']}/renamings"
    headers = [*BEARER.items(), *(("Prefer", line) for line in lines)]
    head = house.register.store.position()
    refused = house.client.post(path, json=said("2025-02-01", name="Xã Không Ghi"), headers=headers)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "Prefer"
    assert house.register.store.position() == head


def test_other_preferences_are_ignored(house):
    assert not wants_dry_run(["respond-async, wait=10", 'return=representation; q="dry-run"', ""])


def test_no_preference_takes_long_to_read():
    began = time.monotonic()
    for line in ("a" + ";b" * 30_000 + "(", "a" + "; " * 30_000 + "=(", "," * 60_000 + "("):
        with pytest.raises(MalformedRequest):
            wants_dry_run([line])
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("query", ["dry_run=true", "Prefer=dry-run"])
def test_a_command_has_no_query(house, query):
    """Somebody who asks there for a dry run must not be recorded for real."""
    head = house.register.store.position()
    path = f"/v1/units/{house.ids['Xã Bình 1']}/renamings?{query}"
    refused = house.post(path, said("2025-02-01", name="Xã Không Ghi"))
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["in"] == "query"
    assert house.register.store.position() == head


@pytest.mark.parametrize("path", ["", "/mergers"])
@pytest.mark.parametrize("subject", ["units", "organisations"])
@pytest.mark.parametrize("tag", ["*", '"1"', '"99"'])
def test_what_is_founded_has_no_version(house, subject, path, tag):
    """A condition that nobody looks at would be worse than none."""
    founding = {"name": "Xã X", "superior_id": house.ids["Huyện Bình"]}
    founding |= {"level": "commune", "type": "xa"} if subject == "units" else {"kind": "cell"}
    facts = founding | {"way": "entered"} if not path else {"founding": founding}
    facts |= {"sources": [house.ids["Xã Bình 1"]]} if path else {}
    head = house.register.store.position()
    refused = house.post(f"/v1/{subject}{path}", said(**facts), If_Match=tag)
    assert refused.status_code == 412
    assert refused.json()["type"] == "/problems/precondition-failed"
    assert house.register.store.position() == head


def test_a_command_takes_no_if_none_match(house):
    path = f"/v1/units/{house.ids['Xã Bình 1']}/renamings"
    refused = house.post(path, said("2025-02-01", name="Xã X"), If_None_Match="*")
    assert refused.status_code == 412


def test_of_several_versions_one_must_be_the_present_one(house):
    id_ = fresh(house, "Xã Nhiều Thẻ")
    path = f"/v1/units/{id_}/renamings"
    body = said("2025-02-01", name="Xã N2")
    assert house.post(path, body, If_Match='"7", "8"').status_code == 412
    assert house.post(path, body, If_Match='"8", "1"').status_code == 201
    lines = [*BEARER.items(), ("If-Match", '"1"'), ("If-Match", '"2"')]
    again = house.client.post(path, json=said("2025-03-01", name="Xã N3"), headers=lines)
    assert again.status_code == 201


@pytest.mark.parametrize("tag", ['W/"1"', "1", '"one"', '"1" "2"', '*, "1"'])
def test_a_weak_or_malformed_version_is_refused(house, tag):
    path = f"/v1/units/{house.ids['Xã Bình 1']}/renamings"
    refused = house.post(path, said("2025-02-01", name="Xã X"), If_Match=tag)
    assert refused.status_code == 422
    [told] = refused.json()["errors"]
    assert told["field"] == "If-Match"
    assert told["message"] == 'it must be a version in quotes, like "3", or several, or *'


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer x"}, {"Authorization": "Basic x"}]
)
def test_a_command_without_a_known_token_is_refused(house, headers):
    refused = house.client.post("/v1/units", json=said(), headers=headers)
    assert refused.status_code == 401
    shown = "Bearer x" in headers.values()
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="sogoc"' + (
        ', error="invalid_token"' if shown else ""
    )
    assert refused.json()["type"] == "/problems/unauthenticated"


@pytest.mark.parametrize(
    "text",
    ['"name": "Xã A", "name": "Xã B"', '"name": "Xã A", "authority": {"name": "x", "name": "y"}'],
)
def test_a_fact_that_is_said_twice_is_refused(house, text):
    """A reader of JSON would take the last one in silence."""
    head, rest = house.register.store.position(), json.dumps(said("2025-02-01"))[1:]
    path = f"/v1/units/{house.ids['Xã Bình 1']}/renamings"
    headers = BEARER | {"Content-Type": "application/json"}
    refused = house.client.post(path, content=f"{{{text}, {rest}".encode(), headers=headers)
    assert refused.status_code == 422
    assert refused.json()["errors"] == [
        {"in": "body", "field": "name", "message": "it is given more than once"}
    ]
    assert house.register.store.position() == head


def test_text_is_normalised_at_the_door(house):
    decomposed = "Xa\u0303 Hoa\u0300"
    told = house.record(
        "/v1/units",
        way="entered",
        level="commune",
        type="xa",
        name=decomposed,
        superior_id=house.ids["Huyện Bình"],
    )
    assert told["events"][0]["data"]["name"] == "Xã Hoà"


def test_ids_that_are_given_are_of_version_7(house):
    assert UUID(fresh(house, "Xã Bảy")).version == 7


def test_several_become_a_new_one(house):
    sources = [fresh(house, name) for name in ("Xã Gộp A", "Xã Gộp B")]
    founding = {
        "level": "commune",
        "type": "xa",
        "name": "Xã Gộp A",
        "superior_id": house.ids["Huyện Bình"],
    }
    body = said("2025-05-01", sources=sources, founding=founding)
    told = house.post("/v1/units/mergers", body, Idempotency_Key="merger")
    new = told.headers["Location"].rpartition("/")[2]
    assert told.status_code == 201
    assert new not in sources
    assert (
        house.post("/v1/units/mergers", body, Idempotency_Key="merger")
        .headers["Location"]
        .endswith(new)
    )
    heirs = house.get(f"/v1/units/{sources[1]}/successors").json()
    assert (heirs["certainty"], [h["id"] for h in heirs["items"]]) == ("exact", [new])
    made_of = house.get(f"/v1/units/{new}/predecessors").json()
    assert {p["id"] for p in made_of["items"]} == set(sources)
    assert made_of["to"] == "2025-04-30"


def test_some_are_merged_into_one_that_is_there(house):
    taker, giver = fresh(house, "Xã Nhận"), fresh(house, "Xã Cho")
    told = house.post(f"/v1/units/{taker}/mergers", said("2025-05-01", sources=[giver]))
    assert told.status_code == 201
    assert told.headers["Location"].endswith(taker)
    assert house.get(f"/v1/units/{giver}").status_code == 404


def test_one_becomes_several(house):
    giver, heir = fresh(house, "Xã Chia"), fresh(house, "Xã Có Sẵn")
    founding = {
        "level": "commune",
        "type": "xa",
        "name": "Xã Chia Mới",
        "superior_id": house.ids["Huyện Bình"],
    }
    body = said(
        "2025-05-01",
        successors=[{"id": heir, "extent": "part", "is_default": True}],
        foundings=[{"extent": "part", "founding": founding}],
    )
    told = house.post(f"/v1/units/{giver}/splits", body)
    assert told.status_code == 201, told.text
    assert told.headers["Location"].endswith(giver)
    heirs = house.get(f"/v1/units/{giver}/successors").json()
    assert heirs["certainty"] == "split"
    assert {h["name"] for h in heirs["items"]} == {"Xã Chia Mới", "Xã Có Sẵn"}


def test_the_other_changes_of_a_unit(house):
    id_ = fresh(house, "Xã Đổi")
    path = f"/v1/units/{id_}"
    told = house.record(f"{path}/codes", effective_on="2025-02-01", scheme="nso", value="09999")
    voids = told["position"]
    house.record(f"{path}/type-changes", effective_on="2025-02-01", type="phuong")
    house.record(
        f"{path}/resubordinations", effective_on="2025-03-01", superior_id=house.ids["Huyện Đông"]
    )
    house.record(f"{path}/voidings", effective_on="2025-02-01", voids=voids)
    part = {"id": house.ids["Xã Bình 1"], "extent": "part"}
    house.record(f"{path}/cessions", effective_on="2025-04-01", successors=[part])
    beginning = house.get(f"{path}/audit").json()["items"][0]["position"]
    house.record(
        f"{path}/establishment-corrections",
        voids=beginning,
        way="entered",
        type="xa",
        name="Xã Đổi Đúng",
        superior_id=house.ids["Huyện Bình"],
    )
    house.record(f"{path}/endings", effective_on="2025-06-01", way="dissolution")
    history = house.get(f"{path}/history").json()["items"]
    assert [(s["type"], s["valid_from"], s["valid_to"]) for s in history] == [
        ("xa", "2025-01-01", "2025-02-01"),
        ("phuong", "2025-02-01", "2025-03-01"),
        ("phuong", "2025-03-01", "2025-06-01"),
    ]


def test_the_changes_of_an_organisation(house):
    id_, centre = house.ids["Đảng bộ huyện Bình"], {"authority": {"name": "Ban Bí thư"}}
    path = f"/v1/organisations/{id_}"
    house.record(f"{path}/suspensions", effective_on="2025-02-01", **centre)
    assert house.get(f"{path}?valid_at=2025-02-01").json()["status"] == "suspended"
    house.record(f"{path}/resumptions", effective_on="2025-03-01", **centre)
    house.record(f"{path}/relocations", effective_on="2025-03-01", unit_id=None, **centre)
    house.record(f"{path}/kind-changes", effective_on="2025-03-01", kind="prov_agencies", **centre)
    read = house.get(f"{path}?valid_at=2025-03-01").json()
    assert (read["kind"], read["status"], read["unit_id"]) == ("prov_agencies", "active", None)
