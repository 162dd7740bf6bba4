"""What codes of one day have become on another, and what they were: with how sure it is.

Any number of steps, either direction: `to` may lie before `from`. The law is domain.lineage.follow;
here its questions are read in a handful of statements, however many codes are asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from domain.lineage import Answer, Certainty, Edge, Step, by_giver, by_taker, follow
from projections.lineage import Lineage
from projections.nodes import Life, Nodes
from projections.organisations import Organisations
from projections.point import Point
from projections.units import Unit, Units
from services.reading import Reading

CODES_MAX = 10_000
NODES: dict[str, type[Nodes[Any]]] = {"unit": Units, "organisation": Organisations}


@dataclass(frozen=True)
class Found:
    """A unit at the other end of the way."""

    unit: Unit
    extent: str  # how much went there; backward: how much of it came here
    is_default: bool  # where to look first if one must be chosen; partly not official
    steps: int  # hand-overs on the way
    documents: tuple[int, ...]  # positions of the events that say so, from the start


@dataclass(frozen=True)
class Crossing:
    """One unit that bore the code on the day of the question, and what answers it."""

    asked: Unit
    certainty: Certainty
    found: tuple[Found, ...]


@dataclass(frozen=True)
class CrosswalkLine:
    """The answer to one code. `crossings` is empty when nobody bore it on that day."""

    code: str
    certainty: Certainty  # ambiguous when several bore it; none when nobody did
    crossings: tuple[Crossing, ...]


def crosswalk(
    reading: Reading, codes: Sequence[str], begins: date, ends: date, scheme: str = "nso"
) -> list[CrosswalkLine]:
    """One line a code, in the order asked; all as known at the reading's point."""
    units = Units(reading.connection, reading.schema)
    known_at = reading.point.known_at
    bearers: dict[str, list[Unit]] = {}
    for unit in units.by_codes(list(set(codes)), Point(begins, known_at), scheme):
        bearers.setdefault(unit.codes[scheme], []).append(unit)
    asked = [unit for found in bearers.values() for unit in found]
    crossings = {c.asked.unit_id: c for c in cross(reading, asked, begins, ends)}
    return [_line(code, [crossings[u.unit_id] for u in bearers.get(code, ())]) for code in codes]


def cross(reading: Reading, asked: Sequence[Unit], begins: date, ends: date) -> Iterable[Crossing]:
    """What became of these units, each as it was on `begins`, on `ends`.

    Defaults come first, then the order of the alphabet.
    """
    units = Units(reading.connection, reading.schema)
    known_at = reading.point.known_at
    answers = answers_for(reading, [unit.unit_id for unit in asked], begins, ends)
    ids = {step.id for answer in answers.values() for step in answer.steps}
    states = {u.unit_id: u for u in units.named(list(ids), Point(ends, known_at))}
    for unit in asked:
        answer = answers[unit.unit_id]
        found = [_found(states[step.id], step) for step in answer.steps]
        found.sort(key=lambda f: (not f.is_default, f.unit.sort_key, f.unit.unit_id))
        yield Crossing(unit, answer.certainty, tuple(found))


def answers_for(
    reading: Reading, starts: Sequence[UUID], begins: date, ends: date, category: str = "unit"
) -> dict[UUID, Answer]:
    """domain.lineage.follow for many starts of one category, over edges read at once."""
    known_at = reading.point.known_at
    lineage = Lineage(reading.connection, reading.schema)
    if begins <= ends:
        edges = by_giver(lineage.forward(starts, known_at, category))
    else:
        edges = by_taker(lineage.backward(starts, known_at, category))
    lives = _lives(reading, starts, edges, category)

    def exists(id_: UUID, day: date) -> bool:
        life = lives.get(id_)
        return life is not None and life.includes(day)

    return {start: follow(start, begins, ends, edges, exists) for start in starts}


def _lives(
    reading: Reading, starts: Sequence[UUID], edges: dict[UUID, list[Edge]], category: str
) -> dict[UUID, Life]:
    ids = set(starts)
    for leaving in edges.values():
        ids.update(id_ for edge in leaving for id_ in (edge.giver, edge.taker))
    nodes = NODES[category](reading.connection, reading.schema)
    return nodes.lives(list(ids), reading.point.known_at)


def _found(unit: Unit, step: Step) -> Found:
    documents = tuple(edge.order for edge in step.edges)
    return Found(unit, step.extent, step.is_default, len(step.edges), documents)


def _line(code: str, crossings: Sequence[Crossing]) -> CrosswalkLine:
    certainty = Certainty.NONE if not crossings else crossings[0].certainty
    if len(crossings) > 1:
        certainty = Certainty.AMBIGUOUS
    return CrosswalkLine(code, certainty, tuple(crossings))
