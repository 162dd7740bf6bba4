"""Rules that bind a node to its neighbours: superiors, siblings, successors, deciding bodies.

Each is asked after the commands of one transaction have decided and before anything is stored, over
the lives as they would then be. `find` gives the neighbours; the caller sees to it that what was
found is still so when the events are stored (guards and keys).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from domain.aggregate import Event
from domain.errors import (
    Circular,
    CodeTaken,
    NameTaken,
    NotActive,
    NotCompetent,
    SubordinatesLeft,
    SuccessorNotActive,
    SuperiorNotActive,
    SuperiorNotAllowed,
)
from domain.names import same_name
from domain.node import CodeAssigned, Node, Voided
from domain.organisation import PartyOrganisation
from domain.rulebook import RuleBook
from domain.timeline import together
from domain.unit import AdministrativeUnit

Find = Callable[[UUID], Node | None]


@dataclass(frozen=True)
class Neighbourhood:
    """What a decision may look at beyond the stream it concerns."""

    find: Find  # any node by its id
    carriers: Callable[[str], Iterable[Node]]  # all that carry a consistency key
    rules: RuleBook


def refuse_breaches(node: Node, since: date, around: Neighbourhood) -> None:
    """Raises the RuleBroken of the first invariant that `node` would break from `since` on."""
    refuse_superiors(node, since, around)
    refuse_same_names(node, since, around)
    refuse_same_codes(node, since, around)
    refuse_orphans(node, around)
    refuse_idle_successors(node, since, around)
    refuse_forsaken_givers(node, around)
    if isinstance(node, PartyOrganisation):
        refuse_missing_units(node, since, around)


# Superiors (INV-ORG-3)


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
    idle = _first_idle_day(superior, first, after)
    if idle is not None:
        raise SuperiorNotActive(
            f"The superior is not active on {idle:%d/%m/%Y}, when it would stand under it",
            field="superior_id",
            rule="INV-ORG-3",
            id=str(node.id),
            superior_id=str(superior.id),
            day=idle,
        )


def _first_idle_day(node: Node, first: date, after: date | None) -> date | None:
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
            f"On {day:%d/%m/%Y} {own} stands under {_either(allowed)}, not {above or 'nothing'}",
            field="superior_id",
            rule="INV-ORG-3",
            document=document,
            rule_set=rules.id,
            id=str(node.id),
        )


def _either(allowed: Iterable[str]) -> str:
    return " or ".join(kind or "nothing" for kind in allowed) or "nothing that exists"


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


# Siblings (INV-ORG-6)


def refuse_same_names(node: Node, since: date, around: Neighbourhood) -> None:
    """No two active children of one superior bear the same name on one day."""
    for superior_id, name, first, after in node.lives(since):
        key = f"name:{node.TOPIC}:{superior_id}:{same_name(name)}"
        for other in around.carriers(key):
            if other.id != node.id and _bears(other, superior_id, name, max(first, since), after):
                raise NameTaken(
                    f"Another one under the same superior is called {name!r} then",
                    field="name",
                    rule="INV-ORG-6",
                    id=str(node.id),
                    other_id=str(other.id),
                )


def _bears(
    other: Node, superior_id: UUID | None, name: str, first: date, after: date | None
) -> bool:
    return any(
        above == superior_id
        and same_name(borne) == same_name(name)
        and _overlap(first, after, begins, ends)
        for above, borne, begins, ends in other.lives(first)
    )


def _overlap(first: date, after: date | None, begins: date, ends: date | None) -> bool:
    return (ends is None or first < ends) and (after is None or begins < after)


def refuse_same_codes(node: Node, since: date, around: Neighbourhood) -> None:
    """No two active nodes bear the same code of one scheme on one day."""
    for scheme in node.codes:
        for value, first, after in _codes(node, scheme, since):
            for other in around.carriers(f"code:{node.TOPIC}:{scheme}:{value}"):
                if other.id != node.id and any(
                    value == borne and _overlap(max(first, since), after, begins, ends)
                    for borne, begins, ends in _codes(other, scheme, since)
                ):
                    raise CodeTaken(
                        f"Another one bears the {scheme} code {value} then",
                        field="codes",
                        rule="INV-ORG-6",
                        id=str(node.id),
                        other_id=str(other.id),
                    )


def _codes(node: Node, scheme: str, since: date) -> Iterator[tuple[str, date, date | None]]:
    lines = (node.is_active, node.code(scheme))
    for (active, value), first, after in together(*lines, since=since):
        if active and value is not None:
            yield value, first, after


# Subordinates, successors (INV-ORG-1, INV-ORG-2)


def refuse_orphans(node: Node, around: Neighbourhood) -> None:
    """Nobody stands under it on a day on which it is not active, or is of a kind that may not."""
    for child in around.carriers(f"superior:{node.id}"):
        for superior_id, kind, first, after in _placings(child, date.min):
            if superior_id != node.id:
                continue
            idle = _first_idle_day(node, first, after)
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


def refuse_idle_successors(node: Node, since: date, around: Neighbourhood) -> None:
    """Who takes over is active on the day of the hand-over: no day lies between."""
    for day, successors in node.hand_overs():
        if day < since:
            continue
        for successor in successors:
            heir = around.find(successor.id)
            if heir is None or type(heir) is not type(node) or not heir.is_active_on(day):
                raise SuccessorNotActive(
                    f"The successor is not active on {day:%d/%m/%Y}",
                    field="successors",
                    rule="INV-ORG-2",
                    id=str(node.id),
                    successor_id=str(successor.id),
                )


def refuse_forsaken_givers(node: Node, around: Neighbourhood) -> None:
    """What was handed over to it is handed over on a day of its life."""
    for giver in around.carriers(f"successor:{node.id}"):
        for day, successors in giver.hand_overs():
            if any(s.id == node.id for s in successors) and not node.is_active_on(day):
                raise SuccessorNotActive(
                    f"It took over from {giver.name.at(day)!r} on {day:%d/%m/%Y} "
                    "and would not be active then",
                    field="effective_on",
                    rule="INV-ORG-2",
                    id=str(node.id),
                    giver_id=str(giver.id),
                )


def refuse_missing_units(node: PartyOrganisation, since: date, around: Neighbourhood) -> None:
    """The unit on which an organisation comes to stand is active on that day."""
    for span in node.unit_id.spans(since):
        if span.value is None or span.first < since or not node.is_active_on(span.first):
            continue
        unit = around.find(span.value)
        if not isinstance(unit, AdministrativeUnit) or not unit.is_active_on(span.first):
            raise NotActive(
                f"The administrative unit is not active on {span.first:%d/%m/%Y}",
                field="unit_id",
                id=str(node.id),
                unit_id=str(span.value),
            )


# Deciding bodies (INV-ORG-5)


def refuse_incompetent(node: Node, event: Event, around: Neighbourhood) -> None:
    """The body that decided has power over this kind on that day.

    Not asked of entries that take over what stood before, of codes, and of voidings.
    """
    if isinstance(event, (CodeAssigned, Voided)) or getattr(event, "way", None) == "entered":
        return
    day = event.effective_on
    level = _level_of(event, node, around)
    allowed, document = _deciders(node, day, around)
    if level not in allowed:
        raise NotCompetent(
            f"{event.envelope.authority.name!r} has no power over this: on {day:%d/%m/%Y} "
            f"{_either(allowed)} decides",
            field="authority",
            rule="INV-ORG-5",
            document=document,
            id=str(node.id),
        )


def _deciders(node: Node, day: date, around: Neighbourhood) -> tuple[tuple[str, ...], str]:
    if isinstance(node, AdministrativeUnit):
        rule = around.rules.on(day).rule("unit.deciders")
        return tuple(rule.value.get(node.level, ())), rule.document
    assert isinstance(node, PartyOrganisation)
    held_on = day if node.is_active_on(day) else day - timedelta(days=1)
    kind = around.rules.on(held_on).kind(node.kind.at(held_on) or "")
    return kind.deciders, kind.document


def _level_of(event: Event, node: Node, around: Neighbourhood) -> str | None:
    """The level of the deciding body; None when it has no say over `node` at all."""
    authority, day = event.envelope.authority, event.effective_on
    if authority.organisation_id is None:
        bodies: dict[str, str] = around.rules.on(day).value("authority.bodies")
        return bodies.get(authority.name)
    body = around.find(authority.organisation_id)
    if not isinstance(body, PartyOrganisation) or body.id not in _above(node, day, around):
        return None
    held_on = day if body.is_active_on(day) else day - timedelta(days=1)
    kind = body.kind.at(held_on)
    return around.rules.on(held_on).kind(kind).level if kind else None


def _above(node: Node, day: date, around: Neighbourhood) -> set[UUID]:
    """Those above `node` on that day or the day before, and above those that succeed it."""
    nodes = [node]
    for on, successors in node.hand_overs():
        if on == day:
            nodes += [heir for s in successors if (heir := around.find(s.id)) is not None]
    days = (day, day - timedelta(days=1))
    return {above.id for n in nodes for d in days for above in superiors_on(n, d, around.find)}


def touched_since(node: Node, events: Iterable[Event]) -> date:
    """The earliest day on which these events of `node` can have changed anything."""
    return min(node.since(event) for event in events)


def ids_around(node: Node, events: Iterable[Event]) -> set[UUID]:
    """Ids that the rules above will ask for first; the rest is found on the way."""
    ids = {span.value for span in node.superior_id.spans() if span.value}
    ids |= {s.id for _, successors in node.hand_overs() for s in successors}
    ids |= {a for e in events if (a := e.envelope.authority.organisation_id)}
    if isinstance(node, PartyOrganisation):
        ids |= {span.value for span in node.unit_id.spans() if span.value}
    return ids
