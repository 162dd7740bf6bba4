"""Stored events for the tests of the store, and a log on a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from ops.store import Recorder
from ops.store.datastore import Datastore

RECORD = '{"name":"Đảng bộ xã Bình Yên","recorded_at":"0000-00-00T00:00:00.000000Z"}'.encode()

_numbers = count(1)


def new_stream() -> UUID:
    return UUID(int=next(_numbers))


def event(stream: UUID, version: int = 1, record: bytes = RECORD) -> StoredEvent:
    return StoredEvent(stream, version, "organisation.renamed", record)


def life(stream: UUID, first: int, last: int, record: bytes = RECORD) -> list[StoredEvent]:
    return [event(stream, version, record) for version in range(first, last + 1)]


@contextmanager
def opened(dsn: str, schema: str, **terms: Any) -> Iterator[Recorder]:
    with Datastore(dsn, schema, **terms) as datastore:
        recorder = Recorder(datastore)
        recorder.create_table()
        yield recorder
