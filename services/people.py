"""Persons: commands that seal what is said of them, and the ways to read it again.

Nothing personal leaves this module but to whoever asked for it, with a reader on record. A key is
there before the first event that needs it; one that no event came to need is harmless, and swept.
The order to destroy a key is recorded before the key is destroyed: who is stopped in between leaves
a key that nothing uses any more, for every reader asks the log first, and the next try destroys it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TypeVar
from uuid import UUID

from domain.aggregate import Aggregate
from domain.errors import AlreadyExists, InvalidValue, NotFound
from domain.person import DESTROYED, Person, Receipt, Sealed, WithDetails
from services.commands import Command
from services.details import Details, fits, place_of, sealed, unsealed, words_of
from services.groups import Groups, groups
from services.record import read_event
from services.register import Outcome, Register, refuse_ahead, refuse_undecided
from services.sayings import known_person, said_of
from services.sealing import SealBroken, fingerprint, new_key
from services.store import CommandKey, HeadMoved, KeyReused
from services.vault import PastReading, PersonKey, Reader, Vault
from services.work import Work

ORPHAN_AGE = timedelta(days=1)
"""A key without an event is left over when it is so old: no registration takes that long."""

BATCH = 500  # persons of one transaction, of many
CANDIDATES = 500  # looked at at once in a search
T = TypeVar("T")


# Commands


@dataclass(frozen=True, kw_only=True)
class PersonCommand(Command):
    """A wish about a person. The envelope has a basis or a reason."""

    def person(self, work: Work) -> Person:
        return work.get(Person, self.id, self.expected_version)


@dataclass(frozen=True, kw_only=True)
class Sealing(PersonCommand):
    """A wish that says what is known of a person; it is sealed when it is decided."""

    details: Details
    key: PersonKey | None = None  # None: the person is not there, or its key is gone

    def sealed_for(self, kind: type[WithDetails]) -> Sealed:
        key = _present(self.key)
        return sealed(key.secret, key.generation, _place(self.id, kind), self.details)

    def is_said_by(self, event: WithDetails) -> bool:
        """Whether that event carries the same details."""
        return opened(_present(self.key), event) == self.details


@dataclass(frozen=True, kw_only=True)
class RegisterPerson(Sealing):
    """Enter a person. The same with the same details from the same day records nothing."""

    def decide(self, work: Work) -> None:
        known = work.find_any(Aggregate, self.id)
        if known is None:
            work.add(self.entered())
        elif not isinstance(known, Person) or not self._is_known(known):
            raise AlreadyExists(f"The id {self.id} is taken", field="id", id=str(self.id))

    def entered(self) -> Person:
        """A new one, with what is known sealed."""
        return Person.register(self.id, self.sealed_for(Person.Registered), self.envelope)

    def _is_known(self, person: Person) -> bool:
        person.refuse_destroyed()
        stands = next(person.standing_details(), None)
        return (
            stands is not None
            and stands.effective_on == self.envelope.effective_on
            and self.is_said_by(stands)
        )


@dataclass(frozen=True, kw_only=True)
class RecordDetails(Sealing):
    """Let these details hold from a day on, in the place of a wrong record where `voids` says so.

    All of them: what is left out is not known. What holds on that day already records nothing.
    """

    def decide(self, work: Work) -> None:
        person = self.person(work)
        person.refuse_destroyed()
        day = self.envelope.effective_on
        holding = person.sealed_on(day) if person.is_active_on(day) else None
        if self.envelope.voids is not None or holding is None or not self.is_said_by(holding):
            kind = person.kind_of_details(self.envelope)
            person.record_details(self.sealed_for(kind), self.envelope)


@dataclass(frozen=True, kw_only=True)
class PlaceHold(PersonCommand):
    case: str
    body: str

    def decide(self, work: Work) -> None:
        self.person(work).place_hold(self.case, self.body, self.envelope)


@dataclass(frozen=True, kw_only=True)
class LiftHold(PersonCommand):
    case: str
    body: str

    def decide(self, work: Work) -> None:
        self.person(work).lift_hold(self.case, self.body, self.envelope)


@dataclass(frozen=True, kw_only=True)
class DestroyKey(PersonCommand):
    """Order that a person's key be destroyed; it is, once that is on record."""

    receipt: Receipt | None = None  # None: there is no key any more

    def decide(self, work: Work) -> None:
        person = self.person(work)
        if person.destroyed is None:
            if self.receipt is None:
                raise _keyless()
            person.destroy_key(self.receipt, self.envelope)


