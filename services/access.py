"""Who may record, and who may do what beyond it: the seam at which full access control will stand.

A token is never kept, only its SHA-256 digest; so the file of digests may be read by whoever runs
the service without giving anybody's token away.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Protocol

from domain.envelope import Actor

_RIGHTS = "may="  # begins the word of a line that lists rights


class Right(StrEnum):
    """What a token must say that it allows."""

    SEE_NAMES = "see-names"  # read what is known of persons, for a purpose that goes on record
    KEEP_PEOPLE = "keep-people"  # register persons, correct, hold and destroy; see who has read
    SEE_READINGS = "see-readings"  # see who has read about whom, as an auditor does; nothing else


@dataclass(frozen=True)
class Holder:
    """Whoever holds a token: as whom it records, and what else it may do."""

    actor: Actor
    rights: frozenset[Right] = frozenset()

    def line(self) -> str:
        """As `Tokens.read` reads it again, without the digest."""
        rights = _RIGHTS + ",".join(sorted(self.rights)) if self.rights else None
        return " ".join(filter(None, [self.actor.id, rights, self.actor.post]))

    @classmethod
    def parse(cls, line: str) -> Holder:
        """Raises ValueError."""
        actor_id, _, rest = line.strip().partition(" ")
        rights = frozenset[Right]()
        if rest.strip().startswith(_RIGHTS):
            said, _, rest = rest.strip().removeprefix(_RIGHTS).partition(" ")
            rights = frozenset(Right(word) for word in said.split(","))
        return cls(Actor(actor_id, rest.strip() or None), rights)


class Access(Protocol):
    """Tells who holds a token."""

    def authenticate(self, token: str) -> Holder | None:
        """Whoever holds this token; None when nobody does."""


class Tokens:
    """Access by a table of token digests (lower-case hexadecimal SHA-256) and their holders."""

    def __init__(self, holders: Mapping[str, Holder]) -> None:
        self._holders = {bytes.fromhex(digest): holder for digest, holder in holders.items()}

    @classmethod
    def read(cls, text: str) -> Tokens:
        """From lines of "digest actor-id [may=right,right] [post]".

        Blank lines and lines with # are left out. Raises ValueError.
        """
        holders = {}
        for line in text.splitlines():
            if line.strip() and not line.lstrip().startswith("#"):
                digest, told = line.split(maxsplit=1)
                holders[digest] = Holder.parse(told)
        return cls(holders)

    def authenticate(self, token: str) -> Holder | None:
        digest = sha256(token.encode()).digest()
        found = None
        for kept, holder in self._holders.items():  # all of them: the time taken tells nothing
            if hmac.compare_digest(kept, digest):
                found = holder
        return found
