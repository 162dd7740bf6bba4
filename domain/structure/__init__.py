"""Rules that bind a node to its neighbours: superiors, siblings, successors, deciding bodies.

Each is asked after the commands of one transaction have decided and before anything is stored, over
the lives as they would then be. `find` gives the neighbours; the caller sees to it that what was
found is still so when the events are stored (guards and keys).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from domain.aggregate import Aggregate, Event
from domain.node import Node
from domain.organisation import PartyOrganisation
from domain.structure.competence import refuse_incompetent
from domain.structure.neighbourhood import Neighbourhood
from domain.structure.siblings import refuse_same_codes, refuse_same_names
from domain.structure.succession import (
    refuse_forsaken_givers,
    refuse_idle_successors,
    refuse_missing_units,
)
from domain.structure.superiors import refuse_orphans, refuse_superiors

__all__ = [
    "Neighbourhood",
    "ids_around",
    "refuse_breaches",
    "refuse_incompetent",
    "touched_since",
]


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


def touched_since(stream: Aggregate, events: Iterable[Event]) -> date:
    """The earliest day on which these events of `stream` can have changed anything."""
    return min(stream.since(event) for event in events)


def ids_around(node: Node, events: Iterable[Event]) -> set[UUID]:
    """Ids that the rules above will ask for first; the rest is found on the way."""
    ids = {span.value for span in node.superior_id.spans() if span.value}
    ids |= {s.id for _, successors in node.hand_overs() for s in successors}
    ids |= {a for e in events if (a := e.envelope.authority.organisation_id)}
    if isinstance(node, PartyOrganisation):
        ids |= {span.value for span in node.unit_id.spans() if span.value}
    return ids
