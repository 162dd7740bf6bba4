"""What the pages say, in Vietnamese with English beside it. Pure: values in, words out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.lineage import Certainty
from services.rulebook import rule_book

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")


class Term(NamedTuple):
    """One thing said twice."""

    vi: str
    en: str


LEVELS = {
    "province": Term("cấp tỉnh", "province level"),
    "district": Term("cấp huyện", "district level"),
    "commune": Term("cấp xã", "commune level"),
}
EXTENTS = {
    "whole": Term("toàn bộ", "whole"),
    "part": Term("một phần", "part"),
    "unknown": Term("không rõ phạm vi", "extent unknown"),
}
WAYS = {
    "entered": Term("ghi nhận hiện trạng", "entered as it stood"),
    "new": Term("thành lập mới", "newly founded"),
    "merger": Term("sáp nhập, hợp nhất", "merger"),
    "division": Term("chia tách", "division"),
    "conversion": Term("chuyển đổi", "conversion"),
    "dissolution": Term("giải thể", "dissolution"),
    "disbandment": Term("giải tán", "disbandment"),
    "cession": Term("chuyển một phần", "cession of a part"),
}
STATUSES = {
    "active": Term("đang hoạt động", "active"),
    "suspended": Term("bị đình chỉ hoạt động", "activity suspended"),
}


def level(code: str) -> Term:
    return LEVELS.get(code, Term(code, code))


def extent(code: str) -> Term:
    return EXTENTS.get(code, Term(code, code))


def way(code: str) -> Term:
    return WAYS.get(code, Term(code, code))


def status(code: str) -> Term:
    return STATUSES.get(code, Term(code, code))


def unit_type(level: str, code: str, on: date) -> Term:
    """The term of the law of that day; the code itself when that law knows none."""
    known = rule_book().on(on).unit_types().get(f"{level}.{code}")
    return Term(known.name, known.english) if known else Term(code, code)


def kind(code: str, on: date) -> Term:
    """The term of the rules of that day; the code itself when they know none."""
    known = rule_book().on(on).kinds().get(code)
    return Term(known.name, known.english) if known else Term(code, code)


def setting(code: str, on: date) -> str:
    """What an organisation is formed in, in Vietnamese; the code when the rules know none."""
    known: dict[str, str] = rule_book().on(on).value("organisation.settings")
    return known.get(code, code)


def day(value: date) -> str:
    """1/7/2025, as it is written in Vietnam."""
    return f"{value.day}/{value.month}/{value.year}"


def moment(value: datetime) -> str:
    """21/11/2026 18:30:05 in Vietnam's time."""
    local = value.astimezone(LOCAL)
    return f"{day(local)} {local:%H:%M:%S}"


def number(value: int) -> str:
    """10.035, as it is written in Vietnam."""
    return f"{value:,}".replace(",", ".")


def listed(names: Iterable[str]) -> Term:
    """ "A, B và C"."""
    *most, last = names
    if not most:
        return Term(last, last)
    return Term(f"{', '.join(most)} và {last}", f"{', '.join(most)} and {last}")


def fate(certainty: Certainty, heirs: list[str], on: date) -> Term:
    """Where a thing that is no more is found on a day, and how sure that is."""
    match certainty:
        case Certainty.EXACT:
            return Term(
                f"Chắc chắn: toàn bộ nay thuộc {heirs[0]} (tính đến ngày {day(on)}).",
                f"Exact: all of it is in {heirs[0]} (as of {day(on)}).",
            )
        case Certainty.SPLIT:
            return Term(
                f"Bị chia: các phần thuộc {len(heirs)} nơi khác nhau, không nơi nào nhận toàn bộ.",
                f"Split: its parts are in {len(heirs)} different places; none took over the whole.",
            )
        case Certainty.AMBIGUOUS:
            return Term(
                "Không xác định: có phần chuyển giao không rõ phạm vi.",
                "Ambiguous: the extent of a hand-over on the way is unknown.",
            )
        case Certainty.NONE:
            return Term("Không có nơi nào kế thừa trong sổ.", "The register knows of no successor.")


def origin(certainty: Certainty, givers: list[str], on: date) -> Term:
    """What a thing was on an earlier day, and how sure that is."""
    match certainty:
        case Certainty.EXACT:
            return Term(
                f"Chắc chắn: ngày {day(on)} chỉ có một nguồn gốc là {givers[0]}.",
                f"Exact: on {day(on)} it had one origin, {givers[0]}.",
            )
        case Certainty.SPLIT:
            return Term(
                f"Hình thành từ {len(givers)} nơi (tính ở ngày {day(on)}); phạm vi của từng nơi "
                "đều đã ghi.",
                f"It came from {len(givers)} places (as of {day(on)}); the extent of each is on "
                "record.",
            )
        case Certainty.AMBIGUOUS:
            return Term(
                "Không xác định: có phần tiếp nhận không rõ phạm vi.",
                "Ambiguous: the extent of something it received is unknown.",
            )
        case Certainty.NONE:
            return Term(
                "Sổ không ghi gì trước đó.", "The register has nothing on record before it."
            )
