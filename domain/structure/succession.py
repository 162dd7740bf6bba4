"""Who hands over to whom, and on what ground an organisation stands (INV-ORG-2)."""

from __future__ import annotations

from datetime import date

from domain.errors import NotActive, NotFound, RuleBroken, SuccessorNotActive
from domain.node import Node
from domain.organisation import PartyOrganisation
from domain.structure.neighbourhood import Neighbourhood
from domain.unit import AdministrativeUnit


def refuse_idle_successors(node: Node, since: date, around: Neighbourhood) -> None:
    """Who takes over is of the same kind and active on that day: no day lies between."""
    end = node.standing_end()
    for day, successors in node.hand_overs():
        converts = end is not None and end.effective_on == day and end.way == "conversion"
        for successor in successors if day >= since else ():
            heir = around.find(successor.id)
            about = {"field": "successors", "id": str(node.id), "successor_id": str(successor.id)}
            if heir is None or type(heir) is not type(node):
                raise NotFound(f"There is no {node.TOPIC} {successor.id} to take over", **about)
            if not heir.is_active_on(day):
                words = f"{heir.name.at(day) or 'The successor'} is not active on {day:%d/%m/%Y}"
                raise SuccessorNotActive(words, rule="INV-ORG-2", **about)
            if not converts and _level(heir) != _level(node):
                raise RuleBroken("One of another level takes over by conversion only", **about)


def _level(node: Node) -> str:
    return node.level if isinstance(node, AdministrativeUnit) else ""


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
