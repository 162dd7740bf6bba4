"""Party organisations: what can be read of them, and what can be recorded about them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from api import bodies, changes, openapi
from api.audit import add_audit
from api.clerk import AtClerk
from api.lineage import add_lineage
from api.models import Items, OrganisationOne, OrganisationPlaced, OrganisationRow, OrganisationSpan
from api.nodes import Trade, add_reads, list_nodes
from api.parameters import OrganisationFilters
from api.reads import AtDesk
from domain.envelope import Envelope
from domain.organisation import PartyOrganisation
from projections.organisations import Organisation, Organisations
from services.commands import (
    ChangeKind,
    CorrectOrganisation,
    EstablishOrganisation,
    Merge,
    Relocate,
    ResumeActivity,
    Split,
    SuspendActivity,
)

TRADE: Trade[Organisation] = Trade(
    "organisations",
    PartyOrganisation,
    Organisations,
    OrganisationRow,
    OrganisationOne,
    OrganisationPlaced,
    OrganisationSpan,
)

router = APIRouter(prefix="/organisations", tags=["organisations"])


@router.get(
    "", summary="List and search organisations", responses=openapi.table(Items[OrganisationRow])
)
def organisations(desk: AtDesk, asked: Annotated[OrganisationFilters, Query()]) -> Response:
    """Those active on that day, in the order of the Vietnamese alphabet."""
    kinds: dict[str, list[Any]] = {"kind": asked.kind, "status": list(asked.status)}
    return list_nodes(TRADE, desk, asked, kinds, unit_id=asked.unit, setting=asked.setting)


add_reads(router, TRADE)
add_lineage(router, TRADE)
add_audit(router, TRADE.category)


@router.post("", **openapi.change("Found an organisation, or enter one"))
def establish(body: bodies.OrganisationEstablishment, clerk: AtClerk) -> Response:
    """The same organisation with the same id and facts again records nothing (thành lập)."""
    id_ = body.id or clerk.new_id()
    return clerk.found(_founding(id_, body, body.way, clerk.envelope(body)), body)


@router.post("/mergers", **openapi.change("Merge several into a new one"))
def merge(body: bodies.OrganisationMerger, clerk: AtClerk) -> Response:
    """The sources end on that day, and the new one takes over the whole of each (hợp nhất)."""
    id_, envelope = clerk.new_id(), clerk.envelope(body)
    founding = _founding(id_, body.founding, "merger", envelope)
    sources = tuple(body.sources)
    command = Merge(of=TRADE.of, id=id_, envelope=envelope, sources=sources, founding=founding)
    return clerk.found(command, body)


@router.post("/{id}/splits", **openapi.change("Split it into several"))
def split(id: UUID, body: bodies.OrganisationSplit, clerk: AtClerk) -> Response:
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
def correct(id: UUID, body: bodies.OrganisationCorrection, clerk: AtClerk) -> Response:
    """Record rightly how it began; `voids` names the wrong record (đính chính)."""
    facts = bodies.organisation_facts(body)
    return clerk.record(CorrectOrganisation(way=body.way, **facts, **clerk.about(id, body)), body)


@router.post("/{id}/kind-changes", **openapi.change("Make it an organisation of another kind"))
def change_kind(id: UUID, body: bodies.KindChange, clerk: AtClerk) -> Response:
    """A base organisation becomes one above the base, for instance (chuyển loại hình)."""
    return clerk.record(ChangeKind(kind=body.kind, **clerk.about(id, body)), body)


@router.post("/{id}/relocations", **openapi.change("Let it stand on another unit"))
def relocate(id: UUID, body: bodies.Relocation, clerk: AtClerk) -> Response:
    """It stands on this administrative unit from that day on (chuyển địa bàn)."""
    return clerk.record(Relocate(unit_id=body.unit_id, **clerk.about(id, body)), body)


@router.post("/{id}/suspensions", **openapi.change("Suspend its activity"))
def suspend(id: UUID, body: bodies.Change, clerk: AtClerk) -> Response:
    """Its activity is suspended from that day on; it goes on to exist (đình chỉ hoạt động)."""
    return clerk.record(SuspendActivity(**clerk.about(id, body)), body)


@router.post("/{id}/resumptions", **openapi.change("Let its activity begin again"))
def resume(id: UUID, body: bodies.Change, clerk: AtClerk) -> Response:
    """Its activity begins again on that day (hoạt động trở lại)."""
    return clerk.record(ResumeActivity(**clerk.about(id, body)), body)


changes.add(router, PartyOrganisation)


def _founding(
    id_: UUID, facts: bodies.OrganisationFacts, way: str, envelope: Envelope
) -> EstablishOrganisation:
    return EstablishOrganisation(
        id=id_, envelope=envelope, way=way, **bodies.organisation_facts(facts)
    )
