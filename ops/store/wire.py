"""What goes over the wire and comes back: array literals, stamps, rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import LiteralString
from uuid import UUID

from psycopg.rows import TupleRow

from services.record import UNSTAMPED
from services.store import Recorded

RECORDED: LiteralString = "position, stream, version, topic, record, recorded_at"
"""The columns that `recorded` expects."""

PLACEHOLDER = b'"recorded_at":"' + UNSTAMPED.encode() + b'"'
"""Gives way to the stamp when a record is stored; function append() knows the same text."""


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
        "state": record.encode(),
        "id": position,
        "recorded_at": recorded_at,
    }
    object.__setattr__(made, "__dict__", fields)
    return made


# The driver builds arrays element by element in Python, and types them by their largest number.


def array(values: Iterable[UUID | str | int]) -> str:
    """PostgreSQL's array literal of ids or numbers."""
    return "{" + ",".join(map(str, values)) + "}"


def array_of_texts(values: Iterable[str]) -> str:
    """PostgreSQL's array literal of any texts."""
    escaped = [value.replace("\\", r"\\").replace('"', r"\"") for value in values]
    return '{"' + '","'.join(escaped) + '"}' if escaped else "{}"
