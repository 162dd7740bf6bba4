"""What is asked of the writer, laid out by its caller: whoever writes it need only join it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from struct import Struct
from typing import LiteralString, NamedTuple, Protocol, TypeVar
from uuid import UUID

from eventsourcing.persistence import IntegrityError, StoredEvent
from psycopg.pq.abc import PGresult
from psycopg.sql import SQL, Identifier

from ops.store.conflicts import refusal
from ops.store.line import Line
from ops.store.wire import PLACEHOLDER, bytea, instant, plain, quoted, stamp
from services.store import NO_TERMS, Appended, CommandKey, Terms

CALL_EVENTS_MAX = 300  # above, COPY is quicker than array parameters
BLOCK_EVENTS = 500

Parameters = list[bytes | None]
T = TypeVar("T", covariant=True)


class Statements:
    """How the log of one schema is written; see ops/migrations/0001_log.sql."""

    def __init__(self, schema: str) -> None:
        self.append = _call("append", 12, schema)
        self.append_one = _call("append_one", 4, schema)
        self.append_each = _call("append_each", 16, schema)
        self.claim = _call("claim", 10, schema)
        into = SQL(
            "COPY {}.events (position, recorded_at, stream, version, topic, record)"
            " FROM STDIN (FORMAT BINARY)"
        )
        self.settle = (
            b"SELECT pg_logical_emit_message(true, 'sogoc', '')"
            b" WHERE current_setting('synchronous_standby_names') <> ''"
        )
        self.copy = into.format(Identifier(schema)).as_bytes()


def _call(function: LiteralString, parameters: int, schema: str) -> bytes:
    numbered = SQL(", ").join(SQL(f"${n + 1}") for n in range(parameters))
    call = SQL("SELECT * FROM {}({})").format(Identifier(schema, function), numbered)
    return call.as_bytes()


class Columns(NamedTuple):
    """Things of one kind, column by column: the elements of an array, with commas between."""

    size: int
    elements: tuple[bytes, ...]


NO_COLUMNS = (Columns(0, (b"", b"")),) * 3  # of NO_TERMS
NO_PARAMETERS: Parameters = [None] * 8


class Request(Protocol[T]):
    """What one caller wants done in a transaction."""

    size: int  # in events
    weight: int  # in bytes of their records
    alone: bool  # whether the transaction is to be its own

    def write(self, line: Line, statements: Statements) -> T:
        """Do it. Raises what Line.call raises."""


class Append:
    """An append of at most CALL_EVENTS_MAX events."""

    def __init__(self, stored: Sequence[StoredEvent], terms: Terms) -> None:
        """Raises DataError."""
        self.size = len(stored)
        self.alone = False  # whether it is to have a transaction of its own
        self.stored = stored
        self.events = _of_events(stored)
        self.terms = _of_terms(terms)
        self.command = terms.command
        self.weight = len(self.events.elements[-1])  # bytes, of the records

    def write(self, line: Line, statements: Statements) -> Appended:
        """See Request."""
        if self.size == 1 and self.terms is NO_COLUMNS:
            (e,) = self.stored
            one = [plain(e.originator_id), plain(e.originator_version), e.topic.encode(), e.state]
            return _appended(line.call(statements.append_one, one), 0, 1)
        parameters = _parameters(self.events, self.terms, self.command)
        return _appended(line.call(statements.append, parameters), 0, self.size)


class BulkAppend:
    """An append of more events, by COPY. What does not depend on where they stand is ready."""

    alone = True
    weight = 0  # counts only where requests go together

    def __init__(self, stored: Sequence[StoredEvent], terms: Terms) -> None:
        """Raises DataError."""
        self.size = len(stored)
        self.heads = _columns(
            [plain(e.originator_id) for e in stored],
            [plain(e.originator_version) for e in stored],
        )
        self.terms = _of_terms(terms)
        self.command = terms.command
        self.rows = [(_columns_between(e), e.state) for e in stored]

    def write(self, line: Line, statements: Statements) -> Appended:
        """See Request."""
        parameters = _parameters(self.heads, self.terms, self.command)
        with line.transaction():
            claimed = line.call(statements.claim, parameters)
            line.copy(statements.copy, self._blocks(claimed))
        return _appended(claimed, 0, self.size)

    def _blocks(self, claimed: PGresult) -> Iterator[bytes]:
        """The rows in PostgreSQL's binary COPY format."""
        first, at = _value(claimed, 0, 0), _value(claimed, 0, 1)
        begin, given = _ROW_BEGINS.pack, stamp(instant(at))
        position = int.from_bytes(first, "big")
        yield _COPY_BEGINS
        for start in range(0, self.size, BLOCK_EVENTS):
            block = self.rows[start : start + BLOCK_EVENTS]
            rows = (
                (begin(6, 8, n, 8, at), between, record.replace(PLACEHOLDER, given))
                for n, (between, record) in enumerate(block, position + start)
            )
            yield b"".join(chain.from_iterable(rows))
        yield _COPY_ENDS


