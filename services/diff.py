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
from services.record import to_event
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
    event: Event | None  # that set the later value; None when a fact was only taken back


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
        events = [to_event(r.topic, r.state, r.id) for r in history]
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
    if was and is_:
        assert one is not None
        assert other is not None
        for field in sorted(one.fields().keys() | other.fields().keys()):
            yield from _field(id_, field, one, other, a, b)
    elif was or is_:
        before = one.name.at(a.valid_at) if one is not None and was else None
        after = other.name.at(b.valid_at) if other is not None and is_ else None
        yield _difference(id_, "existence", before, after, one, other, a, b)


def _field(
    id_: UUID, field: str, one: Node, other: Node, a: Point, b: Point
) -> Iterator[Difference]:
    before = one.fields().get(field, Timeline()).at(a.valid_at)
    after = other.fields().get(field, Timeline()).at(b.valid_at)
    if before != after and field != "ceded":
        yield _difference(id_, field, before, after, one, other, a, b)


def _difference(
    id_: UUID,
    field: str,
    before: Any,
    after: Any,
    one: Node | None,
    other: Node | None,
    a: Point,
    b: Point,
) -> Difference:
    line = "is_active" if field == "existence" else field
    then, now = _fact(one, line, a), _fact(other, line, b)
    event = other.events[now.order] if other is not None and now is not None else None
    cause = _cause(then, now, one, other, a, b)
    return Difference(id_, field, before, after, cause, event)


def _fact(node: Node | None, field: str, point: Point) -> Fact[Any] | None:
    return node.fields().get(field, Timeline()).fact_at(point.valid_at) if node else None


def _cause(
    then: Fact[Any] | None,
    now: Fact[Any] | None,
    one: Node | None,
    other: Node | None,
    a: Point,
    b: Point,
) -> Cause:
    """The cause of `now` in place of `then`; looking back is judged as looking forward."""
    if (b.valid_at, b.known_at) < (a.valid_at, a.known_at):
        then, now, one, other, a, b = now, then, other, one, b, a
    if now is not None and now.day > a.valid_at:
        return Cause.HAPPENED
    taken_back = then is not None and other is not None and then.order in other.voided_by
    corrects = (
        now is not None and other is not None and other.events[now.order].envelope.voids is not None
    )
    return Cause.CORRECTED if taken_back or corrects else Cause.LEARNED
