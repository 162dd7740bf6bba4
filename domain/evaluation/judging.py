"""What the rules of another day would say of levels that were decided: nothing is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.evaluation.parts import Decision
from domain.evaluation.terms import Applied, Terms


@dataclass(frozen=True, slots=True)
class Rejudged:
    """One level, and what points and conditions as recorded would give under other terms."""

    subject_id: UUID
    level: str
    other: str | None  # None: those terms leave it to judgement, or ask for what is not recorded
    differs: bool
    overridden: bool  # the level did not follow from points and conditions in the first place


@dataclass(frozen=True, slots=True)
class Rejudgement:
    """A whole group under other terms."""

    terms: Terms
    subjects: tuple[Rejudged, ...]
    ceiling: Applied | None  # over the levels as they were decided
    ceiling_of_others: Applied | None  # over what the other terms give, where they give all

    @property
    def over_ceiling(self) -> bool:
        return self.ceiling is not None and self.ceiling.rated > self.ceiling.allowed


def rejudged(decisions: Sequence[Decision], terms: Terms, *, collective: bool) -> Rejudgement:
    """What `terms` give for these decisions of one group."""
    found = tuple(_rejudged(decision, terms, collective=collective) for decision in decisions)
    others = [each.other for each in found if each.other is not None]
    complete = len(others) == len(found)
    return Rejudgement(
        terms,
        found,
        terms.apply_ceiling(decision.level for decision in decisions),
        terms.apply_ceiling(others) if complete else None,
    )


def _rejudged(decision: Decision, terms: Terms, *, collective: bool) -> Rejudged:
    earned = terms.earned(decision.hundredths, decision.conditions, collective=collective)
    other = earned.code if earned else None
    return Rejudged(
        decision.subject_id,
        decision.level,
        other,
        other is not None and other != decision.level,
        decision.override is not None,
    )
