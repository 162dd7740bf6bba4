"""Persons: a random id, and sealed events that only the person's key makes readable.

A person is a UUID in every stream but this one, and what is known of anybody stands here as
ciphertext. When the key is destroyed the events stay as they are, and every hash over them; nobody
can read them any more. How they are sealed is a matter of services/sealing.py.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from domain.aggregate import Aggregate, Event
from domain.envelope import Envelope
from domain.errors import CannotVoid, InvalidValue, KeyGone, LegalHold, RuleBroken
from domain.names import refuse_improper_text
from domain.timeline import Timeline

SALT_BYTES = COMMITMENT_BYTES = 32
CASE_LENGTH_MAX = 200  # characters
DESTROYED = "destroyed:person"
"""The consistency key of all whose key was destroyed: they can be found by it."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """Personal details that only the person's key opens. Bytes are in base64 (RFC 4648, 4)."""

    scheme: str  # how it was sealed, a name of services/sealing.py
    generation: int  # of the person's key, from 1
    nonce: str
    commitment: str  # to the one key that opens it
    ciphertext: str  # padded, so that its length tells nothing

    def refuse_ill_formed(self) -> None:
        """Raises InvalidValue. Asked when a command decides, never when an event is read."""
        sizes = len(_bytes(self.nonce)), len(_bytes(self.commitment))
        if sizes != (SALT_BYTES, COMMITMENT_BYTES) or not _bytes(self.ciphertext):
            raise InvalidValue("Personal details are sealed before they come here", field="sealed")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is kept of a key that was destroyed: enough to recognise it should it turn up again.

    By whose order and on what basis is in the envelope, when is the recorded time.
    """

    fingerprint: str  # of the key, 64 hexadecimal digits; the key cannot be had from it
    generation: int


class WithDetails(Event):
    """What is known of the person from a day on, sealed."""

    sealed: Sealed

    def apply(self, aggregate: Person) -> None:
        version = self.originator_version
        aggregate.details.set(self.effective_on, version, version)


class OfHold(Event):
    """A legal hold, named by its case and the body that asked for it. Neither names a person."""

    case: str  # number or name of the case
    body: str  # the body that conducts it

    STANDS: ClassVar[bool]

    def apply(self, aggregate: Person) -> None:
        hold = aggregate.hold(self.case, self.body)
        hold.set(self.effective_on, self.STANDS, self.originator_version)


class Person(Aggregate):
    """A person (cá nhân) of whom the register knows something."""

    TOPIC = "person"

    class Registered(WithDetails):
        """Entered in the register, with what is known (lập hồ sơ cá nhân)."""

        TOPIC = "person.registered"
        TITLE = "lập hồ sơ cá nhân"

        def apply(self, aggregate: Person) -> None:
            super().apply(aggregate)
            aggregate.is_active.set(self.effective_on, True, self.originator_version)

    class RegistrationCorrected(Registered):
        """The details at the entry were wrong; these are the right ones (đính chính)."""

        TOPIC = "person.registration-corrected"
        TITLE = "đính chính hồ sơ cá nhân"

    class DetailsRecorded(WithDetails):
        """Other details hold from a day on (bổ sung, thay đổi thông tin cá nhân)."""

        TOPIC = "person.details-recorded"
        TITLE = "bổ sung, thay đổi thông tin cá nhân"

    class HoldPlaced(OfHold):
        """A case needs the details: they may not be destroyed (tạm giữ hồ sơ)."""

        TOPIC = "person.hold-placed"
        TITLE = "tạm giữ hồ sơ"
        STANDS = True

    class HoldLifted(OfHold):
        """A case needs the details no more (chấm dứt tạm giữ hồ sơ)."""

        TOPIC = "person.hold-lifted"
        TITLE = "chấm dứt tạm giữ hồ sơ"
        STANDS = False

    class KeyDestroyed(Event):
        """The person's key is destroyed: nobody reads the details any more (hủy khóa dữ liệu).

        Final: from here on no key of this person is used, whatever backup it came out of.
        """

        TOPIC = "person.key-destroyed"
        TITLE = "hủy khóa dữ liệu cá nhân"
        receipt: Receipt

        def apply(self, aggregate: Person) -> None:
            aggregate.destroyed = self

    class Voided(Event):
        """An earlier record is taken back (hủy bỏ); the envelope says which."""

        TOPIC = "person.voided"
        TITLE = "hủy bỏ nội dung đã ghi"

    beginning, voiding = Registered, Voided

    def __init__(self) -> None:
        super().__init__()
        self.details: Timeline[int] = self.timeline("details")  # version of the event with them
        self.holds: dict[tuple[str, str], Timeline[bool]] = {}  # by case and body
        self.destroyed: Person.KeyDestroyed | None = None

    # Asking

    def keys(self, since: date) -> set[str]:
        return {DESTROYED} if self.destroyed is not None else set()

    def sealed_on(self, day: date) -> WithDetails | None:
        """The event with the details of that day; before the first, the first one.

        None when no details stand.
        """
        facts = self.details.facts()
        if not facts:
            return None
        found = self.events[self.details.at(day) or facts[0].value]
        assert isinstance(found, WithDetails)
        return found

    def standing_details(self) -> Iterator[WithDetails]:
        """The events with details that were not taken back, in the order of their days."""
        for fact in self.details.facts():
            found = self.events[fact.value]
            assert isinstance(found, WithDetails)
            yield found

    def hold(self, case: str, body: str) -> Timeline[bool]:
        """Whether that hold stands, on every day."""
        if (case, body) not in self.holds:
            self.holds[case, body] = self.timeline(f"hold.{case}.{body}")
        return self.holds[case, body]

    def holds_since(self, day: date) -> list[tuple[str, str]]:
        """Case and body of each hold that stands on that day or on a later one."""
        return [
            named
            for named, line in sorted(self.holds.items())
            if line.at(day) or any(fact.value for fact in line.facts() if fact.day > day)
        ]

    # Deciding

    @classmethod
    def refuse_unfounded(cls, envelope: Envelope) -> None:
        """A reason will do: people are entered from lists behind which no decision stands."""
        if not envelope.basis and not envelope.reason:
            raise InvalidValue(
                "What is recorded of a person needs a basis or a reason", field="reason"
            )

    @classmethod
    def register(cls, id_: UUID, sealed: Sealed, envelope: Envelope) -> Person:
        """Enter a person. Raises InvalidValue."""
        sealed.refuse_ill_formed()
        return cls.begin(id_, envelope, sealed=sealed)

    def record_details(self, sealed: Sealed, envelope: Envelope) -> None:
        """Let other details hold from a day on, or put them in the place of wrong ones.

        Raises KeyGone, NotActive, CannotVoid. Whether they differ is not to be seen here.
        """
        self.refuse_destroyed()
        sealed.refuse_ill_formed()
        kind = self.kind_of_details(envelope)
        if issubclass(kind, Person.Registered):
            self._refuse_facts_before(envelope)
        else:
            self.refuse_unless_active(envelope.effective_on)
        self.happen(kind, envelope, sealed=sealed)

    def kind_of_details(self, envelope: Envelope) -> type[WithDetails]:
        """What details in that envelope are: other ones, or the right ones at the entry.

        Raises CannotVoid.
        """
        if envelope.voids is not None:
            wrong = self.refuse_unless_voidable(envelope.voids)
            if isinstance(wrong, Person.Registered):
                return Person.RegistrationCorrected
        return Person.DetailsRecorded

    def place_hold(self, case: str, body: str, envelope: Envelope) -> None:
        """Forbid the destruction of the key; the same hold again records nothing.

        Raises KeyGone, NotActive, InvalidValue without a reason.
        """
        self.refuse_destroyed()
        self.refuse_unless_active(envelope.effective_on)
        _refuse_improper_hold(case, body)
        if not envelope.reason:
            raise InvalidValue("Say why the details are held", field="reason")
        if envelope.voids is not None or not self.hold(case, body).at(envelope.effective_on):
            self.happen(self.HoldPlaced, envelope, case=case, body=body)

    def lift_hold(self, case: str, body: str, envelope: Envelope) -> None:
        """Let that hold stand no longer; what is lifted already records nothing.

        Raises KeyGone, RuleBroken when there was no such hold.
        """
        self.refuse_destroyed()
        line = self.holds.get((case, body))
        if line is None or line.at(envelope.effective_on) is None:
            raise RuleBroken("No such hold stands on that day", field="case", case=case, body=body)
        if envelope.voids is not None or line.at(envelope.effective_on):
            self.happen(self.HoldLifted, envelope, case=case, body=body)

    def destroy_key(self, receipt: Receipt, envelope: Envelope) -> None:
        """Give the order that ends all reading of the details; once is enough.

        Raises LegalHold naming case and body, InvalidValue without a legal basis.
        """
        if self.destroyed is not None:
            return
        if not envelope.basis:
            raise InvalidValue("Destroying a key needs a legal basis", field="basis")
        if envelope.voids is not None:
            raise CannotVoid("The destruction of a key takes nothing back", field="voids")
        if held := self.holds_since(envelope.effective_on):
            case, body = held[0]
            raise LegalHold(
                f"The details are held for the case {case} of {body}: they may not be destroyed",
                field="effective_on",
                rule="INV-PER-1",
                case=case,
                body=body,
                holds=[{"case": case, "body": body} for case, body in held],
            )
        self.happen(self.KeyDestroyed, envelope, receipt=receipt)

    def void(self, envelope: Envelope) -> None:
        """Take an event back. The entry goes last: raises LaterFacts while others stand."""
        self.refuse_destroyed()
        if envelope.voids is not None:
            taken_back = self.refuse_unless_voidable(envelope.voids)
            if isinstance(taken_back, Person.Registered):
                self.refuse_later_facts(date.min, envelope.voids)
        super().void(envelope)

    def refuse_destroyed(self) -> None:
        """Raises KeyGone: a new key would be another person's."""
        if self.destroyed is not None:
            raise KeyGone(
                "The key of this person was destroyed: nothing more is recorded",
                rule="INV-PER-2",
                id=str(self.id),
                position=self.destroyed.position,
            )

    def _refuse_facts_before(self, envelope: Envelope) -> None:
        wrong, day = self.refuse_unless_voidable(envelope.voids or 0), envelope.effective_on
        facts = (fact for line in self.fields().values() for fact in line.facts())
        if any(f.day < day and f.order != wrong.originator_version for f in facts):
            raise RuleBroken(
                f"Facts are on record for days before {day:%d/%m/%Y}", field="effective_on"
            )


def _refuse_improper_hold(case: str, body: str) -> None:
    for field, text in (("case", case), ("body", body)):
        refuse_improper_text(text, field)
        if len(text) > CASE_LENGTH_MAX or len(text.splitlines()) > 1:
            raise InvalidValue(f"One line of at most {CASE_LENGTH_MAX} characters", field=field)


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
