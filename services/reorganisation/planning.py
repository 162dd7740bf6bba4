"""The lists as commands, in transactions: each old province as it stood, each new as it became.

Within a transaction the rules are asked over its outcome, so the order is the reader's: units
before the Party organisations upon them, provinces before communes, the new before the end of the
old.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from domain.codes import Code
from domain.envelope import Authority, Envelope
from domain.lineage import Successor
from domain.node import Node
from domain.organisation import PartyOrganisation
from domain.unit import AdministrativeUnit
from services.commands import (
    AssignCode,
    ChangeKind,
    ChangeUnitType,
    Command,
    End,
    EstablishOrganisation,
    EstablishUnit,
    Rename,
    Resubordinate,
)
from services.reorganisation import terms
from services.reorganisation.checking import Index
from services.reorganisation.circumstances import Circumstances, board
from services.reorganisation.reading import (
    District,
    Lists,
    NewCommune,
    OldCommune,
    Province,
)

UNIT, ORGANISATION = "unit", "organisation"
TERRITORY = "territory"
T = TypeVar("T")


@dataclass(frozen=True)
class Step:
    """One transaction."""

    key: str  # "before/01": unique in the plan
    words: str  # what it is about: the name of the province
    commands: tuple[Command, ...]


def steps(lists: Lists) -> Iterator[Step]:
    """The whole undertaking, in the order in which it must be recorded."""
    index = Index(lists)
    circumstances = Circumstances(index, f"{terms.UNDERTAKING}/{lists.digest}")
    before, after = Before(index, circumstances), After(index, circumstances)
    for old in lists.provinces_before:
        yield Step(f"before/{old.code}", old.name, tuple(before.commands(old)))
    for new in lists.provinces_after:
        yield Step(f"after/{new.code}", new.name, tuple(after.commands(new)))


def count(lists: Lists) -> int:
    """How many steps there are."""
    return len(lists.provinces_before) + len(lists.provinces_after)


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
        name=terms.organisation_name(row.name, row.type),
        superior_id=superior_id,
        unit_id=_old(UNIT, level, row),
        setting=TERRITORY,
    )


class After:
    """One new province with the old ones that it was made of: who lives on, begins and ends."""

    def __init__(self, index: Index, circumstances: Circumstances) -> None:
        self._index, self._circumstances = index, circumstances
        lists = index.lists
        self._made_of = _grouped(lists.provinces_before, lambda p: index.province_after[p.code])
        self._districts = _grouped(lists.districts_before, lambda d: d.province_code)
        self._old_communes = _grouped(lists.communes_before, lambda c: c.province_code)
        self._new_communes = _grouped(lists.communes_after, lambda c: c.province_code)
        self._kept = {code: old for code in index.communes_after if (old := self._kept_from(code))}
        self._kept_codes = {old.code for old in self._kept.values()}
        self._special = {district: commune for commune, district in index.from_district.items()}

    def commands(self, province: Province) -> Iterator[Command]:
        yield from self._province_units(province)
        yield from self._commune_units(province)
        yield from self._district_units(province)
        yield from self._province_organisations(province)
        yield from self._commune_organisations(province)
        yield from self._district_organisations(province)

    # Who is who

    def _kept_from(self, code: str) -> OldCommune | None:
        """The old commune that lives on as this new one: its whole, and nothing of others."""
        edges = self._index.predecessors.get(code, [])
        if len(edges) == 1 and edges[0].extent == "whole":
            return self._index.communes_before[edges[0].old_code]
        return None

    def _province_kept(self, province: Province) -> Province | None:
        olds = self._made_of[province.code]
        return olds[0] if len(olds) == 1 else None

    def _province_id(self, kind: str, province: Province) -> UUID:
        kept = self._province_kept(province)
        return _old(kind, "province", kept) if kept else _new(kind, "province", province)

    def _commune_id(self, kind: str, code: str) -> UUID:
        kept = self._kept.get(code)
        if kept is not None:
            return _old(kind, "commune", kept)
        return terms.new_id(kind, "commune", code)

    def _successors(self, kind: str, old: OldCommune) -> tuple[Successor, ...]:
        """Of an organisation that was divided the extents are not known, only the heirs."""
        edges = self._index.successors[old.code]
        unsure = kind == ORGANISATION and len(edges) > 1
        return tuple(
            Successor(
                self._commune_id(kind, edge.new_code),
                "unknown" if unsure else edge.extent,
                bool(edge.is_default),
            )
            for edge in edges
        )

    def _founding_way(self, commune: NewCommune) -> str:
        if commune.code in self._index.from_district:
            return "conversion"
        return "merger" if len(self._index.predecessors[commune.code]) > 1 else "division"

    # Units

    def _province_units(self, province: Province) -> Iterator[Command]:
        envelope, id_ = self._circumstances.province_units(), self._province_id(UNIT, province)
        kept = self._province_kept(province)
        if kept is not None:
            yield from _unit_changes(id_, kept, province, envelope)
            return
        yield _founded_unit(id_, "province", "merger", province, None, envelope)
        for old in self._made_of[province.code]:
            yield _merged(AdministrativeUnit, _old(UNIT, "province", old), id_, envelope)

    def _commune_units(self, province: Province) -> Iterator[Command]:
        envelope = self._circumstances.commune_units(province.code)
        superior_id = self._province_id(UNIT, province)
        for new in self._new_communes[province.code]:
            id_, kept = self._commune_id(UNIT, new.code), self._kept.get(new.code)
            if kept is None:
                way = self._founding_way(new)
                yield _founded_unit(id_, "commune", way, new, superior_id, envelope)
            else:
                yield _moved(AdministrativeUnit, id_, superior_id, envelope)
                yield from _unit_changes(id_, kept, new, envelope)
        yield from self._ended_communes(UNIT, AdministrativeUnit, province, envelope)

    def _district_units(self, province: Province) -> Iterator[Command]:
        ended = self._circumstances.district_units()
        converted = self._circumstances.commune_units(province.code)
        for old in self._made_of[province.code]:
            for district in self._districts[old.code]:
                yield self._ended_district(UNIT, AdministrativeUnit, district, ended, converted)

    # Party organisations

    def _province_organisations(self, province: Province) -> Iterator[Command]:
        envelope = self._circumstances.province_organisations()
        id_, kept = self._province_id(ORGANISATION, province), self._province_kept(province)
        if kept is not None:
            if (kept.name, kept.type) != (province.name, province.type):
                name = terms.organisation_name(province.name, province.type)
                yield Rename(of=PartyOrganisation, id=id_, envelope=envelope, name=name)
            return
        unit_id = self._province_id(UNIT, province)
        yield _founded_organisation(id_, "merger", "province", province, None, unit_id, envelope)
        for old in self._made_of[province.code]:
            yield _merged(PartyOrganisation, _old(ORGANISATION, "province", old), id_, envelope)

    def _commune_organisations(self, province: Province) -> Iterator[Command]:
        superior_id = self._province_id(ORGANISATION, province)
        envelope = self._circumstances.commune_organisations(self._board(province), province.code)
        for new in self._new_communes[province.code]:
            id_, kept = self._commune_id(ORGANISATION, new.code), self._kept.get(new.code)
            if kept is None:
                unit_id, way = self._commune_id(UNIT, new.code), self._founding_way(new)
                yield _founded_organisation(
                    id_, way, "commune_upper", new, superior_id, unit_id, envelope
                )
            else:
                yield ChangeKind(id=id_, envelope=envelope, kind="commune_upper")
                yield _moved(PartyOrganisation, id_, superior_id, envelope)
                if (kept.name, kept.type) != (new.name, new.type):
                    name = terms.organisation_name(new.name, new.type)
                    yield Rename(of=PartyOrganisation, id=id_, envelope=envelope, name=name)
        yield from self._ended_communes(ORGANISATION, PartyOrganisation, province, envelope)

    def _district_organisations(self, province: Province) -> Iterator[Command]:
        """The board under which a district stood ends it; a conversion is the new board's."""
        converted = self._circumstances.commune_organisations(self._board(province), province.code)
        for old in self._made_of[province.code]:
            own_board = board(old, _old(ORGANISATION, "province", old))
            ended = self._circumstances.district_organisations(own_board)
            for district in self._districts[old.code]:
                yield self._ended_district(
                    ORGANISATION, PartyOrganisation, district, ended, converted
                )

    def _board(self, province: Province) -> Authority:
        return board(province, self._province_id(ORGANISATION, province))

    # Both

    def _ended_communes(
        self, kind: str, of: type[Node], province: Province, envelope: Envelope
    ) -> Iterator[Command]:
        for old_province in self._made_of[province.code]:
            for old in self._old_communes[old_province.code]:
                if old.code not in self._kept_codes:
                    heirs = self._successors(kind, old)
                    way = "merger" if len(heirs) == 1 else "division"
                    id_ = _old(kind, "commune", old)
                    yield End(of=of, id=id_, envelope=envelope, way=way, successors=heirs)

    def _ended_district(
        self, kind: str, of: type[Node], old: District, ended: Envelope, converted: Envelope
    ) -> Command:
        id_, commune = _old(kind, "district", old), self._special.get(old.code)
        if commune is None:
            return End(of=of, id=id_, envelope=ended, way="dissolution")
        heirs = (Successor(self._commune_id(kind, commune), "whole", is_default=True),)
        return End(of=of, id=id_, envelope=converted, way="conversion", successors=heirs)


