"""What happens to the leadership of an organisation, event by event.

Elected, approved, appointed and recognised are four legal acts and four events; so are the ways in
which a post ends. Every event names the organisation, whose stream this is not but stands beside.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from domain import aggregate
from domain.leadership.values import (
    ACTING,
    APPROVED,
    HELD,
    PENDING,
    REFUSED,
    SUSPENDED,
    Assignment,
    Ballot,
    Establishment,
    Holding,
    Planned,
    Post,
    Regulations,
    Seated,
    Seats,
    Term,
)
from domain.legal_basis import LegalBasis

if TYPE_CHECKING:
    from domain.leadership.record import LeadershipRecord


class LeadershipEvent(aggregate.Event):
    """A fact about who leads an organisation."""

    organisation_id: UUID

    def mentions(self) -> tuple[UUID, ...]:
        return (self.organisation_id,)

    @property
    def begins(self) -> tuple[UUID, ...]:
        """Ids of the holdings that begin with it."""
        return ()


# Terms, seats, regulations


class SeatPlanSet(LeadershipEvent):
    """The number of seats of a post was set (xác định số lượng), and by when they are due."""

    TOPIC = "leadership.seat-plan-set"
    TITLE = "xác định số lượng"
    body: str
    post: str
    number: int
    due_on: date | None
    surplus_until: date | None  # before that day more may hold it, says the deciding document

    def apply(self, aggregate: LeadershipRecord) -> None:
        seats = Seats(self.number, self.due_on, self.surplus_until)
        line = aggregate.seats_of(self.body, self.post)
        line.set(self.effective_on, seats, self.originator_version)


class SeatPlansSet(LeadershipEvent):
    """The seats of several posts were set by one decision (xác định số lượng, cơ cấu)."""

    TOPIC = "leadership.seat-plans-set"
    TITLE = "xác định số lượng, cơ cấu"
    plans: tuple[Planned, ...]
    due_on: date | None
    surplus_until: date | None  # of each: before that day more may hold it

    def apply(self, aggregate: LeadershipRecord) -> None:
        for plan in self.plans:
            seats = Seats(plan.number, self.due_on, self.surplus_until)
            line = aggregate.seats_of(plan.body, plan.post)
            line.set(self.effective_on, seats, self.originator_version)


class _OfTerm(LeadershipEvent):
    bodies: tuple[str, ...]  # whose term it is: committee, standing board, inspection committee


class TermStarted(_OfTerm):
    """A term began (bắt đầu nhiệm kỳ); it ends what was held in the term before."""

    TOPIC = "leadership.term-started"
    TITLE = "bắt đầu nhiệm kỳ"
    name: str
    until: date | None

    def apply(self, aggregate: LeadershipRecord) -> None:
        for body in self.bodies:
            term = Term(self.name, self.until)
            aggregate.term_of(body).set(self.effective_on, term, self.originator_version)


class TermExtended(_OfTerm):
    """The term ends on another day than it would have (kéo dài nhiệm kỳ)."""

    TOPIC = "leadership.term-extended"
    TITLE = "kéo dài nhiệm kỳ"
    name: str
    until: date | None

    def apply(self, aggregate: LeadershipRecord) -> None:
        for body in self.bodies:
            term = Term(self.name, self.until)
            aggregate.term_of(body).set(self.effective_on, term, self.originator_version)


class TermEnded(_OfTerm):
    """The term is over before its day (kết thúc nhiệm kỳ), and what was held in it."""

    TOPIC = "leadership.term-ended"
    TITLE = "kết thúc nhiệm kỳ"

    def apply(self, aggregate: LeadershipRecord) -> None:
        for body in self.bodies:
            aggregate.term_of(body).set(self.effective_on, None, self.originator_version)


class WorkingRegulationsIssued(LeadershipEvent):
    """A body issued its working regulations for a term (ban hành quy chế làm việc)."""

    TOPIC = "leadership.working-regulations-issued"
    TITLE = "ban hành quy chế làm việc"
    body: str
    term: str
    document: LegalBasis
    model: str | None

    def apply(self, aggregate: LeadershipRecord) -> None:
        said = Regulations(self.term, self.document, self.model)
        line = aggregate.regulations_of(self.body)
        line.set(self.effective_on, said, self.originator_version)


class WorkingRegulationsSuperseded(LeadershipEvent):
    """The working regulations hold no longer (quy chế làm việc hết hiệu lực); none follow yet."""

    TOPIC = "leadership.working-regulations-superseded"
    TITLE = "quy chế làm việc hết hiệu lực"
    body: str

    def apply(self, aggregate: LeadershipRecord) -> None:
        line = aggregate.regulations_of(self.body)
        line.set(self.effective_on, None, self.originator_version)


# How a person comes to a post


class Begun(LeadershipEvent):
    """A person came to a post. `holding_id` names this holding from now on."""

    holding_id: UUID
    person_id: UUID
    body: str
    post: str

    def mentions(self) -> tuple[UUID, ...]:
        return (self.organisation_id, self.person_id)

    @property
    def begins(self) -> tuple[UUID, ...]:
        return (self.holding_id,)

    def hold(
        self, aggregate: LeadershipRecord, act: str, state: str = HELD, place: str | None = None
    ) -> Holding:
        known = (self.holding_id, self.person_id, self.body, self.post, act, place)
        holding = aggregate.take_up(Holding(*known, begun_by=self.originator_version))
        holding.state.set(self.effective_on, state, self.originator_version)
        return holding


class _Balloted(Begun):
    HAPPENED = True
    ballot: Ballot

    def apply(self, aggregate: LeadershipRecord) -> None:
        holding = self.hold(aggregate, "elected")
        holding.approval.set(self.effective_on, PENDING, self.originator_version)


class Elected(_Balloted):
    """Was elected (bầu), and works from that day on, before anybody approves (INV-POST-5)."""

    TOPIC = "leadership.elected"
    TITLE = "bầu"
    by: str  # one of ELECTORS


class InspectionDeputyElected(_Balloted):
    """The inspection committee elected its deputy chair itself (bầu phó chủ nhiệm)."""

    TOPIC = "leadership.inspection-deputy-elected"
    TITLE = "ủy ban kiểm tra bầu phó chủ nhiệm"


class Appointed(Begun):
    """Was appointed by the superior (chỉ định)."""

    TOPIC = "leadership.appointed"
    TITLE = "chỉ định"
    occasion: str  # one of OCCASIONS

    def apply(self, aggregate: LeadershipRecord) -> None:
        self.hold(aggregate, "appointed")


class Together(LeadershipEvent):
    """Several came to posts by one decision."""

    holders: tuple[Seated, ...]

    @property
    def begins(self) -> tuple[UUID, ...]:
        return tuple(holder.holding_id for holder in self.holders)

    @property
    def holding_ids(self) -> tuple[UUID, ...]:
        return self.begins

    def mentions(self) -> tuple[UUID, ...]:
        people = (holder.person_id for holder in self.holders)
        return (self.organisation_id, *dict.fromkeys(people))

    def hold(self, aggregate: LeadershipRecord, act: str) -> None:
        day, order = self.effective_on, self.originator_version
        for h in self.holders:
            known = (h.holding_id, h.person_id, h.body, h.post, act, h.place)
            aggregate.take_up(Holding(*known, begun_by=order)).state.set(day, HELD, order)


class AppointedTogether(Together):
    """Were appointed by one decision: a committee, its standing board and its secretaries."""

    TOPIC = "leadership.appointed-together"
    TITLE = "chỉ định cấp ủy và các chức danh"
    occasion: str  # one of OCCASIONS

    def apply(self, aggregate: LeadershipRecord) -> None:
        self.hold(aggregate, "appointed")


class Entered(Together):
    """Who held what was taken into the register as it stood (ghi nhận hiện trạng)."""

    TOPIC = "leadership.entered"
    TITLE = "ghi nhận hiện trạng lãnh đạo"
    AS_IT_STANDS = True

    def apply(self, aggregate: LeadershipRecord) -> None:
        self.hold(aggregate, "entered")


class Recognised(Begun):
    """Came to a post by recognition, assignment, transfer or naming (công nhận, phân công ...)."""

    TOPIC = "leadership.recognised"
    TITLE = "công nhận, phân công, điều động, bổ nhiệm"
    form: str  # one of FORMS
    from_organisation_id: UUID | None  # whose post was left for this one, by the same decision

    def apply(self, aggregate: LeadershipRecord) -> None:
        self.hold(aggregate, "recognised")

    def mentions(self) -> tuple[UUID, ...]:
        origin = (self.from_organisation_id,) if self.from_organisation_id else ()
        return (*super().mentions(), *origin)


class ConcurrentPostTaken(Begun):
    """Holds a post outside the Party besides (kiêm nhiệm): chair of a People's Council."""

    TOPIC = "leadership.concurrent-post-taken"
    TITLE = "kiêm nhiệm chức vụ ngoài Đảng"
    place: str | None  # where the post has one: "thôn Đông"

    def apply(self, aggregate: LeadershipRecord) -> None:
        self.hold(aggregate, "concurrent", place=self.place)


