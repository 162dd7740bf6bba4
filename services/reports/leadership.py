"""Vacant seats, holders of posts, assignments of members, coverage of working regulations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

from domain.names import sort_key
from projections.assignments import Assignments
from projections.bodies import CoverageFilters
from projections.holdings import Held, Holdings
from projections.seats import SeatPlans
from services import leading
from services.reading import Reading
from services.reports.frame import SUPERIOR, Column, Given, Parameter, Report, Row
from services.telling import term

_WITHIN = replace(SUPERIOR, english="This one and all below it, on the day.")
_ORGANISATION = Column("organisation", "Tổ chức đảng", "Organisation")
_ORGANISATION_ID = Column("organisation_id", "Mã định danh tổ chức", "Id of the organisation", "id")
_ID = _ORGANISATION_ID.name
_BODY = Column("body_name", "Cơ quan", "Body")
_POST = Column("post_name", "Chức vụ", "Post")
_PERSON = Column("person_id", "Mã nhân sự", "Person", "person")
_RECORD = Column("position", "Bản ghi số", "Record", "number")

ACTS = {
    "elected": "bầu",
    "appointed": "chỉ định",
    "recognised": "công nhận, phân công, điều động, bổ nhiệm",
    "concurrent": "kiêm nhiệm",
    "acting": "giao quyền, giao phụ trách",
    "entered": "ghi nhận hiện trạng",
}
STATES = {"held": "đang giữ", "acting": "quyền, phụ trách", "suspended": "bị đình chỉ"}
APPROVALS = {"pending": "chờ chuẩn y", "approved": "đã chuẩn y"}
TARGETS = {
    "area": "địa bàn",
    "organisation": "tổ chức đảng",
    "cell": "chi bộ",
    "household": "hộ gia đình",
}

# RP-07


def _vacancies(reading: Reading, given: Given) -> Iterator[Row]:
    """By organisation in the order of the alphabet, then body and post."""
    found = SeatPlans(reading.connection, reading.schema).vacancies(
        reading.point, given["superior"]
    )
    for row in _sorted(leading.seats(reading, leading.by_rank(found))):
        if given["overdue"] and not row["overdue_days"]:
            continue
        yield row | {"responsible": row["superior"]}


def _sorted(rows: list[leading.Row]) -> list[leading.Row]:
    """By the names of organisations; those of one name stay apart, each in the order it had."""
    return sorted(rows, key=lambda row: (sort_key(row["organisation"] or ""), row[_ID].int))


VACANCIES = Report(
    id="RP-07",
    title="Chức danh còn khuyết",
    english="Vacant seats",
    columns=(
        _ORGANISATION,
        _BODY,
        _POST,
        Column("number", "Số lượng quy định", "Seats", "number"),
        Column("filled", "Hiện có", "Filled", "number"),
        Column("vacant", "Còn khuyết", "Vacant", "number"),
        Column("acting", "Quyền, phụ trách", "Acting", "number"),
        Column("vacant_since", "Khuyết từ ngày", "Vacant since", "day"),
        Column("due_on", "Thời hạn kiện toàn", "Due on", "day"),
        Column("overdue_days", "Số ngày quá hạn", "Days overdue", "number"),
        Column("responsible", "Cấp chịu trách nhiệm kiện toàn", "Responsible"),
        Column("body", "Mã cơ quan", "Code of the body", "code"),
        Column("post", "Mã chức vụ", "Code of the post", "code"),
        _ORGANISATION_ID,
    ),
    rows=_vacancies,
    views=leading.VACANCIES,
    parameters=(
        _WITHIN,
        Parameter("overdue", "Chỉ quá hạn", "Only those whose due day has passed.", "flag"),
    ),
    note="Who is suspended keeps the seat; who acts has none. Responsible is the direct superior.",
)

# RP-08


def _holders(reading: Reading, given: Given) -> Iterator[Row]:
    """A row for each post held, with the other posts of the same person, wherever they are."""
    holdings = Holdings(reading.connection, reading.schema)
    held = holdings.under(given["superior"], reading.point)
    everywhere = held  # all there are, where nobody is left out
    if given["superior"] is not None:
        everywhere = holdings.of_people(list({each.person_id for each in held}), reading.point)
    others: defaultdict[UUID, list[Held]] = defaultdict(list)
    for each in leading.by_rank(everywhere):
        others[each.person_id].append(each)
    called = leading.names(reading, {h.organisation_id for of in others.values() for h in of})
    for row in _sorted(leading.leaders(reading, leading.by_rank(held))):
        besides = [h for h in others[row["person_id"]] if h.holding_id != row["holding_id"]]
        if besides or not given["several"]:
            yield row | {
                "act_name": ACTS.get(row["act"], row["act"]),
                "state_name": STATES[row["state"]],
                "approval_name": APPROVALS.get(row["approval"] or "", row["approval"]),
                "others": "; ".join(_post_of(each, called) for each in besides) or None,
            }


def _post_of(held: Held, called: dict[UUID, str]) -> str:
    post = term("post", f"{held.body}.{held.post}")
    return f"{post} ({held.place or called.get(held.organisation_id, held.organisation_id)})"


HOLDERS = Report(
    id="RP-08",
    title="Người giữ chức vụ và kiêm nhiệm",
    english="Post-holders and concurrent posts on a date",
    columns=(
        _ORGANISATION,
        _BODY,
        _POST,
        _PERSON,
        Column("held_from", "Giữ chức vụ từ ngày", "From", "day"),
        Column("act_name", "Hình thức", "Act"),
        Column("state_name", "Tình trạng", "State"),
        Column("approval_name", "Chuẩn y", "Approval"),
        Column("others", "Chức vụ khác", "Other posts"),
        Column("decision", "Số quyết định", "Decision", "code"),
        Column("authority", "Cơ quan quyết định", "Decided by"),
        Column("act", "Mã hình thức", "Code of the act", "code"),
        Column("body", "Mã cơ quan", "Code of the body", "code"),
        Column("post", "Mã chức vụ", "Code of the post", "code"),
        _RECORD,
        _ORGANISATION_ID,
    ),
    rows=_holders,
    views=leading.LEADERS,
    parameters=(
        _WITHIN,
        Parameter("several", "Chỉ người giữ nhiều chức vụ", "Only who holds other posts.", "flag"),
    ),
)

# RP-09


def _assignments(reading: Reading, given: Given) -> Iterator[Row]:
    found = Assignments(reading.connection, reading.schema).under(given["superior"], reading.point)
    for row in _sorted(leading.assigned(reading, found)):
        yield row | {"kind_name": TARGETS.get(row["kind"], row["kind"])}


ASSIGNMENTS = Report(
    id="RP-09",
    title="Phân công cấp ủy viên phụ trách",
    english="Assignments of committee members to areas, cells, households",
    columns=(
        _ORGANISATION,
        _PERSON,
        Column("kind_name", "Loại", "Kind"),
        Column("target_name", "Địa bàn, tổ chức phụ trách", "Target"),
        Column("duties", "Nhiệm vụ", "Duties"),
        Column("valid_from", "Từ ngày", "From", "day"),
        Column("kind", "Mã loại", "Code of the kind", "code"),
        Column("target_id", "Mã định danh nơi phụ trách", "Id of the target", "id"),
        _RECORD,
        _ORGANISATION_ID,
    ),
    rows=_assignments,
    views=leading.ASSIGNED,
    parameters=(_WITHIN,),
    note="Attendance at the meetings of whom they answer for is not in this register yet.",
)

# RP-15


def _coverage(reading: Reading, given: Given) -> Iterator[Row]:
    filters = CoverageFilters(given["superior"], given["missing"], given["successor"])
    for row in leading.coverage(reading, leading.covered(reading, filters)):
        yield _covered(row)


def _covered(row: dict[str, Any]) -> Row:
    return row | {"ended": "; ".join(row["ended_names"]) or None}


COVERAGE = Report(
    id="RP-15",
    title="Ban hành quy chế làm việc",
    english="Working regulations coverage",
    columns=(
        Column("name", "Tổ chức đảng", "Organisation"),
        Column("superior", "Tổ chức đảng cấp trên trực tiếp", "Direct superior"),
        _BODY,
        Column("term", "Nhiệm kỳ", "Term"),
        Column("number", "Số quy chế", "Number of the regulations", "code"),
        Column("issued_on", "Ngày ban hành", "Issued on", "day"),
        Column("regulations_term", "Ban hành cho nhiệm kỳ", "Issued for the term"),
        Column("model", "Theo mẫu", "Model", "code"),
        Column("is_missing", "Chưa ban hành", "Missing", "flag"),
        Column("ended", "Kế thừa tổ chức đã kết thúc", "Successor of an ended body"),
        Column("kind_name", "Loại tổ chức đảng", "Kind of organisation"),
        Column("body", "Mã cơ quan", "Code of the body", "code"),
        Column("kind", "Mã loại tổ chức", "Code of the kind", "code"),
        _ORGANISATION_ID,
    ),
    rows=_coverage,
    views=leading.COVERAGE,
    parameters=(
        _WITHIN,
        Parameter("missing", "Chưa ban hành", "Without them for the running term.", "flag"),
        Parameter("successor", "Kế thừa", "Successor of a body that is no more.", "flag"),
    ),
    note="Which bodies need them is said by the rules of the day (leadership.regulations.bodies).",
)

REPORTS = (VACANCIES, HOLDERS, ASSIGNMENTS, COVERAGE)
