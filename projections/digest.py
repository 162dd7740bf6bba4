"""Digests that do not depend on order: of the events seen, and of the rows laid out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from psycopg import Connection
from psycopg.rows import tuple_row
from psycopg.sql import Identifier

from projections.sql import statement
from projections.view import Recorded

_MODULUS = 1 << 128


@dataclass(frozen=True, slots=True)
class Digest:
    """How many, and the sum modulo 2^128 of 16 bytes of the SHA-256 of each."""

    count: int = 0
    sum: int = 0

    def __add__(self, other: Digest) -> Digest:
        return Digest(self.count + other.count, (self.sum + other.sum) % _MODULUS)


class Counter:
    """Counts records into a digest as they pass by."""

    def __init__(self) -> None:
        self._count = self._sum = 0

    def add(self, record: bytes) -> None:
        self._count += 1
        self._sum += int.from_bytes(sha256(record).digest()[:16], "big")

    def digest(self) -> Digest:
        return Digest(self._count, self._sum % _MODULUS)


def of_events(recorded: Iterable[Recorded]) -> Digest:
    """The digest of these events, whatever their order."""
    counter = Counter()
    for each in recorded:
        counter.add(each.state)
    return counter.digest()


def of_rows(connection: Connection[Any], namespace: str, table: str) -> Digest:
    """The digest of all rows of a table, as text in UTC; whatever their order."""
    with connection.transaction():
        connection.execute("SET LOCAL TimeZone TO 'UTC'")
        connection.execute("SET LOCAL DateStyle TO 'ISO'")
        query = statement("row_digest", table=Identifier(namespace, table))
        with connection.cursor(row_factory=tuple_row) as cursor:
            count, high, low = cursor.execute(query).fetchall()[0]
    return Digest(count, ((int(high) << 64) + int(low)) % _MODULUS)
