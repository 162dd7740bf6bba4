"""What goes over the wire and comes back: elements of arrays, stamps, rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import LiteralString
from uuid import UUID

from eventsourcing.persistence import DataError
from psycopg.rows import TupleRow

from services.record import UNSTAMPED
from services.store import Recorded

RECORDED: LiteralString = (
    "position, stream, version, topic, convert_to(record, 'UTF8'), recorded_at"
)
"""The columns that `recorded` expects; the record as bytes, or the driver would decode it."""

PLACEHOLDER = b'"recorded_at":"' + UNSTAMPED.encode() + b'"'
"""Gives way to the stamp when a record is stored; function settle() knows the same text."""

_MILLENNIUM = datetime(2000, 1, 1, tzinfo=UTC)


def instant(microseconds: bytes) -> datetime:
    """What PostgreSQL's binary form of a timestamptz says."""
    since = int.from_bytes(microseconds, "big", signed=True)
    return _MILLENNIUM + timedelta(microseconds=since)


def stamp(at: datetime) -> bytes:
    """What takes the placeholder's place: UTC, microseconds, the same width."""
    return f'"recorded_at":"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"'.encode()


def recorded(row: TupleRow) -> Recorded:
    """The same as Recorded(...), which would set each field of a frozen dataclass by itself."""
    made = object.__new__(Recorded)
    position, stream, version, topic, record, recorded_at = row
    fields = {
        "originator_id": stream,
        "originator_version": version,
        "topic": topic,
        "state": record,
        "id": position,
        "recorded_at": recorded_at,
    }
    object.__setattr__(made, "__dict__", fields)
    return made


# Elements of an array, as PostgreSQL's array literal holds them. The driver would build arrays
# element by element in Python, and type them by their largest number.


def plain(value: UUID | str | int) -> bytes:
    """An id or a number."""
    return str(value).encode()


def quoted(text: str | bytes) -> bytes:
    """Any text, as itself or in UTF-8. Raises DataError when PostgreSQL's text cannot hold it."""
    try:
        encoded = text.encode() if isinstance(text, str) else text
        encoded.decode()
    except UnicodeError as error:
        raise DataError(f"a text is not UTF-8: {error}") from None
    if b"\0" in encoded:
        raise DataError("a text holds a NUL byte")
    return b'"' + encoded.replace(b"\\", rb"\\").replace(b'"', rb"\"") + b'"'


def bytea(value: bytes) -> bytes:
    """PostgreSQL's text form of bytes."""
    return rb"\x" + value.hex().encode()
