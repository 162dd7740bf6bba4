"""The log on PostgreSQL: the library's recorder interface, and services.store.Log.

Every append is one call of the function append(), or for many events claim() and COPY in one
transaction; see ops/migrations/0001_log.sql and docs/adr/0002-store.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    DataError,
    Notification,
    OperationalError,
    ProgrammingError,
    StoredEvent,
)
from psycopg import Connection
from psycopg.rows import TupleRow, tuple_row

from ops.migrate import migrate
from ops.store.acknowledgement import ConnectionLost, acknowledged
from ops.store.datastore import Datastore
from ops.store.observer import Observer, Unobserved
from ops.store.reader import LAST_POSITION, Reader
from ops.store.subscription import LogSubscription
from ops.store.wire import PLACEHOLDER, array, array_of_texts, stamp
from services.store import (
    NO_TERMS,
    AlreadyRecorded,
    Appended,
    CommandKey,
    GuardMoved,
    HeadMoved,
    InDoubt,
    KeyMoved,
    Terms,
)

CALL_EVENTS_MAX = 300  # above, COPY is quicker than array parameters
ATTEMPTS = 3
LAST_VERSION = 2**31 - 1


class Recorder(Reader, ApplicationRecorder):
    """The log of one schema. Safe to share between threads."""

    def __init__(self, datastore: Datastore) -> None:
        super().__init__(datastore)
        self.observer: Observer = Unobserved()
        self.channel_name = datastore.schema  # NOTIFY with the last position, once an append

    def create_table(self) -> None:
        """Bring the log's tables up to date. Safe to repeat."""
        migrate(self.datastore.dsn, self.datastore.schema)

    # Appending

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Append; `terms` may go with it. Returns the positions, None for no events.

        Raises what `append` raises; ProgrammingError for `tracking`, which belongs to views.
        """
        if kwargs.get("tracking") is not None:
            raise ProgrammingError("the log keeps no tracking records")
        terms: Terms = kwargs.get("terms", NO_TERMS)
        if not stored_events and terms.command is None:
            return None
        appended = self.append(stored_events, terms)
        return list(range(appended.first, appended.last + 1)) if stored_events else None

    def append(self, stored: Sequence[StoredEvent], terms: Terms = NO_TERMS) -> Appended:
        """See services.store.Log. Repeats by itself when the connection broke."""
        doubt: InDoubt | None = None
        for _ in range(ATTEMPTS):
            try:
                return self._append(stored, terms)
            except ConnectionLost as lost:
                doubt = lost
                self.datastore.pool.check()
            except AlreadyRecorded:
                self._settle()
                raise
            except (HeadMoved, GuardMoved, KeyMoved, OperationalError) as error:
                # After a broken attempt it may be that very attempt that moved them.
                if doubt is not None:
                    raise doubt from error
                raise
        assert doubt is not None
        raise doubt

    def remember(self, command: CommandKey) -> None:
        """See services.store.Log."""
        self.append((), Terms(command=command))

    def _append(self, stored: Sequence[StoredEvent], terms: Terms) -> Appended:
        with self.datastore.get_connection() as connection, acknowledged(connection):
            if len(stored) <= CALL_EVENTS_MAX:
                return self._append_by_call(connection, stored, terms)
            return self._append_by_copy(connection, stored, terms)

    def _append_by_call(
        self, connection: Connection[Any], stored: Sequence[StoredEvent], terms: Terms
    ) -> Appended:
        events = [
            array([e.originator_id for e in stored]),
            array([e.originator_version for e in stored]),
            array_of_texts([e.topic for e in stored]),
            array_of_texts([_text(e) for e in stored]),
        ]
        statement = self._sql(
            "SELECT * FROM {s}.append(%s::uuid[], %s::int[], %s::text[], %s::text[],"
            " %s::uuid[], %s::int[], %s::text[], %s::int[], %s::text[], %s::bigint[], %s, %s)"
        )
        row = self._row(connection, statement, [*events, *_arrays(terms)])
        return _appended(row, len(stored))

    def _append_by_copy(
        self, connection: Connection[Any], stored: Sequence[StoredEvent], terms: Terms
    ) -> Appended:
        streams = array([e.originator_id for e in stored])
        versions = array([e.originator_version for e in stored])
        claim = self._sql(
            "SELECT * FROM {s}.claim(%s::uuid[], %s::int[],"
            " %s::uuid[], %s::int[], %s::text[], %s::int[], %s::text[], %s::bigint[], %s, %s)"
        )
        with connection.transaction():
            row = self._row(connection, claim, [streams, versions, *_arrays(terms)])
            self._copy(connection, stored, *row)
        return _appended(row, len(stored))

    def _copy(
        self, connection: Connection[Any], stored: Sequence[StoredEvent], first: int, at: datetime
    ) -> None:
        into = self._sql(
            "COPY {s}.events (position, stream, version, topic, recorded_at, record)"
            " FROM STDIN (FORMAT BINARY)"
        )
        given = stamp(at)
        with connection.cursor() as cursor, cursor.copy(into) as copy:
            # The record is sent as bytea: the same bytes on the wire, and no decoding here.
            copy.set_types(["int8", "uuid", "int4", "text", "timestamptz", "bytea"])
            for position, e in enumerate(stored, first):
                record = e.state.replace(PLACEHOLDER, given)
                row = (position, e.originator_id, e.originator_version, e.topic, at, record)
                copy.write_row(row)

    def _row(
        self, connection: Connection[Any], statement: bytes, parameters: Sequence[Any]
    ) -> TupleRow:
        cursor = connection.cursor(row_factory=tuple_row, binary=True)
        row = cursor.execute(statement, parameters, prepare=True).fetchone()
        assert row is not None
        return row

    # Reading, as the library asks for it

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """One stream's events, by version."""
        statement: LiteralString = (
            "SELECT stream, version, topic, record FROM {s}.events"
            " WHERE stream = %s AND version > %s AND version <= %s"
            " ORDER BY version"
        )
        statement += " DESC LIMIT %s" if desc else " LIMIT %s"
        above = -LAST_VERSION if gt is None else gt
        rows = self._rows(
            statement, [originator_id, above, LAST_VERSION if lte is None else lte, limit]
        )
        return [StoredEvent(id_, version, topic, r.encode()) for id_, version, topic, r in rows]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Events by position; see the library's ApplicationRecorder."""
        after = 0 if start is None else start - inclusive_of_start
        up_to = LAST_POSITION if stop is None else stop
        if not topics:
            return [
                Notification(stream, version, topic, record.encode(), position)
                for position, stream, version, topic, record, _ in self._feed(after, limit, up_to)
            ]
        rows = self._rows(
            "SELECT stream, version, topic, record, position FROM {s}.events"
            " WHERE position > %s AND position <= %s AND topic = ANY(%s)"
            " ORDER BY position LIMIT %s",
            [after, up_to, list(topics), limit],
        )
        return [
            Notification(stream, version, topic, record.encode(), position)
            for stream, version, topic, record, position in rows
        ]

    def max_notification_id(self) -> int | None:
        """The last position; None when nothing was recorded yet."""
        return self.position() or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> LogSubscription:
        """Events after a position, those to come included."""
        return LogSubscription(self, self.datastore.dsn, self.channel_name, gt, topics)


def _appended(claimed: TupleRow, size: int) -> Appended:
    first, at = claimed
    return Appended(first, first + size - 1, at) if size else Appended(0, 0, at)


def _arrays(terms: Terms) -> list[Any]:
    command = terms.command
    return [
        array(terms.guards.keys()),
        array(terms.guards.values()),
        array_of_texts([key for _, key in terms.keys]),
        array([index for index, _ in terms.keys]),
        array_of_texts(terms.conditions.keys()),
        array(terms.conditions.values()),
        command and command.key,
        command and command.fingerprint,
    ]


def _text(stored: StoredEvent) -> str:
    try:
        return stored.state.decode()
    except UnicodeDecodeError as error:
        raise DataError(f"the record of {stored.topic} is not UTF-8") from error
