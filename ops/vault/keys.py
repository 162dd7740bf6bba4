"""The store of keys in PostgreSQL: a row for a person, wrapped by the master key."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row, dict_row, tuple_row
from psycopg.sql import SQL, Composed, Identifier
from psycopg_pool import ConnectionPool

from domain.person import Receipt
from ops.vault.masters import MasterKeys
from services.sealing import Box, context, new_key, opened, seal
from services.vault import PastReading, PersonKey, Reader, VaultLocked

PORTION = 1000  # rows read or written at once
SEARCH, COMMANDS = "search", "commands"
FIRST_GENERATION = 1

_MAKE: LiteralString = """
    INSERT INTO {keys} (person_id, generation, master_id, wrapped, words)
    SELECT m.person_id, %(generation)s, %(master)s, m.wrapped, m.words::bigint[]
    FROM unnest(%(ids)s::uuid[], %(wrapped)s::bytea[], %(words)s::text[])
        AS m (person_id, wrapped, words)
    WHERE NOT EXISTS (SELECT FROM {destructions} AS d WHERE d.person_id = m.person_id)
    ON CONFLICT (person_id) DO NOTHING
    RETURNING person_id
"""
_BEARERS: LiteralString = """
    SELECT person_id FROM {keys}
    WHERE words @> %(words)s::bigint[] AND (%(after)s::uuid IS NULL OR person_id > %(after)s)
    ORDER BY person_id LIMIT %(limit)s
"""
_ADD_WORDS: LiteralString = """
    UPDATE {keys} SET words = words || ARRAY(
        SELECT w FROM unnest(%(words)s::bigint[]) AS w WHERE w <> ALL (words))
    WHERE person_id = %(id)s AND NOT words @> %(words)s::bigint[]
"""
_NOTE_DESTRUCTION: LiteralString = """
    INSERT INTO {destructions} (person_id, fingerprint, generation)
    VALUES (%s, %s, %s) ON CONFLICT (person_id) DO NOTHING
"""
_READINGS: LiteralString = """
    SELECT number, read_at, actor_id, actor_post, purpose, cardinality(people) AS people
    FROM {readings} WHERE people @> ARRAY[%(id)s]
    AND (%(since)s::timestamptz IS NULL OR read_at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR read_at < %(until)s)
    ORDER BY number DESC LIMIT %(limit)s
"""
_OLD: LiteralString = """
    SELECT person_id FROM {keys}
    WHERE (%(after)s::uuid IS NULL OR person_id > %(after)s) AND made_at < %(time)s
    ORDER BY person_id LIMIT %(limit)s
