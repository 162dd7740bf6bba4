"""The reorganisation of 1 July 2025 as dossiers: one for each new province, and the national one.

The same tables as a province would hand in, made from the shipped lists. Organisations follow their
units; who decided, and which numbers nobody has found yet, is said in the decisions.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import count
from typing import Any, TypeVar

from domain.dossier.tables import (
    NOBODY,
    SUPERIOR,
    After,
    Before,
    Decision,
    Declared,
    Heading,
    Rule,
    Tables,
    Transfer,
)
from domain.legal_basis import LegalBasis
from services.reorganisation import terms
from services.reorganisation.checking import Index
from services.reorganisation.circumstances import POLITBURO
from services.reorganisation.reading import Lists, Province, Resolution
from services.reorganisation.terms import REORGANISATION

T = TypeVar("T")
GUIDE = LegalBasis("31-HD/BTCTW", date(2025, 4, 23), "Ban Tổ chức Trung ương")
DECISION_UNKNOWN = "Chưa rõ số và ngày của quyết định; ghi theo đơn vị hành chính tương ứng."
COUNTRY = f"{terms.UNDERTAKING}/country"
COMMUNE, PROVINCES, DISTRICTS, GUIDANCE = "communes", "provinces", "districts", "guide"
OF_PROVINCE, OF_COMMUNES, OF_DISTRICTS = "party-province", "party-communes", "party-districts"


def dossiers(lists: Lists) -> Iterator[tuple[Heading, Tables]]:
    """Those of the provinces in the order of their codes, then the national one over them."""
    index = Index(lists)
    made = _Made(index)
    parts = []
    for province in lists.provinces_after:
        heading = Heading(
            title=f"Sắp xếp đơn vị hành chính và tổ chức đảng {_lower(province.name)} năm 2025",
            effective_on=REORGANISATION,
            key=key_of(province.code),
            scheme=terms.CODE_SCHEME,
            scope=province.code,
        )
        parts.append(heading.key or "")
        yield heading, made.tables(province)
    yield _national(index, tuple(parts))


def key_of(province_code: str) -> str:
    """The key of the dossier of a new province."""
    return f"{terms.UNDERTAKING}/{province_code}"


def _national(index: Index, parts: tuple[str, ...]) -> tuple[Heading, Tables]:
    heading = Heading(
        title="Sắp xếp đơn vị hành chính cấp tỉnh, kết thúc cấp huyện trên cả nước năm 2025",
        effective_on=REORGANISATION,
        key=COUNTRY,
        scheme=terms.CODE_SCHEME,
        parts=parts,
    )
    national = (terms.MERGER_OF_PROVINCES, terms.END_OF_DISTRICTS)
    refs = (PROVINCES, DISTRICTS)
    decisions = tuple(
        _decision(row, ref, index.national[number])
        for row, ref, number in zip(count(1), refs, national, strict=False)
    )
    return heading, Tables(decisions=decisions, declared=_declared(index.lists, None, index))


class _Made:
    """The tables of each new province."""

    def __init__(self, index: Index) -> None:
        self._index, lists = index, index.lists
        self._made_of = _grouped(lists.provinces_before, lambda p: index.province_after[p.code])
        self._districts = _grouped(lists.districts_before, lambda d: d.province_code)
        self._old = _grouped(lists.communes_before, lambda c: c.province_code)
        self._new = _grouped(lists.communes_after, lambda c: c.province_code)
        self._converted = set(index.from_district.values())  # into a commune, as a whole

    def tables(self, province: Province) -> Tables:
        olds = self._made_of[province.code]
        return Tables(
            decisions=_numbered(self._decisions(province)),
            before=_numbered(self._before(olds)),
            after=_numbered(self._after(province)),
            transfers=_numbered(self._transfers(province, olds)),
            declared=_declared(self._index.lists, province.code, self._index),
            rules=_numbered(_rules()),
        )

    def _decisions(self, province: Province) -> Iterator[Decision]:
        national, own = self._index.national, self._index.resolutions[province.code]
        yield _decision(0, COMMUNE, own)
        yield _decision(0, PROVINCES, national[terms.MERGER_OF_PROVINCES])
        yield _decision(0, DISTRICTS, national[terms.END_OF_DISTRICTS])
        yield Decision(0, GUIDANCE, GUIDE.number, GUIDE.issued_on, GUIDE.issuer, GUIDE.title)
        yield _unknown(
            OF_PROVINCE, POLITBURO, "Quyết định thành lập đảng bộ tỉnh, thành phố", (PROVINCES,)
        )
        yield _unknown(
            OF_COMMUNES,
            None,
            "Quyết định thành lập, sắp xếp đảng bộ cấp xã",
            (GUIDANCE, COMMUNE),
            of=province.code,
        )
        yield _unknown(
            OF_DISTRICTS,
            SUPERIOR,
            "Quyết định kết thúc hoạt động đảng bộ cấp huyện",
            (GUIDANCE, DISTRICTS),
        )

    def _before(self, olds: Sequence[Province]) -> Iterator[Before]:
        for old in olds:
            yield _before("province", old, None, PROVINCES)
            for district in self._districts[old.code]:
                ended_by = COMMUNE if district.code in self._converted else DISTRICTS
                yield _before("district", district, old.code, ended_by)
            for commune in self._old[old.code]:
                yield _before("commune", commune, commune.district_code, COMMUNE)

    def _after(self, province: Province) -> Iterator[After]:
        yield _after("province", province, NOBODY, PROVINCES)
        for commune in self._new[province.code]:
            yield _after("commune", commune, province.code, COMMUNE)

    def _transfers(self, province: Province, olds: Sequence[Province]) -> Iterator[Transfer]:
        for old in olds:
            yield Transfer(0, "unit", old.code, province.code, is_default=True)
            for commune in self._old[old.code]:
                for edge in self._index.successors[commune.code]:
                    yield Transfer(
                        row=0,
                        subject="unit",
                        old=edge.old_code,
                        new=edge.new_code,
                        extent=edge.extent,
                        is_default=bool(edge.is_default),
                    )
        for new, old_district in self._index.from_district.items():
            if self._index.communes_after[new].province_code == province.code:
                yield Transfer(0, "unit", old_district, new, is_default=True)


def _rules() -> Iterator[Rule]:
    yield Rule(0, "organisations", "follow")
    yield Rule(0, "organisation_kind.commune", "commune_upper")
    yield Rule(0, "organisation_decision.province", OF_PROVINCE)
    yield Rule(0, "organisation_decision.district", OF_DISTRICTS)
    yield Rule(0, "organisation_decision.commune", OF_COMMUNES)


def _declared(lists: Lists, province: str | None, index: Index) -> tuple[Declared, ...]:
    """How many units of each level there are, by the lists; of one new province or the country."""

    def is_of(code: str) -> bool:
        return province is None or index.province_after[code] == province

    before = Counter(
        province=sum(is_of(p.code) for p in lists.provinces_before),
        district=sum(is_of(d.province_code) for d in lists.districts_before),
        commune=sum(is_of(c.province_code) for c in lists.communes_before),
    )
    after = Counter(
        province=sum(province in {None, p.code} for p in lists.provinces_after),
        district=0,
        commune=sum(province in {None, c.province_code} for c in lists.communes_after),
    )
    return tuple(
        Declared(row, "unit", level, before=before[level], after=after[level])
        for row, level in enumerate(("province", "district", "commune"), 1)
    )


def _decision(row: int, ref: str, resolution: Resolution) -> Decision:
    return Decision(
        row, ref, resolution.number, resolution.date, resolution.issuer, resolution.title_vi
    )


def _unknown(
    ref: str, authority: str | None, title: str, cites: tuple[str, ...], of: str | None = None
) -> Decision:
    """A decision that must exist, and whose number nobody has found yet."""
    return Decision(
        row=0,
        ref=ref,
        title=title,
        authority=authority,
        authority_of=of,
        cites=cites,
        reason=DECISION_UNKNOWN,
    )


def _before(level: str, unit: Any, superior: str | None, decision: str) -> Before:
    return Before(
        row=0,
        subject="unit",
        code=unit.code,
        level=level,
        name=unit.name,
        type=unit.type,
        superior=superior or NOBODY,
        decision=decision,
    )


def _after(level: str, unit: Any, superior: str, decision: str) -> After:
    return After(
        row=0,
        subject="unit",
        code=unit.code,
        level=level,
        name=unit.name,
        type=unit.type,
        superior=superior,
        decision=decision,
    )


def _numbered(rows: Iterator[Any]) -> tuple[Any, ...]:
    return tuple(replace(row, row=number) for number, row in enumerate(rows, 1))


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def _grouped(rows: Sequence[T], key: Callable[[T], Any]) -> dict[Any, list[T]]:
    """Rows by a key; a key without rows gives none."""
    groups: dict[Any, list[T]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups
