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


def test_a_secretary_is_elected_approved_and_relieved(committee):
    own = {"name": "Đại hội đảng bộ xã", "organisation_id": committee.id}
    person, ids = somebody(), []
    ballot = {"held_on": "2025-07-18", "summoned": 151, "present": 150, "valid": 150}
    for post in ("member", "secretary"):
        who = {"person_id": person, "body": BODIES[0], "post": post, "by": "congress"}
        votes = {"ballot": ballot | {"votes_for": 140}}
        told = committee.record("elections", "2025-07-18", authority=own, **who, **votes)
        ids.append(told["events"][0]["data"]["holding_id"])
    told = committee.record("approvals", "2025-07-25", holding_ids=ids)
    assert told["events"][0]["type"] == "leadership.election-approved"
    told = committee.record("reliefs", "2026-01-01", person_id=person)
    assert told["events"][0]["data"]["holding_ids"] == ids


def test_a_transfer_is_one_command_over_two_organisations(house, committee):
    other = founded(house, f"Đảng bộ xã {next(PEOPLE)}")
    person = somebody()
    for post in ("member", "secretary"):
        committee.appoint(person, post)
    posts = [{"body": BODIES[0], "post": "member"}, {"body": BODIES[0], "post": "secretary"}]
    where = {"to_organisation_id": other.id, "to_posts": posts}
    told = committee.record("reassignments", "2025-08-01", person_id=person, **where)
    streams = {event["stream"] for event in told["events"]}
    assert len(streams) == 2
    assert {event["basis"][0]["number"] for event in told["events"]} == {"12-QĐ/TU"}
    assert [event["type"].partition(".")[2] for event in told["events"]] == [
        "reassigned",
        "recognised",
        "recognised",
    ]


def test_a_dry_run_stores_nothing(committee):
    who = {"person_id": somebody(), "body": BODIES[0], "post": "member", "occasion": "new"}
    before = committee.house.register.store.position()
    response = committee.post("appointments", **who, headers={"Prefer": "dry-run"})
    assert (response.status_code, len(response.json()["events"])) == (200, 1)
    assert committee.house.register.store.position() == before


def test_a_version_that_is_not_the_one_seen_is_refused(committee):
    who = {"person_id": somebody(), "body": BODIES[0], "post": "member", "occasion": "new"}
    stale = committee.post("appointments", **who, headers={"If_Match": '"7"'})
    assert stale.status_code == 412
    assert stale.headers["ETag"] == '"1"'
    assert committee.post("appointments", **who, headers={"If_Match": '"1"'}).status_code == 201


def test_a_repeat_with_the_same_key_gives_the_same_answer(committee):
    who = {"person_id": somebody(), "body": BODIES[0], "post": "member", "occasion": "new"}
    key = {"Idempotency_Key": f"key-{committee.id}"}
    one, two = (committee.post("appointments", **who, headers=key) for _ in range(2))
    assert (one.status_code, one.content) == (two.status_code, two.content)
    assert one.headers["Location"] == two.headers["Location"] == committee.place


def test_a_refusal_names_the_invariant_and_its_document(committee):
    committee.appoint(somebody(), "member")
    who = {"person_id": somebody(), "body": BODIES[0], "post": "secretary", "occasion": "new"}
    told = committee.post("appointments", **who).json()
    assert (told["type"], told["status"]) == ("/problems/not-eligible", 409)
    assert (told["rule"], told["document"]) == ("INV-POST-2", "Điều lệ Đảng 2011")


def test_a_record_is_taken_back(committee):
    position = committee.record("seat-plans", body=BODIES[0], post="member", number=27)["position"]
    told = committee.record("voidings", voids=position)
    assert told["events"][0]["type"] == "leadership.voided"


