"""Why a value is what it is: the event that set it, on what basis, and what it superseded."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from domain.aggregate import Event
from domain.errors import InvalidValue, NotFound
from domain.node import Node
from domain.timeline import Fact, Timeline
from projections.point import Point
from services.register import Register


@dataclass(frozen=True)
class Statement:
    """What one event says about the field."""

    value: Any
    event: Event
    voided_by: int | None = None  # position of the event that took it back


@dataclass(frozen=True)
class Why:
    """Why a field has its value at a point, and what else was ever said about it."""

    id: UUID
    field: str
    value: Any  # None: nothing is said of that day
    because: Statement | None  # what decides
    superseded: tuple[Statement, ...]  # of that day or earlier ones, giving way to it, newest first
    voided: tuple[Statement, ...]  # said once and taken back, newest first
    later: tuple[Statement, ...]  # known to come after that day, in the order of days

    def statements(self) -> Iterator[tuple[str, Statement]]:
        """All of them, each with its standing: what decides comes first."""
        if self.because:
            yield "decides", self.because
        for standing in ("superseded", "voided", "later"):
            yield from ((standing, statement) for statement in getattr(self, standing))


def why(register: Register, of: type[Node], id_: UUID, field: str, point: Point) -> Why:
    """Answer for one field at a point in both times.

    Raises NotFound when nothing was known of `id_`, InvalidValue when it has no such field.
    """
    node = register.node(of, id_, point.known_at)
    if node is None:
        raise NotFound(f"There is no {of.TOPIC} {id_} as known at {point.known_at}", id=str(id_))
    line = _line(node, field)
    decides = line.fact_at(point.valid_at)
    said = [f for f in reversed(line.facts()) if f.day <= point.valid_at and f != decides]
    later = [f for f in line.facts() if f.day > point.valid_at]
    return Why(
        id=id_,
        field=field,
        value=decides.value if decides else None,
        because=_statement(node, decides) if decides else None,
        superseded=tuple(_statement(node, fact) for fact in said),
        voided=_voided(node, field),
        later=tuple(_statement(node, fact) for fact in later),
    )


def _line(node: Node, field: str) -> Timeline[Any]:
    fields = node.fields()
    if field not in fields:
        known = ", ".join(sorted(fields))
        raise InvalidValue(f"The fields of a {node.TOPIC} are {known}", field="field")
    return fields[field]


def _statement(node: Node, fact: Fact[Any]) -> Statement:
    taken_back = node.voided_by.get(fact.order)
    by = node.events[taken_back].position if taken_back else None
    return Statement(fact.value, node.events[fact.order], by)


def _voided(node: Node, field: str) -> tuple[Statement, ...]:
    """What was taken back, found by folding the same events as if nothing ever had been."""
    if not node.voided_by:
        return ()
    believed = type(node).fold(_unvoiding(event) for event in node.events.values())
    assert believed is not None
    facts = believed.fields()[field].facts() if field in believed.fields() else ()
    back = [fact for fact in facts if fact.order in node.voided_by]
    return tuple(_statement(node, fact) for fact in sorted(back, key=lambda f: -f.order))


def _unvoiding(event: Event) -> Event:
    copied: Event = copy(event)
    object.__setattr__(copied, "envelope", replace(event.envelope, voids=None))
    return copied
