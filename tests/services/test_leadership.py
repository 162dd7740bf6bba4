"""Leadership beside its organisation: what ends with it, transfers, and clerks at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.errors import (
    CannotVoid,
    ConcurrentChange,
    LaterFacts,
    NotFound,
    OutsideTerm,
    PostNotAllowed,
    RegisterError,
    SeatsTaken,
)
from domain.leadership import Leadership, leadership_id
from domain.leadership.values import Post
from domain.lineage import Successor
from domain.organisation import PartyOrganisation
from services import leadership as commands
from services.commands import ChangeKind, Command, End, EstablishOrganisation, Merge, Split, Void
from services.register import Register
from tests.facts import AUGUST, JANUARY, JULY, MARCH, PROVINCE, wish
from tests.leaderships import (
    CENTRE,
    COMMITTEE,
    COMMUNE,
    CONGRESS,
    DEPUTY,
    OTHER,
    PROVINCES_BOARD,
    SECRETARY,
    Paper,
    appoint,
    in_term,
    leave,
    person,
    refused,
    term,
    topics,
)

SINCE_208 = date(2026, 7, 26)
EVE = JANUARY - timedelta(days=1)
HEIR = (Successor(OTHER, "whole", is_default=True),)


@pytest.fixture
def paper():
    paper = in_term()
    paper.record(*appoint(SECRETARY, "member", "secretary"))
    return paper


def end(**other: Any) -> End:
    usual: dict[str, Any] = {"of": PartyOrganisation, "way": "merger", "successors": HEIR}
    about = wish(other.pop("on", JANUARY), authority=CENTRE, voids=other.pop("voids", None))
    return End(id=COMMUNE, envelope=about, **(usual | other))


def held(paper: Paper, on: Any, organisation_id: Any = COMMUNE) -> list[str]:
    return [t.holding.post for t in paper.leadership(organisation_id).held_by(SECRETARY, on)]


# The end of an organisation (INV-POST-6)


def test_all_posts_end_with_the_organisation_in_one_transaction(paper):
    told = paper.record(end())
    assert [event.TOPIC for event in told] == ["party-organisation.ended", "leadership.closed"]
    assert told[1].envelope == told[0].envelope
    assert held(paper, EVE) == ["member", "secretary"]
    assert held(paper, JANUARY) == []
    assert paper.record(end()) == []


def test_an_end_that_is_taken_back_gives_all_back(paper):
    paper.record(end())
    told = paper.void(paper.position("party-organisation.ended"), by=CENTRE)
    assert [event.TOPIC for event in told] == ["party-organisation.voided", "leadership.voided"]
    assert held(paper, JANUARY) == ["member", "secretary"]


def test_an_end_that_is_moved_moves_the_end_of_the_posts(paper):
    paper.record(end())
    paper.record(end(on=MARCH, voids=paper.position("party-organisation.ended")))
    assert held(paper, JANUARY) == ["member", "secretary"]
    assert held(paper, MARCH) == []


def test_a_merger_and_a_split_end_the_posts_of_whoever_ends(paper):
    about = wish(JANUARY, authority=CENTRE)
    paper.record(Merge(of=PartyOrganisation, id=OTHER, sources=(COMMUNE,), envelope=about))
    assert held(paper, JANUARY) == []
    paper = in_term(organisation_id=OTHER)
    paper.record(*appoint(SECRETARY, "member", to=OTHER))
    founding = EstablishOrganisation(
        id=person(900),
        way="division",
        kind="commune_upper",
        name="Đảng bộ mới",
        superior_id=PROVINCE,
        envelope=about,
    )
    heirs = (Successor(COMMUNE, "part"), Successor(founding.id, "part"))
    split: dict[str, Any] = {
        "of": PartyOrganisation,
        "id": OTHER,
        "envelope": about,
        "foundings": (founding,),
    }
    paper.record(Split(successors=heirs, **split))
    assert held(paper, JANUARY, OTHER) == []


def test_what_is_recorded_late_ends_with_the_organisation_too(paper):
    paper.record(end())
    paper.record(*appoint(DEPUTY, "member", on=AUGUST))
    [tenure] = paper.leadership().held_by(DEPUTY, AUGUST)
    assert tenure.after == JANUARY
    with refused(OutsideTerm, "effective_on"):
        paper.record(*appoint(person(8), "member", on=JANUARY))


def test_who_led_an_organisation_that_has_ended_can_be_recorded_afterwards():
    paper = in_term(organisation_id=OTHER)
    paper.record(end())
    told = paper.record(term(), *appoint(SECRETARY, "member", "secretary"))
    assert topics(told) == ["closed", "term-started", "appointed", "appointed"]
    assert told[0].basis == paper.log[paper.position("party-organisation.ended") - 1].basis
    assert held(paper, JULY) == ["member", "secretary"]
    assert held(paper, JANUARY) == []


def test_the_end_of_all_posts_is_not_taken_back_while_the_organisation_is_no_more(paper):
    paper.record(end())
    with refused(OutsideTerm):
        paper.void(paper.position("leadership.closed"), by=CENTRE)


def test_an_organisation_does_not_become_one_without_the_bodies_it_has(paper):
    about = wish(SINCE_208, authority=CENTRE)
    with refused(PostNotAllowed, "body"):
        paper.record(ChangeKind(id=COMMUNE, kind="cell", envelope=about))
    assert paper.record(ChangeKind(id=COMMUNE, kind="commune_base", envelope=about))


# From one organisation to another


def reassignment(**other: Any) -> Command:
    posts = (Post(COMMITTEE, "member"), Post(COMMITTEE, "secretary"))
    usual: dict[str, Any] = {"to_organisation_id": OTHER, "to_posts": posts, "on": AUGUST}
    return leave(commands.Reassign, SECRETARY, **(usual | other))


def test_a_secretary_is_transferred_by_one_decision_that_both_record(paper):
    paper.record(term(OTHER))
    told = paper.record(reassignment())
    assert topics(told) == ["reassigned", "recognised", "recognised"]
    assert {event.envelope.basis for event in told} == {told[0].basis}
    assert told[1].from_organisation_id == COMMUNE
    assert held(paper, AUGUST) == []
    assert held(paper, AUGUST, OTHER) == ["member", "secretary"]
    assert paper.record(reassignment()) == []


def test_a_transfer_to_a_seat_that_is_taken_leaves_everything_as_it_was(paper):
    paper.record(term(OTHER), *appoint(DEPUTY, "member", "secretary", to=OTHER))
    before = len(paper.log)
    with refused(SeatsTaken):
        paper.record(reassignment())
    assert len(paper.log) == before
    assert held(paper, AUGUST) == ["member", "secretary"]


def test_a_transfer_needs_power_over_both(paper):
    paper.record(term(OTHER))
    with pytest.raises(RegisterError) as refusal:
        paper.record(reassignment(by=CONGRESS))
    assert refusal.value.facts["rule"] == "INV-ORG-5"


def test_a_transfer_to_nowhere_or_to_itself_is_refused(paper):
    with refused(NotFound):
        paper.record(reassignment(to_organisation_id=person(5)))
    with pytest.raises(RegisterError) as refusal:
        paper.record(reassignment(to_organisation_id=COMMUNE))
    assert refusal.value.facts["field"] == "to_organisation_id"


@pytest.mark.parametrize("side", ["reassigned", "recognised"])
def test_a_transfer_is_taken_back_from_whichever_side(paper, side):
    paper.record(term(OTHER))
    paper.record(reassignment())
    told = paper.void(paper.position(f"leadership.{side}"))
    assert topics(told) == ["voided"] * 3
    assert held(paper, AUGUST) == ["member", "secretary"]
    assert held(paper, AUGUST, OTHER) == []


def test_a_transfer_is_not_taken_back_while_more_is_told_of_the_post_it_was_for(paper):
    paper.record(term(OTHER))
    paper.record(reassignment())
    paper.record(leave(commands.Relieve, SECRETARY, on=MARCH, to=OTHER))
    with refused(LaterFacts) as refusal:
        paper.void(paper.position("leadership.reassigned"))
    assert refusal.value.facts["positions"] == [paper.position("leadership.relieved")]
    assert held(paper, AUGUST) == []


def test_a_transfer_of_the_past_leaves_a_later_one_to_the_same_post_standing(paper):
    paper.record(term(OTHER))
    paper.record(reassignment())
    first = paper.position("leadership.reassigned")
    paper.record(reassignment(to=OTHER, to_organisation_id=COMMUNE, on=JANUARY))
    paper.record(reassignment(on=MARCH))
    told = paper.void(paper.position("leadership.reassigned"))
    assert topics(told) == ["voided"] * 3
    assert held(paper, MARCH) == ["member", "secretary"]
    assert held(paper, AUGUST, OTHER) == ["member", "secretary"]
    assert paper.log[first - 1].originator_version not in paper.leadership().voided_by


def test_a_transfer_is_told_rightly_by_one_correction(paper):
    paper.record(term(OTHER))
    paper.record(reassignment())
    wrong = paper.position("leadership.reassigned")
    told = paper.record(reassignment(on=JANUARY, voids=wrong))
    assert topics(told) == ["reassigned", "recognised", "recognised"]
    assert held(paper, EVE) == ["member", "secretary"]
    assert held(paper, EVE, OTHER) == held(paper, JANUARY) == []
    assert held(paper, JANUARY, OTHER) == ["member", "secretary"]


def test_a_corrected_transfer_keeps_what_was_told_of_the_post_since(paper):
    paper.record(term(OTHER))
    paper.record(reassignment())
    wrong = paper.position("leadership.reassigned")
    paper.record(leave(commands.Relieve, SECRETARY, on=MARCH, to=OTHER))
    paper.record(reassignment(on=JANUARY, voids=wrong))
    assert held(paper, JANUARY, OTHER) == ["member", "secretary"]
    assert held(paper, MARCH, OTHER) == []


def test_a_corrected_transfer_takes_back_the_post_it_was_not_for(paper):
    paper.record(term(OTHER))
    paper.record(reassignment())
    wrong = paper.position("leadership.reassigned")
    told = paper.record(reassignment(to_posts=(Post(COMMITTEE, "member"),), voids=wrong))
    assert topics(told) == ["reassigned", "voided", "recognised"]
    assert held(paper, AUGUST, OTHER) == ["member"]


def test_one_side_of_a_transfer_is_not_corrected_alone(paper):
    paper.record(term(OTHER))
    paper.record(reassignment())
    wrong = paper.position("leadership.recognised")
    alone = commands.Recognise(
        organisation_id=OTHER,
        envelope=wish(JANUARY, authority=PROVINCES_BOARD, voids=wrong),
        person_id=SECRETARY,
        body=COMMITTEE,
        post="secretary",
        form="transferred",
    )
    with refused(CannotVoid, "voids") as refusal:
        paper.record(alone)
    assert refusal.value.facts["reassignment"] == paper.position("leadership.reassigned")


def test_whatever_a_person_holds_anywhere_ends_in_one_transaction(paper):
    paper.record(term(OTHER), *appoint(SECRETARY, "member", to=OTHER))
    commands.end_all_posts(paper, SECRETARY, wish(AUGUST), "expelled")
    pending = [s for s in map(paper.leadership, (COMMUNE, OTHER)) if s.pending_events]
    assert [stream.organisation_id for stream in pending] == [COMMUNE, OTHER]


# On the log itself


@pytest.fixture
def recorded(register: Register) -> Register:
    """Province, communes, and the term of the first, on the log."""
    for id_, kind, above in (
        (PROVINCE, "province", None),
        (COMMUNE, "commune_upper", PROVINCE),
        (OTHER, "commune_upper", PROVINCE),
    ):
        about = wish(JULY, authority=CENTRE)
        facts: dict[str, Any] = {"way": "new", "kind": kind, "name": f"Đảng bộ {id_.int % 1000}"}
        register.execute(EstablishOrganisation(id=id_, superior_id=above, envelope=about, **facts))
    register.execute(term(), *appoint(SECRETARY, "member", "secretary"))
    return register


def test_what_is_decided_is_read_back_and_closed_with_the_organisation(recorded):
    outcome = recorded.execute(end())
    assert [e.TOPIC for e in outcome.events] == ["party-organisation.ended", "leadership.closed"]
    ended = outcome.events[0].position
    about = wish(JANUARY, authority=CENTRE, voids=ended)
    back = recorded.execute(Void(of=PartyOrganisation, id=COMMUNE, envelope=about))
    assert [e.TOPIC for e in back.events] == ["party-organisation.voided", "leadership.voided"]
    again = recorded.execute(*appoint(DEPUTY, "member", on=MARCH))
    assert topics(again.events) == ["appointed"]


def test_a_transfer_on_the_log_names_the_other_organisation(recorded):
    recorded.execute(term(OTHER))
    outcome = recorded.execute(reassignment())
    assert topics(outcome.events) == ["reassigned", "recognised", "recognised"]


def test_a_version_that_was_seen_can_be_insisted_on(recorded):
    late = replace(appoint(DEPUTY, "member")[0], expected_version=2)
    with pytest.raises(ConcurrentChange):
        recorded.execute(late)
    nothing = replace(term(OTHER), expected_version=1)
    with pytest.raises(ConcurrentChange):
        recorded.execute(nothing)


def test_of_two_clerks_who_fill_one_seat_at_once_one_is_refused(recorded):
    recorded.execute(leave(commands.Relieve, SECRETARY, on=AUGUST))
    people = [person(n) for n in range(300, 306)]

    def fill(each: Any) -> str:
        try:
            recorded.execute(*appoint(each, "member", "secretary", on=AUGUST))
        except SeatsTaken:
            return "refused"
        return "recorded"

    with ThreadPoolExecutor(6) as clerks:
        became = list(clerks.map(fill, people))
    assert sorted(became) == ["recorded"] + 5 * ["refused"]


def test_an_organisation_does_not_end_under_a_clerk_who_fills_a_post(recorded):
    """Whichever is first: nobody holds a post of what is no more."""

    def fill() -> None:
        recorded.execute(*appoint(DEPUTY, "member", on=MARCH))

    with ThreadPoolExecutor(2) as clerks:
        wishes = [clerks.submit(fill), clerks.submit(lambda: recorded.execute(end()))]
    refusals = [error for wish_ in wishes if (error := wish_.exception())]
    assert all(isinstance(error, (OutsideTerm, RegisterError)) for error in refusals)
    events = recorded.events_between(1, recorded.store.position())
    mine = [e for e in events if e.originator_id == leadership_id(COMMUNE)]
    leadership = Leadership.fold(mine)
    assert leadership is not None
    assert leadership.held_by(DEPUTY, MARCH) == [] or leadership.closed_on() is None
