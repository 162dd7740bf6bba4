"""Rows said in SQL: a view may bring a statement that lays out a whole range in the database.

It must say what the view's layout says, and a property test holds one against the other. It is used
where all views that are laid out together have one (else the log is read for the others anyway),
and where all events are such as it was written for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
from psycopg import Connection
from psycopg.rows import scalar_row, tuple_row
from psycopg.sql import SQL, Identifier

from domain.catalogue import EVENTS
from projections.engine.digest import Digest
from projections.engine.rows import REFUSED
from projections.sql import statement

if TYPE_CHECKING:
    from projections.engine.rows import Target
    from projections.rebuilding.ranges import Range

_FROM_ON: LiteralString = "e.stream >= %(first)s"
_BETWEEN: LiteralString = "e.stream >= %(first)s AND e.stream < %(after)s"


@dataclass(frozen=True)
class InSql:
    """A SELECT of the view's columns, in their order, from `told`: see sql/in_sql.sql."""

    rows: str  # name of its file in the view's package
    schemas: Mapping[str, Sequence[int]]  # topics whose payload it reads, in the versions it knows


def laid_out(
    connection: Connection[Any],
    schema: str,
    targets: Sequence[Target],
    within: Range,
    goal: int,
) -> Digest | None:
    """Lay out a range of the log in that schema; None: nothing was, Python must do it.

    Returns what was seen. Within a transaction.
    """
    if not all(target.view.in_sql for target in targets) or not _is_there(connection, schema):
        return None
    seen: Digest | None = None
    try:
        with connection.transaction():
            for target in targets:
                seen = _added(connection, schema, target, within, goal)
                if seen is None:
                    raise psycopg.Rollback  # of this block alone, which ends it
    except REFUSED:
        return None  # one by one it is told which stream it was
    return seen


def _is_there(connection: Connection[Any], schema: str) -> bool:
    with connection.cursor(row_factory=scalar_row) as cursor:
        found = cursor.execute("SELECT to_regclass(%s)", [f'"{schema}".events']).fetchall()
    return found != [None]


def _added(
    connection: Connection[Any], schema: str, target: Target, within: Range, goal: int
) -> Digest | None:
    """What was seen while the rows of one view were added; None: not every event is as known."""
    view = target.view
    assert view.in_sql is not None
    schemas = view.in_sql.schemas
    query = statement(
        "in_sql",
        events=Identifier(schema, "events"),
        within=SQL(_FROM_ON if within.after is None else _BETWEEN),
        table=Identifier(target.home, view.table),
        columns=SQL(", ").join(map(Identifier, view.columns)),
        rows=statement(view.in_sql.rows, view.package),
    )
    values = {
        "first": within.first,
        "after": within.after,
        "goal": goal,
        "known": list(EVENTS),
        "read": list(schemas),
        "schemas": json.dumps(dict(schemas)),
    }
    with connection.cursor(row_factory=tuple_row) as cursor:
        events, high, low, as_known = cursor.execute(query, values).fetchall()[0]
    return Digest.of_halves(events, high, low) if as_known else None
