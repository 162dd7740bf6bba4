"""Who may record: the seam at which full access control will stand.

A token is never kept, only its SHA-256 digest; so the file of digests may be read by whoever runs
the service without giving anybody's token away.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Protocol

from domain.envelope import Actor


class Access(Protocol):
    """Tells who holds a token."""

    def authenticate(self, token: str) -> Actor | None:
        """The actor who holds this token; None when nobody does."""


class Tokens:
    """Access by a table of token digests (lower-case hexadecimal SHA-256) and their holders."""

    def __init__(self, holders: Mapping[str, Actor]) -> None:
        self._holders = {bytes.fromhex(digest): actor for digest, actor in holders.items()}

    @classmethod
    def read(cls, text: str) -> Tokens:
        """From lines of "digest actor-id [post]"; blank lines and lines with # are left out.

        Raises ValueError.
        """
        holders = {}
        for line in text.splitlines():
            if line.strip() and not line.lstrip().startswith("#"):
                digest, actor_id, *post = line.split(maxsplit=2)
                holders[digest] = Actor(actor_id, post[0].strip() if post else None)
        return cls(holders)

    def authenticate(self, token: str) -> Actor | None:
        digest = sha256(token.encode()).digest()
        found = None
        for kept, actor in self._holders.items():  # all of them: the time taken tells nothing
            if hmac.compare_digest(kept, digest):
                found = actor
        return found
