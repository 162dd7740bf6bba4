"""Which column type should hold the record? python -m ops.bench.record_column [--dsn DSN]

Takes the log's own migration and recorder, changes nothing but the type of the column, and measures
appends, COPY in, a full read, the size on disk and one field taken out in SQL. The types take turns
in every round, because machines are noisy; medians and ratios to text are printed. Writes only
schemas of its own (bench_record_...), which it drops; safe to stop and to repeat.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from statistics import median
from uuid import UUID

import msgspec
import psycopg
from eventsourcing.persistence import StoredEvent
from psycopg import sql

from ops.bench.place import server
from ops.migrate import Migration, migrate
from ops.store import Recorder
from ops.store.datastore import Datastore
from services.record import UNSTAMPED

COLUMN = 'record      text        NOT NULL COLLATE "C"'
STORED = """replace(
            a.record,
            '"recorded_at":"0000-00-00T00:00:00.000000Z"',
            '"recorded_at":"' || stamp || '"')"""
APPENDS, EVENTS_AN_APPEND = 200, 10


@dataclass(frozen=True)
class Kind:
    """A column type, and how a record gets in, comes out, and gives one field."""

    name: str
    stored: str  # SQL: from text
    sent: bytes  # what binary COPY wants before the record
    read: str  # SQL: something that the driver gives as text or bytes
    field: str  # SQL: to json


KINDS = (
    Kind("text", "{}", b"", "record", "record::json"),
    Kind("bytea", "convert_to({}, 'UTF8')", b"", "record", "convert_from(record, 'UTF8')::json"),
    Kind("json", "({})::json", b"", "record::text", "record"),
    Kind("jsonb", "({})::jsonb", b"\1", "record::text", "record"),
)


def events(size: int, seed: int) -> list[StoredEvent]:
    """Renamings with their whole envelope, ten to a stream."""
    chance = random.Random(seed)
    streams = [UUID(int=chance.getrandbits(128)) for _ in range(-(-size // 10))]
    return [_event(streams[n // 10], n % 10 + 1, n) for n in range(size)]


def _event(stream: UUID, version: int, number: int) -> StoredEvent:
    record = {
        "actor": {"id": f"user-{number % 97}", "post": "Văn phòng Tỉnh ủy"},
        "authority": {"id": None, "name": "Ban Thường vụ Tỉnh ủy"},
        "basis": [
            {
                "issued_on": "2025-06-16",
                "issuer": "Ủy ban Thường vụ Quốc hội",
                "number": f"{1600 + number % 60}/NQ-UBTVQH15",
                "title": "Về việc sắp xếp các đơn vị hành chính cấp xã năm 2025",
            }
        ],
        "causation_id": None,
        "correlation_id": f"dossier-{number // 100}",
        "data": {"name": f"Đảng bộ xã Bình Yên số {number}"},
        "decided_on": "2025-06-16",
        "effective_on": f"2025-{number % 12 + 1:02}-01",
        "reason": None,
        "recorded_at": UNSTAMPED,
        "rule_set": "2025-07",
        "schema": 1,
        "stream": str(stream),
        "type": "organisation.renamed",
        "version": version,
        "voids": None,
    }
    encoded = msgspec.json.encode(record, order="sorted")
    return StoredEvent(stream, version, "organisation.renamed", encoded)


@contextmanager
def log_of(dsn: str, kind: Kind) -> Iterator[Recorder]:
    """A log whose record column is of that type; dropped afterwards."""
    statements = resources.files("ops.migrations").joinpath("0001_log.sql").read_text()
    assert COLUMN in statements
    assert STORED in statements
    statements = statements.replace(COLUMN, f"record {kind.name} NOT NULL")
    statements = statements.replace(STORED, kind.stored.format(STORED))
    schema = f"bench_record_{kind.name}"
    drop = sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema))
    with psycopg.connect(dsn, autocommit=True) as connection, Datastore(dsn, schema) as datastore:
        connection.execute("SET client_min_messages TO warning")
        connection.execute(drop)
        migrate(dsn, schema, [Migration("0001_log", statements)])
        try:
            yield Recorder(datastore)
        finally:
            connection.execute(drop)


def measured(dsn: str, kind: Kind, size: int, seed: int) -> dict[str, float]:
    """One round of one type. Rates are events a second; the size is bytes an event."""
    with log_of(dsn, kind) as log, psycopg.connect(dsn, autocommit=True) as connection:
        path = sql.SQL("SET search_path TO {}").format(sql.Identifier(log.datastore.schema))
        connection.execute(path)
        several = events(APPENDS * EVENTS_AN_APPEND, seed)
        many = events(size, seed + 1)
        appended = _rate(len(several), lambda: _append(log, several))
        copied = _rate(len(many), lambda: _copy(connection, kind, many))
        connection.execute("VACUUM ANALYZE events")
        total = len(several) + len(many)
        return {
            "append": appended,
            "copy in": copied,
            "read all": _rate(total, lambda: _read(connection, kind)),
            "one field": _rate(total, lambda: _field(connection, kind)),
            "bytes": _bytes(connection) / total,
        }


def _rate(size: int, work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return size / (time.perf_counter() - started)


def _append(log: Recorder, stored: list[StoredEvent]) -> None:
    for start in range(0, len(stored), EVENTS_AN_APPEND):
        log.append(stored[start : start + EVENTS_AN_APPEND])


def _copy(connection: psycopg.Connection, kind: Kind, stored: list[StoredEvent]) -> None:
    """As the recorder does it for many, without the claim: the position is free to choose."""
    at = datetime.now(UTC)
    with connection.cursor() as cursor, cursor.copy("COPY events FROM STDIN (FORMAT BINARY)") as c:
        c.set_types(["int8", "uuid", "int4", "text", "timestamptz", "bytea"])
        for position, e in enumerate(stored, 1_000_000):
            record = kind.sent + e.state
            c.write_row((position, e.originator_id, e.originator_version, e.topic, at, record))


def _read(connection: psycopg.Connection, kind: Kind) -> None:
    query = sql.SQL("SELECT position, stream, version, topic, {} FROM events ORDER BY position")
    with connection.cursor(binary=True) as cursor:
        cursor.execute(query.format(sql.SQL(kind.read)))
        while cursor.fetchmany(10_000):
            pass


def _field(connection: psycopg.Connection, kind: Kind) -> None:
    query = sql.SQL("SELECT count(*) FROM events WHERE ({})->>'effective_on' < '2025-07-01'")
    connection.execute(query.format(sql.SQL(kind.field)))


def _bytes(connection: psycopg.Connection) -> int:
    row = connection.execute("SELECT pg_table_size('events')").fetchone()
    assert row is not None
    return int(row[0])


def report(rounds: list[dict[str, dict[str, float]]]) -> str:
    """A table of medians, each with its ratio to text."""
    works = list(rounds[0]["text"])
    lines = ["".join([f"{'':8}", *(f"{work:>20}" for work in works)])]
    middle = {
        kind.name: {work: median(r[kind.name][work] for r in rounds) for work in works}
        for kind in KINDS
    }
    for name, medians in middle.items():
        cells = [f"{medians[w]:>12,.0f} ({medians[w] / middle['text'][w]:4.2f})" for w in works]
        lines.append("".join([f"{name:8}", *(f"{cell:>20}" for cell in cells)]))
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--dsn", help="another PostgreSQL 18; default: an embedded one")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--events", type=int, default=20_000)
    options = parser.parse_args()
    with server(options.dsn) as (dsn, _):
        rounds = [
            {kind.name: measured(dsn, kind, options.events, 2 * number) for kind in KINDS}
            for number in range(options.rounds)
        ]
    record = len(events(1, 0)[0].state)
    print(f"records of {record} bytes; median of {options.rounds} rounds (ratio to text);")
    print("events a second, and bytes of the table an event")
    print(report(rounds))


if __name__ == "__main__":
    main()
