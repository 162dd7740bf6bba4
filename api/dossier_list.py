"""The dossiers there are, from their read model."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from api import openapi
from api.dossier_models import State
from api.models import Items, Shape
from api.parameters import Day, Fragment, Known, Pages, Text
from api.reads import AtDesk
from projections.dossiers import DOSSIERS, DossierFilters, Dossiers, Standing

router = APIRouter(prefix="/dossiers", tags=["dossiers"])


class DossierRow(Shape):
    """How a dossier stands; what it comes to is of its last passing check."""

    id: UUID
    key: str | None
    title: str
    state: State
    effective_on: date
    scope: str | None = Field(description="Code of the province; null: the country.")
    rows: int
    drafter_id: str
    approver_id: str | None
    digest: str | None
    operations: int | None
    events: int | None
    warnings: int | None
    due_on: date | None
    carried_out_at: int | None = Field(description="Position of its last carrying out.")
    corrections: int


class DossiersAsked(Known, Pages):
    state: State | None = Field(None, description="In that state.")
    effective_on: Day | None = Field(None, description="Takes effect on that day.")
    scope: Text | None = Field(None, description="Code of the province.")
    name: Fragment | None = Field(
        None, description="Part of the title; tone marks do not matter.", examples=["phu tho"]
    )


@router.get("", summary="Dossiers", responses=openapi.table(Items[DossierRow]))
def dossiers(desk: AtDesk, asked: Annotated[DossiersAsked, Query()]) -> Response:
    """In the order of the days on which they take effect."""
    filters = DossierFilters(asked.state, asked.effective_on, asked.scope, asked.name)
    with desk.open(asked, (DOSSIERS.name,)) as answer:
        last = answer.after()
        after = (date.fromisoformat(str(last[0])), UUID(str(last[1]))) if last else None
        reading = answer.reading
        found = Dossiers(reading.connection, reading.schema).many(
            reading.point.known_at, filters, after, asked.limit + 1
        )
        return answer.page(
            DossierRow, found, _told, lambda d: (d.effective_on.isoformat(), d.dossier_id)
        )


def _told(standing: Standing) -> dict[str, Any]:
    apart = {"id": standing.dossier_id}
    return apart | {n: getattr(standing, n) for n in DossierRow.model_fields if n != "id"}
