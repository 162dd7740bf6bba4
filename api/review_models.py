"""The shapes of what is answered about rounds, levels and awards."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from api.models import Shape


class RoundRow(Shape):
    """A round of evaluation on the days from `valid_from` up to, not including, `valid_to`."""

    id: UUID
    period: str
    decider_id: UUID | None = Field(description="null: the Centre.")
    group: str
    subjects_are: Literal["organisation", "person"]
    status: Literal["open", "reopening_requested", "closed"]
    self_evaluation_on: date | None
    appraisal_on: date | None
    decision_on: date | None
    terms: dict[str, Any] = Field(description="Levels, criteria and ceiling it is judged by.")
    stated: dict[str, Any] | None = Field(description="Totals as somebody stated them.")
    valid_from: date
    valid_to: date | None


class LevelRow(Shape):
    """One subject in one round on the days from `valid_from` up to, not including, `valid_to`."""

    review_id: UUID
    subject_id: UUID
    organisation_id: UUID | None = Field(description="Where a person is judged.")
    period: str
    decider_id: UUID | None
    group: str
    status: Literal["listed", "decided", "unreviewed"]
    own_level: str | None
    own_hundredths: int | None
    level: str | None
    hundredths: int | None
    conditions: list[str]
    override: str | None
    because: str | None
    set_at: int | None = Field(description="Position of the event that decides.")
    authority_name: str | None
    document: str | None
    actor_id: str | None
    valid_from: date
    valid_to: date | None


class LevelSpan(LevelRow):
    """Known from one position of the log up to, not including, another."""

    known_from: int
    known_to: int | None


class RejudgedRow(Shape):
    """One level, and what points and conditions as recorded give under the other rules."""

    subject_id: UUID
    level: str
    other: str | None = Field(description="null: those rules leave it to judgement.")
    differs: bool
    overridden: bool


class ChainYear(Shape):
    """One year of a chain."""

    year: int
    holds: bool
    origins: list[UUID] = Field(description="Who counts by the policy.")
    rated: list[dict[str, Any]]


class CandidateRow(Shape):
    """Who could be given an award, year by year."""

    subject_id: UUID
    organisation_id: UUID | None
    eligible: bool
    gaps: list[int]
    years: list[dict[str, Any]]
    award_ids: list[UUID] = Field(description="Proposed or given for the same years already.")


class AwardRow(Shape):
    """An award on the days from `valid_from` up to, not including, `valid_to`."""

    id: UUID
    subject_id: UUID
    organisation_id: UUID | None
    kind: str
    form: str
    first_year: int | None
    last_year: int | None
    merit: str | None
    status: str
    policy: str | None
    chain: dict[str, Any] | None = Field(description="The years as they were counted.")
    gaps: list[int]
    override: str | None
    decided_on: date | None
    decided_at: int | None
    authority_name: str | None
    authority_id: UUID | None
    document: str | None
    valid_from: date
    valid_to: date | None
