"""What a rule between nodes may look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from domain.node import Node
from domain.rulebook import RuleBook

Find = Callable[[UUID], Node | None]


@dataclass(frozen=True)
class Neighbourhood:
    """What a decision may look at beyond the stream it concerns."""

    find: Find  # any node by its id
    carriers: Callable[[str], Iterable[Node]]  # all that carry a consistency key
    rules: RuleBook


def either(allowed: Iterable[str]) -> str:
    """Kinds or levels in words, for a refusal."""
    return " or ".join(kind or "nothing" for kind in allowed) or "nothing that exists"
