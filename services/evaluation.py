"""What can be asked of rounds of evaluation: one frozen dataclass each, as in services.commands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from domain.errors import AlreadyExists
from domain.evaluation.parts import Decision, DueDates, LevelVotes, Points, Roll, Subject
from domain.evaluation.period import Period
from domain.evaluation.review import Review, review_id
from domain.evaluation.stated import StatedTotals
from services.commands import Command
from services.work import Work

NO_DAYS = DueDates()


def round_id(period: str, decider_id: UUID | None, group: str) -> UUID:
    """The stream of that round, which it has before anybody opens it. Raises InvalidValue."""
    return review_id(Period.parse(period), decider_id, group)


@dataclass(frozen=True, kw_only=True)
class OpenRound(Command):
    """Open a round; `id` is `round_id`. The same again records nothing."""

    period: str
    decider_id: UUID | None
    group: str
    subjects_are: str
    due: DueDates = NO_DAYS

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        review = Review.open(
            period=self.period,
            decider_id=self.decider_id,
            group=self.group,
            subjects_are=self.subjects_are,
            due=self.due,
            envelope=envelope,
            rules=rules,
        )
        known = work.find_any(Review, review.id)
        if known is None:
            work.add(review)
        elif not _same_opening(known, review):
            raise AlreadyExists(
                "That round is open already: correct its opening instead", id=str(review.id)
            )

    def touches(self) -> Iterator[UUID]:
        yield from (id_ for id_ in (self.id, self.decider_id) if id_ is not None)


def _same_opening(known: Review, wished: Review) -> bool:
    stands, wish = known.opening, wished.opened
    return stands is not None and (
        (stands.effective_on, stands.subjects_are, stands.due)
        == (wish.effective_on, wish.subjects_are, wish.due)
    )


class RoundCommand(Command):
    """A wish about a round that is there."""

    def review(self, work: Work) -> Review:
        return work.get(Review, self.id, self.expected_version)


@dataclass(frozen=True, kw_only=True)
class CorrectOpening(RoundCommand):
    """Record the opening rightly; `voids` names the wrong record."""

    subjects_are: str
    due: DueDates = NO_DAYS

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        self.review(work).correct_opening(
            subjects_are=self.subjects_are, due=self.due, envelope=envelope, rules=rules
        )


@dataclass(frozen=True, kw_only=True)
class ListSubjects(RoundCommand):
    subjects: tuple[Subject, ...]

    def decide(self, work: Work) -> None:
        self.review(work).list_subjects(self.subjects, self.ruled(work)[1])

    def touches(self) -> Iterator[UUID]:
        yield from (self.id, *(s.organisation_id or s.id for s in self.subjects))


@dataclass(frozen=True, kw_only=True)
class EvaluateSelf(RoundCommand):
    subject_id: UUID
    points: tuple[Points, ...]
    level: str

    def decide(self, work: Work) -> None:
        review, envelope = self.review(work), self.ruled(work)[1]
        review.evaluate_self(self.subject_id, self.points, self.level, envelope)


@dataclass(frozen=True, kw_only=True)
class RecordVote(RoundCommand):
    subject_id: UUID
    roll: Roll
    votes: tuple[LevelVotes, ...]

    def decide(self, work: Work) -> None:
        review, envelope = self.review(work), self.ruled(work)[1]
        review.record_vote(self.subject_id, self.roll, self.votes, envelope)


@dataclass(frozen=True, kw_only=True)
class Appraise(RoundCommand):
    subject_id: UUID
    body: str
    level: str

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        self.review(work).appraise(self.subject_id, self.body, self.level, envelope, rules)


@dataclass(frozen=True, kw_only=True)
class DecideLevels(RoundCommand):
    """Give several subjects their levels by one decision."""

    decisions: tuple[Decision, ...]

    def decide(self, work: Work) -> None:
        self.review(work).decide_levels(self.decisions, self.ruled(work)[1])


@dataclass(frozen=True, kw_only=True)
class LeaveUnreviewed(RoundCommand):
    subject_ids: tuple[UUID, ...]
    because: str

    def decide(self, work: Work) -> None:
        envelope = self.ruled(work)[1]
        self.review(work).leave_unreviewed(self.subject_ids, self.because, envelope)


@dataclass(frozen=True, kw_only=True)
class ChangeLevel(RoundCommand):
    """A superior changes one level."""

    decision: Decision

    def decide(self, work: Work) -> None:
        self.review(work).change_level(self.decision, self.ruled(work)[1])


@dataclass(frozen=True, kw_only=True)
class StateTotals(RoundCommand):
    stated: StatedTotals

    def decide(self, work: Work) -> None:
        self.review(work).state_totals(self.stated, self.ruled(work)[1])


@dataclass(frozen=True, kw_only=True)
class CloseRound(RoundCommand):
    def decide(self, work: Work) -> None:
        self.review(work).close(self.ruled(work)[1])


@dataclass(frozen=True, kw_only=True)
class RequestReopening(RoundCommand):
    def decide(self, work: Work) -> None:
        self.review(work).request_reopening(self.ruled(work)[1])


@dataclass(frozen=True, kw_only=True)
class ReopenRound(RoundCommand):
    def decide(self, work: Work) -> None:
        self.review(work).reopen(self.ruled(work)[1])
