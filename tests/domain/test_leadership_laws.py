"""Whatever clerks wish: what is accepted never breaks the laws of posts, on any day.

The wishes are drawn, late, ahead and taken back; the register on paper refuses what it must. Then
the log is told anew by a second, plain reckoning, which knows nothing of the first.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import zip_longest
from typing import Any

from hypothesis import given as whenever
from hypothesis import strategies as st

from domain.aggregate import Event
from domain.errors import RegisterError
from domain.leadership import events, leadership_id
from domain.lineage import Successor
from domain.organisation import PartyOrganisation
from services import leadership as commands
from services.commands import Command, End
from tests.facts import JULY, wish
from tests.leaderships import (
    BOARD,
    BODIES,
    CENTRE,
    COMMITTEE,
    COMMUNE,
    COUNCIL,
    OTHER,
    TERM_END,
    Paper,
    about,
    appoint,
    elect,
    in_term,
    leave,
    person,
    term,
)

DAYS = [JULY + timedelta(days=30 * n) for n in range(8)]
PEOPLE = [person(n) for n in range(5)]
MEMBER = f"{COMMITTEE}.member"
LEADING = [f"{COMMITTEE}.secretary", f"{COMMITTEE}.deputy_secretary", f"{BOARD}.member"]
LEAVING = [commands.Relieve, commands.SuspendFromPosts, commands.LiftSuspension]

days = st.sampled_from(DAYS)
people = st.sampled_from(PEOPLE)


@dataclass(frozen=True)
class Wish:
    what: str
    who: int
    on: date
    choice: int
    back: int | None  # the how-many-eth event of the leadership is taken back; None: nothing


WHATS = [
    *4 * ["join"],
    *4 * ["lead"],
    *3 * ["leave"],
    "leave one",
    "elect",
    "refuse",
    "act",
    "plan",
    "plan",
    "council",
    "term",
    "extend",
    "end term",
    "end",
    *3 * ["void"],
]
wishes = st.builds(
    Wish,
    what=st.sampled_from(WHATS),
    who=st.integers(0, 4),
    on=days,
    choice=st.integers(0, 5),
    back=st.none() | st.integers(0, 30),
)
logs = st.integers(0, 30).flatmap(lambda n: st.lists(wishes, min_size=n, max_size=n))


def carried_out(drawn: Sequence[Wish]) -> Paper:
    """The register after all these wishes, those that were refused left out."""
    paper = in_term()
    for each in drawn:
        with contextlib.suppress(RegisterError):
            _carry_out(paper, each)
    return paper


def _carry_out(paper: Paper, wished: Wish) -> None:
    told = [e for e in paper.log if e.originator_id == leadership_id(COMMUNE)]
    if wished.what == "void":
        paper.void(told[(wished.back or 0) % len(told)].position or 0)
        return
    corrected = None
    if wished.back is not None and wished.choice == 0:
        corrected = told[wished.back % len(told)].position
    paper.record(*_commands(paper, wished, corrected))


def _commands(paper: Paper, wished: Wish, corrected: int | None) -> list[Command]:
    who, on, choice = PEOPLE[wished.who], wished.on, wished.choice
    post = LEADING[choice % 3]
    match wished.what:
        case "join":
            return appoint(who, MEMBER, on=on, voids=corrected)
        case "lead":
            return appoint(who, post, *([MEMBER] if choice > 3 else []), on=on)
        case "leave":
            return [leave(LEAVING[choice % 3], who, on=on, voids=corrected)]
        case "leave one":
            return [leave(LEAVING[choice % 3], who, paper.holding(who, "member"), on=on)]
        case "elect":
            return [elect(who, MEMBER, on=on, voids=corrected)]
        case "refuse":
            ids = (paper.holding(who, "member"),)
            return [about(commands.RefuseElection, on=on, holding_ids=ids)]
        case "act":
            until = on + timedelta(days=45)
            seat = {"person_id": who, "body": COMMITTEE, "post": "secretary"}
            return [about(commands.AssignActing, on=on, until=until, **seat)]
        case "plan":
            surplus = on + timedelta(days=60) if choice > 3 else None
            seats = {"body": COMMITTEE, "post": "member", "number": choice % 4}
            return [about(commands.SetSeats, on=on, surplus_until=surplus, **seats)]
        case "council":
            seat = {"person_id": who, "body": "people_council", "post": "chair"}
            return [about(commands.TakeConcurrentPost, on=on, by=COUNCIL, **seat)]
        case "term":
            ends = [None, TERM_END, on + timedelta(days=100)][choice % 3]
            return [term(on=on, name=f"nhiệm kỳ {choice}", until=ends)]
        case "extend":
            until = on + timedelta(days=200)
            return [about(commands.ExtendTerm, on=on, bodies=BODIES, until=until)]
        case "end term":
            return [about(commands.EndTerm, on=on, bodies=BODIES)]
        case _:
            heirs = (Successor(OTHER, "whole", is_default=True),)
            envelope = wish(on, authority=CENTRE)
            return [
                End(
                    of=PartyOrganisation,
                    id=COMMUNE,
                    way="merger",
                    successors=heirs,
                    envelope=envelope,
                )
            ]


# The plain reckoning

TURNS = (events.TermStarted, events.TermExtended, events.TermEnded)


@dataclass
class Seat:
    person: Any
    post: str
    body: str
    begun: date
    state: str = "held"
    until: date | None = None


@dataclass
class Reckoning:
    """Who holds what on one day, by going through the events that stand in their order."""

    day: date
    held: dict[Any, Seat] = field(default_factory=dict)
    terms: dict[str, tuple[str, date | None]] = field(default_factory=dict)
    plans: dict[str, events.SeatPlanSet] = field(default_factory=dict)

    def take(self, event: Any) -> None:
        eve = timedelta(days=isinstance(event, TURNS))  # a term may go on from the day it ends
        self.expire(event.effective_on - eve)
        match event:
            case events.TermStarted() | events.TermExtended() | events.TermEnded():
                self._turn(event)
            case events.SeatPlanSet():
                self.plans[f"{event.body}.{event.post}"] = event
            case events.Begun():
                state = "acting" if isinstance(event, events.ActingAssigned) else "held"
                seat = Seat(event.person_id, event.post, event.body, event.effective_on, state)
                seat.until = getattr(event, "until", None)
                self.held[event.holding_id] = seat
            case events.Suspended() | events.SuspensionLifted():
                state = "suspended" if isinstance(event, events.Suspended) else "held"
                for id_ in event.holding_ids:
                    if id_ in self.held:
                        self.held[id_].state = state
            case events.Leaving() | events.ElectionNotApproved():
                for id_ in event.holding_ids:
                    self.held.pop(id_, None)
            case events.Closed():
                self.held.clear()

    def _turn(self, event: Any) -> None:
        for body in event.bodies:
            name = getattr(event, "name", "")
            if self.terms.get(body, ("", None))[0] != name:
                self._drop(lambda seat, body=body: seat.body == body)
            self.terms[body] = (name, getattr(event, "until", None))

    def expire(self, day: date) -> None:
        for body, (_, until) in self.terms.items():
            if until is not None and until <= day:
                self._drop(
                    lambda seat, body=body, until=until: seat.body == body and seat.begun < until
                )
        self._drop(lambda seat: seat.until is not None and seat.until <= day)

    def _drop(self, goes: Any) -> None:
        self.held = {id_: seat for id_, seat in self.held.items() if not goes(seat)}


def reckoned(told: Sequence[Event], day: date) -> Reckoning:
    back = {event.envelope.voids for event in told}
    stand = [e for e in told if e.position not in back and e.effective_on <= day]
    stand.sort(key=lambda e: (e.effective_on, not isinstance(e, TURNS), e.originator_version))
    reckoning = Reckoning(day)
    for event, following in zip_longest(stand, stand[1:]):
        if not _outdone(event, following):
            reckoning.take(event)
    reckoning.expire(day)
    return reckoning


def _outdone(event: Event, following: Event | None) -> bool:
    """Of two turns of one day the later says how it is."""
    both = isinstance(event, TURNS) and isinstance(following, TURNS)
    return both and following is not None and event.effective_on == following.effective_on


def every_day(told: Sequence[Event]) -> list[date]:
    named = {e.effective_on for e in told} | {*DAYS}
    named |= {day for e in told if (day := getattr(e, "until", None))}
    return sorted({day + timedelta(days=n) for day in named for n in (-1, 0, 1)})


def told_of(paper: Paper) -> list[Event]:
    return [e for e in paper.log if e.originator_id == leadership_id(COMMUNE)]


@whenever(logs)
def test_whatever_is_accepted_keeps_the_laws_of_posts_on_every_day(drawn):
    paper = carried_out(drawn)
    told, leadership = told_of(paper), paper.leadership()
    organisation = paper.find_any(PartyOrganisation, COMMUNE)
    assert organisation is not None
    for day in every_day(told):
        reckoning = reckoned(told, day)
        held = [t for each in PEOPLE for t in leadership.held_by(each, day)]
        mine = {(t.holding.id, t.state) for t in held}
        assert mine == {(id_, seat.state) for id_, seat in reckoning.held.items()}
        assert organisation.is_active_on(day) or not held  # INV-POST-4, INV-POST-6
        holders_never_exceed_seats(reckoning)
        leaders_are_members(reckoning)
        nobody_holds_what_does_not_go_together(reckoning)


def holders_never_exceed_seats(reckoning: Reckoning) -> None:
    """INV-POST-1, but for what a plan allowed as a surplus."""
    seated = [seat for seat in reckoning.held.values() if seat.state != "acting"]
    working = [seat for seat in reckoning.held.values() if seat.state != "suspended"]
    count = Counter(f"{seat.body}.{seat.post}" for seat in seated)
    assert count[f"{COMMITTEE}.secretary"] <= 1
    assert count[f"{COMMITTEE}.deputy_secretary"] <= 2
    assert sum(seat.post == "secretary" for seat in working) <= 1
    plan = reckoning.plans.get(MEMBER)
    if plan is not None and plan.surplus_until is None:
        assert count[MEMBER] <= plan.number
    if any(seat.body == BOARD and seat.begun == reckoning.day for seat in seated):
        whole = plan.number if plan else count[MEMBER]
        assert 3 * count[f"{BOARD}.member"] <= whole


def leaders_are_members(reckoning: Reckoning) -> None:
    """INV-POST-2."""
    held = reckoning.held.values()
    members = {seat.person for seat in held if (seat.body, seat.post) == (COMMITTEE, "member")}
    assert {seat.person for seat in held if f"{seat.body}.{seat.post}" in LEADING} <= members


def nobody_holds_what_does_not_go_together(reckoning: Reckoning) -> None:
    """INV-POST-8."""
    held = reckoning.held.values()
    assert len({(seat.person, seat.body, seat.post) for seat in held}) == len(held)
    for each in PEOPLE:
        mine = {seat.post for seat in held if seat.person == each and seat.state != "acting"}
        assert not {"secretary", "deputy_secretary"} <= mine