# Reading


@dataclass(frozen=True)
class Shown:
    """A person as one reader sees it."""

    id: UUID
    status: str  # "registered", "withdrawn" (the entry was taken back), "destroyed"
    version: int
    holds: list[tuple[str, str]]  # case and body, of those that stand on that day or later
    details: Details | None  # None: not for this reader, or nobody can read them
    destruction: Person.KeyDestroyed | None = None


class People:
    """What can be done with persons; `vault` keeps their keys."""

    def __init__(self, register: Register, vault: Vault) -> None:
        self._register, self.vault = register, vault

    # Recording

    def execute(
        self, *commands: Command, key: CommandKey | None = None, dry_run: bool = False
    ) -> Outcome:
        """As Register.execute, with keys for those who need one. Raises RegisterError.

        Commands about a person's key come alone.
        """
        if key is not None and not dry_run and self._was_carried_out(key):
            return self._finished(commands, self._register.execute(key=key))
        ready = self._prepared(commands, dry_run)
        outcome = self._register.execute(*ready, key=key, dry_run=dry_run)
        return outcome if dry_run else self._finished(ready, outcome)

    def enter(self, persons: Iterable[RegisterPerson]) -> Iterator[int]:
        """Many persons, some hundreds in one transaction; yields how many each time.

        May be stopped and repeated: who is there already with these details is left as he is.
        """
        batch: list[RegisterPerson] = []
        for person in persons:
            batch.append(person)
            if len(batch) == BATCH:
                yield self._enter(batch)
                batch = []
        if batch:
            yield self._enter(batch)

    def _enter(self, batch: Sequence[RegisterPerson]) -> int:
        """In half the time of `execute` when all are new, for nothing else is to be looked at."""
        new = {person.id: person for person in batch}
        if len(new) < len(batch) or self._register.store.heads(list(new)):
            self.execute(*batch)
            return len(batch)
        for person in batch:
            refuse_undecided(person.envelope, self._register.today())
            self._refuse_unborn(person)
        keys = self._made(new, dry_run=False)
        entered = [replace(person, key=keys.get(person.id)).entered() for person in batch]
        try:
            self._register.record(*entered)
        except HeadMoved:  # somebody was quicker with one of them
            self.execute(*batch)
        return len(batch)

    def _was_carried_out(self, key: CommandKey) -> bool:
        """No key is made for a person who was given another id the first time."""
        try:
            return self._register.store.outcome(key) is not None
        except KeyReused:
            return True  # the register says so

    def _refuse_unborn(self, command: Sealing) -> None:
        """Asked before a key is made, and only of what is new: what was sealed nobody looks at."""
        refuse_ahead("details.birth_date", command.details.birth_date, self._register.today())

    def _prepared(self, commands: Sequence[Command], dry_run: bool) -> list[Command]:
        for command in commands:
            if isinstance(command, Sealing):
                self._refuse_unborn(command)
        ids = [command.id for command in commands]
        entering = {c.id: c for c in commands if isinstance(c, RegisterPerson)}
        new = entering.keys() - self._register.store.heads(list(entering)).keys()
        keys = self.vault.keys([id_ for id_ in ids if id_ not in new])
        keys |= self._made({id_: entering[id_] for id_ in new}, dry_run)
        return [self._with_key(command, keys.get(command.id), dry_run) for command in commands]

    def _made(self, new: Mapping[UUID, RegisterPerson], dry_run: bool) -> dict[UUID, PersonKey]:
        if dry_run:
            return {id_: PersonKey(1, new_key()) for id_ in new}
        names = {id_: words_of(command.details.name) for id_, command in new.items()}
        return self.vault.make(names) if names else {}

    def _with_key(self, command: Command, key: PersonKey | None, dry_run: bool) -> Command:
        if isinstance(command, RecordDetails) and not dry_run:
            # Before the event: whoever finds a person by a name that it has not is harmless.
            self.vault.add_words(command.id, words_of(command.details.name))
        if isinstance(command, Sealing):
            return replace(command, key=key)
        if isinstance(command, DestroyKey) and key is not None:
            self._refuse_ahead(command)
            return replace(command, receipt=Receipt(fingerprint(key.secret), key.generation))
        return command

    def _refuse_ahead(self, command: DestroyKey) -> None:
        if command.envelope.effective_on > self._register.today():
            raise InvalidValue("A key is destroyed at once, not one day", field="effective_on")

    def _finished(self, commands: Sequence[Command], outcome: Outcome) -> Outcome:
        """The keys whose destruction is on record now are destroyed."""
        ordered = [c.id for c in commands if isinstance(c, DestroyKey)]
        for person in self._persons(ordered).values():
            self._carry_out(person)
        return outcome

    def _carry_out(self, person: Person) -> None:
        if person.destroyed is not None:
            self.vault.destroy(person.id, person.destroyed.receipt)

    def sweep(self) -> tuple[int, int]:
        """Finish what was stopped: (orders carried out, keys without an event dropped).

        After a restore of the vault it destroys again what had been destroyed since.
        """
        ordered = [id_ for ids in self._ordered() for id_ in ids]
        left = [p for ids in _portions(ordered) for p in self._still_there(ids)]
        for person in left:
            self._carry_out(person)
        orphans = 0
        for ids in self.vault.made_before(self.vault.now() - ORPHAN_AGE):
            heads = self._register.store.heads(ids)
            lone = [id_ for id_ in ids if id_ not in heads]
            self.vault.discard(lone)
            orphans += len(lone)
        return len(left), orphans

    def _ordered(self) -> Iterator[list[UUID]]:
        yield self._register.store.keyed([DESTROYED]).get(DESTROYED, (0, []))[1]

    def _still_there(self, ids: Sequence[UUID]) -> list[Person]:
        return list(self._persons(list(self.vault.keys(ids))).values())

    # Reading

    def one(
        self,
        id_: UUID,
        reader: Reader | None = None,
        on: date | None = None,
        up_to: int | None = None,
    ) -> Shown:
        """A person on a day (None: today) as known at a position (None: now).

        With a reader the details are shown, and that is put on record. Raises NotFound.
        """
        day = on or self._register.today()
        person = self._persons([id_], up_to).get(id_)
        if person is None:
            raise NotFound(f"There is no person {id_}", id=str(id_))
        details = self._details([person], day).get(id_) if reader is not None else None
        if reader is not None and details is not None:
            self.vault.note(reader, [id_])
        return _shown(person, day, details)

    def names_of(
        self,
        ids: Iterable[UUID],
        reader: Reader,
        on: date | None = None,
        up_to: int | None = None,
    ) -> dict[UUID, str]:
        """The names of persons on a day as known at a position; put on record as one answer.

        Left out is whoever is not registered, or whose key was destroyed.
        """
        named = {id_: each.name for id_, each in self._known(ids, on, up_to)}
        if named:
            self.vault.note(reader, list(named))
        return named

    def groups_of(
        self, ids: Iterable[UUID], reader: Reader, on: date, up_to: int | None = None
    ) -> dict[UUID, Groups]:
        """To which groups persons belong on a day; put on record as one answer, as names are."""
        youth_years = self._register.rules.on(on).value("membership.youth")
        found = {id_: groups(each, on, youth_years) for id_, each in self._known(ids, on, up_to)}
        if found:
            self.vault.note(reader, list(found))
        return found

    def search(
        self, name: str, reader: Reader, after: UUID | None = None, limit: int = 100
    ) -> tuple[list[Shown], UUID | None]:
        """Those who bear or bore all these words in their names, in the order of ids.

        With tone marks a word must have just these, without any will do. Returns a page, and the id
        beyond which the next one begins (None: there is none). Raises InvalidValue.
        """
        words = words_of(name)
        if not words:
            raise InvalidValue("It has no letter and no digit to look for", field="name")
        found: list[Shown] = []
        while ids := self.vault.bearers(words, after, CANDIDATES):
            found += self._fitting(name, ids)
            after = ids[-1]
            if len(found) > limit:
                break
        page = found[:limit]
        if page:
            self.vault.note(reader, [each.id for each in page])
        return page, page[-1].id if len(found) > limit else None

    def readers_of(
        self,
        id_: UUID,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 1000,
    ) -> list[PastReading]:
        """Who has read about a person since then and before then, the latest first."""
        return self.vault.readings_of(id_, limit, since, until)

    def _fitting(self, name: str, ids: Sequence[UUID]) -> list[Shown]:
        today = self._register.today()
        persons = self._persons(ids)
        keys = self.vault.keys(list(persons))
        found = []
        for id_, key in sorted(keys.items()):
            person = persons[id_]
            borne = [opened(key, event) for event in _readable(person)]
            if any(fits(name, each.name) for each in borne):
                held = person.sealed_on(today)
                found.append(_shown(person, today, opened(key, held) if held else None))
        return found

    def _details(self, persons: Iterable[Person], day: date) -> dict[UUID, Details]:
        """What is known of each on that day; of whom nobody can read anything is left out."""
        carrying = {
            p.id: event for p in persons if p.destroyed is None and (event := p.sealed_on(day))
        }
        keys = self.vault.keys(list(carrying))
        return {id_: opened(keys[id_], carrying[id_]) for id_ in carrying if id_ in keys}

    def _known(
        self, ids: Iterable[UUID], on: date | None, up_to: int | None
    ) -> Iterator[tuple[UUID, Details]]:
        """Who can be read, with what is known on a day (None: today); many at once."""
        day = on or self._register.today()
        for portion in _portions(list(dict.fromkeys(ids))):
            said = list(said_of(self._register.store.histories(portion), day, up_to))
            keys = self.vault.keys([each.id for each in said])
            yield from ((s.id, _opened(keys[s.id], *s)) for s in said if s.id in keys)

    def _persons(self, ids: Sequence[UUID], up_to: int | None = None) -> dict[UUID, Person]:
        """Persons as known at a position; a destruction counts whenever one asks."""
        recorded = self._register.store.histories(ids) if ids else ()
        streams = groupby(recorded, key=lambda r: r.originator_id)
        persons = (known_person(map(read_event, history), up_to) for _, history in streams)
        return {person.id: person for person in persons if person is not None}


