"""What can be asked of units and organisations alike: who they are, and who stands under whom.

All questions are read-only statements over one table of spans; they may be asked in any transaction
and expect nothing of the connection's row factory. Order is the Vietnamese alphabet's.

Those that go from one node to the next are prepared: they cost more to plan than to answer, and one
plan holds for all. What is looked for by a name, a level or a kind is planned each time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from typing import Any, ClassVar, Generic, LiteralString, TypeVar
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row, tuple_row
from psycopg.sql import SQL, Composable, Composed, Identifier, Placeholder

from domain.names import folded
from domain.places import Place
from projections.engine.marks import namespace
from projections.point import Point
from projections.question import Question
from projections.sql import statement

R = TypeVar("R")
DEPTH_MAX = 100
# IS TRUE keeps the two times away from the index of the exclusion constraint: without fresh
# statistics it looks cheap, and reads all that holds on that day (4 ms instead of 0.04).
_AT = SQL("(s.valid @> %(day)s::date AND s.known @> %(known)s::bigint) IS TRUE")
_KNOWN = SQL("(s.known @> %(known)s::bigint) IS TRUE")
_RANGES = {
    "valid_from": SQL("lower(s.valid) AS valid_from"),
    "valid_to": SQL("upper(s.valid) AS valid_to"),
    "known_from": SQL("lower(s.known) AS known_from"),
    "known_to": SQL("upper(s.known) AS known_to"),
}


@dataclass(frozen=True, slots=True)
class Placed(Generic[R]):
    """A row in a tree; the root has depth 0."""

    depth: int
    row: R


@dataclass(frozen=True, slots=True)
class Life:
    """The days on which something is active, as known at one position."""

    first_day: date
    ended_on: date | None  # the first day it is no more; None: no end is known

    def includes(self, day: date) -> bool:
        return self.first_day <= day and (self.ended_on is None or day < self.ended_on)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is limited to; None: not by this. A wrong name of a kind finds nothing."""

    superior_id: UUID | None = None
    under: UUID | None = None  # the root of a tree; itself is not listed
    roots_only: bool = False
    code: str | None = None  # in any scheme, or in `scheme`
    scheme: str | None = None
    name: str | None = None  # a part of it, with or without tone marks
    kinds: Mapping[str, Sequence[str]] | None = None  # column -> allowed: {"level": ["commune"]}
    unit_id: UUID | None = None  # organisations on that unit
    setting: str | None = None  # organisations of that setting


@dataclass(frozen=True, slots=True)
class State(Generic[R]):
    """A row, and the version of its stream as known at that position: what If-Match compares."""

    row: R
    version: int


