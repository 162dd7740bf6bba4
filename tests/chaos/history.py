"""What callers asked for, were told and saw, as each wrote it down while it happened.

Every process keeps a notebook, one line a fact: a wish before the call, the answer after it. A line
survives the SIGKILL of its writer; one that was cut short was never acted upon, and is left out.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Literal, TypeAlias
from uuid import UUID

import msgspec
from msgspec import Struct

from services.store import CommandKey, Terms

Verdict = Literal["recorded", "refused", "unavailable", "doubt"]
"""`refused`: for good. `unavailable`: this attempt did nothing; another one may."""


class Sent(Struct, frozen=True):
    """An event that a call is to record; None: the register decides."""

    stream: UUID
    topic: str
    version: int | None = None
    record: str | None = None  # not stamped


class Wish(Struct, frozen=True):
    """A command to the register."""

    do: Literal["found", "rename"]
    who: str  # names the unit's id
    name: str
    level: str = "commune"
    superior: str | None = None
    code: str | None = None
    day: int = 0  # days after the opening


class Call(Struct, frozen=True):
    """An append, or a transaction of the register when it has wishes."""

    token: str  # the correlation id of its events, and of no others
    sent: tuple[Sent, ...]
    key: str | None = None  # its idempotency key
    keys: tuple[tuple[int, str], ...] = ()
    guards: dict[UUID, int] = {}
    conditions: dict[str, int] = {}
    wishes: tuple[Wish, ...] = ()

    @property
    def asked(self) -> bytes:
        """The fingerprint of all that is asked for; who asks the same has the same token."""
        return sha256(self.token.encode()).digest()

    @property
    def command(self) -> CommandKey | None:
        return None if self.key is None else CommandKey(self.key, self.asked)

    @property
    def terms(self) -> Terms:
        return Terms(self.guards, self.keys, self.conditions, self.command)


class Asked(Struct, frozen=True, tag=True):
    """The call is about to be made; `at` in seconds of the machine's monotonic clock."""

    call: Call
    at: float


class Again(Struct, frozen=True, tag=True):
    """The same call is about to be made again, by its maker or by who came after it."""

    token: str
    at: float


class Answered(Struct, frozen=True, tag=True):
    """What the caller was told; 0 to 0: there was nothing to record."""

    token: str
    at: float
    verdict: Verdict
    first: int = 0
    last: int = 0
    recorded_at: datetime | None = None
    records: tuple[str, ...] | None = None  # as read back, without the stamp
    why: str = ""


class Saw(Struct, frozen=True, tag=True):
    """Events that a reader of the feed was given: position and SHA-256 of the record."""

    reader: str
    events: tuple[tuple[int, str], ...]


class Glimpsed(Struct, frozen=True, tag=True):
    """A view's mark as one snapshot showed it."""

    view: str
    position: int
    count: int
    sum: str  # decimal: it has 128 bits


class Trouble(Struct, frozen=True, tag=True):
    """What must not happen to a process that nobody kills."""

    words: str


class Did(Struct, frozen=True, tag=True):
    """Something worth counting."""

    what: str


Line: TypeAlias = Asked | Again | Answered | Saw | Glimpsed | Trouble | Did
_decoder = msgspec.json.Decoder(Line)


class Notebook:
    """The file of one process. Safe to share between its threads."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._lock = Lock()

    def write(self, line: Line) -> None:
        """On return it is with the operating system, which nobody kills."""
        with self._lock:
            os.write(self._file, msgspec.json.encode(line) + b"\n")


def lines(path: Path) -> list[Line]:
    """All whole lines of a notebook."""
    whole, _, _ = path.read_bytes().rpartition(b"\n")
    return [_decoder.decode(line) for line in whole.splitlines()]


@dataclass(frozen=True)
class Told:
    """One call, by whomever it was made, and all that was answered to it."""

    call: Call
    begun: float = float("inf")
    attempts: int = 0
    answers: tuple[Answered, ...] = ()

    @property
    def recorded(self) -> list[Answered]:
        return [answer for answer in self.answers if answer.verdict == "recorded"]

    @property
    def refused(self) -> bool:
        return any(answer.verdict == "refused" for answer in self.answers)

    @property
    def uncertain(self) -> bool:
        """Nobody was told that it is recorded, and somebody not that it is not."""
        doubts = any(answer.verdict == "doubt" for answer in self.answers)
        return not self.recorded and (doubts or self.attempts > len(self.answers))


@dataclass
class History:
    """The notebooks of all processes, put together."""

    told: dict[str, Told] = field(default_factory=dict)  # by token
    seen: dict[str, list[tuple[int, str]]] = field(default_factory=dict)  # by reader
    glimpses: list[Glimpsed] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    deeds: list[str] = field(default_factory=list)

    def take(self, told: list[Line]) -> None:
        for line in told:
            self._take(line)

    def _take(self, line: Line) -> None:
        match line:
            case Asked(call, at):
                self._called(self.told.get(call.token) or Told(call), at)
            case Again(token, at):
                self._called(self.told[token], at)
            case Answered(token):
                told = self.told[token]
                answers = (*told.answers, line)
                self.told[token] = Told(told.call, told.begun, told.attempts, answers)
            case Saw(reader, events):
                self.seen.setdefault(reader, []).extend(events)
            case Glimpsed():
                self.glimpses.append(line)
            case Trouble(words):
                self.troubles.append(words)
            case Did(what):
                self.deeds.append(what)

    def _called(self, told: Told, at: float) -> None:
        begun = min(told.begun, at)
        self.told[told.call.token] = Told(told.call, begun, told.attempts + 1, told.answers)


def read(folder: Path, name: str = "*") -> History:
    """The notebooks of all processes, or of one, in the order of their lives."""
    history = History()
    for path in sorted(folder.glob(f"{name}.*.notes"), key=_age):
        history.take(lines(path))
    return history


def _age(path: Path) -> tuple[int, str]:
    """writer-1.3.notes: the third life of writer-1; who came after may repeat earlier calls."""
    name, life, _ = path.name.split(".")
    return int(life), name
