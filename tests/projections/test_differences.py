"""What differs between two points, against a look at everybody at both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from projections.catalogue import VIEWS
from projections.differences import changed
from projections.engine.following import follow
from projections.lineage import Lineage
from projections.nodes import Nodes
from projections.organisations import Organisations
from projections.point import Point
from projections.units import Units
from tests.logs import DAYS, EVERYBODY, ORGANISATIONS, UNITS, written_log


def looks(nodes: Nodes[Any], lineage: Lineage, point: Point) -> dict[UUID, Any]:
    """Everybody's state and descent."""
    apart = ("valid_from", "valid_to", "known_from", "known_to")
    states = {
        getattr(row, nodes.id): [getattr(row, f.name) for f in fields(row) if f.name not in apart]
        for row in nodes.many(point)
    }
    edges = lineage.edges_from(EVERYBODY, point.known_at)
    told = [(edge.giver, edge.order) for edge in edges if edge.on <= point.valid_at]
    return {
        id_: (states.get(id_), [order for giver, order in told if giver == id_])
        for id_ in EVERYBODY
    }


@pytest.mark.parametrize(
    ("view", "of", "ids"),
    [("units", Units, UNITS), ("organisations", Organisations, ORGANISATIONS)],
)
def test_who_differs_between_two_points(connection, home, view, of, ids):
    log = written_log(200)
    head = follow(connection, home, log.source(), list(VIEWS.values()))
    nodes, lineage = of(connection, home), Lineage(connection, home)
    points = [Point(day, known) for day in DAYS[::3] for known in (head // 3, head // 2, head)]
    looked = {point: looks(nodes, lineage, point) for point in points}
    found = set()
    for a, b in product(points, points):
        expected = sorted(id_ for id_ in ids if looked[a][id_] != looked[b][id_])
        assert changed(connection, home, view, a, b) == expected
        assert list(one_by_one(connection, home, view, a, b)) == expected
        found |= set(expected)
    assert found == set(ids)


def one_by_one(connection: Any, home: str, view: Any, a: Point, b: Point) -> Iterator[UUID]:
    after: UUID | None = None
    while page := changed(connection, home, view, a, b, after, limit=1):
        [after] = page
        yield after
