"""Looks in the read models for what was searched for, before and after the reorganisation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from api.pages import searching, words
from api.pages.counting import EVE, REORGANISATION
from api.pages.searching import FOUND_MAX, SHOWN_MAX, Result, Side
from api.pages.subjects import Row, Shown, id_of, on_day, shown
from api.pages.words import Term
from projections.nodes import Filters, Nodes
from projections.point import Point
from services.crosswalk import NODES, answers_for
from services.reading import Reading


def side(reading: Reading, category: str, query: str, day: date) -> Side:
    """What is found on one day, the nearest first."""
    nodes: Nodes[Row] = NODES[category](reading.connection, reading.schema)
    point = on_day(reading, day)
    rows = searching.ranked(query, _candidates(nodes, query, point))
    results = rows[:SHOWN_MAX]
    above = _above(nodes, results, point)
    heirs = _heirs(reading, category, results) if day == EVE else {}
    told = (
        Result(shown(r), tuple(above[id_of(r)]), *heirs.get(id_of(r), ((), False))) for r in results
    )
    return Side(tuple(told), len(rows), searching.namesakes(query, rows))


def _candidates(nodes: Nodes[Row], query: str, point: Point) -> list[Row]:
    found: dict[UUID, Row] = {}
    if searching.is_code(query):
        found |= {id_of(r): r for r in nodes.many(point, Filters(code=query), limit=FOUND_MAX)}
    if searching.is_name(query):
        found |= {id_of(r): r for r in nodes.many(point, Filters(name=query), limit=FOUND_MAX)}
    return list(found.values())


def _above(nodes: Nodes[Row], rows: Sequence[Row], point: Point) -> dict[UUID, list[Shown]]:
    """Those above each, the nearest first; two steps are all there is between land and country."""
    first = _superiors(nodes, rows, point)
    second = _superiors(nodes, first.values(), point)
    above = {}
    for row in rows:
        nearest_one = first.get(row.superior_id) if row.superior_id else None
        next_one = second.get(nearest_one.superior_id) if nearest_one else None
        above[id_of(row)] = [shown(each) for each in (nearest_one, next_one) if each]
    return above


def _superiors(nodes: Nodes[Row], rows: Iterable[Row], point: Point) -> dict[UUID | None, Row]:
    ids = {row.superior_id for row in rows if row.superior_id is not None}
    return {id_of(row): row for row in nodes.named(list(ids), point)} if ids else {}


def _heirs(
    reading: Reading, category: str, rows: Sequence[Row]
) -> dict[UUID, tuple[tuple[tuple[Term, Shown], ...], bool]]:
    """Who else took over on the day of the reorganisation, and whether nobody is left."""
    ids = [id_of(row) for row in rows]
    answers = answers_for(reading, ids, EVE, REORGANISATION, category)
    nodes: Nodes[Row] = NODES[category](reading.connection, reading.schema)
    wanted = {step.id for answer in answers.values() for step in answer.steps}
    states = {
        id_of(r): shown(r) for r in nodes.named(list(wanted), on_day(reading, REORGANISATION))
    }
    return {
        id_: (
            tuple((words.extent(s.extent), states[s.id]) for s in answer.steps if s.id != id_),
            not answer.steps,
        )
        for id_, answer in answers.items()
    }
