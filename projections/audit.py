"""The audit trail: one line for every event, in the order of recording.

A line of a unit or an organisation says what its event changed on its day, as it was known then;
one that takes another back says which, and what the values became. Of all other streams it says
what the event says, and what that one said which is taken back. The trail of a subject has the
lines of its own stream and those that mention it: of an organisation those of its leadership, of a
person wherever it comes in. Lines are only ever added, but for those of a stream told anew.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache
from typing import Any, LiteralString
from uuid import UUID

import orjson
from psycopg import Connection
from psycopg.rows import class_row, tuple_row
from psycopg.sql import SQL, Composable, Composed, Identifier

from domain.aggregate import Aggregate, Event
from domain.catalogue import AGGREGATES
from domain.envelope import Envelope
from domain.node import Node
from domain.read_model import Decision
from domain.timeline import Timeline
from projections import lineage
from projections.engine.marks import namespace
from projections.engine.view import Changes, Row, View
from projections.sql import statement

CATEGORIES: dict[type[Aggregate], str] = {
    aggregate: lineage.CATEGORIES.get(aggregate, aggregate.TOPIC) for aggregate in AGGREGATES
}
Values = dict[str, Any]
_DESCENT = {"ceded", "successors"}  # told as the event says it
_SAID = ("way", "successors")  # what an event says and no timeline holds
_UNTOLD = {field.name for field in fields(Event)} | {
    "view",
    "sealed",
    "terms",
    "applied",
}
"""What no line says: the envelope has columns of its own, nobody can read what is sealed, and rules
as they were applied fill a page.
"""


# Laying out


class Lines:
    """The lines of one stream beyond a position."""

    def __init__(self, reached: int) -> None:
        self._reached = reached
        self._before: dict[date, Values] = {}
        self._called: str | None = None  # before the event
        self._rows: list[Row] = []

    def before(self, event: Event, aggregate: Aggregate | None) -> None:
        """Only what is taken back of a node must be looked at before it is gone."""
        if not isinstance(aggregate, Node) or _position(event) <= self._reached:
            return
        if event.envelope.voids is not None:
            days = _days(event, aggregate)
            self._before = {day: _values(aggregate, day) for day in days}
            self._called = aggregate.called(event.effective_on)

    def after(self, event: Event, aggregate: Aggregate) -> None:
        if _position(event) > self._reached:
            self._rows.append(self._line(event, aggregate))

    def changes(self, since: int) -> Changes:
        added = [row for row in self._rows if row[0] > since]
        self._rows.clear()
        return Changes([], added)

    def _line(self, event: Event, aggregate: Aggregate) -> Row:
        is_node = isinstance(aggregate, Node)
        told = self._change(event, aggregate) if is_node else _statement(event, aggregate)
        return (
            _position(event),
            event.originator_id,
            CATEGORIES[event.AGGREGATE],
            event.TOPIC,
            event.effective_on.isoformat(),
            *_circumstances(event.envelope, event.recorded_at),
            *told,
            sorted({each for each in event.mentions() if each != event.originator_id}),
        )

    def _change(self, event: Event, aggregate: Aggregate) -> Row:
        """The name of a node, its superior, and what changed."""
        named, day, voids = aggregate.fields(), event.effective_on, event.envelope.voids
        changed = _plain(event, named) if voids is None else _changes(self._before, aggregate)
        superior_id = named.get("superior_id")
        return (
            aggregate.called(day) or (voids and self._called),
            superior_id and superior_id.at(day),
            _json([*changed, *_said_changes(event, aggregate)]),
        )


def _statement(event: Event, aggregate: Aggregate) -> Row:
    """What an event says that is about no node, and what that one said which it takes back."""
    voided = _voided(event, aggregate)
    old, new = _said(voided, aggregate) if voided else {}, _said(event, aggregate)
    changes = [
        {"field": field, "from": old.get(field), "to": new.get(field), "on": event.effective_on}
        for field in {**new, **old}
        if old.get(field) != new.get(field)
    ]
    name = event.view if isinstance(event, Decision) else aggregate.called(event.effective_on)
    return name, None, _json(changes)


def _said(event: Event, aggregate: Aggregate) -> Values:
    said = {name: getattr(event, name) for name in _told_fields(type(event))}
    return {**said, **aggregate.stands_for(event)}


@cache
def _told_fields(event_class: type[Event]) -> tuple[str, ...]:
    return tuple(f.name for f in fields(event_class) if f.name not in _UNTOLD)


def _position(event: Event) -> int:
    assert event.position is not None
    return event.position


def _circumstances(envelope: Envelope, recorded_at: datetime) -> Row:
    return (
        envelope.decided_on and envelope.decided_on.isoformat(),
        recorded_at.isoformat(),
        envelope.actor.id,
        envelope.actor.post,
        envelope.authority.name,
        envelope.authority.organisation_id,
        [document.number for document in envelope.basis if document.number is not None],
        _json(envelope.basis),
        any(document.number_unknown for document in envelope.basis),
        envelope.reason,
        envelope.correlation_id,
        envelope.voids,
        envelope.rule_set,
    )


def _voided(event: Event, aggregate: Aggregate | None) -> Event | None:
    """The event that this one takes back."""
    position = event.envelope.voids
    return None if position is None or aggregate is None else aggregate.event_at(position)


def _days(event: Event, aggregate: Aggregate | None) -> list[date]:
    """The days on which to look for what changed: of what is taken back, and its own."""
    voided = _voided(event, aggregate)
    days = {event.effective_on} | ({voided.effective_on} if voided else set())
    return sorted(days)


def _values(aggregate: Aggregate | None, day: date) -> Values:
    named = aggregate.fields() if aggregate else {}
    values = {field: line.at(day) for field, line in named.items() if field not in _DESCENT}
    return {field: value for field, value in values.items() if value is not None}


def _plain(event: Event, named: Mapping[str, Timeline[Any]]) -> list[Values]:
    """What an event changes that takes nothing back: what it said itself, on its own day."""
    day, order = event.effective_on, event.originator_version
    found = []
    for field, line in named.items():
        said = None if field in _DESCENT else line.change(day, order)
        if said is not None and said[0] != said[1]:
            found.append({"field": field, "from": said[0], "to": said[1], "on": day})
    return sorted(found, key=lambda change: change["to"] is None)


def _changes(before: Mapping[date, Values], aggregate: Aggregate) -> Iterator[Values]:
    for day, old in before.items():
        new = _values(aggregate, day)
        for field in [*new, *(field for field in old if field not in new)]:
            if old.get(field) != new.get(field):
                yield {"field": field, "from": old.get(field), "to": new.get(field), "on": day}


def _said_changes(event: Event, aggregate: Aggregate) -> Iterator[Values]:
    voided = _voided(event, aggregate)
    for field in _SAID:
        old, new = getattr(voided, field, None), getattr(event, field, None)
        if old != new:
            yield {"field": field, "from": old, "to": new, "on": event.effective_on}


def _json(value: Any) -> str:
    """Dataclasses by their fields, days and ids as text."""
    return orjson.dumps(value).decode()


AUDIT = View(
    name="audit",
    version=6,  # streams that are no nodes, and whom else an event mentions
    aggregates=tuple(CATEGORIES),
    table="lines",
    stream="stream",
    columns=(
        "position",
        "stream",
        "category",
        "event_type",
        "effective_on",
        "decided_on",
        "recorded_at",
        "actor_id",
        "actor_post",
        "authority_name",
        "authority_id",
        "documents",
        "basis",
        "number_unknown",
        "reason",
        "correlation_id",
        "voids",
        "rule_set",
        "name",
        "superior_id",
        "changes",
        "mentions",
    ),
    begin=Lines,
)


# Asking


@dataclass(frozen=True, slots=True)
class Line:
    """What one event changed, when, by whom and on what basis."""

    position: int
    stream: UUID
    category: str  # "unit", "organisation", "leadership" ...: a value of CATEGORIES
    event_type: str
    effective_on: date
    decided_on: date | None
    recorded_at: datetime
    actor_id: str
    actor_post: str | None
    authority_name: str
    authority_id: UUID | None
    documents: list[str]  # numbers, where they are known
    basis: list[dict[str, Any]]
    number_unknown: bool  # of a document at least: somebody still has to find it
    reason: str | None
    correlation_id: str | None
    voids: int | None  # position of the event it takes back
    rule_set: str | None
    name: str | None  # of the subject on that day, or the nearest that is known
    superior_id: UUID | None
    changes: list[dict[str, Any]]  # {"field", "from", "to", "on"}
    mentions: list[UUID]  # whom it is about besides its own stream
    voided_by: int | None  # position of the event that took it back; None: it stands


@dataclass(frozen=True, slots=True)
class AuditFilters:
    """What is asked for; None: not limited by this. Periods are half-open."""

    subject: UUID | None = None  # of its stream, or mentioned
    under: UUID | None = None  # it, and what stood below it on the event's day as known then
    categories: Sequence[str] | None = None
    actor_id: str | None = None
    document: str | None = None  # number
    number_unknown: bool | None = None  # whether a document's number is not known
    correlation_id: str | None = None
    event_types: Sequence[str] | None = None
    recorded_from: datetime | None = None
    recorded_to: datetime | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    known_at: int | None = None  # the last position that counts
    positions: Sequence[int] | None = None


_ALL: LiteralString = "{lines} l"
_CITING: LiteralString = "{citations} c JOIN {lines} l ON l.position = c.position"
_ABOUT: LiteralString = (
    "(SELECT position FROM {lines} WHERE stream = %(subject)s UNION ALL"
    " SELECT position FROM {mentions} WHERE subject = %(subject)s) c"
    " JOIN {lines} l ON l.position = c.position"
)
_CONDITIONS: dict[str, Composable] = {
    "categories": SQL("l.category = ANY(%(categories)s)"),
    "actor_id": SQL("l.actor_id = %(actor_id)s"),
    "number_unknown": SQL("l.number_unknown = %(number_unknown)s"),
    "event_types": SQL("l.event_type = ANY(%(event_types)s)"),
    "type": SQL("l.event_type = %(type)s"),  # one only: an index gives the order as well
    "correlation_id": SQL("l.correlation_id = %(correlation_id)s"),
    "recorded_from": SQL("l.recorded_at >= %(recorded_from)s"),
    "recorded_to": SQL("l.recorded_at < %(recorded_to)s"),
    "positions": SQL("l.position = ANY(%(positions)s)"),
    "effective_from": SQL("l.effective_on >= %(effective_from)s"),
    "effective_to": SQL("l.effective_on < %(effective_to)s"),
}


class Audit:
    """Questions about the trail: `Audit(connection, schema)`."""

    def __init__(self, connection: Connection[Any], schema: str) -> None:
        self._connection = connection
        self._tables = {
            "lines": Identifier(namespace(schema, "audit"), "lines"),
            "citations": Identifier(namespace(schema, "audit"), "citations"),
            "mentions": Identifier(namespace(schema, "audit"), "mentions"),
            "units": Identifier(namespace(schema, "units"), "spans"),
            "organisations": Identifier(namespace(schema, "organisations"), "spans"),
        }

    def lines(
        self,
        filters: AuditFilters = AuditFilters(),
        after: int | None = None,
        limit: int = 100,
        newest_first: bool = False,
    ) -> list[Line]:
        """Lines in the order of recording, or the other way round, beyond the position `after`."""
        values = {f.name: getattr(filters, f.name) for f in fields(filters)}
        values |= {"after": after, "limit": limit, "type": _only(filters.event_types)}
        if values["type"]:
            values["event_types"] = None
        query = self._query({n for n, v in values.items() if v is not None}, newest_first)
        with self._connection.cursor(row_factory=class_row(Line)) as cursor:
            return cursor.execute(query, values).fetchall()

    def names(self, lines: Iterable[Line], known_at: int) -> dict[str, str]:
        """The last known names of all whom these lines mention, by id as text; one statement."""
        ids = {mentioned for line in lines for mentioned in _mentioned(line)}
        query = statement("audit_names", **self._tables)
        with self._connection.cursor(row_factory=tuple_row) as cursor:
            return dict(cursor.execute(query, {"ids": list(ids), "known": known_at}).fetchall())

    def _query(self, asked: Container[str], newest_first: bool) -> Composed:
        source, position = _source(asked)
        conditions = self._conditions(asked, position, newest_first)
        return statement(
            "audit_lines",
            **self._tables,
            columns=SQL(", ").join(Identifier("l", f.name) for f in fields(Line)[:-1]),
            source=SQL(source).format(**self._tables),
            where=SQL(" AND ").join(condition for name, condition in conditions if name in asked),
            position=position,
            order=SQL("DESC" if newest_first else "ASC"),
        )

    def _conditions(
        self, asked: Container[str], position: Identifier, newest_first: bool
    ) -> Iterator[tuple[str, Composable]]:
        yield "limit", SQL("true")  # there is always one
        yield from _CONDITIONS.items()
        if "subject" in asked:  # then the documents are not where it begins to look
            yield "document", SQL("%(document)s = ANY(l.documents)")
        else:
            yield "document", SQL("c.document = %(document)s")
        yield "under", statement("audit_under", **self._tables)
        yield "known_at", SQL("{} <= %(known_at)s").format(position)
        beyond = SQL("<" if newest_first else ">")
        yield "after", SQL("{} {} %(after)s").format(position, beyond)


def _source(asked: Container[str]) -> tuple[LiteralString, Identifier]:
    """Where the lines are looked for, and the position by which an index has them in order."""
    if "subject" in asked:
        return _ABOUT, Identifier("c", "position")
    if "document" in asked:
        return _CITING, Identifier("c", "position")
    return _ALL, Identifier("l", "position")


def _only(several: Sequence[str] | None) -> str | None:
    return several[0] if several and len(several) == 1 else None


def _mentioned(line: Line) -> Iterator[str]:
    """Ids that words would have to name."""
    yield from map(str, line.mentions)
    for change in line.changes:
        for value in (change["from"], change["to"]):
            if change["field"].endswith("_id") and value:
                yield value
            elif change["field"] == "successors" and value:
                yield from (successor["id"] for successor in value)
