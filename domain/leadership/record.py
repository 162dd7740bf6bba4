"""The leadership of an organisation as its events tell it: who held what, on every day.

A holding lasts from the act that gave it to the act that ended it, and never beyond its term or its
organisation: those ends are facts of their own and are looked at here, not copied into holdings. So
what is recorded late is cut off like everything else, and voiding such an end gives all back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.aggregate import Aggregate, Event
from domain.ids import beside
from domain.leadership.values import (
    Assignment,
    Establishment,
    Holding,
    Post,
    Regulations,
    Seated,
    Seats,
    Served,
    Tenure,
    Term,
)
from domain.timeline import Span, Timeline, together


def leadership_id(organisation_id: UUID) -> UUID:
    """The stream of the leadership of that organisation."""
    return beside(organisation_id, "leadership")


class LeadershipRecord(Aggregate):
    """Bodies, terms, seats, holders and assignments of one organisation."""

    if TYPE_CHECKING:
        organisation_id: UUID  # each event says it

    def __init__(self) -> None:
        super().__init__()
        self.closed: Timeline[bool] = self.timeline("closed")
        self.terms: dict[str, Timeline[Term | None]] = {}
        self.seats: dict[tuple[str, str], Timeline[Seats]] = {}
        self.regulations: dict[str, Timeline[Regulations | None]] = {}
        self.established: dict[str, Timeline[Establishment]] = {}
        self.approved: dict[str, Timeline[bool]] = {}
        self.holdings: dict[UUID, Holding] = {}
        self.assignments: dict[UUID, Assignment] = {}
        self._states: dict[UUID, Timeline[str | None]] = {}
        self._approvals: dict[UUID, Timeline[str]] = {}
        self._assigned: dict[UUID, Timeline[bool]] = {}
        self._ends: dict[tuple[str, date], date | None] = {}  # of the many who begin at once
        self._tenures: list[Tenure] | None = None  # of all, once asked for

    # Folding

    def follow(self, event: Event) -> None:
        self.organisation_id = event.organisation_id  # type: ignore[attr-defined]
        super().follow(event)
        self._ends.clear()
        self._tenures = None

    def fields(self) -> Mapping[str, Timeline[Any]]:
        """With those of holdings and assignments, which are many, and named when asked for."""
        named: dict[str, Timeline[Any]] = {}
        named |= {f"holding.{id_}.state": line for id_, line in self._states.items()}
        named |= {f"holding.{id_}.approval": line for id_, line in self._approvals.items()}
        named |= {f"assignment.{id_}": line for id_, line in self._assigned.items()}
        return {**super().fields(), **named}

    # Each line is made when it is first spoken of

    def term_of(self, body: str) -> Timeline[Term | None]:
        if body not in self.terms:
            self.terms[body] = self.timeline(f"terms.{body}")
        return self.terms[body]

    def seats_of(self, body: str, post: str) -> Timeline[Seats]:
        if (body, post) not in self.seats:
            self.seats[body, post] = self.timeline(f"seats.{body}.{post}")
        return self.seats[body, post]

    def regulations_of(self, body: str) -> Timeline[Regulations | None]:
        if body not in self.regulations:
            self.regulations[body] = self.timeline(f"regulations.{body}")
        return self.regulations[body]

    def establishment_of(self, body: str) -> Timeline[Establishment]:
        if body not in self.established:
            self.established[body] = self.timeline(f"established.{body}")
        return self.established[body]

    def approval_of(self, body: str) -> Timeline[bool]:
        if body not in self.approved:
            self.approved[body] = self.timeline(f"approved.{body}")
        return self.approved[body]

    def state_of(self, holding_id: UUID) -> Timeline[str | None]:
        if holding_id not in self._states:
            self._states[holding_id] = Timeline()
        return self._states[holding_id]

    def approval_of_election(self, holding_id: UUID) -> Timeline[str]:
        if holding_id not in self._approvals:
            self._approvals[holding_id] = Timeline()
        return self._approvals[holding_id]

    def assignment_of(self, assignment_id: UUID) -> Timeline[bool]:
        if assignment_id not in self._assigned:
            self._assigned[assignment_id] = Timeline()
        return self._assigned[assignment_id]

    def take_up(self, holding: Holding) -> Holding:
        """A holding begins, or its beginning is told rightly."""
        holding.state = self.state_of(holding.id)
        holding.approval = self.approval_of_election(holding.id)
        self.holdings[holding.id] = holding
        return holding

    def assign(self, assignment: Assignment) -> Timeline[bool]:
        """An assignment begins, or its beginning is told rightly."""
        assignment.stands = self.assignment_of(assignment.id)
        self.assignments[assignment.id] = assignment
        return assignment.stands

    # Asking

    def stands_for(self, event: Event) -> dict[str, Any]:
        """The posts, and where they are not said the persons, behind the ids of holdings."""
        if hasattr(event, "assignment_id") and not hasattr(event, "kind"):
            told = self.assignments.get(event.assignment_id)
            about = ("person_id", "kind", "target_id", "target")
            return {name: getattr(told, name) for name in about} if told else {}
        begins = getattr(event, "begins", ())
        ids = () if begins else getattr(event, "holding_ids", ())
        held = [self.holdings[id_] for id_ in ids if id_ in self.holdings]
        if not held:
            return {}
        if hasattr(event, "person_id"):
            return {"posts": [Post(h.body, h.post) for h in held]}
        return {"holders": [Seated(h.id, h.person_id, h.body, h.post, h.place) for h in held]}

    def closing(self) -> Event | None:
        """The event that ended all posts with the organisation; None while none stands."""
        facts = self.closed.facts()
        return self.events[facts[0].order] if facts else None

    def closed_on(self) -> date | None:
        """The first day its organisation is no more; None while no end is known."""
        facts = self.closed.facts()
        return facts[0].day if facts else None

    def term_spans(self, body: str) -> Iterator[Span[str]]:
        """(name, first day, day after) of each term of a body; a term ends at its `until`."""
        line = self.terms.get(body)
        name, begun = "", date.min
        ended: date | None = None
        for span in line.spans() if line else ():
            if span.value is None:
                continue
            after = _earlier(span.after, span.value.until)
            if span.value.name == name and ended is not None and span.first <= ended:
                ended = after  # the same term, extended
                continue
            if name:
                yield Span(name, begun, ended)
            name, begun, ended = span.value.name, span.first, after
        if name:
            yield Span(name, begun, ended)

    def term_on(self, body: str, day: date) -> Span[str] | None:
        """The term of a body in which a day lies; None: in none."""
        spans = (s for s in self.term_spans(body) if s.first <= day)
        return next((s for s in spans if s.after is None or day < s.after), None)

    def tenures(self, holding: Holding) -> Iterator[Tenure]:
        """When it was held and in which state: within its term and its organisation's life."""
        begun: date | None = None
        last: date | None = None
        for (state, approval), first, after in together(holding.state, holding.approval):
            if state is None:
                continue
            if begun is None:
                begun, last = first, self.end_at_latest(holding.body, first)
            ends = _earlier(after, last)
            if ends is None or first < ends:
                yield Tenure(holding, state, approval, first, ends)

    def all_tenures(self) -> Sequence[Tenure]:
        """Those of all holdings, in the order in which they were recorded."""
        if self._tenures is None:
            self._tenures = [t for held in self.holdings.values() for t in self.tenures(held)]
        return self._tenures

    def holders(self, body: str, post: str, day: date) -> list[Tenure]:
        """Who holds a post on a day, acting and suspended holders among them."""
        held = (h for h in self.holdings.values() if h.seat == (body, post))
        return [t for h in held for t in self.tenures(h) if _within(t.first, day, t.after)]

    def held_by(self, person_id: UUID, day: date) -> list[Tenure]:
        """What a person holds on a day, in the order in which it was recorded."""
        held = (h for h in self.holdings.values() if h.person_id == person_id)
        return [t for h in held for t in self.tenures(h) if _within(t.first, day, t.after)]

    def served(self, assignment: Assignment) -> Iterator[Served]:
        """When an assignment stood: it ends with the last post of the member here."""
        for span in assignment.stands.spans():
            if span.value:
                after = _earlier(span.after, self._holds_until(assignment.person_id, span.first))
                if after is None or span.first < after:
                    yield Served(assignment, span.first, after)

    def end_at_latest(self, body: str, begun: date) -> date | None:
        """The first day after the term in which it began, or of the end of the organisation."""
        if (body, begun) not in self._ends:
            term = self.term_on(body, begun)
            self._ends[body, begun] = _earlier(term.after if term else None, self.closed_on())
        return self._ends[body, begun]

    def _holds_until(self, person_id: UUID, day: date) -> date | None:
        """The first day from `day` on that the person holds nothing here; None: open."""
        mine = [h for h in self.holdings.values() if h.person_id == person_id]
        spans = sorted(((t.first, t.after) for h in mine for t in self.tenures(h)), key=_first)
        reached = day
        for first, after in spans:
            if first <= reached and after is None:
                return None
            if first <= reached and after is not None and after > reached:
                reached = after
        return reached

    # Standing among others

    def keys(self, since: date) -> set[str]:
        """That it stands on its organisation, and who holds something here from that day on."""
        held = (t for t in self.all_tenures() if t.after is None or t.after > since)
        holders = {f"holder:{tenure.holding.person_id}" for tenure in held}
        return {f"on:{self.organisation_id}"} | holders


def _earlier(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day is not None), default=None)


def _within(first: date, day: date, after: date | None) -> bool:
    return first <= day and (after is None or day < after)


def _first(span: tuple[date, date | None]) -> date:
    return span[0]
