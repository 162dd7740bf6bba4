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
from domain.envelope import Actor
from domain.errors import NotFound
from services.dossiers.rehearsing import Rehearsal, rehearse
from services.record import replayed
from services.register import Register
from services.store import Log
from services.work import Work

READER = Actor("rehearsal")  # who looks decides nothing: none of these events is ever stored
KEPT_MAX = 4  # a province holds some 20 MB
EVENTS_STORED_PER_S = 20_000  # on two cores, with their keys; measured on the provinces of 2025


@dataclass(frozen=True)
class Rehearsed:
    """A dossier, what it would come to now, and how long it took to find that out."""

    dossier: Dossier
    rehearsal: Rehearsal
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
        made = self._made(dossier, today, at)
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > KEPT_MAX:
                self._kept.popitem(last=False)
        return made

    def _made(self, dossier: Dossier, today: date, at: int) -> Rehearsed:
        began = time.perf_counter()
        work = Work(self._register.store, self._register.rules)
        rehearsal = rehearse(work, dossier, READER, today, at)
        return Rehearsed(dossier, rehearsal, time.perf_counter() - began)


def dossier_of(log: Log, id_: UUID) -> Dossier:
    """The dossier as it stands. Raises NotFound."""
    history = list(log.histories([id_]))
    found = replayed(history) if history else None
    if not isinstance(found, Dossier):
        raise NotFound(f"There is no dossier {id_}", id=str(id_))
    return found
