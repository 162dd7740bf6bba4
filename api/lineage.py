"""What became of one, and what it was made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from api import openapi
from api.models import Items, Relative
from api.nodes import Trade, missing
from api.parameters import AtPoint, Day
from api.reads import Answer, AtDesk
from domain.lineage import Certainty, Step
from projections.lineage import CATEGORIES, LINEAGE, HandOver, Lineage
from projections.point import Point
from services.crosswalk import answers_for

_ONE_DAY = timedelta(days=1)


class Relatives(Items[Relative]):
    """Those found, how sure it is, and between which days one looked."""

    certainty: Certainty
    begins: date = Field(alias="from")
    ends: date = Field(alias="to")


class SuccessorsAsked(AtPoint):
    begins: Day | None = Field(
        None, alias="from", description="As it was on that day; left out: before it first gave."
    )


class PredecessorsAsked(AtPoint):
    ends: Day | None = Field(
        None, alias="to", description="Who was there on that day; left out: before it last took."
    )


SuccessorsQuery = Annotated[SuccessorsAsked, Query()]
PredecessorsQuery = Annotated[PredecessorsAsked, Query()]


def add_lineage(router: APIRouter, trade: Trade[Any]) -> None:
    """Descent of one node, in both directions."""

    @router.get(
        "/{id}/successors",
        summary="What became of it",
        tags=["lineage"],
        responses=openapi.table(Relatives, 404),
    )
    def successors(id: UUID, desk: AtDesk, asked: SuccessorsQuery) -> Response:
        """Over any number of steps: exact, split or ambiguous, never a silent pick.

        Whole on purpose, at most 50,000 rows: who sees a part of the heirs might take it for all.
        """
        with desk.open(asked, (*trade.views, LINEAGE.name)) as answer:
            day = answer.reading.point.valid_at
            gave = [h.on_day for h in _hand_overs(trade, id, answer) if h.giver == id]
            begins = asked.begins or (_before(min(gave)) if gave else day)
            return _told(trade, id, begins, day, answer)

    @router.get(
        "/{id}/predecessors",
        summary="What it was made of",
        tags=["lineage"],
        responses=openapi.table(Relatives, 404),
    )
    def predecessors(id: UUID, desk: AtDesk, asked: PredecessorsQuery) -> Response:
        """Those whose whole or part lies in it on that day, each with its extent. Whole as well."""
        with desk.open(asked, (*trade.views, LINEAGE.name)) as answer:
            day = answer.reading.point.valid_at
            handed = _hand_overs(trade, id, answer)
            took = [h.on_day for h in handed if h.taker == id and h.on_day <= day]
            ends = asked.ends or (_before(max(took)) if took else day)
            return _told(trade, id, day, ends, answer)


def _before(day: date) -> date:
    return max(day, date.min + _ONE_DAY) - _ONE_DAY


def _hand_overs(trade: Trade[Any], id_: UUID, answer: Answer) -> list[HandOver]:
    """Raises NotFound when nothing was known of it."""
    reading = answer.reading
    known_at = reading.point.known_at
    if not trade.asking(reading).lives([id_], known_at):
        raise missing(trade, id_, reading)
    return Lineage(reading.connection, reading.schema).hand_overs(id_, known_at)


def _told(trade: Trade[Any], id_: UUID, begins: date, ends: date, answer: Answer) -> Response:
    reading = answer.reading
    found = answers_for(reading, [id_], begins, ends, CATEGORIES[trade.of])[id_]
    rows = _rows(trade, found.steps, found.certainty, Point(ends, reading.point.known_at), answer)
    more = {"certainty": found.certainty, "from": begins, "to": ends}
    return answer.whole(Relative, rows, **more)


def _rows(
    trade: Trade[Any], steps: Sequence[Step], certainty: Certainty, point: Point, answer: Answer
) -> list[dict[str, Any]]:
    nodes = trade.asking(answer.reading).named([step.id for step in steps], point)
    states = {trade.id(node): node for node in nodes}
    return [
        {
            "id": step.id,
            "name": states[step.id].name,
            "codes": states[step.id].codes,
            "extent": step.extent,
            "is_default": step.is_default,
            "certainty": certainty,
            "positions": [edge.order for edge in step.edges],
        }
        for step in steps
    ]
