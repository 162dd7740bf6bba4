"""No two active siblings share a name, no two active nodes a code (INV-ORG-6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from domain.errors import CodeTaken, NameTaken
from domain.names import same_name
from domain.node import Node
from domain.structure.neighbourhood import Neighbourhood
from domain.timeline import together


def refuse_same_names(node: Node, since: date, around: Neighbourhood) -> None:
    """No two active children of one superior bear the same name on one day."""
    for superior_id, name, first, after in node.lives(since):
        key = f"name:{node.TOPIC}:{superior_id}:{same_name(name)}"
        for other in around.carriers(key):
            if other.id != node.id and _bears(other, superior_id, name, max(first, since), after):
                raise NameTaken(
                    f"Another one under the same superior is called {name!r} then",
                    field="name",
                    rule="INV-ORG-6",
                    id=str(node.id),
                    other_id=str(other.id),
                )


def _bears(
    other: Node, superior_id: UUID | None, name: str, first: date, after: date | None
) -> bool:
    return any(
        above == superior_id
        and same_name(borne) == same_name(name)
        and _overlap(first, after, begins, ends)
        for above, borne, begins, ends in other.lives(first)
    )


def _overlap(first: date, after: date | None, begins: date, ends: date | None) -> bool:
    return (ends is None or first < ends) and (after is None or begins < after)


def refuse_same_codes(node: Node, since: date, around: Neighbourhood) -> None:
    """No two active nodes bear the same code of one scheme on one day."""
    for scheme in node.codes:
        for value, first, after in _codes(node, scheme, since):
            for other in around.carriers(f"code:{node.TOPIC}:{scheme}:{value}"):
                if other.id != node.id and any(
                    value == borne and _overlap(max(first, since), after, begins, ends)
                    for borne, begins, ends in _codes(other, scheme, since)
                ):
                    raise CodeTaken(
                        f"Another one bears the {scheme} code {value} then",
                        field="codes",
                        rule="INV-ORG-6",
                        id=str(node.id),
                        other_id=str(other.id),
                    )


def _codes(node: Node, scheme: str, since: date) -> Iterator[tuple[str, date, date | None]]:
    lines = (node.is_active, node.code(scheme))
    for (active, value), first, after in together(*lines, since=since):
        if active and value is not None:
            yield value, first, after
