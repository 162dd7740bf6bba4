"""What a rule between nodes may look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from domain.aggregate import Aggregate
from domain.node import Node
from domain.rulebook import RuleBook

Find = Callable[[UUID], Node | None]
A = TypeVar("A", bound=Aggregate)


@dataclass(frozen=True)
class Neighbourhood:
    """What a decision may look at beyond the stream it concerns."""

    stream: Callable[[UUID], Aggregate | None]  # any stream by its id
    bearers: Callable[[str], Iterable[Aggregate]]  # all that carry a consistency key
    rules: RuleBook

    def find(self, id_: UUID) -> Node | None:
        """The node of that id."""
        return self.find_any(Node, id_)

    def find_any(self, of: type[A], id_: UUID) -> A | None:
        """The stream of that id, when it is one of these."""
        found = self.stream(id_)
        return found if isinstance(found, of) else None

    def carriers(self, key: str) -> list[Node]:
        """The nodes that carry that key."""
        return [each for each in self.bearers(key) if isinstance(each, Node)]


def either(allowed: Iterable[str]) -> str:
    """Kinds or levels in words, for a refusal."""
    return " or ".join(kind or "nothing" for kind in allowed) or "nothing that exists"
