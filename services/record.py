"""How an event is laid down: the canonical record, whose bytes never change.

Canonical JSON (RFC 8785, on the subset without floating point numbers): UTF-8, Unicode NFC, keys
sorted, no blanks. The whole record is envelope and payload; the columns beside it are an index. The
leaf of the evidence tree is the hash of exactly these bytes. See docs/adr/0001-event-record.md.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import fields
from datetime import date, datetime
from functools import cache
from typing import Any, Protocol, get_type_hints
from uuid import UUID

import msgspec
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, StoredEvent

from domain.aggregate import Aggregate, Event
from domain.catalogue import EVENTS
from domain.envelope import Actor, Authority, Envelope
from domain.errors import EventFromTheFuture, InvalidValue, StreamUnreadable
from domain.legal_basis import LegalBasis

UNSTAMPED = "0000-00-00T00:00:00.000000Z"
"""Stands for the recorded time until the store gives it, at the same width."""

RECORD_BYTES_MAX = 1_000_000

_BOOKKEEPING = {"originator_id", "originator_version", "timestamp", "envelope"}
_encoder = msgspec.json.Encoder(order="sorted")


FORMAT = 1
"""The version of the envelope; `schema` is that of the payload. A reader asks it first."""


class _Formatted(msgspec.Struct, frozen=True):
    """All that a reader may assume of a record of any format."""

    format: int
    type: str


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole stored event as plain values; `data` is still undecoded JSON."""

    actor: Actor
    authority: Authority
    basis: tuple[LegalBasis, ...]
    causation_id: str | None
    correlation_id: str | None
    data: msgspec.Raw
    decided_on: date | None
    effective_on: date
    format: int
    reason: str | None
    recorded_at: datetime
    rule_set: str | None
    schema: int
    stream: UUID
    type: str
    version: int
    voids: int | None


_record = msgspec.json.Decoder(Record)
_formatted = msgspec.json.Decoder(_Formatted)


def to_record(event: Event) -> bytes:
    """The canonical bytes of an event that no store has stamped yet.

    Raises InvalidValue when a text is not in NFC or the record would be too large.
    """
    envelope = event.envelope
    record = {
        "actor": envelope.actor,
        "authority": envelope.authority,
        "basis": envelope.basis,
        "causation_id": envelope.causation_id,
        "correlation_id": envelope.correlation_id,
        "data": {name: getattr(event, name) for name in _payload(type(event))},
        "decided_on": envelope.decided_on,
        "effective_on": envelope.effective_on,
        "format": FORMAT,
        "reason": envelope.reason,
        "recorded_at": UNSTAMPED,
        "rule_set": envelope.rule_set,
        "schema": schema_of(type(event)),
        "stream": event.originator_id,
        "type": event.TOPIC,
        "version": event.originator_version,
        "voids": envelope.voids,
    }
    encoded = _encoded(record)
    if not encoded.isascii() and not unicodedata.is_normalized("NFC", encoded.decode()):
        raise InvalidValue("Text must be in Unicode NFC", field="event")
    if len(encoded) > RECORD_BYTES_MAX:
        raise InvalidValue(f"An event has at most {RECORD_BYTES_MAX} bytes", field="event")
    return encoded


def said(event: Event) -> bytes:
    """What an event says happened, in canonical bytes: without who recorded it, and when."""
    return _encoded(
        {
            "basis": event.envelope.basis,
            "data": {name: getattr(event, name) for name in _payload(type(event))},
            "effective_on": event.envelope.effective_on,
            "stream": event.originator_id,
            "type": event.TOPIC,
            "voids": event.envelope.voids,
        }
    )


def _encoded(record: dict[str, Any]) -> bytes:
    try:
        return _encoder.encode(record)
    except UnicodeEncodeError:
        raise InvalidValue("Text must be valid Unicode", field="event") from None


def to_event(topic: str, record: bytes, position: int | None = None) -> Event:
    """The event as today's code knows it, lifted from whatever shape it was stored in.

    Raises EventFromTheFuture when this release is older than the event.
    """
    event_class, known, decode = _today(topic)
    try:
        read = decode(record)
    except msgspec.ValidationError:
        return _elder(event_class, record, position)  # another shape, or damaged
    if read.schema != known or read.format != FORMAT:
        return _elder(event_class, record, position)
    return _event(event_class, read, read.data, position)


class Stored(Protocol):
    """An event as the log gives it."""

    @property
    def id(self) -> int: ...  # its position
    @property
    def originator_id(self) -> UUID | str: ...
    @property
    def topic(self) -> str: ...
    @property
    def state(self) -> bytes: ...


def read_event(stored: Stored) -> Event:
    """The event as today's code knows it. Raises StreamUnreadable, which names it."""
    try:
        return to_event(stored.topic, stored.state, stored.id)
    except Exception as error:  # whatever is wrong with it, it is this event
        raise _unreadable(stored, "decoding", error) from error


