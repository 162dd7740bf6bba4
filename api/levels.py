"""Levels of one subject over the years, and years in a row."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from api import openapi
from api.models import Items
from api.parameters import AtPoint, AtPointQuery, Text
from api.reads import AtDesk, Desk
from api.review_models import CandidateRow, ChainYear, LevelRow
from api.reviews import told_level
from domain.evaluation.chain import Year
from projections.awards import AWARDS
from projections.lineage import LINEAGE
from projections.organisations import ORGANISATIONS
from projections.reviews import REVIEWS, Reviews
from services.awards import levels_enough
from services.merits import Candidate, candidates, chain_of, years_until
from services.rulebook import rule_book

CHAINED = (REVIEWS.name, LINEAGE.name, ORGANISATIONS.name)
Policy = Literal["own-years", "any-predecessor", "default-predecessor", "all-predecessors"]

router = APIRouter(tags=["evaluation"])


class SubjectAsked(AtPoint):
    subject: UUID = Field(description="An organisation or a person.")


class ChainAsked(SubjectAsked):
    last_year: int = Field(ge=1930, le=2199)
    years: int = Field(5, ge=1, le=20)
    policy: Policy
    form: Text = Field("five_years", description="Whose level each year must have brought.")


class CandidatesAsked(AtPoint):
    last_year: int = Field(ge=1930, le=2199)
    policy: Policy
    form: Literal["yearly", "five_years"] = "five_years"
    subtree: UUID | None = Field(None, description="Organisations below it, and their persons.")
    with_gaps: bool = Field(False, description="Also those some of whose years do not hold.")


@router.get("/levels", summary="Its levels", responses=openapi.table(Items[LevelRow]))
def levels(desk: AtDesk, asked: Annotated[SubjectAsked, Query()]) -> Response:
    """Of an organisation or a person, in the order of periods; whole, without pages."""
    return _levels(desk, asked, asked.subject)


@router.get(
    "/organisations/{id}/levels",
    summary="Its levels over the years",
    responses=openapi.table(Items[LevelRow]),
)
def of_organisation(id: UUID, desk: AtDesk, asked: AtPointQuery) -> Response:
    """Its own, in the order of periods; those of its predecessors are in `/levels/chain`."""
    return _levels(desk, asked, id)


def _levels(desk: Desk, asked: AtPoint, subject_id: UUID) -> Response:
    with desk.open(asked, (REVIEWS.name,)) as answer:
        reading = answer.reading
        found = Reviews(reading.connection, reading.schema).of_subject(subject_id, reading.point)
        return answer.whole(LevelRow, [told_level(row) for row in found])


class ChainOf(Items[ChainYear]):
    """Years in a row; in CSV the items alone."""

    subject_id: UUID
    policy: str
    level_min: str
    gaps: list[int]


@router.get("/levels/chain", summary="Years in a row", responses=openapi.table(ChainOf))
def years_in_a_row(desk: AtDesk, asked: Annotated[ChainAsked, Query()]) -> Response:
    """Each year with who counts by the policy, which level by which decision, and whether it holds.

    Organisations that were merged count as the named policy has it.
    """
    with desk.open(asked, CHAINED) as answer:
        reading = answer.reading
        enough = levels_enough(rule_book().on(reading.point.valid_at), asked.form)
        years = years_until(asked.last_year, asked.years)
        found = chain_of(reading, asked.subject, years, asked.policy, enough)
        more = {"subject_id": asked.subject, "policy": found.policy, "level_min": found.level_min}
        rows = [_year(year) for year in found.years]
        return answer.whole(ChainYear, rows, gaps=list(found.gaps), **more)


@router.get(
    "/levels/candidates",
    summary="Who could be given an award",
    responses=openapi.table(Items[CandidateRow]),
)
def could_be_given(desk: AtDesk, asked: Annotated[CandidatesAsked, Query()]) -> Response:
    """Those rated well enough in the last year; gaps are shown year by year (đủ điều kiện)."""
    with desk.open(asked, (*CHAINED, AWARDS.name)) as answer:
        found = candidates(
            answer.reading,
            rule_book(),
            last_year=asked.last_year,
            form=asked.form,
            policy=asked.policy,
            under=asked.subtree,
            with_gaps=asked.with_gaps,
        )
        return answer.whole(CandidateRow, [_candidate(each) for each in found])


def _year(year: Year) -> dict[str, object]:
    rated = [
        {name: getattr(each, name) for name in ("subject_id", "level", "review_id", "document")}
        for each in year.rated
    ]
    return {"year": year.year, "holds": year.holds, "origins": year.origins, "rated": rated}


def _candidate(candidate: Candidate) -> dict[str, object]:
    return {
        "subject_id": candidate.subject_id,
        "organisation_id": candidate.organisation_id,
        "eligible": candidate.is_eligible,
        "gaps": list(candidate.chain.gaps),
        "years": [_year(year) for year in candidate.chain.years],
        "award_ids": [award.award_id for award in candidate.awards],
    }
