"""The limit: PostgreSQL with nothing but psycopg, and nothing promised beyond a row's commit.

Prepared statements, COPY of rows that were encoded before, INSERT .. SELECT over jsonb.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, LiteralString

import orjson
import psycopg
from psycopg import Connection
from psycopg.types.json import Jsonb

from ops.bench import material
from ops.bench.contestants.base import Contestant, Key
from ops.bench.current import RAW_REBUILD, TABLE
from ops.bench.place import Place
from ops.bench.timing import Pace, paced

_TABLES: LiteralString = """
    CREATE TABLE events (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        stream   uuid   NOT NULL,
        version  int    NOT NULL,
        topic    text   NOT NULL,
        data     jsonb  NOT NULL,
        UNIQUE (stream, version)
    )
"""
_INSERT = "INSERT INTO events (stream, version, topic, data) VALUES (%b, %b, %b, %b)"
_COPY = "COPY events (stream, version, topic, data) FROM STDIN (FORMAT BINARY)"
_TYPES = ["uuid", "int4", "text", "jsonb"]

_Values = tuple[Any, int, str, Jsonb]


class Raw(Contestant):
    name = "raw"

    def __init__(self, place: Place, clients: int = 1) -> None:
        super().__init__(place, clients)
        self._connections: list[Connection[Any]] = []

    def prepare(self) -> None:
        self._connection().execute(_TABLES)

    def close(self) -> None:
        for connection in self._connections:
            connection.close()

    def stored_bytes(self) -> int:
        return len(material.record(0, 2))

    def appender(self, client: int) -> Callable[[], Key]:
        cursor, walk = self._connection().cursor(binary=True), material.Walk(client)

        def append() -> Key:
            stream, version = walk.next()
            cursor.execute(_INSERT, values(stream, version), prepare=True)
            return str(material.stream_id(stream)), version

        return append

    def announcer(self, client: int) -> Callable[[], Key]:
        connection, walk = self._connection(), material.Walk(client)

        def append() -> Key:
            stream, version = walk.next()
            with connection.pipeline(), connection.transaction():
                connection.execute(_INSERT, values(stream, version), prepare=True)
                connection.execute("NOTIFY events")
            return str(material.stream_id(stream)), version

        return append

    def merger(self, streams: range, events: int) -> Callable[[], None]:
        connection, versions = self._connection(), dict.fromkeys(streams, 0)

        def merge() -> None:
            rows = []
            for number in range(events):
                stream = streams[number % len(streams)]
                versions[stream] += 1
                rows.append(values(stream, versions[stream]))
            _copy(connection, rows)

        return merge

    def loader(self, streams: range) -> Callable[[], int]:
        connection = self._connection()
        rows = [values(*event) for event in material.bulk(streams)]
        return lambda: _copy(connection, rows)

    def history(self, events: int) -> Callable[[], object]:
        connection = self._connection()
        _copy(connection, [values(0, version) for version in range(1, events + 1)])
        connection.execute("ANALYZE events")
        query = "SELECT data::text FROM events WHERE stream = %b ORDER BY version"
        cursor = connection.cursor(binary=True)

        def load() -> object:
            state: dict[str, Any] = {}
            for (record,) in cursor.execute(query, [material.stream_id(0)], prepare=True):
                state |= orjson.loads(record)["data"]
            return state

        return load

    def scan(self) -> int:
        events = 0
        query = "COPY (SELECT data FROM events ORDER BY position) TO STDOUT"
        with self._connection().cursor() as cursor, cursor.copy(query) as copy:
            for line in copy:
                orjson.loads(bytes(line).replace(b"\\\\", b"\\"))
                events += 1
        return events

    def projecting(self) -> Mapping[str, Callable[[float], Pace]]:
        connection = self._connection()
        connection.execute(
            "CREATE TABLE events_text AS SELECT position, stream, version, data::text FROM events"
        )
        connection.execute("ALTER TABLE events_text ADD UNIQUE (stream, version)")
        connection.execute("VACUUM ANALYZE events, events_text")

        def build(table: LiteralString, cast: LiteralString) -> int:
            connection.execute("DROP TABLE IF EXISTS current_state")
            with connection.transaction():
                connection.execute(TABLE)
                connection.execute(RAW_REBUILD.format(table=table, cast=cast))
            return _one(connection, "SELECT count(*) FROM events")

        return {
            "F text": lambda limit_s: paced(lambda: build("events_text", "::jsonb")),
            "F": lambda limit_s: paced(lambda: build("events", "")),
        }

    @contextmanager
    def deliveries(self) -> Iterator[Iterator[Key]]:
        reader = self._connection()
        reader.execute("LISTEN events")
        ended = False

        def news() -> Iterator[Key]:
            query = "SELECT position, stream, version FROM events WHERE position > %s ORDER BY 1"
            last = 0
            while not ended:
                for _ in reader.notifies(timeout=0.2, stop_after=1):
                    pass
                for position, stream, version in reader.execute(query, [last], prepare=True):
                    last = position
                    yield str(stream), version

        try:
            yield news()
        finally:
            ended = True

    def _connection(self) -> Connection[Any]:
        connection = psycopg.connect(self.place.dsn, autocommit=True)
        self._connections.append(connection)
        return connection


def values(stream: int, version: int) -> _Values:
    record = Jsonb(material.record(stream, version), dumps=_as_it_is)
    return material.stream_id(stream), version, material.topic(version), record


def _as_it_is(record: bytes) -> bytes:
    return record


def _copy(connection: Connection[Any], rows: list[_Values]) -> int:
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.set_types(_TYPES)
        for row in rows:
            copy.write_row(row)
    return len(rows)


def _one(connection: Connection[Any], query: LiteralString) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])
