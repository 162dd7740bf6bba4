"""Which nodes look different at two points in both times."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from psycopg import Connection
from psycopg.rows import scalar_row
from psycopg.sql import SQL, Identifier

from projections.marks import namespace
from projections.organisations import ORGANISATIONS
from projections.point import Point
from projections.units import UNITS

_CHANGED = """
SELECT coalesce(a.{id}, b.{id}) AS id
FROM (SELECT s.* FROM {view}.spans s WHERE s.valid @> %(valid_a)s::date
      AND s.known @> %(known_a)s::bigint AND s.{id} > %(after)s::uuid) a
FULL JOIN
     (SELECT s.* FROM {view}.spans s WHERE s.valid @> %(valid_b)s::date
      AND s.known @> %(known_b)s::bigint AND s.{id} > %(after)s::uuid) b ON a.{id} = b.{id}
WHERE ({columns_a}) IS DISTINCT FROM ({columns_b})
UNION
SELECT e.giver FROM {lineage}.edges e
WHERE e.category = %(category)s AND e.giver > %(after)s::uuid
  AND (e.on_day <= %(valid_a)s::date AND e.known @> %(known_a)s::bigint)
      <> (e.on_day <= %(valid_b)s::date AND e.known @> %(known_b)s::bigint)
ORDER BY 1
LIMIT %(limit)s
"""
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
    compared = [column for column in laid_out.columns if column not in ("valid", "known")]
    statement = SQL(_CHANGED).format(
        id=Identifier(laid_out.stream),
        view=Identifier(namespace(schema, view)),
        lineage=Identifier(namespace(schema, "lineage")),
        columns_a=SQL(", ").join(Identifier("a", column) for column in compared),
        columns_b=SQL(", ").join(Identifier("b", column) for column in compared),
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
        return cursor.execute(statement, values).fetchall()
