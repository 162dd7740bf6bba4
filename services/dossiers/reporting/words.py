"""What cells say: codes by their official words, days and numbers as they are written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from domain.catalogue import EVENTS
from projections import vocabulary
from services.dossiers.reporting.frame import Column, Fact, Language, Term, Type
from services.reading import LOCAL
from services.telling import term

_TERMS: dict[str, dict[str, Term]] = {
    "subject": {
        "unit": Term("đơn vị hành chính", "unit"),
        "organisation": Term("tổ chức đảng", "Party organisation"),
        "party-organisation": Term("tổ chức đảng", "Party organisation"),
        "leadership": Term("lãnh đạo của tổ chức", "leadership"),
        "membership": Term("đảng tịch", "membership"),
    },
    "level": {
        "province": Term("cấp tỉnh", "province"),
        "district": Term("cấp huyện", "district"),
        "commune": Term("cấp xã", "commune"),
    },
    "extent": {
        "whole": Term("toàn bộ", "whole"),
        "part": Term("một phần", "part"),
        "unknown": Term("chưa rõ phạm vi", "unknown extent"),
    },
    "way": {
        "entered": Term("ghi nhận hiện trạng", "entered as it stood"),
        "new": Term("thành lập mới", "newly founded"),
        "merger": Term("sáp nhập, hợp nhất", "merger"),
        "division": Term("chia tách", "division"),
        "conversion": Term("chuyển đổi", "conversion"),
        "dissolution": Term("giải thể", "dissolution"),
        "disbandment": Term("giải tán", "disbandment"),
    },
    "severity": {
        "error": Term("lỗi", "error"),
        "warning": Term("lưu ý", "warning"),
    },
    "table": {
        "dossier": Term("toàn hồ sơ", "whole dossier"),
        "decisions": Term("quyết định", "decisions"),
        "before": Term("trước sắp xếp", "before"),
        "after": Term("sau sắp xếp", "after"),
        "transfers": Term("chuyển giao", "transfers"),
        "declared": Term("số lượng công bố", "declared"),
        "rules": Term("quy tắc", "rules"),
        "handovers": Term("bàn giao", "handovers"),
        "seats": Term("số lượng chức vụ", "seats"),
    },
    "sort": {
        "subordinates": Term("tổ chức, đơn vị trực thuộc", "subordinates"),
        "standing": Term("tổ chức đảng trên địa bàn", "organisations on the unit"),
        "members": Term("đảng viên", "members"),
        "guests": Term("đảng viên sinh hoạt tạm thời", "temporary members"),
        "posts": Term("chức vụ", "posts"),
        "evaluations": Term("đánh giá, xếp loại", "evaluations"),
        "archives": Term("tài liệu lưu trữ", "archives"),
        "cases": Term("vụ việc", "cases"),
        "tasks": Term("nhiệm vụ", "tasks"),
        "documents": Term("văn bản", "documents"),
    },
    "settled": {
        "default_successor": Term("theo quy tắc: tổ chức kế tục chính", "by rule: default heir"),
        "superior": Term("theo quy tắc: cấp trên trực tiếp", "by rule: superior"),
        "leave_out": Term("theo quy tắc: không thực hiện", "by rule: left out"),
        "end": Term("theo quy tắc: kết thúc", "by rule: ends"),
        "by_hand": Term("chỉ định trong hồ sơ", "by hand"),
        "nobody": Term("CHƯA GIẢI QUYẾT", "NOT SETTLED"),
    },
    "code_change": {
        "retired": Term("thôi dùng", "retired"),
        "reused": Term("chuyển cho đơn vị khác", "borne by another"),
        "new": Term("mã mới", "new"),
        "renamed": Term("đơn vị đổi tên", "renamed"),
    },
    "state": {
        "drafted": Term("đã lập", "drawn up"),
        "checked": Term("đã kiểm tra đạt", "checked"),
        "approved": Term("đã phê duyệt", "approved"),
        "scheduled": Term("đã lên lịch", "scheduled"),
        "carried_out": Term("đã thực hiện", "carried out"),
        "corrected": Term("đã đính chính", "corrected"),
        "withdrawn": Term("đã rút", "withdrawn"),
    },
    "act": {
        "dossier.drafted": Term("lập hồ sơ", "drawn up"),
        "dossier.redrafted": Term("lập lại hồ sơ", "drawn up anew"),
        "dossier.checked": Term("kiểm tra đạt", "passed its check"),
        "dossier.approved": Term("phê duyệt", "approved"),
        "dossier.scheduled": Term("lên lịch thực hiện", "scheduled"),
        "dossier.carried-out": Term("thực hiện", "carried out"),
        "dossier.corrected": Term("đính chính", "corrected"),
        "dossier.withdrawn": Term("rút hồ sơ", "withdrawn"),
    },
    "rule": {
        "code-known": Term("mã không xác định được", "code not known"),
        "code-once": Term("mã trùng", "code stated twice"),
        "register-says": Term("khác với sổ gốc", "not as the register says"),
        "ref-known": Term("quyết định chưa nêu", "decision not stated"),
        "ref-once": Term("quyết định trùng", "decision stated twice"),
        "value-given": Term("thiếu nội dung", "value missing"),
        "level-for-life": Term("cấp không thay đổi", "level is for life"),
        "basis-given": Term("thiếu căn cứ", "no legal basis"),
        "handover-used": Term("bàn giao không dùng đến", "hand-over not used"),
        "seats-stated": Term("chưa nêu số lượng chức vụ", "no seats stated"),
        "seats-used": Term("số lượng chức vụ không dùng đến", "seats not used"),
        "transfer-once": Term("chuyển giao trùng", "transfer stated twice"),
        "part-known": Term("hồ sơ thành phần chưa có", "part not known"),
    },
}
_BALANCES = {
    "members": Term("Đảng viên", "Members"),
    "posts": Term("Chức vụ có người giữ", "Posts held"),
}


def told(column: Column | Fact, value: Any, language: Language) -> str:
    """A cell or fact as a reader sees it; nothing for None."""
    if value is None:
        return ""
    if column.type == "coded":
        return coded(column.of or "", str(value), language)
    return plain(column.type, value, language)


def plain(type_: Type, value: Any, language: Language) -> str:
    """What is written the same whatever column it stands in."""
    match type_:
        case "number":
            return number(value, language)
        case "share":
            return f"{value:.1%}".replace(".", "," if language == "vi" else ".")
        case "day":
            return day(value)
        case "moment":
            return moment(value)
        case "flag":
            return ("x" if language == "vi" else "yes") if value else ""
        case "heirs":
            return heirs(value, language)
    return _text(value, language)


def coded(of: str, code: str, language: Language) -> str:
    """The word for a code; the code itself where there is none."""
    if of == "balance":
        return balance(code, language)
    if of == "field":
        return vocabulary.FIELDS[language].get(code, code)
    if of == "topic":
        return _topic(code, language)
    if of in ("type", "kind", "body"):
        return term(of, code, language)
    if of == "unit_or_kind":
        as_type = term("type", code, language)
        return as_type if as_type != code else term("kind", code, language)
    if of == "seat":
        body, _, _ = code.partition(".")
        return f"{term('post', code, language)} ({term('body', body, language)})"
    known = _TERMS[of].get(code)
    return known.said(language) if known else code


def balance(sort: str, language: Language) -> str:
    """ "unit.commune.phuong": "cấp xã: phường"."""
    if sort in _BALANCES:
        return _BALANCES[sort].said(language)
    subject, *rest = sort.split(".")
    if subject == "unit":
        level, type_ = rest
        return f"{coded('level', level, language)}: {term('type', type_, language)}"
    return term("kind", rest[0], language)


def _topic(topic: str, language: Language) -> str:
    stream, _, act = topic.partition(".")
    called = EVENTS[topic].TITLE if language == "vi" else vocabulary.ENGLISH.get(act, act)
    return f"{coded('subject', stream, language)}: {called}"


def heirs(those: Iterable[Any], language: Language) -> str:
    """ "Xã A (00001, một phần, mặc định); Xã B (00002, một phần)"."""
    by_default = "mặc định" if language == "vi" else "default"
    several = list(those)
    parts = []
    for each in several:
        marks = [each.code, coded("extent", each.extent, language)]
        marks += [by_default] if each.is_default and len(several) > 1 else []
        parts.append(f"{each.called} ({', '.join(filter(None, marks))})")
    return "; ".join(parts)


def number(value: float, language: Language) -> str:
    """10.035 in Vietnamese, 10,035 in English."""
    written = f"{value:,}"
    return written.translate(str.maketrans(",.", ".,")) if language == "vi" else written


def day(value: date) -> str:
    return f"{value:%d/%m/%Y}"


def moment(value: datetime) -> str:
    """In Vietnam's time."""
    return f"{value.astimezone(LOCAL):%d/%m/%Y %H:%M:%S}"


def _text(value: Any, language: Language) -> str:
    if isinstance(value, bool):
        return {"vi": ("không", "có"), "en": ("no", "yes")}[language][value]
    if isinstance(value, datetime):
        return moment(value)
    return day(value) if isinstance(value, date) else str(value)
