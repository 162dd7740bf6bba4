"""Rehearsals for readers: each is made once, and shown again until anything is recorded."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from threading import Lock
from uuid import UUID

from domain.dossier.dossier import Dossier
from domain.dossier.tables import Heading, Tables
from domain.envelope import Actor, Envelope
from domain.errors import NotFound
from services.dossiers.parts import find_by_key
from services.dossiers.rehearsing import Progress, Rehearsal, rehearse, unheard
from services.record import replayed
from services.register import Register
from services.store import Log
from services.work import Work

READER = Actor("rehearsal")  # who looks decides nothing: none of these events is ever stored
KEPT_MAX = 4  # a province holds some 20 MB
EVENTS_STORED_PER_S = 30_000  # in one transaction on two cores: work C1 of docs/performance.md


@dataclass(frozen=True)
class Rehearsed:
    """A dossier, what it would come to now, and how long it took to find that out."""

    dossier: Dossier
    rehearsal: Rehearsal
    work: Work  # in which it was made: what the events stand among
    took_s: float

    @property
    def estimate_s(self) -> float:
        """How long the carrying out takes: all is decided again, and then it is stored."""
        return self.took_s + len(self.rehearsal.events) / EVENTS_STORED_PER_S


class Rehearsals:
    """Kept by dossier, its version and the position of the log."""

    def __init__(self, register: Register, today: Callable[[], date]) -> None:
        self._register, self._today = register, today
        self._kept: OrderedDict[tuple[UUID, int, int, date], Rehearsed] = OrderedDict()
        self._lock = Lock()

    def of(self, id_: UUID) -> Rehearsed:
        """Raises NotFound, WrongState unless it is open."""
        log, today = self._register.store, self._today()
        at = log.position()
        dossier = dossier_of(log, id_)
        dossier.refuse_unless_open()
        key = (id_, dossier.version, at, today)
        with self._lock:
            if found := self._kept.get(key):
                self._kept.move_to_end(key)
                return found
        made = rehearsed(self._register, dossier, today, at)
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > KEPT_MAX:
                self._kept.popitem(last=False)
        return made


def rehearsed(
    register: Register,
    dossier: Dossier,
    today: date,
    at: int | None = None,
    progress: Progress = unheard,
) -> Rehearsed:
    """What it would come to as the log stands; `at`: its position, None: looked up here."""
    began = time.perf_counter()
    position = register.store.position() if at is None else at
    work = Work(register.store, register.rules)
    rehearsal = rehearse(work, dossier, READER, today, position, progress=progress)
    return Rehearsed(dossier, rehearsal, work, time.perf_counter() - began)


def drawn_up_aside(
    register: Register, id_: UUID, heading: Heading, tables: Tables, envelope: Envelope
) -> Dossier:
    """What drawing these up under that id would make, stored nowhere.

    Raises WrongState, InvalidValue.
    """
    stored = Work(register.store, register.rules).find_any(Dossier, id_)
    if stored is None:
        return Dossier.drawn_up(id_, heading, tables, envelope)
    stored.draw_up_anew(heading, tables, envelope)
    return stored


def dossier_named(register: Register, text: str) -> Dossier:
    """The dossier of that id, or of that key unless it is withdrawn. Raises NotFound."""
    try:
        id_ = UUID(text)
    except ValueError:
        found = find_by_key(Work(register.store, register.rules), text)
        if found is None:
            raise NotFound(f"There is no dossier with the key {text!r}", field="key") from None
        return found
    return dossier_of(register.store, id_)


def dossier_of(log: Log, id_: UUID) -> Dossier:
    """The dossier as it stands. Raises NotFound."""
    history = list(log.histories([id_]))
    found = replayed(history) if history else None
    if not isinstance(found, Dossier):
        raise NotFound(f"There is no dossier {id_}", id=str(id_))
    return found
