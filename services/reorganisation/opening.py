"""The opening: the country as it stood before the reorganisation, entered from the lists.

A transaction for each old province, units before the Party organisations upon them, provinces
before communes. What became of it is stated by dossiers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from domain.codes import Code
from domain.envelope import Envelope
from services.commands import (
    Command,
    EstablishOrganisation,
    EstablishUnit,
)
from services.patterns import organisation_name
from services.reorganisation import terms
from services.reorganisation.checking import Index
from services.reorganisation.circumstances import Circumstances
from services.reorganisation.reading import (
    District,
    Lists,
    OldCommune,
    Province,
)

UNIT, ORGANISATION = "unit", "organisation"
TERRITORY = "territory"
T = TypeVar("T")


@dataclass(frozen=True)
class Step:
    """One transaction."""

    key: str  # "before/01": unique in the opening
    words: str  # what it is about: the name of the province
    commands: tuple[Command, ...]


def steps(lists: Lists) -> Iterator[Step]:
    """All of it, in the order in which it must be recorded."""
    circumstances = Circumstances(f"{terms.UNDERTAKING}/{lists.digest}")
    before = Before(Index(lists), circumstances)
    for old in lists.provinces_before:
        yield Step(f"before/{old.code}", old.name, tuple(before.commands(old)))


class Before:
    """One old province with all below it, units and Party organisations, entered as they stood."""

    def __init__(self, index: Index, circumstances: Circumstances) -> None:
        self._circumstances = circumstances
        self._entered = circumstances.unit_entered()
        self._of_province = _grouped(index.lists.districts_before, lambda d: d.province_code)
        self._of_district = _grouped(index.lists.communes_before, lambda c: c.district_code)

    def commands(self, province: Province) -> Iterator[Command]:
        districts = self._of_province[province.code]
        below = [(d, c) for d in districts for c in self._of_district[d.code]]
        yield self._unit("province", province, None)
        for district in districts:
            yield self._unit("district", district, _old(UNIT, "province", province))
        for district, commune in below:
            yield self._unit("commune", commune, _old(UNIT, "district", district))
        yield from self._organisations(province, districts, below)

    def _organisations(
        self,
        province: Province,
        districts: Sequence[District],
        below: Sequence[tuple[District, OldCommune]],
    ) -> Iterator[Command]:
        entered = self._circumstances.organisation_entered
        yield _organisation("province", "province", province, None, entered(None))
        superior, envelope = _old(ORGANISATION, "province", province), entered(province)
        for district in districts:
            yield _organisation("district", "district", district, superior, envelope)
        for district, commune in below:
            superior, envelope = _old(ORGANISATION, "district", district), entered(district)
            yield _organisation("commune", "commune_base", commune, superior, envelope)

    def _unit(
        self, level: str, row: Province | District | OldCommune, superior_id: UUID | None
    ) -> Command:
        return EstablishUnit(
            id=_old(UNIT, level, row),
            envelope=self._entered,
            way="entered",
            level=level,
            type=row.type,
            name=row.name,
            superior_id=superior_id,
            codes=(Code(terms.CODE_SCHEME, row.code),),
        )


def _organisation(
    level: str,
    kind: str,
    row: Province | District | OldCommune,
    superior_id: UUID | None,
    envelope: Envelope,
) -> Command:
    return EstablishOrganisation(
        id=_old(ORGANISATION, level, row),
        envelope=envelope,
        way="entered",
        kind=kind,
        name=organisation_name(row.name, row.type),
        superior_id=superior_id,
        unit_id=_old(UNIT, level, row),
        setting=TERRITORY,
    )


def _old(kind: str, level: str, row: Province | District | OldCommune) -> UUID:
    return terms.old_id(kind, level, row.code)


def _grouped(rows: Sequence[T], key: Callable[[T], Any]) -> dict[Any, list[T]]:
    """Rows by a key; a key without rows gives none."""
    groups: dict[Any, list[T]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups
