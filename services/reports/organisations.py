"""Organisations on a day, and what became of them in a period."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from projections.audit import AUDIT, Audit, AuditFilters, Line
from projections.memberships import MEMBERSHIPS
from projections.organisations import ORGANISATIONS, Organisations
from projections.units import UNITS
from services.reading import Reading
from services.reports.frame import PERIOD, SUPERIOR, Column, Given, Report, Row, period
from services.reports.sizes import Sized, by_superior_and_kind
from services.rulebook import rule_book
from services.telling import term

_TYPES = {
    rule.key.removeprefix("unit.type."): rule.value
    for rule in rule_book().rules
    if rule.key.startswith("unit.type.")
}
_NOWHERE = "on_no_unit"
_MANY = "cell.group_meetings.members_min"

# How many there are


def _numbers(reading: Reading, given: Given) -> Iterator[Row]:
    """One row for each superior and kind, superiors in the order of the alphabet."""
    asking = Organisations(reading.connection, reading.schema)
    found = asking.numbers(reading.point, given["superior"])
    by_kind: defaultdict[tuple[UUID | None, str], Counter[str]] = defaultdict(Counter)
    for each in found:
        of_type = f"on_{each.level}_{each.type}" if each.level else _NOWHERE
        by_kind[each.superior_id, each.kind][of_type] += each.number
    cell_kinds = rule_book().on(reading.point.valid_at).value("membership.cell_kinds")
    sized = by_superior_and_kind(reading, given["superior"], cell_kinds)
    superiors = {id_ for id_, _ in by_kind if id_ is not None}
    above = {row.organisation_id: row for row in asking.named(list(superiors), reading.point)}

    def place(group: tuple[UUID | None, str]) -> tuple[str, str, str]:
        superior = above.get(group[0]) if group[0] else None
        return superior.sort_key if superior else "", str(group[0]), group[1]

    for superior_id, kind in sorted(by_kind, key=place):
        numbers = by_kind[superior_id, kind]
        superior = above.get(superior_id) if superior_id else None
        yield {
            "superior_id": superior_id,
            "superior": superior and superior.name,
            "kind": kind,
            "kind_name": term("kind", kind),
            "number": numbers.total(),
            **numbers,
            **_sizes(sized.get((superior_id, kind)), reading),
        }


def _sizes(sized: Sized | None, reading: Reading) -> Row:
    """How many members they have, and how many of their cells stand out."""
    if sized is None:
        return {}
    rules = rule_book().on(reading.point.valid_at).values
    least, many = (rules.get(key) for key in ("cell.official_members_min", _MANY))
    return {
        "official": sized.official,
        "probationary": sized.probationary,
        "small_cells": least and sum(c.official < least.value for c in sized.cells),
        "large_cells": many and sum(c.members > many.value for c in sized.cells),
    }


NUMBERS = Report(
    id="RP-01",
    title="Số lượng chi bộ, đảng bộ",
    english="Organisations on a date",
    columns=(
        Column("superior", "Tổ chức đảng cấp trên trực tiếp", "Direct superior"),
        Column("kind_name", "Loại tổ chức đảng", "Kind of organisation"),
        Column("number", "Số lượng", "Number", "number"),
        *(
            Column(
                f"on_{key.replace('.', '_')}",
                f"Trong đó: địa bàn {value['name']}",
                f"Of which on a {value['english']}",
                "number",
            )
            for key, value in _TYPES.items()
        ),
        Column(_NOWHERE, "Trong đó: không theo địa bàn", "Of which on no unit", "number"),
        Column("official", "Đảng viên chính thức", "Official members", "number"),
        Column("probationary", "Đảng viên dự bị", "Probationary members", "number"),
        Column(
            "small_cells",
            "Chi bộ chưa đủ số đảng viên chính thức",
            "Cells with too few official members",
            "number",
        ),
        Column("large_cells", "Chi bộ đông đảng viên", "Cells of many members", "number"),
        Column("kind", "Mã loại tổ chức", "Code of the kind", "code"),
        Column("superior_id", "Mã định danh cấp trên", "Id of the superior", "id"),
    ),
    rows=_numbers,
    views=(ORGANISATIONS.name, UNITS.name, MEMBERSHIPS.name),
    parameters=(SUPERIOR,),
    note="Counted by direct superior; the superior asked for is not counted itself. Members are "
    "those of the cells below, and of the cells themselves.",
)

# What became of them

_WHAT = {
    "party-organisation.established": "founded",
    "party-organisation.ended": "ended",
    "party-organisation.part-ceded": "part-ceded",
    "party-organisation.resubordinated": "re-subordinated",
    "party-organisation.kind-changed": "kind-changed",
}
_TITLES = {
    "founded": "Thành lập mới",
    "founded-merger": "Thành lập trên cơ sở hợp nhất, sáp nhập",
    "founded-division": "Thành lập trên cơ sở chia tách",
    "founded-conversion": "Thành lập trên cơ sở chuyển đổi",
    "ended": "Kết thúc hoạt động",
    "ended-merger": "Kết thúc do hợp nhất, sáp nhập",
    "ended-division": "Kết thúc do chia tách",
    "ended-conversion": "Kết thúc do chuyển đổi",
    "ended-dissolution": "Giải thể",
    "ended-disbandment": "Giải tán",
    "part-ceded": "Tách một phần",
    "re-subordinated": "Chuyển về trực thuộc",
    "kind-changed": "Chuyển loại hình",
}


def _changes(reading: Reading, given: Given) -> Iterator[Row]:
    """One row for each change that stands, in the order of days, then of recording."""
    begins, ends = period(given)
    audit = Audit(reading.connection, reading.schema)
    filters = AuditFilters(
        under=given["superior"],
        event_types=list(_WHAT),
        effective_from=begins,
        effective_to=ends,
        known_at=reading.point.known_at,
    )
    lines = [line for line in audit.lines(filters, limit=_ALL) if _is_change(line)]
    names = audit.names(lines, reading.point.known_at)
    above = {line.superior_id for line in lines if line.superior_id}
    organisations = Organisations(reading.connection, reading.schema)
    superiors = organisations.names(list(above), reading.point.known_at)
    for line in sorted(lines, key=lambda each: (each.effective_on, each.position)):
        superior = superiors.get(line.superior_id) if line.superior_id else None
        yield {"superior": superior, **_change(line, names)}


_ALL = 10_000_000  # more than a million rows are refused where they are written


def _is_change(line: Line) -> bool:
    """What stood already when it was entered is not founded then; what was taken back is not."""
    return line.voided_by is None and _said(line, "way") != "entered"


def _said(line: Line, field: str) -> Any:
    return next((change["to"] for change in line.changes if change["field"] == field), None)


def _change(line: Line, names: dict[str, str]) -> Row:
    what, way = _WHAT[line.event_type], _said(line, "way")
    successors = [each["id"] for each in _said(line, "successors") or ()]
    document = line.basis[0] if line.basis else {}
    return {
        "effective_on": line.effective_on,
        "change": what,
        "change_name": _TITLES.get(f"{what}-{way}", _TITLES[what]),
        "way": way,
        "name": line.name,
        "successors": "; ".join(names.get(each, each) for each in successors) or None,
        "decision": document.get("number"),
        "decided_on": line.decided_on,
        "authority": line.authority_name,
        "signatory": document.get("signatory"),
        "position": line.position,
        "organisation_id": line.stream,
    }


CHANGES = Report(
    id="RP-02",
    title="Biến động tổ chức đảng trong kỳ",
    english="Changes of organisations in a period",
    columns=(
        Column("effective_on", "Ngày có hiệu lực", "Effective on", "day"),
        Column("change_name", "Biến động", "Change"),
        Column("name", "Tổ chức đảng", "Organisation"),
        Column("superior", "Tổ chức đảng cấp trên trực tiếp", "Direct superior on that day"),
        Column("successors", "Bên tiếp nhận", "Successors"),
        Column("decision", "Số quyết định", "Decision", "code"),
        Column("decided_on", "Ngày quyết định", "Decided on", "day"),
        Column("authority", "Cơ quan quyết định", "Decided by"),
        Column("signatory", "Người ký (chức vụ)", "Signed by"),
        Column("change", "Mã biến động", "Code of the change", "code"),
        Column("way", "Mã hình thức", "Code of the way", "code"),
        Column("position", "Bản ghi số", "Record", "number"),
        Column("organisation_id", "Mã định danh tổ chức", "Id of the organisation", "id"),
    ),
    rows=_changes,
    views=(AUDIT.name, ORGANISATIONS.name, UNITS.name),
    parameters=(*PERIOD, SUPERIOR),
    note="What was taken back by the time asked about is left out, and so is what was entered as "
    "standing already. An organisation counts as within a scope where it stood then.",
)

REPORTS = (NUMBERS, CHANGES)
