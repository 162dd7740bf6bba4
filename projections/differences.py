"""Which nodes look different at two points in both times."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from psycopg import Connection
from psycopg.sql import SQL, Identifier

from projections.point import Point

_CHANGED = """
SELECT coalesce(a.id, b.id) AS id
FROM (SELECT s.{id} AS id, to_jsonb(s) - %(ranges)s::text[] AS state FROM {view}.spans s
      WHERE s.valid @> %(valid_a)s::date AND s.known @> %(known_a)s::bigint) a
FULL JOIN
     (SELECT s.{id} AS id, to_jsonb(s) - %(ranges)s::text[] AS state FROM {view}.spans s
      WHERE s.valid @> %(valid_b)s::date AND s.known @> %(known_b)s::bigint) b ON a.id = b.id
WHERE a.state IS DISTINCT FROM b.state
  AND (%(after)s::uuid IS NULL OR coalesce(a.id, b.id) > %(after)s)
ORDER BY coalesce(a.id, b.id)
LIMIT %(limit)s
"""
_IDS = {"units": "unit_id", "organisations": "organisation_id"}


def changed(
    connection: Connection[Any],
    schema: str,
    view: Literal["units", "organisations"],
    a: Point,
    b: Point,
    after: UUID | None = None,
    limit: int = 1000,
) -> list[UUID]:
    """Ids that are there at one point only, or with another state, ascending, beyond `after`."""
    statement = SQL(_CHANGED).format(id=Identifier(_IDS[view]), view=Identifier(f"{schema}_{view}"))
    values = {
        "ranges": ["valid", "known"],
        "valid_a": a.valid_at,
        "known_a": a.known_at,
        "valid_b": b.valid_at,
        "known_b": b.known_at,
        "after": after,
        "limit": limit,
    }
    return [row["id"] for row in connection.execute(statement, values)]
