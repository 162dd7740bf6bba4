"""How a person comes to a post: four legal acts, and two that give no seat of the Party's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from domain.aggregate import Event
from domain.envelope import Envelope
from domain.errors import InvalidValue, PostNotAllowed, PostNotHeld, RuleBroken
from domain.ids import beside
from domain.leadership import events
from domain.leadership.deciding import Deciding, refuse_unless_one_of
from domain.leadership.rules import body_rule, post_rule
from domain.leadership.values import (
    ELECTORS,
    FORMS,
    HELD,
    INSPECTION,
    OCCASIONS,
    PENDING,
    SUSPENDED,
    Ballot,
    Post,
    Seated,
)
from domain.names import refuse_improper_text
from domain.rulebook import RuleSet


class DecidesComing(Deciding):
    """Elected, approved, appointed, recognised; acting, and posts outside the Party."""

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
        refuse_unless_one_of(by, ELECTORS, "by")
        self._refuse_lost_ballot(ballot, envelope, rules)
        self._begin(events.Elected, person_id, post, envelope, rules, by=by, ballot=ballot)

    def elect_inspection_deputy(
        self, person_id: UUID, ballot: Ballot, envelope: Envelope, rules: RuleSet
    ) -> None:
        """Record that the inspection committee elected its deputy chair itself."""
        self._refuse_lost_ballot(ballot, envelope, rules)
        post = Post(INSPECTION, "deputy_chair")
        self._begin(events.InspectionDeputyElected, person_id, post, envelope, rules, ballot=ballot)

    def appoint(
        self, person_id: UUID, post: Post, occasion: str, envelope: Envelope, rules: RuleSet
    ) -> None:
        """Record an appointment by the superior (chỉ định)."""
        refuse_unless_one_of(occasion, OCCASIONS, "occasion")
        self._begin(events.Appointed, person_id, post, envelope, rules, occasion=occasion)

    def appoint_together(
        self,
        holders: Sequence[tuple[UUID, Post]],
        occasion: str,
        envelope: Envelope,
        rules: RuleSet,
    ) -> None:
        """Record that several were appointed by one decision (chỉ định): (person, post) of each."""
        refuse_unless_one_of(occasion, OCCASIONS, "occasion")
        for number, (_, post) in enumerate(holders):
            if not body_rule(rules, post.body).of_party:
                raise PostNotAllowed(
                    f"{post} is no post of the Party: nobody is appointed to it",
                    field=f"holders.{number}.body",
                    rule=f"body.{post.body}",
                )
        placed = [(person_id, post, None) for person_id, post in holders]
        self._begin_together(events.AppointedTogether, placed, envelope, rules, occasion=occasion)

    def enter(
        self,
        holders: Sequence[tuple[UUID, Post, str | None]],
        envelope: Envelope,
        rules: RuleSet,
    ) -> None:
        """Take over who holds what as it stands: (person, post, place of a post outside the Party).

        How they came to it is not said: what is known of that is recorded as an act of its own.
        """
        self._begin_together(events.Entered, holders, envelope, rules)

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
        refuse_unless_one_of(form, FORMS, "form")
        said = {"form": form, "from_organisation_id": from_organisation_id}
        self._begin(events.Recognised, person_id, post, envelope, rules, **said)

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
        self._begin(events.ConcurrentPostTaken, person_id, post, envelope, rules, place=place)

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
        self._begin(events.ActingAssigned, person_id, post, envelope, rules, until=until)

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
        self._conclude(events.ElectionApproved, holding_ids, envelope)

    def refuse_election(self, holding_ids: Sequence[UUID], envelope: Envelope) -> None:
        """Refuse to approve elections, which ends what came of them (INV-POST-5)."""
        self._conclude(events.ElectionNotApproved, holding_ids, envelope)

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
        if event_class is events.ElectionNotApproved:
            self._refuse_revival(holding_ids, envelope)
        self.happen(event_class, envelope, **said)


def _present(event: Event | None) -> Event:
    assert event is not None
    return event
