"""From codes or names of one day to those of another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from api import openapi
from api.bodies import CodeText
from api.clerk import body_only
from api.models import Crossed, Items
from api.parameters import Between, Text
from api.reads import AtDesk
from projections.lineage import LINEAGE
from projections.units import UNITS
from services.crosswalk import CODES_MAX, Crossing, CrosswalkLine, rounded
from services.crosswalk import crosswalk as crossed

router = APIRouter(prefix="/crosswalk", tags=["lineage"])


VIEWS = (UNITS.name, LINEAGE.name)
_NOTHING: dict[str, Any] = dict.fromkeys(Crossed.model_fields)


class CrosswalkAsked(Between):
    codes: list[Text] = Field(
        min_length=1,
        max_length=100,
        description="May be repeated. Names as well: P.12, Q. Gò Vấp, TP HCM.",
    )
    scheme: CodeText = Field("nso", description="The scheme of the codes.")


class CrosswalkManyAsked(Between):
    codes: list[Text] = Field(min_length=1, max_length=CODES_MAX, description="Names as well.")
    scheme: CodeText = "nso"


@router.get("", summary="Where a few codes lead", responses=openapi.table(Items[Crossed]))
def crosswalk(desk: AtDesk, asked: Annotated[CrosswalkAsked, Query()]) -> Response:
    """A row for each unit found; a code that leads nowhere has one row without a unit.

    Whole on purpose: of a split, no part may be missing.
    """
    return _told(desk, asked)


@router.post(
    "",
    summary="Where many codes lead",
    responses=openapi.table(Items[Crossed], 400, 413, 415),
    dependencies=[Depends(body_only)],
)
def crosswalk_many(desk: AtDesk, asked: CrosswalkManyAsked) -> Response:
    """As with GET, for up to 10,000 codes or names and 50,000 rows.

    It records nothing and needs no token.
    """
    return _told(desk, asked)


def _told(desk: AtDesk, asked: CrosswalkAsked | CrosswalkManyAsked) -> Response:
    with desk.open(asked, VIEWS) as answer:
        lines = crossed(answer.reading, asked.codes, asked.begins, asked.ends, asked.scheme)
        return answer.whole(Crossed, [row for line in lines for row in _rows(line, asked.scheme)])


def _rows(line: CrosswalkLine, scheme: str) -> Iterator[dict[str, Any]]:
    nothing = _NOTHING | {"code": line.code, "certainty": line.certainty, "positions": []}
    if not line.crossings:
        yield nothing
    for crossing in line.crossings:
        asked = crossing.asked
        borne = nothing | {
            "asked_id": asked.unit_id,
            "asked_code": asked.codes.get(scheme),
            "asked_name": asked.name,
        }
        if not crossing.found:
            yield borne
        for found in _found(crossing, scheme):
            yield borne | found


def _found(crossing: Crossing, scheme: str) -> Iterator[dict[str, Any]]:
    for found in crossing.found:
        yield {
            "found_code": found.unit.codes.get(scheme),
            "found_id": found.unit.unit_id,
            "found_name": found.unit.name,
            "found_level": found.unit.level,
            "found_type": found.unit.type,
            "extent": found.extent,
            "population_share": rounded(found.share.population),
            "area_share": rounded(found.share.area),
            "is_computed": found.share.is_computed,
            "population": found.population,
            "area": found.area,
            "is_default": found.is_default,
            "steps": found.steps,
            "positions": list(found.documents),
        }
