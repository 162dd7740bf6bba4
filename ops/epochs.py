"""The epochs of a log: which history its positions belong to."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier


def begin_epoch(dsn: str, schema: str, reason: str) -> None:
    """Begin another epoch where the log stands, for good. For the owner of the log."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        call = SQL("SELECT {}.begin_epoch(%s)").format(Identifier(schema))
        connection.execute(call, [reason])


def epochs(dsn: str, schema: str) -> list[dict[str, Any]]:
    """All of them, the first one first; the last one is that of the log."""
    with psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as connection:
        query = SQL("SELECT * FROM {} ORDER BY number").format(Identifier(schema, "epochs"))
        return connection.execute(query).fetchall()