class Settlement:
    """Wait until a synchronous standby has all that is visible here, if there is to be one.

    An answer that is given again must be as safe as the first one: that one may have been in doubt
    because nobody had waited for the standby.
    """

    alone, size, weight = True, 0, 0

    def write(self, line: Line, statements: Statements) -> None:
        """See Request."""
        line.call(statements.settle, [])


def write_together(
    line: Line, statements: Statements, requests: Sequence[Append]
) -> list[Appended | IntegrityError]:
    """Record the requests in their order in one transaction; the outcome of each.

    Raises what Line.call raises: then none is recorded, or that is not known.
    """
    by_kind = zip(*((r.events, *r.terms) for r in requests), strict=True)
    parameters = [*chain.from_iterable(map(_joined, by_kind)), *_commands(requests)]
    answer = line.call(statements.append_each, parameters)
    return [_outcome(answer, row, r.size) for row, r in enumerate(requests)]


# Laying out


_topic = lru_cache(maxsize=1_000)(quoted)


def _columns(*columns: Sequence[bytes]) -> Columns:
    return Columns(len(columns[0]), tuple(map(b",".join, columns)))


def _of_events(stored: Sequence[StoredEvent]) -> Columns:
    if len(stored) == 1:  # the usual case, made quick
        (e,) = stored
        id_, version = plain(e.originator_id), plain(e.originator_version)
        return Columns(1, (id_, version, _topic(e.topic), quoted(e.state)))
    return _columns(
        [plain(e.originator_id) for e in stored],
        [plain(e.originator_version) for e in stored],
        [_topic(e.topic) for e in stored],
        [quoted(e.state) for e in stored],
    )


def _of_terms(terms: Terms) -> Sequence[Columns]:
    """Guards, keys and conditions, in the order in which the functions take them."""
    if terms is NO_TERMS:
        return NO_COLUMNS
    guards, keys, conditions = terms.guards, terms.keys, terms.conditions
    return (
        _columns([*map(plain, guards)], [*map(plain, guards.values())]),
        _columns([quoted(key) for _, key in keys], [plain(index) for index, _ in keys]),
        _columns([*map(quoted, conditions)], [*map(plain, conditions.values())]),
    )


def _parameters(
    events: Columns, terms: Sequence[Columns], command: CommandKey | None
) -> Parameters:
    """Of one request. Terms that it does not have are null: that is quicker."""
    parameters: Parameters = [b"{" + elements + b"}" for elements in events.elements]
    if terms is NO_COLUMNS:
        return parameters + NO_PARAMETERS
    for size, columns in terms:
        parameters += [b"{" + elements + b"}" if size else None for elements in columns]
    if command is None:
        return [*parameters, None, None]
    quoted(command.key)  # as a parameter it needs no quotes, but must be as valid
    return [*parameters, command.key.encode(), bytea(command.fingerprint)]


def _joined(columns: Sequence[Columns]) -> Parameters:
    """What several requests have of one kind: how many each, and the arrays end to end."""
    sizes = [c.size for c in columns]
    there = [c.elements for c in columns if c.size]
    if not there:
        # Of events there must be an array, though nobody has any.
        absent = b"{}" if len(columns[0].elements) > 2 else None
        return [_array([*map(plain, sizes)]), *([absent] * len(columns[0].elements))]
    return [_array([*map(plain, sizes)]), *map(_array, zip(*there, strict=True))]


def _array(elements: Sequence[bytes]) -> bytes:
    return b"{" + b",".join(elements) + b"}"


def _commands(requests: Sequence[Append]) -> Parameters:
    commands = [r.command for r in requests]
    if not any(commands):
        return [None, None]
    return [
        _array([b"NULL" if c is None else quoted(c.key) for c in commands]),
        _array([b"NULL" if c is None else quoted(bytea(c.fingerprint)) for c in commands]),
    ]


_COPY_BEGINS = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_ENDS = b"\xff\xff"
_ROW_BEGINS = Struct(">hiqi8s")  # six columns; position and recorded_at, each with its length
_ROW_GOES_ON = Struct(">i16siii")  # stream and version, then the length of the topic


def _columns_between(stored: StoredEvent) -> bytes:
    """From the stream to the length of the record, which stamping does not change."""
    stream = stored.originator_id
    id_ = (stream if isinstance(stream, UUID) else UUID(stream)).bytes
    topic = stored.topic.encode()
    begins = _ROW_GOES_ON.pack(16, id_, 4, stored.originator_version, len(topic))
    return begins + topic + len(stored.state).to_bytes(4, "big")


# Reading the answers


def _value(answer: PGresult, row: int, column: int) -> bytes:
    value = answer.get_value(row, column)
    assert value is not None
    return value


def _appended(answer: PGresult, row: int, size: int) -> Appended:
    first = int.from_bytes(_value(answer, row, 0), "big")
    at = instant(_value(answer, row, 1))
    return Appended(first, first + size - 1, at) if size else Appended(0, 0, at)


def _outcome(answer: PGresult, row: int, size: int) -> Appended | IntegrityError:
    refused = answer.get_value(row, 2)
    return refusal(json.loads(refused)) if refused else _appended(answer, row, size)
