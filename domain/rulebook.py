"""The rule book: every threshold, kind and permission as data with dates and its document.

In eighteen months the rules that carry out the Party Charter were replaced four times, and the last
change altered the model of organisations itself; so no value of a regulation is a constant in code.
A command is handed the rule set of the day it takes effect and records its id.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from domain.errors import InvalidValue, KindNotAllowed


@dataclass(frozen=True, slots=True)
class RuleValue:
    """One value of one rule, from a day on and as long as its document says."""

    key: str  # "organisation.kind.commune_upper"
    value: Any  # JSON: number, text, list or table
    valid_from: date | None  # None: before anything in this register
    valid_to: date | None  # first day it no longer holds; None: open
    document: str  # number-symbol of the document that sets it
    source: str | None = None  # where the value was read
    verified: bool = True  # False: known from secondary sources only, to be confirmed

    def holds_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day < self.valid_to
        )


@dataclass(frozen=True, slots=True)
class RuleSetName:
    """A period of rules, named by the regulation that carries out the Charter in it."""

    id: str  # "294-QĐ/TW/1": the document, then the revision of our transcription of it
    valid_from: date | None
    valid_to: date | None
    title: str
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of Party organisation as the rules of a day know it."""

    code: str  # "commune_upper"
    name: str  # official Vietnamese term
    english: str
    level: str  # "province", "district", "commune", "base", "cell": whose power it has
    superiors: tuple[str | None, ...]  # kinds it may stand under; None: directly under the Centre
    deciders: tuple[str, ...]  # levels that decide on it: "central", "province", ...
    document: str


@dataclass(frozen=True, slots=True)
class UnitType:
    """A type of administrative unit as the law of a day knows it."""

    code: str  # "phuong"
    name: str  # "phường"
    english: str
    level: str  # "province", "district", "commune"
    document: str


DAYS_KEPT = 4096  # rule sets at hand; a year's entries concern some hundreds of days


@dataclass(frozen=True)
class RuleSet:
    """All values in force on one day."""

    id: str
    day: date
    values: Mapping[str, RuleValue]
    read: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What the readers of values have made of them, by a name of their own: made once a day."""

    def value(self, key: str) -> Any:
        """The value of `key`. Raises InvalidValue when no rule of that day sets it."""
        return self.rule(key).value

    def rule(self, key: str) -> RuleValue:
        try:
            return self.values[key]
        except KeyError:
            raise InvalidValue(
                f"No rule of {self.day:%d/%m/%Y} sets {key}", rule=key, rule_set=self.id
            ) from None

    def kinds(self) -> Mapping[str, Kind]:
        """The kinds of organisation of the day, by code."""
        return self._kinds

    @cached_property
    def _kinds(self) -> dict[str, Kind]:
        return {kind.code: kind for kind in map(_kind, self.under("organisation.kind."))}

    def kind(self, code: str) -> Kind:
        """Raises KindNotAllowed when the rules of the day do not know it."""
        rule = self.values.get(f"organisation.kind.{code}")
        if rule is None:
            raise KindNotAllowed(
                f"The rules of {self.day:%d/%m/%Y} know no organisations of kind {code!r}",
                field="kind",
                rule=f"organisation.kind.{code}",
                rule_set=self.id,
                allowed=sorted(self.kinds()),
            )
        return _kind(rule)

    def unit_types(self) -> dict[str, UnitType]:
        """The types of administrative unit of the day, by "level.type"."""
        types = map(_unit_type, self.under("unit.type."))
        return {f"{type_.level}.{type_.code}": type_ for type_ in types}

    def unit_type(self, level: str, code: str) -> UnitType:
        """Raises KindNotAllowed when the law of the day does not know it."""
        rule = self.values.get(f"unit.type.{level}.{code}")
        if rule is None:
            raise KindNotAllowed(
                f"The law of {self.day:%d/%m/%Y} knows no {level} of type {code!r}",
                field="type",
                rule=f"unit.type.{level}.{code}",
                rule_set=self.id,
                allowed=sorted(self.unit_types()),
            )
        return _unit_type(rule)

    def under(self, prefix: str) -> list[RuleValue]:
        """The rules of the day whose key begins so, by key."""
        return [rule for key, rule in sorted(self.values.items()) if key.startswith(prefix)]


@dataclass(frozen=True)
class RuleBook:
    """Every rule set there was and is. Immutable; made by the services from shipped data."""

    names: Sequence[RuleSetName]
    rules: Sequence[RuleValue]
    _known: dict[int, dict[str, RuleValue]] = field(
        default_factory=dict, compare=False, repr=False
    )  # by period: how many of the days on which a value begins or ends have passed
    _sets: dict[date, RuleSet] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        _refuse_overlaps(self.rules)

    def on(self, day: date) -> RuleSet:
        """The rule set in force on `day`. Raises InvalidValue when none is known."""
        if day not in self._sets:
            if len(self._sets) >= DAYS_KEPT:
                self._sets.clear()
            self._sets[day] = self._made(day)
        return self._sets[day]

    def _made(self, day: date) -> RuleSet:
        name = next((n for n in self.names if _within(n.valid_from, day, n.valid_to)), None)
        if name is None:
            raise InvalidValue(f"No rule set is known for {day:%d/%m/%Y}", field="effective_on")
        return RuleSet(name.id, day, self._values(day))

    def _values(self, day: date) -> dict[str, RuleValue]:
        period = bisect_right(self._turns, day)
        if period not in self._known:
            self._known[period] = {rule.key: rule for rule in self.rules if rule.holds_on(day)}
        return self._known[period]

    @cached_property
    def _turns(self) -> list[date]:
        turns = {day for rule in self.rules for day in (rule.valid_from, rule.valid_to)}
        return sorted(day for day in turns if day is not None)


def _within(first: date | None, day: date, after: date | None) -> bool:
    return (first is None or first <= day) and (after is None or day < after)


def _refuse_overlaps(rules: Iterable[RuleValue]) -> None:
    """A key has one value a day; two at once would be a mistake in the data."""
    last: dict[str, RuleValue] = {}
    for rule in sorted(rules, key=lambda r: (r.key, r.valid_from or date.min)):
        before = last.get(rule.key)
        if before and (before.valid_to is None or before.valid_to > (rule.valid_from or date.min)):
            raise InvalidValue(f"Two values of {rule.key} hold on one day", field=rule.key)
        last[rule.key] = rule


def _kind(rule: RuleValue) -> Kind:
    return Kind(
        code=rule.key.rpartition(".")[2],
        name=rule.value["name"],
        english=rule.value["english"],
        level=rule.value["level"],
        superiors=tuple(s or None for s in rule.value["superiors"]),
        deciders=tuple(rule.value["deciders"]),
        document=rule.document,
    )


def _unit_type(rule: RuleValue) -> UnitType:
    level, _, code = rule.key.removeprefix("unit.type.").partition(".")
    return UnitType(code, rule.value["name"], rule.value["english"], level, rule.document)