EVERYTHING: list[tuple[str, dict[str, Any], str]] = [
    ("term-extensions", {"bodies": BODIES, "until": "2030-10-01"}, "term-extended"),
    ("term-ends", {"bodies": BODIES}, "term-ended"),
    ("inspection-committees", {"size": 5, "mode": "appointed"}, "inspection-committee-established"),
    ("acting", {"body": BODIES[0], "post": "secretary", "until": "2025-12-31"}, "acting-assigned"),
    ("recognitions", {"body": BODIES[0], "post": "secretary", "form": "assigned"}, "recognised"),
    ("concurrent-posts", {"body": "people_council", "post": "chair"}, "concurrent-post-taken"),
    ("resignations", {}, "resigned"),
    ("dismissals", {}, "dismissed"),
    ("removals", {}, "removed-by-discipline"),
    ("ends-by-law", {"cause": "retired"}, "ended-by-law"),
    ("suspensions", {}, "suspended"),
    ("assignments", {"kind": "area", "target": "thôn Đông"}, "member-assigned"),
    (
        "regulations",
        {"body": BODIES[0], "term": "2025-2030", "document": {"number": "01-QC/ĐU"}},
        "working-regulations-issued",
    ),
]
ABOUT_A_PERSON = {"acting", "recognitions", "concurrent-posts", "assignments", "ends-by-law"} | {
    "resignations",
    "dismissals",
    "removals",
    "suspensions",
}


@pytest.mark.parametrize(("what", "facts", "topic"), EVERYTHING, ids=lambda each: str(each)[:30])
def test_every_act_has_its_address(committee, what, facts, topic):
    person = somebody()
    committee.appoint(person, "member")
    who = {"person_id": person} if what in ABOUT_A_PERSON else {}
    told = committee.record(what, "2025-08-01", **facts, **who)
    assert [event["type"] for event in told["events"]] == [f"leadership.{topic}"]


def test_what_was_begun_is_refused_lifted_ended_and_superseded(committee):
    own = {"name": "Hội nghị cấp ủy", "organisation_id": committee.id}
    person = somebody()
    who = {"person_id": person, "body": BODIES[0], "post": "member", "by": "committee"}
    elected = committee.record("elections", authority=own, ballot={"held_on": "2025-07-01"}, **who)
    committee.record("suspensions", "2025-08-01", person_id=person)
    committee.record("suspensions-lifted", "2025-08-15", person_id=person)
    area = {"person_id": person, "kind": "area", "target": "thôn Đông"}
    told = committee.record("assignments", "2025-08-15", **area)
    assignment = told["events"][0]["data"]["assignment_id"]
    committee.record("assignment-ends", "2025-08-20", assignment_id=assignment)
    document = {"body": BODIES[0], "term": "2025-2030", "document": {"number": "01-QC/ĐU"}}
    committee.record("regulations", **document)
    committee.record("regulation-ends", "2025-08-20", body=BODIES[0])
    committee.record("inspection-committees", size=3, mode="elected")
    committee.record("inspection-approvals", "2025-08-01")
    deputy = {"person_id": person, "body": BODIES[2], "post": "member", "occasion": "new"}
    committee.record("appointments", "2025-08-20", **deputy)
    ballot = {"ballot": {"held_on": "2025-08-21"}, "person_id": person, "authority": own}
    committee.record("inspection-deputy-elections", "2025-08-21", **ballot)
    ids = [elected["events"][0]["data"]["holding_id"]]
    committee.record("refusals", "2025-09-01", holding_ids=ids)


def test_an_organisation_that_is_not_there_has_no_leadership(house):
    lost = Committee(house, somebody())
    assert lost.post("term-ends", bodies=BODIES).status_code == 404
    assert lost.post("voidings", voids=1).status_code == 404


def test_the_end_of_an_organisation_ends_its_posts_in_the_same_answer(house, committee):
    heir = founded(house, f"Đảng bộ xã {next(PEOPLE)}")
    person = somebody()
    committee.appoint(person, "member")
    centre = {"authority": {"name": "Ban Bí thư"}, "basis": [{"number": "178-KL/TW"}]}
    told = house.record(
        f"/v1/organisations/{heir.id}/mergers",
        effective_on="2026-01-01",
        sources=[committee.id],
        **centre,
    )
    types = [event["type"] for event in told["events"]]
    assert types == ["party-organisation.ended", "leadership.closed"]
