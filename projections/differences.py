"""Which nodes look different at two points in both times."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from psycopg import Connection
from psycopg.rows import scalar_row
from psycopg.sql import SQL, Identifier

from projections.engine.marks import namespace
from projections.organisations import ORGANISATIONS
from projections.point import Point
from projections.sql import statement
from projections.units import UNITS

_VIEWS = {"units": UNITS, "organisations": ORGANISATIONS}
_CATEGORIES = {"units": "unit", "organisations": "organisation"}
_BEFORE_ALL = UUID(int=0)


def changed(
    connection: Connection[Any],
    schema: str,
    view: Literal["units", "organisations"],
    a: Point,
    b: Point,
    after: UUID | None = None,
    limit: int = 1000,
) -> list[UUID]:
    """Ids that are there at one point only, in another state, or with other descent.

    Ascending, beyond `after`.
    """
    laid_out = _VIEWS[view]
    compared = [Identifier("s", c) for c in laid_out.columns if c not in ("valid", "known")]
    query = statement(
        "differences",
        id=Identifier(laid_out.stream),
        spans=Identifier(namespace(schema, view), "spans"),
        edges=Identifier(namespace(schema, "lineage"), "edges"),
        state=SQL('ROW({})::text COLLATE "C"').format(SQL(", ").join(compared)),
    )
    values = {
        "valid_a": a.valid_at,
        "known_a": a.known_at,
        "valid_b": b.valid_at,
        "known_b": b.known_at,
        "category": _CATEGORIES[view],
        "after": after or _BEFORE_ALL,
        "limit": limit,
    }
    with connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(query, values).fetchall()
