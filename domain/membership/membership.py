"""One membership of one person, on every day from its beginning to its end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from domain.aggregate import Aggregate, Event
from domain.envelope import Envelope
from domain.errors import CannotVoid, InvalidValue, RuleBroken
from domain.membership import bounds, events
from domain.membership.events import AWARDS, DEGREES, MOVES, OFFICIAL, PROBATIONARY
from domain.membership.record import MembershipRecord
from domain.membership.terms import (
    ceremony_due,
    is_above_age,
    probation_end,
    refuse_unless_badge_due,
    transfer_due,
)
from domain.membership.votes import Vote
from domain.names import refuse_improper_text
from domain.rulebook import RuleSet
from domain.structure.neighbourhood import Neighbourhood
from domain.timeline import Timeline

_DAY = timedelta(days=1)
_BOOKKEEPING = {"originator_id", "originator_version", "timestamp", "envelope", "position"}


class Membership(MembershipRecord):
    """A person's membership (đảng tịch): a member admitted again has another one.

    It may have a gap, where a decision that ended it was found wrong and it was restored.
    """

    TOPIC = "membership"

    Admitted = events.Admitted
    Readmitted = events.Readmitted
    Entered = events.Entered
    Arrived = events.Arrived
    CeremonyHeld = events.CeremonyHeld
    Recognised = events.Recognised
    TransferIntroduced = events.TransferIntroduced
    TransferReceived = events.TransferReceived
    TransferLapsed = events.TransferLapsed
    TransferReturned = events.TransferReturned
    TemporaryTransferStarted = events.TemporaryTransferStarted
    TemporaryTransferEnded = events.TemporaryTransferEnded
    Moved = events.Moved
    Exempted = events.Exempted
    ExemptionEnded = events.ExemptionEnded
    Suspended = events.Suspended
    SuspensionLifted = events.SuspensionLifted
    ProbationerStruckOff = events.ProbationerStruckOff
    StruckOff = events.StruckOff
    Left = events.Left
    Expelled = events.Expelled
    Died = events.Died
    Restored = events.Restored
    BadgeAwarded = events.BadgeAwarded
    PartyAgeDetermined = events.PartyAgeDetermined
    Voided = events.Voided

    beginning, voiding = events.Admitted, events.Voided

    # Standing among others

    def keys(self, since: date) -> set[str]:
        """The person, of whom there is one membership at a time, and the cells."""
        keys = {f"on:{cell_id}" for cell_id, _, _ in self.places(since)}
        return keys | {f"only:membership:{self.person_id}", f"member:{self.person_id}"}

    def ids_around(self, events: Sequence[Event]) -> set[UUID]:
        named = {id_ for event in events for id_ in event.mentions()}
        return named | {a for e in events if (a := e.envelope.authority.organisation_id)}

    def refuse_breaches(self, since: date, events: Sequence[Event], around: Neighbourhood) -> None:
        bounds.refuse_second_membership(self, since, around)
        bounds.refuse_idle_cells(self, since, around)
        bounds.refuse_wrong_recognition(self, around.rules)
        for event in events:
            bounds.refuse_event(self, event, around)

    def refuse_change_of(self, other: Aggregate, since: date, around: Neighbourhood) -> None:
        bounds.refuse_idle_cells(self, since, around, only=other.id)

    # Beginning

    @classmethod
    def admit(
        cls,
        id_: UUID,
        *,
        person_id: UUID,
        cell_id: UUID,
        cell_decided_on: date,
        introducer_ids: Sequence[UUID],
        is_endorsed_by_union: bool,
        born_on: date | None,
        vote: Vote | None,
        former_id: UUID | None,
        envelope: Envelope,
        rules: RuleSet,
    ) -> Membership:
        """Admit somebody, for the first time or again (`former_id`: the membership that ended).

        `born_on` is asked for the age on the day of the cell's decision and kept nowhere; None: not
        asked. Raises RuleBroken (R-MEM-1, R-MEM-3, R-VOTE-3), InvalidValue.
        """
        if cell_decided_on > envelope.effective_on:
            raise InvalidValue("The cell decides first", field="cell_decided_on")
        _refuse_few_introducers(person_id, introducer_ids, is_endorsed_by_union, rules)
        facts: dict[str, Any] = {
            "person_id": person_id,
            "cell_id": cell_id,
            "cell_decided_on": cell_decided_on,
            "introducer_ids": tuple(introducer_ids),
            "is_endorsed_by_union": is_endorsed_by_union,
            "is_above_age": bool(born_on and is_above_age(born_on, cell_decided_on, rules)),
            "vote": _carried(vote, "admission", rules),
        }
        if former_id is None:
            return cls.begin_with(events.Admitted, id_, envelope, **facts)
        return cls.begin_with(events.Readmitted, id_, envelope, **facts, former_id=former_id)

    @classmethod
    def take_over(
        cls,
        id_: UUID,
        *,
        person_id: UUID,
        cell_id: UUID,
        degree: str,
        party_age_on: date | None,
        ceremony_on: date | None,
        official_on: date | None,
        badge_years: int | None,
        place: str | None,
        envelope: Envelope,
    ) -> Membership:
        """Enter a member of before as it stood, or received from `place`, outside this register.

        Raises InvalidValue.
        """
        facts = {
            "person_id": person_id,
            "cell_id": cell_id,
            "degree": degree,
            "party_age_on": party_age_on,
            "ceremony_on": ceremony_on,
            "official_on": official_on,
            "badge_years": badge_years,
        }
        refuse_unlikely(facts, envelope.effective_on)
        if place is None:
            return cls.begin_with(events.Entered, id_, envelope, **facts)
        refuse_improper_text(place, "place")
        return cls.begin_with(events.Arrived, id_, envelope, **facts, place=place)

    def correct_beginning(self, rightly: Membership, envelope: Envelope) -> None:
        """Record the beginning as `rightly` has it; `envelope.voids` is the wrong record.

        Raises CannotVoid, InvalidValue.
        """
        [right] = rightly.pending_events
        wrong = self.refuse_unless_voidable(envelope.voids or 0)
        if not isinstance(wrong, events.Begun):
            raise CannotVoid("That event is not its beginning", field="voids")
        facts = _facts(right)
        if facts["person_id"] != self.person_id:
            raise InvalidValue(
                "The membership of another person is another one: void this", field="person_id"
            )
        self.happen(type(right), envelope, **facts)  # type: ignore[arg-type]

    def began_as(self, wished: Membership) -> bool:
        """Whether it began, by the record that stands, as that one with its first event."""
        [event] = wished.pending_events
        return self._says_already(type(event), event.envelope, **_facts(event))  # type: ignore

    # From probationer to official member

    def hold_ceremony(
        self, decision_received_on: date | None, envelope: Envelope, rules: RuleSet
    ) -> None:
        """Record the ceremony. Raises NotActive, RuleBroken where a late one has no reason."""
        day = envelope.effective_on
        self._refuse_unless(PROBATIONARY, day)
        decision = self.admission_on(day)
        if decision is not None and not envelope.reason:
            due, rule = ceremony_due(decision, decision_received_on, rules)
            if due is not None and day > due:
                raise RuleBroken(
                    f"It was due by {due:%d/%m/%Y}: say why it was late",
                    field="reason",
                    rule=rule.key,
                    document=rule.document,
                    due_on=due,
                )
        self._tell(events.CeremonyHeld, envelope, decision_received_on=decision_received_on)

    def recognise(
        self, cell_decided_on: date | None, vote: Vote | None, envelope: Envelope, rules: RuleSet
    ) -> None:
        """Recognise as an official member, as of the day on which the probation ended.

        Raises NotActive, RuleBroken (INV-MEM-3) when `effective_on` is another day.
        """
        due = self._probation_end(envelope, rules)
        for field, day in (
            ("decided_on", envelope.decided_on),
            ("cell_decided_on", cell_decided_on),
        ):
            if day is not None and day < due:
                raise RuleBroken(
                    f"The probation ends on {due:%d/%m/%Y}: nobody decides before",
                    field=field,
                    rule="INV-MEM-3",
                    due_on=due,
                )
        carried = _carried(vote, "recognition", rules)
        self._tell(events.Recognised, envelope, cell_decided_on=cell_decided_on, vote=carried)

    def _probation_end(self, envelope: Envelope, rules: RuleSet) -> date:
        day, ceremony = envelope.effective_on, self.ceremony_on.at(envelope.effective_on)
        self.refuse_unless_active(day)
        if ceremony is None:
            raise RuleBroken(
                "No ceremony is on record: the probation counts from it",
                field="effective_on",
                rule="INV-MEM-3",
            )
        due, rule = probation_end(ceremony, rules)
        if day != due:
            raise RuleBroken(
                f"Recognition takes effect on {due:%d/%m/%Y}, when the probation ended, "
                "whenever it is decided and recorded",
                field="effective_on",
                rule="INV-MEM-3",
                document=rule.document,
                due_on=due,
            )
        return due

    # Moving

    def introduce(self, to_id: UUID | None, place: str | None, envelope: Envelope) -> None:
        """Introduce to another organisation: `to_id`, or a `place` outside this register.

        Raises NotActive, RuleBroken when a transfer is under way, InvalidValue.
        """
        day = envelope.effective_on
        self.refuse_unless_active(day)
        if (to_id is None) == (place is None):
            raise InvalidValue("Say to_id, or place where it is outside", field="to_id")
        if place is not None:
            refuse_improper_text(place, "place")
        if to_id is not None and to_id == self.cell_id.at(day):
            raise RuleBroken("He belongs to that cell already", field="to_id", rule="INV-MEM-1")
        if self._says_already(events.TransferIntroduced, envelope, to_id=to_id, place=place):
            return
        if envelope.voids is None and self.introduced_on.at(day) is not None:
            raise RuleBroken(
                "A transfer is under way: it is received, lapses or is returned first",
                field="effective_on",
                rule="INV-MEM-2",
                introduced_on=self.introduced_on.at(day),
            )
        self.happen(events.TransferIntroduced, envelope, to_id=to_id, place=place)

    def receive(self, cell_id: UUID | None, envelope: Envelope) -> None:
        """Receive him in a cell; None: where he was introduced, outside this register.

        Raises NotActive, RuleBroken (INV-MEM-2) unless he was introduced and not yet received.
        """
        if self._says_already(events.TransferReceived, envelope, cell_id=cell_id):
            return
        self._refuse_unless_in_transit(envelope)
        if envelope.voids is None:
            outside = self.introduced_to_id.at(envelope.effective_on) is None
            if outside != (cell_id is None):
                raise RuleBroken(
                    "He was introduced to an organisation outside this register"
                    if outside
                    else "He was introduced to an organisation of this register: say which cell",
                    field="cell_id",
                    rule="INV-MEM-2",
                )
        self.happen(events.TransferReceived, envelope, cell_id=cell_id)

    def let_transfer_lapse(self, envelope: Envelope, rules: RuleSet) -> None:
        """Let the transfer lapse after its time (R-MEM-10). Raises NotActive, RuleBroken."""
        if self._says_already(events.TransferLapsed, envelope):
            return
        introduced_on = self._refuse_unless_in_transit(envelope)
        due, rule = transfer_due(introduced_on, rules)
        if due is not None and envelope.effective_on <= due:
            raise RuleBroken(
                f"There is time until {due:%d/%m/%Y}",
                field="effective_on",
                rule=rule.key,
                document=rule.document,
                due_on=due,
            )
        self.happen(events.TransferLapsed, envelope)

    def return_transfer(self, envelope: Envelope) -> None:
        """Send him back to the sender, with a reason. Raises NotActive, RuleBroken."""
        if self._says_already(events.TransferReturned, envelope):
            return
        self._refuse_unless_in_transit(envelope)
        if not envelope.reason:
            raise InvalidValue("Say why he is not received", field="reason")
        self.happen(events.TransferReturned, envelope)

    def start_temporary(self, cell_id: UUID, until: date | None, envelope: Envelope) -> None:
        """Let him take part in another cell for a time. Raises NotActive, RuleBroken."""
        self.refuse_unless_active(envelope.effective_on)
        if cell_id == self.cell_id.at(envelope.effective_on):
            raise RuleBroken("He belongs to that cell", field="cell_id", rule="INV-MEM-1")
        self._refuse_early(until, envelope)
        self._tell(events.TemporaryTransferStarted, envelope, cell_id=cell_id, until=until)

    def end_temporary(self, envelope: Envelope) -> None:
        """Let him be back where he belongs. Raises NotActive, RuleBroken."""
        self._refuse_unless_so(self.temporary_cell_id, envelope, "He is nowhere for a time")
        self._tell(events.TemporaryTransferEnded, envelope)

    def move(self, cell_id: UUID, way: str, envelope: Envelope) -> None:
        """Move him to another cell, without an introduction. Raises NotActive, RuleBroken."""
        if way not in MOVES:
            raise InvalidValue(f"The way is one of {', '.join(MOVES)}", field="way")
        self.refuse_unless_active(envelope.effective_on)
        self._tell(events.Moved, envelope, cell_id=cell_id, way=way)

    # Rights and duties

    def exempt(self, ground: str, until: date | None, envelope: Envelope, rules: RuleSet) -> None:
        """Exempt him from work and cell life. Raises NotActive, InvalidValue."""
        self._refuse_unless(OFFICIAL, envelope.effective_on)
        grounds = rules.value("membership.exemption_grounds")
        if ground not in grounds:
            raise InvalidValue(
                f"The ground is one of {', '.join(sorted(grounds))}",
                field="ground",
                rule="membership.exemption_grounds",
            )
        self._refuse_early(until, envelope)
        self._tell(events.Exempted, envelope, ground=ground, until=until)

    def end_exemption(self, envelope: Envelope) -> None:
        """Let him take part again. Raises NotActive, RuleBroken."""
        self._refuse_unless_so(self.is_exempt, envelope, "He is not exempted on that day")
        self._tell(events.ExemptionEnded, envelope)

    def suspend(self, envelope: Envelope) -> None:
        """Suspend his cell life. Raises NotActive."""
        self.refuse_unless_active(envelope.effective_on)
        self._tell(events.Suspended, envelope)

    def lift_suspension(self, envelope: Envelope) -> None:
        """Let his cell life go on. Raises NotActive, RuleBroken."""
        self._refuse_unless_so(self.is_suspended, envelope, "He is not suspended on that day")
        self._tell(events.SuspensionLifted, envelope)

    # Endings

    def strike_off(self, vote: Vote | None, envelope: Envelope, rules: RuleSet) -> None:
        """Strike him off, as the probationer or the official member that he was the day before.

        Raises NotActive, RuleBroken, LaterFacts.
        """
        carried = _carried(vote, "strike_off", rules)
        was = self.degree.at(envelope.effective_on - _DAY)
        kind = events.ProbationerStruckOff if was == PROBATIONARY else events.StruckOff
        self._end(kind, envelope, vote=carried)

    def leave(self, envelope: Envelope) -> None:
        """Let him leave on his request. Raises NotActive, RuleBroken, LaterFacts."""
        self._end(events.Left, envelope)

    def expel(self, vote: Vote | None, envelope: Envelope, rules: RuleSet) -> None:
        """Expel him. Raises NotActive, RuleBroken, LaterFacts."""
        self._end(events.Expelled, envelope, vote=_carried(vote, "expulsion", rules))

    def die(self, envelope: Envelope) -> None:
        """Record his death. Raises NotActive, RuleBroken, LaterFacts."""
        self._end(events.Died, envelope)

    def restore(self, cell_id: UUID, degree: str, envelope: Envelope) -> None:
        """Make him a member again. Raises RuleBroken when he is one, or died."""
        if degree not in DEGREES:
            raise InvalidValue(f"The degree is one of {', '.join(DEGREES)}", field="degree")
        if self._says_already(events.Restored, envelope, cell_id=cell_id, degree=degree):
            return
        day = envelope.effective_on
        if envelope.voids is None and self.ended_by.at(day) in (None, "died"):
            raise RuleBroken(
                "Only a membership that a decision ended is restored", field="effective_on"
            )
        self.happen(events.Restored, envelope, cell_id=cell_id, degree=degree)

    # Party age

    def award_badge(self, years: int, way: str, envelope: Envelope, rules: RuleSet) -> None:
        """Award the badge for so many years. Raises RuleBroken (R-MEM-22), InvalidValue."""
        if way not in AWARDS:
            raise InvalidValue(f"The way is one of {', '.join(AWARDS)}", field="way")
        if self._says_already(events.BadgeAwarded, envelope, years=years, way=way):
            return
        day = self.died_on(envelope.effective_on) if way == "posthumous" else None
        if day is None:
            self._refuse_unless(OFFICIAL, envelope.effective_on)
        party_age_on = self.party_age_on.at(envelope.effective_on)
        refuse_unless_badge_due(years, way, party_age_on, day or envelope.effective_on, rules)
        last = self.badge_years.at(envelope.effective_on) or 0
        if envelope.voids is None and years <= last:
            raise RuleBroken(f"He has the badge of {last} years", field="years")
        self.happen(events.BadgeAwarded, envelope, years=years, way=way)

    def determine_party_age(self, party_age_on: date, envelope: Envelope) -> None:
        """Let the Party age count from another day. Raises NotActive, InvalidValue."""
        self.refuse_unless_active(envelope.effective_on)
        if party_age_on > envelope.effective_on:
            raise InvalidValue("It counts from a day that has come", field="party_age_on")
        self._tell(events.PartyAgeDetermined, envelope, party_age_on=party_age_on)

    def void(self, envelope: Envelope) -> None:
        """Take an event back. Its beginning goes last: raises LaterFacts while others stand."""
        if envelope.voids is not None and isinstance(
            self.refuse_unless_voidable(envelope.voids), events.Begun
        ):
            self.refuse_later_facts(date.min, envelope.voids)
        super().void(envelope)

    # What the commands ask

    def _tell(self, kind: type[Event], envelope: Envelope, **facts: Any) -> None:
        """Record it, unless the same stands already."""
        if not self._says_already(kind, envelope, **facts):
            self.happen(kind, envelope, **facts)

    def _says_already(self, kind: type[Event], envelope: Envelope, **facts: Any) -> bool:
        return envelope.voids is None and any(
            type(event) is kind
            and event.effective_on == envelope.effective_on
            and all(getattr(event, name) == value for name, value in facts.items())
            for event in self.standing_events()
        )

    def _end(self, kind: type[events.Ending], envelope: Envelope, **facts: Any) -> None:
        if self._says_already(kind, envelope, **facts):
            return
        if envelope.voids is not None:  # else the end that it misses is told instead
            self.refuse_unless_corrected_by(kind, envelope.voids)
        day = envelope.effective_on
        self._refuse_unless_active_before(day, envelope.voids)
        ended = next((f for f in self.is_active.facts() if not f.value and f.day >= day), None)
        if ended is not None and self.events[ended.order].position != envelope.voids:
            raise RuleBroken(
                f"It ended on {ended.day:%d/%m/%Y} by the event at position "
                f"{self.events[ended.order].position}: void that first",
                field="effective_on",
                id=str(self.id),
            )
        self.refuse_later_facts(day, envelope.voids)
        self.happen(kind, envelope, **facts)

    def _refuse_unless_active_before(self, day: date, voiding: int | None) -> None:
        """But for what `voiding` says: an end is told rightly on a later day, too."""
        wrong = self._versions.get(voiding or 0)
        facts = [f for f in self.is_active.facts() if f.day < day and f.order != wrong]
        if not facts or not facts[-1].value:
            self.refuse_unless_active(day - _DAY)

    def _refuse_unless(self, degree: str, day: date) -> None:
        self.refuse_unless_active(day)
        if self.degree.at(day) != degree:
            raise RuleBroken(
                f"He is {self.degree.at(day)} on {day:%d/%m/%Y}, not {degree}",
                field="effective_on",
                id=str(self.id),
            )

    def _refuse_unless_in_transit(self, envelope: Envelope) -> date:
        self.refuse_unless_active(envelope.effective_on)
        introduced_on = self.introduced_on.at(envelope.effective_on)
        if introduced_on is None and envelope.voids is None:
            raise RuleBroken(
                "No transfer is under way on that day: he must be introduced first",
                field="effective_on",
                rule="INV-MEM-2",
                id=str(self.id),
            )
        return introduced_on or envelope.effective_on

    def _refuse_unless_so(self, line: Timeline[Any], envelope: Envelope, words: str) -> None:
        day = envelope.effective_on
        self.refuse_unless_active(day)
        fact = line.fact_at(day)
        begun = fact is not None and (fact.value or fact.day == day)
        if envelope.voids is None and not begun:
            raise RuleBroken(words, field="effective_on", id=str(self.id))

    def _refuse_early(self, until: date | None, envelope: Envelope) -> None:
        if until is not None and until <= envelope.effective_on:
            raise InvalidValue("It ends after its first day", field="until")


def _facts(event: Any) -> dict[str, Any]:
    """What an event says, besides its circumstances."""
    return {name: value for name, value in vars(event).items() if name not in _BOOKKEEPING}


def _carried(vote: Vote | None, about: str, rules: RuleSet) -> Vote | None:
    if vote is not None:
        vote.refuse_ill_formed()
        vote.refuse_unless_carried(about, rules)
    return vote


def _refuse_few_introducers(
    person_id: UUID, introducer_ids: Sequence[UUID], is_endorsed_by_union: bool, rules: RuleSet
) -> None:
    rule = rules.rule("membership.introducers")
    needed = rule.value["with_union_min" if is_endorsed_by_union else "members_min"]
    about = {"field": "introducer_ids", "rule": rule.key, "document": rule.document}
    if person_id in introducer_ids or len(set(introducer_ids)) != len(introducer_ids):
        raise InvalidValue("Introducers are others, each named once", **about)
    if len(introducer_ids) < needed:
        raise RuleBroken(f"At least {needed} official members introduce him", **about)


def refuse_unlikely(facts: dict[str, Any], day: date) -> None:
    """Raises InvalidValue when what is taken over cannot have been so on that day."""
    if facts["degree"] not in DEGREES:
        raise InvalidValue(f"The degree is one of {', '.join(DEGREES)}", field="degree")
    known = [(name, facts[name]) for name in ("party_age_on", "ceremony_on", "official_on")]
    dated = [(name, on) for name, on in known if on is not None]
    for name, on in dated:
        if on > day:
            raise InvalidValue("That day had not come when he was taken over", field=name)
    if [on for _, on in dated] != sorted(on for _, on in dated):
        raise InvalidValue("Decision, ceremony and recognition come in that order", field="degree")
    if facts["degree"] == PROBATIONARY and facts["official_on"] is not None:
        raise InvalidValue("A probationer is not recognised yet", field="official_on")
