"""The library's connection pool, opened by a connection string, with sessions in UTC."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eventsourcing.postgres import PostgresDatastore
from psycopg import Connection
from psycopg.rows import dict_row

PATIENCE_S = 3.0  # for a connection


class Datastore(PostgresDatastore):
    """A pool of connections in autocommit mode; `schema` holds the log."""

    def __init__(self, dsn: str, schema: str, *, pool_size: int = 5, max_overflow: int = 10):
        super().__init__(
            *("", "", "", "", ""),
            schema=schema,
            pool_size=pool_size,
            max_overflow=max_overflow,
            connect_timeout=PATIENCE_S,
        )
        self.dsn = dsn
        # The string as it is: taken apart for the library it would lose several hosts, TLS, ...
        self.pool.conninfo = dsn
        self.pool.kwargs = {"row_factory": dict_row}

    def after_connect_func(self) -> Callable[[Connection[Any]], None]:
        """Prepare a new session. Refers to nothing of this object, which could not be freed."""
        prepare_as_the_library = super().after_connect_func()

        def prepare(connection: Connection[Any]) -> None:
            prepare_as_the_library(connection)
            connection.execute("SET TIME ZONE 'UTC'")

        return prepare
