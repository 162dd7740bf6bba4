"""Every aggregate and every event there is, by the names they are stored under."""

from __future__ import annotations

from domain.aggregate import Aggregate, Event
from domain.award import Award
from domain.dossier.dossier import Dossier
from domain.evaluation.review import Review
from domain.leadership import Leadership
from domain.membership import Membership
from domain.organisation import PartyOrganisation
from domain.person import Person
from domain.read_model import ReadModel
from domain.unit import AdministrativeUnit

AGGREGATES: tuple[type[Aggregate], ...] = (
    AdministrativeUnit,
    PartyOrganisation,
    Leadership,
    Person,
    Review,
    Award,
    Membership,
    ReadModel,
    Dossier,
)


def events_of(aggregate: type[Aggregate]) -> list[type[Event]]:
    """The event classes of one aggregate, in the order in which it declares them."""
    nested = [c for c in vars(aggregate).values() if isinstance(c, type)]
    return list(dict.fromkeys(c for c in nested if issubclass(c, Event) and c is not Event))


EVENTS: dict[str, type[Event]] = {
    event.TOPIC: event for aggregate in AGGREGATES for event in events_of(aggregate)
}
