"""A contest: works done in rounds by contestants in turn, medians, ratios, and the goals.

Machines are noisy, so only ratios within one run count: in each round one contestant comes right
after the other, each ratio is taken within a round, and the median of the rounds is told.
"""

from __future__ import annotations

import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import Any

from ops.bench.sizes import Sizes
from ops.bench.timing import Figures

Measured = Mapping[str, Figures]
"""What a turn came to, by the name of the figure: {"C2": {"rate": 50_000}}."""


@dataclass(frozen=True)
class Goal:
    """How one contestant's figure is to stand to another's, or to a number (`against` is None)."""

    figure: str
    of: str
    against: str | None
    least: float | None = None
    most: float | None = None
    of_what: str = "rate"  # the field of both figures
    figure_against: str | None = None  # when it is not the same figure
    is_difference: bool = False  # and not a ratio

    def __str__(self) -> str:
        bound = f">= {self.least:,}" if self.least is not None else f"<= {self.most:,}"
        other = self.figure_against or self.figure
        joint = "more than" if self.is_difference else "of"
        than = "" if self.against is None else f" {joint} {self.against}"
        return bound + than + (f" ({other})" if other != self.figure else "")

    def compared(self, ours: float | None, theirs: float | None) -> float | None:
        """The ratio of one round, or the difference; None when one of them is missing."""
        if ours is None or theirs is None:
            return None
        return ours - theirs if self.is_difference else ours / theirs

    def is_met_by(self, value: float) -> bool:
        enough = self.least is None or value >= self.least
        return enough and (self.most is None or value <= self.most)


@dataclass(frozen=True)
class Ground:
    """Where contestants meet."""

    dsn: str
    folder: Path
    sizes: Sizes


Arena = Callable[[Ground], AbstractContextManager[Any]]
"""What a work needs to be there; opened once for all works in a row that share it."""


def bare(ground: Ground) -> AbstractContextManager[Ground]:
    """Nothing but the ground."""
    return nullcontext(ground)


@dataclass(frozen=True)
class Work:
    """Something that is done and timed: `do(what the arena gives, name of the contestant)`."""

    name: str
    words: str
    contestants: tuple[str, ...]
    do: Callable[[Any, str], Measured]
    goals: tuple[Goal, ...] = ()
    arena: Arena = bare


