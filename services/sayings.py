"""What the log says of many persons on a day, still sealed.

Of nearly everybody one thing was said: it holds on every day, and of its record nothing else is
read. Who has more on record is folded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

import msgspec

from domain.aggregate import Event
from domain.person import Person, Sealed
from services.record import FORMAT, read_event, schema_of
from services.store import Recorded


class Said(NamedTuple):
    """The details of a person, as an event of that type carries them."""

    id: UUID
    topic: str
    sealed: Sealed


class _Data(msgspec.Struct):
    sealed: Sealed


class _Entry(msgspec.Struct):
    format: int
    schema: int
    data: _Data


_entry = msgspec.json.Decoder(_Entry)
_NOW = (FORMAT, schema_of(Person.Registered))


def said_of(recorded: Iterable[Recorded], day: date, up_to: int | None = None) -> Iterator[Said]:
    """Of each person what holds on that day as known at a position (None: now).

    `recorded` are whole streams, for a destruction counts whenever one asks. Left out is who was
    not registered then, or whose key was destroyed. Raises StreamUnreadable.
    """
    for id_, history in groupby(recorded, key=lambda each: each.originator_id):
        events = list(history)
        if up_to is not None and events[0].id > up_to:
            continue
        sealed = _only(events)
        if sealed is not None:
            yield Said(UUID(str(id_)), Person.Registered.TOPIC, sealed)
        elif (person := known_person(map(read_event, events), up_to)) is not None:
            event = person.sealed_on(day) if person.destroyed is None else None
            if event is not None:
                yield Said(person.id, event.TOPIC, event.sealed)


def known_person(history: Iterable[Event], up_to: int | None = None) -> Person | None:
    """As known at a position, but for a destruction; None when there was none."""
    events = list(history)
    known = [e for e in events if up_to is None or (e.position or 0) <= up_to]
    person = Person.fold(known) if known and known[0].AGGREGATE is Person else None
    if person is not None:
        person.destroyed = next((e for e in events if isinstance(e, Person.KeyDestroyed)), None)
    return person


def _only(events: Sequence[Recorded]) -> Sealed | None:
    """What an entry says, where nothing else is on record and it has today's shape."""
    if len(events) > 1 or events[0].topic != Person.Registered.TOPIC:
        return None
    try:
        entry = _entry.decode(events[0].state)
    except msgspec.ValidationError:
        return None
    return entry.data.sealed if (entry.format, entry.schema) == _NOW else None
