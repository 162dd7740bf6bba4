"""What can be read of who leads: holders, posts, vacancies, working regulations, assignments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import AfterValidator, BaseModel, Field
from starlette.responses import Response

from api import openapi
from api.leadership_models import (
    AssignmentRow,
    BodyRow,
    CoverageRow,
    LeaderRow,
    Leaders,
    LeaderSpan,
    SeatRow,
)
from api.models import Items
from api.nodes import refuse_absent
from api.organisations import TRADE
from api.parameters import AtPoint, AtPointQuery, Known, Pages, Text
from api.reads import Answer, AtDesk, AtNamingDesk
from projections.assignments import Assignments
from projections.bodies import Bodies, CoverageFilters
from projections.holdings import Held, Holdings
from projections.seats import SeatPlans
from services import leading
from services.telling import term

router = APIRouter(tags=["leadership"])

_SEAT = re.compile(r"[a-z_]{1,60}\.[a-z_]{1,60}")


def _seat(text: str) -> str:
    if not _SEAT.fullmatch(text):
        raise ValueError("a post is asked for with its body, like executive_committee.secretary")
    return text


Seat = Annotated[
    str,
    AfterValidator(_seat),
    Path(
        description="A post with its body, by the codes of the rule book.",
        examples=["executive_committee.secretary"],
    ),
]


class LeadersAsked(AtPoint):
    body: Text | None = Field(None, description="Of this body alone.")
    post: Text | None = Field(None, description="This post alone.")


class PostsAsked(AtPoint):
    ever: bool = Field(False, description="Not of that day alone: all that was ever held.")


class VacanciesAsked(AtPoint, Pages):
    under: UUID | None = Field(None, description="In this organisation and all below it.")


class CoverageAsked(AtPoint, Pages):
    under: UUID | None = Field(None, description="This organisation and all below it.")
    missing: bool | None = Field(None, description="Without regulations for the running term.")
    successor: bool | None = Field(None, description="Succeeds a body that is no more.")


@router.get(
    "/organisations/{id}/leadership",
    summary="Who leads it on a day, by which decisions",
    responses=openapi.table(Leaders, 401, 403, 404),
)
def leaders(id: UUID, desk: AtNamingDesk, asked: Annotated[LeadersAsked, Query()]) -> Response:
    """Holders by rank, with who recorded it and when; in JSON seats and bodies beside."""
    with desk.open(asked, leading.LEADERS) as answer:
        reading, point = answer.reading, answer.reading.point
        refuse_absent(TRADE, id, reading)
        held = Holdings(reading.connection, reading.schema).of_organisation(id, point)
        found = leading.by_rank(each for each in held if _is_asked(each, asked))
        seats = SeatPlans(reading.connection, reading.schema).of_organisation(id, point)
        bodies = Bodies(reading.connection, reading.schema).of_organisation(id, point)
        return answer.whole(
            LeaderRow,
            _leaders(answer, found, LeaderRow),
            seats=_only(SeatRow, leading.seats(reading, leading.by_rank(seats))),
            bodies=_only(BodyRow, [_body(each) for each in bodies]),
        )


def _is_asked(held: Held, asked: LeadersAsked) -> bool:
    return asked.body in (None, held.body) and asked.post in (None, held.post)


def _body(body: Any) -> dict[str, Any]:
    values = {field.name: getattr(body, field.name) for field in fields(body)}
    return values | {"body_name": term("body", body.body)}


@router.get(
    "/organisations/{id}/posts/{seat}/history",
    summary="Who ever held a post of it",
    responses=openapi.table(Items[LeaderSpan], 401, 403),
)
def post_history(
    id: UUID, seat: Seat, desk: AtNamingDesk, asked: Annotated[Known, Query()]
) -> Response:
    """As known at one time, in the order of days, with the decisions."""
    body, _, post = seat.partition(".")
    with desk.open(asked, leading.LEADERS) as answer:
        reading = answer.reading
        holdings = Holdings(reading.connection, reading.schema)
        found = holdings.history_of_post(id, body, post, reading.point.known_at)
        return answer.whole(LeaderSpan, _leaders(answer, found, LeaderSpan))


@router.get(
    "/people/{id}/posts",
    summary="Which posts a person holds",
    responses=openapi.table(Items[LeaderSpan], 401, 403),
)
def posts(id: UUID, desk: AtNamingDesk, asked: Annotated[PostsAsked, Query()]) -> Response:
    """All of them on that day, inside and outside the Party; with `ever` the whole career."""
    with desk.open(asked, leading.LEADERS) as answer:
        reading, point = answer.reading, answer.reading.point
        holdings = Holdings(reading.connection, reading.schema)
        if asked.ever:
            found = holdings.history_of_person(id, point.known_at)
        else:
            found = holdings.of_person(id, point)
        return answer.whole(LeaderSpan, _leaders(answer, found, LeaderSpan))


@router.get("/vacancies", summary="Which seats are vacant", responses=openapi.table(Items[SeatRow]))
def vacancies(desk: AtDesk, asked: Annotated[VacanciesAsked, Query()]) -> Response:
    """Posts with vacant seats on that day, since when, and how long overdue."""
    with desk.open(asked, leading.VACANCIES) as answer:
        reading, after = answer.reading, answer.after()
        plans = SeatPlans(reading.connection, reading.schema)
        beyond = (UUID(str(after[0])), str(after[1]), str(after[2])) if after else None
        found = plans.vacancies(reading.point, asked.under, beyond, asked.limit + 1)
        told = _only(SeatRow, leading.seats(reading, found))
        return answer.page(
            SeatRow, told, lambda row: row, lambda r: (r["organisation_id"], r["body"], r["post"])
        )


@router.get(
    "/regulations",
    summary="Who has working regulations for the running term",
    responses=openapi.table(Items[CoverageRow]),
)
def regulations(desk: AtDesk, asked: Annotated[CoverageAsked, Query()]) -> Response:
    """A row for each body that needs them; `successor` finds those that took over from others."""
    filters = CoverageFilters(asked.under, asked.missing, asked.successor)
    with desk.open(asked, leading.COVERAGE) as answer:
        reading, after = answer.reading, answer.after()
        beyond = (str(after[0]), UUID(str(after[1])), str(after[2])) if after else None
        found = leading.covered(reading, filters, beyond, asked.limit + 1)
        keys = {(f.organisation_id, f.body): f.sort_key for f in found}
        told = _only(CoverageRow, leading.coverage(reading, found))
        return answer.page(
            CoverageRow,
            told,
            lambda row: row,
            lambda r: (keys[r["organisation_id"], r["body"]], r["organisation_id"], r["body"]),
        )


@router.get(
    "/organisations/{id}/assignments",
    summary="What its committee members answer for",
    responses=openapi.table(Items[AssignmentRow], 401, 403),
)
def assignments(id: UUID, desk: AtNamingDesk, asked: AtPointQuery) -> Response:
    """Areas, organisations, cells and households that members are assigned to on that day."""
    with desk.open(asked, leading.ASSIGNED) as answer:
        reading = answer.reading
        of = Assignments(reading.connection, reading.schema)
        rows = leading.assigned(reading, of.of_organisation(id, reading.point))
        return answer.whole(AssignmentRow, _only(AssignmentRow, _named(answer, rows)))


def _leaders(answer: Answer, held: Sequence[Held], model: type[BaseModel]) -> list[dict[str, Any]]:
    return _only(model, _named(answer, leading.leaders(answer.reading, held)))


def _named(answer: Answer, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With the names of persons, for who may see them."""
    ids = dict.fromkeys(row["person_id"] for row in rows)
    names = answer.desk.names_of(ids, answer.reading)
    return [row | {"person_name": names.get(row["person_id"])} for row in rows]


def _only(model: type[BaseModel], rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The fields of the model, in its order."""
    return [{name: row[name] for name in model.model_fields} for row in rows]
