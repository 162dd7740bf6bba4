"""Closed values: their codes, their official words, and how either is recognised.

The words of types and kinds are those of the rule book, of whatever day: a dossier may state what
stood under older rules. A word that means two things is not recognised; its code is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from domain.dossier.tables import SUBJECTS
from domain.lineage import EXTENTS
from domain.names import folded
from domain.node import ENDINGS
from projections import vocabulary
from services.dossiers import affairs, following
from services.dossiers.files.schema import ColumnType
from services.rulebook import rule_book
from services.telling import term

_SUBJECT_WORDS = {"unit": "đơn vị hành chính", "organisation": "tổ chức đảng"}
_LEVEL_WORDS = {
    "province": ("cấp tỉnh", "tỉnh"),
    "district": ("cấp huyện", "huyện"),
    "commune": ("cấp xã", "xã"),
}
_SORT_WORDS = {
    "subordinates": "tổ chức, đơn vị trực thuộc",
    "standing": "tổ chức đảng trên địa bàn",
    "members": "đảng viên",
    "guests": "đảng viên sinh hoạt tạm thời",
    "posts": "chức vụ",
    "evaluations": "đánh giá, xếp loại",
    "archives": "tài liệu lưu trữ",
    "cases": "vụ việc",
    "tasks": "nhiệm vụ",
    "documents": "văn bản",
}
_RULE_WORDS = {
    affairs.HEIR: "tổ chức kế tục chính",
    affairs.SUPERIOR: "cấp trên trực tiếp",
    affairs.LEAVE_OUT: "không thực hiện",
    affairs.END: "kết thúc",
    following.FOLLOW: "theo đơn vị hành chính",
    following.LISTED: "chỉ theo danh sách",
}
_OF_ORGANISATIONS = {following.SORT: ("tổ chức đảng của đơn vị hành chính",)}
for _level, (_called, _) in _LEVEL_WORDS.items():
    _OF_ORGANISATIONS |= {
        f"{following.KIND}.{_level}": (f"loại tổ chức đảng {_called}",),
        f"{following.DECISION}.{_level}": (f"văn bản về tổ chức đảng {_called}",),
    }
_ALSO = {"unknown": ("chưa rõ",), "merger": ("hợp nhất", "sáp nhập", "nhập")}
_TRUE = ("true", "x", "có", "1", "yes", "đúng")
_FALSE = ("false", "không", "0", "no", "sai")


def label(type_: ColumnType, code: str, governing: str | None = None) -> str:
    """The official word for a code, as workbooks show it; the code where there is none."""
    return labels(type_, governing).get(code, code)


@cache
def labels(type_: ColumnType, governing: str | None = None) -> Mapping[str, str]:
    """Official words by code, each of them recognised as its code again."""
    shown = {code: words[0] for code, words in _words(type_, governing).items() if words}
    known = _recognised(type_, governing)
    return {code: word for code, word in shown.items() if known.get(folded(word)) == code}


@cache
def recognise(type_: ColumnType, text: str, governing: str | None = None) -> str | None:
    """The code that a text stands for, by code or by word; None: neither, or several."""
    known = _recognised(type_, governing)
    return text if text in _words(type_, governing) else known.get(folded(text))


def truth(text: str) -> bool | None:
    """None: neither yes nor no."""
    return _truths().get(folded(text))


@cache
def _truths() -> dict[str, bool]:
    yes = {folded(word): True for word in _TRUE}
    return yes | {folded(word): False for word in _FALSE}


@cache
def _recognised(type_: ColumnType, governing: str | None) -> dict[str, str]:
    """Codes by folded word or code."""
    meant: dict[str, set[str]] = defaultdict(set)
    for code, words in _words(type_, governing).items():
        for word in words:
            meant[folded(word)].add(code)
    sole = {word: codes.pop() for word, codes in meant.items() if len(codes) == 1}
    return sole | {folded(code): code for code in _words(type_, governing)}


@cache
def _words(type_: ColumnType, governing: str | None) -> Mapping[str, tuple[str, ...]]:
    """Words by code, the one to show first."""
    match type_:
        case "subject":
            return {code: (_SUBJECT_WORDS[code],) for code in SUBJECTS}
        case "extent":
            return _told(EXTENTS, vocabulary.EXTENTS)
        case "way":
            return _told(ENDINGS, vocabulary.WAYS)
        case "level":
            return _LEVEL_WORDS
        case "setting":
            return _by_code("organisation.settings", "setting")
        case "type" | "level_or_kind":
            units = _LEVEL_WORDS if type_ == "level_or_kind" else _by_code("unit.type.", "type")
            kinds = _by_code("organisation.kind.", "kind")
            of_subject: dict[str | None, Mapping[str, tuple[str, ...]]] = {
                "unit": units,
                "organisation": kinds,
            }
            return of_subject.get(governing, {**kinds, **units})
        case "kind":
            return _by_code("organisation.kind.", "kind")
        case "body":
            return _by_code("body.", "body")
        case "post":
            return _by_code(f"post.{governing}." if governing else "post.", "post")
        case "sort":
            return {code: (_SORT_WORDS[code],) for code in affairs.SORTS}
        case "rule_sort":
            return {code: (_SORT_WORDS[code],) for code in affairs.RULES} | _OF_ORGANISATIONS
        case "rule" if governing and governing.startswith(f"{following.KIND}."):
            return _by_code("organisation.kind.", "kind")
        case "rule":
            return {code: (_RULE_WORDS[code],) for code in _rules(governing)}
    return {}


def _rules(sort: str | None) -> tuple[str, ...]:
    """What may become of a sort; of any, when none is named."""
    rules = {**affairs.RULES, following.SORT: (following.FOLLOW, following.LISTED)}
    if sort is None:
        return tuple(dict.fromkeys(code for codes in rules.values() for code in codes))
    return rules.get(sort, ())


def _told(codes: Iterable[str], words: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return {code: (words[code], *_ALSO.get(code, ())) for code in codes}


@cache
def _by_code(prefix: str, field: str) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for code, word in _of_rules(prefix):
        found[code].setdefault(term(field, code))
        found[code].setdefault(word)
    return {code: tuple(words) for code, words in found.items()}


def _of_rules(prefix: str) -> Iterator[tuple[str, str]]:
    """(code, word) of each rule whose key begins so, of any day."""
    for rule in rule_book().rules:
        if rule.key == prefix:
            yield from rule.value.items()
        elif prefix.endswith(".") and rule.key.startswith(prefix):
            code = rule.key.rpartition(".")[2]
            for called in ("name", "short", "english", "short_english"):
                if called in rule.value:
                    yield code, rule.value[called]
