"""Every view there is, by name."""

from __future__ import annotations

from projections.audit import AUDIT
from projections.lineage import LINEAGE
from projections.organisations import ORGANISATIONS
from projections.units import UNITS
from projections.view import View

VIEWS: dict[str, View] = {view.name: view for view in (UNITS, ORGANISATIONS, LINEAGE, AUDIT)}