@dataclass
class Results:
    """The figures of all rounds, by figure and contestant; None: it had none in that round."""

    rounds: dict[str, dict[str, list[Figures | None]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    failures: list[str] = field(default_factory=list)

    def note(self, number: int, contestant: str, measured: Measured) -> None:
        """`number` of the round, from 0."""
        for figure, fields in measured.items():
            earlier = self.rounds[figure][contestant]
            earlier += [None] * (number - len(earlier))
            earlier.append(dict(fields))

    def medians(self) -> dict[str, dict[str, Figures]]:
        """By figure and contestant."""
        return {
            figure: {name: _middle(rounds) for name, rounds in found.items()}
            for figure, found in self.rounds.items()
        }

    def value(self, goal: Goal) -> float | None:
        """The median over the rounds of the ratio that the goal is about; None: not measured."""
        ours = self._fields(goal.figure, goal.of, goal.of_what)
        if goal.against is not None:
            figure = goal.figure_against or goal.figure
            theirs = self._fields(figure, goal.against, goal.of_what)
            ours = [goal.compared(a, b) for a, b in zip(ours, theirs, strict=False)]
        known = [value for value in ours if value is not None]
        return median(known) if known else None

    def _fields(self, figure: str, contestant: str, name: str) -> list[float | None]:
        rounds = self.rounds.get(figure, {}).get(contestant, [])
        return [each.get(name) if each else None for each in rounds]


def _middle(rounds: Sequence[Figures | None]) -> Figures:
    held = [each for each in rounds if each]
    names = {name for each in held for name in each}
    return {name: median(each[name] for each in held if name in each) for name in sorted(names)}


def run(
    works: Sequence[Work],
    contestants: Sequence[str],
    ground: Ground,
    rounds: int,
    tell: Callable[[str], None] = lambda words: None,
) -> Results:
    """Do the works. Who fails is named, and the others go on."""
    results = Results()
    for arena, sharing in groupby(works, key=lambda work: work.arena):
        with arena(ground) as there:
            for work in sharing:
                tell(f"{work.name}: {work.words}")
                for number in range(rounds):
                    for name in (name for name in work.contestants if name in contestants):
                        _take_turn(results, work, there, name, number)
    return results


def _take_turn(results: Results, work: Work, there: Any, name: str, number: int) -> None:
    try:
        results.note(number, name, work.do(there, name))
    except Exception as error:
        traceback.print_exc()
        results.failures.append(f"{work.name}, {name}, round {number + 1}: {error!r}")


# Telling


def report(works: Sequence[Work], results: Results) -> str:
    """Tables in Markdown: the medians, and how they stand to the goals."""
    medians = [table(list(rows)) for rows in _median_tables(results)]
    goals = table(list(_goal_rows(works, results)))
    return "\n\n".join([*medians, *_sizes(results), goals, *results.failures])


def _sizes(results: Results) -> Iterator[str]:
    """What one event takes, where that was told."""
    for figure, found in results.medians().items():
        sizes = [f"{name} {each['bytes']:,.0f}" for name, each in found.items() if "bytes" in each]
        if sizes:
            yield f"Bytes of an event in {figure}: {', '.join(sizes)}."


def _median_tables(results: Results) -> Iterator[Iterator[list[str]]]:
    """One of all figures in a row that somebody has in common."""
    together: dict[str, dict[str, Figures]] = {}
    for figure, found in results.medians().items():
        if together and not found.keys() & {name for each in together.values() for name in each}:
            yield _median_rows(together)
            together = {}
        together |= {figure: found}
    yield _median_rows(together)


def _median_rows(medians: Mapping[str, Mapping[str, Figures]]) -> Iterator[list[str]]:
    names = list(dict.fromkeys(name for found in medians.values() for name in found))
    yield ["figure", *names]
    for figure, found in medians.items():
        yield [figure, *(_cell(found.get(name)) for name in names)]


def _cell(fields: Figures | None) -> str:
    if not fields:
        return "–"
    parts = [f"{fields['rate']:,.0f}/s"] if "rate" in fields else []
    if "p50_ms" in fields:
        parts.append(f"{fields['p50_ms']:.2f} / {fields['p99_ms']:.2f} ms")
    return ", ".join(parts)


def _goal_rows(works: Sequence[Work], results: Results) -> Iterator[list[str]]:
    yield ["figure", "contestant", "measured", "goal", ""]
    for goal in (goal for work in works for goal in work.goals):
        value = results.value(goal)
        figure = goal.figure if goal.of_what == "rate" else f"{goal.figure} {goal.of_what}"
        if value is None:
            told = ["–", str(goal), "not measured"]
        else:
            told = [f"{value:,.2f}", str(goal), "met" if goal.is_met_by(value) else "NOT MET"]
        yield [figure, goal.of, *told]


def table(rows: Sequence[Sequence[str]]) -> str:
    """In Markdown; the first row is the head."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def as_json(works: Sequence[Work], results: Results, about: Mapping[str, Any]) -> dict[str, Any]:
    """Everything, for programs."""
    medians = results.medians()
    return {
        **about,
        "figures": {
            figure: {
                name: {"median": medians[figure][name], "rounds": rounds}
                for name, rounds in found.items()
            }
            for figure, found in results.rounds.items()
        },
        "goals": [_judged(goal, results) for work in works for goal in work.goals],
        "failures": results.failures,
    }


def _judged(goal: Goal, results: Results) -> dict[str, Any]:
    value = results.value(goal)
    met = None if value is None else goal.is_met_by(value)
    return asdict(goal) | {"measured": value, "met": met}
