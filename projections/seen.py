"""What one snapshot sees of the log and of the marks, on the connection that reads the views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from psycopg.sql import SQL, Composed, Identifier

from projections.engine.marks import namespace
from projections.question import KNOWN
from projections.sql import statement


@dataclass(frozen=True, slots=True)
class Seen:
    """How far the log and the views have come, and which log it is; in the order of `basis.sql`."""

    head: int
    epoch: UUID
    now: datetime  # of the database: the clock that stamps events
    positions: list[int | None]  # of the views, in the order asked; None: one without a mark
    versions: list[int | None]
    decided: list[int | None]  # the last decisions about parked streams that they follow; 0: none
    parked: Mapping[str, int] | None  # streams, as text, with the first position held back
    known: int  # up to where one wants to know: as asked for, else what all these views know


COLUMNS = len(Seen.__dataclass_fields__)


@lru_cache
def basis(schema: str, views: tuple[str, ...]) -> bytes:
    """The statement whose row is a Seen; its values are those of `asking`.

    Fails with UndefinedTable when one of the views was never built.
    """
    return _basis(schema, views).as_bytes(None)


@lru_cache
def basis_and_row(schema: str, views: tuple[str, ...], question: bytes) -> bytes:
    """The statement whose rows are a Seen, `true`, and a row that the question finds.

    There is always one: without such a row null takes the place of all that follows the Seen.
    """
    within = question.replace(KNOWN, b"b.known").decode()
    whole = statement(
        "basis_and_row",
        basis=_basis(schema, views),
        question=SQL(within),
    )
    return whole.as_bytes(None)


def asking(known_at: int | datetime | None) -> Mapping[str, Any]:
    """The values of a basis: up to where one wants to know; None: all there is."""
    by_time = isinstance(known_at, datetime)
    return {"known_at": None if by_time else known_at, "time": known_at if by_time else None}


@lru_cache
def settled(schema: str) -> bytes:
    """The statement that tells whether all that was recorded up to %(time)s can be seen.

    To be asked in a transaction before the one that looks: see is_settled() in the log's schema.
    """
    return SQL("SELECT {}.is_settled(%(time)s)").format(Identifier(schema)).as_bytes(None)


def _basis(schema: str, views: Sequence[str]) -> Composed:
    joined = [
        SQL("LEFT JOIN (SELECT * FROM {} LIMIT 1) {} ON true").format(
            Identifier(namespace(schema, view), "mark"), Identifier(view)
        )
        for view in views
    ]
    return statement(
        "basis",
        log=Identifier(schema),
        marks=SQL(" ").join(joined),
        positions=SQL(", ").join(Identifier(view, "position") for view in views),
        versions=SQL(", ").join(Identifier(view, "version") for view in views),
        decided=SQL(", ").join(Identifier(view, "decided") for view in views),
        parked=SQL(" UNION ALL ").join(
            SQL("SELECT stream, position FROM {}").format(
                Identifier(namespace(schema, view), "parked")
            )
            for view in views
        ),
    )
