"""The library's connection pool, opened by a connection string, with sessions in UTC."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from eventsourcing.postgres import PostgresDatastore
from psycopg import Connection
from psycopg.rows import dict_row

from ops.store.line import PATIENCE_S, Line
from ops.store.writer import Writer

DEADLINE_S = 30.0  # for an append
ATTEMPTS = 3  # at an append, when connections break; each has its share of the deadline


class Datastore(PostgresDatastore):
    """A pool of connections in autocommit mode, to read by, and the writer of the log.

    `schema` holds the log.
    """

    def __init__(
        self,
        dsn: str,
        schema: str,
        *,
        pool_size: int = 5,
        max_overflow: int = 10,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        """`deadline_s`: by then whoever appends has an answer, whatever the server does."""
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
        self.deadline_s = deadline_s
        self.writer = Writer(Line(dsn, deadline_s / ATTEMPTS), self.schema)

    def close(self) -> None:
        """Close all connections."""
        with suppress(AttributeError):  # when making it failed
            self.writer.close()
        super().close()

    def __exit__(self, *args: object) -> None:
        self.close()

    def after_connect_func(self) -> Callable[[Connection[Any]], None]:
        """Prepare a new session. Refers to nothing of this object, which could not be freed."""
        prepare_as_the_library = super().after_connect_func()

        def prepare(connection: Connection[Any]) -> None:
            prepare_as_the_library(connection)
            connection.execute("SET TIME ZONE 'UTC'")

        return prepare
