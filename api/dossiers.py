"""The acts about reorganisation dossiers, an endpoint each."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.responses import Response

from api import openapi
from api.dossier_bodies import Act, Approval, Scheduling, Withdrawal, file_body
from api.dossier_clerk import AtDossierClerk, AtDrafter
from api.dossier_models import DossierActed
from services.dossiers import commands


class _DossierConvertor(StringConvertor):
    """Leaves what stands beside the dossiers alone: there one may get, and nothing else."""

    regex = "(?!template$)[^/]+"


register_url_convertor("dossier", _DossierConvertor())
router = APIRouter(prefix="/dossiers", tags=["dossiers"])


def _act(summary: str, *more: int) -> dict[str, Any]:
    return openapi.act(summary, DossierActed, *more)


@router.post("", **_act("Draw up a dossier"), openapi_extra=file_body())
def draw_up(drafter: AtDrafter) -> Response:
    """A reorganisation as rows, before and after, from a file (lập hồ sơ).

    Everything that is wrong with the form of the file is told at once, each with its place.
    """
    return drafter.draw_up()


@router.put("/{id:dossier}", **_act("Draw a dossier up anew"), openapi_extra=file_body())
def draw_up_anew(id: UUID, drafter: AtDrafter) -> Response:
    """Other rows: what was checked and approved counts no more (lập lại hồ sơ).

    Of one that was carried out this begins a correction.
    """
    return drafter.draw_up_anew(id)


@router.post("/{id}/checks", **_act("Check a dossier"))
def check(id: UUID, body: Act, clerk: AtDossierClerk) -> Response:
    """Recorded when it passes (kiểm tra). Else `findings` has all that is wrong, row by row."""
    at, about = clerk.position, clerk.acts_on(id, body)
    return clerk.act(commands.Check(today=clerk.today, at=at, **about), body)


@router.post("/{id}/approvals", **_act("Approve a dossier"))
def approve(id: UUID, body: Approval, clerk: AtDossierClerk) -> Response:
    """By another person than drew it up; of the outcome that was read (phê duyệt)."""
    return clerk.act(commands.Approve(digest=body.digest, **clerk.acts_on(id, body)), body)


@router.post("/{id}/schedules", **_act("Schedule a dossier"))
def schedule(id: UUID, body: Scheduling, clerk: AtDossierClerk) -> Response:
    """To be carried out on a day, not before (lên lịch thực hiện)."""
    return clerk.act(commands.Schedule(due_on=body.due_on, **clerk.acts_on(id, body)), body)


@router.post("/{id}/carrying-out", **_act("Carry a dossier out", 202))
def carry_out(id: UUID, body: Act, clerk: AtDossierClerk) -> Response:
    """All that was approved, in one transaction, or nothing (thực hiện). Again: records nothing.

    With `Prefer: respond-async` the answer comes at once; GET of this address tells how far it is.
    """
    command = commands.CarryOut(today=clerk.today, **clerk.acts_on(id, body))
    return clerk.carry_out(command, body)


@router.post("/{id}/withdrawals", **_act("Withdraw a dossier"))
def withdraw(id: UUID, body: Withdrawal, clerk: AtDossierClerk) -> Response:
    """Before its day: it has no effect, and its trace stays (rút hồ sơ)."""
    return clerk.act(commands.Withdraw(today=clerk.today, **clerk.acts_on(id, body)), body)
