"""What codes and names of one day have become on another, or were: with how sure it is.

Any number of steps, either direction: `to` may lie before `from`. The law is domain.lineage.follow;
here its questions are read in a handful of statements, however many are asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from domain.lineage import Answer, Certainty, Edge, Network, Share, Step, follow
from domain.places import Gazetteer
from projections.engine.garbage import uncollected
from projections.lineage import Lineage
from projections.nodes import Life, Nodes
from projections.organisations import Organisations
from projections.point import Point
from projections.units import Unit, Units
from services.reading import Reading

CODES_MAX = 10_000
NODES: dict[str, type[Nodes[Any]]] = {"unit": Units, "organisation": Organisations}


class Found(NamedTuple):
    """A unit at the other end of the way."""

    unit: Unit
    extent: str  # how much went there; backward: how much of it came here
    share: Share  # the same in people and land, where hand-overs on the way say that
    is_default: bool  # where to look first if one must be chosen; partly not official
    steps: int  # hand-overs on the way
    population: int | None  # people who went over, where the way is one hand-over that says so
    area: int | None  # square metres, likewise
    documents: tuple[int, ...]  # positions of the events that say so, from the start


class Crossing(NamedTuple):
    """One unit that bore the code or name on the day of the question, and what answers it."""

    asked: Unit
    certainty: Certainty
    found: tuple[Found, ...]


class CrosswalkLine(NamedTuple):
    """The answer to one code or name. `crossings` is empty when nobody bore it on that day."""

    code: str  # as it was asked
    certainty: Certainty  # ambiguous when several bore it; none when nobody did
    crossings: tuple[Crossing, ...]


@uncollected()
def crosswalk(
    reading: Reading, codes: Sequence[str], begins: date, ends: date, scheme: str = "nso"
) -> list[CrosswalkLine]:
    """One line a code or name, in the order asked; all as known at the reading's point.

    What nobody bears as a code is looked for as a name (domain.places), unless it is a number.
    """
    units = Units(reading.connection, reading.schema)
    point = Point(begins, reading.point.known_at)
    bearers: dict[str, list[Unit]] = defaultdict(list)
    for unit in units.by_codes(list(set(codes)), point, scheme):
        bearers[unit.codes[scheme]].append(unit)
    names = {code for code in codes if code not in bearers and not code.isdecimal()}
    bearers |= _named(units, names, point)
    asked = {unit.unit_id: unit for found in bearers.values() for unit in found}
    crossings = {c.asked.unit_id: c for c in cross(reading, list(asked.values()), begins, ends)}
    return [_line(code, [crossings[u.unit_id] for u in bearers.get(code, ())]) for code in codes]


def _named(units: Units, names: Iterable[str], point: Point) -> dict[str, list[Unit]]:
    """The units that each of these names may mean, in two statements."""
    if not (wanted := list(names)):
        return {}
    gazetteer = Gazetteer(units.places(point))
    meant = {name: gazetteer.find(name) for name in wanted}
    ids = {id_ for found in meant.values() for id_ in found}
    named = {unit.unit_id: unit for unit in units.named(list(ids), point)}
    return {name: [named[id_] for id_ in found] for name, found in meant.items()}


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
        if len(found) > 1:
            found.sort(key=lambda f: (not f.is_default, f.unit.sort_key, f.unit.unit_id))
        yield Crossing(unit, answer.certainty, tuple(found))


def answers_for(
    reading: Reading, starts: Sequence[UUID], begins: date, ends: date, category: str = "unit"
) -> dict[UUID, Answer]:
    """domain.lineage.follow for many starts of one category, over edges read at once."""
    known_at = reading.point.known_at
    lineage = Lineage(reading.connection, reading.schema)
    ways = lineage.forward if begins <= ends else lineage.backward
    edges = ways(starts, known_at, category)
    network, lives = Network(edges), _lives(reading, starts, edges, category)

    def exists(id_: UUID, day: date) -> bool:
        life = lives.get(id_)
        return life is not None and life.includes(day)

    return {start: follow(start, begins, ends, network, exists) for start in starts}


def _lives(
    reading: Reading, starts: Sequence[UUID], edges: Sequence[Edge], category: str
) -> dict[UUID, Life]:
    ids = {*starts, *(edge.giver for edge in edges), *(edge.taker for edge in edges)}
    nodes = NODES[category](reading.connection, reading.schema)
    return nodes.lives(list(ids), reading.point.known_at)


def _found(unit: Unit, step: Step) -> Found:
    documents = tuple(edge.order for edge in step.edges)
    only = step.edges[0] if len(step.edges) == 1 else None
    return Found(
        unit=unit,
        extent=step.extent,
        share=step.share,
        is_default=step.is_default,
        steps=len(step.edges),
        population=only.population if only else None,
        area=only.area if only else None,
        documents=documents,
    )


def rounded(share: float | None) -> float | None:
    """To a millionth: finer than any figure that is known of people or land."""
    return None if share is None else round(share, 6)


def _line(code: str, crossings: Sequence[Crossing]) -> CrosswalkLine:
    certainty = Certainty.NONE if not crossings else crossings[0].certainty
    if len(crossings) > 1:
        certainty = Certainty.AMBIGUOUS
    return CrosswalkLine(code, certainty, tuple(crossings))
