"""Rounds of evaluation: what can be recorded about them, and what can be read of them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from api import bodies, openapi
from api import review_bodies as said
from api.clerk import AtClerk
from api.models import Items
from api.parameters import AtPoint, AtPointQuery, Day, HistoryQuery, Pages
from api.reads import AtDesk
from api.review_models import LevelRow, LevelSpan, RejudgedRow, RoundRow
from domain.errors import NotFound
from domain.evaluation.review import Review
from projections.organisations import ORGANISATIONS
from projections.point import Point
from projections.reviews import REVIEWS, Level, Reviews
from projections.rounds import ROUNDS, Round, RoundFilters, Rounds
from services import evaluation as commands
from services.commands import Void
from services.merits import under_other_rules
from services.reading import Reading
from services.rulebook import rule_book

VIEWS = (ROUNDS.name, REVIEWS.name)

router = APIRouter(prefix="/reviews", tags=["evaluation"])


# Reading


class RoundsAsked(AtPoint, Pages):
    """What a list of rounds can be limited to."""

    period: said.PeriodText | None = None
    decider: UUID | None = Field(None, description="Decided by this one.")
    subtree: UUID | None = Field(None, description="Decided by this one or by one below it.")


class OtherRulesAsked(AtPoint):
    rules_on: Day = Field(description="By the rules of that day.", examples=["2026-07-26"])


class LevelsAsked(AtPoint, Pages):
    """A page of the levels of a round."""


@router.get("", summary="Rounds of evaluation", responses=openapi.table(Items[RoundRow]))
def rounds(desk: AtDesk, asked: Annotated[RoundsAsked, Query()]) -> Response:
    """In the order of periods."""
    filters = RoundFilters(asked.period, asked.decider, asked.subtree)
    with desk.open(asked, (*VIEWS, ORGANISATIONS.name)) as answer:
        reading, after = answer.reading, answer.after()
        beyond = (after[0], UUID(after[1])) if after else None
        found = Rounds(reading.connection, reading.schema).many(
            reading.point, filters, beyond, asked.limit + 1
        )
        return answer.page(RoundRow, found, told_round, lambda r: (r.period, r.review_id))


@router.get("/{id}", summary="One round", responses=openapi.table(RoundRow, 404))
def one(id: UUID, desk: AtDesk, asked: AtPointQuery) -> Response:
    """With the terms by which it is judged."""
    with desk.open(asked, VIEWS) as answer:
        return answer.one(RoundRow, told_round(_there(answer.reading, id)))


@router.get("/{id}/levels", summary="Its levels", responses=openapi.table(Items[LevelRow], 404))
def levels(id: UUID, desk: AtDesk, asked: Annotated[LevelsAsked, Query()]) -> Response:
    """All who are listed in it, each with what was decided."""
    with desk.open(asked, VIEWS) as answer:
        reading, after = answer.reading, answer.after()
        _there(reading, id)
        beyond = UUID(after[0]) if after else None
        found = Reviews(reading.connection, reading.schema).in_round(
            id, reading.point, beyond, asked.limit + 1
        )
        return answer.page(LevelRow, found, told_level, lambda row: (row.subject_id,))


@router.get(
    "/{id}/levels/{subject_id}/history",
    summary="Who changed a level, from what to what, and why",
    responses=openapi.table(Items[LevelSpan], 404),
)
def history(id: UUID, subject_id: UUID, desk: AtDesk, asked: HistoryQuery) -> Response:
    """In the order of days; with `superseded` also what was believed before."""
    with desk.open(asked, VIEWS) as answer:
        reading = answer.reading
        found = Reviews(reading.connection, reading.schema).history(
            id, subject_id, reading.point.known_at, asked.superseded
        )
        if not found:
            raise NotFound(f"Nothing was known of {subject_id} in review {id}", id=str(id))
        return answer.whole(LevelSpan, [told_span(row) for row in found])


class Rejudgements(Items[RejudgedRow]):
    """A round under the rules of another day; in CSV the items alone."""

    document: str = Field(description="Of the levels of those rules.")
    own_document: str = Field(description="Of the levels by which it was judged.")
    over_ceiling: bool = Field(description="Whether the levels as decided exceed their ceiling.")


@router.get(
    "/{id}/rejudgement",
    summary="What the rules of another day would give",
    responses=openapi.table(Rejudgements, 404),
)
def rejudgement(id: UUID, desk: AtDesk, asked: Annotated[OtherRulesAsked, Query()]) -> Response:
    """From points and conditions as recorded; nothing is changed by asking."""
    with desk.open(asked, VIEWS) as answer:
        found = _there(answer.reading, id)
        own, judged = under_other_rules(answer.reading, found, rule_book(), asked.rules_on)
        rows = [
            {name: getattr(each, name) for name in RejudgedRow.model_fields}
            for each in judged.subjects
        ]
        return answer.whole(
            RejudgedRow,
            rows,
            document=judged.terms.document,
            own_document=own.document,
            over_ceiling=judged.over_ceiling,
        )


def _there(reading: Reading, id_: UUID) -> Round:
    """Raises NotFound."""
    point: Point = reading.point
    found = Rounds(reading.connection, reading.schema).one(id_, point)
    if found is None:
        raise NotFound(f"No review {id_} is open on {point.valid_at:%d/%m/%Y}", id=str(id_))
    return found


def told_round(row: Round) -> dict[str, Any]:
    told = {"id": row.review_id, "group": row.group_name}
    return {name: told.get(name, getattr(row, name, None)) for name in RoundRow.model_fields}


def told_level(row: Level) -> dict[str, Any]:
    return {
        name: row.group_name if name == "group" else getattr(row, name)
        for name in LevelRow.model_fields
    }


def told_span(row: Level) -> dict[str, Any]:
    return told_level(row) | {"known_from": row.known_from, "known_to": row.known_to}


# Recording


@router.post("", **openapi.change("Open a round"))
def open_round(body: said.RoundOpening, clerk: AtClerk) -> Response:
    """One for each period, deciding body and group; its id follows from these (mở đợt)."""
    command = commands.OpenRound(
        id=commands.round_id(body.period, body.decider_id, body.group),
        envelope=clerk.envelope(body),
        period=body.period,
        decider_id=body.decider_id,
        group=body.group,
        subjects_are=body.subjects_are,
        due=body.due.due(),
    )
    return clerk.found(command, body)


@router.post("/{id}/opening-corrections", **openapi.change("Correct its opening"))
def correct_opening(id: UUID, body: said.OpeningCorrection, clerk: AtClerk) -> Response:
    """Record rightly until when what is due; `voids` names the wrong record (đính chính)."""
    facts: dict[str, Any] = {"subjects_are": body.subjects_are, "due": body.due.due()}
    return clerk.record(commands.CorrectOpening(**facts, **clerk.about(id, body)), body)


@router.post("/{id}/subjects", **openapi.change("List who is judged in it"))
def list_subjects(id: UUID, body: said.Listing, clerk: AtClerk) -> Response:
    """Nobody is listed in two rounds of a period, unless left out of one (lập danh sách)."""
    subjects = tuple(each.subject() for each in body.subjects)
    return clerk.record(commands.ListSubjects(subjects=subjects, **clerk.about(id, body)), body)


@router.post("/{id}/self-evaluations", **openapi.change("Record how one judges itself"))
def evaluate_self(id: UUID, body: said.SelfEvaluation, clerk: AtClerk) -> Response:
    """Points by criterion, and the level that is proposed (tự đánh giá)."""
    facts: dict[str, Any] = {"subject_id": body.subject_id, "level": body.level}
    about = clerk.about(id, body)
    return clerk.record(commands.EvaluateSelf(points=body.said(), **facts, **about), body)


@router.post("/{id}/votes", **openapi.change("Record a vote on a level"))
def vote(id: UUID, body: said.Vote, clerk: AtClerk) -> Response:
    """Never more votes than those who count by R-VOTE-2 (bỏ phiếu)."""
    facts: dict[str, Any] = {"subject_id": body.subject_id, "roll": body.roll.roll()}
    about = clerk.about(id, body)
    return clerk.record(commands.RecordVote(votes=body.cast(), **facts, **about), body)


@router.post("/{id}/appraisals", **openapi.change("Record what an advising body proposes"))
def appraise(id: UUID, body: said.Appraisal, clerk: AtClerk) -> Response:
    """By the inspection, organisation or another body (thẩm định)."""
    facts: dict[str, Any] = {"subject_id": body.subject_id, "body": body.body, "level": body.level}
    return clerk.record(commands.Appraise(**facts, **clerk.about(id, body)), body)


@router.post("/{id}/decisions", **openapi.change("Decide levels"))
def decide(id: UUID, body: said.LevelsDecision, clerk: AtClerk) -> Response:
    """One decision for several subjects, checked against points, conditions and the ceiling.

    With `voids` it takes the place of one that was recorded wrongly: by another person (quyết định
    xếp loại).
    """
    decisions = tuple(each.decision() for each in body.decisions)
    return clerk.record(commands.DecideLevels(decisions=decisions, **clerk.about(id, body)), body)


@router.post("/{id}/omissions", **openapi.change("Leave some out of it"))
def omit(id: UUID, body: said.Omission, clerk: AtClerk) -> Response:
    """They are not classified in this round, for a reason (không xếp loại)."""
    facts: dict[str, Any] = {"subject_ids": tuple(body.subject_ids), "because": body.because}
    return clerk.record(commands.LeaveUnreviewed(**facts, **clerk.about(id, body)), body)


@router.post("/{id}/level-changes", **openapi.change("Change a level on review"))
def change_level(id: UUID, body: said.LevelChange, clerk: AtClerk) -> Response:
    """By a superior, with a reason, recorded by another person (thay đổi mức xếp loại)."""
    decision = body.decision.decision()
    return clerk.record(commands.ChangeLevel(decision=decision, **clerk.about(id, body)), body)


@router.post("/{id}/totals", **openapi.change("Keep totals as they were stated"))
def state_totals(id: UUID, body: said.Totals, clerk: AtClerk) -> Response:
    """ "Good or better" is kept as such; what cannot be true is refused (công bố số liệu)."""
    return clerk.record(commands.StateTotals(stated=body.stated(), **clerk.about(id, body)), body)


@router.post("/{id}/closings", **openapi.change("Close it"))
def close(id: UUID, body: bodies.Circumstances, clerk: AtClerk) -> Response:
    """Every subject has its level or a reason why not, and the totals agree (kết thúc đợt)."""
    return clerk.record(commands.CloseRound(**clerk.about(id, body)), body)


@router.post("/{id}/reopening-requests", **openapi.change("Request that it be reopened"))
def request_reopening(id: UUID, body: bodies.Circumstances, clerk: AtClerk) -> Response:
    """By a higher authority and with a reason; another person reopens it (đề nghị mở lại)."""
    return clerk.record(commands.RequestReopening(**clerk.about(id, body)), body)


@router.post("/{id}/reopenings", **openapi.change("Reopen it"))
def reopen(id: UUID, body: bodies.Circumstances, clerk: AtClerk) -> Response:
    """As another person has requested (mở lại đợt)."""
    return clerk.record(commands.ReopenRound(**clerk.about(id, body)), body)


@router.post("/{id}/voidings", **openapi.change("Take a record back"))
def void(id: UUID, body: bodies.Voiding, clerk: AtClerk) -> Response:
    """What was decided is taken back by another person; it is final."""
    return clerk.record(Void(of=Review, **clerk.about(id, body)), body)
