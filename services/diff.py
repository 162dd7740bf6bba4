"""What is different between two points in both times, and for which kind of cause.

- happened: the day of effect lies between the two days;
- learned: it concerns days that had passed already, and was recorded between the two knowings;
- corrected: what was believed before was taken back between the two knowings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any, Literal
from uuid import UUID

from domain.aggregate import Event
from domain.node import Node
from domain.organisation import PartyOrganisation
from domain.timeline import Fact, Timeline
from domain.unit import AdministrativeUnit
from projections.differences import changed
from projections.point import Point
from services.reading import Reading
from services.record import read_event
from services.register import Register

Category = Literal["units", "organisations"]
OF: dict[Category, type[Node]] = {
    "units": AdministrativeUnit,
    "organisations": PartyOrganisation,
}


class Cause(StrEnum):
    HAPPENED = "happened"
    LEARNED = "learned"
    CORRECTED = "corrected"


@dataclass(frozen=True)
class Difference:
    """One field that differs; `existence` when the node is there at one point only."""

    id: UUID
    field: str
    before: Any
    after: Any
    cause: Cause
    event: Event | None  # that made the difference; of a correction, the one that corrects


def differences(
    register: Register,
    reading: Reading,
    category: Category,
    a: Point,
    b: Point,
    after: UUID | None = None,
    limit: int = 500,
) -> tuple[list[Difference], UUID | None]:
    """Differences of at most `limit` nodes in the order of their ids, and where to go on.

    `a` is the point from which, `b` the one to which one looks; either may lie before the other.
    """
    ids = changed(reading.connection, reading.schema, category, a, b, after, limit)
    nodes = _folded(register, category, ids, a, b)
    found = [d for id_ in ids for d in _compared(id_, *nodes[id_], a, b)]
    return found, ids[-1] if len(ids) == limit else None


def _folded(
    register: Register, category: Category, ids: list[UUID], a: Point, b: Point
) -> dict[UUID, tuple[Node | None, Node | None]]:
    recorded = register.store.histories(ids, max(a.known_at, b.known_at))
    nodes: dict[UUID, tuple[Node | None, Node | None]] = dict.fromkeys(ids, (None, None))
    for id_, history in groupby(recorded, key=lambda r: r.originator_id):
        events = [read_event(each) for each in history]
        nodes[UUID(str(id_))] = (
            _known(OF[category], events, a.known_at),
            _known(OF[category], events, b.known_at),
        )
    return nodes


def _known(of: type[Node], events: list[Event], known_at: int) -> Node | None:
    return of.fold(e for e in events if e.position is not None and e.position <= known_at)


def _compared(
    id_: UUID, one: Node | None, other: Node | None, a: Point, b: Point
) -> Iterator[Difference]:
    was = one is not None and one.is_active_on(a.valid_at)
    is_ = other is not None and other.is_active_on(b.valid_at)
    fields = _fields(one, other)
    if was != is_:
        before = one.name.at(a.valid_at) if one is not None and was else None
        after = other.name.at(b.valid_at) if other is not None and is_ else None
        yield _difference(id_, "existence", before, after, Sides(one, other, a, b))
        fields &= DESCENT
    elif not was:
        fields &= DESCENT
    for field in sorted(fields - {"is_active"}):
        before, after = _value(one, field, a), _value(other, field, b)
        if before != after:
            yield _difference(id_, field, before, after, Sides(one, other, a, b))


DESCENT = {"ceded", "successors"}  # said of what is no more as well


@dataclass(frozen=True)
class Sides:
    """A node as known at the two points."""

    one: Node | None
    other: Node | None
    a: Point
    b: Point

    def forward(self) -> Sides:
        """From the earlier point to the later: looking back is judged as looking forward."""
        if (self.b.valid_at, self.b.known_at) < (self.a.valid_at, self.a.known_at):
            return Sides(self.other, self.one, self.b, self.a)
        return self


def _fields(one: Node | None, other: Node | None) -> set[str]:
    return {field for node in (one, other) if node is not None for field in node.fields()}


def _value(node: Node | None, field: str, point: Point) -> Any:
    fact = _fact(node, field, point)
    return fact.value if fact else None


def _fact(node: Node | None, field: str, point: Point) -> Fact[Any] | None:
    return node.fields().get(field, Timeline()).fact_at(point.valid_at) if node else None


def _difference(id_: UUID, field: str, before: Any, after: Any, sides: Sides) -> Difference:
    cause, event = _because("is_active" if field == "existence" else field, sides.forward())
    return Difference(id_, field, before, after, cause, event)


def _because(field: str, sides: Sides) -> tuple[Cause, Event | None]:
    """The cause, and the event that made the difference: of a correction, the one that corrects."""
    then, now = _fact(sides.one, field, sides.a), _fact(sides.other, field, sides.b)
    other = sides.other
    event = other.events[now.order] if other is not None and now is not None else None
    if now is not None and now.day > sides.a.valid_at:
        return Cause.HAPPENED, event
    if other is not None and then is not None and then.order in other.voided_by:
        return Cause.CORRECTED, other.events[other.voided_by[then.order]]
    if event is not None and event.envelope.voids is not None:
        return Cause.CORRECTED, event
    return Cause.LEARNED, event
