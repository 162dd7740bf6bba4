"""Classification in numbers, and who could be given an award."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from domain.evaluation.chain import POLICIES, Chain
from domain.evaluation.period import Period
from domain.names import sort_key
from projections.awards import AWARDS, Given
from projections.lineage import LINEAGE
from projections.organisations import ORGANISATIONS, Organisations
from projections.reviews import REVIEWS
from projections.rounds import ROUNDS
from services.merits import Candidate, Summary, candidates, summaries
from services.reading import Reading
from services.reports.frame import SUPERIOR, Column, Parameter, Report, Row
from services.reports.frame import Given as Asked
from services.rulebook import rule_book

LEVELS = ("excellent", "good", "completed", "not_completed")
_NAMES = {
    "excellent": ("Hoàn thành xuất sắc nhiệm vụ", "Excellent"),
    "good": ("Hoàn thành tốt nhiệm vụ", "Good"),
    "completed": ("Hoàn thành nhiệm vụ", "Completed"),
    "not_completed": ("Không hoàn thành nhiệm vụ", "Not completed"),
}
_ROUNDINGS = {"down": "làm tròn xuống", "half_up": "làm tròn", "up": "làm tròn lên"}
_BASES = {
    "good": "số hoàn thành tốt",
    "good_or_better": "số hoàn thành tốt trở lên",
    "reviewed": "số được xếp loại",
}

# RP-17


def _summary(reading: Reading, given: Asked) -> Iterator[Row]:
    """One row for each group, deciding bodies in the order of the alphabet, and one for all."""
    period = str(Period.parse(given["period"]))
    found = summaries(reading, period, given["superior"])
    names = _names(reading, (each.decider_id for each in found))
    found.sort(key=lambda each: (sort_key(_name(names, each.decider_id)), each.group_name))
    for each in found:
        yield _row(each, names)
    if found:
        yield _total(found, period)


def _row(each: Summary, names: Mapping[UUID, str]) -> Row:
    ceiling = each.terms.ceiling
    return {
        **_numbers(each.levels, each.total, each.unreviewed, each.undecided),
        "decider": _name(names, each.decider_id),
        "group": each.group_name,
        "period": each.period,
        "status": each.status,
        "stated": each.is_stated,
        "ceiling": each.ceiling,
        "over": each.over,
        "ceiling_rule": ceiling
        and f"{ceiling.percent} % {_BASES[ceiling.base]}, {_ROUNDINGS[ceiling.rounding]}",
        "document": each.terms.document,
        "unverified": not each.terms.verified or bool(ceiling and not ceiling.verified),
        "review_id": each.review_id,
    }


def _total(found: Iterable[Summary], period: str) -> Row:
    """All groups together; a ceiling has no meaning beyond its group."""
    several = list(found)
    levels = {code: _sum([each.levels.get(code, 0) for each in several]) for code in LEVELS}
    sums = [sum(getattr(each, n) for each in several) for n in ("total", "unreviewed", "undecided")]
    return {
        **_numbers(levels, *sums),
        "decider": "Tổng cộng",
        "period": period,
        "over": sum(each.over for each in several),
    }


def _sum(numbers: Sequence[int | None]) -> int | None:
    """None where a part is not known."""
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None


def _numbers(
    levels: Mapping[str, int | None], total: int, unreviewed: int, undecided: int
) -> dict[str, Any]:
    told: dict[str, Any] = {"total": total, "unreviewed": unreviewed, "undecided": undecided}
    for code in LEVELS:
        number = levels.get(code, 0)
        told[code] = number
        told[f"{code}_share"] = number / total if total and number is not None else None
    return told


def _names(reading: Reading, ids: Iterable[UUID | None]) -> dict[UUID, str]:
    organisations = Organisations(reading.connection, reading.schema)
    return organisations.names([id_ for id_ in ids if id_], reading.point.known_at)


def _name(names: Mapping[UUID, str], id_: UUID | None) -> str:
    return names.get(id_, str(id_)) if id_ else "Trung ương"


def _levels() -> Iterator[Column]:
    for code in LEVELS:
        heading, english = _NAMES[code]
        yield Column(code, heading, english, "number")
        yield Column(f"{code}_share", f"{heading} (tỷ lệ)", f"{english}, share", "share")


SUMMARY = Report(
    id="RP-17",
    title="Tổng hợp kết quả đánh giá, xếp loại",
    english="Classification summary",
    columns=(
        Column("decider", "Cơ quan quyết định", "Deciding body"),
        Column("group", "Nhóm", "Group"),
        Column("period", "Kỳ", "Period", "code"),
        Column("total", "Tổng số", "Total", "number"),
        *_levels(),
        Column("unreviewed", "Không xếp loại", "Not reviewed", "number"),
        Column("undecided", "Chưa quyết định", "Not decided yet", "number"),
        Column("stated", "Theo số liệu công bố", "As stated, not counted", "flag"),
        Column("ceiling", "Mức trần xuất sắc", "Ceiling of excellent", "number"),
        Column("over", "Vượt trần", "Over the ceiling", "number"),
        Column("ceiling_rule", "Cách tính mức trần", "How the ceiling is counted"),
        Column("document", "Căn cứ xếp loại", "Document of the levels"),
        Column("unverified", "Quy tắc chưa kiểm chứng", "Rules to be confirmed", "flag"),
        Column("status", "Trạng thái đợt", "State of the round", "code"),
        Column("review_id", "Mã định danh đợt", "Id of the round", "id"),
    ),
    rows=_summary,
    views=(ROUNDS.name, REVIEWS.name, ORGANISATIONS.name),
    parameters=(
        Parameter("period", "Kỳ đánh giá", "A year, 2025, or a quarter, 2025-Q4.", "word", True),
        SUPERIOR,
    ),
    note="A group is those who share a ceiling. Levels, those not reviewed and those not decided "
    "yet sum to the total. Where nobody is listed, what follows from totals that were stated.",
)

# RP-18


def _candidates(reading: Reading, given: Asked) -> Iterator[Row]:
    """One row for each subject: first those all of whose years hold, by name."""
    policy = given["policy"] or "any-predecessor"
    found = candidates(
        reading,
        rule_book(),
        last_year=given["year"],
        form=given["form"] or "five_years",
        policy=policy,
        under=given["superior"],
        with_gaps=given["gaps"] is not False,
    )
    origins = {id_ for each in found for year in each.chain.years for id_ in year.origins}
    subjects = {id_ for each in found for id_ in (each.subject_id, each.organisation_id) if id_}
    names = _names(reading, {*subjects, *origins})

    def place(each: Candidate) -> tuple[bool, str, str]:
        name = names.get(each.organisation_id or each.subject_id, "")
        return not each.is_eligible, sort_key(name), str(each.subject_id)

    for each in sorted(found, key=place):
        yield _candidate(each, names)


def _candidate(each: Candidate, names: Mapping[UUID, str]) -> Row:
    award = each.awards[0] if each.awards else None
    years = each.chain.years
    person = each.organisation_id is not None
    return {
        "subject": None if person else names.get(each.subject_id),
        "person": each.subject_id if person else None,
        "organisation": names.get(each.organisation_id) if each.organisation_id else None,
        "first_year": years[0].year,
        "last_year": years[-1].year,
        "held": sum(year.holds for year in years),
        "gaps": ", ".join(str(year) for year in each.chain.gaps) or None,
        "eligible": each.is_eligible,
        "levels": _by_year(each.chain, each.subject_id, names),
        "policy": each.chain.policy,
        **_given(award),
        "subject_id": each.subject_id,
    }


def _by_year(chain: Chain, subject_id: UUID, names: Mapping[UUID, str]) -> str:
    """Each year with its levels: by which decision, and through whom where not by itself."""

    def told(year: int, subject: UUID, level: str, document: str | None) -> str:
        through = "" if subject == subject_id else f" ({names.get(subject, subject)})"
        return f"{year}: {_NAMES[level][0].lower()}, {document or 'số chưa rõ'}{through}"

    said = [
        told(year.year, each.subject_id, each.level, each.document)
        for year in chain.years
        for each in year.rated
    ]
    missing = [f"{year.year}: chưa có" for year in chain.years if not year.rated]
    return "; ".join(sorted([*said, *missing]))


def _given(award: Given | None) -> dict[str, Any]:
    if award is None:
        return {}
    kinds = rule_book().rules
    name = next((r.value["name"] for r in kinds if r.key == f"award.kind.{award.kind}"), award.kind)
    return {
        "award": name,
        "award_status": award.status,
        "decision": award.document,
        "decided_on": award.decided_on,
        "authority": award.authority_name,
        "award_id": award.award_id,
    }


ELIGIBILITY = Report(
    id="RP-18",
    title="Danh sách đủ điều kiện khen thưởng",
    english="Award eligibility and list",
    columns=(
        Column("subject", "Tổ chức đảng", "Organisation"),
        Column("person", "Mã định danh cá nhân", "Person", "person"),
        Column("organisation", "Nơi đánh giá cá nhân", "Where the person is judged"),
        Column("first_year", "Từ năm", "First year", "number"),
        Column("last_year", "Đến năm", "Last year", "number"),
        Column("held", "Số năm đạt", "Years that hold", "number"),
        Column("gaps", "Năm chưa đạt", "Gaps"),
        Column("eligible", "Đủ điều kiện", "Eligible", "flag"),
        Column("levels", "Mức xếp loại từng năm, số quyết định", "Levels by year and decision"),
        Column("policy", "Cách tính tổ chức tiền thân", "Policy for predecessors", "code"),
        Column("award", "Hình thức khen thưởng", "Award"),
        Column("award_status", "Trạng thái khen thưởng", "State of the award", "code"),
        Column("decision", "Số quyết định khen thưởng", "Decision", "code"),
        Column("decided_on", "Ngày quyết định", "Decided on", "day"),
        Column("authority", "Cơ quan khen thưởng", "Given by"),
        Column("subject_id", "Mã định danh", "Id of the subject", "id"),
        Column("award_id", "Mã định danh khen thưởng", "Id of the award", "id"),
    ),
    rows=_candidates,
    views=(REVIEWS.name, AWARDS.name, LINEAGE.name, ORGANISATIONS.name),
    parameters=(
        Parameter("year", "Năm cuối", "Last year of the chain.", "number", True, (), 1930, 2199),
        Parameter(
            "form",
            "Loại khen thưởng",
            "five_years if left out.",
            "word",
            False,
            ("yearly", "five_years"),
        ),
        Parameter(
            "policy",
            "Cách tính tổ chức tiền thân",
            "any-predecessor if left out.",
            "word",
            False,
            POLICIES,
        ),
        Parameter("gaps", "Kể cả chưa đủ", "Also who has gaps; so if left out.", "flag"),
        SUPERIOR,
    ),
    note="Those whose level in the last year is enough. No rule for merged organisations was "
    "found: the policy is named in every row.",
)

REPORTS = (SUMMARY, ELIGIBILITY)
