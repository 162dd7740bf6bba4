"""Where members and posts meet: who may hold one, and what becomes of posts with a membership."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.errors import LaterFacts, NotEligible
from domain.leadership import Leadership, leadership_id
from domain.membership import Membership
from services.commands import Void
from services.leadership import Appoint, AssignActing, AssignMember, EndByLaw, StartTerm
from services.membership import Expel, Leave, MergeCells, RecordDeath, StrikeOff
from services.record import read_event
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


def test_when_the_day_of_an_expulsion_is_corrected_its_posts_end_on_the_right_day(province):
    province.execute(secretary("Một", "chi bộ 1"), assigned("Một", "chi bộ 1"))
    wrong = province.execute(Expel(**about("Một", SEPTEMBER)))
    late, early = date(2025, 10, 1), AUGUST
    told = province.execute(Expel(**about("Một", late, voids=position_of(wrong))))
    assert topics(told) == MOVED
    assert ends_of_posts(province) == [late, late]
    told = province.execute(Expel(**about("Một", early, voids=position_of(told))))
    assert topics(told) == MOVED
    assert ends_of_posts(province) == [early, early]


def test_a_corrected_end_is_refused_where_a_post_began_since(province):
    wrong = province.execute(Expel(**about("Một", date(2025, 10, 1))))
    assert topics(wrong) == ["membership.expelled"]
    province.execute(secretary("Một", "chi bộ 1", on=SEPTEMBER))
    with pytest.raises(LaterFacts):
        province.execute(Expel(**about("Một", AUGUST, voids=position_of(wrong))))
    assert ends_of_posts(province) == [None]


@pytest.mark.parametrize("how", [StrikeOff, Leave, Expel, RecordDeath])
def test_an_end_of_a_membership_that_is_taken_back_gives_the_posts_back(province, how):
    province.execute(secretary("Một", "chi bộ 1"), assigned("Một", "chi bộ 1"))
    wrong = province.execute(how(**about("Một", SEPTEMBER)))
    assert ends_of_posts(province) == [SEPTEMBER, SEPTEMBER]
    back = Void(of=Membership, **about("Một", SEPTEMBER, voids=position_of(wrong)))
    told = province.execute(back)
    assert topics(told) == ["membership.voided", "leadership.voided"]
    assert ends_of_posts(province) == [None, None]


def test_what_ended_for_another_cause_stays_ended(province):
    province.execute(secretary("Một", "chi bộ 1"))
    retired = EndByLaw(**of("chi bộ 1", SEPTEMBER), person_id=id_of("người Một"), cause="retired")
    province.execute(retired)
    wrong = province.execute(Expel(**about("Một", SEPTEMBER)))
    told = province.execute(Expel(**about("Một", date(2025, 10, 1), voids=position_of(wrong))))
    assert topics(told) == ["membership.expelled"]
    assert ends_of_posts(province) == [SEPTEMBER]


MOVED = ["membership.expelled", "leadership.voided", "leadership.ended-by-law"]


def assigned(who: str, where: str, on: date = JULY) -> AssignMember:
    return AssignMember(
        **of(where, on), person_id=id_of(f"người {who}"), kind="area", target="Tổ 1"
    )


def position_of(outcome: Any) -> int:
    """Of the first event of a transaction."""
    position: int = outcome.events[0].position
    return position


def ends_of_posts(register: Any, where: str = "chi bộ 1") -> list[date | None]:
    """The day after the last of each post and each assignment there."""
    id_ = leadership_id(id_of(where))
    leadership = Leadership.fold(read_event(r) for r in register.store.histories([id_]))
    assert leadership is not None
    assignments = (s for a in leadership.assignments.values() for s in leadership.served(a))
    return [t.after for t in leadership.all_tenures()] + [s.after for s in assignments]


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
