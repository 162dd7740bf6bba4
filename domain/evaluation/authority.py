"""Which bodies stand above an organisation, or above those that took its place."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from domain.envelope import Authority
from domain.names import folded
from domain.node import Node
from domain.structure.neighbourhood import Neighbourhood
from domain.structure.superiors import superiors_on


def is_central(authority: Authority, day: date, around: Neighbourhood) -> bool:
    """Whether it is a body of the Centre, which is outside the register."""
    if authority.organisation_id is not None:
        return False
    bodies: dict[str, str] = around.rules.on(day).value("authority.bodies")
    levels = {folded(name): level for name, level in bodies.items()}
    return levels.get(folded(authority.name)) == "central"


def above(body: Node, day: date, around: Neighbourhood) -> set[UUID]:
    """Those above `body` on a day; once it has ended, on its last day, or above its heirs."""
    ended = body.ended_on()
    if ended is None or day < ended:
        return {each.id for each in superiors_on(body, day, around.find)}
    found = {each.id for each in superiors_on(body, ended - timedelta(days=1), around.find)}
    for on, successors in body.hand_overs():
        for heir in (around.find(s.id) for s in successors if on <= day):
            if heir is not None and heir.is_active_on(day):
                found |= {each.id for each in superiors_on(heir, day, around.find)}
    return found
