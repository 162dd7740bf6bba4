"""Persons over HTTP: who may, what is shown, and what is told of it all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid5

import psycopg
import pytest

from api.person_bodies import Registration
from api.render import to_canonical_json
from domain.envelope import Actor
from services.access import Holder, Right, Tokens
from tests.api.conftest import BEARER, HOLDERS, House
from tests.api.test_problems import NOBODY, is_problem

PURPOSE = {"Sogoc-Purpose": quote("vụ việc 07-VV/UBKTTU", safe=" /")}
SPACE = UUID("01980000-0000-8000-8000-0000000000aa")
LIMITED = {
    "recorder": frozenset[Right](),
    "sees": frozenset({Right.SEE_NAMES}),
    "audits": frozenset({Right.SEE_READINGS}),
    "keeps": frozenset({Right.KEEP_PEOPLE}),
}


def told_of(effective_on: str = "2025-07-01", **facts: Any) -> dict[str, Any]:
    usual = {"authority": {"name": "Ban Tổ chức Tỉnh ủy"}, "reason": "Danh sách của chi bộ"}
    return {"effective_on": effective_on} | usual | facts


def registered(house: House, name: str, **more: Any) -> str:
    """The id of a person of that name."""
    id_ = str(uuid5(SPACE, name))
    body = told_of(id=id_, details={"name": name} | more)
    answer = house.post("/v1/people", body)
    assert answer.status_code in (200, 201), answer.text
    return id_


@pytest.fixture
def thu(house) -> str:
    return registered(house, "Nguyễn Văn Thử", birth_date="1975-03-02", sex="male")


@contextmanager
def as_one_who(house: House, may: str) -> Iterator[dict[str, str]]:
    """The header of a token with these rights alone."""
    digest = sha256(may.encode()).hexdigest()
    kept = house.app.state.access
    house.app.state.access = Tokens(HOLDERS | {digest: Holder(Actor(may), LIMITED[may])})
    yield {"Authorization": f"Bearer {may}"}
    house.app.state.access = kept


def test_a_person_is_registered_and_shown_for_a_purpose(house, thu):
    path = f"/v1/people/{thu}"
    plain = house.client.get(path, headers=BEARER).json()
    assert plain == {
        "id": thu,
        "status": "registered",
        "holds": [],
        "details": None,
        "destruction": None,
    }
    shown = house.client.get(path, headers=BEARER | PURPOSE)
    assert shown.json()["details"]["name"] == "Nguyễn Văn Thử"
    assert shown.json()["details"]["birth_date"] == "1975-03-02"
    assert shown.headers["Cache-Control"] == "no-store"
    readers = house.client.get(f"{path}/readings", headers=BEARER).json()["items"]
    told = (readers[0]["actor_id"], readers[0]["purpose"], readers[0]["people"])
    assert told == ("office-17", "vụ việc 07-VV/UBKTTU", 1)
    last = readers[0]["read_at"]

    def between(**times: str) -> Any:
        found = house.client.get(f"{path}/readings", params=times, headers=BEARER)
        return found.json()["items"]

    assert between(read_from=last) == readers[:1]
    assert between(read_to=last) == readers[1:]


def test_the_answer_to_a_command_shows_where_and_nothing_else(house):
    body = told_of(details={"name": "Lê Văn Mới", "phone": "0900 000 002"})
    answer = house.post("/v1/people", body)
    assert answer.status_code == 201
    assert answer.headers["Location"].startswith("/v1/people/")
    assert "Mới" not in answer.text
    assert list(answer.json()["events"][0]["data"]) == ["sealed"]


@pytest.mark.parametrize(("asked", "found"), [("nguyen thu", 1), ("Thừ", 0), ("NGUYỄN thử", 1)])
def test_people_are_searched_by_name(house, thu, asked, found):
    answer = house.client.get("/v1/people", params={"name": asked}, headers=BEARER | PURPOSE)
    assert [each["id"] for each in answer.json()["items"]] == [thu] * found


def test_pages_follow_each_other(house):
    ids = {registered(house, f"Phan Trang {n}") for n in ("Một", "Hai", "Ba")}
    seen: set[str] = set()
    asked = {"name": "phan trang", "limit": 2}
    while True:
        answer = house.client.get("/v1/people", params=asked, headers=BEARER | PURPOSE).json()
        seen |= {each["id"] for each in answer["items"]}
        if answer["next"] is None:
            break
        asked["after"] = answer["next"]
    assert seen == ids


def test_a_name_as_of_a_day_and_as_known_then(house):
    id_ = registered(house, "Vũ Thị Trước")
    before = house.register.store.position()
    body = told_of("2025-08-01", details={"name": "Vũ Thị Sau"})
    assert house.post(f"/v1/people/{id_}/details", body).status_code == 201

    def name(**point):
        shown = house.client.get(f"/v1/people/{id_}", params=point, headers=BEARER | PURPOSE)
        return shown.json()["details"]["name"]

    assert name() == "Vũ Thị Sau"
    assert name(valid_at="2025-07-15") == name(known_at=before) == "Vũ Thị Trước"
    beyond = {"known_at": house.register.store.position() + 1}
    refused = house.client.get(f"/v1/people/{id_}", params=beyond, headers=BEARER)
    is_problem(refused, 422, "invalid-value")


def test_whoever_has_no_token_sees_nobody(house, thu):
    for path in ("/v1/people?name=a", f"/v1/people/{thu}", f"/v1/people/{thu}/readings"):
        is_problem(house.client.get(path, headers=PURPOSE), 401, "unauthenticated")
    is_problem(house.client.post("/v1/people", json=told_of()), 401, "unauthenticated")


def test_rights_are_asked_for_each_by_itself(house, thu):
    path, body = f"/v1/people/{thu}", told_of(details={"name": "Ai Đó"})
    with as_one_who(house, "recorder") as bearer:
        assert house.client.get(path, headers=bearer).json()["details"] is None
        refused = house.client.get(path, headers=bearer | PURPOSE)
        assert is_problem(refused, 403, "not-permitted")["right"] == "see-names"
        is_problem(house.client.get("/v1/people?name=a", headers=bearer), 403)
        refused = house.client.post("/v1/people", json=body, headers=bearer)
        assert is_problem(refused, 403)["right"] == "keep-people"
    with as_one_who(house, "sees") as bearer:
        assert house.client.get(path, headers=bearer | PURPOSE).json()["details"]
        is_problem(house.client.post(f"{path}/details", json=body, headers=bearer), 403)
        is_problem(house.client.get(f"{path}/readings", headers=bearer), 403)
    with as_one_who(house, "audits") as bearer:
        assert house.client.get(f"{path}/readings", headers=bearer).status_code == 200
        is_problem(house.client.get(path, headers=bearer | PURPOSE), 403)
        is_problem(house.client.post(f"{path}/details", json=body, headers=bearer), 403)
    with as_one_who(house, "keeps") as bearer:
        assert house.client.post(f"{path}/details", json=body, headers=bearer).status_code == 201
        is_problem(house.client.get(path, headers=bearer | PURPOSE), 403)


def test_a_search_says_what_for(house):
    refused = house.client.get("/v1/people?name=a", headers=BEARER)
    told = is_problem(refused, 422, "malformed-request")
    assert told["errors"][0]["field"] == "Sogoc-Purpose"
    for purpose in ("%", "%20", "%FF", "%00"):
        headers = BEARER | {"Sogoc-Purpose": purpose}
        refused = house.client.get(f"/v1/people/{NOBODY}", headers=headers)
        assert refused.status_code == (404 if purpose == "%" else 422)


def test_wrong_details_are_named_by_field_and_not_by_value(house):
    body = told_of(details={"name": "A", "citizen_number": "NHẦM-123", "phone": "?"})
    told = is_problem(house.post("/v1/people", body), 422, "invalid-value")
    assert told["field"] == "details.citizen_number"
    assert "NHẦM" not in json.dumps(told, ensure_ascii=False)
    body = told_of(details={"name": "A", "birth_date": "NHẦM", "sex": "NHẦM", "home": "NHẦM"})
    told = is_problem(house.post("/v1/people", body), 422, "malformed-request")
    assert len(told["errors"]) == 3
    assert "NHẦM" not in json.dumps(told, ensure_ascii=False)


def test_a_basis_or_a_reason_is_needed(house):
    body = told_of(details={"name": "Ai Đó"}) | {"reason": None}
    assert is_problem(house.post("/v1/people", body), 422)["field"] == "reason"


def test_a_hold_refuses_destruction_with_409_and_its_name(house):
    id_ = registered(house, "Hồ Thị Giữ")
    case = {"case": "07-VV/UBKTTU", "body": "Ủy ban Kiểm tra Tỉnh ủy"}
    assert house.post(f"/v1/people/{id_}/holds", told_of(**case)).status_code == 201
    assert house.client.get(f"/v1/people/{id_}", headers=BEARER).json()["holds"] == [case]
    order = told_of("2025-08-01", basis=[{"number": "05-QĐ/TU"}])
    told = is_problem(house.post(f"/v1/people/{id_}/destructions", order), 409, "legal-hold")
    assert told["holds"] == [case]
    lifted = told_of("2025-08-01", **case)
    assert house.post(f"/v1/people/{id_}/hold-liftings", lifted).status_code == 201
    assert house.post(f"/v1/people/{id_}/destructions", order).status_code == 201


def test_after_a_destruction_there_is_a_receipt_and_nothing_to_read(house):
    id_ = registered(house, "Đỗ Văn Hủy")
    order = told_of("2025-08-01", basis=[{"number": "05-QĐ/TU"}])
    done = house.post(f"/v1/people/{id_}/destructions", order).json()
    shown = house.client.get(f"/v1/people/{id_}", headers=BEARER | PURPOSE).json()
    assert (shown["status"], shown["details"]) == ("destroyed", None)
    receipt = shown["destruction"]
    assert receipt["position"] == done["position"]
    assert receipt["documents"] == ["05-QĐ/TU"]
    assert receipt["fingerprint"] == done["events"][0]["data"]["receipt"]["fingerprint"]
    again = house.post(f"/v1/people/{id_}/destructions", order)
    assert (again.status_code, again.json()["events"]) == (200, [])
    body = told_of("2025-08-01", details={"name": "Đỗ Văn Hủy"})
    is_problem(house.post(f"/v1/people/{id_}/details", body), 409, "key-gone")


def test_the_trail_tells_what_happened_and_nothing_that_is_known(house):
    id_ = registered(house, "Lưu Văn Vết")
    case = {"case": "07.VV/UBKTTU", "body": "Ủy ban Kiểm tra Tỉnh ủy"}
    house.post(f"/v1/people/{id_}/holds", told_of(**case))
    wrong = house.register.store.position()
    house.post(f"/v1/people/{id_}/voidings", told_of(voids=wrong))
    answer = house.get(f"/v1/people/{id_}/audit", headers=BEARER)
    entered, held, struck = answer.json()["items"]
    assert "lập hồ sơ cá nhân" in entered["vi"]
    assert "vụ việc: 07.VV/UBKTTU" in held["vi"]
    assert "vụ việc: 07.VV/UBKTTU → không" in struck["vi"]
    assert "Vết" not in answer.text
    assert "Sogoc-Parked" not in answer.headers


def test_a_record_is_taken_back(house):
    id_ = registered(house, "Mai Thị Nhầm")
    position = house.register.store.position()
    body = told_of(voids=position)
    assert house.post(f"/v1/people/{id_}/voidings", body).status_code == 201
    shown = house.client.get(f"/v1/people/{id_}", headers=BEARER | PURPOSE).json()
    assert (shown["status"], shown["details"]) == ("withdrawn", None)


def test_a_version_that_was_read_is_insisted_on(house):
    id_ = registered(house, "Tô Văn Bản")
    tag = house.client.get(f"/v1/people/{id_}", headers=BEARER).headers["ETag"]
    body = told_of("2025-08-01", details={"name": "Tô Văn Khác"})
    assert house.post(f"/v1/people/{id_}/details", body, If_Match=tag).status_code == 201
    body = told_of("2025-09-01", details={"name": "Tô Văn Nữa"})
    is_problem(house.post(f"/v1/people/{id_}/details", body, If_Match=tag), 412)


def test_a_repeat_gets_the_first_answer_and_nothing_guessable_is_kept(house, postgres):
    body = told_of(details={"name": "Cao Văn Lặp", "citizen_number": "001175000009"})
    first = house.post("/v1/people", body, Idempotency_Key="cao-van-lap")
    again = house.post("/v1/people", body, Idempotency_Key="cao-van-lap")
    assert first.json()["position"] == again.json()["position"]
    other = told_of(details={"name": "Cao Văn Khác"})
    refused = house.post("/v1/people", other, Idempotency_Key="cao-van-lap")
    is_problem(refused, 422, "idempotency-key-reused")
    schema = house.app.state.readings.schema
    with psycopg.connect(postgres.dsn) as connection:
        kept = connection.execute(f"SELECT * FROM {schema}.commands").fetchall()
    assert "cao-van-lap" not in str(kept)
    facts = Registration(**body).model_dump(mode="json", exclude_defaults=True)
    guess = sha256(to_canonical_json(["POST", "/v1/people", facts])).digest()
    assert guess not in {bytes(fingerprint) for _, fingerprint, *_ in kept}


def test_a_name_in_the_path_is_told_to_nobody(house):
    refused = house.client.get("/v1/people/Nguy%E1%BB%85n%20V%C4%83n", headers=BEARER)
    assert is_problem(refused, 422)["instance"] == "/v1/people/..."
    refused = house.client.get("/v1/people/a/Nguyen", headers=BEARER)
    assert "Nguyen" not in refused.text
