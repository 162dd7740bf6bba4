"""Contradictions in the lists, all of them in one pass, before anything is recorded."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Protocol, TypeVar

from domain.errors import InvalidValue
from domain.legal_basis import DocumentNumber
from domain.names import proper_name, same_name
from domain.rulebook import RuleBook
from services.patterns import TYPE_WORDS
from services.reorganisation import terms
from services.reorganisation.reading import (
    CommuneChange,
    Finding,
    Lists,
    Resolution,
    Row,
)

CODE_DIGITS = {"province": 2, "district": 3, "commune": 5}


class Unit(Protocol):
    """What the rows of all five lists of units have."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    def finding(self, field: str, rule: str, words: str) -> Finding: ...


U = TypeVar("U", bound=Unit)


class Index:
    """The lists by code; of two rows with one code the first counts."""

    def __init__(self, lists: Lists) -> None:
        self.lists = lists
        self.provinces_before = _by_code(lists.provinces_before)
        self.districts_before = _by_code(lists.districts_before)
        self.communes_before = _by_code(lists.communes_before)
        self.provinces_after = _by_code(lists.provinces_after)
        self.communes_after = _by_code(lists.communes_after)
        self.province_after = {c.old_code: c.new_code for c in reversed(lists.province_changes)}
        self.successors: dict[str, list[CommuneChange]] = defaultdict(list)
        self.predecessors: dict[str, list[CommuneChange]] = defaultdict(list)
        for change in lists.commune_changes:
            self.successors[change.old_code].append(change)
            self.predecessors[change.new_code].append(change)
        self.from_district = {
            c.new_commune_code: c.old_district_code for c in lists.district_to_commune_changes
        }
        self.resolutions = {r.province_code: r for r in lists.resolutions if r.province_code}
        self.national = {r.number: r for r in lists.resolutions if not r.province_code}


def _by_code(rows: Sequence[U]) -> dict[str, U]:
    return {row.code: row for row in reversed(rows)}


def contradictions(lists: Lists, rules: RuleBook) -> list[Finding]:
    """Everything wrong with the lists, in the order of file and line; empty when all is well."""
    index = Index(lists)
    found = chain(
        _units(lists, rules),
        _same_names(lists),
        _parents(index),
        _province_changes(index),
        _province_circles(index),
        _commune_ends(index),
        _extents(index),
        _coverage(index),
        _crossings(index),
        _circles(index),
        _district_changes(index),
        _resolutions(index, rules),
    )
    return sorted(set(found))


# Units


def _units(lists: Lists, rules: RuleBook) -> Iterator[Finding]:
    before, after = terms.OPENING, terms.REORGANISATION
    yield from _level("province", lists.provinces_before, before, rules)
    yield from _level("district", lists.districts_before, before, rules)
    yield from _level("commune", lists.communes_before, before, rules)
    yield from _level("province", lists.provinces_after, after, rules)
    yield from _level("commune", lists.communes_after, after, rules)


def _level(level: str, rows: Sequence[Unit], day: date, rules: RuleBook) -> Iterator[Finding]:
    digits = CODE_DIGITS[level]
    form = re.compile(rf"[0-9]{{{digits}}}")
    types = {type_.code for type_ in rules.on(day).unit_types().values() if type_.level == level}
    seen: set[str] = set()
    for row in rows:
        if not form.fullmatch(row.code):
            yield row.finding("code", "code-form", f"{row.code!r} is not a code of {digits} digits")
        if row.code in seen:
            yield row.finding("code", "code-unique", f"{row.code} stands in this list already")
        seen.add(row.code)
        if row.type not in types:
            words = f"the law of {day} knows no {level} of type {row.type!r}"
            yield row.finding("type", "type-known", words)
        yield from _name(row)


def _name(row: Unit) -> Iterator[Finding]:
    try:
        if proper_name(row.name) != row.name:
            yield row.finding("name", "name-form", f"{row.name!r} has blanks too many")
    except InvalidValue as error:
        yield row.finding("name", "name-form", error.detail)
    word = TYPE_WORDS.get(row.type)
    if word and not row.name.casefold().startswith(f"{word} "):
        words = f"{row.name!r} does not begin with {word!r}, as its type {row.type} asks"
        yield row.finding("name", "name-type", words)


def _same_names(lists: Lists) -> Iterator[Finding]:
    """INV-ORG-6: names are unique under one superior."""
    yield from _repeated((("", row) for row in lists.provinces_before), "the country")
    yield from _repeated(((d.province_code, d) for d in lists.districts_before), "province")
    yield from _repeated(((c.district_code, c) for c in lists.communes_before), "district")
    yield from _repeated((("", row) for row in lists.provinces_after), "the country")
    yield from _repeated(((c.province_code, c) for c in lists.communes_after), "province")


