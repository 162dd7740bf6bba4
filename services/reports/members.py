"""Members: who is due for what, who moved, who left; and organisations of the wrong size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from domain.membership.terms import badge_due, probation_end, recognition_due, transfer_due
from domain.rulebook import RuleSet
from projections.memberships import MEMBERSHIPS
from projections.organisations import ORGANISATIONS, Organisations
from projections.rolls import Member, Rolls
from services.reading import Reading
from services.reports.frame import PERIOD, SUPERIOR, Column, Given, Parameter, Report, Row, period
from services.reports.sizes import Sized, sizes
from services.rulebook import rule_book

_DAY = timedelta(days=1)
_VIEWS = (MEMBERSHIPS.name, ORGANISATIONS.name)
SOMETIME = tuple(replace(each, is_required=False) for each in PERIOD)

_PERSON = Column("person_id", "Mã đảng viên", "Person", "person")
_CELL = Column("cell", "Chi bộ", "Cell")
_CELL_ID = Column("cell_id", "Mã định danh chi bộ", "Id of the cell", "id")
_ID = Column("membership_id", "Mã định danh đảng tịch", "Id of the membership", "id")


def _rules(reading: Reading) -> RuleSet:
    return rule_book().on(reading.point.valid_at)


def rolls_at(reading: Reading) -> Rolls:
    return Rolls(reading.connection, reading.schema)


def names_of(reading: Reading, ids: Iterable[UUID | None]) -> dict[UUID | None, str]:
    """The last names known of these organisations."""
    wanted = list({id_ for id_ in ids if id_ is not None})
    asking = Organisations(reading.connection, reading.schema)
    return dict(asking.names(wanted, reading.point.known_at).items())


def roots_of(reading: Reading, given: Given, day: date | None = None) -> list[UUID]:
    """The organisation asked about; where none is, those under nobody on the day."""
    if given["superior"] is not None:
        return [given["superior"]]
    asking = Organisations(reading.connection, reading.schema)
    point = replace(reading.point, valid_at=day or reading.point.valid_at)
    return [row.organisation_id for row in asking.children(None, point)]


def _about(member: Member, names: dict[UUID | None, str]) -> dict[str, Any]:
    return {
        "person_id": member.person_id,
        "cell": names.get(member.cell_id),
        "cell_id": member.cell_id,
        "membership_id": member.membership_id,
    }


# RP-04: who is due for recognition


def _due(reading: Reading, given: Given) -> Iterator[Row]:
    """In the order of the days on which they are due; those without a ceremony last."""
    rules, day = _rules(reading), reading.point.valid_at
    rolls, roots = rolls_at(reading), roots_of(reading, given)
    found = [m for root in roots for m in rolls.on_probation(root, reading.point)]
    names = names_of(reading, (m.cell_id for m in found))
    for member in sorted(found, key=lambda m: (m.ceremony_on or date.max, m.membership_id)):
        due = probation_end(member.ceremony_on, rules)[0] if member.ceremony_on else None
        latest = recognition_due(due, rules) if due else None
        if given["within_days"] is not None and not (
            due and (due - day).days <= given["within_days"]
        ):
            continue
        yield _about(member, names) | {
            "admitted_on": member.party_age_on,
            "ceremony_on": member.ceremony_on,
            "due_on": due,
            "days_left": (due - day).days if due else None,
            "considered_by": latest,
            "is_late": bool(latest and day > latest),
        }


DUE = Report(
    id="RP-04",
    title="Đảng viên dự bị và đảng viên đến hạn công nhận chính thức",
    english="Probationers and those due for recognition",
    columns=(
        _PERSON,
        _CELL,
        Column("admitted_on", "Ngày kết nạp", "Admitted", "day"),
        Column("ceremony_on", "Ngày tổ chức lễ kết nạp", "Ceremony", "day"),
        Column("due_on", "Ngày hết thời gian dự bị", "End of the probation", "day"),
        Column("days_left", "Số ngày còn lại", "Days left", "number"),
        Column("considered_by", "Hạn chi bộ xét", "The cell considers by", "day"),
        Column("is_late", "Quá hạn", "Late", "flag"),
        _CELL_ID,
        _ID,
    ),
    rows=_due,
    views=_VIEWS,
    parameters=(
        SUPERIOR,
        Parameter(
            "within_days",
            "Trong số ngày tới",
            "Only those due within so many days, or before.",
            "number",
            least=0,
            most=1000,
        ),
    ),
    note="Recognition takes effect on the day on which the probation ended, however late.",
)


# RP-05: transfers

_TRANSFERS = {
    "in_transit": "Đã giới thiệu, chưa tiếp nhận",
    "temporary": "Sinh hoạt tạm thời nơi khác",
    "received_far": "Chuyển đến từ ngoài tỉnh",
    "received_near": "Chuyển đến trong tỉnh",
    "transferred_far": "Chuyển đi ngoài tỉnh",
    "transferred_near": "Chuyển đi trong tỉnh",
}


def _transfers(reading: Reading, given: Given) -> Iterator[Row]:
    """Who is in transit or away on the day; in a period, also who came and who went."""
    rules, day = _rules(reading), reading.point.valid_at
    rolls, roots = rolls_at(reading), roots_of(reading, given)
    found = [m for root in roots for m in rolls.in_transit(root, reading.point)]
    places = [id_ for m in found for id_ in (m.cell_id, m.temporary_cell_id, m.introduced_to_id)]
    names = names_of(reading, places)
    for member in found:
        about = _about(member, names)
        if member.introduced_on is not None:
            due, _ = transfer_due(member.introduced_on, rules)
            yield (
                about
                | _transfer("in_transit")
                | {
                    "other": names.get(member.introduced_to_id),
                    "on": member.introduced_on,
                    "due_on": due,
                    "is_late": bool(due and day > due),
                }
            )
        if member.temporary_cell_id is not None:
            other = names.get(member.temporary_cell_id)
            yield about | _transfer("temporary") | {"other": other, "on": None}
    if given["from"] is not None and given["to"] is not None:
        yield from _moved(reading, given)


def _moved(reading: Reading, given: Given) -> Iterator[Row]:
    begins, ends = period(given)
    rolls, known_at = rolls_at(reading), reading.point.known_at
    roots = roots_of(reading, given, ends - _DAY)
    moves = [
        move
        for root in roots
        for move in rolls.moves(root, begins, ends, known_at)
        if move.how == "transfer"
    ]
    names = names_of(reading, (move.other_id for move in moves))
    for move in sorted(moves, key=lambda m: (m.day, m.membership_id)):
        what = f"{'received' if move.is_in else 'transferred'}_{'near' if move.is_near else 'far'}"
        who = rolls.history(move.membership_id, known_at)[0].person_id
        yield _transfer(what) | {
            "person_id": who,
            "membership_id": move.membership_id,
            "other": names.get(move.other_id),
            "on": move.day,
        }


def _transfer(what: str) -> dict[str, Any]:
    return {"what": what, "what_name": _TRANSFERS[what]}


TRANSFERS = Report(
    id="RP-05",
    title="Chuyển sinh hoạt đảng",
    english="Transfers",
    columns=(
        _PERSON,
        Column("what_name", "Hình thức", "Kind"),
        _CELL,
        Column("other", "Nơi đến hoặc nơi đi", "The other organisation"),
        Column("on", "Ngày", "Day", "day"),
        Column("due_on", "Hạn tiếp nhận", "To be received by", "day"),
        Column("is_late", "Quá hạn", "Beyond the limit", "flag"),
        Column("what", "Mã hình thức", "Code of the kind", "code"),
        _CELL_ID,
        _ID,
    ),
    rows=_transfers,
    views=_VIEWS,
    parameters=(SUPERIOR, *SOMETIME),
    note="Who is in transit belongs to the sender. Moves within the organisation are no transfers.",
)


# RP-06: exempt, left, struck off, expelled, died

_FATES = {
    "exempt": "Miễn công tác và sinh hoạt đảng",
    "left": "Cho ra khỏi Đảng",
    "struck_off": "Xóa tên",
    "expelled": "Khai trừ",
    "died": "Từ trần",
}

_DEGREES = {"official": "chính thức", "probationary": "dự bị"}


def _fates(reading: Reading, given: Given) -> Iterator[Row]:
    """Who is exempt at the end of the period, then who ceased to be a member in it."""
    begins, ends = period(given)
    point = replace(reading.point, valid_at=ends - _DAY)
    rolls = rolls_at(reading)
    roots = roots_of(reading, given, point.valid_at)
    exempt = [(member, None) for root in roots for member in rolls.exempted(root, point)]
    gone = [e for root in roots for e in rolls.ended(root, begins, ends, point.known_at)]
    told: list[tuple[Member, date | None]] = [*exempt, *sorted(gone, key=lambda each: each[1])]
    names = names_of(reading, (member.cell_id for member, _ in told))
    for member, on in told:
        what = member.ended_by if on and member.ended_by else "exempt"
        yield _about(member, names) | {
            "what": what,
            "what_name": _FATES[what],
            "on": on,
            "degree_name": _DEGREES[member.degree],
        }


FATES = Report(
    id="RP-06",
    title="Đảng viên được miễn, ra khỏi Đảng, bị xóa tên, khai trừ, từ trần",
    english="Exempt, left, struck off, expelled, died",
    columns=(
        _PERSON,
        _CELL,
        Column("what_name", "Nội dung", "What"),
        Column("on", "Kể từ ngày", "From", "day"),
        Column("degree_name", "Đảng viên", "Degree"),
        Column("what", "Mã nội dung", "Code", "code"),
        _CELL_ID,
        _ID,
    ),
    rows=_fates,
    views=_VIEWS,
    parameters=(SUPERIOR, *PERIOD),
    note="The exempt are those of the last day of the period.",
)


# RP-26: badges


def _badges(reading: Reading, given: Given) -> Iterator[Row]:
    """Highest badges first; of one badge, in the order of the cells."""
    occasion = given["occasion"] or _next_occasion(reading.point.valid_at, _rules(reading))
    rules = rule_book().on(occasion)
    rolls, roots = rolls_at(reading), roots_of(reading, given)
    found = [m for root in roots for m in rolls.long_standing(root, reading.point, occasion)]
    due = [
        (badge_due(m.party_age_on, m.badge_years, occasion, rules), m)
        for m in found
        if m.party_age_on
    ]
    reached = [(years, member) for years, member in due if years is not None]
    names = names_of(reading, (member.cell_id for _, member in reached))
    for years, member in sorted(reached, key=lambda each: (-each[0], str(each[1].cell_id))):
        yield _about(member, names) | {
            "occasion": occasion,
            "badge": years,
            "party_age_on": member.party_age_on,
            "last_badge": member.badge_years,
        }


def _next_occasion(day: date, rules: RuleSet) -> date:
    """The first of the days of the year on which badges are given, that day or after."""
    occasions = rules.value("membership.badges")["occasions"]
    years = (day.year, day.year + 1)
    days = [date.fromisoformat(f"{year}-{on}") for year in years for on in occasions]
    return min(each for each in days if each >= day)


BADGES = Report(
    id="RP-26",
    title="Đảng viên đủ điều kiện tặng Huy hiệu Đảng",
    english="Badges due",
    columns=(
        _PERSON,
        _CELL,
        Column("badge", "Huy hiệu (năm tuổi Đảng)", "Badge (years)", "number"),
        Column("occasion", "Đợt trao tặng", "Occasion", "day"),
        Column("party_age_on", "Tuổi Đảng tính từ ngày", "Party age counts from", "day"),
        Column("last_badge", "Huy hiệu đã tặng", "Last badge", "number"),
        _CELL_ID,
        _ID,
    ),
    rows=_badges,
    views=_VIEWS,
    parameters=(
        SUPERIOR,
        Parameter(
            "occasion", "Đợt trao tặng", "The day; left out: the next of the rule book.", "day"
        ),
    ),
    note="Early and posthumous awards are proposed one by one and not listed here.",
)


# RP-28: size

_FITNESS = {
    "too_few_official": "Chi bộ chưa đủ số đảng viên chính thức",
    "committee_too_small": "Đảng bộ cơ sở dưới số đảng viên tối thiểu",
    "cell_large": "Chi bộ đông, thuộc diện giám sát theo chuyên đề",
    "cell_very_large": "Chi bộ đông, có thể sinh hoạt theo tổ",
}


def _fitness(reading: Reading, given: Given) -> Iterator[Row]:
    """What is amiss or stands out, organisation by organisation, depth first."""
    rules = _rules(reading)
    cell_kinds = rules.value("membership.cell_kinds")
    for sized in sizes(reading, given["superior"], cell_kinds):
        what = _stands_out(sized, rules, sized.organisation.kind in cell_kinds)
        for each in what:
            yield {
                "organisation": sized.organisation.name,
                "organisation_id": sized.organisation.organisation_id,
                "what": each,
                "what_name": _FITNESS[each],
                "official": sized.official,
                "members": sized.members,
            }


def _stands_out(sized: Sized, rules: RuleSet, is_cell: bool) -> Iterator[str]:
    least = rules.value("base_committee.members_min")
    if not is_cell:
        kind = rules.kinds().get(sized.organisation.kind)
        if kind is not None and kind.level == "base" and sized.members < least:
            yield "committee_too_small"
        return
    if sized.official < rules.value("cell.official_members_min"):
        yield "too_few_official"
    if "cell.group_meetings.members_min" in rules.values and sized.members >= rules.value(
        "cell.group_meetings.members_min"
    ):
        yield "cell_very_large"
    elif sized.members >= least:
        yield "cell_large"


FITNESS = Report(
    id="RP-28",
    title="Quy mô tổ chức đảng",
    english="Size fitness",
    columns=(
        Column("organisation", "Tổ chức đảng", "Organisation"),
        Column("what_name", "Nội dung", "What"),
        Column("official", "Đảng viên chính thức", "Official members", "number"),
        Column("members", "Tổng số đảng viên", "Members", "number"),
        Column("what", "Mã nội dung", "Code", "code"),
        Column("organisation_id", "Mã định danh tổ chức", "Id of the organisation", "id"),
    ),
    rows=_fitness,
    views=_VIEWS,
    parameters=(SUPERIOR,),
    note="Thresholds are those of the rule book on the day. An exception that the direct superior "
    "agreed to is not known here.",
)

REPORTS = (DUE, TRANSFERS, FATES, BADGES, FITNESS)
