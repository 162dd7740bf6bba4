"""Which body has the power to decide who leads (INV-ORG-5), and to record it."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from domain.aggregate import Event
from domain.envelope import Authority
from domain.errors import NotCompetent
from domain.leadership.events import Closed, Voided
from domain.leadership.record import LeadershipRecord
from domain.names import folded
from domain.organisation import PartyOrganisation
from domain.structure.neighbourhood import Neighbourhood, either
from domain.structure.superiors import superiors_on

_DAY = timedelta(days=1)
_CENTRAL = "central"


def refuse_incompetent(leadership: LeadershipRecord, event: Event, around: Neighbourhood) -> None:
    """The body that decided may take this act on that day, by the rule book's list of acts.

    A voiding needs the power that the voided event needed. What ends with the organisation was
    decided with it.
    """
    judged = _judged(leadership, event)
    if isinstance(judged, Closed):
        return
    day = judged.effective_on
    rule = around.rules.on(day).rule("leadership.deciders")
    allowed = rule.value[judged.TOPIC.partition(".")[2]]
    days = {day, event.effective_on}
    authority = event.envelope.authority
    if not any(_relation(authority, leadership, on, around) in allowed for on in days):
        raise NotCompetent(
            f"{authority.name!r} has no power over this: {either(allowed)} decides; say in "
            "authority.organisation_id which organisation it is, the one concerned or one above",
            field="authority",
            rule="INV-ORG-5",
            document=rule.document,
            id=str(leadership.organisation_id),
        )


def _judged(leadership: LeadershipRecord, event: Event) -> Event:
    """The event whose power is asked for: the voided one of a voiding."""
    voids = event.envelope.voids if isinstance(event, Voided) else None
    return (leadership.event_at(voids) if voids else None) or event


def _relation(
    authority: Authority, leadership: LeadershipRecord, day: date, around: Neighbourhood
) -> str:
    """How the deciding body stands to the organisation: "own", "above", "outside", or "other"."""
    level = _levels(day, around).get(folded(authority.name))
    if authority.organisation_id is None:
        return "above" if level == _CENTRAL else "outside"
    if level is not None:
        return "other"  # the name of one body, the id of another
    if authority.organisation_id == leadership.organisation_id:
        return "own"
    above = _above(leadership.organisation_id, day, around)
    return "above" if authority.organisation_id in above else "other"


def _levels(day: date, around: Neighbourhood) -> dict[str, str]:
    bodies: dict[str, str] = around.rules.on(day).value("authority.bodies")
    return {folded(name): level for name, level in bodies.items()}


def _above(organisation_id: UUID, day: date, around: Neighbourhood) -> set[UUID]:
    """Those above it on that day or the day before: it may end with this day."""
    organisation = around.find_any(PartyOrganisation, organisation_id)
    if organisation is None:
        return set()
    days = (day, day - _DAY)
    return {each.id for on in days for each in superiors_on(organisation, on, around.find)}
