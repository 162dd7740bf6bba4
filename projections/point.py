"""A point in both times: where every question about the past is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Point:
    """The state of `valid_at` as known after the event at position `known_at`."""

    valid_at: date
    known_at: int
