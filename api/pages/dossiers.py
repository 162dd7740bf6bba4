"""The page on which a person reads what a dossier would come to, before approving it."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.pages import asking, dossier_words, rendering
from api.pages.asking import Asked
from api.pages.dossier_sheet import sheet
from api.pages.searching import is_name
from domain.errors import NotFound
from projections.dossiers import DOSSIERS, DossierFilters, Dossiers
from services.dossiers.rehearsals import Rehearsals
from services.reading import Readings
from services.register import Register

router = APIRouter(include_in_schema=False)
NOTHING_HERE = "Không có gì ở địa chỉ này. / There is nothing at this address."


SHOWN = 100


@router.api_route("/dossiers", methods=["GET", "HEAD"])
def dossiers(request: Request, q: str = "", after: str = "") -> Response:
    """All there are, by the days on which they take effect; `after` is the last one shown."""
    readings: Readings = request.app.state.readings
    sought = asking.query(q)
    filters = DossierFilters(q=sought if is_name(sought) else None)
    with readings.at(views=(DOSSIERS.name,)) as reading:
        known = reading.point.known_at
        listed = Dossiers(reading.connection, reading.schema)
        last = listed.one(_id(after), known) if after else None
        beyond = (last.effective_on, last.dossier_id) if last else None
        found = listed.many(known, filters, beyond, SHOWN + 1)
        return rendering.page(
            request,
            "dossiers.html",
            asked=Asked(None, None),
            basis=reading.basis,
            query=sought,
            found=found[:SHOWN],
            further=found[SHOWN - 1].dossier_id if len(found) > SHOWN else None,
            told=dossier_words,
        )


@router.api_route("/dossiers/{dossier_id}", methods=["GET", "HEAD"])
def dossier(request: Request, dossier_id: str) -> Response:
    """One dossier, rehearsed now where it is not carried out yet."""
    known = _id(dossier_id)
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


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(NOTHING_HERE) from None