def opened(key: PersonKey, event: WithDetails) -> Details:
    """What an event says of its person. Raises SealBroken."""
    return _opened(key, event.originator_id, event.TOPIC, event.sealed)


def _opened(key: PersonKey, id_: UUID, topic: str, said: Sealed) -> Details:
    if said.generation != key.generation:
        raise SealBroken("It was sealed with another generation of the key")
    return unsealed(key.secret, place_of(id_, id_, topic), said)


def _place(id_: UUID, kind: type[WithDetails]) -> bytes:
    return place_of(id_, id_, kind.TOPIC)


def _readable(person: Person) -> Iterator[WithDetails]:
    return person.standing_details() if person.destroyed is None else iter(())


def _shown(person: Person, day: date, details: Details | None) -> Shown:
    status = "registered" if person.first_day() else "withdrawn"
    return Shown(
        id=person.id,
        status="destroyed" if person.destroyed else status,
        version=person.version,
        holds=person.holds_since(day),
        details=details,
        destruction=person.destroyed,
    )


def _portions(ids: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(ids), 2000):
        yield ids[start : start + 2000]


def _present(key: PersonKey | None) -> PersonKey:
    """Raises SealBroken."""
    if key is None:
        raise _keyless()
    return key


def _keyless() -> SealBroken:
    return SealBroken("The vault has no key for this person")
