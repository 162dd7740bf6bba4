"""What raw does, plus the promise of one order: a position without gaps, given with the commit.

The least that such a promise costs, by one statement: a row that counts, and the head of the
stream. Against it our recorder can be held; raw draws numbers from a sequence, which no reader
could follow without missing events.
"""

from __future__ import annotations

from collections.abc import Callable

from ops.bench import material
from ops.bench.contestants.base import Key
from ops.bench.contestants.raw import Raw, values

_TABLES = """
    CREATE TABLE events (
        position bigint PRIMARY KEY,
        stream   uuid   NOT NULL,
        version  int    NOT NULL,
        topic    text   NOT NULL,
        data     jsonb  NOT NULL,
        UNIQUE (stream, version)
    );
    CREATE TABLE heads (stream uuid PRIMARY KEY, version int NOT NULL) WITH (fillfactor = 50);
    CREATE TABLE counter (position bigint NOT NULL) WITH (fillfactor = 10);
    INSERT INTO counter VALUES (0);
"""
_APPEND = """
    WITH counted AS (UPDATE counter SET position = position + 1 RETURNING position),
    head AS (
        INSERT INTO heads VALUES (%b, %b)
        ON CONFLICT (stream) DO UPDATE SET version = EXCLUDED.version
        WHERE heads.version = EXCLUDED.version - 1
        RETURNING stream, version
    )
    INSERT INTO events (position, stream, version, topic, data)
    SELECT counted.position, head.stream, head.version, %b, %b FROM counted, head
    RETURNING position
"""


class Ordered(Raw):
    name = "in order"

    def prepare(self) -> None:
        self._connection().execute(_TABLES)

    def appender(self, client: int) -> Callable[[], Key]:
        cursor, walk = self._connection().cursor(binary=True), material.Walk(client)

        def append() -> Key:
            stream, version = walk.next()
            cursor.execute(_APPEND, values(stream, version), prepare=True)
            assert cursor.rowcount == 1
            return str(material.stream_id(stream)), version

        return append
