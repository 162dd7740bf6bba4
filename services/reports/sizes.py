"""How many members the organisations of a tree have: those of their cells, and of all below."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from domain.membership import RollCount
from projections.organisations import Organisation, Organisations
from projections.rolls import Rolls
from services.reading import Reading

NOBODY = RollCount(*[0] * len(RollCount.__slots__))


@dataclass
class Sized:
    """An organisation with its cells: it may be one itself."""

    organisation: Organisation
    cells: list[RollCount] = field(default_factory=list)

    @property
    def official(self) -> int:
        return sum(cell.official for cell in self.cells)

    @property
    def probationary(self) -> int:
        return sum(cell.probationary for cell in self.cells)

    @property
    def members(self) -> int:
        return self.official + self.probationary


def sizes(reading: Reading, superior: UUID | None, cell_kinds: list[str]) -> list[Sized]:
    """Of all below an organisation and itself, depth first; None: of all there are."""
    asking, point = Organisations(reading.connection, reading.schema), reading.point
    roots = [superior] if superior else [r.organisation_id for r in asking.children(None, point)]
    rolls, found = Rolls(reading.connection, reading.schema), dict[UUID, Sized]()
    counts: dict[UUID, RollCount] = {}
    for root in roots:
        placed = asking.tree(root, point)
        found |= {each.row.organisation_id: Sized(each.row) for each in placed}
        counts |= rolls.counts(root, point)
    for id_, sized in found.items():
        if sized.organisation.kind in cell_kinds:
            for above in _upward(id_, found):
                above.cells.append(counts.get(id_, NOBODY))
    return list(found.values())


def _upward(id_: UUID, found: dict[UUID, Sized]) -> Iterator[Sized]:
    """It and those above it, as far as they are among these."""
    at: UUID | None = id_
    while at is not None and at in found:
        yield found[at]
        at = found[at].organisation.superior_id


def by_superior_and_kind(
    reading: Reading, superior: UUID | None, cell_kinds: list[str]
) -> dict[tuple[UUID | None, str], Sized]:
    """Taken together: organisations of one kind directly under one superior."""
    found: dict[tuple[UUID | None, str], Sized] = {}
    gathered: defaultdict[tuple[UUID | None, str], list[RollCount]] = defaultdict(list)
    for sized in sizes(reading, superior, cell_kinds):
        group = (sized.organisation.superior_id, sized.organisation.kind)
        gathered[group] += sized.cells
        found[group] = Sized(sized.organisation, gathered[group])
    return found
