"""What the events of a round are made of: subjects, points, votes, decisions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from domain.errors import InvalidValue
from domain.evaluation.terms import HUNDREDTHS, Terms
from domain.legal_basis import LegalBasis
from domain.names import refuse_improper_text

SUBJECTS = ("organisation", "person")


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is judged: an organisation, or a person in the organisation where that is done."""

    id: UUID
    organisation_id: UUID | None = None  # of a person; of an organisation None


@dataclass(frozen=True, slots=True)
class DueDates:
    """Until when each step is due; None: no day was set."""

    self_evaluation_on: date | None = None
    appraisal_on: date | None = None
    decision_on: date | None = None

    def refuse_before(self, opened_on: date) -> None:
        """Raises InvalidValue for a step that would be due before the round begins."""
        for field, day in asdict(self).items():
            if day is not None and day < opened_on:
                raise InvalidValue("That day lies before the round is opened", field=f"due.{field}")


@dataclass(frozen=True, slots=True)
class Points:
    """Points of one criterion, in hundredths of a point."""

    criterion: str
    hundredths: int


@dataclass(frozen=True, slots=True)
class Roll:
    """Who counts at a meeting of members (R-VOTE-2). Absent others stay in the denominator.

    Source: 294-QĐ/TW, 9.3.2.
    """

    summoned: int  # official members
    moved_out: int  # of them: temporarily elsewhere
    exempt_absent: int  # of them: exempted and not present
    present: int

    @property
    def denominator(self) -> int:
        return self.summoned - self.moved_out - self.exempt_absent

    def refuse_ill_formed(self) -> None:
        """Raises InvalidValue."""
        if min(self.summoned, self.moved_out, self.exempt_absent, self.present) < 0:
            raise InvalidValue("Nobody is counted below zero", field="roll")
        if not self.denominator > 0:
            raise InvalidValue("Nobody is left who could vote", field="roll", rule="R-VOTE-2")
        if self.present > self.denominator:
            raise InvalidValue(
                f"{self.present} present of {self.denominator} who count",
                field="roll.present",
                rule="R-VOTE-2",
            )


@dataclass(frozen=True, slots=True)
class LevelVotes:
    """Votes for one level."""

    level: str
    votes: int


@dataclass(frozen=True, slots=True)
class Override:
    """Why the decision departs from what points, conditions or years give."""

    reason: str
    document: LegalBasis

    def refuse_ill_formed(self) -> None:
        """Raises InvalidValue."""
        refuse_improper_text(self.reason, "override.reason")
        self.document.refuse_ill_formed()


@dataclass(frozen=True, slots=True)
class Decision:
    """The level of one subject, and on what it rests."""

    subject_id: UUID
    level: str
    hundredths: int | None = None  # points in all; None: the rules know none
    conditions: tuple[str, ...] = ()  # those that are met
    override: Override | None = None


@dataclass(frozen=True, slots=True)
class LevelCount:
    """How many have a level."""

    level: str
    number: int


def refuse_wrong_points(points: Iterable[Points], terms: Terms) -> None:
    """Raises InvalidValue unless each criterion of the terms has its points, within its limit."""
    limits = {criterion.code: criterion.points_max for criterion in terms.criteria}
    said = [each.criterion for each in points]
    if sorted(said) != sorted(limits):
        raise InvalidValue(
            f"Points are given for {', '.join(limits) or 'nothing'}, once for each",
            field="points.criterion",
            rule="evaluation.criteria",
            document=terms.document,
        )
    for each in points:
        if not 0 <= each.hundredths <= limits[each.criterion] * HUNDREDTHS:
            raise InvalidValue(
                f"{each.criterion} brings 0 to {limits[each.criterion]} points",
                field="points",
                rule="evaluation.criteria",
                document=terms.document,
            )