class ActingAssigned(Begun):
    """Does the work of a post until a day, without its seat (giao quyền, giao phụ trách)."""

    TOPIC = "leadership.acting-assigned"
    TITLE = "giao quyền, giao phụ trách"
    until: date | None  # first day no longer; None: until further notice

    def apply(self, aggregate: LeadershipRecord) -> None:
        holding = self.hold(aggregate, "acting", ACTING)
        if self.until is not None:
            holding.state.set(self.until, None, self.originator_version)


# What is decided about an election


class _OfHoldings(LeadershipEvent):
    holding_ids: tuple[UUID, ...]

    def set_state(self, aggregate: LeadershipRecord, state: str | None) -> None:
        for id_ in self.holding_ids:
            line = aggregate.state_of(id_)
            line.set(self.effective_on, state, self.originator_version)

    def set_approval(self, aggregate: LeadershipRecord, approval: str) -> None:
        for id_ in self.holding_ids:
            line = aggregate.approval_of_election(id_)
            line.set(self.effective_on, approval, self.originator_version)


class ElectionApproved(_OfHoldings):
    """The superior approved the election (chuẩn y)."""

    TOPIC = "leadership.election-approved"
    TITLE = "chuẩn y kết quả bầu cử"

    def apply(self, aggregate: LeadershipRecord) -> None:
        self.set_approval(aggregate, APPROVED)


