"""A point in both times: the day asked about, and how much of the log is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Point:
    """State on day `valid_at` (Asia/Ho_Chi_Minh), as the log up to position `known_at` tells it."""

    valid_at: date
    known_at: int
