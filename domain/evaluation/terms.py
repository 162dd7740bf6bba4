"""By what a round is judged: levels, points, conditions and the ceiling, as its rules have them.

A round keeps the terms it was opened under, so that what was decided can be checked by them for
ever, and can be judged once more by those of another day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.errors import InvalidValue
from domain.rulebook import RuleSet, RuleValue

HUNDREDTHS = 100  # points are kept as whole hundredths: nothing is lost, and nothing rounded
BASES = ("good", "good_or_better", "reviewed")
ROUNDINGS = ("down", "half_up", "up")


@dataclass(frozen=True, slots=True)
class Level:
    """One level; `points_min` None: by judgement alone."""

    code: str  # "excellent"
    name: str
    points_min: int | None
    conditions: tuple[str, ...]
    collective_conditions: tuple[str, ...]  # of organisations, besides

    def asks_for(self, *, collective: bool) -> frozenset[str]:
        return frozenset(self.conditions + (self.collective_conditions if collective else ()))


@dataclass(frozen=True, slots=True)
class Criterion:
    """A part of the points, and how many it can bring."""

    code: str
    name: str
    points_max: int


@dataclass(frozen=True, slots=True)
class Ceiling:
    """How many of a group may have its best level."""

    level: str
    percent: int
    base: str  # one of BASES: of whom the share is taken
    rounding: str  # one of ROUNDINGS
    scope: str  # whose ceiling is shared, in the words of the document
    document: str
    verified: bool

    def share_of(self, counts: Mapping[str, int], best: str, second: str) -> int:
        """Of how many the share is taken."""
        match self.base:
            case "good":
                return counts.get(second, 0)
            case "good_or_better":
                return counts.get(best, 0) + counts.get(second, 0)
            case _:
                return sum(counts.values())

    def allowed(self, base: int) -> int:
        """How many may have the level where so many are the base."""
        hundredths = self.percent * base
        add = {"down": 0, "half_up": 50, "up": 99}[self.rounding]
        return (hundredths + add) // 100


@dataclass(frozen=True, slots=True)
class Applied:
    """A ceiling as it was applied once: kept with the decision that it let through."""

    ceiling: Ceiling
    base: int  # of so many the share was taken
    allowed: int
    rated: int  # so many have the level


@dataclass(frozen=True, slots=True)
class Terms:
    """All that a round is judged by; levels from the best to the last."""

    document: str
    verified: bool
    levels: tuple[Level, ...]
    criteria: tuple[Criterion, ...]  # none: these rules know no points
    ceiling: Ceiling | None

    @property
    def by_points(self) -> bool:
        """Whether points and conditions tell the level."""
        return any(level.points_min is not None for level in self.levels)

    @property
    def points_max(self) -> int:
        return sum(criterion.points_max for criterion in self.criteria)

    def level(self, code: str) -> Level:
        """Raises InvalidValue."""
        found = next((level for level in self.levels if level.code == code), None)
        if found is None:
            known = ", ".join(level.code for level in self.levels)
            raise InvalidValue(
                f"The level is one of {known}",
                field="level",
                rule="evaluation.levels",
                document=self.document,
            )
        return found

    def rank(self, code: str) -> int:
        """0: the best. Raises InvalidValue."""
        return self.levels.index(self.level(code))

    def conditions(self) -> frozenset[str]:
        """Every condition that any level asks for."""
        return frozenset().union(*(level.asks_for(collective=True) for level in self.levels))

    def earned(
        self, hundredths: int | None, met: Collection[str], *, collective: bool
    ) -> Level | None:
        """The best level that points and conditions give; None: these rules leave it to judgement.

        Where no level's conditions are met, it is the last.
        """
        if not self.by_points or hundredths is None:
            return None
        for level in self.levels:
            enough = hundredths >= (level.points_min or 0) * HUNDREDTHS
            if enough and level.asks_for(collective=collective) <= set(met):
                return level
        return self.levels[-1]

    def apply_ceiling(self, levels: Iterable[str]) -> Applied | None:
        """The ceiling over the levels of a whole group; None: there is none."""
        if self.ceiling is None:
            return None
        counts = count(levels)
        best = self.rank(self.ceiling.level)
        second = self.levels[best + 1].code
        base = self.ceiling.share_of(counts, self.ceiling.level, second)
        rated = counts.get(self.ceiling.level, 0)
        return Applied(self.ceiling, base, self.ceiling.allowed(base), rated)


def count(levels: Iterable[str]) -> dict[str, int]:
    """How many have each level."""
    counts: dict[str, int] = {}
    for level in levels:
        counts[level] = counts.get(level, 0) + 1
    return counts


def terms_of(rules: RuleSet) -> Terms:
    """The terms that the rules of a day set. Raises InvalidValue when they set none."""
    rule = rules.rule("evaluation.levels")
    criteria = rules.values.get("evaluation.criteria")
    ceiling = rules.values.get("evaluation.ceiling")
    return Terms(
        document=rule.document,
        verified=rule.verified,
        levels=tuple(_level(each) for each in rule.value),
        criteria=tuple(Criterion(**each) for each in (criteria.value if criteria else ())),
        ceiling=_ceiling(ceiling) if ceiling else None,
    )


def _level(said: Mapping[str, Any]) -> Level:
    return Level(
        code=said["code"],
        name=said["name"],
        points_min=said.get("points_min"),
        conditions=tuple(said.get("conditions", ())),
        collective_conditions=tuple(said.get("collective_conditions", ())),
    )


def _ceiling(rule: RuleValue) -> Ceiling:
    return Ceiling(**rule.value, document=rule.document, verified=rule.verified)
