"""Every view there is, by name."""

from __future__ import annotations

from projections.audit import AUDIT
from projections.awards import AWARDS
from projections.engine.view import View
from projections.lineage import LINEAGE
from projections.memberships import MEMBERSHIPS
from projections.organisations import ORGANISATIONS
from projections.reviews import REVIEWS
from projections.rounds import ROUNDS
from projections.units import UNITS

VIEWS: dict[str, View] = {
    view.name: view
    for view in (UNITS, ORGANISATIONS, MEMBERSHIPS, LINEAGE, AUDIT, ROUNDS, REVIEWS, AWARDS)
}
