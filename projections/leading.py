"""Which parts of a leadership an event touches: its holdings, seats, bodies and assignments.

An event names some; a term that begins or ends touches all of its bodies, the end of the
organisation all there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from psycopg.sql import SQL, Composable, Identifier

from domain.aggregate import Aggregate, Event
from domain.leadership import Leadership
from domain.leadership.events import Closed
from projections.engine.marks import namespace
from projections.known import KnownParts, Stretch
from projections.sql import statement

# IS TRUE keeps the two times away from the index of the exclusion constraint: see nodes.py.
AT: LiteralString = "(s.valid @> %(day)s::date AND s.known @> %(known)s::bigint) IS TRUE"
KNOWN: LiteralString = "(s.known @> %(known)s::bigint) IS TRUE"

LeadershipStretches = Callable[[Any, Leadership], Iterable[Stretch]]
"""(part, leadership) -> the stretches of one part: see known.py."""

TouchedParts = Callable[[Event, Leadership], Iterable[Any]]


class LeadershipParts(KnownParts):
    """The rows of one leadership; what it is after the event says which parts are touched.

    A part is short, and is looked at whole: who is told rightly to have come to another post has
    held that all the time, on days before the one from which it counts too.
    """

    def __init__(self, touched: TouchedParts, stretches: LeadershipStretches) -> None:
        super().__init__(lambda event: (), lambda part, leadership, _: stretches(part, leadership))
        self._touched = touched

    def after(self, event: Event, aggregate: Aggregate) -> None:
        assert isinstance(aggregate, Leadership)
        assert event.position is not None
        voided = aggregate.event_at(event.envelope.voids or 0)
        spoken_of = [each for each in (event, voided) if each is not None]
        touched = (part for each in spoken_of for part in self._touched(each, aggregate))
        for part in dict.fromkeys(touched):
            self.part(part).renew(event.position, aggregate, date.min)


def holdings_touched(event: Event, leadership: Leadership) -> Iterator[UUID]:
    """Ids of holdings."""
    if isinstance(event, Closed):
        yield from leadership.holdings
    for body in getattr(event, "bodies", ()):
        yield from (h.id for h in leadership.holdings.values() if h.body == body)
    if hasattr(event, "holding_id"):
        yield event.holding_id
    yield from getattr(event, "holding_ids", ())


def seats_touched(event: Event, leadership: Leadership) -> Iterator[str]:
    """Posts with their bodies, "executive_committee.secretary"."""
    if isinstance(event, Closed):
        yield from (f"{body}.{post}" for body, post in leadership.seats)
    for each in (*getattr(event, "plans", ()), *getattr(event, "holders", ())):
        yield f"{each.body}.{each.post}"
    if hasattr(event, "body") and hasattr(event, "post"):
        yield f"{event.body}.{event.post}"
    for id_ in holdings_touched(event, leadership):
        if holding := leadership.holdings.get(id_):
            yield f"{holding.body}.{holding.post}"


def bodies_touched(event: Event, leadership: Leadership) -> Iterator[str]:
    """Bodies whose term, working regulations or establishment may be others."""
    if isinstance(event, Closed):
        yield from {*leadership.terms, *leadership.regulations, *leadership.established}
    yield from getattr(event, "bodies", ())
    if hasattr(event, "body") and not hasattr(event, "post"):
        yield event.body
    if hasattr(event, "size") or event.TOPIC.endswith("inspection-committee-approved"):
        yield "inspection_committee"


def assignments_touched(event: Event, leadership: Leadership) -> Iterator[UUID]:
    """Ids of assignments: one ends with the last post of its member."""
    if hasattr(event, "assignment_id"):
        yield event.assignment_id
    found = (leadership.holdings.get(id_) for id_ in holdings_touched(event, leadership))
    people = {holding.person_id for holding in found if holding}
    people |= {event.person_id} if hasattr(event, "person_id") else set()
    people |= {holder.person_id for holder in getattr(event, "holders", ())}
    yield from (a.id for a in leadership.assignments.values() if a.person_id in people)


def within(schema: str) -> Composable:
    """That a row `s` is of the organisation %(under)s, or of one anywhere below it."""
    spans = Identifier(namespace(schema, "organisations"), "spans")
    below = statement("nodes_ids_below", id=Identifier("organisation_id"), spans=spans)
    # An array: of how many there are below, the planner knows nothing, and fears for the worst.
    among = SQL("s.organisation_id = ANY(%(under)s::uuid || ARRAY({}))")
    return among.format(below)
