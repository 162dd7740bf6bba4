"""What the services ask of the event store, in its own words: no SQL, no driver.

The store is append-only and has one total order: positions count from 1 without gaps, in the order
of the commits, and the recorded time never decreases along them. See docs/adr/0002-store.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from eventsourcing.persistence import (
    IntegrityError,
    Notification,
    PersistenceError,
    StoredEvent,
)


@dataclass(frozen=True)
class CommandKey:
    """What makes a command the same one when it comes again."""

    key: str
    fingerprint: bytes  # of all that was asked for: the same key with another one is a mistake


@dataclass(frozen=True)
class Terms:
    """What an append relies on, and what it leaves behind besides its events."""

    guards: Mapping[UUID, int] = field(default_factory=dict)
    """Streams that were read to decide, each with its version then; 0: it must not exist.

    A stream that the append writes as well is compared as it stood before.
    """

    keys: Sequence[tuple[int, str]] = ()
    """Consistency keys to record: (index of the event in this append, key)."""

    conditions: Mapping[str, int] = field(default_factory=dict)
    """Keys that were looked up to decide, each with the last position seen under it; 0: none."""

    command: CommandKey | None = None


NO_TERMS = Terms()


@dataclass(frozen=True)
class Appended:
    """Where an append stands in the log; `first` and `last` are 0 when it recorded nothing."""

    first: int
    last: int
    recorded_at: datetime


@dataclass(frozen=True)
class Recorded(Notification):
    """A stored event as it stands in the log. `id` is its position, `state` its exact bytes."""

    recorded_at: datetime  # UTC; all events of one transaction share it


class HeadMoved(IntegrityError):
    """The events do not continue their stream. Nothing was recorded."""

    def __init__(self, stream: UUID, expected: int, actual: int | None) -> None:
        super().__init__(f"stream {stream} is at {actual}, not at {expected}")
        self.stream = stream
        self.expected = expected  # the version before the first one of the append
        self.actual = actual  # None: there is no such stream


class GuardMoved(IntegrityError):
    """A stream that the decision relied on has moved. Nothing was recorded."""

    def __init__(self, stream: UUID, expected: int, actual: int | None) -> None:
        super().__init__(f"guarded stream {stream} is at {actual}, not at {expected}")
        self.stream = stream
        self.expected = expected  # 0: it was not to exist
        self.actual = actual  # None: there is no such stream


class KeyMoved(IntegrityError):
    """A key that the decision relied on has newer events. Nothing was recorded."""

    def __init__(self, key: str, expected: int, actual: int) -> None:
        super().__init__(f"key {key!r} was last seen at position {expected}, is at {actual}")
        self.key = key
        self.expected = expected
        self.actual = actual


class AlreadyRecorded(IntegrityError):
    """This very command was carried out before. Nothing was recorded now."""

    def __init__(self, appended: Appended) -> None:
        super().__init__(f"recorded before at positions {appended.first} to {appended.last}")
        self.appended = appended


class KeyReused(IntegrityError):
    """The idempotency key belongs to another command. Nothing was recorded."""

    def __init__(self, key: str) -> None:
        super().__init__(f"idempotency key {key!r} was used for another command")
        self.key = key


class InDoubt(PersistenceError):
    """Nobody can say whether the append was recorded, or is safe; repeat it under the same key.

    The connection broke before the answer, or no answer came in time, or the wait for a synchronous
    standby was cancelled.
    """


class Log(Protocol):
    """What the store offers beyond the library's recorder interface.

    `up_to` is a position: what was recorded later is left out; None leaves out nothing.
    """

    def append(self, stored: Sequence[StoredEvent], terms: Terms = NO_TERMS) -> Appended:
        """Record all these events or none, in this order, at positions that follow each other.

        Raises HeadMoved, GuardMoved, KeyMoved, AlreadyRecorded, KeyReused; InDoubt.
        """
        ...

    def remember(self, command: CommandKey) -> None:
        """Keep it as the outcome of a command that there was nothing to record.

        Raises AlreadyRecorded, KeyReused; InDoubt.
        """
        ...

    def outcome(self, command: CommandKey) -> Appended | None:
        """What became of this command; None when it was never carried out. Raises KeyReused."""
        ...

    def histories(self, streams: Sequence[UUID], up_to: int | None = None) -> Iterator[Recorded]:
        """Whole streams, ordered by stream and version, read in portions as they are consumed.

        Without `up_to` a later portion may be of a later state of the log.
        """
        ...

    def sweep(self, first: UUID, after: UUID | None, up_to: int) -> Iterator[Recorded]:
        """All streams from `first` on and before `after`, ordered by stream and version.

        None has no end. Read in portions as they are consumed, in no transaction: as nothing up to
        a position ever changes, whoever was interrupted may go on where it stopped.
        """
        ...

    def scan(self, after: int, up_to: int) -> Iterator[Recorded]:
        """What stands beyond a position and not beyond the other, in order; read as `sweep` is."""
        ...

    def borders(self, size: int) -> list[UUID]:
        """Ids of streams, in order, that cut those there are now into ranges of so many."""
        ...

    def feed(self, after: int, limit: int, up_to: int | None = None) -> list[Recorded]:
        """At most `limit` events after a position, in the order of positions."""
        ...

    def keyed(
        self, keys: Sequence[str], up_to: int | None = None
    ) -> dict[str, tuple[int, list[UUID]]]:
        """For each key that any event carries: its last position, and the streams under it."""
        ...

    def heads(self, streams: Sequence[UUID]) -> dict[UUID, int]:
        """The version of each of these streams that exists."""
        ...

    def position(self) -> int:
        """The last position of the log; 0: nothing was recorded yet."""
        ...

    def epoch(self) -> UUID:
        """The identity of this log, given once: positions of another epoch mean nothing here."""
        ...

    def position_at(self, time: datetime) -> int:
        """The last position recorded at or before a time that has passed; 0: none.

        Waits for those who are recording and may be given that time, and raises TryAgain when it
        takes them long. Raises ValueError if naive.
        """
        ...

    def recorded_at(self, position: int) -> datetime | None:
        """When the event at this position was recorded (UTC); None: there is none."""
        ...
