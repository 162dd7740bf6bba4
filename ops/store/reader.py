"""Reading the log, as services.store.Log asks for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import wraps
from itertools import islice
from typing import Any, LiteralString, ParamSpec, TypeVar
from uuid import UUID

from eventsourcing.persistence import InterfaceError, OperationalError
from eventsourcing.postgres import PostgresRecorder
from psycopg import Cursor
from psycopg.rows import TupleRow, tuple_row
from psycopg.sql import SQL, Identifier

from ops.store.datastore import Datastore
from ops.store.line import PATIENCE_S, PAUSE_S
from ops.store.wire import RECORDED, recorded
from services.store import Recorded

STREAMS_A_PORTION = 1_000
EVENTS_A_PORTION = 500  # more are slower: the garbage collector then looks through them
LAST_POSITION = 2**63 - 1
BEFORE_ALL_VERSIONS = -1

P = ParamSpec("P")
T = TypeVar("T")


def patient(read: Callable[P, T]) -> Callable[P, T]:
    """Let a reading repeat itself on another connection, for PATIENCE_S in all.

    Waiting for a connection takes as long at most: who asks a database that is gone knows it soon.
    """

    @wraps(read)
    def again(*args: P.args, **kwargs: P.kwargs) -> T:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return read(*args, **kwargs)
            except (InterfaceError, OperationalError):
                if time.monotonic() + PAUSE_S > deadline:
                    raise
                time.sleep(PAUSE_S)

    return again


class Reader(PostgresRecorder):
    """The log of one schema, to read. Safe to share between threads."""

    datastore: Datastore

    def __init__(self, datastore: Datastore) -> None:
        super().__init__(datastore)
        self._statements: dict[str, bytes] = {}

    def histories(self, streams: Sequence[UUID], up_to: int | None = None) -> Iterator[Recorded]:
        """See services.store.Log."""
        remaining = iter(sorted(set(streams)))
        while portion := list(islice(remaining, STREAMS_A_PORTION)):
            rows = self._rows(
                f"SELECT {RECORDED} FROM {{s}}.events"  # noqa: S608 -- a constant of ours
                " WHERE stream = ANY(%s) AND position <= %s ORDER BY stream, version",
                [portion, LAST_POSITION if up_to is None else up_to],
            )
            yield from map(recorded, rows)

    def sweep(self, first: UUID, after: UUID | None, up_to: int) -> Iterator[Recorded]:
        """See services.store.Log."""
        stream, version = first, BEFORE_ALL_VERSIONS
        while rows := self._portion(stream, version, after, up_to):
            yield from map(recorded, rows)
            _, stream, version, *_ = rows[-1]

    def _portion(
        self, stream: UUID, version: int, after: UUID | None, up_to: int
    ) -> list[TupleRow]:
        """What follows a version of a stream; the unique key on both gives it in this order."""
        end: LiteralString = "" if after is None else " AND stream < %s"
        return self._rows(
            f"SELECT {RECORDED} FROM {{s}}.events"  # noqa: S608 -- constants of ours
            f" WHERE (stream, version) > (%s, %s) AND position <= %s{end}"
            " ORDER BY stream, version LIMIT %s",
            [stream, version, up_to, *([] if after is None else [after]), EVENTS_A_PORTION],
        )

    def borders(self, size: int) -> list[UUID]:
        """See services.store.Log."""
        rows = self._rows(
            "SELECT stream FROM ("
            " SELECT stream, row_number() OVER (ORDER BY stream) - 1 AS before FROM {s}.heads"
            ") AS counted WHERE before > 0 AND before %% %s = 0 ORDER BY stream",
            [size],
        )
        return [stream for (stream,) in rows]

    def feed(self, after: int, limit: int, up_to: int | None = None) -> list[Recorded]:
        """See services.store.Log."""
        rows = self._feed(after, limit, LAST_POSITION if up_to is None else up_to)
        return [recorded(row) for row in rows]

    def keyed(
        self, keys: Sequence[str], up_to: int | None = None
    ) -> dict[str, tuple[int, list[UUID]]]:
        """See services.store.Log."""
        rows = self._rows(
            "SELECT key, max(position), array_agg(DISTINCT stream) FROM {s}.event_keys"
            " WHERE key = ANY(%s) AND position <= %s GROUP BY key",
            [list(keys), LAST_POSITION if up_to is None else up_to],
        )
        return {key: (position, streams) for key, position, streams in rows}

    def heads(self, streams: Sequence[UUID]) -> dict[UUID, int]:
        """See services.store.Log."""
        statement: LiteralString = "SELECT stream, version FROM {s}.heads WHERE stream = ANY(%s)"
        return dict(self._rows(statement, [list(streams)]))

    def position(self) -> int:
        """See services.store.Log."""
        return int(self._rows("SELECT position FROM {s}.log")[0][0])

    def epoch(self) -> UUID:
        """See services.store.Log."""
        return UUID(str(self._rows("SELECT epoch FROM {s}.log")[0][0]))

    def position_at(self, time: datetime) -> int:
        """See services.store.Log."""
        if time.tzinfo is None:
            raise ValueError(f"{time} has no time zone")
        return int(self._rows("SELECT {s}.position_at(%s)", [time])[0][0])

    def recorded_at(self, position: int) -> datetime | None:
        """See services.store.Log."""
        rows = self._rows("SELECT recorded_at FROM {s}.events WHERE position = %s", [position])
        return rows[0][0] if rows else None

    def _feed(self, after: int, limit: int, up_to: int) -> list[TupleRow]:
        """Positions have no gaps: a limit is a range, which no plan can turn into a long sort."""
        return self._rows(
            f"SELECT {RECORDED} FROM {{s}}.events"  # noqa: S608 -- a constant of ours
            " WHERE position > %s AND position <= %s ORDER BY position",
            [after, min(after + limit, up_to)],
        )

    # Talking to the database

    @patient
    def _rows(self, statement: LiteralString, parameters: Iterable[Any] = ()) -> list[TupleRow]:
        with self.datastore.get_connection() as connection:
            cursor: Cursor[TupleRow] = connection.cursor(row_factory=tuple_row, binary=True)
            return cursor.execute(self._sql(statement), list(parameters), prepare=True).fetchall()

    def _sql(self, statement: LiteralString) -> bytes:
        """The statement with {s} replaced by our schema: so no search_path matters."""
        known = self._statements.get(statement)
        if known is None:
            composed = SQL(statement).format(s=Identifier(self.datastore.schema))
            known = self._statements[statement] = composed.as_bytes(None)
        return known
