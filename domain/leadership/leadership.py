"""The leadership of an organisation: what can be decided about it, and what is then recorded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from domain.aggregate import NOT_YET_RECORDED, Aggregate, Event
from domain.envelope import Envelope
from domain.errors import (
    InvalidValue,
    LaterFacts,
    NotFound,
    OutsideTerm,
    PostNotAllowed,
    PostNotHeld,
    RuleBroken,
)
from domain.ids import beside
from domain.leadership import competence, events, standing
from domain.leadership.record import LeadershipRecord, leadership_id
from domain.leadership.rules import body_rule, post_rule
from domain.leadership.values import (
    ACTING,
    CAUSES,
    ELECTORS,
    FORMS,
    HELD,
    MODES,
    OCCASIONS,
    PENDING,
    SUSPENDED,
    TARGETS,
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
from domain.names import proper_name, refuse_improper_text
from domain.rulebook import RuleSet
from domain.structure.neighbourhood import Neighbourhood
from domain.timeline import Timeline

INSPECTION = "inspection_committee"


class Leadership(LeadershipRecord):
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

    def happen(self, event_class: type[Event], envelope: Envelope, **facts: Any) -> None:
        super().happen(event_class, envelope, organisation_id=self.organisation_id, **facts)

    # Terms and seats

    def set_seats(
        self,
        body: str,
        post: str,
        number: int,
        envelope: Envelope,
        rules: RuleSet,
        due_on: date | None = None,
        surplus_until: date | None = None,
    ) -> None:
        """Set the number of seats of a post. Raises PostNotAllowed, InvalidValue."""
        post_rule(rules, body, post)
        _refuse_ill_planned(number, due_on, surplus_until, envelope)
        seats = Seats(number, due_on, surplus_until)
        if self.says_something_new(self.seats_of(body, post), seats, envelope):
            facts = {"number": number, "due_on": due_on, "surplus_until": surplus_until}
            self.happen(self.SeatPlanSet, envelope, body=body, post=post, **facts)

    def set_seats_together(
        self,
        plans: Sequence[Planned],
        envelope: Envelope,
        rules: RuleSet,
        due_on: date | None = None,
        surplus_until: date | None = None,
    ) -> None:
        """Set the seats of several posts by one decision. Raises PostNotAllowed, InvalidValue."""
        if not plans or len({(plan.body, plan.post) for plan in plans}) != len(plans):
            raise InvalidValue("Name each post once", field="plans")
        for plan in plans:
            post_rule(rules, plan.body, plan.post)
            _refuse_ill_planned(plan.number, due_on, surplus_until, envelope)
        new = [
            self.says_something_new(
                self.seats_of(plan.body, plan.post),
                Seats(plan.number, due_on, surplus_until),
                envelope,
            )
            for plan in plans
        ]
        if any(new):
            facts = {"due_on": due_on, "surplus_until": surplus_until}
            self.happen(self.SeatPlansSet, envelope, plans=tuple(plans), **facts)

    def start_term(
        self,
        bodies: Sequence[str],
        name: str,
        until: date | None,
        envelope: Envelope,
        rules: RuleSet,
    ) -> None:
        """Begin a term of these bodies. Raises PostNotAllowed, InvalidValue."""
        name, term = proper_name(name), Term(proper_name(name), until)
        if until is not None and until <= envelope.effective_on:
            raise InvalidValue("A term ends after its first day", field="until")
        if self._is_new_for(bodies, term, envelope, rules):
            facts = {"bodies": tuple(bodies), "name": name, "until": until}
            self.happen(self.TermStarted, envelope, **facts)

    def extend_term(
        self, bodies: Sequence[str], until: date | None, envelope: Envelope, rules: RuleSet
    ) -> None:
        """Let the running term of these bodies end on another day. Raises OutsideTerm."""
        names = {self._running(body, envelope) for body in bodies}
        if len(names) > 1:
            raise InvalidValue("These bodies are in terms of several names", field="bodies")
        if until is not None and until <= envelope.effective_on:
            raise InvalidValue("A term ends after that day", field="until")
        name = next(iter(names), "")
        if self._is_new_for(bodies, Term(name, until), envelope, rules):
            facts = {"bodies": tuple(bodies), "name": name, "until": until}
            self.happen(self.TermExtended, envelope, **facts)

    def end_term(self, bodies: Sequence[str], envelope: Envelope, rules: RuleSet) -> None:
        """End the running term of these bodies, and all that is held in it. Raises OutsideTerm."""
        for body in bodies:
            fact = self.term_of(body).fact_at(envelope.effective_on)
            if envelope.voids is None and (fact is None or fact.value is not None):
                self._running(body, envelope)
        if self._is_new_for(bodies, None, envelope, rules):
            self.happen(self.TermEnded, envelope, bodies=tuple(bodies))

    def _is_new_for(
        self, bodies: Sequence[str], term: Term | None, envelope: Envelope, rules: RuleSet
    ) -> bool:
        if not bodies or len(set(bodies)) != len(bodies):
            raise InvalidValue("Name each body once", field="bodies")
        for body in bodies:
            body_rule(rules, body)
        lines = [self.term_of(body) for body in bodies]
        return any(self.says_something_new(line, term, envelope) for line in lines)

    def _running(self, body: str, envelope: Envelope) -> str:
        """The name of the term that runs, or ends on that day. Raises OutsideTerm."""
        day = envelope.effective_on
        running = self.term_on(body, day)
        ending = next((s for s in self.term_spans(body) if s.after == day), None)
        if term := running or ending:
            return term.value
        raise OutsideTerm(
            f"No term of {body} runs on {day:%d/%m/%Y}", field="bodies", rule="INV-POST-4"
        )

    # Coming to a post: four legal acts, and two that give no seat of the Party's own

    def elect(
        self,
        person_id: UUID,
        post: Post,
        by: str,
        ballot: Ballot,
        envelope: Envelope,
        rules: RuleSet,
    ) -> None:
        """Record an election (bầu). The work begins on the day of the ballot (INV-POST-5).

        Raises PostNotAllowed, InvalidValue, RuleBroken when the votes do not suffice.
        """
        _refuse_unless_one_of(by, ELECTORS, "by")
        self._refuse_lost_ballot(ballot, envelope, rules)
        self._begin(self.Elected, person_id, post, envelope, rules, by=by, ballot=ballot)

    def elect_inspection_deputy(
        self, person_id: UUID, ballot: Ballot, envelope: Envelope, rules: RuleSet
    ) -> None:
        """Record that the inspection committee elected its deputy chair itself."""
        self._refuse_lost_ballot(ballot, envelope, rules)
        post = Post(INSPECTION, "deputy_chair")
        self._begin(self.InspectionDeputyElected, person_id, post, envelope, rules, ballot=ballot)

    def appoint(
        self, person_id: UUID, post: Post, occasion: str, envelope: Envelope, rules: RuleSet
    ) -> None:
        """Record an appointment by the superior (chỉ định)."""
        _refuse_unless_one_of(occasion, OCCASIONS, "occasion")
        self._begin(self.Appointed, person_id, post, envelope, rules, occasion=occasion)

    def appoint_together(
        self,
        holders: Sequence[tuple[UUID, Post]],
        occasion: str,
        envelope: Envelope,
        rules: RuleSet,
    ) -> None:
        """Record that several were appointed by one decision (chỉ định): (person, post) of each."""
        _refuse_unless_one_of(occasion, OCCASIONS, "occasion")
        for number, (_, post) in enumerate(holders):
            if not body_rule(rules, post.body).of_party:
                raise PostNotAllowed(
                    f"{post} is no post of the Party: nobody is appointed to it",
                    field=f"holders.{number}.body",
                    rule=f"body.{post.body}",
                )
        placed = [(person_id, post, None) for person_id, post in holders]
        self._begin_together(self.AppointedTogether, placed, envelope, rules, occasion=occasion)

    def enter(
        self,
        holders: Sequence[tuple[UUID, Post, str | None]],
        envelope: Envelope,
        rules: RuleSet,
    ) -> None:
        """Take over who holds what as it stands: (person, post, place of a post outside the Party).

        How they came to it is not said: what is known of that is recorded as an act of its own.
        """
        self._begin_together(self.Entered, holders, envelope, rules)

    def _begin_together(
        self,
        event_class: type[events.Together],
        holders: Sequence[tuple[UUID, Post, str | None]],
        envelope: Envelope,
        rules: RuleSet,
        **facts: Any,
    ) -> None:
        seats = [(person_id, p.body, p.post, place) for person_id, p, place in holders]
        if not seats or len({seat[:3] for seat in seats}) != len(seats):
            raise InvalidValue("Name each person once for a post", field="holders")
        for _, body, post, place in seats:
            post_rule(rules, body, post)
            refuse_improper_text(place, "holders.place")
        if envelope.voids is None and self._is_seated_so(event_class, seats, envelope, facts):
            return
        wrong = self.refuse_unless_voidable(envelope.voids) if envelope.voids else None
        known = {h.seat: h.holding_id for h in getattr(wrong, "holders", ())}
        for seat, id_ in known.items():
            lines = self._lines_of(id_)
            if seat in seats:
                self._refuse_facts_around(lines, envelope, _present(wrong))
            else:
                self._refuse_others(lines, _present(wrong))
        number = self.version + 1
        seated = (
            Seated(known.get(seat) or beside(self.organisation_id, f"holding/{number}/{n}"), *seat)
            for n, seat in enumerate(seats, 1)
        )
        self.happen(event_class, envelope, holders=tuple(seated), **facts)

    def _is_seated_so(
        self,
        event_class: type[events.Together],
        seats: Sequence[tuple[UUID, str, str, str | None]],
        envelope: Envelope,
        facts: dict[str, Any],
    ) -> bool:
        """Whether an event that stands says all this from the same day, in whatever order."""
        return any(
            isinstance(event, event_class)
            and version not in self.voided_by
            and event.effective_on == envelope.effective_on
            and {holder.seat for holder in event.holders} == set(seats)
            and all(getattr(event, name) == value for name, value in facts.items())
            for version, event in self.events.items()
        )

    def recognise(
        self,
        person_id: UUID,
        post: Post,
        form: str,
        envelope: Envelope,
        rules: RuleSet,
        from_organisation_id: UUID | None = None,
    ) -> None:
        """Record a recognition, assignment, transfer or naming (công nhận, phân công ...)."""
        _refuse_unless_one_of(form, FORMS, "form")
        said = {"form": form, "from_organisation_id": from_organisation_id}
        self._begin(self.Recognised, person_id, post, envelope, rules, **said)

    def take_concurrent_post(
        self,
        person_id: UUID,
        post: Post,
        place: str | None,
        envelope: Envelope,
        rules: RuleSet,
    ) -> None:
        """Record a post outside the Party that is held besides (kiêm nhiệm)."""
        if body_rule(rules, post.body).of_party:
            raise PostNotAllowed(
                f"{post} is a post of the Party: it is elected, appointed or recognised",
                field="body",
                rule=f"body.{post.body}",
            )
        refuse_improper_text(place, "place")
        self._begin(self.ConcurrentPostTaken, person_id, post, envelope, rules, place=place)

    def assign_acting(
        self,
        person_id: UUID,
        post: Post,
        until: date | None,
        envelope: Envelope,
        rules: RuleSet,
    ) -> None:
        """Let somebody do the work of a post until a day (giao quyền, giao phụ trách)."""
        if until is not None and until <= envelope.effective_on:
            raise InvalidValue("It ends after its first day", field="until")
        self._begin(self.ActingAssigned, person_id, post, envelope, rules, until=until)

    def _begin(
        self,
        event_class: type[events.Begun],
        person_id: UUID,
        post: Post,
        envelope: Envelope,
        rules: RuleSet,
        **facts: Any,
    ) -> None:
        post_rule(rules, post.body, post.post)
        said = {"person_id": person_id, "body": post.body, "post": post.post, **facts}
        if envelope.voids is None and self._stands_so(event_class, envelope, said):
            return
        wrong = self.refuse_unless_voidable(envelope.voids) if envelope.voids else None
        if isinstance(wrong, events.Begun):
            holding_id = wrong.holding_id
            self._refuse_facts_around(self._lines_of(holding_id), envelope, wrong)
        else:
            holding_id = beside(self.organisation_id, f"holding/{self.version + 1}")
        self.happen(event_class, envelope, holding_id=holding_id, **said)

    def _refuse_lost_ballot(self, ballot: Ballot, envelope: Envelope, rules: RuleSet) -> None:
        ballot.refuse_ill_formed()
        if ballot.held_on != envelope.effective_on:
            raise RuleBroken(
                "Who is elected works from the day of the ballot on",
                field="effective_on",
                rule="INV-POST-5",
            )
        if ballot.summoned is None or ballot.votes_for is None:
            return
        rule = rules.rule("leadership.election.votes_above")
        above = rule.value["numerator"] * ballot.summoned
        if ballot.votes_for * rule.value["denominator"] <= above:
            raise RuleBroken(
                f"{ballot.votes_for} votes of {ballot.summoned} summoned elect nobody",
                field="ballot.votes_for",
                rule=rule.key,
                document=rule.document,
            )

    # What is decided about an election

    def approve_election(self, holding_ids: Sequence[UUID], envelope: Envelope) -> None:
        """Approve elections (chuẩn y). Raises PostNotHeld unless they wait for it."""
        self._conclude(self.ElectionApproved, holding_ids, envelope)

    def refuse_election(self, holding_ids: Sequence[UUID], envelope: Envelope) -> None:
        """Refuse to approve elections, which ends what came of them (INV-POST-5)."""
        self._conclude(self.ElectionNotApproved, holding_ids, envelope)

    def _conclude(
        self, event_class: type[Event], holding_ids: Sequence[UUID], envelope: Envelope
    ) -> None:
        said = {"holding_ids": tuple(holding_ids)}
        if envelope.voids is None and self._stands_so(event_class, envelope, said):
            return
        for holding in self._named(holding_ids):
            waits = self._standing(holding.approval, envelope)
            if waits != PENDING:
                raise PostNotHeld(
                    f"No election to {holding.body}.{holding.post} waits for approval on "
                    f"{envelope.effective_on:%d/%m/%Y}",
                    field="holding_ids",
                    rule="INV-POST-5",
                    holding_id=str(holding.id),
                )
            self._refuse_unless_in(holding, (HELD, SUSPENDED), envelope)
        if event_class is self.ElectionNotApproved:
            self._refuse_revival(holding_ids, envelope)
        self.happen(event_class, envelope, **said)

    # Leaving a post

    def relieve(self, person_id: UUID, envelope: Envelope, *holding_ids: UUID) -> None:
        """Relieve of these posts, or of all held on that day (cho thôi giữ chức)."""
        self._leave(self.Relieved, person_id, holding_ids, envelope)

    def resign(self, person_id: UUID, envelope: Envelope, *holding_ids: UUID) -> None:
        """Record that somebody resigned these posts, or all (từ chức)."""
        self._leave(self.Resigned, person_id, holding_ids, envelope)

    def dismiss(self, person_id: UUID, envelope: Envelope, *holding_ids: UUID) -> None:
        """Dismiss from these posts, or all (miễn nhiệm)."""
        self._leave(self.Dismissed, person_id, holding_ids, envelope)

    def remove(self, person_id: UUID, envelope: Envelope, *holding_ids: UUID) -> None:
        """Remove from these posts, or all, as a disciplinary measure (cách chức)."""
        self._leave(self.RemovedByDiscipline, person_id, holding_ids, envelope)

    def end_by_law(
        self, person_id: UUID, cause: str, envelope: Envelope, *holding_ids: UUID
    ) -> None:
        """Record that these posts, or all, ended without a decision about them."""
        _refuse_unless_one_of(cause, CAUSES, "cause")
        self._leave(self.EndedByLaw, person_id, holding_ids, envelope, cause=cause)

    def end_all_of(self, person_id: UUID, envelope: Envelope, cause: str) -> None:
        """End whatever a person holds here from that day on, if anything (INV-MEM-6).

        Raises LaterFacts when a post begins, or is told anew, after that day: void that first.
        """
        day = envelope.effective_on
        held = [t.holding.id for t in self.held_by(person_id, day)]
        later = [
            self.events[t.holding.begun_by].position
            for t in self.all_tenures()
            if t.holding.person_id == person_id and t.holding.id not in held and t.first > day
        ]
        if later:
            raise LaterFacts(
                f"Posts that begin after {day:%d/%m/%Y} are on record: void them first",
                field="effective_on",
                id=str(self.id),
                positions=later,
            )
        if held:
            self.end_by_law(person_id, cause, envelope, *held)

    def reassign(
        self,
        person_id: UUID,
        to_organisation_id: UUID,
        to_posts: Sequence[Post],
        envelope: Envelope,
        *holding_ids: UUID,
    ) -> None:
        """Let somebody leave these posts, or all, for posts of another organisation (điều động).

        The other organisation's leadership records `recognise` in the same transaction.
        """
        if to_organisation_id == self.organisation_id:
            raise InvalidValue("Name another organisation", field="to_organisation_id")
        target = {"to_organisation_id": to_organisation_id, "to_posts": tuple(to_posts)}
        self._leave(self.Reassigned, person_id, holding_ids, envelope, **target)

    def _leave(
        self,
        event_class: type[Event],
        person_id: UUID,
        holding_ids: Sequence[UUID],
        envelope: Envelope,
        **facts: Any,
    ) -> None:
        if self._left_so(event_class, person_id, holding_ids, envelope, facts):
            return
        ids = tuple(holding_ids) or self._all_held(person_id, envelope)
        said = {"person_id": person_id, "holding_ids": ids, **facts}
        for holding in self._named(ids, person_id):
            self._refuse_unless_in(holding, (HELD, ACTING, SUSPENDED), envelope)
        self._refuse_revival(ids, envelope)
        self.happen(event_class, envelope, **said)

    def _left_so(
        self,
        event_class: type[Event],
        person_id: UUID,
        holding_ids: Sequence[UUID],
        envelope: Envelope,
        facts: dict[str, Any],
    ) -> bool:
        said = {"person_id": person_id, **facts}
        said |= {"holding_ids": tuple(holding_ids)} if holding_ids else {}
        return envelope.voids is None and self._stands_so(event_class, envelope, said)

    def _all_held(self, person_id: UUID, envelope: Envelope) -> tuple[UUID, ...]:
        wrong = self.refuse_unless_voidable(envelope.voids) if envelope.voids else None
        held = [t.holding.id for t in self.held_by(person_id, envelope.effective_on)]
        again = [id_ for id_ in getattr(wrong, "holding_ids", ()) if id_ not in held]
        if not held and not again:
            raise PostNotHeld(
                f"The person holds no post here on {envelope.effective_on:%d/%m/%Y}",
                field="person_id",
                id=str(self.id),
            )
        return (*held, *again)

    def suspend(self, person_id: UUID, envelope: Envelope, *holding_ids: UUID) -> None:
        """Suspend from these posts, or all (đình chỉ chức vụ); the seats are kept."""
        self._interrupt(self.Suspended, HELD, person_id, holding_ids, envelope)

    def lift_suspension(self, person_id: UUID, envelope: Envelope, *holding_ids: UUID) -> None:
        """Lift the suspension from these posts, or all."""
        self._interrupt(self.SuspensionLifted, SUSPENDED, person_id, holding_ids, envelope)

    def _interrupt(
        self,
        event_class: type[Event],
        state: str,
        person_id: UUID,
        holding_ids: Sequence[UUID],
        envelope: Envelope,
    ) -> None:
        if self._left_so(event_class, person_id, holding_ids, envelope, {}):
            return
        ids = tuple(holding_ids) or self._all_held(person_id, envelope)
        for holding in self._named(ids, person_id):
            self._refuse_unless_in(holding, (state,), envelope)
        self.happen(event_class, envelope, person_id=person_id, holding_ids=ids)

    def close(self, envelope: Envelope) -> None:
        """End all that is held, because the organisation is no more (INV-POST-6)."""
        if self.says_something_new(self.closed, True, envelope):
            self.happen(self.Closed, envelope)

    # Inspection committees

    def establish_inspection_committee(
        self, size: int, mode: str, envelope: Envelope, rules: RuleSet
    ) -> None:
        """Set up the inspection committee, or set its size anew. Raises PostNotAllowed."""
        body_rule(rules, INSPECTION)
        _refuse_unless_one_of(mode, MODES, "mode")
        if size < 1:
            raise InvalidValue("A committee has members", field="size")
        said = Establishment(size, mode)
        if self.says_something_new(self.establishment_of(INSPECTION), said, envelope):
            self.happen(self.InspectionCommitteeEstablished, envelope, size=size, mode=mode)

    def approve_inspection_committee(self, envelope: Envelope) -> None:
        """Approve it (chuẩn y). Raises RuleBroken when none stands on that day."""
        if self.establishment_of(INSPECTION).at(envelope.effective_on) is None:
            raise RuleBroken("No inspection committee is set up on that day", field="effective_on")
        if self.says_something_new(self.approval_of(INSPECTION), True, envelope):
            self.happen(self.InspectionCommitteeApproved, envelope)

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
        _refuse_unless_one_of(kind, TARGETS, "kind")
        refuse_improper_text(target, "target")
        refuse_improper_text(duties, "duties")
        if (target is None) == (target_id is None) or (target is not None and kind != "area"):
            raise InvalidValue(
                "An area is named in words or by its unit, all else by an id", field="target"
            )
        said = {"person_id": person_id, "kind": kind, "target_id": target_id, "target": target}
        said["duties"] = duties
        if envelope.voids is None and self._stands_so(self.MemberAssigned, envelope, said):
            return
        wrong = self.refuse_unless_voidable(envelope.voids) if envelope.voids else None
        if isinstance(wrong, events.MemberAssigned):
            assignment_id = wrong.assignment_id
            self._refuse_facts_around([self.assignment_of(assignment_id)], envelope, wrong)
        else:
            assignment_id = beside(self.organisation_id, f"assignment/{self.version + 1}")
        self.happen(self.MemberAssigned, envelope, assignment_id=assignment_id, **said)

    def end_assignment(self, assignment_id: UUID, envelope: Envelope) -> None:
        """Let the member answer for it no longer. Raises NotFound, PostNotHeld."""
        if assignment_id not in self.assignments:
            raise NotFound(f"There is no assignment {assignment_id}", id=str(assignment_id))
        line = self.assignment_of(assignment_id)
        if not self.says_something_new(line, False, envelope):
            return
        if self._standing(line, envelope) is not True:
            raise PostNotHeld("That assignment does not stand on that day", field="assignment_id")
        self.happen(self.AssignmentEnded, envelope, assignment_id=assignment_id)

    # Working regulations

    def issue_regulations(
        self,
        body: str,
        term: str,
        document: LegalBasis,
        model: str | None,
        envelope: Envelope,
        rules: RuleSet,
    ) -> None:
        """Record working regulations of a body for a term. They replace those before."""
        body_rule(rules, body)
        document.refuse_ill_formed()
        term = proper_name(term, "term")
        refuse_improper_text(model, "model")
        if self.says_something_new(
            self.regulations_of(body), Regulations(term, document, model), envelope
        ):
            facts = {"body": body, "term": term, "document": document, "model": model}
            self.happen(self.WorkingRegulationsIssued, envelope, **facts)

    def supersede_regulations(self, body: str, envelope: Envelope) -> None:
        """Let the working regulations of a body hold no longer, with none to follow yet."""
        line = self.regulations_of(body)
        if not self.says_something_new(line, None, envelope):
            return
        if self._standing(line, envelope) is None:
            raise RuleBroken(f"{body} has no working regulations on that day", field="effective_on")
        self.happen(self.WorkingRegulationsSuperseded, envelope, body=body)

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

    # What the commands ask

    def _stands_so(
        self, event_class: type[Event], envelope: Envelope, facts: dict[str, Any]
    ) -> bool:
        """Whether an event that stands says all this from the same day."""
        return any(
            type(event) is event_class
            and version not in self.voided_by
            and event.effective_on == envelope.effective_on
            and all(getattr(event, name) == value for name, value in facts.items())
            for version, event in self.events.items()
        )

    def _named(self, ids: Sequence[UUID], person_id: UUID | None = None) -> list[Holding]:
        """The holdings of these ids. Raises NotFound, InvalidValue."""
        if not ids or len(set(ids)) != len(ids):
            raise InvalidValue("Name each holding once", field="holding_ids")
        for id_ in ids:
            if id_ not in self.holdings:
                raise NotFound(f"There is no holding {id_} here", field="holding_ids", id=str(id_))
            if person_id is not None and self.holdings[id_].person_id != person_id:
                raise InvalidValue(
                    "That holding is another person's", field="holding_ids", id=str(id_)
                )
        return [self.holdings[id_] for id_ in ids]

    def _standing(self, line: Timeline[Any], envelope: Envelope) -> Any:
        """The value on the day of effect, but for what the envelope takes back."""
        version = self._versions.get(envelope.voids or 0)
        facts = [f for f in line.facts() if f.day <= envelope.effective_on and f.order != version]
        return facts[-1].value if facts else None

    def _refuse_unless_in(
        self, holding: Holding, states: tuple[str, ...], envelope: Envelope
    ) -> None:
        """Raises PostNotHeld unless it is in one of these states on the day of effect."""
        day = envelope.effective_on
        begun = holding.state.facts()[0].day if holding.state.facts() else day
        last = self.end_at_latest(holding.body, begun)
        state = self._standing(holding.state, envelope)
        if state not in states or (last is not None and day >= last):
            raise PostNotHeld(
                f"{holding.body}.{holding.post} is not {' or '.join(states)} by that person on "
                f"{day:%d/%m/%Y}",
                field="holding_ids",
                holding_id=str(holding.id),
            )

    def _refuse_revival(self, ids: Iterable[UUID], envelope: Envelope) -> None:
        """Raises LaterFacts when something after the day would let an ended holding go on."""
        version = self._versions.get(envelope.voids or 0)
        later = {
            fact.order
            for id_ in ids
            for fact in self.state_of(id_).facts()
            if fact.day >= envelope.effective_on and fact.value is not None
        } - {version}
        later -= {self.holdings[id_].begun_by for id_ in ids}
        self._refuse_if(later, "It would go on after its end: void these first")

    def _lines_of(self, holding_id: UUID) -> list[Timeline[Any]]:
        return [self.state_of(holding_id), self.approval_of_election(holding_id)]

    def _refuse_facts_around(
        self, lines: Iterable[Timeline[Any]], envelope: Envelope, wrong: Event
    ) -> None:
        """Raises LaterFacts when other facts would lie before the corrected beginning."""
        facts = (f for line in lines for f in line.facts() if f.day <= envelope.effective_on)
        self._refuse_if(
            {f.order for f in facts} - {wrong.originator_version},
            "Facts would lie before its beginning: void these first",
        )

    def _refuse_others(self, lines: Iterable[Timeline[Any]], wrong: Event) -> None:
        orders = {fact.order for line in lines for fact in line.facts()}
        self._refuse_if(
            orders - {wrong.originator_version}, "More is on record of it: void these first"
        )

    def _refuse_if(self, versions: set[int | None] | set[int], words: str) -> None:
        if versions:
            positions = [self.events[v].position for v in sorted(v for v in versions if v)]
            raise LaterFacts(words, field="effective_on", id=str(self.id), positions=positions)


def _refuse_ill_planned(
    number: int, due_on: date | None, surplus_until: date | None, envelope: Envelope
) -> None:
    if number < 0:
        raise InvalidValue("The number of seats is not negative", field="number")
    for field, day in (("due_on", due_on), ("surplus_until", surplus_until)):
        if day is not None and day < envelope.effective_on:
            raise InvalidValue("That day lies before the plan takes effect", field=field)


def _present(event: Event | None) -> Event:
    assert event is not None
    return event


def _refuse_unless_one_of(value: str, allowed: Sequence[str], field: str) -> None:
    if value not in allowed:
        raise InvalidValue(f"It is one of {', '.join(allowed)}", field=field)
