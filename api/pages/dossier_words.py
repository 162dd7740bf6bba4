"""What the pages about dossiers say, in Vietnamese with English beside it. Pure."""

from __future__ import annotations

from datetime import date

from api.pages import words
from api.pages.words import Term
from projections.words import Language
from services.telling import term

STATES = {
    "drafted": Term("đã lập", "drawn up"),
    "checked": Term("đã kiểm tra, chờ phê duyệt", "checked, to be approved"),
    "approved": Term("đã phê duyệt, chờ thực hiện", "approved, to be carried out"),
    "scheduled": Term("đã lên lịch thực hiện", "scheduled"),
    "carried_out": Term("đã thực hiện", "carried out"),
    "corrected": Term("đã thực hiện và đính chính", "carried out, and corrected"),
    "withdrawn": Term("đã rút", "withdrawn"),
}
ACTS = {
    "dossier.drafted": Term("lập hồ sơ", "drawn up"),
    "dossier.redrafted": Term("lập lại hồ sơ", "drawn up anew"),
    "dossier.checked": Term("kiểm tra: đạt", "passed its check"),
    "dossier.approved": Term("phê duyệt", "approved"),
    "dossier.scheduled": Term("lên lịch thực hiện", "scheduled"),
    "dossier.carried-out": Term("thực hiện", "carried out"),
    "dossier.corrected": Term("đính chính", "corrected"),
    "dossier.withdrawn": Term("rút hồ sơ", "withdrawn"),
}
SUBJECTS = {
    "unit": Term("Đơn vị hành chính", "Administrative units"),
    "organisation": Term("Tổ chức đảng", "Party organisations"),
}
SORTS = {
    "subordinates": Term("Tổ chức, đơn vị trực thuộc", "Subordinates"),
    "standing": Term("Tổ chức đảng trên địa bàn", "Organisations standing on it"),
    "members": Term("Đảng viên", "Members"),
    "guests": Term("Đảng viên sinh hoạt tạm thời", "Members there for a time"),
    "evaluations": Term("Đánh giá, xếp loại đang mở", "Open evaluations"),
    "archives": Term("Tài liệu lưu trữ", "Documents in custody"),
    "cases": Term("Vụ việc", "Cases"),
    "tasks": Term("Nhiệm vụ", "Tasks"),
    "documents": Term("Văn bản", "Documents"),
}
RULES = {
    "default_successor": Term("tổ chức kế tục chính nhận", "to the default successor"),
    "superior": Term("cấp trên trực tiếp nhận", "to the superior"),
    "leave_out": Term("không thực hiện", "left out"),
    "end": Term("kết thúc theo", "ends with it"),
    "by_hand": Term("theo danh sách bàn giao", "stated by hand"),
}
UNSETTLED = Term("chưa có ai nhận", "nobody takes it over")
TURNS = {
    "renamed": Term("đổi tên", "renamed"),
    "moved": Term("chuyển cấp trên", "under another superior"),
    "changed_kind": Term("đổi loại hình", "of another type"),
    "recoded": Term("đổi mã", "with another code"),
    "ceded": Term("chuyển một phần", "ceded a part"),
}
CODES = {
    "retired": Term("không dùng nữa", "retired"),
    "reused": Term("cấp cho nơi khác", "borne by another"),
    "renamed": Term("đổi tên", "renamed"),
    "new": Term("mã mới", "new"),
}
_LANGUAGES: tuple[Language, Language] = ("vi", "en")
_COUNTED = {
    "members": Term("Đảng viên", "members"),
    "posts": Term("Chức vụ có người giữ", "posts held"),
}


def sort_of(code: str) -> Term:
    return SORTS.get(code, Term(code, code))


def rule_of(code: str | None) -> Term:
    return UNSETTLED if code is None else RULES.get(code, Term(code, code))


def turn_of(code: str) -> Term:
    return TURNS.get(code, Term(code, code))


def balance_of(sort: str, day: date) -> Term:
    """ "unit.commune.phuong", "organisation.commune_upper", "members"."""
    match sort.split("."):
        case ["unit", level, type_]:
            eve = date.fromordinal(day.toordinal() - 1)
            known = words.unit_type(level, type_, day)
            return known if known.vi != type_ else words.unit_type(level, type_, eve)
        case ["organisation", kind]:
            return Term(term("kind", kind), term("kind", kind, "en"))
    return _COUNTED.get(sort, Term(sort, sort))


def post_of(body: str, post: str) -> Term:
    """ "bí thư, ban chấp hành"; the body is left out where the post names it."""
    return Term(*(_post(body, post, language) for language in _LANGUAGES))


def _post(body: str, post: str, language: Language) -> str:
    called, of = term("post", f"{body}.{post}", language), term("body", body, language)
    return called if of in called else f"{called}, {of}"
