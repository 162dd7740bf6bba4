"""Which body has the power to decide about a membership (INV-ORG-5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from domain.aggregate import Event
from domain.errors import NotCompetent
from domain.membership import events
from domain.names import folded
from domain.organisation import PartyOrganisation
from domain.structure.neighbourhood import Neighbourhood, either
from domain.structure.superiors import superiors_on

if TYPE_CHECKING:
    from domain.membership.record import MembershipRecord

_DAY = timedelta(days=1)


def refuse_incompetent(membership: MembershipRecord, event: Event, around: Neighbourhood) -> None:
    """The deciding body is a cell concerned or stands above one, at a level that decides this.

    A voiding needs the power that the voided event needed. Source: rule book membership.deciders;
    for who is older than the rule of admission allows, membership.age (R-MEM-1).
    """
    judged = event
    if isinstance(event, events.Voided) and event.envelope.voids is not None:
        judged = membership.event_at(event.envelope.voids) or event
    allowed, document = _deciders(judged, around)
    level = _level(membership, event, judged, around)
    if level not in allowed:
        raise NotCompetent(
            f"{event.envelope.authority.name!r} has no power over this: {either(allowed)} decides; "
            "say which organisation of the register in authority.organisation_id: the cell, or one "
            "above it",
            field="authority",
            rule="INV-ORG-5",
            document=document,
            id=str(membership.id),
        )


def _deciders(judged: Event, around: Neighbourhood) -> tuple[tuple[str, ...], str]:
    rules = around.rules.on(judged.effective_on)
    if isinstance(judged, events.Admission) and judged.is_above_age:
        rule = rules.rule("membership.age")
        return tuple(rule.value["above_max_deciders"]), rule.document
    rule = rules.rule("membership.deciders")
    allowed = tuple(rule.value.get(judged.TOPIC.partition(".")[2], ()))
    if isinstance(judged, events.Entered):
        allowed += tuple(rules.value("register.attesters"))
    return allowed, rule.document


def _level(
    membership: MembershipRecord, event: Event, judged: Event, around: Neighbourhood
) -> str | None:
    """The level of the deciding body; None when it has no say over this membership at all."""
    day, authority = judged.effective_on, event.envelope.authority
    bodies = around.rules.on(day).value("authority.bodies")
    levels = {folded(name): level for name, level in bodies.items()}
    if authority.organisation_id is None:
        return levels.get(folded(authority.name))
    body = around.find_any(PartyOrganisation, authority.organisation_id)
    if body is None or folded(authority.name) in levels:
        return None
    days = {day, event.effective_on}
    if not any(body.id in _above(membership, judged, on, around) for on in days):
        return None
    held_on = day if body.is_active_on(day) else day - _DAY
    kind = around.rules.on(held_on).kinds().get(body.kind.at(held_on) or "")
    return kind.level if kind else None


def _above(
    membership: MembershipRecord, judged: Event, day: date, around: Neighbourhood
) -> Iterator[UUID]:
    """The cells concerned that day or the day before, and all above them."""
    named = (getattr(judged, name, None) for name in ("cell_id", "to_id"))
    days, lines = (day, day - _DAY), (membership.cell_id, membership.temporary_cell_id)
    for cell_id in {*named, *(line.at(on) for on in days for line in lines)}:
        cell = around.find(cell_id) if cell_id else None
        if cell is not None:
            yield cell.id
            for on in days:
                yield from (above.id for above in superiors_on(cell, on, around.find))
