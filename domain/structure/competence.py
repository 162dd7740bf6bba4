"""Which body has the power to decide (INV-ORG-5)."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from domain.aggregate import Event
from domain.errors import NotCompetent
from domain.node import CodeAssigned, Node, Voided
from domain.organisation import PartyOrganisation
from domain.structure.neighbourhood import Neighbourhood, either
from domain.structure.superiors import superiors_on
from domain.unit import AdministrativeUnit


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
            f"{either(allowed)} decides",
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