"""


class KeyVault:
    """See services.vault.Vault. `connections` are lent by the server of the keys."""

    def __init__(
        self, connections: ConnectionPool[Connection[Any]], schema: str, masters: MasterKeys
    ) -> None:
        self._connections, self._schema, self._masters = connections, schema, masters
        self._secrets: dict[str, bytes] = {}
        self._unwrapping: dict[str, bytes] = {}  # master keys by fingerprint

    # Keys

    def make(self, names: Mapping[UUID, Iterable[str]]) -> dict[UUID, PersonKey]:
        with self._unmoving() as (connection, master_id):
            fresh = {id_: PersonKey(FIRST_GENERATION, new_key()) for id_ in names}
            given = {
                "generation": FIRST_GENERATION,
                "master": master_id,
                "ids": list(fresh),
                "wrapped": [
                    self._wrapped(master_id, _place(i), key.secret) for i, key in fresh.items()
                ],
                "words": [_array(self._digests(connection, names[i])) for i in fresh],
            }
            made = {id_ for (id_,) in _rows(connection, self._sql(_MAKE), given)}
            there = self._keys(connection, [id_ for id_ in fresh if id_ not in made])
            return there | {id_: fresh[id_] for id_ in made}

    def keys(self, ids: Sequence[UUID]) -> dict[UUID, PersonKey]:
        with self._connections.connection() as connection:
            return self._keys(connection, ids)

    def add_words(self, id_: UUID, words: Iterable[str]) -> None:
        with self._connections.connection() as connection:
            digests = self._digests(connection, words)
            connection.execute(self._sql(_ADD_WORDS), {"id": id_, "words": digests})

    def bearers(self, words: Iterable[str], after: UUID | None, limit: int) -> list[UUID]:
        with self._connections.connection() as connection:
            asked = {"words": self._digests(connection, words), "after": after, "limit": limit}
            return [id_ for (id_,) in _rows(connection, self._sql(_BEARERS), asked)]

    def destroy(self, id_: UUID, receipt: Receipt) -> None:
        noted = [id_, receipt.fingerprint, receipt.generation]
        with self._connections.connection() as connection:
            connection.execute(self._sql("DELETE FROM {keys} WHERE person_id = %s"), [id_])
            connection.execute(self._sql(_NOTE_DESTRUCTION), noted)

    def made_before(self, time: datetime) -> Iterator[list[UUID]]:
        after: UUID | None = None
        while True:
            asked = {"after": after, "time": time, "limit": PORTION}
            with self._connections.connection() as connection:
                found = [id_ for (id_,) in _rows(connection, self._sql(_OLD), asked)]
            if not found:
                return
            yield found
            after = found[-1]

    def now(self) -> datetime:
        with self._connections.connection() as connection:
            [(now,)] = _rows(connection, SQL("SELECT clock_timestamp()"), None)
            assert isinstance(now, datetime)
            return now

    def discard(self, ids: Sequence[UUID]) -> None:
        with self._connections.connection() as connection:
            connection.execute(
                self._sql("DELETE FROM {keys} WHERE person_id = ANY(%s)"), [list(ids)]
            )

    # What is derived from secrets of the vault

    def digest(self, said: bytes) -> bytes:
        with self._connections.connection() as connection:
            return hmac.digest(self._secret(connection, COMMANDS), said, "sha256")

    def _digests(self, connection: Connection[Any], words: Iterable[str]) -> list[int]:
        """64 bits of a keyed digest of each word: what is found by them is looked at again."""
        secret = self._secret(connection, SEARCH)
        made = (hmac.digest(secret, word.encode(), "sha256")[:8] for word in words)
        return sorted({int.from_bytes(each, "big", signed=True) for each in made})

    # Who has read

    def note(self, reader: Reader, ids: Sequence[UUID]) -> None:
        actor = reader.actor
        told = [actor.id, actor.post, reader.purpose, list(ids)]
        names = "(actor_id, actor_post, purpose, people) VALUES (%s, %s, %s, %s)"
        with self._connections.connection() as connection:
            connection.execute(self._sql("INSERT INTO {readings} ") + SQL(names), told)

    def readings_of(
        self, id_: UUID, limit: int, since: datetime | None = None, until: datetime | None = None
    ) -> list[PastReading]:
        asked = {"id": id_, "since": since, "until": until, "limit": limit}
        with (
            self._connections.connection() as connection,
            connection.cursor(row_factory=class_row(PastReading)) as cursor,
        ):
            return cursor.execute(self._sql(_READINGS), asked).fetchall()

    # Wrapping

    def rotate(self) -> Iterator[int]:
        """Wrap everything under the next master key; yields how many were, a portion at a time.

        May be stopped and called again. The services go on meanwhile.
        """
        with self._connections.connection() as connection:
            self._alone(connection)
            if not self._current(connection):
                self._begin(connection)
            master_id, _ = self._masters.next()
            self._make_current(connection, master_id)
            self._rewrap_secrets(connection, master_id)
        while count := self._rewrap_portion(master_id):
            yield count
        self._masters.replaced()

    def masters(self) -> list[dict[str, Any]]:
        """Each master key that was ever used: how many keys are wrapped under it."""
        query = (
            "SELECT m.master_id AS master_key, m.is_current, m.begun_at, count(k.person_id) AS keys"
            " FROM {masters} AS m LEFT JOIN {keys} AS k USING (master_id)"
            " GROUP BY m.master_id ORDER BY m.begun_at"
        )
        with (
            self._connections.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            return cursor.execute(self._sql(query)).fetchall()

    def _rewrap_portion(self, master_id: str) -> int:
        query = (
            "SELECT person_id, master_id, wrapped FROM {keys} WHERE master_id <> %s"
            " ORDER BY person_id LIMIT %s FOR UPDATE"
        )
        update = (
            "UPDATE {keys} AS k SET master_id = %s, wrapped = n.wrapped"
            " FROM unnest(%s::uuid[], %s::bytea[]) AS n (person_id, wrapped)"
            " WHERE k.person_id = n.person_id"
        )
        with self._connections.connection() as connection:
            rows = _rows(connection, self._sql(query), [master_id, PORTION])
            bare = [(i, self._unwrapped(old, _place(i), wrapped)) for i, old, wrapped in rows]
            wrapped = [self._wrapped(master_id, _place(i), key) for i, key in bare]
            connection.execute(self._sql(update), [master_id, [i for i, _ in bare], wrapped])
            return len(rows)

    def _rewrap_secrets(self, connection: Connection[Any], master_id: str) -> None:
        query = self._sql("SELECT name, master_id, wrapped FROM {secrets} WHERE master_id <> %s")
        update = self._sql("UPDATE {secrets} SET master_id = %s, wrapped = %s WHERE name = %s")
        for name, old, wrapped in _rows(connection, query, [master_id]):
            secret = self._unwrapped(old, _place(name), wrapped)
            wrapped = self._wrapped(master_id, _place(name), secret)
            connection.execute(update, [master_id, wrapped, name])

    def _make_current(self, connection: Connection[Any], master_id: str) -> None:
        gone = self._sql("UPDATE {masters} SET is_current = false WHERE master_id <> %s")
        come = self._sql(
            "INSERT INTO {masters} (master_id) VALUES (%s)"
            " ON CONFLICT (master_id) DO UPDATE SET is_current = true"
        )
        connection.execute(gone, [master_id])
        connection.execute(come, [master_id])

    @contextmanager
    def _unmoving(self) -> Iterator[tuple[Connection[Any], str]]:
        """A transaction in which the master key does not change, and which one that is."""
        with self._connections.connection() as connection:
            self._lock(connection, "pg_advisory_xact_lock_shared")
            if current := self._current(connection):
                yield connection, current
                return
        with self._connections.connection() as connection:
            self._alone(connection)
            yield connection, self._current(connection) or self._begin(connection)

    def _alone(self, connection: Connection[Any]) -> None:
        self._lock(connection, "pg_advisory_xact_lock")

    def _lock(self, connection: Connection[Any], function: LiteralString) -> None:
        query = SQL("SELECT {}(hashtextextended(%s, 0))").format(SQL(function))
        connection.execute(query, [f"master key of {self._schema}"])

    def _current(self, connection: Connection[Any]) -> str | None:
        query = self._sql("SELECT master_id FROM {masters} WHERE is_current")
        return next((id_ for (id_,) in _rows(connection, query, None)), None)

    def _begin(self, connection: Connection[Any]) -> str:
        """The first need: a master key, and under it the secrets."""
        master_id, _ = self._masters.first()
        connection.execute(self._sql("INSERT INTO {masters} (master_id) VALUES (%s)"), [master_id])
        for name in (SEARCH, COMMANDS):
            wrapped = self._wrapped(master_id, _place(name), new_key())
            put = self._sql("INSERT INTO {secrets} (name, master_id, wrapped) VALUES (%s, %s, %s)")
            connection.execute(put, [name, master_id, wrapped])
        return master_id

    def _secret(self, connection: Connection[Any], name: str) -> bytes:
        if name not in self._secrets:
            query = self._sql("SELECT master_id, wrapped FROM {secrets} WHERE name = %s")
            found = _rows(connection, query, [name])
            if not found:
                with self._unmoving() as (inner, _):
                    found = _rows(inner, query, [name])
            [(master_id, wrapped)] = found
            self._secrets[name] = self._unwrapped(master_id, _place(name), wrapped)
        return self._secrets[name]

    def _keys(self, connection: Connection[Any], ids: Sequence[UUID]) -> dict[UUID, PersonKey]:
        query = (
            "SELECT person_id, generation, master_id, wrapped FROM {keys} WHERE person_id = ANY(%s)"
        )
        rows = _rows(connection, self._sql(query), [list(ids)])
        return {i: PersonKey(g, self._unwrapped(m, _place(i), w)) for i, g, m, w in rows}

    def _wrapped(self, master_id: str, place: bytes, key: bytes) -> bytes:
        return seal(self._master(master_id), place, key).packed()

    def _unwrapped(self, master_id: str, place: bytes, wrapped: bytes) -> bytes:
        return opened(self._master(master_id), place, Box.unpacked(wrapped))

    def _master(self, master_id: str) -> bytes:
        if master_id not in self._unwrapping:
            self._unwrapping = self._masters.known()  # it may have been replaced
        if master_id not in self._unwrapping:
            raise VaultLocked(
                f"Keys are wrapped under the master key {master_id[:16]}, which was not given",
                master_key=master_id[:16],
            )
        return self._unwrapping[master_id]

    def _sql(self, text: LiteralString) -> Composed:
        tables = ("masters", "secrets", "keys", "destructions", "readings")
        return SQL(text).format(**{table: Identifier(self._schema, table) for table in tables})


def _place(of: UUID | str) -> bytes:
    """What is wrapped opens as the key of this person, or as this secret, only."""
    return context("wrapped", of)


def _array(digests: Sequence[int]) -> str:
    """As PostgreSQL writes an array: one of arrays of several lengths is none."""
    return "{" + ",".join(map(str, digests)) + "}"


def _rows(connection: Connection[Any], query: SQL | Composed, values: Any) -> list[Any]:
    with connection.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(query, values).fetchall()
