"""The crosswalk of one dossier: old to new and new to old, a row for each hand-over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from domain.node import Node
from domain.unit import AdministrativeUnit
from services.dossiers.reporting.frame import Column, Table, Term
from services.dossiers.reporting.structure import Heir, Structure


@dataclass(frozen=True, slots=True)
class Crossing:
    """All, a part or an unknown share of an old one that went to a new one, or became it."""

    subject: str  # "unit", "organisation"
    old_id: UUID
    old_code: str | None
    old_called: str
    level: str | None  # of a unit, for life
    old_sort: str | None  # type of a unit, kind of an organisation
    new_id: UUID
    new_code: str | None
    new_called: str
    new_sort: str | None
    extent: str
    is_default: bool
    lives_on: bool  # the new one is the old one itself
    population: int | None
    area: int | None  # square metres
    share: float | None  # of the people of the side that is asked about, where all are known
    document: str | None


def crossings(structure: Structure) -> tuple[Crossing, ...]:
    """Forward: by old code. What lives on has a row to itself, before what it ceded."""
    found = [row for node in _all(structure) for row in _of(structure, node)]
    found.sort(
        key=lambda r: (r.subject != "unit", r.old_code or "~", not r.lives_on, -r.is_default)
    )
    return _shared(found, "old_id")


def backward(forward: Iterable[Crossing]) -> tuple[Crossing, ...]:
    """The same by new code; shares are of the new one."""
    rows = sorted(forward, key=lambda r: (r.subject != "unit", r.new_code or "~", r.old_code or ""))
    return _shared(rows, "new_id")


def _all(structure: Structure) -> Iterator[Node]:
    """What the dossier touched, and those that took over without a change of their own."""
    seen = {node.id for node in structure.nodes}
    yield from structure.nodes
    takers = (h.id for node in structure.nodes for h in structure.handed_over(node))
    for id_ in dict.fromkeys(takers):
        node = structure.find(id_)
        if node is not None and id_ not in seen:
            yield node


def _of(structure: Structure, node: Node) -> Iterator[Crossing]:
    if not node.is_active_on(structure.eve):
        return
    if node.is_active_on(structure.day):
        itself = Heir(
            node.id, structure.code(node, structure.day) or "", "", "whole", True, None, None
        )
        ceded = any(day == structure.day for day, _ in node.hand_overs())
        yield _row(structure, node, replace(itself, extent="part" if ceded else "whole"))
    for heir in structure.handed_over(node):
        yield _row(structure, node, heir)


def _row(structure: Structure, old: Node, heir: Heir) -> Crossing:
    new = structure.find(heir.id)
    eve, day = structure.eve, structure.day
    events = (e for e in old.events.values() if e.effective_on == day and e.basis)
    numbers = [event.basis[0].number for event in events]
    return Crossing(
        subject="unit" if isinstance(old, AdministrativeUnit) else "organisation",
        old_id=old.id,
        old_code=structure.code(old, eve),
        old_called=old.called(eve) or str(old.id),
        level=getattr(old, "level", None),
        old_sort=_sort(old, eve),
        new_id=heir.id,
        new_code=heir.code or None,
        new_called=(new.called(day) if new else None) or str(heir.id),
        new_sort=_sort(new, day) if new else None,
        extent=heir.extent,
        is_default=heir.is_default,
        lives_on=heir.id == old.id,
        population=heir.population,
        area=heir.area,
        share=None,
        document=numbers[-1] if numbers else None,
    )


def _sort(node: Node, on: object) -> str | None:
    line = getattr(node, "type", None) or getattr(node, "kind", None)
    return line.at(on) if line else None


def _shared(rows: Iterable[Crossing], side: str) -> tuple[Crossing, ...]:
    """With the share of the people of each of that side, where all its rows say how many."""
    rows = tuple(rows)
    unsaid = {getattr(row, side) for row in rows if row.population is None}
    people: Counter[UUID] = Counter()
    for row in rows:
        people[getattr(row, side)] += row.population or 0
    return tuple(
        replace(row, share=(row.population or 0) / people[id_] if people[id_] else None)
        if (id_ := getattr(row, side)) not in unsaid
        else replace(row, share=None)
        for row in rows
    )


_OLD = (
    Column("old_code", Term("Mã cũ", "Old code"), "code"),
    Column("old_called", Term("Tên cũ", "Old name")),
    Column("level", Term("Cấp", "Level"), "coded", "level"),
    Column("old_sort", Term("Loại cũ", "Old type"), "coded", "unit_or_kind"),
)
_NEW = (
    Column("new_code", Term("Mã mới", "New code"), "code"),
    Column("new_called", Term("Tên mới", "New name")),
    Column("new_sort", Term("Loại mới", "New type"), "coded", "unit_or_kind"),
)
_REST = (
    Column("extent", Term("Phạm vi", "Extent"), "coded", "extent"),
    Column("is_default", Term("Mặc định", "Default"), "flag"),
    Column("lives_on", Term("Tiếp tục tồn tại", "Lives on"), "flag"),
    Column("population", Term("Dân số", "Population"), "number"),
    Column("area", Term("Diện tích (m²)", "Area (m²)"), "number"),
    Column("share", Term("Tỷ lệ dân số", "Share of people"), "share"),
    Column("document", Term("Số văn bản", "Document number")),
)
_SUBJECT = (Column("subject", Term("Đối tượng", "Subject"), "coded", "subject"),)


def crosswalk_tables(structure: Structure) -> tuple[Table, Table]:
    """Forward and backward."""
    forward = crossings(structure)
    nothing = Term("Không có gì chuyển giao.", "Nothing goes over.")
    return (
        Table(
            "old_to_new",
            Term("Bảng chuyển đổi: cũ sang mới", "Crosswalk: old to new"),
            (*_SUBJECT, *_OLD, *_NEW, *_REST),
            forward,
            nothing,
        ),
        Table(
            "new_to_old",
            Term("Bảng chuyển đổi: mới về cũ", "Crosswalk: new to old"),
            (*_SUBJECT, *_NEW, *_OLD, *_REST),
            backward(forward),
            nothing,
        ),
    )