def replayed(history: Iterable[Stored]) -> Aggregate:
    """What one stream is after all these events, of which there is one. Raises StreamUnreadable."""
    aggregate: Aggregate | None = None
    for stored in history:
        event = read_event(stored)
        try:
            aggregate = event.mutate(aggregate)
        except Exception as error:
            raise _unreadable(stored, "folding", error) from error
    assert aggregate is not None
    return aggregate


def _unreadable(stored: Stored, step: str, error: Exception) -> StreamUnreadable:
    """Of the error its class only: its words may hold what was in the record."""
    return StreamUnreadable(
        f"The event at position {stored.id} ({stored.topic}) cannot be read ({step}:"
        f" {type(error).__name__}), so nothing can be decided about {stored.originator_id};"
        " `sogoc verify` lists what is wrong with the log",
        id=str(stored.originator_id),
        position=stored.id,
        step=step,
    )


def _elder(event_class: type[Event], record: bytes, position: int | None) -> Event:
    """An event that was not stored in today's shape."""
    read = _read(record)
    return _event(event_class, read, _lifted(event_class, read), position)


def _event(event_class: type[Event], read: Any, data: Any, position: int | None) -> Event:
    """Field by field: constructors of frozen dataclasses take as long as all the rest."""
    envelope = object.__new__(Envelope)
    circumstances = {
        "effective_on": read.effective_on,
        "decided_on": read.decided_on,
        "actor": read.actor,
        "authority": read.authority,
        "basis": read.basis,
        "reason": read.reason,
        "correlation_id": read.correlation_id,
        "causation_id": read.causation_id,
        "voids": read.voids,
        "rule_set": read.rule_set,
    }
    object.__setattr__(envelope, "__dict__", circumstances)
    state = msgspec.structs.asdict(data)
    state["originator_id"] = read.stream
    state["originator_version"] = read.version
    state["timestamp"] = read.recorded_at
    state["envelope"] = envelope
    state["position"] = position
    event: Event = object.__new__(event_class)
    object.__setattr__(event, "__dict__", state)
    return event


def schema_of(event_class: type[Event]) -> int:
    """The version of the shape that today's code writes."""
    version: int = getattr(event_class, "class_version", 1)
    return version


def _read(record: bytes) -> Record:
    """The record, undecoded but for its envelope; a newer format is told apart from damage."""
    try:
        read = _record.decode(record)
    except msgspec.ValidationError:
        _refuse_newer_format(_formatted.decode(record))
        raise
    _refuse_newer_format(read)
    return read


def _refuse_newer_format(read: Record | _Formatted) -> None:
    if read.format > FORMAT:
        raise EventFromTheFuture(
            f"{read.type} is written in format {read.format}, this release knows {FORMAT}",
            type=read.type,
        )


def _lifted(event_class: type[Event], read: Record) -> Any:
    known = schema_of(event_class)
    if read.schema > known:
        raise EventFromTheFuture(
            f"{read.type} version {read.schema} is newer than version {known} of this release",
            type=read.type,
        )
    state = msgspec.json.decode(read.data)
    for version in range(read.schema, known):
        getattr(event_class, f"upcast_v{version}_v{version + 1}")(state)
    return msgspec.convert(state, _payload_struct(event_class))


@cache
def _payload(event_class: type[Event]) -> tuple[str, ...]:
    return tuple(f.name for f in fields(event_class) if f.name not in _BOOKKEEPING)


@cache
def _payload_struct(event_class: type[Event]) -> type[msgspec.Struct]:
    hints = get_type_hints(event_class)
    named = [(name, hints[name]) for name in _payload(event_class)]
    return msgspec.defstruct(f"{event_class.__qualname__}Data", named, forbid_unknown_fields=True)


@cache
def _today(topic: str) -> tuple[type[Event], int, Callable[[bytes], Any]]:
    """(class, schema, decoder of whole records) of the events that today's code writes so.

    Raises EventFromTheFuture.
    """
    event_class = EVENTS.get(topic)
    if event_class is None:
        raise EventFromTheFuture(f"This release knows no events of type {topic!r}", type=topic)
    hints = get_type_hints(Record) | {"data": _payload_struct(event_class)}
    named = [(name, hints[name]) for name in Record.__struct_fields__]
    whole = msgspec.defstruct(
        f"{event_class.__qualname__}Record", named, forbid_unknown_fields=True
    )
    return event_class, schema_of(event_class), msgspec.json.Decoder(whole).decode


class RecordMapper(Mapper[UUID]):
    """The library's way in and out of the store, through the canonical record."""

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        assert isinstance(domain_event, Event)
        return StoredEvent(
            originator_id=domain_event.originator_id,
            originator_version=domain_event.originator_version,
            topic=domain_event.TOPIC,
            state=to_record(domain_event),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Event:
        return to_event(stored_event.topic, stored_event.state, getattr(stored_event, "id", None))
