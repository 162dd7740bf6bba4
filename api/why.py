"""Why a value is what it is."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from api import openapi
from api.models import Items, Said
from api.parameters import AtPoint, Category, Text
from api.reads import AtDesk
from services.diff import OF
from services.why import Statement
from services.why import why as asked_why

router = APIRouter(prefix="/why", tags=["explaining"])


class WhyAsked(AtPoint):
    category: Category
    id: UUID
    field: Text = Field(examples=["name"], description="`name`, `superior_id`, `code.nso` ...")


class Reasons(Items[Said]):
    """Everything that was ever said about the field, and what it comes to."""

    id: UUID
    field: str
    value: Any = Field(description="null: nothing is said of that day.")


@router.get("", summary="Why a value is what it is", responses=openapi.table(Reasons, 404))
def why(desk: AtDesk, asked: Annotated[WhyAsked, Query()]) -> Response:
    """The event that decides, what it superseded, what was taken back, and what comes later.

    Whole on purpose, at most 50,000 rows.
    """
    with desk.open(asked, (asked.category,)) as answer:
        register = desk.request.app.state.register
        point = answer.reading.point
        found = asked_why(register, OF[asked.category], asked.id, asked.field, point)
        more = {"id": found.id, "field": found.field, "value": found.value}
        return answer.whole(Said, [_row(*each) for each in found.statements()], **more)


def _row(standing: str, said: Statement) -> dict[str, Any]:
    event, envelope = said.event, said.event.envelope
    return {
        "standing": standing,
        "value": said.value,
        "effective_on": event.effective_on,
        "position": event.position,
        "recorded_at": event.recorded_at,
        "event_type": event.TOPIC,
        "actor_id": envelope.actor.id,
        "authority": envelope.authority.name,
        "basis": envelope.basis,
        "reason": envelope.reason,
        "voided_by": said.voided_by,
    }
