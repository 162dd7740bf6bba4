"""What becomes of units and organisations: edges from the old to the new, and how sure one can be.

An edge says that the whole, a part, or an unknown share of one thing went to another on a day. A
question like "what became of 10081?" is answered `exact`, `split` or `ambiguous`, never by a silent
pick.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from heapq import heappop, heappush
from itertools import count
from uuid import UUID

from domain.errors import InvalidValue

EXTENTS = ("whole", "part", "unknown")  # the surest first
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Successor:
    """Who takes over, and how much: the whole, a part, or an unknown share."""

    id: UUID
    extent: str
    is_default: bool = False  # where a reader who must choose one should look first


def refuse_ill_formed(giver: UUID, successors: Sequence[Successor]) -> None:
    """Raises InvalidValue: a whole goes to one, nobody is its own successor, none comes twice."""
    ids = [successor.id for successor in successors]
    if any(s.extent not in EXTENTS for s in successors):
        raise InvalidValue(f"The extent is one of {', '.join(EXTENTS)}", field="successors.extent")
    if giver in ids:
        raise InvalidValue("Nothing is its own successor", field="successors.id")
    if len(set(ids)) != len(ids):
        raise InvalidValue("A successor is named twice", field="successors.id")
    if len(ids) > 1 and any(s.extent == "whole" for s in successors):
        raise InvalidValue("A whole goes to one successor only", field="successors.extent")
    if sum(s.is_default for s in successors) > 1:
        raise InvalidValue("One successor at most is the default", field="successors.is_default")


def refuse_lone_part(successors: Sequence[Successor]) -> None:
    """Raises InvalidValue where an end would leave a part to one and the rest to nobody."""
    if len(successors) == 1 and successors[0].extent == "part":
        raise InvalidValue(
            "What goes to one successor goes there whole, or to an unknown extent",
            field="successors.extent",
        )


@dataclass(frozen=True, slots=True)
class Edge:
    """The extent of `giver` that went to `taker` on a day."""

    giver: UUID
    taker: UUID
    on: date
    order: int  # position of the event that says so
    extent: str
    is_default: bool


class Certainty(StrEnum):
    """How far an answer about descent can be relied upon."""

    EXACT = "exact"  # everything went to (came from) one
    SPLIT = "split"  # it went to (came from) several, or in part to nobody (from nothing)
    AMBIGUOUS = "ambiguous"  # an extent on the way is unknown, or the question fits several
    NONE = "none"  # nothing took over (nothing came before)


@dataclass(frozen=True, slots=True)
class Step:
    """Something found at the end of the way, and how much of the one lies in the other."""

    id: UUID
    extent: str  # the weakest on the surest way: whole, else part, else unknown
    is_default: bool  # the default of every edge on the way
    edges: tuple[Edge, ...]  # the first way that led there, from the start


@dataclass(frozen=True, slots=True)
class Answer:
    """What `follow` found; `steps` in the order of arrival."""

    certainty: Certainty
    steps: tuple[Step, ...]


def follow(
    start: UUID,
    begins: date,
    ends: date,
    edges: Mapping[UUID, Sequence[Edge]],
    exists: Callable[[UUID, date], bool],
) -> Answer:
    """Where `start`, as it was on `begins`, is found on `ends`: later heirs, or earlier origins.

    `edges` gives what leaves an id when the way goes forward, and what enters it when it goes
    backward. Each hand-over is passed once, in the order of days and positions, and only what had
    arrived before it goes on with it; so changes of one day, and what is given and given back, are
    followed rightly. `exists` says whether an id is active on a day.
    """
    way = _Way(edges, begins, ends)
    way.go(start)
    steps = tuple(step for step in way.reached.values() if exists(step.id, ends))
    certainty = _certainty(steps, way, exists)
    if certainty is Certainty.EXACT and way.forward:
        steps = (replace(steps[0], extent="whole"),)
    return Answer(certainty, steps)


class _Way:
    """All that is met between two days, by passing hand-overs in their order."""

    def __init__(self, edges: Mapping[UUID, Sequence[Edge]], begins: date, ends: date) -> None:
        self.reached: dict[UUID, Step] = {}
        self.passed: list[Edge] = []
        self.forward = begins <= ends
        self.ends = ends
        self._edges = edges
        self._between = (min(begins, ends), max(begins, ends))
        self._queue: list[tuple[tuple[int, int], int, Edge]] = []
        self._entries = count()

    def go(self, start: UUID) -> None:
        self._arrive(Step(start, "whole", True, ()), None)
        while self._queue:
            key, _, edge = heappop(self._queue)
            self.passed.append(edge)
            origin, target = (edge.giver, edge.taker) if self.forward else (edge.taker, edge.giver)
            self._arrive(_further(self.reached[origin], edge, target), key)
            if self.forward:
                self.reached[origin] = _remainder(self.reached[origin])

    def _arrive(self, step: Step, key: tuple[int, int] | None) -> None:
        known = self.reached.get(step.id)
        self.reached[step.id] = _fuller(known, step) if known else step
        if known is None:
            self._hand_on(step.id, key)

    def _hand_on(self, id_: UUID, arrived: tuple[int, int] | None) -> None:
        first, last = self._between
        sign = 1 if self.forward else -1
        for edge in self._edges.get(id_, ()):
            key = (sign * edge.on.toordinal(), sign * edge.order)
            if first < edge.on <= last and (arrived is None or key > arrived):
                heappush(self._queue, (key, next(self._entries), edge))

    def loses(self, id_: UUID, exists: Callable[[UUID, date], bool]) -> bool:
        """Whether `id_` ended with nobody to take over (began with nobody to come from)."""
        if exists(id_, self.ends):
            return False
        if self.forward:
            return not any(e.giver == id_ and not exists(id_, e.on) for e in self.passed)
        return not any(e.taker == id_ and not exists(id_, e.on - _DAY) for e in self.passed)


def _further(step: Step, edge: Edge, target: UUID) -> Step:
    extent = max(step.extent, edge.extent, key=EXTENTS.index)
    return Step(target, extent, step.is_default and edge.is_default, (*step.edges, edge))


def _remainder(step: Step) -> Step:
    """What is left of it where something went away: a part (where all went, nobody asks)."""
    return replace(step, extent="part") if step.extent == "whole" else step


def _fuller(one: Step, other: Step) -> Step:
    better = min(one, other, key=lambda step: EXTENTS.index(step.extent))
    return replace(better, is_default=one.is_default or other.is_default)


def _certainty(steps: Sequence[Step], way: _Way, exists: Callable[[UUID, date], bool]) -> Certainty:
    if not steps:
        return Certainty.NONE
    if any(edge.extent == "unknown" for edge in way.passed):
        return Certainty.AMBIGUOUS
    if len(steps) == 1 and not any(way.loses(id_, exists) for id_ in way.reached):
        return Certainty.EXACT
    return Certainty.SPLIT


def by_giver(edges: Iterable[Edge]) -> dict[UUID, list[Edge]]:
    """What leaves each id: the edges of a way forward."""
    grouped: dict[UUID, list[Edge]] = {}
    for edge in edges:
        grouped.setdefault(edge.giver, []).append(edge)
    return grouped


def by_taker(edges: Iterable[Edge]) -> dict[UUID, list[Edge]]:
    """What enters each id: the edges of a way backward."""
    grouped: dict[UUID, list[Edge]] = {}
    for edge in edges:
        grouped.setdefault(edge.taker, []).append(edge)
    return grouped