class ElectionNotApproved(_OfHoldings):
    """The superior did not approve the election (không chuẩn y), which ends what came of it."""

    TOPIC = "leadership.election-not-approved"
    TITLE = "không chuẩn y kết quả bầu cử"

    def apply(self, aggregate: LeadershipRecord) -> None:
        self.set_approval(aggregate, REFUSED)
        self.set_state(aggregate, None)


# How a post is left


class _OfPerson(_OfHoldings):
    person_id: UUID

    def mentions(self) -> tuple[UUID, ...]:
        return (self.organisation_id, self.person_id)


class Leaving(_OfPerson):
    """A person's posts came to an end."""

    def apply(self, aggregate: LeadershipRecord) -> None:
        self.set_state(aggregate, None)


class Reassigned(Leaving):
    """Was transferred to posts of another organisation (điều động), by one decision for both."""

    TOPIC = "leadership.reassigned"
    TITLE = "điều động đi"
    to_organisation_id: UUID
    to_posts: tuple[Post, ...]

    def mentions(self) -> tuple[UUID, ...]:
        return (*super().mentions(), self.to_organisation_id)


class Relieved(Leaving):
    """Was relieved of posts (cho thôi giữ chức)."""

    TOPIC = "leadership.relieved"
    TITLE = "cho thôi giữ chức"


class Resigned(Leaving):
    """Resigned, and was let go (từ chức)."""

    TOPIC = "leadership.resigned"
    TITLE = "từ chức"


class Dismissed(Leaving):
    """Was dismissed (miễn nhiệm)."""

    TOPIC = "leadership.dismissed"
    TITLE = "miễn nhiệm"


