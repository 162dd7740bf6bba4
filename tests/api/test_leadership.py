"""Who leads, over HTTP: conditions, places, and what is refused."""

from __future__ import annotations

from itertools import count
from typing import Any
from uuid import UUID

import pytest

from tests.api.conftest import House, said

PEOPLE = count(1)
BODIES = ["executive_committee", "standing_board", "inspection_committee"]


def somebody() -> str:
    return str(UUID(int=0x0197C3488800_7A01_8000_000000000000 + next(PEOPLE)))


class Committee:
    """The leadership of one organisation, and who speaks about it."""

    def __init__(self, house: House, organisation_id: str) -> None:
        self.house, self.id = house, organisation_id
        self.place = f"/v1/organisations/{organisation_id}/leadership"
        board = {
            "name": "Ban Thường vụ Tỉnh ủy An",
            "organisation_id": house.ids["Đảng bộ tỉnh An"],
        }
        self.circumstances = {"authority": board, "basis": [{"number": "12-QĐ/TU"}]}

    def post(self, what: str, on: str = "2025-07-01", **facts: Any) -> Any:
        headers = facts.pop("headers", {})
        return self.house.post(
            f"{self.place}/{what}", said(on, **(self.circumstances | facts)), **headers
        )

    def record(self, what: str, on: str = "2025-07-01", **facts: Any) -> dict[str, Any]:
        response = self.post(what, on, **facts)
        assert response.status_code == 201, response.text
        told: dict[str, Any] = response.json()
        return told

    def appoint(self, person: str, post: str, body: str = BODIES[0]) -> str:
        """The id of what is now held."""
        who = {"person_id": person, "body": body, "post": post, "occasion": "new"}
        id_: str = self.record("appointments", **who)["events"][0]["data"]["holding_id"]
        return id_


def founded(house: House, name: str) -> Committee:
    """A commune's organisation of its own, in the term 2025-2030."""
    centre = {"authority": {"name": "Ban Bí thư"}, "basis": [{"number": "178-KL/TW"}]}
    facts = {"way": "new", "kind": "commune_upper", "name": name}
    above = {"superior_id": house.ids["Đảng bộ tỉnh An"]}
    told = house.record("/v1/organisations", effective_on="2025-07-01", **(facts | above | centre))
    committee = Committee(house, told["events"][0]["stream"])
    committee.record("terms", bodies=BODIES, name="2025-2030", until="2030-07-01")
    return committee


@pytest.fixture
def committee(house):
    return founded(house, f"Đảng bộ xã {next(PEOPLE)}")


def test_a_post_is_given_and_the_answer_says_where_to_look(committee):
    person = somebody()
    who = {"person_id": person, "body": BODIES[0], "post": "member", "occasion": "new"}
    response = committee.post("appointments", **who)
    assert response.status_code == 201
    assert response.headers["Location"] == committee.place
    assert response.headers["ETag"] == '"2"'
    [event] = response.json()["events"]
    assert event["type"] == "leadership.appointed"
    assert event["data"]["person_id"] == person
    assert committee.post("appointments", **who).status_code == 200
