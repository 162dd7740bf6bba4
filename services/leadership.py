"""Commands about who leads an organisation: bodies, terms, seats, posts, inspection, assignments.

A command concerns the leadership of one organisation, a reassignment that of two. The first of them
begins its stream; where the organisation is no more by then, what ended with it is recorded, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from domain.aggregate import Event
from domain.envelope import Envelope
from domain.errors import ConcurrentChange, NotFound
from domain.leadership import Leadership, leadership_id
from domain.leadership.values import Ballot, Planned, Post
from domain.legal_basis import LegalBasis
from domain.organisation import PartyOrganisation
from services.commands import Command
from services.following import Side, other_side, refuse_half_a_transfer
from services.work import Work


@dataclass(frozen=True, kw_only=True)
class LeadershipCommand(Command):
    """A wish about who leads an organisation; `expected_version` is that of the leadership."""

    organisation_id: UUID
    id: UUID = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", leadership_id(self.organisation_id))

    def touches(self) -> Iterator[UUID]:
        yield from (self.id, self.organisation_id)

    def leadership(self, work: Work) -> Leadership:
        """Raises NotFound when there is no such organisation, ConcurrentChange."""
        if self.expected_version is not None and work.find_any(Leadership, self.id) is None:
            words = f"Nothing is on record of it yet, so it is not at {self.expected_version}"
            raise ConcurrentChange(words, id=str(self.id), version=0)
        return _leadership(self.organisation_id, self.envelope, work, self.expected_version)


def _leadership(
    organisation_id: UUID, envelope: Envelope, work: Work, expected_version: int | None = None
) -> Leadership:
    """The leadership of that organisation, which begins here when nothing was recorded of it."""
    id_ = leadership_id(organisation_id)
    if work.find_any(Leadership, id_) is not None:
        return work.get(Leadership, id_, expected_version)
    organisation = work.find_any(PartyOrganisation, organisation_id)
    if organisation is None:
        raise NotFound(
            f"There is no {PartyOrganisation.TOPIC} {organisation_id}", id=str(organisation_id)
        )
    leadership = Leadership.of(organisation_id)
    work.add(leadership)
    end = organisation.standing_end()
    if end is not None:
        told = {"actor": envelope.actor, "correlation_id": envelope.correlation_id}
        leadership.close(replace(end.envelope, voids=None, causation_id=None, **told))
    return leadership


# Terms and seats


@dataclass(frozen=True, kw_only=True)
class SetSeats(LeadershipCommand):
    body: str
    post: str
    number: int
    due_on: date | None = None
    surplus_until: date | None = None

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        days = {"due_on": self.due_on, "surplus_until": self.surplus_until}
        self.leadership(work).set_seats(self.body, self.post, self.number, envelope, rules, **days)


@dataclass(frozen=True, kw_only=True)
class SetSeatsTogether(LeadershipCommand):
    """Set the seats of several posts by one decision."""

    plans: tuple[Planned, ...]
    due_on: date | None = None
    surplus_until: date | None = None

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        days = {"due_on": self.due_on, "surplus_until": self.surplus_until}
        self.leadership(work).set_seats_together(self.plans, envelope, rules, **days)


@dataclass(frozen=True, kw_only=True)
class StartTerm(LeadershipCommand):
    bodies: tuple[str, ...]
    name: str
    until: date | None = None

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        self.leadership(work).start_term(self.bodies, self.name, self.until, envelope, rules)


@dataclass(frozen=True, kw_only=True)
class ExtendTerm(LeadershipCommand):
    bodies: tuple[str, ...]
    until: date | None

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        self.leadership(work).extend_term(self.bodies, self.until, envelope, rules)


@dataclass(frozen=True, kw_only=True)
class EndTerm(LeadershipCommand):
    bodies: tuple[str, ...]

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        self.leadership(work).end_term(self.bodies, envelope, rules)


# Coming to a post


@dataclass(frozen=True, kw_only=True)
class PostCommand(LeadershipCommand):
    """A person comes to a post."""

    person_id: UUID
    body: str
    post: str

    @property
    def seat(self) -> Post:
        return Post(self.body, self.post)


@dataclass(frozen=True, kw_only=True)
class Elect(PostCommand):
    by: str
    ballot: Ballot

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        leadership = self.leadership(work)
        leadership.elect(self.person_id, self.seat, self.by, self.ballot, envelope, rules)


@dataclass(frozen=True, kw_only=True)
class ElectInspectionDeputy(LeadershipCommand):
    """The inspection committee elected its deputy chair itself."""

    person_id: UUID
    ballot: Ballot

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        leadership = self.leadership(work)
        leadership.elect_inspection_deputy(self.person_id, self.ballot, envelope, rules)


@dataclass(frozen=True, kw_only=True)
class Appoint(PostCommand):
    occasion: str

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        leadership = self.leadership(work)
        leadership.appoint(self.person_id, self.seat, self.occasion, envelope, rules)


@dataclass(frozen=True, kw_only=True)
class AppointTogether(LeadershipCommand):
    """Appoint several by one decision: (person, post) of each."""

    holders: tuple[tuple[UUID, Post], ...]
    occasion: str

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        self.leadership(work).appoint_together(self.holders, self.occasion, envelope, rules)


@dataclass(frozen=True, kw_only=True)
class EnterHolders(LeadershipCommand):
    """Take over who holds what, as it stands: (person, post, place) of each."""

    holders: tuple[tuple[UUID, Post, str | None], ...]

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        self.leadership(work).enter(self.holders, envelope, rules)


@dataclass(frozen=True, kw_only=True)
class Recognise(PostCommand):
    form: str

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        leadership = self.leadership(work)
        refuse_half_a_transfer(leadership, envelope, work)
        leadership.recognise(self.person_id, self.seat, self.form, envelope, rules)


@dataclass(frozen=True, kw_only=True)
class TakeConcurrentPost(PostCommand):
    """A post outside the Party that is held besides."""

    place: str | None = None

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        leadership = self.leadership(work)
        leadership.take_concurrent_post(self.person_id, self.seat, self.place, envelope, rules)


@dataclass(frozen=True, kw_only=True)
class AssignActing(PostCommand):
    until: date | None = None

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        leadership = self.leadership(work)
        leadership.assign_acting(self.person_id, self.seat, self.until, envelope, rules)


# What is decided about an election


@dataclass(frozen=True, kw_only=True)
class ApproveElection(LeadershipCommand):
    holding_ids: tuple[UUID, ...]

    def decide(self, work: Work) -> None:
        _, envelope = self.ruled(work)
        self.leadership(work).approve_election(self.holding_ids, envelope)


@dataclass(frozen=True, kw_only=True)
class RefuseElection(LeadershipCommand):
    """The superior does not approve it, which ends what came of it."""

    holding_ids: tuple[UUID, ...]

    def decide(self, work: Work) -> None:
        _, envelope = self.ruled(work)
        self.leadership(work).refuse_election(self.holding_ids, envelope)


# Leaving a post


@dataclass(frozen=True, kw_only=True)
class LeavingCommand(LeadershipCommand):
    """A person leaves posts; without `holding_ids`, all that are held here on that day."""

    person_id: UUID
    holding_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Relieve(LeavingCommand):
    def decide(self, work: Work) -> None:
        _, envelope = self.ruled(work)
        self.leadership(work).relieve(self.person_id, envelope, *self.holding_ids)


@dataclass(frozen=True, kw_only=True)
class Resign(LeavingCommand):
    def decide(self, work: Work) -> None:
        _, envelope = self.ruled(work)
        self.leadership(work).resign(self.person_id, envelope, *self.holding_ids)


@dataclass(frozen=True, kw_only=True)
class Dismiss(LeavingCommand):
    def decide(self, work: Work) -> None:
        _, envelope = self.ruled(work)
        self.leadership(work).dismiss(self.person_id, envelope, *self.holding_ids)


@dataclass(frozen=True, kw_only=True)
class RemoveByDiscipline(LeavingCommand):
    def decide(self, work: Work) -> None:
        _, envelope = self.ruled(work)
        self.leadership(work).remove(self.person_id, envelope, *self.holding_ids)


@dataclass(frozen=True, kw_only=True)
class EndByLaw(LeavingCommand):
    cause: str

    def decide(self, work: Work) -> None:
        _, envelope = self.ruled(work)
        leadership = self.leadership(work)
        leadership.end_by_law(self.person_id, self.cause, envelope, *self.holding_ids)


@dataclass(frozen=True, kw_only=True)
class SuspendFromPosts(LeavingCommand):
    def decide(self, work: Work) -> None:
        _, envelope = self.ruled(work)
        self.leadership(work).suspend(self.person_id, envelope, *self.holding_ids)


@dataclass(frozen=True, kw_only=True)
class LiftSuspension(LeavingCommand):
    def decide(self, work: Work) -> None:
        _, envelope = self.ruled(work)
        self.leadership(work).lift_suspension(self.person_id, envelope, *self.holding_ids)


@dataclass(frozen=True, kw_only=True)
class Reassign(LeavingCommand):
    """Transfer a person to posts of another organisation: one decision, recorded by both.

    A correction takes back what both recorded, wherever he went by it.
    """

    to_organisation_id: UUID
    to_posts: tuple[Post, ...]

    def touches(self) -> Iterator[UUID]:
        yield from super().touches()
        yield from (self.to_organisation_id, leadership_id(self.to_organisation_id))

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        source = self.leadership(work)
        wrong = source.event_at(envelope.voids or 0)
        former = list(other_side(source, wrong, work)) if wrong is not None else []
        source.reassign(
            self.person_id, self.to_organisation_id, self.to_posts, envelope, *self.holding_ids
        )
        target = _leadership(self.to_organisation_id, self.envelope, work)
        again = self._take_back(former, target, envelope, work)
        for post in self.to_posts:
            target.recognise(
                self.person_id,
                post,
                "transferred",
                replace(envelope, voids=again.get(post)),
                rules,
                self.organisation_id,
            )

    def _take_back(
        self, former: list[Side], target: Leadership, envelope: Envelope, work: Work
    ) -> dict[Post, int]:
        """By post, the record that is told rightly; whatever else he came to is taken back."""
        again: dict[Post, int] = {}
        for id_, event, position in former:
            post = _post_of(event, self.person_id)
            if post is not None and post in self.to_posts and id_ == target.id:
                again[post] = position
            else:
                work.get(Leadership, id_).void(replace(envelope, voids=position))
        return again


def _post_of(event: Event, person_id: UUID) -> Post | None:
    """The post to which that person came by it."""
    if isinstance(event, Leadership.Recognised) and event.person_id == person_id:
        return Post(event.body, event.post)
    return None


def end_all_posts(work: Work, person_id: UUID, envelope: Envelope, cause: str) -> None:
    """End whatever a person holds in any organisation, in this transaction (INV-MEM-6).

    The causes are those of domain.leadership.values. Raises LaterFacts.
    """
    for bearer in work.bearers(f"holder:{person_id}"):
        if isinstance(bearer, Leadership):
            work.get(Leadership, bearer.id).end_all_of(person_id, envelope, cause)


# Inspection committees


@dataclass(frozen=True, kw_only=True)
class EstablishInspectionCommittee(LeadershipCommand):
    size: int
    mode: str

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        leadership = self.leadership(work)
        leadership.establish_inspection_committee(self.size, self.mode, envelope, rules)


@dataclass(frozen=True, kw_only=True)
class ApproveInspectionCommittee(LeadershipCommand):
    def decide(self, work: Work) -> None:
        _, envelope = self.ruled(work)
        self.leadership(work).approve_inspection_committee(envelope)


# Members and what they answer for


@dataclass(frozen=True, kw_only=True)
class AssignMember(LeadershipCommand):
    person_id: UUID
    kind: str
    target_id: UUID | None = None
    target: str | None = None
    duties: str | None = None

    def decide(self, work: Work) -> None:
        _, envelope = self.ruled(work)
        what = (self.target_id, self.target, self.duties)
        self.leadership(work).assign_member(self.person_id, self.kind, envelope, *what)


@dataclass(frozen=True, kw_only=True)
class EndAssignment(LeadershipCommand):
    assignment_id: UUID

    def decide(self, work: Work) -> None:
        _, envelope = self.ruled(work)
        self.leadership(work).end_assignment(self.assignment_id, envelope)


# Working regulations


@dataclass(frozen=True, kw_only=True)
class IssueRegulations(LeadershipCommand):
    body: str
    term: str
    document: LegalBasis
    model: str | None = None

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        said = (self.body, self.term, self.document, self.model)
        self.leadership(work).issue_regulations(*said, envelope, rules)


@dataclass(frozen=True, kw_only=True)
class SupersedeRegulations(LeadershipCommand):
    body: str

    def decide(self, work: Work) -> None:
        _, envelope = self.ruled(work)
        self.leadership(work).supersede_regulations(self.body, envelope)
