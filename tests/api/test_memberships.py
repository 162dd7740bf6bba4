"""Members over HTTP: recorded, read back on any day, and refused."""

from __future__ import annotations

from typing import Any
from uuid import uuid5

import pytest

from tests.api.conftest import House, said
from tests.services.membership import id_of

JULY, AUGUST, OCTOBER = "2025-07-01", "2025-08-01", "2025-10-01"


class Base:
    """A base organisation with two cells, and who speaks for it."""

    def __init__(self, house: House, name: str) -> None:
        self.house = house
        province = house.ids["Đảng bộ tỉnh An"]
        self.board = {"name": "Ban Thường vụ Tỉnh ủy An", "organisation_id": province}
        commune = self.founded(f"{name} xã", "commune_upper", province)
        self.id = self.founded(f"{name} cơ sở", "base_committee", commune)
        self.cells = [self.founded(f"{name} chi bộ {n}", "cell", self.id) for n in (1, 2)]

    def founded(self, name: str, kind: str, above: str) -> str:
        facts = {"way": "new", "kind": kind, "name": name, "superior_id": above}
        told = self.record("/v1/organisations", JULY, **facts)
        id_: str = told["events"][0]["stream"]
        return id_

    def post(self, path: str, on: str, **facts: Any) -> Any:
        headers = facts.pop("headers", {})
        circumstances = {"authority": self.board, "basis": [{"number": "15-QĐ/TU"}]}
        return self.house.post(path, said(on, **(circumstances | facts)), **headers)

    def record(self, path: str, on: str, **facts: Any) -> dict[str, Any]:
        response = self.post(path, on, **facts)
        assert response.status_code == 201, response.text
        told: dict[str, Any] = response.json()
        return told

    def member(self, who: str, cell: int = 0, **more: Any) -> str:
        person = str(uuid5(id_of(self.id), who))
        facts = {"person_id": person, "cell_id": self.cells[cell], "degree": "official"}
        told = self.record("/v1/memberships", JULY, **(facts | more))
        id_: str = told["events"][0]["stream"]
        return id_

    def movement(self, of: str, begins: str = AUGUST, ends: str = "2026-01-01") -> dict[str, Any]:
        url = f"/v1/organisations/{of}/movement?from={begins}&to={ends}"
        told: dict[str, Any] = self.house.get(url).json()["items"][0]
        return told


@pytest.fixture(scope="module")
def base(house: House) -> Base:
    return Base(house, "Đảng bộ Thử")


def test_a_membership_is_read_at_any_day_with_its_version(base):
    id_ = base.member("Một", party_age_on="2010-09-02")
    read = base.house.get(f"/v1/memberships/{id_}?valid_at={AUGUST}")
    told = read.json()
    assert (told["cell_id"], told["standing"], told["version"]) == (base.cells[0], "official", 1)
    assert read.headers["ETag"].startswith('"1.')
    moved = base.record(f"/v1/memberships/{id_}/moves", OCTOBER, cell_id=base.cells[1])
    assert moved["events"][0]["type"] == "membership.moved"
    on = {day: base.house.get(f"/v1/memberships/{id_}?valid_at={day}") for day in (AUGUST, OCTOBER)}
    assert [read.json()["cell_id"] for read in on.values()] == base.cells
    before = base.house.get(f"/v1/memberships/{id_}?valid_at=2025-06-30")
    assert before.status_code == 404
    history = base.house.get(f"/v1/memberships/{id_}/history").json()["items"]
    assert [row["cell_id"] for row in history] == base.cells
    person = told["person_id"]
    assert base.house.get(f"/v1/memberships?person={person}").json()["items"] == history


def test_a_command_that_saw_another_version_is_refused(base):
    id_ = base.member("Phiên bản")
    late = base.post(f"/v1/memberships/{id_}/deaths", AUGUST, headers={"If_Match": '"7"'})
    assert late.status_code == 412


def test_a_correction_of_what_is_not_there_names_the_position(base):
    """And not the end that the clerk is about to correct."""
    id_ = base.member("Đính chính")
    told = base.record(f"/v1/memberships/{id_}/expulsions", AUGUST)
    for wrong in (told["position"] - 1, 1):  # of another kind; of another stream
        refused = base.post(f"/v1/memberships/{id_}/expulsions", OCTOBER, voids=wrong)
        assert refused.json()["type"] == "/problems/cannot-void"
        assert refused.json()["field"] == "voids"
    right = base.record(f"/v1/memberships/{id_}/expulsions", OCTOBER, voids=told["position"])
    assert right["events"][0]["voids"] == told["position"]


