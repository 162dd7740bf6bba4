"""What the writers ask for: appends and commands, in each other's way, under keys and without."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Any, Protocol
from uuid import UUID, uuid5

from eventsourcing.persistence import (
    IntegrityError,
    InterfaceError,
    OperationalError,
    StoredEvent,
)

from domain.aggregate import NOT_YET_RECORDED
from domain.errors import OutcomeUnknown, RegisterError
from domain.names import same_name
from domain.unit import AdministrativeUnit
from services.commands import Command
from services.record import to_record
from services.register import Outcome, Register
from services.store import AlreadyRecorded, InDoubt, Log
from tests.chaos.history import Answered, Call, Sent, Wish
from tests.services.test_register import OPENING, SPACE, envelope, id_of, rename, unit

PROVINCE, DISTRICTS = "Tỉnh An", ["Huyện Đông", "Huyện Tây"]
COMMUNES = [f"Xã {n}" for n in range(8)]
THE_END = "the end"  # the token of a round's last event: readers stop there
HOT_STREAMS, HOT_KEYS, HOT_NAMES = 6, 3, 4
GENERATION = 400  # positions; then other streams are hot, so that none grows without end
BULK = 305  # events: more than one call of append() takes
UNAVAILABLE = (OperationalError, InterfaceError)


def the_beginning() -> Call:
    """The country in which everything happens."""
    wishes = [
        Wish("found", PROVINCE, PROVINCE, "province"),
        *(Wish("found", name, name, "district", PROVINCE) for name in DISTRICTS),
        *(Wish("found", name, name, "commune", DISTRICTS[0]) for name in COMMUNES),
    ]
    return wanted("the beginning", wishes)


def the_end() -> Call:
    """Nothing is recorded after it."""
    return appended(THE_END, [(uuid5(SPACE, THE_END), 1)], None)


class Drafts(Protocol):
    def draft(self) -> Call:
        """The next call. Raises UNAVAILABLE when the database cannot be asked; ask again then."""
        ...


@dataclass
class Appends:
    """Appends at the heads as they look now; others may be quicker."""

    name: str
    chance: Random
    log: Log
    number: int = 0
    spent: list[str] = field(default_factory=lambda: ["no key of another call yet"])

    def draft(self) -> Call:
        self.number += 1
        token = f"{self.name}/{self.number}"
        key = f"key {token}" if self.chance.random() < 0.5 else None
        match self.chance.random():
            case way if way < 0.03:
                streams = [uuid5(SPACE, f"{token} {n}") for n in range(BULK)]
                return appended(token, [(stream, 1) for stream in streams], key)
            case way if way < 0.10:
                shared = f"shared {self.log.position() // 40}"  # others ask for the very same
                return appended(shared, [(uuid5(SPACE, shared), 1)], f"key {shared}")
            case way if way < 0.14:
                return appended(token, [(uuid5(SPACE, token), 1)], self.chance.choice(self.spent))
        self.spent += [key] if key else []
        return self._contended(token, key)

    def _contended(self, token: str, key: str | None) -> Call:
        generation = self.log.position() // GENERATION
        hot = [uuid5(SPACE, f"hot {generation} {n}") for n in range(HOT_STREAMS)]
        *written, read = self.chance.sample(hot, self.chance.randint(2, 3))
        name = f"hot:{self.chance.randrange(HOT_KEYS)}"
        heads, under = self.log.heads(hot), self.log.keyed([name])
        time.sleep(self.chance.random() / 200)  # others come in between
        places = [
            (stream, heads.get(stream, 0) + 1 + n)
            for stream in written
            for n in range(self.chance.randint(1, 3))
        ]
        call = appended(token, places, key)
        if self.chance.random() < 0.5:
            return call
        return Call(
            token,
            call.sent,
            key,
            keys=(*call.keys, (0, name)),
            guards={read: heads.get(read, 0)},
            conditions={name: under.get(name, (0, []))[0]},
        )


def appended(token: str, places: Sequence[tuple[UUID, int]], key: str | None) -> Call:
    """A unit begins at version 1 and is renamed at every other, each time as nobody else is."""
    sent, keys = [], []
    for index, (stream, version) in enumerate(places):
        name = f"Xã {token} {index}"
        sent.append(_unit(token, stream, version, name))
        keys.append((index, f"name:unit:None:{same_name(name)}"))
    return Call(token, tuple(sent), key, tuple(keys))


def _unit(token: str, stream: UUID, version: int, name: str) -> Sent:
    begun: dict[str, Any] = {"way": "entered", "level": "commune", "type": "xa"}
    begun |= {"superior_id": None, "codes": ()}
    event_class: Any = (
        AdministrativeUnit.Established if version == 1 else AdministrativeUnit.Renamed
    )
    event = event_class(
        originator_id=stream,
        originator_version=version,
        timestamp=NOT_YET_RECORDED,
        envelope=envelope(OPENING + timedelta(days=version % 30), correlation_id=token),
        name=name,
        **(begun if version == 1 else {}),
    )
    return Sent(stream, event_class.TOPIC, version, to_record(event).decode())


# Commands


@dataclass
class Commands:
    """Transactions of the register: foundings that want the same names and codes, renamings."""

    name: str
    chance: Random
    number: int = 0

    def draft(self) -> Call:
        self.number += 1
        token = f"{self.name}/{self.number}"
        if self.chance.random() < 0.1:
            return wanted(token, [Wish("found", PROVINCE, PROVINCE, "province")], recording=False)
        communes = self.chance.sample(COMMUNES, self.chance.randint(1, 3))  # each once, in order
        wishes = [self._wish(token, n, commune) for n, commune in enumerate(communes)]
        return wanted(token, wishes, keyed=self.chance.random() < 0.8)

    def _wish(self, token: str, index: int, commune: str) -> Wish:
        own = f"{token} {index}"
        day = self.chance.randrange(30)
        if self.chance.random() < 0.6:
            return Wish("rename", commune, f"Xã {own}", day=day)
        wanted = f"{self.number // 8}{self.chance.randrange(HOT_NAMES)}"
        name = self.chance.choice([f"Xã Chung {wanted}", f"Xã {own}"])
        code = self.chance.choice([f"{int(wanted):05}", None])
        superior = self.chance.choice(DISTRICTS)
        return Wish("found", own, name, superior=superior, code=code, day=day)


def wanted(
    token: str, wishes: Sequence[Wish], *, keyed: bool = True, recording: bool = True
) -> Call:
    topics = {"found": "unit.established", "rename": "unit.renamed"}
    sent = tuple(Sent(id_of(wish.who), topics[wish.do]) for wish in wishes)
    key = f"key {token}" if keyed else None
    return Call(token, sent if recording else (), key, wishes=tuple(wishes))


def _command(token: str, wish: Wish) -> Command:
    about = envelope(OPENING + timedelta(days=wish.day), correlation_id=token)
    if wish.do == "rename":
        renaming: Command = rename(wish.who, wish.name)
        return replace(renaming, envelope=about)
    founding: Command = unit(wish.name, wish.level, wish.superior, code=wish.code)
    return replace(founding, id=id_of(wish.who), envelope=about)


# Asking, and what was answered


def ask(register: Register, call: Call) -> Answered:
    """Make the call. Raises what must not happen."""
    return _execute(register, call) if call.wishes else _append(register.store, call)


def _append(log: Log, call: Call) -> Answered:
    stored = [
        StoredEvent(sent.stream, sent.version or 0, sent.topic, (sent.record or "").encode())
        for sent in call.sent
    ]
    try:
        told = log.append(stored, call.terms)
    except AlreadyRecorded as again:
        told = again.appended
    except InDoubt as error:
        return _not(call, "doubt", error)
    except IntegrityError as error:
        return _not(call, "refused", error)
    except UNAVAILABLE as error:
        return _not(call, "unavailable", error)
    return Answered(
        call.token, time.monotonic(), "recorded", told.first, told.last, told.recorded_at
    )


def _execute(register: Register, call: Call) -> Answered:
    commands = [_command(call.token, wish) for wish in call.wishes]
    try:
        return _told(call, register.execute(*commands, key=call.command))
    except OutcomeUnknown as error:
        return _not(call, "doubt", error)
    except RegisterError as error:
        return _not(call, "refused", error)
    except UNAVAILABLE as error:
        return _not(call, "unavailable", error)


def _told(call: Call, outcome: Outcome) -> Answered:
    at = time.monotonic()
    if not outcome.events:
        return Answered(call.token, at, "recorded")
    return Answered(
        call.token,
        at,
        "recorded",
        outcome.events[0].position or 0,
        outcome.position or 0,
        outcome.recorded_at,
        tuple(to_record(event).decode() for event in outcome.events),
    )


def _not(call: Call, verdict: Any, error: Exception) -> Answered:
    why = f"{type(error).__name__}: {error}"
    return Answered(call.token, time.monotonic(), verdict, why=why)
