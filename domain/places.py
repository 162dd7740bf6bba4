"""Places as people write them: "P.12, Q. Gò Vấp, TP HCM" for a ward in its district.

A text names one place and, in any order, some of those above it; each with the word for what it is
("phường", "P.") or without. Tone marks may be missing. What fits several is told as several.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from domain.names import folded, toned

SHORT = {
    "p": "phuong",
    "f": "phuong",  # of old in the South
    "x": "xa",
    "tt": "thi tran",
    "dk": "dac khu",
    "q": "quan",
    "h": "huyen",
    "tx": "thi xa",
    "tp": "thanh pho",
    "t": "tinh",
}
"""Words for what a place is, as addresses shorten them."""

_TYPES = tuple(f"{word} " for word in dict.fromkeys(SHORT.values()))
_ALSO = {"hcm": ["ho", "chi", "minh"], "tphcm": ["tp", "ho", "chi", "minh"]}
_DOTTED = re.compile(r"\bt ([ptx])\b")
_NUMBERED = re.compile(r"\b([pfqx])(\d+)\b")
_BORDER = re.compile(r"[,;|()\n]")
_COUNTRY = ["viet", "nam"]
_NAMED_MAX = 4  # a place and three above it


class Place(NamedTuple):
    """A place on the day that is asked about."""

    id: UUID
    name: str  # full official name: "Phường Ba Đình"
    superior_id: UUID | None


class Gazetteer:
    """All places of one day, to be found by what people call them."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._places = {place.id: place for place in places}
        self._called: dict[str, list[UUID]] = defaultdict(list)
        for place in self._places.values():
            full = " ".join(_words(place.name))
            self._called[full].append(place.id)
            bare = _without_type(full)
            if bare != full and not bare.isdigit():
                self._called[bare].append(place.id)
        self._all_above: dict[UUID, frozenset[UUID]] = {}
        self._words_max = max((name.count(" ") + 1 for name in self._called), default=0)

    def find(self, text: str) -> list[UUID]:
        """Every place that the text may name; empty where there is none.

        Where marks are written, those whose names have just these go before all others.
        """
        words, borders = _parts(text)
        found = dict.fromkeys(
            id_
            for named in self._readings(words, borders, 0, _NAMED_MAX)
            for id_ in self._lowest(named)
        )
        return self._as_marked(text, list(found)) if len(found) > 1 else list(found)

    def _readings(
        self, words: Sequence[str], borders: Sequence[int], at: int, left: int
    ) -> Iterator[list[list[UUID]]]:
        """Every way to read the words from `at` on as names, each with those who bear it."""
        if at == len(words):
            yield []
        elif left:
            border = next(each for each in borders if each > at)
            for end in range(at + 1, min(border, at + self._words_max) + 1):
                if bearers := self._bearers(words[at:end]):
                    for further in self._readings(words, borders, end, left - 1):
                        yield [bearers, *further]

    def _bearers(self, words: Sequence[str]) -> list[UUID]:
        found = self._called.get(" ".join(words), [])
        if not found and len(words) > 1 and words[0] in SHORT:
            return self._called.get(" ".join([SHORT[words[0]], *words[1:]]), [])
        return found

    def _lowest(self, named: Sequence[list[UUID]]) -> Iterator[UUID]:
        """Those that stand below a bearer of each of the other names."""
        for place, ids in enumerate(named):
            others = [each for n, each in enumerate(named) if n != place]
            for id_ in ids:
                above = self._above(id_)
                if not any(map(above.isdisjoint, others)):
                    yield id_

    def _above(self, id_: UUID) -> frozenset[UUID]:
        """All above it that are places of that day."""
        if id_ not in self._all_above:
            self._all_above[id_] = frozenset()  # until it is known: a circle would end here
            superior = self._places.get(self._places[id_].superior_id)  # type: ignore[arg-type]
            if superior is not None:
                self._all_above[id_] = self._above(superior.id) | {superior.id}
        return self._all_above[id_]

    def _as_marked(self, text: str, found: list[UUID]) -> list[UUID]:
        said = toned(text)
        if said == folded(text):  # without marks
            return found
        spelt = [id_ for id_ in found if _is_in(self._places[id_].name, said)]
        return spelt or found


def _is_in(name: str, said: str) -> bool:
    words = toned(name).split()
    skipped = len(folded(name).split()) - len(_without_type(folded(name)).split())
    return f" {' '.join(words[skipped:])} " in f" {said} "


def _without_type(name: str) -> str:
    kind = next((kind for kind in _TYPES if name.startswith(kind)), "")
    return name.removeprefix(kind)


def _parts(text: str) -> tuple[list[str], list[int]]:
    """The words, and before which words no name goes on, as commas tell."""
    words: list[str] = []
    borders: list[int] = []
    for part in _BORDER.split(text):
        within = _words(part)
        if within and within != _COUNTRY:
            words += within
            borders.append(len(words))
    return words, borders


def _words(text: str) -> list[str]:
    """Folded, numbers without zeros in front; "P12" and "T.P." as one writes them out."""
    plain = _NUMBERED.sub(r"\1 \2", _DOTTED.sub(r"t\1", folded(text)))
    return [
        word
        for each in plain.split()
        for word in _ALSO.get(each, [str(int(each)) if each.isdecimal() else each])
    ]
