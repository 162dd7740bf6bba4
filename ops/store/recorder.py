"""The log on PostgreSQL: the library's recorder interface, and services.store.Log.

What several callers append at once is recorded in one transaction, by one call of a function; many
events by claim() and COPY. See ops/migrations/0001_log.sql and docs/adr/0002-store.md.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, LiteralString, TypeVar
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    Notification,
    OperationalError,
    PersistenceError,
    ProgrammingError,
    StoredEvent,
)

from ops.migrate import migrate
from ops.store.conflicts import Busy
from ops.store.datastore import ATTEMPTS, Datastore
from ops.store.line import ConnectionLost
from ops.store.observer import Observer
from ops.store.reader import LAST_POSITION, Reader
from ops.store.request import CALL_EVENTS_MAX, Append, BulkAppend, Request, Settlement
from ops.store.subscription import LogSubscription
from services.store import (
    NO_TERMS,
    AlreadyRecorded,
    Appended,
    CommandKey,
    GuardMoved,
    HeadMoved,
    InDoubt,
    KeyMoved,
    KeyReused,
    Terms,
)

BULK_EVENTS_PER_S = 5_000  # whoever appends many events waits so much longer
LAST_VERSION = 2**31 - 1

T = TypeVar("T")


class Recorder(Reader, ApplicationRecorder):
    """The log of one schema. Safe to share between threads."""

    def __init__(self, datastore: Datastore) -> None:
        super().__init__(datastore)
        self.channel_name = datastore.schema  # NOTIFY with the last position, once an append

    @property
    def observer(self) -> Observer:
        """Who is told of what is recorded by this process."""
        return self.datastore.writer.observer

    @observer.setter
    def observer(self, observer: Observer) -> None:
        self.datastore.writer.observer = observer

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
        """See services.store.Log. Repeats by itself when a connection broke or the log was busy."""
        laid_out = Append if len(stored) <= CALL_EVENTS_MAX else BulkAppend
        request: Request[Appended] = laid_out(stored, terms)
        try:
            return self._write(request)
        except InDoubt:
            self.observer.in_doubt()
            raise
        except IntegrityError as refused:
            self.observer.refused(type(refused).__name__)
            raise

    def remember(self, command: CommandKey) -> None:
        """See services.store.Log."""
        self.append((), Terms(command=command))

    def outcome(self, command: CommandKey) -> Appended | None:
        """See services.store.Log."""
        found = self._rows(
            "SELECT fingerprint, coalesce(first_position, 0), coalesce(last_position, 0),"
            " recorded_at FROM {s}.commands WHERE idempotency_key = %s",
            [command.key],
        )
        if not found:
            return None
        fingerprint, *appended = found[0]
        if fingerprint != command.fingerprint:
            raise KeyReused(command.key)
        self._write(Settlement())
        return Appended(*appended)

    def _write(self, request: Request[T]) -> T:
        until = time.monotonic() + self.datastore.deadline_s + request.size / BULK_EVENTS_PER_S
        trouble: PersistenceError | None = None
        doubt: InDoubt | None = None
        for attempt in range(ATTEMPTS):
            if attempt and time.monotonic() > until:
                break
            try:
                return self.datastore.writer.write(request, until)
            except Busy as busy:
                trouble = busy
            except ConnectionLost as lost:
                trouble = doubt = lost
                request.alone = True
            except AlreadyRecorded:
                self._write(Settlement())
                raise
            except (HeadMoved, GuardMoved, KeyMoved, OperationalError) as error:
                # After a broken attempt it may be that very attempt that moved them.
                if doubt is not None:
                    raise doubt from error
                raise
        assert trouble is not None
        raise doubt or trouble

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
                Notification(stream, version, topic, record, position)
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
