"""What the services ask of the store of keys, in their own words: no SQL, no master key.

It stands apart from the log, so that both can be kept, saved and lost apart. It holds the keys of
persons, what their names are looked up by, and who has read them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.envelope import Actor
from domain.errors import TryAgain
from domain.person import Receipt


class VaultLocked(TryAgain):
    """A master key is missing, or it is another one than the keys are wrapped under."""

    code, title = "vault-locked", "The store of keys cannot be opened"


@dataclass(frozen=True, slots=True)
class PersonKey:
    """The key that opens what is sealed of one person."""

    generation: int
    secret: bytes = field(repr=False)


@dataclass(frozen=True)
class Reader:
    """Who reads personal details, and what for."""

    actor: Actor
    purpose: str  # in words, with the number of the case where there is one; names nobody


@dataclass(frozen=True)
class PastReading:
    """An answer that somebody was given about a person."""

    number: int
    read_at: datetime  # UTC
    actor_id: str
    actor_post: str | None
    purpose: str
    people: int  # of how many persons the answer told


class Vault(Protocol):
    """All that changes here is safe when the call returns. Raises VaultLocked everywhere."""

    def make(self, names: Mapping[UUID, Iterable[str]]) -> dict[UUID, PersonKey]:
        """A key for each of these, to be found by the words given; one that is there stays.

        Whoever's key was destroyed gets none.
        """
        ...

    def keys(self, ids: Sequence[UUID]) -> dict[UUID, PersonKey]:
        """The keys of those that have one."""
        ...

    def add_words(self, id_: UUID, words: Iterable[str]) -> None:
        """Let a person be found by these words, too."""
        ...

    def bearers(self, words: Iterable[str], after: UUID | None, limit: int) -> list[UUID]:
        """Those who can be found by all these words, in the order of ids, beyond `after`."""
        ...

    def destroy(self, id_: UUID, receipt: Receipt) -> None:
        """Key and words are gone, and that is noted. May be repeated."""
        ...

    def made_before(self, time: datetime) -> Iterator[list[UUID]]:
        """All that have a key which is older, in portions."""
        ...

    def now(self) -> datetime:
        """The time on the clock that gives keys their age (UTC)."""
        ...

    def discard(self, ids: Sequence[UUID]) -> None:
        """Drop keys under which nothing was ever sealed."""
        ...

    def digest(self, said: bytes) -> bytes:
        """32 bytes that tell what was said apart, and that nobody can guess it from."""
        ...

    def note(self, reader: Reader, ids: Sequence[UUID]) -> None:
        """Put on record that these were read."""
        ...

    def readings_of(
        self, id_: UUID, limit: int, since: datetime | None = None, until: datetime | None = None
    ) -> list[PastReading]:
        """Who has read about a person since then and before then, the latest first."""
        ...
