"""Every view there is, by name."""

from __future__ import annotations

from projections.assignments import ASSIGNMENTS
from projections.audit import AUDIT
from projections.awards import AWARDS
from projections.bodies import BODIES
from projections.dossiers import DOSSIERS
from projections.engine.view import View
from projections.holdings import HOLDINGS
from projections.lineage import LINEAGE
from projections.memberships import MEMBERSHIPS
from projections.organisations import ORGANISATIONS
from projections.reviews import REVIEWS
from projections.rounds import ROUNDS
from projections.seats import SEATS
from projections.units import UNITS

_OF_NODES = (UNITS, ORGANISATIONS, LINEAGE, AUDIT)
_OF_LEADERSHIP = (HOLDINGS, SEATS, BODIES, ASSIGNMENTS)
_OF_MEMBERS = (MEMBERSHIPS, ROUNDS, REVIEWS, AWARDS)
_OF_DOSSIERS = (DOSSIERS,)

VIEWS: dict[str, View] = {
    view.name: view for view in (*_OF_NODES, *_OF_LEADERSHIP, *_OF_MEMBERS, *_OF_DOSSIERS)
}
