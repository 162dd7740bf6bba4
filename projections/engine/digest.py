"""Digests that can be added up in any order: of the events seen, and of the rows laid out.

An event counts with its position, so two that have changed places are noticed. They tell apart what
an accident, a fault or a lost end made different. They are no proof against somebody who can write
to the log and to the marks, and wants to deceive: a sum of hashes can be steered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier, Placeholder

from projections.engine.view import Recorded
from projections.sql import statement

_MODULUS = 1 << 128


@dataclass(frozen=True, slots=True)
class Digest:
    """How many, and the sum modulo 2^128 of 16 bytes of the SHA-256 of each.

    Of an event: of its position, as eight bytes, the highest first, and its record.
    """

    count: int = 0
    sum: int = 0

    def __add__(self, other: Digest) -> Digest:
        return Digest(self.count + other.count, (self.sum + other.sum) % _MODULUS)

    def __sub__(self, other: Digest) -> Digest:
        """Without what is part of it."""
        return Digest(self.count - other.count, (self.sum - other.sum) % _MODULUS)

    @classmethod
    def of_halves(cls, count: int, high: Decimal, low: Decimal) -> Digest:
        """From sums of the two halves, as the database makes them."""
        return cls(count, ((int(high) << 64) + int(low)) % _MODULUS)


class Counter:
    """Counts events into a digest as they pass by."""

    def __init__(self) -> None:
        self._count = self._sum = 0

    def add(self, event: Recorded) -> None:
        self._count += 1
        hashed = sha256(event.id.to_bytes(8, "big") + event.state).digest()
        self._sum += int.from_bytes(hashed[:16], "big")

    def digest(self) -> Digest:
        return Digest(self._count, self._sum % _MODULUS)


def of_events(recorded: Iterable[Recorded]) -> Digest:
    """The digest of these events, whatever their order."""
    counter = Counter()
    for each in recorded:
        counter.add(each)
    return counter.digest()


def of_rows(
    connection: Connection[Any],
    namespace: str,
    table: str,
    among: Mapping[str, Sequence[UUID]] | None = None,
) -> Digest:
    """The digest of all rows of a table, as text in UTC; whatever their order.

    With `among`, of those that have one of the ids in each of these columns.
    """
    having = [SQL("{} = ANY({})").format(Identifier(c), Placeholder(c)) for c in among or {}]
    where = SQL(" AND ").join(having) if having else SQL("true")
    with connection.transaction():
        connection.execute("SET LOCAL TimeZone TO 'UTC'")
        connection.execute("SET LOCAL DateStyle TO 'ISO'")
        query = statement("row_digest", table=Identifier(namespace, table), where=where)
        ids = {column: list(ids) for column, ids in (among or {}).items()}
        with connection.cursor(row_factory=tuple_row) as cursor:
            count, high, low = cursor.execute(query, ids).fetchall()[0]
    return Digest.of_halves(count, high, low)
