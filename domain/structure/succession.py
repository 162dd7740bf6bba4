"""Who hands over to whom, and on what ground an organisation stands (INV-ORG-2)."""

from __future__ import annotations

from datetime import date

from domain.errors import NotActive, SuccessorNotActive
from domain.node import Node
from domain.organisation import PartyOrganisation
from domain.structure.neighbourhood import Neighbourhood
from domain.unit import AdministrativeUnit


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
