"""How a person leaves a post, or is kept from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from domain.aggregate import Event
from domain.envelope import Envelope
from domain.errors import InvalidValue, LaterFacts, PostNotHeld
from domain.leadership import events
from domain.leadership.deciding import Deciding, refuse_unless_one_of
from domain.leadership.values import ACTING, CAUSES, HELD, SUSPENDED, Post


class DecidesLeaving(Deciding):
    """Relieved, resigned, dismissed, removed; transferred; suspended; ended by law."""

    def relieve(self, person_id: UUID, envelope: Envelope, *holding_ids: UUID) -> None:
        """Relieve of these posts, or of all held on that day (cho thôi giữ chức)."""
        self._leave(events.Relieved, person_id, holding_ids, envelope)

    def resign(self, person_id: UUID, envelope: Envelope, *holding_ids: UUID) -> None:
        """Record that somebody resigned these posts, or all (từ chức)."""
        self._leave(events.Resigned, person_id, holding_ids, envelope)

    def dismiss(self, person_id: UUID, envelope: Envelope, *holding_ids: UUID) -> None:
        """Dismiss from these posts, or all (miễn nhiệm)."""
        self._leave(events.Dismissed, person_id, holding_ids, envelope)

    def remove(self, person_id: UUID, envelope: Envelope, *holding_ids: UUID) -> None:
        """Remove from these posts, or all, as a disciplinary measure (cách chức)."""
        self._leave(events.RemovedByDiscipline, person_id, holding_ids, envelope)

    def end_by_law(
        self, person_id: UUID, cause: str, envelope: Envelope, *holding_ids: UUID
    ) -> None:
        """Record that these posts, or all, ended without a decision about them."""
        refuse_unless_one_of(cause, CAUSES, "cause")
        self._leave(events.EndedByLaw, person_id, holding_ids, envelope, cause=cause)

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

    def ended_by_law(self, person_id: UUID, cause: str, day: date) -> list[Event]:
        """What stands and says that posts of that person ended on that day for that cause."""
        return [
            event
            for version, event in self.events.items()
            if isinstance(event, events.EndedByLaw)
            and version not in self.voided_by
            and (event.person_id, event.cause, event.effective_on) == (person_id, cause, day)
        ]

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
        self._leave(events.Reassigned, person_id, holding_ids, envelope, **target)

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
        self._interrupt(events.Suspended, HELD, person_id, holding_ids, envelope)

    def lift_suspension(self, person_id: UUID, envelope: Envelope, *holding_ids: UUID) -> None:
        """Lift the suspension from these posts, or all."""
        self._interrupt(events.SuspensionLifted, SUSPENDED, person_id, holding_ids, envelope)

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
