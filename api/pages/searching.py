"""How what was found is put in order, and what is told of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from api.pages import words
from api.pages.subjects import Row, Shown
from api.pages.words import Term
from domain.names import folded, same_name

SHOWN_MAX = 40  # results a side; beyond that a reader should say more
FOUND_MAX = 1000  # candidates looked at; where there are more, the page says so
_LEVELS = list(words.LEVELS)
_TYPE_WORDS = re.compile(
    r"^(dang bo |chi bo )?(thanh pho|tinh|quan|huyen|thi xa|thi tran|dac khu|xa|phuong) "
)


@dataclass(frozen=True, slots=True)
class Result:
    """One thing found, with those above it, the nearest first."""

    shown: Shown
    above: tuple[Shown, ...]
    heirs: tuple[tuple[Term, Shown], ...]  # (extent, who took over), where it is no more
    is_gone: bool = False  # on the day of the reorganisation, and nobody took over


@dataclass(frozen=True, slots=True)
class Side:
    """What was found on one day."""

    results: tuple[Result, ...]
    found: int
    namesakes: int  # how many bear exactly the name that was asked for; 0 and 1: no doubt

    @property
    def is_cut(self) -> bool:
        """Whether there may be more than were looked at, nearer ones among them."""
        return self.found >= FOUND_MAX

    @property
    def hidden(self) -> int:
        return self.found - len(self.results)


def is_code(query: str) -> bool:
    """Whether this may be an official code: a code has digits and no blanks."""
    return bool(re.fullmatch(r"[\x21-\x7e]{1,40}", query) and re.search(r"\d", query))


def is_name(query: str) -> bool:
    """Whether anything is left to look for among names."""
    return bool(folded(query))


def own_name(name: str) -> str:
    """A folded name without the word for its type: "phuong ba dinh" gives "ba dinh"."""
    return _TYPE_WORDS.sub("", name)


def ranked(query: str, rows: Iterable[Row]) -> list[Row]:
    """The nearest first: bears the code, the name, its own name, a beginning, any part."""
    asked = folded(query)
    return sorted(rows, key=lambda row: (_distance(query, asked, row), _level(row), row.sort_key))


def namesakes(query: str, rows: Iterable[Row]) -> int:
    """How many bear exactly the name that was asked for, with or without the word for a type.

    Whoever types tone marks means them.
    """
    asked, letters = folded(query), same_name(query)
    alike = (row for row in rows if asked in (folded(row.name), _own(row)))
    return sum(letters.isascii() or letters in same_name(row.name) for row in alike)


def _distance(query: str, asked: str, row: Row) -> int:
    name, own = folded(row.name), _own(row)
    tests = (
        query in row.codes.values(),
        asked == name,
        asked == own,
        own.startswith(f"{asked} ") or name.startswith(f"{asked} "),
        own.startswith(asked),
        f" {asked} " in f" {name} ",
    )
    return next((n for n, passed in enumerate(tests) if passed), len(tests))


def _own(row: Row) -> str:
    return _own_of(row.name)


@lru_cache(maxsize=65536)
def _own_of(name: str) -> str:
    return own_name(folded(name))


def _level(row: Row) -> int:
    level: str = getattr(row, "level", "")
    return _LEVELS.index(level) if level in _LEVELS else len(_LEVELS)
