"""A question as a value: whoever has a connection, of whichever kind, can ask it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

R_co = TypeVar("R_co", covariant=True)

KNOWN = b"%(known)s::bigint"
"""Where a statement speaks of the position up to which it may know."""


@dataclass(frozen=True, slots=True)
class Question(Generic[R_co]):
    """A statement that finds one row or none at a point, and what the row says.

    `values` are those beside the point's, which are `day` and `known`.
    """

    statement: bytes
    values: Mapping[str, Any]
    row: Callable[..., R_co]
