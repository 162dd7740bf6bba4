"""The country in figures, before and after. Pure: counts in, lines of a table out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from api.pages import words
from api.pages.words import Term
from services.rulebook import rule_book

REORGANISATION = date(2025, 7, 1)
EVE = REORGANISATION - timedelta(days=1)

Counts = Mapping[tuple[str, ...], int]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: how many there were on the eve, and how many on the day."""

    term: Term
    before: int
    after: int
    is_total: bool = False


def unit_figures(before: Counts, after: Counts) -> list[Figure]:
    """Each level with its types; counts are by (level, type)."""
    figures = []
    for level in words.LEVELS:
        types = [type_ for of, type_ in _keys(before, after) if of == level]
        lines = [_type_figure(level, type_, before, after) for type_ in types]
        total = sum(f.before for f in lines), sum(f.after for f in lines)
        figures.append(Figure(words.level(level), *total, is_total=True))
        figures += sorted(lines, key=lambda f: (-f.after, -f.before, f.term))
    return figures


def _type_figure(level: str, type_: str, before: Counts, after: Counts) -> Figure:
    key = (level, type_)
    known_on = EVE if before.get(key) else REORGANISATION
    term = words.unit_type(level, type_, known_on)
    return Figure(term, before.get(key, 0), after.get(key, 0))


def organisation_figures(before: Counts, after: Counts) -> list[Figure]:
    """All of them, then each kind in the order of the rule book; counts are by (kind, status)."""
    totals = Figure(
        Term("Tất cả tổ chức đảng", "All Party organisations"),
        sum(before.values()),
        sum(after.values()),
        is_total=True,
    )
    kinds = {kind for kind, _ in _keys(before, after)}
    return [totals, *(_kind_figure(kind, before, after) for kind in _by_level(kinds))]


def _kind_figure(kind: str, before: Counts, after: Counts) -> Figure:
    was = sum(n for (of, _), n in before.items() if of == kind)
    is_ = sum(n for (of, _), n in after.items() if of == kind)
    return Figure(words.kind(kind, EVE if was else REORGANISATION), was, is_)


def _by_level(kinds: Iterable[str]) -> list[str]:
    levels = ["province", "district", "commune", "base", "department", "cell"]
    known = {**rule_book().on(EVE).kinds(), **rule_book().on(REORGANISATION).kinds()}
    level = {code: kind.level for code, kind in known.items()}
    rank = {code: levels.index(of) if of in levels else len(levels) for code, of in level.items()}
    return sorted(kinds, key=lambda kind: (rank.get(kind, len(levels)), kind))


def _keys(before: Counts, after: Counts) -> list[tuple[str, ...]]:
    return sorted(before.keys() | after.keys())
