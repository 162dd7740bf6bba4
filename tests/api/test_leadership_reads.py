"""Who leads, over HTTP: holders by decision, posts, vacancies then and now, regulations, names."""

import csv
import io
from typing import Any
from uuid import UUID

import pytest

from tests.api.conftest import BEARER
from tests.api.test_leadership import BODIES, founded, somebody
from tests.api.test_problems import is_problem

SECRETARY, DEPUTY = "secretary", "deputy_secretary"
COMMITTEE = BODIES[0]
SEATS: dict[str, Any] = {"body": COMMITTEE, "number": 1, "due_on": "2025-07-25"}


class Told:
    """A commune's committee: two members, a secretary; two posts of which one is vacant."""

    def __init__(self, house, committee):
        self.house, self.committee, self.id = house, committee, committee.id
        self.people = [somebody(), somebody()]
        for post in (SECRETARY, DEPUTY):
            committee.record("seat-plans", post=post, **SEATS)
        for person in self.people:
            committee.appoint(person, "member")
        committee.appoint(self.people[0], SECRETARY)

    def get(self, what, **params):
        return self.house.get(f"/v1/organisations/{self.id}/{what}", params=params)


@pytest.fixture(scope="module")
def told(house):
    return Told(house, founded(house, "Đảng bộ xã Đọc Thử"))


def test_who_leads_is_told_with_the_decision_and_who_recorded_it(told):
    answer = told.get("leadership", valid_at="2025-07-10")
    assert answer.status_code == 200, answer.text
    document = answer.json()
    [secretary] = [row for row in document["items"] if row["post"] == SECRETARY]
    assert secretary["person_id"] == told.people[0]
    assert secretary["person_name"] is None
    assert (secretary["post_name"], secretary["body_name"]) == ("bí thư", "ban chấp hành")
    assert (secretary["act"], secretary["state"]) == ("appointed", "held")
    assert (secretary["decision"], secretary["authority"]) == (
        "12-QĐ/TU",
        "Ban Thường vụ Tỉnh ủy An",
    )
    assert (secretary["recorded_by"], secretary["held_from"]) == ("office-17", "2025-07-01")
    assert {row["post"]: row["vacant"] for row in document["seats"]} == {SECRETARY: 0, DEPUTY: 1}
    assert {row["body"]: row["term"] for row in document["bodies"]} == dict.fromkeys(
        BODIES, "2025-2030"
    )
    one = told.get("leadership", valid_at="2025-07-10", body=COMMITTEE, post=SECRETARY).json()
    assert one["items"] == [secretary]
    is_problem(told.get("leadership", valid_at="2025-06-30"), 404)


def test_a_post_has_a_history_and_a_person_has_posts(told):
    [first] = told.get(f"posts/{COMMITTEE}.{SECRETARY}/history").json()["items"]
    assert first["person_id"] == told.people[0]
    path = f"/v1/people/{told.people[0]}/posts"
    held = told.house.get(path, params={"valid_at": "2025-07-10"}).json()["items"]
    assert [row["post"] for row in held] == ["member", SECRETARY]
    assert {row["organisation"] for row in held} == {"Đảng bộ xã Đọc Thử"}
    assert told.house.get(path, params={"valid_at": "2025-06-30"}).json()["items"] == []
    ever = told.house.get(path, params={"valid_at": "2025-06-30", "ever": True}).json()["items"]
    assert [row["holding_id"] for row in ever] == [row["holding_id"] for row in held]
    problem = is_problem(told.get("posts/secretary/history"), 422)
    assert "with its body, like executive_committee.secretary" in problem["detail"]


def test_vacancies_are_told_as_known_then_and_as_known_now(house, told):
    known = house.register.store.position()
    late = founded(house, "Đảng bộ xã Kiện Toàn")
    planned = late.record("seat-plans", post=SECRETARY, **SEATS)["position"]
    person = somebody()
    late.appoint(person, "member")
    late.appoint(person, SECRETARY)
    under = house.ids["Đảng bộ tỉnh An"]
    path = f"/v1/vacancies?under={under}&valid_at=2025-07-25"
    then = house.get(f"{path}&known_at={planned}").json()["items"]
    now = house.get(path).json()["items"]
    found = {(row["organisation"], row["post"]) for row in then}
    assert ("Đảng bộ xã Kiện Toàn", SECRETARY) in found
    assert ("Đảng bộ xã Đọc Thử", DEPUTY) in found
    assert {(row["organisation"], row["post"]) for row in now} == found - {
        ("Đảng bộ xã Kiện Toàn", SECRETARY)
    }
    [row] = [row for row in now if row["organisation"] == "Đảng bộ xã Đọc Thử"]
    assert (row["vacant_since"], row["due_on"], row["overdue_days"]) == (
        "2025-07-01",
        "2025-07-25",
        0,
    )
    assert row["superior"] == "Đảng bộ tỉnh An"
    before = house.get(f"{path}&known_at={known - 8}").json()["items"]
    assert "Đảng bộ xã Kiện Toàn" not in {row["organisation"] for row in before}
    overdue = house.get(f"/v1/vacancies?under={told.id}&valid_at=2025-08-04").json()["items"]
    assert [row["overdue_days"] for row in overdue] == [10]


def test_vacancies_come_in_pages(house, told):
    founded(house, "Đảng bộ xã Trang Hai").record(
        "seat-plans", body=COMMITTEE, post=SECRETARY, number=1
    )
    whole = house.get("/v1/vacancies?valid_at=2025-07-25").json()
    first = house.get("/v1/vacancies?valid_at=2025-07-25&limit=1").json()
    second = house.get(first["next"]).json()
    assert first["items"] + second["items"] == whole["items"][:2]