def _repeated(rows: Iterable[tuple[str, Unit]], under: str) -> Iterator[Finding]:
    seen: dict[tuple[str, str], Unit] = {}
    for superior, row in rows:
        other = seen.setdefault((superior, same_name(row.name)), row)
        if other is not row and other.code != row.code:
            words = f"{row.name!r} is the name of {other.code} in {under} {superior}".rstrip()
            yield row.finding("name", "INV-ORG-6", words)


def _parents(index: Index) -> Iterator[Finding]:
    for district in index.lists.districts_before:
        yield from _known(district, "province_code", index.provinces_before)
    for old in index.lists.communes_before:
        yield from _known(old, "province_code", index.provinces_before)
        yield from _known(old, "district_code", index.districts_before)
        of = index.districts_before.get(old.district_code)
        if of is not None and of.province_code != old.province_code:
            words = f"district {of.code} is in province {of.province_code}, not {old.province_code}"
            yield old.finding("district_code", "district-province", words)
    for new in index.lists.communes_after:
        yield from _known(new, "province_code", index.provinces_after)


def _known(row: Row, field: str, among: Mapping[str, object]) -> Iterator[Finding]:
    code = getattr(row, field)
    if code not in among:
        yield row.finding(field, "code-known", f"there is no {code!r} in the list it points to")


# Provinces


def _province_changes(index: Index) -> Iterator[Finding]:
    changes = index.lists.province_changes
    olds = Counter(change.old_code for change in changes)
    sizes = Counter(change.new_code for change in changes)
    for change in changes:
        yield from _known(change, "old_code", index.provinces_before)
        yield from _known(change, "new_code", index.provinces_after)
        if olds[change.old_code] > 1:
            yield change.finding("old_code", "one-target", "a province goes to one new province")
        if change.kind not in {"kept", "merged"}:
            words = f"{change.kind!r} is neither kept nor merged"
            yield change.finding("kind", "kind-known", words)
        elif (sizes[change.new_code] == 1) != (change.kind == "kept"):
            size = sizes[change.new_code]
            words = f"{size} old ones become {change.new_code}: not {change.kind!r}"
            yield change.finding("kind", "kind-fits", words)
    for province in index.lists.provinces_before:
        if province.code not in olds:
            yield province.finding("code", "has-successor", "no province change names it")
    for province in index.lists.provinces_after:
        if province.code not in sizes:
            yield province.finding("code", "has-predecessor", "no province change leads to it")


def _province_circles(index: Index) -> Iterator[Finding]:
    """Who takes others in stays: its own row leads to itself."""
    for change in index.lists.province_changes:
        onward = index.province_after.get(change.new_code, change.new_code)
        if onward == change.new_code or change.old_code == change.new_code:
            continue
        if _returns(change.old_code, index.province_after):
            words = f"{change.old_code} > {change.new_code} > {onward} goes round in a circle"
        else:
            words = f"{change.new_code} is itself merged into {onward}"
        yield change.finding("new_code", "cycle", words)


def _returns(start: str, onward: Mapping[str, str]) -> bool:
    """Whether the way from `start` comes back to it."""
    seen, code = {start}, onward.get(start)
    while code is not None and code not in seen:
        seen.add(code)
        code = onward.get(code)
    return code == start


# Communes


def _commune_ends(index: Index) -> Iterator[Finding]:
    seen: set[tuple[str, str]] = set()
    for change in index.lists.commune_changes:
        yield from _known(change, "old_code", index.communes_before)
        yield from _known(change, "new_code", index.communes_after)
        if (change.old_code, change.new_code) in seen:
            words = f"{change.old_code} > {change.new_code} is in this list already"
            yield change.finding("new_code", "edge-unique", words)
        seen.add((change.old_code, change.new_code))


def _extents(index: Index) -> Iterator[Finding]:
    for code, edges in index.successors.items():
        for edge in edges:
            if edge.extent not in {"whole", "part"}:
                words = f"{edge.extent!r} is neither whole nor part"
                yield edge.finding("extent", "extent-known", words)
            elif (edge.extent == "whole") != (len(edges) == 1):
                words = f"{code} has {len(edges)} successors: this is not {edge.extent!r}"
                yield edge.finding("extent", "extent-fits", words)
        defaults = [edge for edge in edges if edge.is_default]
        if len(defaults) != 1 and all(edge.is_default is not None for edge in edges):
            edge = (defaults or edges)[-1]
            words = f"{code} has {len(defaults)} default successors, not one"
            yield edge.finding("is_default", "one-default", words)


