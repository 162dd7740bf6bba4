"""Many members of before at once: taken into the register as they stood, by the bulk path.

What a decision about a member asks of the cell (that it is one, is active from that day on, and
that the deciding body stands above it) is the same for all of that cell, so it is asked once a cell
and portion; what it asks of the person (that there is no other membership) is a condition of the
append. A person who was ever a member is entered one by one instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from domain.aggregate import NOT_YET_RECORDED
from domain.envelope import Envelope
from domain.errors import AlreadyMember, InvalidValue
from domain.membership import Membership, refuse_unlikely
from services.membership import TakeOver
from services.record import to_record
from services.register import Register
from services.store import Terms

PORTION = 5_000  # memberships of one transaction
_NAMES = (
    *("person_id", "cell_id", "degree", "party_age_on"),
    *("ceremony_on", "official_on", "badge_years"),
)


def enrol(register: Register, members: Iterable[TakeOver]) -> Iterator[int]:
    """Enter them as they stood, portion by portion; tells after each how many it held.

    All of a portion or none. Raises RegisterError as entering one of them would; GuardMoved and
    KeyMoved when a cell changed meanwhile or a person was entered before: then nothing of that
    portion was recorded, and what came before stays.
    """
    waiting = iter(members)
    while portion := list(islice(waiting, PORTION)):
        _record(register, portion)
        yield len(portion)


def _record(register: Register, portion: Sequence[TakeOver]) -> None:
    persons = {each.person_id for each in portion}
    if len(persons) < len(portion):
        raise AlreadyMember("Somebody is named twice", field="person_id", rule="INV-MEM-1")
    checked = _checked(register, portion)
    keys = [
        (number, key)
        for number, each in enumerate(portion)
        for key in (
            f"member:{each.person_id}",
            f"on:{each.cell_id}",
            f"only:membership:{each.person_id}",
        )
    ]
    new = {f"only:membership:{person_id}": 0 for person_id in persons}
    terms = Terms(checked.guards, keys, {**checked.conditions, **new})
    envelopes: dict[UUID, tuple[Envelope, Envelope]] = {}  # by cell: as wished, and as recorded
    register.store.append([_stored(each, register, envelopes) for each in portion], terms)


def _checked(register: Register, portion: Sequence[TakeOver]) -> Terms:
    """What the append relies on, after one member of each cell was decided about in full."""
    of_cells = {each.cell_id: each for each in reversed(portion)}
    if any(each.place is not None for each in portion):
        raise InvalidValue("Who came from elsewhere is entered one by one", field="place")
    if any(each.envelope != of_cells[each.cell_id].envelope for each in portion):
        raise InvalidValue("Members of one cell are entered on one ground", field="basis")
    return register.decided(list(of_cells.values())).terms(None)


def _stored(
    each: TakeOver, register: Register, envelopes: dict[UUID, tuple[Envelope, Envelope]]
) -> StoredEvent:
    facts = {name: getattr(each, name) for name in _NAMES}
    refuse_unlikely(facts, each.envelope.effective_on)
    wished, envelope = envelopes.get(each.cell_id, (None, each.envelope))
    if wished is None:
        rules = register.rules.on(envelope.effective_on)
        envelope = replace(envelope, rule_set=rules.id)
        envelopes[each.cell_id] = each.envelope, envelope
    begun: Any = Membership.Entered
    event = begun(
        originator_id=each.id,
        originator_version=1,
        timestamp=NOT_YET_RECORDED,
        envelope=envelope,
        **facts,
    )
    return StoredEvent(each.id, 1, event.TOPIC, to_record(event))
