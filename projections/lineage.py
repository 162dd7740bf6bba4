"""Who took over from whom: one edge for each successor of each cession and ending.

The rows say what was recorded; `domain.lineage.follow` decides what became of a thing on a day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row, tuple_row
from psycopg.sql import SQL, Composed, Identifier

from domain.aggregate import Aggregate, Event
from domain.lineage import Edge
from domain.node import Ended, PartCeded
from domain.organisation import PartyOrganisation
from domain.unit import AdministrativeUnit
from projections.engine.marks import namespace
from projections.engine.view import Changes, Closing, Row, View, position_range
from projections.rebuilding.in_sql import InSql
from projections.sql import statement

CATEGORIES: dict[type[Aggregate], str] = {
    AdministrativeUnit: "unit",
    PartyOrganisation: "organisation",
}


class Edges:
    """The edges that leave one stream."""

    __slots__ = ("_gone", "_standing")

    def __init__(self) -> None:
        self._standing: dict[int, Ended | PartCeded] = {}  # by position
        self._gone: list[tuple[Ended | PartCeded, int]] = []  # with the position of their voiding

    def before(self, event: Event, aggregate: Aggregate | None) -> None:
        pass

    def after(self, event: Event, aggregate: Aggregate) -> None:
        assert event.position is not None
        voided = self._standing.pop(event.envelope.voids or 0, None)
        if voided is not None:
            self._gone.append((voided, event.position))
        if isinstance(event, (Ended, PartCeded)):
            self._standing[event.position] = event

    def changes(self, since: int) -> Changes:
        added = [
            row
            for event, until in [*self._gone, *((e, None) for e in self._standing.values())]
            if (event.position or 0) > since
            for row in _edges(event, until)
        ]
        closed = [
            Closing(event.originator_id, str(event.position), until)
            for event, until in self._gone
            if event.successors and (event.position or 0) <= since < until
        ]
        self._gone.clear()
        return Changes(closed, added)


def _edges(event: Ended | PartCeded, until: int | None) -> Iterator[Row]:
    position = event.position or 0
    for successor in event.successors:
        yield (
            CATEGORIES[event.AGGREGATE],
            event.originator_id,
            successor.id,
            event.effective_on.isoformat(),
            position,
            event.way if isinstance(event, Ended) else "cession",
            successor.extent,
            successor.is_default,
            successor.population,
            successor.area,
            position_range(position, until),
            event.basis[0].number if event.basis else None,
        )


LINEAGE = View(
    name="lineage",
    version=2,
    aggregates=tuple(CATEGORIES),
    table="edges",
    stream="giver",
    columns=(
        "category",
        "giver",
        "taker",
        "on_day",
        "position",
        "way",
        "extent",
        "is_default",
        "population",
        "area",
        "known",
        "document",
    ),
    begin=lambda reached: Edges(),
    key="position",
    in_sql=InSql(
        "lineage_rows",
        schemas={
            "unit.ended": (1, 2),
            "unit.part-ceded": (1, 2),
            "party-organisation.ended": (1, 2),
            "party-organisation.part-ceded": (1, 2),
        },
    ),
)


@dataclass(frozen=True, slots=True)
class HandOver:
    """An edge with what is told of it besides."""

    category: str  # "unit", "organisation"
    giver: UUID
    taker: UUID
    on_day: date
    position: int
    way: str  # as the giver ended, or "cession"
    extent: str
    is_default: bool
    population: int | None  # people who went over; None: not said
    area: int | None  # square metres that went over; None: not said
    document: str | None  # number of the deciding document; None: not known


class Lineage:
    """Questions about descent: `Lineage(connection, schema)`. Edges in the order of positions."""

    def __init__(self, connection: Connection[Any], schema: str) -> None:
        self._connection = connection
        self._edges = Identifier(namespace(schema, "lineage"), "edges")

    def edges_from(
        self, ids: Sequence[UUID], known_at: int, category: str | None = None
    ) -> list[Edge]:
        """What leaves these, known at that position."""
        return self._told(self._at("giver"), ids, known_at, category)

    def edges_into(
        self, ids: Sequence[UUID], known_at: int, category: str | None = None
    ) -> list[Edge]:
        """What enters these, known at that position."""
        return self._told(self._at("taker"), ids, known_at, category)

    def forward(
        self, starts: Sequence[UUID], known_at: int, category: str | None = None
    ) -> list[Edge]:
        """All that is given on the ways onward from these, whatever the days; circles end."""
        return self._told(self._ways("giver", "taker"), starts, known_at, category)

    def backward(
        self, starts: Sequence[UUID], known_at: int, category: str | None = None
    ) -> list[Edge]:
        """All that is given on the ways to these, also to others; whatever the days."""
        return self._told(self._ways("taker", "giver"), starts, known_at, category)

    def hand_overs(self, id_: UUID, known_at: int) -> list[HandOver]:
        """What one gave and took, in the order of days."""
        query = SQL(
            "SELECT category, giver, taker, on_day, position, way, extent, is_default,"
            " population, area, document"
            " FROM {} WHERE (giver = %(id)s OR taker = %(id)s) AND known @> %(known)s::bigint"
            " ORDER BY on_day, position, taker"
        ).format(self._edges)
        with self._connection.cursor(row_factory=class_row(HandOver)) as cursor:
            return cursor.execute(query, {"id": id_, "known": known_at}).fetchall()

    def documents(self, positions: Sequence[int]) -> dict[int, str | None]:
        """The number of the document behind each hand-over at these positions; None: not known."""
        query = SQL("SELECT DISTINCT position, document FROM {} WHERE position = ANY(%s)")
        with self._connection.cursor(row_factory=tuple_row) as cursor:
            found = cursor.execute(query.format(self._edges), [list(positions)])
            return dict(found.fetchall())

    def _at(self, end: str) -> Composed:
        query = SQL("(SELECT * FROM {} WHERE {} = ANY(%(ids)b))")
        return query.format(self._edges, Identifier(end))

    def _ways(self, here: str, there: str) -> Composed:
        names = {"here": Identifier(here), "there": Identifier(there)}
        return statement("lineage_ways", edges=self._edges, **names)

    def _told(
        self, edges: Composed, ids: Sequence[UUID], known_at: int, category: str | None
    ) -> list[Edge]:
        query = SQL(
            "SELECT e.giver, e.taker, e.on_day, e.position, e.extent, e.is_default,"
            " e.way <> 'cession', e.population, e.area"
            " FROM {} e WHERE e.known @> %(known)s::bigint"
            " AND (%(category)s::text IS NULL OR e.category = %(category)s)"
            " ORDER BY e.position, e.taker"
        ).format(edges)
        values = {"ids": list(ids), "known": known_at, "category": category}
        with self._connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            return [Edge(*row) for row in cursor.execute(query, values)]
