"""Identifiers of streams: opaque, never reused, and never a code.

Ids that are derived from something (imports) must come out the same every time, and ids of a time
keep together in the index; so derived ids are version 8 UUIDs (RFC 9562, section 5.8) whose first
48 bits are a fixed time in milliseconds and whose other 74 are from SHA-256 of a name.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def derived_id(name: str, at: datetime) -> UUID:
    """The id that `name` always has; `at` (with a time zone) gives its place among UUIDv7 ids."""
    return _derived(name, (at - _EPOCH) // _MILLISECOND)


def beside(id_: UUID, name: str) -> UUID:
    """The id that `name` always has in company of that one; near it in the index."""
    return _derived(f"{id_}/{name}", id_.int >> 80)


def _derived(name: str, milliseconds: int) -> UUID:
    digest = int.from_bytes(sha256(name.encode()).digest()[:10], "big")
    value = milliseconds << 80 | digest
    value = value & ~(0xF << 76) | 0x8 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)