class RemovedByDiscipline(Leaving):
    """Was removed from posts as a disciplinary measure (cách chức)."""

    TOPIC = "leadership.removed-by-discipline"
    TITLE = "cách chức"


class EndedByLaw(Leaving):
    """Posts ended without a decision about them: retired, left, died (đương nhiên thôi giữ)."""

    TOPIC = "leadership.ended-by-law"
    TITLE = "đương nhiên thôi giữ chức"
    cause: str  # one of CAUSES


class Suspended(_OfPerson):
    """Is suspended from posts (đình chỉ chức vụ), and keeps the seats."""

    TOPIC = "leadership.suspended"
    TITLE = "đình chỉ chức vụ"

    def apply(self, aggregate: LeadershipRecord) -> None:
        self.set_state(aggregate, SUSPENDED)


class SuspensionLifted(_OfPerson):
    """The suspension is lifted (thôi đình chỉ, phục hồi chức vụ)."""

    TOPIC = "leadership.suspension-lifted"
    TITLE = "thôi đình chỉ chức vụ"

    def apply(self, aggregate: LeadershipRecord) -> None:
        self.set_state(aggregate, HELD)


class Closed(LeadershipEvent):
    """The organisation is no more, and all that was held in it (kết thúc theo tổ chức đảng)."""

    TOPIC = "leadership.closed"
    TITLE = "kết thúc chức vụ theo tổ chức đảng"

    def apply(self, aggregate: LeadershipRecord) -> None:
        aggregate.closed.set(self.effective_on, True, self.originator_version)


# Inspection committees


class InspectionCommitteeEstablished(LeadershipEvent):
    """An inspection committee was set up (thành lập ủy ban kiểm tra), or its size set anew."""

    TOPIC = "leadership.inspection-committee-established"
    TITLE = "thành lập ủy ban kiểm tra"
    size: int
    mode: str  # one of MODES

    def apply(self, aggregate: LeadershipRecord) -> None:
        line = aggregate.establishment_of("inspection_committee")
        said = Establishment(self.size, self.mode)
        line.set(self.effective_on, said, self.originator_version)


class InspectionCommitteeApproved(LeadershipEvent):
    """The superior approved the inspection committee (chuẩn y ủy ban kiểm tra)."""

    TOPIC = "leadership.inspection-committee-approved"
    TITLE = "chuẩn y ủy ban kiểm tra"

    def apply(self, aggregate: LeadershipRecord) -> None:
        line = aggregate.approval_of("inspection_committee")
        line.set(self.effective_on, True, self.originator_version)


# Members and what they answer for


class MemberAssigned(LeadershipEvent):
    """A committee member answers for an area, organisation, cell or household (phân công)."""

    TOPIC = "leadership.member-assigned"
    TITLE = "phân công cấp ủy viên phụ trách"
    assignment_id: UUID
    person_id: UUID
    kind: str  # one of TARGETS
    target_id: UUID | None
    target: str | None
    duties: str | None

    def apply(self, aggregate: LeadershipRecord) -> None:
        known = (self.assignment_id, self.person_id, self.kind, self.target_id, self.target)
        said = Assignment(*known, self.duties, begun_by=self.originator_version)
        line = aggregate.assign(said)
        line.set(self.effective_on, True, self.originator_version)

    def mentions(self) -> tuple[UUID, ...]:
        target = (self.target_id,) if self.target_id else ()
        return (self.organisation_id, self.person_id, *target)


class AssignmentEnded(LeadershipEvent):
    """The member answers for it no longer (thôi phân công)."""

    TOPIC = "leadership.assignment-ended"
    TITLE = "thôi phân công phụ trách"
    assignment_id: UUID

    def apply(self, aggregate: LeadershipRecord) -> None:
        line = aggregate.assignment_of(self.assignment_id)
        line.set(self.effective_on, False, self.originator_version)


class Voided(LeadershipEvent):
    """An earlier record is taken back (thu hồi, hủy bỏ); the envelope says which."""

    TOPIC = "leadership.voided"
    TITLE = "hủy bỏ nội dung đã ghi"