class Nodes(Generic[R]):
    """Questions about the nodes of one view, in the log's schema `schema`."""

    view: ClassVar[str]
    row: ClassVar[type[Any]]
    id: ClassVar[str]
    kinds: ClassVar[tuple[str, ...]]

    def __init__(self, connection: Connection[Any], schema: str) -> None:
        self._connection, self._schema = connection, schema
        self._spans = Identifier(namespace(schema, self.view), "spans")
        self._columns = _columns(self.row)

    # One

    @classmethod
    def state(cls, schema: str, id_: UUID) -> Question[State[R]]:
        """Its state at a point, and the version of its stream; no row when it is not active."""

        def told(*columns: Any) -> State[R]:
            return State(cls.row(*columns[:-1]), columns[-1])

        found = _state(cls, schema)  # type: ignore[arg-type]  # a class can be hashed
        return Question(found, id_, told)

    def one(self, id_: UUID, point: Point) -> R | None:
        """Its state at that point; None when it is not active then, or not known."""
        return next(iter(self.named([id_], point)), None)

    def named(self, ids: Sequence[UUID], point: Point) -> list[R]:
        """Those of these ids that are active at that point."""
        return self._rows(self._select(self._id_is_any(), _AT), point, ids=list(ids))

    def names(self, ids: Sequence[UUID], known_at: int) -> dict[UUID, str]:
        """The last name known of each, whenever it bore it."""
        query = SQL(
            "SELECT DISTINCT ON (s.{id}) s.{id}, s.name FROM {spans} s"
            " WHERE s.{id} = ANY(%(ids)s) AND {known} ORDER BY s.{id}, lower(s.valid) DESC"
        ).format(id=Identifier(self.id), spans=self._spans, known=_KNOWN)
        return dict(self._tuples(query, {"ids": list(ids), "known": known_at}))

    def history(self, id_: UUID, known_at: int, superseded: bool = False) -> list[R]:
        """All that is known of its life at that position, in the order of days.

        With `superseded`, also what was believed before, in the order in which it came to be.
        """
        known = SQL("lower(s.known) <= %(known)s") if superseded else _KNOWN
        order: LiteralString = "lower(s.known), lower(s.valid)" if superseded else "lower(s.valid)"
        where = self._select(self._id_is_any(), known)
        return self._run(where + SQL(" ORDER BY ") + SQL(order), {"ids": [id_], "known": known_at})

    def lives(self, ids: Sequence[UUID], known_at: int) -> dict[UUID, Life]:
        """The lives of these, those that have one."""
        query = self._statement("nodes_lives")
        found = self._tuples(query, {"ids": list(ids), "known": known_at})
        return {id_: Life(first, ended) for id_, first, ended in found}

    # Many

    def many(
        self,
        point: Point,
        filters: Filters = Filters(),
        after: tuple[str, UUID] | None = None,
        limit: int = 100,
    ) -> list[R]:
        """Active ones at that point, in the order of the alphabet, beyond (sort_key, id)."""
        conditions, values = self._conditions(filters)
        if after:
            conditions.append(
                SQL("(s.sort_key, s.{}) > (%(key)s, %(after)s::uuid)").format(Identifier(self.id))
            )
            values |= {"key": after[0], "after": after[1]}
        order = SQL(" ORDER BY s.sort_key, s.{} LIMIT %(limit)s").format(Identifier(self.id))
        return self._rows(self._select(*conditions) + order, point, limit=limit, **values)

    def ever(self, known_at: int, filters: Filters = Filters(), limit: int = 100) -> list[R]:
        """Spans of any day, as known at that position: by the alphabet, each life in its order.

        What stands below something (`under`) is a question about one day and is refused.
        """
        assert filters.under is None, "below whom something stands changes with the days"
        conditions, values = self._conditions(filters, _KNOWN)
        order = SQL(" ORDER BY s.sort_key, s.{}, lower(s.valid) LIMIT %(limit)s")
        query = self._select(*conditions) + order.format(Identifier(self.id))
        return self._run(query, {"known": known_at, "limit": limit} | values)

    def count(self, point: Point, filters: Filters = Filters()) -> dict[tuple[str, ...], int]:
        """How many there are, by level and type (kind and status)."""
        conditions, values = self._conditions(filters)
        by = SQL(", ").join(Identifier("s", kind) for kind in self.kinds)
        query = SQL("SELECT {by}, count(*) FROM {spans} s WHERE {where} GROUP BY {by}").format(
            by=by, spans=self._spans, where=SQL(" AND ").join(conditions)
        )
        found = self._tuples(query, _at(point) | values)
        return {tuple(kind): number for *kind, number in found}

    def by_codes(self, codes: Sequence[str], point: Point, scheme: str = "nso") -> list[R]:
        """Those that bear one of these codes at that point; thousands of codes are welcome."""
        if scheme == "nso":  # which has an index of its own, by far the one most asked for
            query = self._select(SQL("s.codes ->> 'nso' = ANY(%(codes)b)"), _AT)
            return self._rows(query, point, codes=list(codes))
        borne = [json.dumps({scheme: code}) for code in codes]
        query = self._select(SQL("s.codes @> ANY(%(borne)s::jsonb[])"), _AT)
        return self._rows(query, point, borne=borne)

    def places(self, point: Point) -> list[Place]:
        """All of that day with their superiors; reads the whole table, at once."""
        columns = SQL("s.{}, s.name, s.superior_id").format(Identifier(self.id))
        query = SQL("SELECT {} FROM {} s WHERE {}").format(columns, self._spans, _AT)
        with self._connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            return [Place(*row) for row in cursor.execute(query, _at(point))]

    # The tree

    def children(self, id_: UUID | None, point: Point) -> list[R]:
        """Those directly under it; None: those under nobody."""
        filters = Filters(roots_only=True) if id_ is None else Filters(superior_id=id_)
        return self.many(point, filters, limit=1_000_000)

    def tree(self, root: UUID, point: Point, depth: int = DEPTH_MAX) -> list[Placed[R]]:
        """It and all below it, depth first; empty when it is not active at that point."""
        values = _at(point) | {"roots": [root], "depth": depth}
        with self._connection.cursor(row_factory=tuple_row) as cursor:
            cursor.execute(self._statement("nodes_below"), values, prepare=True)
            return [Placed(row[0], self.row(*row[1:])) for row in cursor]

    def descendants(self, root: UUID, point: Point) -> list[R]:
        """All below it, depth first."""
        return [placed.row for placed in self.tree(root, point) if placed.depth]

    def ancestors(self, id_: UUID, point: Point) -> list[R]:
        """Those above it, the nearest first."""
        with self._connection.cursor(row_factory=class_row(self.row)) as cursor:
            values = _at(point) | {"id": id_}
            return cursor.execute(self._statement("nodes_above"), values, prepare=True).fetchall()

    def all_above(self, rows: Sequence[R], point: Point) -> dict[UUID, R]:
        """All that stand above these, by id; a statement for each level."""
        found: dict[UUID, R] = {}
        for _ in range(DEPTH_MAX):
            ids = {getattr(row, "superior_id") for row in rows} - found.keys() - {None}  # noqa: B009
            rows = self.named(list(ids), point) if ids else []
            if not rows:
                break
            found |= {getattr(row, self.id): row for row in rows}
        return found

    # How

    def _conditions(
        self, filters: Filters, at: SQL = _AT
    ) -> tuple[list[Composable], dict[str, Any]]:
        """What a list is limited to, as SQL and its values."""
        f, conditions, values = filters, list[Composable]([at]), dict[str, Any]()

        def add(condition: Composable, **given: Any) -> None:
            conditions.append(condition)
            values.update(given)

        for column in ("superior_id", "unit_id", "setting"):
            if getattr(f, column) is not None:
                equal = SQL("s.{} = {}").format(Identifier(column), Placeholder(column))
                add(equal, **{column: getattr(f, column)})
        for column, allowed in (f.kinds or {}).items():
            one = len(allowed) == 1  # then an index gives the order of the alphabet as well
            template: LiteralString = "s.{} = {}" if one else "s.{} = ANY({})"
            among = SQL(template).format(Identifier(column), Placeholder(column))
            add(among, **{column: allowed[0] if one else list(allowed)})
        if f.roots_only:
            add(SQL("s.superior_id IS NULL"))
        if f.under is not None:
            below = self._statement("nodes_ids_below")
            among = SQL("s.{} = ANY(ARRAY({}))").format(Identifier(self.id), below)
            add(among, under=f.under)
        if f.code is not None and f.scheme is not None:
            add(SQL("s.codes @> %(codes)s::jsonb"), codes=json.dumps({f.scheme: f.code}))
        elif f.code is not None:
            add(SQL("s.codes @? %(path)s::jsonpath"), path=f"$.* ? (@ == {json.dumps(f.code)})")
        if f.name is not None:
            add(SQL("s.folded LIKE %(part)s"), part=f"%{folded(f.name)}%")
        return conditions, values

    def _id_is_any(self) -> Composed:
        return SQL("s.{} = ANY(%(ids)b)").format(Identifier(self.id))

    def _select(self, *conditions: Composable) -> Composed:
        return SQL("SELECT {} FROM {} s WHERE {}").format(
            self._columns, self._spans, SQL(" AND ").join(conditions)
        )

    def _statement(self, name: str) -> Composed:
        return statement(name, id=Identifier(self.id), spans=self._spans, columns=self._columns)

    def _rows(self, query: Composed, point: Point, **values: Any) -> list[R]:
        return self._run(query, _at(point) | values)

    def _run(self, query: Composed, values: Mapping[str, Any]) -> list[R]:
        with self._connection.cursor(row_factory=class_row(self.row)) as cursor:
            return cursor.execute(query, values).fetchall()

    def _tuples(self, query: Composed, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        with self._connection.cursor(row_factory=tuple_row) as cursor:
            return cursor.execute(query, values).fetchall()


@cache
def _state(of: type[Nodes[Any]], schema: str) -> bytes:
    composed = statement(
        "node_state",
        columns=_columns(of.row),
        events=Identifier(schema, "events"),
        id=Identifier(of.id),
        spans=Identifier(namespace(schema, of.view), "spans"),
    )
    return composed.as_bytes(None)


def _columns(row: type[Any]) -> Composed:
    names = [field.name for field in fields(row)]
    return SQL(", ").join(_RANGES.get(n, Identifier("s", n)) for n in names)


def _at(point: Point) -> dict[str, Any]:
    return {"day": point.valid_at, "known": point.known_at}
