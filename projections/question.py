"""A question as a value: whoever has a connection, of whichever kind, can ask it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

R_co = TypeVar("R_co", covariant=True)

KNOWN = b"%(known)s::bigint"
"""Where a statement speaks of the position up to which it may know."""


@dataclass(frozen=True, slots=True)
class Question(Generic[R_co]):
    """A statement that finds one row or none of each of some things at a point.

    Its values are `ids`, and the point's `day` and `known`; the first column is the id.
    """

    statement: bytes
    id: UUID  # of the thing that is asked about
    row: Callable[..., R_co]