def _coverage(index: Index) -> Iterator[Finding]:
    for old in index.lists.communes_before:
        if old.code not in index.successors:
            yield old.finding("code", "has-successor", f"no change says what became of {old.code}")
    for new in index.lists.communes_after:
        if new.code not in index.predecessors and new.code not in index.from_district:
            words = f"no change says what {new.code} came from"
            yield new.finding("code", "has-predecessor", words)


def _crossings(index: Index) -> Iterator[Finding]:
    """An edge stays inside the pair of provinces that the province changes give."""
    for change in index.lists.commune_changes:
        old = index.communes_before.get(change.old_code)
        new = index.communes_after.get(change.new_code)
        if old and new and _leaves(old.province_code, new.province_code, index):
            words = _crossing(old.province_code, new.province_code, index)
            yield change.finding("new_code", "province-pair", words)


def _leaves(old_province: str, new_province: str, index: Index) -> bool:
    return index.province_after.get(old_province, new_province) != new_province


def _crossing(old_province: str, new_province: str, index: Index) -> str:
    became = index.province_after[old_province]
    return f"province {old_province} became {became}, and this leads to {new_province}"


def _circles(index: Index) -> Iterator[Finding]:
    """A code that went whole to another is free; it does not come back to itself over others."""
    whole = {c.old_code: c for c in index.lists.commune_changes if c.extent == "whole"}
    onward = {old: c.new_code for old, c in whole.items() if c.new_code != old}
    for old in onward:
        if _returns(old, onward):
            words = f"from {old} whole to {onward[old]}, and whole back to {old} in the end"
            yield whole[old].finding("new_code", "cycle", words)


def _district_changes(index: Index) -> Iterator[Finding]:
    communes = Counter(old.district_code for old in index.lists.communes_before)
    seen: set[str] = set()
    for change in index.lists.district_to_commune_changes:
        yield from _known(change, "old_district_code", index.districts_before)
        yield from _known(change, "new_commune_code", index.communes_after)
        for code in (change.old_district_code, change.new_commune_code):
            if code in seen:
                yield change.finding("row", "edge-unique", f"{code} is in this list already")
            seen.add(code)
        if communes[change.old_district_code]:
            words = f"it has {communes[change.old_district_code]} communes, whose changes say it"
            yield change.finding("old_district_code", "district-empty", words)
        if change.new_commune_code in index.predecessors:
            words = f"{change.new_commune_code} came from communes as well"
            yield change.finding("new_commune_code", "one-origin", words)
        district = index.districts_before.get(change.old_district_code)
        new = index.communes_after.get(change.new_commune_code)
        if district and new and _leaves(district.province_code, new.province_code, index):
            words = _crossing(district.province_code, new.province_code, index)
            yield change.finding("new_commune_code", "province-pair", words)


# Resolutions


def _resolutions(index: Index, rules: RuleBook) -> Iterator[Finding]:
    seen: set[str] = set()
    for resolution in index.lists.resolutions:
        if resolution.province_code:
            yield from _known(resolution, "province_code", index.provinces_after)
            if resolution.province_code in seen:
                yield resolution.finding("province_code", "one-resolution", "it has one already")
            seen.add(resolution.province_code)
        yield from _document(resolution, rules)
    for province in index.lists.provinces_after:
        if province.code not in index.resolutions:
            words = f"no resolution is given for {province.code}"
            yield province.finding("code", "has-resolution", words)
    for number in (terms.MERGER_OF_PROVINCES, terms.END_OF_DISTRICTS):
        if number not in index.national:
            words = f"{number} is missing; its province_code is empty"
            yield Finding("resolutions.csv", 0, "number", "has-resolution", words)


def _document(resolution: Resolution, rules: RuleBook) -> Iterator[Finding]:
    day = resolution.date
    if day and not terms.OPENING <= day <= terms.REORGANISATION:
        words = f"{day} is not between {terms.OPENING} and {terms.REORGANISATION}"
        yield resolution.finding("date", "date-fits", words)
    try:
        number = DocumentNumber.parse(resolution.number)
    except InvalidValue as error:
        yield resolution.finding("number", "R-DOC-2", error.detail)
    else:
        if day and number.year not in {None, day.year}:
            words = f"number {resolution.number} and date {day} are of different years"
            yield resolution.finding("date", "date-fits", words)
    bodies = rules.on(terms.REORGANISATION).value("authority.bodies")
    if bodies.get(resolution.issuer) != "state":
        words = f"{resolution.issuer!r} is no body of the State that decides on units"
        yield resolution.finding("issuer", "INV-ORG-5", words)
    if not resolution.title_vi.strip():
        yield resolution.finding("title_vi", "title-given", "a resolution has a title")