def test_regulations_are_missing_until_they_are_issued_for_the_term(house, told):
    def row(**params):
        found = house.get("/v1/regulations", params={"under": told.id, **params}).json()["items"]
        return next(iter(found), None)

    assert row(valid_at="2025-07-10")["is_missing"]
    regulations = {"number": "01-QC/ĐU", "issued_on": "2025-07-20"}
    told.committee.record(
        "regulations",
        on="2025-07-20",
        body=COMMITTEE,
        term="2025-2030",
        document=regulations,
        model="302-QĐ/TW",
    )
    issued = row(valid_at="2025-07-20")
    assert (issued["is_missing"], issued["number"], issued["term"]) == (
        False,
        "01-QC/ĐU",
        "2025-2030",
    )
    assert row(valid_at="2025-07-20", missing=True) is None
    assert row(valid_at="2025-07-20", successor=True) is None
    assert row(valid_at="2025-07-10", missing=True)["name"] == "Đảng bộ xã Đọc Thử"


def test_names_are_shown_to_who_may_see_them_and_says_what_for(house, told):
    path = f"/v1/organisations/{told.id}/leadership?valid_at=2025-07-10"
    is_problem(house.get(path, headers={"Sogoc-Purpose": "07-VV"}), 401)
    plain = house.get(path)
    assert "ETag" in plain.headers
    details = {"name": "Lê Thị Đọc Thử"}
    house.record("/v1/people", id=told.people[0], details=details)
    shown = house.get(path, headers={"Sogoc-Purpose": "07-VV"} | BEARER)
    assert "ETag" not in shown.headers
    assert shown.headers["Cache-Control"] == "no-store"
    names = {row["person_id"]: row["person_name"] for row in shown.json()["items"]}
    assert names == {told.people[0]: "Lê Thị Đọc Thử", told.people[1]: None}
    assert {row["person_name"] for row in house.get(path).json()["items"]} == {None}
    seen = {"Sogoc-Purpose": "07-VV", "If-None-Match": plain.headers["ETag"]} | BEARER
    assert house.get(path, headers=seen).status_code == 200


def test_what_members_answer_for(told):
    told.committee.record(
        "assignments", on="2025-07-15", person_id=told.people[1], kind="area", target="thôn Đông"
    )
    [row] = told.get("assignments", valid_at="2025-07-20").json()["items"]
    assert (row["person_id"], row["target_name"]) == (told.people[1], "thôn Đông")
    assert told.get("assignments", valid_at="2025-07-14").json()["items"] == []


def test_tables_are_tables(house, told):
    for path in (
        f"/v1/organisations/{told.id}/leadership?valid_at=2025-07-10",
        "/v1/vacancies?valid_at=2025-07-10",
        "/v1/regulations?valid_at=2025-07-10",
    ):
        items = house.get(path).json()["items"]
        text = house.get(path, "text/csv").text
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        assert [list(row) for row in rows] == [list(item) for item in items]
        assert len(rows) == len(items) > 0
        UUID(rows[0]["organisation_id"])


def test_reports_of_who_leads(house, told):
    def items(id_, **params):
        path, params = f"/v1/reports/{id_}", {"superior": told.id} | params
        return house.get(path, params={"valid_at": "2025-08-04"} | params).json()["items"]

    [vacant] = items("RP-07", overdue=True)
    assert (vacant["post_name"], vacant["overdue_days"]) == ("phó bí thư", 10)
    assert vacant["responsible"] == "Đảng bộ tỉnh An"
    assert items("RP-07", overdue=True, valid_at="2025-07-25") == []
    holders = items("RP-08")
    assert [row["post_name"] for row in holders].count("ủy viên ban chấp hành") == 2
    [secretary] = [row for row in holders if row["post"] == SECRETARY]
    assert secretary["others"] == "ủy viên ban chấp hành (Đảng bộ xã Đọc Thử)"
    assert secretary["act_name"] == "chỉ định"
    assert {row["person_id"] for row in items("RP-08", several=True)} == {told.people[0]}
    assert [row["target_name"] for row in items("RP-09")] == ["thôn Đông"]
    [regulated] = items("RP-15")
    assert (regulated["number"], regulated["is_missing"]) == ("01-QC/ĐU", False)


def test_reports_name_persons_for_who_may_see_them(house, told):
    path = f"/v1/reports/RP-08?superior={told.id}&valid_at=2025-08-04"
    assert "person_name" not in house.get(path).json()["items"][0]
    shown = house.get(path, headers={"Sogoc-Purpose": "07-VV"} | BEARER)
    assert {row["person_name"] for row in shown.json()["items"]} == {"Lê Thị Đọc Thử", None}
    assert shown.headers["Cache-Control"] == "no-store"
    text = house.get(f"{path}&format=csv", headers={"Sogoc-Purpose": "07-VV"} | BEARER).text
    assert ",Mã nhân sự,Họ và tên," in text
    is_problem(house.get(path, headers={"Sogoc-Purpose": "07-VV"}), 401)


def test_a_successor_of_an_ended_body_is_found(house):
    ended, heir = founded(house, "Đảng bộ xã Cũ"), founded(house, "Đảng bộ xã Kế Thừa")
    house.record(
        f"/v1/organisations/{ended.id}/endings",
        effective_on="2025-09-01",
        way="merger",
        successors=[{"id": heir.id, "extent": "whole", "is_default": True}],
        authority={"name": "Ban Bí thư"},
        basis=[{"number": "178-KL/TW"}],
    )
    path = "/v1/regulations?successor=true&valid_at=2025-09-01"
    [row] = house.get(path).json()["items"]
    assert (row["name"], row["ended_names"]) == ("Đảng bộ xã Kế Thừa", ["Đảng bộ xã Cũ"])
    assert house.get("/v1/regulations?successor=true&valid_at=2025-08-31").json()["items"] == []
