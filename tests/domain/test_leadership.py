"""Who leads: each legal act, how posts end, and what must hold on every day (INV-POST-1 to 8)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from domain.codes import Code
from domain.envelope import Authority
from domain.errors import (
    CannotVoid,
    InvalidValue,
    LaterFacts,
    NotActive,
    NotCompetent,
    NotEligible,
    NotFound,
    OutsideTerm,
    PostNotAllowed,
    PostNotHeld,
    RuleBroken,
    SeatsTaken,
)
from domain.leadership.values import Ballot, Seats
from domain.organisation import PartyOrganisation
from services import leadership as commands
from services.commands import EstablishOrganisation, EstablishUnit, Merge, Relocate
from tests.facts import AUGUST, JANUARY, JULY, MARCH, PROVINCE, SEPTEMBER, wish
from tests.leaderships import (
    BOARD,
    BODIES,
    CELL,
    CHAIR,
    COMMITTEE,
    COMMUNE,
    CONGRESS,
    COUNCIL,
    DEPUTY,
    INSPECTION,
    JUNE,
    MEMBER,
    OTHER,
    SECRETARY,
    TERM_END,
    Paper,
    about,
    appoint,
    committee,
    country,
    elect,
    in_term,
    leave,
    person,
    refused,
    term,
    topics,
)

EVE = TERM_END - timedelta(days=1)


@pytest.fixture
def paper():
    return in_term()


@pytest.fixture
def led(paper):
    """With a secretary since July."""
    paper.record(*appoint(SECRETARY, "member", "secretary"))
    return paper


def holds(paper: Paper, person_id: Any, on: date, to: Any = COMMUNE) -> list[tuple[str, str]]:
    """(post, state) of what the person holds on a day."""
    held = paper.leadership(to).held_by(person_id, on)
    return [(f"{t.holding.body}.{t.holding.post}", t.state) for t in held]


# Four legal acts


def test_who_is_elected_works_from_the_ballot_and_waits_for_approval(paper):
    paper.record(elect(SECRETARY, "member", on=AUGUST))
    [tenure] = paper.leadership().held_by(SECRETARY, AUGUST)
    assert (tenure.state, tenure.approval, tenure.holding.act) == ("held", "pending", "elected")
    assert holds(paper, SECRETARY, AUGUST - timedelta(days=1)) == []


def test_the_work_begins_neither_before_nor_after_the_ballot(paper):
    with refused(RuleBroken, "effective_on") as refusal:
        paper.record(elect(SECRETARY, "member", on=AUGUST, held_on=JULY))
    assert refusal.value.facts["rule"] == "INV-POST-5"


def test_half_of_the_votes_of_those_summoned_elects_nobody(paper):
    with refused(RuleBroken, "ballot.votes_for"):
        paper.record(elect(SECRETARY, "member", votes=50))
    assert topics(paper.record(elect(SECRETARY, "member", votes=51))) == ["elected"]


@pytest.mark.parametrize(
    "numbers", [(100, 101, 100, 99), (100, 90, 91, 60), (100, 90, 80, 81), (-1, None, None, None)]
)
def test_the_numbers_of_a_ballot_go_down(paper, numbers):
    with refused(InvalidValue):
        paper.record(elect(SECRETARY, "member", ballot=Ballot(JULY, *numbers)))


def test_a_ballot_of_which_little_is_known_can_be_recorded(paper):
    ballot = Ballot(JULY, None, 90, None, 80)
    assert topics(paper.record(elect(SECRETARY, "member", ballot=ballot))) == ["elected"]


def test_an_approval_is_an_act_of_its_own_and_ends_nothing(paper):
    paper.record(elect(SECRETARY, "member"))
    id_ = paper.holding(SECRETARY, "member")
    approval = about(commands.ApproveElection, on=AUGUST, holding_ids=(id_,))
    assert topics(paper.record(approval)) == ["election-approved"]
    tenures = list(paper.leadership().tenures(paper.leadership().holdings[id_]))
    assert [(t.approval, t.first, t.after) for t in tenures] == [
        ("pending", JULY, AUGUST),
        ("approved", AUGUST, TERM_END),
    ]
    assert paper.record(approval) == []


def test_a_refusal_to_approve_ends_what_came_of_the_election(paper):
    paper.record(elect(SECRETARY, "member"))
    ids = (paper.holding(SECRETARY, "member"),)
    paper.record(about(commands.RefuseElection, on=AUGUST, holding_ids=ids))
    assert holds(paper, SECRETARY, AUGUST - timedelta(days=1))
    assert holds(paper, SECRETARY, AUGUST) == []


def test_only_an_election_that_waits_is_approved(led):
    ids = (led.holding(SECRETARY, "secretary"),)
    with refused(PostNotHeld, "holding_ids"):
        led.record(about(commands.ApproveElection, on=AUGUST, holding_ids=ids))


def test_an_election_that_is_over_is_approved_no_more(paper):
    paper.record(elect(SECRETARY, "member"))
    id_ = paper.holding(SECRETARY, "member")
    paper.record(leave(commands.Relieve, SECRETARY, id_, on=AUGUST))
    with refused(PostNotHeld, "holding_ids"):
        paper.record(about(commands.ApproveElection, on=SEPTEMBER, holding_ids=(id_,)))


def test_an_appointment_needs_no_approval_and_says_its_occasion(paper):
    [event] = paper.record(*appoint(SECRETARY, "member"))
    assert (event.TOPIC, event.occasion) == ("leadership.appointed", "new")
    assert paper.leadership().held_by(SECRETARY, JULY)[0].approval is None
    with refused(InvalidValue, "occasion"):
        seat = {"person_id": DEPUTY, "body": COMMITTEE, "post": "member"}
        paper.record(about(commands.Appoint, occasion="whim", **seat))


@pytest.mark.parametrize("form", ["recognised", "assigned", "transferred", "named"])
def test_a_recognition_says_its_form(paper, form):
    seat = {"person_id": SECRETARY, "body": COMMITTEE, "post": "member"}
    [event] = paper.record(about(commands.Recognise, form=form, **seat))
    assert (event.TOPIC, event.form) == ("leadership.recognised", form)


def test_a_post_that_the_rules_do_not_know_is_refused(paper):
    for seat in ("chieftain", "cabinet.member"):
        with refused(PostNotAllowed):
            paper.record(*appoint(SECRETARY, seat))


def test_the_same_wish_twice_records_nothing(led):
    assert led.record(*appoint(SECRETARY, "member", "secretary")) == []
    assert led.record(term()) == []
    relief = leave(commands.Relieve, SECRETARY, on=AUGUST)
    assert topics(led.record(relief)) == ["relieved"]
    assert led.record(relief) == []


# Acting, concurrent posts


def test_who_acts_has_no_seat_and_stops_on_the_day(led):
    led.record(*appoint(DEPUTY, "member", "deputy_secretary"))
    led.record(leave(commands.SuspendFromPosts, SECRETARY, on=AUGUST))
    acting = {"person_id": DEPUTY, "body": COMMITTEE, "post": "secretary"}
    led.record(about(commands.AssignActing, on=AUGUST, until=JANUARY, **acting))
    assert (f"{COMMITTEE}.secretary", "acting") in holds(led, DEPUTY, AUGUST)
    assert (f"{COMMITTEE}.secretary", "acting") not in holds(led, DEPUTY, JANUARY)
    assert (f"{COMMITTEE}.secretary", "suspended") in holds(led, SECRETARY, AUGUST)


def test_nobody_acts_beside_one_who_works(led):
    led.record(*appoint(DEPUTY, "member"))
    acting = {"person_id": DEPUTY, "body": COMMITTEE, "post": "secretary"}
    with refused(SeatsTaken, "post"):
        led.record(about(commands.AssignActing, on=AUGUST, until=None, **acting))


def test_a_post_outside_the_party_is_held_besides(led):
    chair = {"person_id": SECRETARY, "body": "people_council", "post": "chair"}
    led.record(about(commands.TakeConcurrentPost, on=AUGUST, by=COUNCIL, place=None, **chair))
    assert ("people_council.chair", "held") in holds(led, SECRETARY, AUGUST)
    with refused(PostNotAllowed, "body"):
        seat = chair | {"body": COMMITTEE, "post": "deputy_secretary"}
        led.record(about(commands.TakeConcurrentPost, on=AUGUST, place=None, **seat))


def test_a_cell_secretary_is_village_head_and_needs_no_committee_where_there_is_none(paper):
    cell = Authority("Chi bộ", CELL)
    paper.record(term(CELL, bodies=("cell_committee",)))
    paper.record(*appoint(SECRETARY, "cell_committee.secretary", to=CELL))
    head = {"person_id": SECRETARY, "body": "village", "post": "head", "place": "thôn Đông"}
    paper.record(about(commands.TakeConcurrentPost, to=CELL, by=cell, **head))
    [_, village] = paper.leadership(CELL).held_by(SECRETARY, JULY)
    assert village.holding.place == "thôn Đông"
    with refused(NotEligible, "post"):
        paper.record(*appoint(DEPUTY, "cell_committee.member", to=CELL))


# How posts end


@pytest.mark.parametrize(
    ("how", "topic"),
    [
        (commands.Relieve, "relieved"),
        (commands.Resign, "resigned"),
        (commands.Dismiss, "dismissed"),
        (commands.RemoveByDiscipline, "removed-by-discipline"),
    ],
)
def test_all_posts_of_a_person_end_on_the_day(led, how, topic):
    [event] = led.record(leave(how, SECRETARY, on=AUGUST))
    assert topics([event]) == [topic]
    assert set(event.holding_ids) == {led.holding(SECRETARY, p) for p in ("member", "secretary")}
    assert len(holds(led, SECRETARY, AUGUST - timedelta(days=1))) == 2
    assert holds(led, SECRETARY, AUGUST) == []


def test_one_post_is_left_and_the_other_kept(led):
    id_ = led.holding(SECRETARY, "secretary")
    led.record(leave(commands.Relieve, SECRETARY, id_, on=AUGUST))
    assert holds(led, SECRETARY, AUGUST) == [(f"{COMMITTEE}.member", "held")]


@pytest.mark.parametrize(
    "cause", ["retired", "left_work", "left_party", "struck_off", "expelled", "died"]
)
def test_posts_end_by_law(led, cause):
    [event] = led.record(leave(commands.EndByLaw, SECRETARY, on=AUGUST, cause=cause))
    assert event.cause == cause
    assert holds(led, SECRETARY, AUGUST) == []


def test_what_is_not_held_is_not_left(led):
    id_ = led.holding(SECRETARY, "secretary")
    led.record(leave(commands.Relieve, SECRETARY, on=AUGUST))
    with refused(PostNotHeld, "holding_ids"):
        led.record(leave(commands.Dismiss, SECRETARY, id_, on=SEPTEMBER))
    with refused(PostNotHeld, "person_id"):
        led.record(leave(commands.Dismiss, SECRETARY, on=SEPTEMBER))
    with refused(InvalidValue, "holding_ids"):
        led.record(leave(commands.Dismiss, DEPUTY, id_, on=JULY))
    with refused(NotFound, "holding_ids"):
        led.record(leave(commands.Dismiss, DEPUTY, person(77), on=JULY))


def test_what_ended_with_its_term_is_not_left_again(led):
    id_ = led.holding(SECRETARY, "secretary")
    with refused(PostNotHeld, "holding_ids"):
        led.record(leave(commands.Relieve, SECRETARY, id_, on=TERM_END))


def test_an_end_before_a_suspension_was_lifted_is_refused(led):
    led.record(leave(commands.SuspendFromPosts, SECRETARY, on=AUGUST))
    led.record(leave(commands.LiftSuspension, SECRETARY, on=JANUARY))
    with refused(LaterFacts, "effective_on"):
        led.record(leave(commands.Relieve, SECRETARY, on=SEPTEMBER))


def test_who_is_suspended_keeps_the_seat_until_it_is_lifted(led):
    led.record(leave(commands.SuspendFromPosts, SECRETARY, on=AUGUST))
    with refused(SeatsTaken):
        led.record(*appoint(DEPUTY, "member", "secretary", on=SEPTEMBER))
    led.record(leave(commands.LiftSuspension, SECRETARY, on=JANUARY))
    assert {state for _, state in holds(led, SECRETARY, JANUARY)} == {"held"}
    with refused(PostNotHeld, "holding_ids"):
        led.record(leave(commands.LiftSuspension, SECRETARY, on=MARCH))


def test_all_of_a_person_can_be_ended_at_once_or_nothing(led):
    leadership = led.leadership()
    leadership.end_all_of(SECRETARY, wish(AUGUST), "expelled")
    assert topics(leadership.pending_events) == ["ended-by-law"]
    assert leadership.held_by(SECRETARY, AUGUST) == []
    leadership.end_all_of(MEMBER, wish(AUGUST), "expelled")
    assert len(leadership.pending_events) == 1


def test_posts_that_begin_later_stand_against_the_end_of_all(led):
    chair = {"person_id": SECRETARY, "body": "people_council", "post": "chair"}
    led.record(about(commands.TakeConcurrentPost, on=MARCH, by=COUNCIL, **chair))
    with refused(LaterFacts, "effective_on"):
        led.leadership().end_all_of(SECRETARY, wish(AUGUST), "expelled")


# INV-POST-1: how many


def test_a_second_secretary_is_one_too_many(led):
    with refused(SeatsTaken, "post") as refusal:
        led.record(*appoint(DEPUTY, "member", "secretary", on=AUGUST))
    assert refusal.value.facts["rule"] == "leadership.seats.all.secretary"


def test_the_seat_is_free_from_the_day_the_other_leaves(led):
    led.record(
        leave(commands.Relieve, SECRETARY, on=AUGUST),
        *appoint(DEPUTY, "member", "secretary", on=AUGUST),
    )
    assert [t.holding.person_id for t in led.leadership().holders(COMMITTEE, "secretary", AUGUST)]


def test_a_commune_has_two_deputies_and_of_a_merger_of_three_up_to_33_members(paper):
    people = committee(paper, 33)
    with refused(SeatsTaken, "post") as refusal:
        paper.record(*appoint(MEMBER, "member"))
    assert refusal.value.facts["document"] == "45-CT/TW"
    paper.record(*appoint(people[0], "standing_deputy_secretary"))
    paper.record(*appoint(people[1], "deputy_secretary"))
    with refused(SeatsTaken, "post"):
        paper.record(*appoint(people[2], "deputy_secretary"))


def test_a_merger_of_two_has_up_to_27_members(paper):
    merged = person(900)
    centre = wish(JANUARY, authority=Authority("Ban Bí thư"))
    founding = EstablishOrganisation(
        id=merged,
        way="merger",
        kind="commune_upper",
        name="Đảng bộ xã Hợp Nhất",
        superior_id=PROVINCE,
        envelope=centre,
    )
    sources = (COMMUNE, OTHER)
    what: dict[str, Any] = {"id": merged, "sources": sources, "founding": founding}
    paper.record(Merge(of=PartyOrganisation, envelope=centre, **what))
    paper.record(term(merged, on=JANUARY))
    people = [person(100 + n) for n in range(27)]
    paper.record(*(c for each in people for c in appoint(each, "member", on=JANUARY, to=merged)))
    with refused(SeatsTaken, "post"):
        paper.record(*appoint(MEMBER, "member", on=JANUARY, to=merged))


def test_the_standing_board_is_at_most_a_third_of_the_committee(paper):
    people = committee(paper, 27)
    paper.record(*(c for each in people[:9] for c in appoint(each, f"{BOARD}.member")))
    with refused(SeatsTaken, "post") as refusal:
        paper.record(*appoint(people[9], f"{BOARD}.member"))
    assert refusal.value.facts["rule"] == "leadership.standing_board.share"


def test_the_third_is_of_the_committee_as_planned(paper):
    plan = {"body": COMMITTEE, "post": "member", "number": 30}
    paper.record(about(commands.SetSeats, **plan))
    people = committee(paper, 10)
    paper.record(*(c for each in people for c in appoint(each, f"{BOARD}.member")))
    with refused(SeatsTaken):
        paper.record(*appoint(person(500), "member", f"{BOARD}.member"))


def test_a_seat_plan_is_a_ceiling_with_a_day_by_which_seats_are_due(paper):
    plan = {"body": COMMITTEE, "post": "member", "number": 2, "due_on": date(2025, 7, 25)}
    paper.record(about(commands.SetSeats, **plan))
    assert paper.leadership().seats[COMMITTEE, "member"].at(JULY) == Seats(
        2, date(2025, 7, 25), None
    )
    committee(paper, 2)
    with refused(SeatsTaken, "post") as refusal:
        paper.record(*appoint(MEMBER, "member", on=AUGUST))
    assert refusal.value.facts["rule"] == "INV-POST-1"


def test_a_plan_below_the_holders_is_refused_but_for_a_surplus(paper):
    committee(paper, 5)
    plan = {"body": COMMITTEE, "post": "member", "number": 3}
    with refused(SeatsTaken, "number"):
        paper.record(about(commands.SetSeats, on=AUGUST, **plan))
    surplus = about(commands.SetSeats, on=AUGUST, surplus_until=JANUARY, **plan)
    assert topics(paper.record(surplus)) == ["seat-plan-set"]
    paper.record(*appoint(MEMBER, "member", on=SEPTEMBER))
    with refused(SeatsTaken):
        paper.record(*appoint(CHAIR, "member", on=JANUARY))


def test_what_was_a_surplus_may_shrink_after_its_day(paper):
    people = committee(paper, 5)
    plan = {"body": COMMITTEE, "post": "member", "number": 3, "surplus_until": AUGUST}
    paper.record(about(commands.SetSeats, **plan))
    relief = leave(commands.Relieve, people[0], on=MARCH)
    assert topics(paper.record(relief)) == ["relieved"]


def test_a_plan_beyond_the_rules_needs_a_surplus(paper):
    plan = {"body": COMMITTEE, "post": "deputy_secretary", "number": 4}
    with refused(SeatsTaken, "number"):
        paper.record(about(commands.SetSeats, **plan))
    surplus = about(commands.SetSeats, surplus_until=TERM_END, **plan)
    assert topics(paper.record(surplus)) == ["seat-plan-set"]


def test_a_plan_is_of_a_number_and_days_that_can_be(paper):
    plan = {"body": COMMITTEE, "post": "member", "number": -1}
    with refused(InvalidValue, "number"):
        paper.record(about(commands.SetSeats, **plan))
    for field in ("due_on", "surplus_until"):
        with refused(InvalidValue, field):
            late = plan | {"number": 9, field: JUNE}
            paper.record(about(commands.SetSeats, **late))


def test_a_relief_that_is_taken_back_may_leave_two_in_one_seat(led):
    led.record(leave(commands.Relieve, SECRETARY, on=AUGUST))
    led.record(*appoint(DEPUTY, "member", "secretary", on=SEPTEMBER))
    with refused(SeatsTaken):
        led.void(led.position("leadership.relieved"))


def test_an_appointment_recorded_late_is_asked_on_every_day_from_its_own(led):
    led.record(*appoint(DEPUTY, "member"))
    led.record(leave(commands.Relieve, SECRETARY, on=MARCH))
    with refused(SeatsTaken):
        led.record(*appoint(DEPUTY, "secretary", on=JANUARY))


# INV-POST-2, INV-POST-8: what goes together


def test_the_secretary_is_a_member_of_the_committee(paper):
    with refused(NotEligible, "post") as refusal:
        paper.record(*appoint(SECRETARY, "secretary"))
    assert refusal.value.facts["rule"] == "INV-POST-2"


def test_the_order_within_one_transaction_does_not_matter(paper):
    told = paper.record(*appoint(SECRETARY, "secretary", "member"))
    assert topics(told) == ["appointed", "appointed"]


def test_who_leaves_the_committee_leaves_its_lead(led):
    id_ = led.holding(SECRETARY, "member")
    with refused(NotEligible, "post"):
        led.record(leave(commands.Relieve, SECRETARY, id_, on=AUGUST))


def test_nobody_holds_one_post_twice(led):
    with refused(SeatsTaken, "person_id") as refusal:
        led.record(elect(SECRETARY, "member", on=AUGUST))
    assert refusal.value.facts["rule"] == "INV-POST-8"


def test_posts_that_do_not_go_together_are_refused(led):
    with refused(NotEligible, "post") as refusal:
        led.record(*appoint(SECRETARY, "deputy_secretary", on=AUGUST))
    assert refusal.value.facts["rule"] == "INV-POST-8"


# INV-POST-4, INV-POST-6: life and term


def test_nothing_is_held_before_a_term_is_on_record():
    with refused(OutsideTerm, "effective_on") as refusal:
        country().record(*appoint(SECRETARY, "member"))
    assert refusal.value.facts["rule"] == "INV-POST-4"


def test_all_is_over_with_the_term_unless_it_is_extended(led):
    assert holds(led, SECRETARY, EVE)
    assert holds(led, SECRETARY, TERM_END) == []
    later = TERM_END + timedelta(days=90)
    led.record(about(commands.ExtendTerm, on=EVE, bodies=BODIES, until=later))
    assert holds(led, SECRETARY, TERM_END)
    assert holds(led, SECRETARY, later) == []


def test_an_extension_may_begin_on_the_day_the_term_would_end_and_not_later(led):
    later = TERM_END + timedelta(days=90)
    gap = about(commands.ExtendTerm, on=TERM_END + timedelta(days=1), bodies=BODIES, until=later)
    with refused(OutsideTerm, "bodies"):
        led.record(gap)
    led.record(about(commands.ExtendTerm, on=TERM_END, bodies=BODIES, until=later))
    assert holds(led, SECRETARY, TERM_END)


def test_a_new_term_ends_what_was_held_in_the_one_before(led):
    led.record(term(on=MARCH, name="2026-2031", until=None))
    assert holds(led, SECRETARY, MARCH - timedelta(days=1))
    assert holds(led, SECRETARY, MARCH) == []
    led.record(*appoint(SECRETARY, "member", "secretary", on=MARCH))
    assert len(holds(led, SECRETARY, MARCH)) == 2


def test_a_term_is_ended_before_its_day_and_its_end_taken_back(led):
    led.record(about(commands.EndTerm, on=MARCH, bodies=BODIES))
    assert holds(led, SECRETARY, MARCH) == []
    with refused(OutsideTerm, "effective_on"):
        led.record(*appoint(DEPUTY, "member", on=MARCH))
    led.void(led.position("leadership.term-ended"))
    assert len(holds(led, SECRETARY, MARCH)) == 2


def test_a_term_cannot_be_taken_back_under_those_who_serve_in_it(led):
    with refused(OutsideTerm):
        led.void(led.position("leadership.term-started"))


def test_a_term_without_end_on_record_goes_on(paper):
    paper.record(term(OTHER, until=None))
    paper.record(*appoint(SECRETARY, "member", to=OTHER))
    assert holds(paper, SECRETARY, date(2199, 1, 1), OTHER)


def test_bodies_of_a_term_are_named_once_and_known(paper):
    with refused(InvalidValue, "bodies"):
        paper.record(term(bodies=(COMMITTEE, COMMITTEE)))
    with refused(PostNotAllowed, "body"):
        paper.record(term(bodies=("cabinet",)))
    with refused(InvalidValue, "until"):
        paper.record(term(until=JULY))


def test_nothing_is_recorded_of_days_before_the_organisation(paper):
    with refused(NotActive, "effective_on"):
        paper.record(term(on=JUNE))


def test_nothing_is_recorded_about_what_is_not_there(paper):
    with refused(NotFound):
        paper.record(term(person(1)))


# Bodies


def test_a_cell_has_no_executive_committee(paper):
    paper.record(term(CELL, bodies=(COMMITTEE,)))
    with refused(PostNotAllowed, "body"):
        paper.record(*appoint(SECRETARY, "member", to=CELL))


# Competence (INV-ORG-5)


def test_the_province_appoints_and_not_the_commune_itself(paper):
    for wrong in (CONGRESS, COUNCIL, Authority("Đảng bộ khác", OTHER)):
        with refused(NotCompetent, "authority"):
            paper.record(*appoint(SECRETARY, "member", by=wrong))


def test_the_congress_elects_and_not_the_province(paper):
    above = Authority("Ban Thường vụ Tỉnh ủy", PROVINCE)
    with refused(NotCompetent, "authority"):
        paper.record(elect(SECRETARY, "member", authority=above))


def test_a_voiding_needs_the_power_of_what_is_voided(led):
    with refused(NotCompetent, "authority"):
        led.void(led.position("leadership.appointed"), by=CONGRESS)


def test_the_centre_decides_on_a_province():
    paper = country()
    centre = Authority("Bộ Chính trị")
    paper.record(term(PROVINCE, by=centre))
    told = paper.record(*appoint(SECRETARY, "member", "secretary", to=PROVINCE, by=centre))
    assert len(told) == 2


# Corrections and voidings


def test_a_wrong_person_is_corrected_and_the_approval_stays_with_the_post(paper):
    paper.record(elect(SECRETARY, "member"))
    id_ = paper.holding(SECRETARY, "member")
    paper.record(about(commands.ApproveElection, on=AUGUST, holding_ids=(id_,)))
    wrong = paper.position("leadership.elected")
    [right] = paper.record(elect(DEPUTY, "member", voids=wrong))
    assert right.holding_id == id_
    assert holds(paper, SECRETARY, AUGUST) == []
    assert paper.leadership().held_by(DEPUTY, AUGUST)[0].approval == "approved"


def test_a_correction_takes_back_a_record_of_its_own_kind(paper):
    paper.record(elect(SECRETARY, "member"))
    with refused(CannotVoid, "voids"):
        paper.record(*appoint(SECRETARY, "member", voids=paper.position("leadership.elected")))


def test_a_beginning_is_not_corrected_past_what_followed_it(led):
    id_ = led.holding(SECRETARY, "secretary")
    led.record(leave(commands.Relieve, SECRETARY, id_, on=AUGUST))
    wrong = led.position("leadership.appointed")
    with refused(LaterFacts, "effective_on"):
        led.record(*appoint(SECRETARY, "secretary", on=SEPTEMBER, voids=wrong))


def test_a_beginning_is_taken_back_last(led):
    id_ = led.holding(SECRETARY, "secretary")
    led.record(leave(commands.Relieve, SECRETARY, id_, on=AUGUST))
    appointed = led.position("leadership.appointed")
    with refused(LaterFacts, "effective_on") as refusal:
        led.void(appointed)
    assert refusal.value.facts["positions"] == [led.position("leadership.relieved")]
    led.void(led.position("leadership.relieved"))
    led.void(appointed)
    assert holds(led, SECRETARY, JULY) == [(f"{COMMITTEE}.member", "held")]


def test_an_end_is_moved_by_a_correction(led):
    led.record(leave(commands.Relieve, SECRETARY, on=AUGUST))
    wrong = led.position("leadership.relieved")
    led.record(leave(commands.Relieve, SECRETARY, on=MARCH, voids=wrong))
    assert len(holds(led, SECRETARY, JANUARY)) == 2
    assert holds(led, SECRETARY, MARCH) == []


# Assignments and regulations


def test_a_member_answers_for_a_cell_until_nothing_is_held(led):
    what = {"person_id": SECRETARY, "kind": "cell", "target_id": CELL, "duties": "dự sinh hoạt"}
    led.record(about(commands.AssignMember, **what))
    [assignment] = led.leadership().assignments.values()
    assert [(s.first, s.after) for s in led.leadership().served(assignment)] == [(JULY, TERM_END)]
    led.record(leave(commands.Relieve, SECRETARY, on=MARCH))
    assert [(s.first, s.after) for s in led.leadership().served(assignment)] == [(JULY, MARCH)]


def test_an_assignment_ends_by_itself_and_once(led):
    led.record(about(commands.AssignMember, person_id=SECRETARY, kind="area", target="thôn Đông"))
    [id_] = led.leadership().assignments
    end = about(commands.EndAssignment, on=AUGUST, assignment_id=id_)
    led.record(end)
    assert led.record(end) == []
    with refused(PostNotHeld, "assignment_id"):
        led.record(about(commands.EndAssignment, on=SEPTEMBER, assignment_id=id_))
    with refused(NotFound):
        led.record(about(commands.EndAssignment, on=SEPTEMBER, assignment_id=person(1)))


@pytest.mark.parametrize(
    "target", [{}, {"target": "thôn Đông", "target_id": CELL}, {"kind": "cell", "target": "x"}]
)
def test_a_target_is_named_in_one_way(led, target):
    with refused(InvalidValue, "target"):
        what = {"person_id": SECRETARY, "kind": "area"} | target
        led.record(about(commands.AssignMember, **what))


def test_who_holds_nothing_answers_for_nothing_and_the_target_is_on_record(led):
    with refused(PostNotHeld, "person_id"):
        led.record(about(commands.AssignMember, person_id=DEPUTY, kind="cell", target_id=CELL))
    with refused(NotFound):
        gone = person(9)
        led.record(about(commands.AssignMember, person_id=SECRETARY, kind="cell", target_id=gone))


def test_working_regulations_follow_each_other(paper):
    document = wish(JULY).basis[0]
    facts = {"body": COMMITTEE, "term": "2025-2030", "document": document, "model": "302-QĐ/TW"}
    paper.record(about(commands.IssueRegulations, by=CONGRESS, **facts))
    line = paper.leadership().regulations[COMMITTEE]
    assert line.at(JULY).model == "302-QĐ/TW"
    paper.record(about(commands.SupersedeRegulations, on=AUGUST, by=CONGRESS, body=COMMITTEE))
    assert paper.leadership().regulations[COMMITTEE].at(AUGUST) is None
    with refused(RuleBroken, "effective_on"):
        paper.record(about(commands.SupersedeRegulations, on=MARCH, by=CONGRESS, body=COMMITTEE))


# Inspection committees (3.3)


def inspected(paper: Paper, size: int = 5) -> Paper:
    facts = {"size": size, "mode": "appointed"}
    paper.record(about(commands.EstablishInspectionCommittee, **facts))
    return paper


@pytest.mark.parametrize("size", [2, 8])
def test_the_size_of_an_inspection_committee_is_a_rule(paper, size):
    with refused(InvalidValue, "size") as refusal:
        inspected(paper, size)
    assert refusal.value.facts["document"] == "17-HD/UBKTTW"


@pytest.mark.parametrize(("code", "most"), [("01", 15), ("79", 15), ("42", 13), (None, 13)])
def test_the_number_of_provincial_inspectors_is_another_in_the_two_largest_cities(code, most):
    paper, centre = country(), Authority("Bộ Chính trị")
    if code is not None:
        facts: dict[str, Any] = {
            "level": "province",
            "type": "tinh",
            "name": "Tỉnh Bình An",
            "way": "new",
        }
        state = wish(JULY, authority=Authority("Quốc hội"))
        codes = (Code("nso", code),)
        paper.record(EstablishUnit(id=person(800), codes=codes, envelope=state, **facts))
        moved = wish(JULY, authority=centre)
        paper.record(Relocate(id=PROVINCE, unit_id=person(800), envelope=moved))
    about_it = {"to": PROVINCE, "by": centre, "mode": "appointed"}
    with refused(InvalidValue, "size"):
        paper.record(about(commands.EstablishInspectionCommittee, size=most + 1, **about_it))
    assert paper.record(about(commands.EstablishInspectionCommittee, size=most, **about_it))


def test_a_cell_has_no_inspection_committee(paper):
    with refused(PostNotAllowed):
        facts = {"size": 3, "mode": "elected"}
        paper.record(about(commands.EstablishInspectionCommittee, to=CELL, **facts))


def test_there_are_no_inspectors_before_their_committee(paper):
    with refused(PostNotAllowed, "effective_on"):
        paper.record(*appoint(MEMBER, f"{INSPECTION}.member"))


def test_its_size_is_a_ceiling(paper):
    inspected(paper, 3)
    for n in range(3):
        paper.record(*appoint(person(200 + n), f"{INSPECTION}.member"))
    with refused(SeatsTaken, "post"):
        paper.record(*appoint(MEMBER, f"{INSPECTION}.member"))


def test_its_chair_is_a_member_and_on_the_standing_board_in_whatever_order(paper):
    inspected(paper)
    committee(paper, 3)
    chair, member = f"{INSPECTION}.chair", f"{INSPECTION}.member"
    with refused(NotEligible):
        paper.record(*appoint(CHAIR, "member", f"{BOARD}.member", chair))
    with refused(NotEligible):
        paper.record(*appoint(CHAIR, "member", member, chair))
    told = paper.record(*appoint(CHAIR, chair, member, f"{BOARD}.member", "member"))
    assert len(told) == 4
    board = paper.holding(CHAIR, "member", BOARD)
    with refused(NotEligible):
        paper.record(leave(commands.Relieve, CHAIR, board, on=AUGUST))


def test_it_elects_its_deputy_itself(paper):
    inspected(paper)
    paper.record(*appoint(DEPUTY, f"{INSPECTION}.member"))
    ballot = Ballot(AUGUST, 5, 5, 5, 5)
    facts = {"person_id": DEPUTY, "ballot": ballot}
    told = paper.record(about(commands.ElectInspectionDeputy, on=AUGUST, by=CONGRESS, **facts))
    assert topics(told) == ["inspection-deputy-elected"]
    assert paper.leadership().held_by(DEPUTY, AUGUST)[-1].approval == "pending"


def test_it_is_approved_once_it_stands(paper):
    with refused(RuleBroken, "effective_on"):
        paper.record(about(commands.ApproveInspectionCommittee))
    inspected(paper)
    paper.record(about(commands.ApproveInspectionCommittee, on=AUGUST))
    assert paper.leadership().approved[INSPECTION].at(AUGUST)


def test_its_independence_is_a_rule_with_its_document(paper):
    rule = paper.rules.on(JULY).rule("inspection.independence")
    assert rule.document == "296-QĐ/TW"
    assert rule.value["records"] == [INSPECTION]
    assert not {*rule.value["sees_in_full"]} & {*rule.value["sees_nothing"]}


# INV-POST-3: members


class Enrolled:
    """A membership as another stream would tell it."""

    def __init__(self, since: date) -> None:
        self.since = since

    def is_official_on(self, day: date) -> bool:
        return self.since <= day


def test_who_is_known_as_a_probationer_holds_no_post_of_the_party(paper):
    asked = paper.bearers

    def bearers(key: str) -> Any:
        return [Enrolled(AUGUST)] if key == f"member:{MEMBER}" else asked(key)

    paper.bearers = bearers
    with refused(NotEligible, "person_id") as refusal:
        paper.record(*appoint(MEMBER, "member"))
    assert refusal.value.facts["rule"] == "INV-POST-3"
    assert paper.record(*appoint(MEMBER, "member", on=AUGUST))
    head = {"person_id": MEMBER, "body": "front", "post": "chair", "place": None}
    assert paper.record(about(commands.TakeConcurrentPost, by=COUNCIL, **head))


# Mentions


def test_the_trail_of_a_person_and_of_both_organisations_shows_a_reassignment(led):
    led.record(term(OTHER))
    posts = {"to_organisation_id": OTHER, "to_posts": ()}
    [left] = led.record(leave(commands.Reassign, SECRETARY, on=AUGUST, **posts))
    assert {*left.mentions()} == {COMMUNE, SECRETARY, OTHER}
