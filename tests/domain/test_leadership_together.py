"""Several come to posts by one decision, or are taken over as they stand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.errors import InvalidValue, LaterFacts, NotCompetent, PostNotAllowed, SeatsTaken
from domain.leadership.values import Planned, Post, Seats
from services import leadership as commands
from services.commands import Command
from tests.facts import AUGUST, JULY
from tests.leaderships import (
    BOARD,
    CHAIR,
    COMMITTEE,
    CONGRESS,
    COUNCIL,
    DEPUTY,
    MEMBER,
    SECRETARY,
    Paper,
    about,
    in_term,
    leave,
    person,
    refused,
)

Seat = tuple[Any, str, str]

CLERK = person(50)
LEADERS: list[Seat] = [
    (SECRETARY, COMMITTEE, "member"),
    (SECRETARY, BOARD, "member"),
    (SECRETARY, COMMITTEE, "secretary"),
    (DEPUTY, COMMITTEE, "member"),
    (CLERK, COMMITTEE, "member"),
]


@pytest.fixture
def paper() -> Paper:
    return in_term()


def appointed(*seats: Seat, **more: Any) -> Command:
    holders = tuple((who, Post(body, post)) for who, body, post in seats)
    occasion = more.pop("occasion", "merger")
    return about(commands.AppointTogether, holders=holders, occasion=occasion, **more)


def entered(*seats: tuple[Any, str, str, str | None], **more: Any) -> Command:
    holders = tuple((who, Post(body, post), place) for who, body, post, place in seats)
    return about(commands.EnterHolders, holders=holders, **more)


def held(paper: Paper, on: date = JULY) -> set[tuple[Any, ...]]:
    tenures = paper.leadership().all_tenures()
    holding = [t.holding for t in tenures if t.first <= on and (t.after is None or on < t.after)]
    return {(h.person_id, h.body, h.post, h.act, h.place) for h in holding}


def test_one_decision_seats_a_committee_its_board_and_its_secretary(paper):
    [event] = paper.record(appointed(*LEADERS))
    assert event.TOPIC == "leadership.appointed-together"
    assert held(paper) == {(*seat, "appointed", None) for seat in LEADERS}
    assert event.mentions()[1:] == (SECRETARY, DEPUTY, CLERK)
    assert len(set(event.begins)) == len(LEADERS)


def test_the_same_decision_again_in_another_order_records_nothing(paper):
    paper.record(appointed(*LEADERS))
    assert paper.record(appointed(*reversed(LEADERS))) == []
    [event] = paper.record(appointed((MEMBER, COMMITTEE, "member")))
    assert len(event.holders) == 1


def test_what_holds_of_one_appointed_holds_of_several(paper):
    twice = (MEMBER, COMMITTEE, "secretary"), (MEMBER, COMMITTEE, "member")
    paper.record(appointed(*LEADERS))
    with refused(SeatsTaken):
        paper.record(appointed(*twice))
    with refused(NotCompetent, "authority"):
        paper.record(appointed((MEMBER, COMMITTEE, "member"), by=CONGRESS))
    with refused(PostNotAllowed, "holders.0.body"):
        paper.record(appointed((MEMBER, "people_council", "chair")))
    with refused(InvalidValue, "holders"):
        paper.record(appointed(LEADERS[0], LEADERS[0]))
    with refused(InvalidValue, "holders"):
        paper.record(appointed())
    with refused(InvalidValue, "occasion"):
        paper.record(appointed(LEADERS[0], occasion="whim"))
    assert held(paper) == {(*seat, "appointed", None) for seat in LEADERS}


def test_what_stands_is_taken_over_with_posts_outside_the_party(paper):
    stands = [(*seat, None) for seat in LEADERS]
    stands.append((DEPUTY, "people_council", "chair", None))
    [event] = paper.record(entered(*stands, by=COUNCIL))
    assert event.TOPIC == "leadership.entered"
    assert held(paper) == {(*seat[:3], "entered", seat[3]) for seat in stands}


def test_each_of_several_leaves_alone(paper):
    paper.record(appointed(*LEADERS))
    paper.record(leave(commands.Relieve, DEPUTY, on=AUGUST))
    assert {who for who, *_ in held(paper, AUGUST)} == {SECRETARY, CLERK}
    assert {who for who, *_ in held(paper, JULY)} == {SECRETARY, DEPUTY, CLERK}


def test_a_correction_keeps_the_holdings_that_it_says_again(paper):
    [wrong] = paper.record(appointed(*LEADERS))
    before = {holder.seat: holder.holding_id for holder in wrong.holders}
    paper.record(leave(commands.Relieve, SECRETARY, on=AUGUST))
    position = paper.position("leadership.appointed-together")
    right = [*LEADERS[:3], (CHAIR, COMMITTEE, "member"), LEADERS[-1]]
    [event] = paper.record(appointed(*right, voids=position))
    after = {holder.seat: holder.holding_id for holder in event.holders}
    assert {seat: after[seat] for seat in before.keys() & after.keys()} == {
        seat: id_ for seat, id_ in before.items() if seat[0] != DEPUTY
    }
    assert {who for who, *_ in held(paper)} == {SECRETARY, CHAIR, CLERK}
    assert {who for who, *_ in held(paper, AUGUST)} == {CHAIR, CLERK}


def test_whoever_has_left_since_is_not_dropped_from_the_decision(paper):
    paper.record(appointed(*LEADERS))
    paper.record(leave(commands.Relieve, DEPUTY, on=AUGUST))
    position = paper.position("leadership.appointed-together")
    with refused(LaterFacts, "effective_on"):
        paper.record(appointed(*LEADERS[:3], LEADERS[-1], voids=position))
    with refused(LaterFacts, "effective_on"):
        paper.void(position)
    paper.void(paper.position("leadership.relieved"))
    paper.void(position)
    assert held(paper) == set()


def test_one_decision_sets_the_seats_of_several_posts(paper):
    plans = tuple(Planned(COMMITTEE, post, n) for post, n in (("secretary", 1), ("member", 27)))
    [event] = paper.record(about(commands.SetSeatsTogether, plans=plans, due_on=AUGUST))
    assert event.TOPIC == "leadership.seat-plans-set"
    seats = paper.leadership().seats
    assert {key: line.at(JULY) for key, line in seats.items()} == {
        (COMMITTEE, "secretary"): Seats(1, AUGUST, None),
        (COMMITTEE, "member"): Seats(27, AUGUST, None),
    }
    assert paper.record(about(commands.SetSeatsTogether, plans=plans, due_on=AUGUST)) == []
    with refused(InvalidValue, "plans"):
        paper.record(about(commands.SetSeatsTogether, plans=plans + plans[:1]))
    with refused(InvalidValue, "number"):
        paper.record(about(commands.SetSeatsTogether, plans=(Planned(COMMITTEE, "member", -1),)))
    with refused(PostNotAllowed):
        paper.record(about(commands.SetSeatsTogether, plans=(Planned(COMMITTEE, "king", 1),)))
