"""Administrative units: what can be read of them, and what can be recorded about them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from api import bodies, changes, openapi
from api.audit import add_audit
from api.clerk import AtClerk
from api.lineage import add_lineage
from api.models import Items, UnitOne, UnitPlaced, UnitRow, UnitSpan
from api.nodes import Trade, add_reads, list_nodes
from api.parameters import UnitFilters
from api.reads import AtDesk
from domain.envelope import Envelope
from domain.unit import AdministrativeUnit
from projections.units import Unit, Units
from services.commands import ChangeUnitType, CorrectUnit, EstablishUnit, Merge, Split

TRADE: Trade[Unit] = Trade(
    "units", AdministrativeUnit, Units, UnitRow, UnitOne, UnitPlaced, UnitSpan
)

router = APIRouter(prefix="/units", tags=["units"])


@router.get("", summary="List and search units", responses=openapi.table(Items[UnitRow]))
def units(desk: AtDesk, asked: Annotated[UnitFilters, Query()]) -> Response:
    """Those active on that day, in the order of the Vietnamese alphabet."""
    return list_nodes(TRADE, desk, asked, {"level": asked.level, "type": asked.type})


add_reads(router, TRADE)
add_lineage(router, TRADE)
add_audit(router, TRADE.category)


@router.post("", **openapi.change("Found a unit, or enter one"))
def establish(body: bodies.UnitEstablishment, clerk: AtClerk) -> Response:
    """The same unit with the same id and facts again records nothing (thành lập)."""
    id_ = body.id or clerk.new_id()
    return clerk.found(_founding(id_, body, body.way, clerk.envelope(body)), body)


@router.post("/mergers", **openapi.change("Merge several into a new one"))
def merge(body: bodies.UnitMerger, clerk: AtClerk) -> Response:
    """The sources end on that day, and the new unit takes over the whole of each (hợp nhất)."""
    id_, envelope = clerk.new_id(), clerk.envelope(body)
    founding = _founding(id_, body.founding, "merger", envelope)
    sources = tuple(body.sources)
    command = Merge(of=TRADE.of, id=id_, envelope=envelope, sources=sources, founding=founding)
    return clerk.found(command, body)


@router.post("/{id}/splits", **openapi.change("Split it into several"))
def split(id: UUID, body: bodies.UnitSplit, clerk: AtClerk) -> Response:
    """It ends on that day; the successors take over, new ones are founded with this (chia)."""
    envelope = clerk.envelope(body)
    shares = [(clerk.new_id(), share) for share in body.foundings]
    heirs = [bodies.successor(id_, share) for id_, share in shares]
    command = Split(
        of=TRADE.of,
        successors=(*bodies.successors(body.successors), *heirs),
        foundings=tuple(_founding(i, s.founding, "division", envelope) for i, s in shares),
        **clerk.about(id, body),
    )
    return clerk.record(command, body)


@router.post("/{id}/establishment-corrections", **openapi.change("Correct its beginning"))
def correct(id: UUID, body: bodies.UnitCorrection, clerk: AtClerk) -> Response:
    """Record rightly how it began; `voids` names the wrong record (đính chính)."""
    command = CorrectUnit(
        way=body.way,
        type=body.type,
        name=body.name,
        superior_id=body.superior_id,
        codes=bodies.codes(body.codes),
        **clerk.about(id, body),
    )
    return clerk.record(command, body)


@router.post("/{id}/type-changes", **openapi.change("Make it a unit of another type"))
def change_type(id: UUID, body: bodies.TypeChange, clerk: AtClerk) -> Response:
    """A commune becomes a ward; the level stays for life (chuyển loại hình)."""
    return clerk.record(ChangeUnitType(type=body.type, **clerk.about(id, body)), body)


changes.add(router, AdministrativeUnit)


def _founding(id_: UUID, facts: bodies.UnitFacts, way: str, envelope: Envelope) -> EstablishUnit:
    return EstablishUnit(
        id=id_,
        envelope=envelope,
        way=way,
        level=facts.level,
        type=facts.type,
        name=facts.name,
        superior_id=facts.superior_id,
        codes=bodies.codes(facts.codes),
    )
