"""The changes that units and organisations share, an endpoint each."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from api import bodies, openapi
from api.clerk import AtClerk
from domain.codes import Code
from domain.node import Node
from services.commands import AssignCode, CedePart, End, Merge, Rename, Resubordinate, Void


def add(router: APIRouter, of: type[Node]) -> None:
    """The changes of one kind of node."""
    _add_attributes(router, of)
    _add_fates(router, of)


def _add_attributes(router: APIRouter, of: type[Node]) -> None:
    @router.post("/{id}/renamings", **openapi.change("Give it another name"))
    def rename(id: UUID, body: bodies.Renaming, clerk: AtClerk) -> Response:
        """It bears this official name from that day on (đổi tên)."""
        return clerk.record(Rename(of=of, name=body.name, **clerk.about(id, body)), body)

    @router.post("/{id}/resubordinations", **openapi.change("Put it under another superior"))
    def resubordinate(id: UUID, body: bodies.Resubordination, clerk: AtClerk) -> Response:
        """It stands under this superior from that day on (chuyển về trực thuộc)."""
        about = clerk.about(id, body)
        return clerk.record(Resubordinate(of=of, superior_id=body.superior_id, **about), body)

    @router.post("/{id}/codes", **openapi.change("Give it an official code"))
    def assign_code(id: UUID, body: bodies.CodeAssignment, clerk: AtClerk) -> Response:
        """It bears this code of that scheme from that day on (cấp mã số)."""
        code = Code(body.scheme, body.value)
        return clerk.record(AssignCode(of=of, code=code, **clerk.about(id, body)), body)


def _add_fates(router: APIRouter, of: type[Node]) -> None:
    @router.post("/{id}/cessions", **openapi.change("Give a part of it to others"))
    def cede(id: UUID, body: bodies.Cession, clerk: AtClerk) -> Response:
        """It gives parts and lives on (điều chỉnh, chuyển một phần)."""
        heirs = bodies.successors(body.successors)
        return clerk.record(CedePart(of=of, successors=heirs, **clerk.about(id, body)), body)

    @router.post("/{id}/endings", **openapi.change("Let it end"))
    def end(id: UUID, body: bodies.EndingBody, clerk: AtClerk) -> Response:
        """It is no more from that day on (kết thúc hoạt động); `successors` take over."""
        heirs, about = bodies.successors(body.successors), clerk.about(id, body)
        return clerk.record(End(of=of, way=body.way, successors=heirs, **about), body)

    @router.post("/{id}/voidings", **openapi.change("Take a record back"))
    def void(id: UUID, body: bodies.Voiding, clerk: AtClerk) -> Response:
        """Withdraw what was scheduled, or strike what was recorded wrongly; it is final."""
        return clerk.record(Void(of=of, **clerk.about(id, body)), body)

    @router.post("/{id}/mergers", **openapi.change("Merge others into it"))
    def merge_into(id: UUID, body: bodies.MergerInto, clerk: AtClerk) -> Response:
        """The sources end on that day, and it takes over the whole of each (sáp nhập)."""
        sources = tuple(body.sources)
        return clerk.record(Merge(of=of, sources=sources, **clerk.about(id, body)), body)