def test_the_roll_of_an_organisation_comes_in_pages(base):
    fresh = Base(base.house, "Đảng bộ Trang")
    ids = {fresh.member(f"{n}", n % 2) for n in range(5)}
    first = base.house.get(f"/v1/organisations/{fresh.id}/roll?limit=3&valid_at={AUGUST}").json()
    second = base.house.get(first["next"]).json()
    rows = first["items"] + second["items"]
    assert {row["id"] for row in rows} == ids
    assert [row["cell_id"] for row in rows] == sorted(row["cell_id"] for row in rows)
    url = f"/v1/organisations/{fresh.id}/roll/counts?valid_at={AUGUST}"
    counted = {row["cell_id"]: row["entitled_max"] for row in base.house.get(url).json()["items"]}
    assert counted == {fresh.cells[0]: 3, fresh.cells[1]: 2}
    assert (
        base.house.get(f"/v1/organisations/{fresh.id}/roll?valid_at=2024-01-01").status_code == 404
    )


def test_a_merger_moves_the_members_and_the_movement_balances(base):
    fresh = Base(base.house, "Đảng bộ Nhập")
    for n in range(4):
        fresh.member(f"{n}", n % 2)
    merger = fresh.record(
        "/v1/cell-mergers", OCTOBER, into_id=fresh.cells[0], sources=[fresh.cells[1]]
    )
    assert [e["type"] for e in merger["events"]].count("membership.moved") == 2
    whole, heir, ended = (fresh.movement(of) for of in (fresh.id, *fresh.cells))
    assert (whole["opening"], whole["reorganised_in"], whole["closing"]) == (4, 0, 4)
    assert (heir["opening"], heir["reorganised_in"], heir["closing"]) == (2, 2, 4)
    assert (ended["opening"], ended["reorganised_out"], ended["closing"]) == (2, 2, 0)
    wrong = base.house.get(f"/v1/organisations/{fresh.id}/movement?from={OCTOBER}&to={AUGUST}")
    assert wrong.status_code == 422


def test_what_is_asked_of_age_is_kept_nowhere(base):
    introducers = [base.member(f"giới thiệu {n}") for n in range(2)]
    rows = [base.house.get(f"/v1/memberships/{i}?valid_at={JULY}").json() for i in introducers]
    person = str(uuid5(id_of(base.id), "người mới"))
    wish = {
        "person_id": person,
        "cell_id": base.cells[0],
        "cell_decided_on": AUGUST,
        "introducer_ids": [row["person_id"] for row in rows],
    }
    young = base.post("/v1/admissions", AUGUST, **wish, born_on="2010-01-31")
    assert (young.status_code, young.json()["field"]) == (409, "born_on")
    assert "2010" not in young.text
    told = base.record("/v1/admissions", AUGUST, **wish, born_on="2001-01-31")
    assert "born_on" not in told["events"][0]["data"]
    assert "2001-01-31" not in str(told)
    refused = base.post(f"/v1/memberships/{told['events'][0]['stream']}/recognitions", "2026-08-01")
    assert (refused.status_code, refused.json()["rule"]) == (409, "INV-MEM-3")


def test_a_beginning_takes_nothing_back_and_is_corrected(base):
    id_ = base.member("Nhầm")
    told = base.house.get(f"/v1/memberships/{id_}?valid_at={JULY}").json()
    position = base.house.get(f"/v1/memberships/{id_}/history").json()["items"][0]["known_from"]
    facts = {"person_id": told["person_id"], "cell_id": base.cells[1], "degree": "probationary"}
    assert base.post("/v1/memberships", JULY, voids=position, **facts).status_code == 422
    right = base.record(f"/v1/memberships/{id_}/entry-corrections", JULY, voids=position, **facts)
    assert right["events"][0]["type"] == "membership.entered"
    now = base.house.get(f"/v1/memberships/{id_}?valid_at={JULY}").json()
    assert (now["degree"], now["cell_id"]) == ("probationary", base.cells[1])


def test_the_trail_of_a_member_is_told_in_official_words(base):
    id_ = base.member("Dấu vết")
    base.record(f"/v1/memberships/{id_}/moves", OCTOBER, cell_id=base.cells[1])
    url = f"/v1/audit?subject={id_}"
    told = base.house.get(url).json()["items"]
    [moved] = [each for each in told if each["event_type"] == "membership.moved"]
    assert "chuyển sinh hoạt đảng nội bộ" in str(moved)
    cell = base.house.get(f"/v1/audit?subject={base.cells[1]}").json()["items"]
    assert any(each["event_type"] == "membership.moved" for each in cell), "it is mentioned there"
