"""What a command about a round of evaluation, or about an award, says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StrictBool

from api.bodies import BasisBody, Body, Change, Circumstances, EventPosition, Line, Name, Term
from api.parameters import Day
from domain.award import Grant
from domain.evaluation.parts import (
    Decision,
    DueDates,
    LevelVotes,
    Override,
    Points,
    Roll,
    Subject,
)
from domain.evaluation.stated import StatedNumber, StatedTotals
from domain.legal_basis import LegalBasis

SUBJECTS_MAX = 5000  # in one command: more than any group has
Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
Hundredths = Annotated[
    int,
    Field(strict=True, ge=0, le=100_000, description="Points in hundredths: 9050 is 90.5."),
]
LevelCode = Annotated[
    Term, Field(description="Of evaluation.levels in the rule book.", examples=["excellent"])
]
PeriodText = Annotated[
    str,
    Field(
        pattern=r"^(19|20|21)[0-9]{2}(-Q[1-4])?$",
        description="A year, or a quarter of one.",
        examples=["2025", "2025-Q4"],
    ),
]
Year = Annotated[int, Field(strict=True, ge=1930, le=2199)]


class DueBody(Body):
    self_evaluation_on: Day | None = None
    appraisal_on: Day | None = None
    decision_on: Day | None = None

    def due(self) -> DueDates:
        return DueDates(self.self_evaluation_on, self.appraisal_on, self.decision_on)


SubjectsAre = Literal["organisation", "person"]
NOTHING_DUE = DueBody()


class RoundOpening(Circumstances):
    period: PeriodText
    decider_id: UUID | None = Field(
        description="The direct superior, who decides; null: the Centre, outside the register."
    )
    group: Annotated[
        Name,
        Field(description="Those who share a ceiling.", examples=["các tổ chức cơ sở đảng xã"]),
    ]
    subjects_are: SubjectsAre
    due: DueBody = NOTHING_DUE


class OpeningCorrection(Circumstances):
    voids: EventPosition = Field(description="Position of the wrong record of its opening.")
    subjects_are: SubjectsAre
    due: DueBody = NOTHING_DUE


class SubjectBody(Body):
    id: UUID
    organisation_id: UUID | None = Field(
        None, description="Of a person: the organisation where that person is judged."
    )

    def subject(self) -> Subject:
        return Subject(self.id, self.organisation_id)


class Listing(Change):
    subjects: list[SubjectBody] = Field(min_length=1, max_length=SUBJECTS_MAX)


class PointsBody(Body):
    criterion: Annotated[Term, Field(examples=["general"])]
    hundredths: Hundredths


class SelfEvaluation(Change):
    subject_id: UUID
    points: list[PointsBody] = Field(
        [], max_length=50, description="One for each of evaluation.criteria; none before 366-QĐ/TW."
    )
    level: LevelCode

    def said(self) -> tuple[Points, ...]:
        return tuple(Points(each.criterion, each.hundredths) for each in self.points)


class RollBody(Body):
    """Who counts (R-VOTE-2): absent others stay in the denominator."""

    summoned: Count = Field(description="Official members who were called.")
    moved_out: Count = Field(0, description="Of them: temporarily elsewhere.")
    exempt_absent: Count = Field(0, description="Of them: exempted, and not present.")
    present: Count

    def roll(self) -> Roll:
        return Roll(self.summoned, self.moved_out, self.exempt_absent, self.present)


class LevelVotesBody(Body):
    level: LevelCode
    votes: Count


class Vote(Change):
    subject_id: UUID
    roll: RollBody
    votes: list[LevelVotesBody] = Field(min_length=1, max_length=20)

    def cast(self) -> tuple[LevelVotes, ...]:
        return tuple(LevelVotes(each.level, each.votes) for each in self.votes)


class Appraisal(Change):
    subject_id: UUID
    body: Annotated[Term, Field(description="Of evaluation.appraisers.", examples=["inspection"])]
    level: LevelCode


class OverrideBody(Body):
    """Why it departs from what points, conditions or years give; never a person's name."""

    reason: Line
    document: BasisBody

    def override(self) -> Override:
        return Override(self.reason, LegalBasis(**dict(self.document)))


class DecisionBody(Body):
    subject_id: UUID
    level: LevelCode
    hundredths: Hundredths | None = None
    conditions: list[Term] = Field(
        [], max_length=50, description="Those of evaluation.conditions that are met."
    )
    override: OverrideBody | None = None

    def decision(self) -> Decision:
        override = self.override.override() if self.override else None
        conditions = tuple(dict.fromkeys(self.conditions))
        return Decision(self.subject_id, self.level, self.hundredths, conditions, override)


class LevelsDecision(Change):
    decisions: list[DecisionBody] = Field(min_length=1, max_length=SUBJECTS_MAX)


class Omission(Change):
    subject_ids: list[UUID] = Field(min_length=1, max_length=SUBJECTS_MAX)
    because: Annotated[Line, Field(examples=["mới thành lập, chưa đủ thời gian đánh giá"])]


class LevelChange(Change):
    decision: DecisionBody


class StatedNumberBody(Body):
    level: LevelCode
    number: Count
    or_better: StrictBool = Field(
        False, description="Whether those with a better level are in the number (trở lên)."
    )


class Totals(Change):
    subjects: Count
    unreviewed: Count = 0
    numbers: list[StatedNumberBody] = Field(min_length=1, max_length=20)

    def stated(self) -> StatedTotals:
        said = (StatedNumber(each.level, each.number, each.or_better) for each in self.numbers)
        return StatedTotals(self.subjects, self.unreviewed, tuple(said))


# Awards


class GrantBody(Body):
    subject: SubjectBody
    kind: Annotated[Term, Field(description="award.kind.*", examples=["merit_certificate"])]
    form: Annotated[Term, Field(description="award.form.*", examples=["five_years"])]
    years: list[Year] = Field([], max_length=20, description="Ascending, one after the other.")
    merit: Line | None = Field(None, description="For what; never a person's name.")

    def grant(self) -> Grant:
        said: Sequence[int] = self.years
        return Grant(self.subject.subject(), self.kind, self.form, tuple(said), self.merit)


class Granting(Change):
    grant: GrantBody


class Giving(Granting):
    policy: Annotated[Term, Field(examples=["any-predecessor"])] | None = Field(
        None, description="Of award.policies: how years of merged organisations count."
    )
    override: OverrideBody | None = None


class AwardBeginning(Circumstances):
    """An award that nothing is on record of yet; decided ones may be entered as they were."""

    id: UUID | None = Field(None, description="Left out: the register gives one.")
    step: Literal["registered", "proposed", "decided"]
    grant: GrantBody
    policy: Annotated[Term, Field(examples=["any-predecessor"])] | None = None
    override: OverrideBody | None = None


class AwardOpinion(Change):
    body: Annotated[Line, Field(examples=["Ban Tổ chức Tỉnh ủy"])]
    supports: StrictBool
