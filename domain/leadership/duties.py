"""Inspection committees, and what committee members answer for."""

from __future__ import annotations

from uuid import UUID

from domain.envelope import Envelope
from domain.errors import InvalidValue, NotFound, PostNotHeld, RuleBroken
from domain.ids import beside
from domain.leadership import events
from domain.leadership.deciding import Deciding, refuse_unless_one_of
from domain.leadership.rules import body_rule
from domain.leadership.values import INSPECTION, MODES, TARGETS, Establishment
from domain.names import refuse_improper_text
from domain.rulebook import RuleSet


class DecidesDuties(Deciding):
    """Inspection committees and assignments."""

    # Inspection committees

    def establish_inspection_committee(
        self, size: int, mode: str, envelope: Envelope, rules: RuleSet
    ) -> None:
        """Set up the inspection committee, or set its size anew. Raises PostNotAllowed."""
        body_rule(rules, INSPECTION)
        refuse_unless_one_of(mode, MODES, "mode")
        if size < 1:
            raise InvalidValue("A committee has members", field="size")
        said = Establishment(size, mode)
        if self.says_something_new(self.establishment_of(INSPECTION), said, envelope):
            self.happen(events.InspectionCommitteeEstablished, envelope, size=size, mode=mode)

    def approve_inspection_committee(self, envelope: Envelope) -> None:
        """Approve it (chuẩn y). Raises RuleBroken when none stands on that day."""
        if self.establishment_of(INSPECTION).at(envelope.effective_on) is None:
            raise RuleBroken("No inspection committee is set up on that day", field="effective_on")
        if self.says_something_new(self.approval_of(INSPECTION), True, envelope):
            self.happen(events.InspectionCommitteeApproved, envelope)

    # Members and what they answer for

    def assign_member(
        self,
        person_id: UUID,
        kind: str,
        envelope: Envelope,
        target_id: UUID | None = None,
        target: str | None = None,
        duties: str | None = None,
    ) -> None:
        """Let a committee member answer for something (phân công). Raises PostNotHeld."""
        refuse_unless_one_of(kind, TARGETS, "kind")
        refuse_improper_text(target, "target")
        refuse_improper_text(duties, "duties")
        if (target is None) == (target_id is None) or (target is not None and kind != "area"):
            raise InvalidValue(
                "An area is named in words or by its unit, all else by an id", field="target"
            )
        said = {"person_id": person_id, "kind": kind, "target_id": target_id, "target": target}
        said["duties"] = duties
        if envelope.voids is None and self._stands_so(events.MemberAssigned, envelope, said):
            return
        wrong = self.refuse_unless_voidable(envelope.voids) if envelope.voids else None
        if isinstance(wrong, events.MemberAssigned):
            assignment_id = wrong.assignment_id
            self._refuse_facts_around([self.assignment_of(assignment_id)], envelope, wrong)
        else:
            assignment_id = beside(self.organisation_id, f"assignment/{self.version + 1}")
        self.happen(events.MemberAssigned, envelope, assignment_id=assignment_id, **said)

    def end_assignment(self, assignment_id: UUID, envelope: Envelope) -> None:
        """Let the member answer for it no longer. Raises NotFound, PostNotHeld."""
        if assignment_id not in self.assignments:
            raise NotFound(f"There is no assignment {assignment_id}", id=str(assignment_id))
        line = self.assignment_of(assignment_id)
        if not self.says_something_new(line, False, envelope):
            return
        if self._standing(line, envelope) is not True:
            raise PostNotHeld("That assignment does not stand on that day", field="assignment_id")
        self.happen(events.AssignmentEnded, envelope, assignment_id=assignment_id)
