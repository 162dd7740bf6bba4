"""The page on which a person reads what a dossier would come to, before approving it."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.pages import dossier_words, rendering
from api.pages.asking import Asked
from api.pages.dossier_sheet import sheet
from domain.errors import NotFound
from services.dossiers.rehearsals import Rehearsals
from services.register import Register

router = APIRouter(include_in_schema=False)
NOTHING_HERE = "Không có gì ở địa chỉ này. / There is nothing at this address."


@router.api_route("/dossiers/{dossier_id}", methods=["GET", "HEAD"])
def dossier(request: Request, dossier_id: str) -> Response:
    """One dossier, rehearsed now where it is not carried out yet."""
    try:
        known = UUID(dossier_id)
    except ValueError:
        raise NotFound(NOTHING_HERE) from None
    register: Register = request.app.state.register
    rehearsals: Rehearsals = request.app.state.rehearsals
    return rendering.page(
        request,
        "dossier.html",
        asked=Asked(None, None),
        basis=None,
        sheet=sheet(register, rehearsals, known),
        told=dossier_words,
        host=str(request.base_url).rstrip("/"),
    )