def _founded_unit(
    id_: UUID,
    level: str,
    way: str,
    row: Province | NewCommune,
    superior_id: UUID | None,
    envelope: Envelope,
) -> Command:
    return EstablishUnit(
        id=id_,
        envelope=envelope,
        way=way,
        level=level,
        type=row.type,
        name=row.name,
        superior_id=superior_id,
        codes=(Code(terms.CODE_SCHEME, row.code),),
    )


def _founded_organisation(
    id_: UUID,
    way: str,
    kind: str,
    row: Province | NewCommune,
    superior_id: UUID | None,
    unit_id: UUID,
    envelope: Envelope,
) -> Command:
    return EstablishOrganisation(
        id=id_,
        envelope=envelope,
        way=way,
        kind=kind,
        name=terms.organisation_name(row.name, row.type),
        superior_id=superior_id,
        unit_id=unit_id,
        setting=TERRITORY,
    )


def _unit_changes(
    id_: UUID,
    old: Province | OldCommune,
    new: Province | NewCommune,
    envelope: Envelope,
) -> Iterator[Command]:
    """What changes for a unit that lives on, besides its superior."""
    if old.name != new.name:
        yield Rename(of=AdministrativeUnit, id=id_, envelope=envelope, name=new.name)
    if old.type != new.type:
        yield ChangeUnitType(id=id_, envelope=envelope, type=new.type)
    if old.code != new.code:
        code = Code(terms.CODE_SCHEME, new.code)
        yield AssignCode(of=AdministrativeUnit, id=id_, envelope=envelope, code=code)


def _moved(of: type[Node], id_: UUID, superior_id: UUID, envelope: Envelope) -> Command:
    return Resubordinate(of=of, id=id_, envelope=envelope, superior_id=superior_id)


def _merged(of: type[Node], id_: UUID, into: UUID, envelope: Envelope) -> Command:
    heirs = (Successor(into, "whole", is_default=True),)
    return End(of=of, id=id_, envelope=envelope, way="merger", successors=heirs)


def _old(kind: str, level: str, row: Province | District | OldCommune) -> UUID:
    return terms.old_id(kind, level, row.code)


def _new(kind: str, level: str, row: Province) -> UUID:
    return terms.new_id(kind, level, row.code)


def _grouped(rows: Sequence[T], key: Callable[[T], Any]) -> dict[Any, list[T]]:
    """Rows by a key; a key without rows gives none."""
    groups: dict[Any, list[T]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups
