"""What a clerk can ask about memberships: one frozen dataclass each.

Who is expelled, struck off, leaves or dies loses all posts and assignments the same day, in the
same transaction (INV-MEM-6); where the day is corrected, on the right one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from domain.envelope import Envelope
from domain.errors import AlreadyExists, NotFound
from domain.lineage import Successor
from domain.membership import Membership, Vote
from domain.membership.events import Ending
from domain.membership.terms import refuse_unless_badge
from domain.organisation import PartyOrganisation
from domain.rulebook import RuleSet
from services.commands import Command, EstablishOrganisation, end_node
from services.following import cause_of, take_back_ends
from services.leadership import end_all_posts
from services.work import Work


@dataclass(frozen=True, kw_only=True)
class Beginning(Command):
    """A membership begins; the same again records nothing."""

    person_id: UUID
    cell_id: UUID

    def begun(self, work: Work) -> Membership:
        """The membership with its first event, as wished."""
        raise NotImplementedError

    def decide(self, work: Work) -> None:
        wished, known = self.begun(work), work.find_any(Membership, self.id)
        if self.envelope.voids is not None and known is not None:
            work.get(Membership, self.id, self.expected_version)
            known.correct_beginning(wished, self.ruled(work)[1])
        elif known is None:
            work.add(wished)
        elif not known.began_as(wished):
            raise AlreadyExists(f"The id {self.id} is taken", field="id", id=str(self.id))

    def touches(self) -> Iterator[UUID]:
        yield from (self.id, self.cell_id)

    def unvoided(self, work: Work) -> tuple[RuleSet, Envelope]:
        """As `ruled`; a beginning itself takes nothing back."""
        rules, envelope = self.ruled(work)
        return rules, replace(envelope, voids=None)


@dataclass(frozen=True, kw_only=True)
class Admit(Beginning):
    """Admit somebody to the Party, for the first time or again.

    `born_on` is asked for the age on the day of the cell's decision, and recorded nowhere.
    """

    cell_decided_on: date
    introducer_ids: tuple[UUID, ...]
    is_endorsed_by_union: bool = False
    born_on: date | None = field(default=None, repr=False)
    vote: Vote | None = None
    former_id: UUID | None = None  # of who was a member before

    def begun(self, work: Work) -> Membership:
        rules, envelope = self.unvoided(work)
        return Membership.admit(
            self.id,
            person_id=self.person_id,
            cell_id=self.cell_id,
            cell_decided_on=self.cell_decided_on,
            introducer_ids=self.introducer_ids,
            is_endorsed_by_union=self.is_endorsed_by_union,
            born_on=self.born_on,
            vote=self.vote,
            former_id=self.former_id,
            envelope=envelope,
            rules=rules,
        )


@dataclass(frozen=True, kw_only=True)
class TakeOver(Beginning):
    """Enter a member of before as it stood, or one received from outside this register."""

    degree: str
    party_age_on: date | None = None
    ceremony_on: date | None = None
    official_on: date | None = None
    badge_years: int | None = None
    place: str | None = None  # the organisation outside; None: entered as it stood

    def begun(self, work: Work) -> Membership:
        rules, envelope = self.unvoided(work)
        refuse_unless_badge(self.badge_years, "badge_years", rules)
        return Membership.take_over(
            self.id,
            person_id=self.person_id,
            cell_id=self.cell_id,
            degree=self.degree,
            party_age_on=self.party_age_on,
            ceremony_on=self.ceremony_on,
            official_on=self.official_on,
            badge_years=self.badge_years,
            place=self.place,
            envelope=envelope,
        )


@dataclass(frozen=True, kw_only=True)
class MemberCommand(Command):
    """A wish about one membership."""

    def membership(self, work: Work) -> Membership:
        return work.get(Membership, self.id, self.expected_version)


@dataclass(frozen=True, kw_only=True)
class HoldCeremony(MemberCommand):
    decision_received_on: date | None = None

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        self.membership(work).hold_ceremony(self.decision_received_on, envelope, rules)


@dataclass(frozen=True, kw_only=True)
class Recognise(MemberCommand):
    cell_decided_on: date | None = None
    vote: Vote | None = None

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        self.membership(work).recognise(self.cell_decided_on, self.vote, envelope, rules)


@dataclass(frozen=True, kw_only=True)
class Introduce(MemberCommand):
    to_id: UUID | None = None
    place: str | None = None

    def decide(self, work: Work) -> None:
        self.membership(work).introduce(self.to_id, self.place, self.ruled(work)[1])


@dataclass(frozen=True, kw_only=True)
class Receive(MemberCommand):
    cell_id: UUID | None = None

    def decide(self, work: Work) -> None:
        self.membership(work).receive(self.cell_id, self.ruled(work)[1])


@dataclass(frozen=True, kw_only=True)
class LetTransferLapse(MemberCommand):
    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        self.membership(work).let_transfer_lapse(envelope, rules)


@dataclass(frozen=True, kw_only=True)
class ReturnTransfer(MemberCommand):
    def decide(self, work: Work) -> None:
        self.membership(work).return_transfer(self.ruled(work)[1])


@dataclass(frozen=True, kw_only=True)
class StartTemporary(MemberCommand):
    cell_id: UUID
    until: date | None = None

    def decide(self, work: Work) -> None:
        self.membership(work).start_temporary(self.cell_id, self.until, self.ruled(work)[1])


@dataclass(frozen=True, kw_only=True)
class EndTemporary(MemberCommand):
    def decide(self, work: Work) -> None:
        self.membership(work).end_temporary(self.ruled(work)[1])


@dataclass(frozen=True, kw_only=True)
class Move(MemberCommand):
    cell_id: UUID
    way: str = "internal"

    def decide(self, work: Work) -> None:
        self.membership(work).move(self.cell_id, self.way, self.ruled(work)[1])


@dataclass(frozen=True, kw_only=True)
class Exempt(MemberCommand):
    ground: str
    until: date | None = None

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        self.membership(work).exempt(self.ground, self.until, envelope, rules)


@dataclass(frozen=True, kw_only=True)
class EndExemption(MemberCommand):
    def decide(self, work: Work) -> None:
        self.membership(work).end_exemption(self.ruled(work)[1])


@dataclass(frozen=True, kw_only=True)
class SuspendMember(MemberCommand):
    def decide(self, work: Work) -> None:
        self.membership(work).suspend(self.ruled(work)[1])


@dataclass(frozen=True, kw_only=True)
class LiftSuspension(MemberCommand):
    def decide(self, work: Work) -> None:
        self.membership(work).lift_suspension(self.ruled(work)[1])


# Endings


@dataclass(frozen=True, kw_only=True)
class EndMembership(MemberCommand):
    """He is no longer a member, and holds nothing any more, from the same day on."""

    def end(self, membership: Membership, envelope: Envelope, rules: RuleSet) -> None:
        raise NotImplementedError

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        membership = self.membership(work)
        wrong = membership.event_at(envelope.voids or 0)
        self.end(membership, envelope, rules)
        ending = next(reversed(membership.pending_events), None)
        if membership.person_id is None or not isinstance(ending, Ending):
            return
        if isinstance(wrong, Ending):  # else that is refused
            take_back_ends(membership.person_id, wrong, envelope, work)
        about = replace(envelope, voids=None)
        end_all_posts(work, membership.person_id, about, cause_of(ending))


@dataclass(frozen=True, kw_only=True)
class StrikeOff(EndMembership):
    vote: Vote | None = None

    def end(self, membership: Membership, envelope: Envelope, rules: RuleSet) -> None:
        membership.strike_off(self.vote, envelope, rules)


@dataclass(frozen=True, kw_only=True)
class Leave(EndMembership):
    def end(self, membership: Membership, envelope: Envelope, rules: RuleSet) -> None:
        membership.leave(envelope)


@dataclass(frozen=True, kw_only=True)
class Expel(EndMembership):
    vote: Vote | None = None

    def end(self, membership: Membership, envelope: Envelope, rules: RuleSet) -> None:
        membership.expel(self.vote, envelope, rules)


@dataclass(frozen=True, kw_only=True)
class RecordDeath(EndMembership):
    def end(self, membership: Membership, envelope: Envelope, rules: RuleSet) -> None:
        membership.die(envelope)


@dataclass(frozen=True, kw_only=True)
class Restore(MemberCommand):
    cell_id: UUID
    degree: str

    def decide(self, work: Work) -> None:
        self.membership(work).restore(self.cell_id, self.degree, self.ruled(work)[1])


@dataclass(frozen=True, kw_only=True)
class AwardBadge(MemberCommand):
    years: int
    way: str = "regular"

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        self.membership(work).award_badge(self.years, self.way, envelope, rules)


@dataclass(frozen=True, kw_only=True)
class DeterminePartyAge(MemberCommand):
    party_age_on: date

    def decide(self, work: Work) -> None:
        self.membership(work).determine_party_age(self.party_age_on, self.ruled(work)[1])


# Cells


@dataclass(frozen=True, kw_only=True)
class MergeCells(Command):
    """Cells end and their members go to others, all at once.

    `id` is the cell that takes over, founded with this or there already. With `allocation`, by
    membership, single members go elsewhere: then those cells are successors too.
    """

    sources: tuple[UUID, ...]
    founding: EstablishOrganisation | None = None
    allocation: Mapping[UUID, UUID] = field(default_factory=dict)
    way: str = "merger"

    def decide(self, work: Work) -> None:
        if self.founding is not None:
            self.founding.decide(work)
        else:
            work.get(PartyOrganisation, self.id, self.expected_version)
        work.look_up(f"on:{source}" for source in self.sources)
        unknown = set(self.allocation)
        for source in self.sources:
            unknown -= self._end(source, work)
        if unknown:
            raise NotFound(
                "Some who are allocated belong to none of these cells on that day",
                field="allocation",
                membership_id=str(min(unknown)),
            )

    def touches(self) -> Iterator[UUID]:
        yield from (self.id, *self.sources)

    def _end(self, source: UUID, work: Work) -> set[UUID]:
        """End a cell and move its members; their ids."""
        envelope, day = self.ruled(work)[1], self.envelope.effective_on
        cell = work.get(PartyOrganisation, source)
        bearers = [m for m in work.bearers(f"on:{source}") if isinstance(m, Membership)]
        members = [m for m in bearers if m.cell_on(day) == source]
        goals = {m.id: self.allocation.get(m.id, self.id) for m in members}
        end_node(cell, self.way, _heirs(self.id, set(goals.values())), envelope, work)
        for membership in members:
            work.get(Membership, membership.id).move(
                goals[membership.id], "reorganisation", envelope
            )
        for guest in bearers:
            if guest.is_active_on(day) and guest.temporary_cell_id.at(day) == source:
                self._keep_place(work.get(Membership, guest.id), envelope)
        return set(goals)

    def _keep_place(self, guest: Membership, envelope: Envelope) -> None:
        """Who took part there for a time does so in the cell that takes over."""
        if guest.cell_on(envelope.effective_on) == self.id:
            guest.end_temporary(envelope)
        else:
            guest.start_temporary(self.id, None, envelope)


def _heirs(default: UUID, goals: set[UUID]) -> tuple[Successor, ...]:
    """The whole to the one; where members go to several, parts, and most look at the first."""
    others = sorted(goals - {default})
    if not others:
        return (Successor(default, "whole", is_default=True),)
    parts = (Successor(id_, "part") for id_ in others)
    return (Successor(default, "part", is_default=True), *parts)
