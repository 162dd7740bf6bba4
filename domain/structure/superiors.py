"""Who stands under whom: active, allowed and never in a circle (INV-ORG-1, INV-ORG-3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from domain.errors import Circular, SubordinatesLeft, SuperiorNotActive, SuperiorNotAllowed
from domain.node import Node
from domain.organisation import PartyOrganisation
from domain.structure.neighbourhood import Find, Neighbourhood, either
from domain.timeline import together
from domain.unit import AdministrativeUnit


def refuse_superiors(node: Node, since: date, around: Neighbourhood) -> None:
    """The superior is active on every day, of a kind that may be one, and no descendant."""
    for superior_id, kind, first, after in _placings(node, since):
        superior = _superior(node, superior_id, around)
        if superior is not None:
            _refuse_uncovered(node, superior, max(first, since), after)
        if first >= since:
            _refuse_disallowed(node, kind, superior, first, around)
        if superior is not None:
            _refuse_circle(node, max(first, since), after, around)


def _placings(node: Node, since: date) -> Iterator[tuple[UUID | None, str, date, date | None]]:
    lines = (node.is_active, node.superior_id, _kind_line(node))
    for (active, superior_id, kind), first, after in together(*lines, since=since):
        if active:
            yield superior_id, kind, first, after


def _kind_line(node: Node) -> Any:
    return node.kind if isinstance(node, PartyOrganisation) else node.is_active


def _superior(node: Node, superior_id: UUID | None, around: Neighbourhood) -> Node | None:
    if superior_id is None:
        return None
    superior = around.find(superior_id)
    if superior is None or type(superior) is not type(node):
        raise SuperiorNotActive(
            "The superior is not in the register", field="superior_id", superior_id=str(superior_id)
        )
    return superior


def _refuse_uncovered(node: Node, superior: Node, first: date, after: date | None) -> None:
    idle = first_idle_day(superior, first, after)
    if idle is not None:
        raise SuperiorNotActive(
            f"The superior is not active on {idle:%d/%m/%Y}, when it would stand under it",
            field="superior_id",
            rule="INV-ORG-3",
            id=str(node.id),
            superior_id=str(superior.id),
            day=idle,
        )


def first_idle_day(node: Node, first: date, after: date | None) -> date | None:
    """The first day in [first, after) on which `node` is not active."""
    if not node.is_active_on(first):
        return first
    for span in node.is_active.spans(first):
        if not span.value and span.first > first and (after is None or span.first < after):
            return span.first
    return None


def _refuse_disallowed(
    node: Node, kind: str, superior: Node | None, day: date, around: Neighbourhood
) -> None:
    rules = around.rules.on(day)
    if isinstance(node, AdministrativeUnit):
        own, above = node.level, superior.level if isinstance(superior, AdministrativeUnit) else ""
        rule = rules.rule("unit.superiors")
        allowed = tuple(rule.value.get(own, ()))
        document = rule.document
    else:
        own = kind
        above = (superior.kind.at(day) or "") if isinstance(superior, PartyOrganisation) else ""
        allowed = tuple(s or "" for s in rules.kind(kind).superiors)
        document = rules.kind(kind).document
    if above not in allowed:
        raise SuperiorNotAllowed(
            f"On {day:%d/%m/%Y} {own} stands under {either(allowed)}, not {above or 'nothing'}",
            field="superior_id",
            rule="INV-ORG-3",
            document=document,
            rule_set=rules.id,
            id=str(node.id),
        )


def _refuse_circle(node: Node, first: date, after: date | None, around: Neighbourhood) -> None:
    """Walks up on `first` and on every later day on which somebody above changes superior."""
    days, asked = [first], set[date]()
    while days:
        day = days.pop()
        asked.add(day)
        for above in superiors_on(node, day, around.find):
            if above.id == node.id:
                raise Circular(
                    f"On {day:%d/%m/%Y} it would stand under itself",
                    field="superior_id",
                    rule="INV-ORG-3",
                    id=str(node.id),
                )
            changes = (span.first for span in above.superior_id.spans(day))
            days += [d for d in changes if d > day and (not after or d < after) and d not in asked]


def superiors_on(node: Node, day: date, find: Find) -> Iterator[Node]:
    """Those above `node` on `day`, the nearest first; ends where a circle closes."""
    seen: set[UUID] = set()
    above = node.superior_id.at(day)
    while above is not None and above not in seen:
        seen.add(above)
        superior = find(above)
        if superior is None:
            return
        yield superior
        above = superior.superior_id.at(day)


def refuse_orphans(node: Node, around: Neighbourhood) -> None:
    """Nobody stands under it on a day on which it is not active, or is of a kind that may not."""
    for child in around.carriers(f"superior:{node.id}"):
        for superior_id, kind, first, after in _placings(child, date.min):
            if superior_id != node.id:
                continue
            idle = first_idle_day(node, first, after)
            if idle is not None:
                raise SubordinatesLeft(
                    f"It would not be active on {idle:%d/%m/%Y} while {child.name.at(idle)!r} "
                    "still stands under it: end or re-subordinate that first",
                    field="effective_on",
                    rule="INV-ORG-1",
                    id=str(node.id),
                    child_id=str(child.id),
                )
            for day in _kind_changes(node, first, after):
                _refuse_disallowed(child, kind, node, day, around)


def _kind_changes(node: Node, first: date, after: date | None) -> list[date]:
    """Days in (first, after) on which `node` becomes of another kind."""
    if not isinstance(node, PartyOrganisation):
        return []
    days = (span.first for span in node.kind.spans(first))
    return [day for day in days if day > first and (after is None or day < after)]
