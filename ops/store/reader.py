"""Reading the log, as services.store.Log asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial, wraps
from itertools import islice
from time import monotonic, sleep
from typing import Any, LiteralString, ParamSpec, TypeVar
from uuid import UUID

from eventsourcing.persistence import InterfaceError, OperationalError
from eventsourcing.postgres import PostgresRecorder
from psycopg import Cursor
from psycopg.rows import TupleRow, tuple_row
from psycopg.sql import SQL, Identifier

from domain.errors import TryAgain
from ops.store.datastore import Datastore
from ops.store.line import PATIENCE_S, PAUSE_S
from ops.store.wire import RECORDED, recorded
from services.store import Recorded

STREAMS_A_PORTION = 1_000
EVENTS_AT_ONCE = 128  # of histories, by a prepared statement: most are not longer
EVENTS_A_PORTION = 50_000  # of a statement; a limit lets the planner take the index that is sorted
EVENTS_A_CHUNK = 50  # that the server hands over while it reads on
LAST_POSITION = 2**63 - 1
BEFORE_ALL_VERSIONS = -1

Asked = tuple[LiteralString, list[Any]]
Ask = Callable[[TupleRow | None], Asked]
"""(last row, of RECORDED; None: from the beginning) -> a statement with its parameters."""

_HISTORIES: LiteralString = (
    f"SELECT {RECORDED} FROM {{s}}.events"  # noqa: S608 -- a constant of ours
    " WHERE stream = ANY(%s) AND (stream, version) > (%s, %s) AND position <= %s"
    " ORDER BY stream, version LIMIT %s"
)
_SWEEP: LiteralString = (
    f"SELECT {RECORDED} FROM {{s}}.events"  # noqa: S608 -- a constant of ours
    " WHERE (stream, version) > (%s, %s) AND position <= %s AND (%s::uuid IS NULL OR stream < %s)"
    " ORDER BY stream, version LIMIT %s"
)
_SCAN: LiteralString = (
    f"SELECT {RECORDED} FROM {{s}}.events"  # noqa: S608 -- a constant of ours
    " WHERE position > %s AND position <= %s ORDER BY position LIMIT %s"
)

P = ParamSpec("P")
T = TypeVar("T")


def patient(read: Callable[P, T]) -> Callable[P, T]:
    """Let a reading repeat itself on another connection, for PATIENCE_S in all.

    Waiting for a connection takes as long at most: who asks a database that is gone knows it soon.
    """

    @wraps(read)
    def again(*args: P.args, **kwargs: P.kwargs) -> T:
        deadline = monotonic() + PATIENCE_S
        while True:
            try:
                return read(*args, **kwargs)
            except (InterfaceError, OperationalError):
                if monotonic() + PAUSE_S > deadline:
                    raise
                sleep(PAUSE_S)

    return again


def _histories(streams: list[UUID], up_to: int, last: TupleRow | None) -> Asked:
    assert last is not None
    _, stream, version, *_ = last
    return _HISTORIES, [streams, stream, version, up_to, EVENTS_A_PORTION]


def _sweep(first: UUID, after: UUID | None, up_to: int, last: TupleRow | None) -> Asked:
    """What follows a version of a stream; the unique key on both gives it in this order."""
    stream, version = (last[1], last[2]) if last else (first, BEFORE_ALL_VERSIONS)
    return _SWEEP, [stream, version, up_to, after, after, EVENTS_A_PORTION]


def _scan(after: int, up_to: int, last: TupleRow | None) -> Asked:
    return _SCAN, [last[0] if last else after, up_to, EVENTS_A_PORTION]


class Reader(PostgresRecorder):
    """The log of one schema, to read. Safe to share between threads."""

    datastore: Datastore

    def __init__(self, datastore: Datastore) -> None:
        super().__init__(datastore)
        self._statements: dict[str, bytes] = {}

    def histories(self, streams: Sequence[UUID], up_to: int | None = None) -> Iterator[Recorded]:
        """See services.store.Log."""
        remaining = iter(sorted(set(streams)))
        end = LAST_POSITION if up_to is None else up_to
        while portion := list(islice(remaining, STREAMS_A_PORTION)):
            if len(portion) > EVENTS_AT_ONCE:  # there are more events than streams
                first = (0, portion[0], BEFORE_ALL_VERSIONS)
                yield from self._going_on(partial(_histories, portion, end), first)
                continue
            begun = [portion, portion[0], BEFORE_ALL_VERSIONS, end, EVENTS_AT_ONCE]
            rows = self._rows(_HISTORIES, begun)
            yield from map(recorded, rows)
            if len(rows) == EVENTS_AT_ONCE:
                yield from self._going_on(partial(_histories, portion, end), rows[-1])

    def sweep(self, first: UUID, after: UUID | None, up_to: int) -> Iterator[Recorded]:
        """See services.store.Log."""
        return self._going_on(partial(_sweep, first, after, up_to))

    def scan(self, after: int, up_to: int) -> Iterator[Recorded]:
        """See services.store.Log."""
        return self._going_on(partial(_scan, after, up_to))

    def _going_on(self, ask: Ask, last: TupleRow | None = None) -> Iterator[Recorded]:
        """What `ask` finds beyond a row, and beyond the last of that, until there is no more.

        It comes while the server reads on. When a connection breaks, another one goes on, if it is
        there within PATIENCE_S.
        """
        came, deadline = EVENTS_A_PORTION, 0.0
        while came == EVENTS_A_PORTION:
            came = 0
            try:
                for row in self._streamed(*ask(last)):
                    last = row
                    came += 1
                    yield recorded(row)
            except (InterfaceError, OperationalError):
                if came or not deadline:
                    deadline = monotonic() + PATIENCE_S
                if monotonic() + PAUSE_S > deadline:
                    raise
                sleep(PAUSE_S)
                came = EVENTS_A_PORTION  # there may be more

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
        deadline = monotonic() + PATIENCE_S
        while self._rows("SELECT {s}.is_settled(%s)", [time]) != [(True,)]:
            if monotonic() + PAUSE_S > deadline:
                raise TryAgain("Somebody is recording what may be given that time")
            sleep(PAUSE_S)
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

    def _streamed(self, statement: LiteralString, parameters: list[Any]) -> Iterator[TupleRow]:
        """Rows in chunks, while the server is at the next ones."""
        with self.datastore.get_connection() as connection:
            cursor: Cursor[TupleRow] = connection.cursor(row_factory=tuple_row)
            sql = self._sql(statement)
            yield from cursor.stream(sql, parameters, binary=True, size=EVENTS_A_CHUNK)

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
