"""What happens in a round of review and classification: its events, as they are stored."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from domain.aggregate import Event
from domain.evaluation.parts import (
    Decision,
    DueDates,
    LevelCount,
    LevelVotes,
    Points,
    Roll,
    Subject,
)
from domain.evaluation.stated import StatedTotals
from domain.evaluation.terms import Applied, Terms

if TYPE_CHECKING:
    from domain.evaluation.state import ReviewRecord

UNREVIEWED = "unreviewed"  # stands where a level would


class Opened(Event):
    """The round is opened (mở đợt): period, group, due dates, and by what it is judged."""

    TOPIC = "review.opened"
    TITLE = "mở đợt kiểm điểm, đánh giá, xếp loại"
    period: str  # "2025", "2025-Q4"
    decider_id: UUID | None  # the direct superior; None: the Centre
    group: str  # whose ceiling is shared: "các đảng ủy xã"
    subjects_are: str  # one of SUBJECTS
    due: DueDates
    terms: Terms

    def mentions(self) -> tuple[UUID, ...]:
        return (self.decider_id,) if self.decider_id else ()

    def apply(self, aggregate: ReviewRecord) -> None:
        day, order = self.effective_on, self.originator_version
        aggregate.is_active.set(day, True, order)
        aggregate.status.set(day, "open", order)


class OpeningCorrected(Opened):
    """Its due dates or kind of subject were recorded wrongly (đính chính việc mở đợt)."""

    TOPIC = "review.opening-corrected"
    TITLE = "đính chính việc mở đợt đánh giá"


class SubjectsListed(Event):
    """These are to be judged in it (lập danh sách)."""

    TOPIC = "review.subjects-listed"
    TITLE = "lập danh sách đánh giá"
    subjects: tuple[Subject, ...]

    def mentions(self) -> tuple[UUID, ...]:
        return tuple(subject.id for subject in self.subjects)

    def apply(self, aggregate: ReviewRecord) -> None:
        for subject in self.subjects:
            line = aggregate.line("subject", subject.id)
            line.set(self.effective_on, subject, self.originator_version)


class SelfEvaluated(Event):
    """One has judged itself (tự đánh giá): points by criterion, and the level it proposes."""

    TOPIC = "review.self-evaluated"
    TITLE = "tự đánh giá, xếp loại"
    HAPPENED = True
    subject_id: UUID
    points: tuple[Points, ...]
    level: str

    def mentions(self) -> tuple[UUID, ...]:
        return (self.subject_id,)

    def apply(self, aggregate: ReviewRecord) -> None:
        line = aggregate.line("own", self.subject_id)
        line.set(self.effective_on, self.level, self.originator_version)


class VoteRecorded(Event):
    """A meeting has voted on one subject's level (bỏ phiếu xếp loại)."""

    TOPIC = "review.vote-recorded"
    TITLE = "bỏ phiếu đề nghị xếp loại"
    HAPPENED = True
    subject_id: UUID
    roll: Roll
    votes: tuple[LevelVotes, ...]

    def mentions(self) -> tuple[UUID, ...]:
        return (self.subject_id,)

    def apply(self, aggregate: ReviewRecord) -> None:
        line = aggregate.line("vote", self.subject_id)
        line.set(self.effective_on, self.votes, self.originator_version)


class Appraised(Event):
    """A body that advises has appraised one subject (thẩm định)."""

    TOPIC = "review.appraised"
    TITLE = "thẩm định, đề xuất xếp loại"
    HAPPENED = True
    subject_id: UUID
    body: str  # code of the rule book: "inspection"
    level: str

    def mentions(self) -> tuple[UUID, ...]:
        return (self.subject_id,)

    def apply(self, aggregate: ReviewRecord) -> None:
        line = aggregate.line(f"appraisal.{self.body}", self.subject_id)
        line.set(self.effective_on, self.level, self.originator_version)


class LevelsDecided(Event):
    """One decision gives several subjects their levels (quyết định xếp loại)."""

    TOPIC = "review.levels-decided"
    TITLE = "quyết định xếp loại"
    HAPPENED = True
    decisions: tuple[Decision, ...]
    applied: Applied | None  # the ceiling over the whole group, these included

    def mentions(self) -> tuple[UUID, ...]:
        return tuple(decision.subject_id for decision in self.decisions)

    def apply(self, aggregate: ReviewRecord) -> None:
        for decision in self.decisions:
            line = aggregate.level_of(decision.subject_id)
            line.set(self.effective_on, decision.level, self.originator_version)


class LeftUnreviewed(Event):
    """These are not classified in this round, and why (không xếp loại)."""

    TOPIC = "review.left-unreviewed"
    TITLE = "không đánh giá, xếp loại"
    subject_ids: tuple[UUID, ...]
    because: str

    def mentions(self) -> tuple[UUID, ...]:
        return self.subject_ids

    def apply(self, aggregate: ReviewRecord) -> None:
        for subject_id in self.subject_ids:
            line = aggregate.level_of(subject_id)
            line.set(self.effective_on, UNREVIEWED, self.originator_version)


class LevelChanged(Event):
    """A superior has reviewed a level and changed it (xem xét lại mức xếp loại)."""

    TOPIC = "review.level-changed"
    TITLE = "thay đổi mức xếp loại"
    HAPPENED = True
    decision: Decision
    applied: Applied | None

    def mentions(self) -> tuple[UUID, ...]:
        return (self.decision.subject_id,)

    def apply(self, aggregate: ReviewRecord) -> None:
        line = aggregate.level_of(self.decision.subject_id)
        line.set(self.effective_on, self.decision.level, self.originator_version)


class TotalsStated(Event):
    """Somebody has stated totals of the group (công bố số liệu tổng hợp)."""

    TOPIC = "review.totals-stated"
    TITLE = "công bố số liệu xếp loại"
    stated: StatedTotals

    def apply(self, aggregate: ReviewRecord) -> None:
        aggregate.stated.set(self.effective_on, self.stated, self.originator_version)


class Closed(Event):
    """The round is closed, with its totals (kết thúc đợt)."""

    TOPIC = "review.closed"
    TITLE = "kết thúc đợt đánh giá, xếp loại"
    counts: tuple[LevelCount, ...]
    unreviewed: int

    def apply(self, aggregate: ReviewRecord) -> None:
        aggregate.status.set(self.effective_on, "closed", self.originator_version)


class ReopeningRequested(Event):
    """A higher authority wants it opened again; a second person has to do it."""

    TOPIC = "review.reopening-requested"
    TITLE = "đề nghị mở lại đợt đánh giá"

    def apply(self, aggregate: ReviewRecord) -> None:
        aggregate.status.set(self.effective_on, "reopening_requested", self.originator_version)


class Reopened(Event):
    """It is open again (mở lại đợt)."""

    TOPIC = "review.reopened"
    TITLE = "mở lại đợt đánh giá, xếp loại"

    def apply(self, aggregate: ReviewRecord) -> None:
        aggregate.status.set(self.effective_on, "open", self.originator_version)


class Voided(Event):
    """An earlier record is taken back (thu hồi, hủy bỏ); the envelope says which."""

    TOPIC = "review.voided"
    TITLE = "hủy bỏ nội dung đã ghi"


def decision_in(event: Event, subject_id: UUID) -> Decision | None:
    """What an event decides on one subject."""
    match event:
        case LevelsDecided():
            return next((d for d in event.decisions if d.subject_id == subject_id), None)
        case LevelChanged():
            return event.decision if event.decision.subject_id == subject_id else None
    return None
