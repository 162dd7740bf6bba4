"""What differs between two points in both times, causes kept apart."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from api import openapi
from api.models import Differing, Items
from api.parameters import Category, Day, KnownAt, Pages
from api.reads import Answer, AtDesk
from domain.aggregate import Event
from projections.lineage import LINEAGE
from projections.organisations import Organisations
from projections.point import Point
from projections.units import Units
from services.diff import Difference, differences

router = APIRouter(prefix="/diff", tags=["explaining"])


class DiffAsked(Pages):
    """Two points; what is left out is today, and all that the read models know."""

    DAY: ClassVar[str] = "to"
    KNOWN: ClassVar[str] = "to_known_at"

    category: Category
    begins: Day = Field(alias="from", description="The day from which one looks.")
    ends: Day | None = Field(None, alias="to", description="The day to which one looks.")
    from_known_at: KnownAt | None = Field(
        None, description="As known then; left out: as known at `to_known_at`."
    )
    to_known_at: KnownAt | None = None

    @property
    def day(self) -> date | None:
        return self.ends

    @property
    def knowing(self) -> int | datetime | None:
        return self.to_known_at

    @property
    def is_pinned(self) -> bool:
        return not isinstance(self.from_known_at, datetime)


@router.get("", summary="What differs", responses=openapi.table(Items[Differing]))
def diff(desk: AtDesk, asked: Annotated[DiffAsked, Query()]) -> Response:
    """A row for each field that differs: it happened, was learned late, or was corrected.

    `limit` counts units or organisations, each of which may have several rows.
    """
    views = (asked.category, LINEAGE.name)
    began = asked.from_known_at
    known = desk.position_at(began, views) if isinstance(began, datetime) else began
    with desk.open(asked, views) as answer:
        found, further = differences(
            desk.request.app.state.register,
            answer.reading,
            asked.category,
            _begins(answer, asked.begins, known),
            answer.reading.point,
            _after(answer),
            asked.limit,
        )
        rows = _rows(asked.category, found, answer)
        return answer.rows(Differing, rows, answer.next((further,)) if further else None)


def _begins(answer: Answer, day: date, known_at: int | None) -> Point:
    reading = answer.reading
    return reading.point_at(day, reading.point.known_at if known_at is None else known_at)


def _after(answer: Answer) -> UUID | None:
    after = answer.after()
    return UUID(str(after[0])) if after else None


def _rows(category: Category, found: list[Difference], answer: Answer) -> list[dict[str, Any]]:
    reading = answer.reading
    asking = Units if category == "units" else Organisations
    nodes: Units | Organisations = asking(reading.connection, reading.schema)
    names = nodes.names([each.id for each in found], reading.point.known_at)
    return [
        {
            "id": each.id,
            "name": names.get(each.id),
            "field": each.field,
            "before": each.before,
            "after": each.after,
            "cause": each.cause,
            **_because(each.event),
        }
        for each in found
    ]


_OF_THE_EVENT = ("position", "event_type", "effective_on", "recorded_at", "document")


def _because(event: Event | None) -> dict[str, Any]:
    if event is None:
        return dict.fromkeys((*_OF_THE_EVENT, "correlation_id"))
    return {
        "position": event.position,
        "event_type": event.TOPIC,
        "effective_on": event.effective_on,
        "recorded_at": event.recorded_at,
        "document": event.basis[0].number if event.basis else None,
        "correlation_id": event.envelope.correlation_id,
    }
