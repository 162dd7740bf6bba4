"""Where members and posts meet: who may hold one, and what becomes of posts with a membership."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.errors import LaterFacts, NotEligible
from services.leadership import Appoint, AssignActing, StartTerm
from services.membership import Expel, MergeCells
from tests.services.membership import JULY, about, cell, entered, envelope, id_of, organisations

AUGUST, SEPTEMBER = date(2025, 8, 1), date(2025, 9, 1)
BODY = "cell_committee"


@pytest.fixture
def province(register):
    """Four members in two cells, the first of whom are official; a term runs in both."""
    register.execute(*organisations())
    people = [("Một", "chi bộ 1"), ("Hai", "chi bộ 1"), ("Ba", "chi bộ 2"), ("Tư", "chi bộ 2")]
    register.execute(*(entered(who, where) for who, where in people))
    for where in ("chi bộ 1", "chi bộ 2"):
        start = StartTerm(**of(where), bodies=(BODY,), name="2025-2027", until=None)
        register.execute(start)
    return register


def of(where: str, on: date = JULY) -> dict[str, Any]:
    return {"organisation_id": id_of(where), "envelope": envelope(on)}


def secretary(who: str, where: str, on: date = JULY) -> Appoint:
    seat: dict[str, Any] = {"person_id": id_of(f"người {who}"), "body": BODY, "post": "secretary"}
    return Appoint(**of(where, on), **seat, occasion="vacancy")


def topics(outcome: Any) -> list[str]:
    return [event.TOPIC for event in outcome.events]


def test_a_probationer_holds_no_post_of_the_party(province):
    province.execute(entered("Năm", "chi bộ 1", degree="probationary"))
    with pytest.raises(NotEligible) as refusal:
        province.execute(secretary("Năm", "chi bộ 1"))
    assert refusal.value.facts["rule"] == "INV-POST-3"
    assert province.execute(secretary("Một", "chi bộ 1")).events


def test_of_whom_the_register_knows_nothing_nothing_is_asked(province):
    assert province.execute(secretary("Vô danh", "chi bộ 1")).events


def test_posts_end_with_the_membership_in_one_transaction(province):
    province.execute(secretary("Một", "chi bộ 1"))
    acting: dict[str, Any] = {"person_id": id_of("người Một"), "body": BODY, "post": "secretary"}
    province.execute(AssignActing(**of("chi bộ 2"), **acting, until=None))
    outcome = province.execute(Expel(**about("Một", SEPTEMBER)))
    assert topics(outcome) == ["membership.expelled", *2 * ["leadership.ended-by-law"]]
    assert {event.cause for event in outcome.events[1:]} == {"expelled"}


def test_a_membership_does_not_end_under_a_post_that_begins_later(province):
    province.execute(secretary("Một", "chi bộ 1", on=SEPTEMBER))
    with pytest.raises(LaterFacts):
        province.execute(Expel(**about("Một", AUGUST)))


def test_when_cells_merge_their_secretaries_posts_end_with_them(province):
    province.execute(secretary("Một", "chi bộ 1"))
    merger = MergeCells(
        id=id_of("chi bộ mới"),
        envelope=envelope(SEPTEMBER),
        sources=(id_of("chi bộ 1"), id_of("chi bộ 2")),
        founding=cell("chi bộ mới", "cơ sở 1", SEPTEMBER),
    )
    assert topics(province.execute(merger)).count("leadership.closed") == 2
