"""What all decisions about a leadership ask of it before they are recorded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from domain.aggregate import Event
from domain.envelope import Envelope
from domain.errors import InvalidValue, LaterFacts, NotFound, PostNotHeld
from domain.leadership.record import LeadershipRecord
from domain.leadership.values import Holding
from domain.timeline import Timeline


class Deciding(LeadershipRecord):
    """A leadership about which something is decided."""

    def happen(self, event_class: type[Event], envelope: Envelope, **facts: Any) -> None:
        super().happen(event_class, envelope, organisation_id=self.organisation_id, **facts)

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


def refuse_unless_one_of(value: str, allowed: Sequence[str], field: str) -> None:
    if value not in allowed:
        raise InvalidValue(f"It is one of {', '.join(allowed)}", field=field)
