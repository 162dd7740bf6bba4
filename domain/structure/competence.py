"""Which body has the power to decide (INV-ORG-5)."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from domain.aggregate import Event
from domain.envelope import Authority
from domain.errors import NotCompetent
from domain.names import folded
from domain.node import CodeAssigned, Node, Voided
from domain.organisation import PartyOrganisation
from domain.structure.neighbourhood import Neighbourhood, either
from domain.structure.superiors import superiors_on
from domain.unit import AdministrativeUnit


def refuse_incompetent(node: Node, event: Event, around: Neighbourhood) -> None:
    """The body that decided has power over this kind on that day.

    A voiding needs the power that the voided event needed, then or on its own day. Entries that
    take over what stood before, and codes, may also come from the bodies that keep the lists.
    """
    judged = _judged(node, event)
    days = sorted({judged.effective_on, event.effective_on})
    if any(_is_competent(node, event, judged, day, around) for day in days):
        return
    allowed, document = _deciders(node, judged, judged.effective_on, around)
    bodies: dict[str, str] = around.rules.on(judged.effective_on).value("authority.bodies")
    known = [name for name, level in bodies.items() if level in allowed]
    raise NotCompetent(
        f"{event.envelope.authority.name!r} has no power over this: on "
        f"{judged.effective_on:%d/%m/%Y} {either(allowed)} decides; say which organisation of the "
        f"register above it in authority.organisation_id, or one of: {', '.join(known) or 'none'}",
        field="authority",
        rule="INV-ORG-5",
        document=document,
        id=str(node.id),
    )


def _judged(node: Node, event: Event) -> Event:
    """The event whose power is asked for: the voided one of a voiding."""
    voids = event.envelope.voids if isinstance(event, Voided) else None
    return (node.event_at(voids) if voids else None) or event


def _is_competent(
    node: Node, event: Event, judged: Event, day: date, around: Neighbourhood
) -> bool:
    allowed, _ = _deciders(node, judged, day, around)
    return _level_of(event.envelope.authority, node, judged, day, around) in allowed


def _deciders(
    node: Node, judged: Event, day: date, around: Neighbourhood
) -> tuple[tuple[str, ...], str]:
    """The levels that decide, and the document that says so."""
    if isinstance(node, AdministrativeUnit):
        rule = around.rules.on(day).rule("unit.deciders")
        allowed, document = tuple(rule.value.get(node.level, ())), rule.document
    else:
        assert isinstance(node, PartyOrganisation)
        held_on = day if node.is_active_on(day) else day - timedelta(days=1)
        code = node.kind.at(held_on) or str(getattr(judged, "kind", ""))
        known = around.rules.on(held_on).kinds().get(code)
        allowed, document = (known.deciders, known.document) if known else ((), "")
    if isinstance(judged, CodeAssigned) or getattr(judged, "way", None) == "entered":
        allowed += tuple(around.rules.on(day).value("register.attesters"))
    return allowed, document


def _level_of(
    authority: Authority, node: Node, judged: Event, day: date, around: Neighbourhood
) -> str | None:
    """The level of the deciding body; None when it has no say over `node` at all."""
    if authority.organisation_id is None:
        return _bodies(day, around).get(folded(authority.name))
    if folded(authority.name) in _bodies(day, around):
        return None  # the name of one body, the id of another
    body = around.find(authority.organisation_id)
    if not isinstance(body, PartyOrganisation) or body.id not in _above(node, judged, day, around):
        return None
    held_on = day if body.is_active_on(day) else day - timedelta(days=1)
    known = around.rules.on(held_on).kinds().get(body.kind.at(held_on) or "")
    return known.level if known else None


def _bodies(day: date, around: Neighbourhood) -> dict[str, str]:
    """Levels of the bodies outside the register, by their names without marks and case."""
    bodies: dict[str, str] = around.rules.on(day).value("authority.bodies")
    return {folded(name): level for name, level in bodies.items()}


def _above(node: Node, judged: Event, day: date, around: Neighbourhood) -> set[UUID]:
    """Those above `node` on that day or the day before, and above those that succeed it.

    Of a beginning that is taken back, also those above the superior that it named.
    """
    nodes = [node]
    for on, successors in node.hand_overs():
        if on == day:
            nodes += [heir for s in successors if (heir := around.find(s.id)) is not None]
    named = getattr(judged, "superior_id", None)
    superior = around.find(named) if named else None
    found = {superior.id} if superior else set()
    nodes += [superior] if superior else []
    days = (day, day - timedelta(days=1))
    return found | {a.id for n in nodes for d in days for a in superiors_on(n, d, around.find)}
