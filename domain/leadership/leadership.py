"""The leadership of an organisation: its events, and what binds it to what stands around it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from domain.aggregate import NOT_YET_RECORDED, Aggregate, Event
from domain.envelope import Envelope
from domain.leadership import competence, events, standing
from domain.leadership.coming import DecidesComing
from domain.leadership.duties import DecidesDuties
from domain.leadership.leaving import DecidesLeaving
from domain.leadership.record import leadership_id
from domain.leadership.terms import DecidesTerms
from domain.structure.neighbourhood import Neighbourhood


class Leadership(DecidesTerms, DecidesComing, DecidesLeaving, DecidesDuties):
    """Who leads a Party organisation (cấp ủy, ban thường vụ, ủy ban kiểm tra), on every day."""

    TOPIC = "leadership"

    SeatPlanSet = events.SeatPlanSet
    SeatPlansSet = events.SeatPlansSet
    TermStarted = events.TermStarted
    TermExtended = events.TermExtended
    TermEnded = events.TermEnded
    Elected = events.Elected
    InspectionDeputyElected = events.InspectionDeputyElected
    ElectionApproved = events.ElectionApproved
    ElectionNotApproved = events.ElectionNotApproved
    Appointed = events.Appointed
    AppointedTogether = events.AppointedTogether
    Entered = events.Entered
    Recognised = events.Recognised
    ConcurrentPostTaken = events.ConcurrentPostTaken
    ActingAssigned = events.ActingAssigned
    Reassigned = events.Reassigned
    Relieved = events.Relieved
    Resigned = events.Resigned
    Dismissed = events.Dismissed
    RemovedByDiscipline = events.RemovedByDiscipline
    EndedByLaw = events.EndedByLaw
    Suspended = events.Suspended
    SuspensionLifted = events.SuspensionLifted
    Closed = events.Closed
    InspectionCommitteeEstablished = events.InspectionCommitteeEstablished
    InspectionCommitteeApproved = events.InspectionCommitteeApproved
    MemberAssigned = events.MemberAssigned
    AssignmentEnded = events.AssignmentEnded
    WorkingRegulationsIssued = events.WorkingRegulationsIssued
    WorkingRegulationsSuperseded = events.WorkingRegulationsSuperseded
    Voided = events.Voided

    voiding = events.Voided

    @classmethod
    def of(cls, organisation_id: UUID) -> Leadership:
        """The leadership of an organisation of which nothing is recorded yet."""
        shell = cls.shell(leadership_id(organisation_id), NOT_YET_RECORDED)
        shell.organisation_id = organisation_id
        return shell

    def close(self, envelope: Envelope) -> None:
        """End all that is held, because the organisation is no more (INV-POST-6)."""
        if self.says_something_new(self.closed, True, envelope):
            self.happen(self.Closed, envelope)

    # Taking back

    def void(self, envelope: Envelope) -> None:
        """Take an event back. What began goes last: raises LaterFacts while more is told of it."""
        if envelope.voids is not None:
            wrong = self.refuse_unless_voidable(envelope.voids)
            for id_ in getattr(wrong, "begins", ()):
                self._refuse_others(self._lines_of(id_), wrong)
            if isinstance(wrong, events.MemberAssigned):
                self._refuse_others([self.assignment_of(wrong.assignment_id)], wrong)
        super().void(envelope)

    # Standing among others

    def keys_around(self, since: date) -> set[str]:
        return standing.keys_around(self, since)

    def ids_around(self, events: Sequence[Event]) -> set[UUID]:
        deciders = (event.envelope.authority.organisation_id for event in events)
        return {self.organisation_id, *(id_ for id_ in deciders if id_)}

    def refuse_breaches(self, since: date, events: Sequence[Event], around: Neighbourhood) -> None:
        standing.refuse_breaches(self, since, events, around)
        for event in events:
            competence.refuse_incompetent(self, event, around)

    def refuse_change_of(self, other: Aggregate, since: date, around: Neighbourhood) -> None:
        standing.refuse_breaches(self, since, (), around)
