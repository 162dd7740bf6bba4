"""Many members of before at once: taken into the register as they stood, by the bulk path.

What a decision about a member asks of the cell (that it is one, is active from that day on, and
that the deciding body stands above it) is the same for all of that cell, so it is asked once a cell
and portion; what it asks of the person (that there is no other membership) is a condition of the
append. A person who was ever a member is entered one by one instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from itertools import islice
from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from domain.aggregate import NOT_YET_RECORDED
from domain.envelope import Envelope
from domain.errors import AlreadyMember, InvalidValue
from domain.membership import Membership, refuse_unlikely
from domain.rulebook import RuleBook
from services.record import to_record
from services.store import Log, Terms
from services.work import Work

PORTION = 5_000  # memberships of one transaction


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A member of before, and the id of the membership."""

    membership_id: UUID
    person_id: UUID
    cell_id: UUID
    degree: str
    party_age_on: date | None = None
    ceremony_on: date | None = None
    official_on: date | None = None
    badge_years: int | None = None


_NAMES = [field.name for field in fields(Enrolled)][1:]


def enrol(
    log: Log,
    rules: RuleBook,
    members: Iterable[Enrolled],
    envelope: Envelope,
    today: Callable[[], date],
) -> Iterator[int]:
    """Record them portion by portion; tells after each how many it held.

    All of a portion or none. Raises RegisterError as entering one of them would; GuardMoved and
    KeyMoved when a cell changed meanwhile or a person was entered before: then nothing of that
    portion was recorded, and what came before stays.
    """
    envelope.refuse_ill_formed()
    Membership.refuse_unfounded(envelope)
    if envelope.effective_on > today():
        raise InvalidValue("What is to come cannot be entered as it stands", field="effective_on")
    envelope = replace(envelope, rule_set=rules.on(envelope.effective_on).id)
    waiting = iter(members)
    while portion := list(islice(waiting, PORTION)):
        _record(log, rules, portion, envelope)
        yield len(portion)


def _record(log: Log, rules: RuleBook, portion: Sequence[Enrolled], envelope: Envelope) -> None:
    persons = {each.person_id for each in portion}
    if len(persons) < len(portion):
        raise AlreadyMember("Somebody is named twice", field="person_id", rule="INV-MEM-1")
    checked = _checked(log, rules, portion, envelope)
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
    log.append([_stored(each, envelope) for each in portion], terms)


def _checked(log: Log, rules: RuleBook, portion: Sequence[Enrolled], envelope: Envelope) -> Terms:
    """What the append relies on, after one member of each cell was decided about in full."""
    work = Work(log, rules)
    of_cells = {each.cell_id: each for each in reversed(portion)}
    work.load(of_cells)
    for each in of_cells.values():
        facts = _facts(each)
        begun = Membership.take_over(each.membership_id, **facts, place=None, envelope=envelope)
        work.add(begun)
    work.check()
    return work.terms(None)


def _stored(each: Enrolled, envelope: Envelope) -> StoredEvent:
    facts = _facts(each)
    refuse_unlikely(facts, envelope.effective_on)
    begun: Any = Membership.Entered
    event = begun(
        originator_id=each.membership_id,
        originator_version=1,
        timestamp=NOT_YET_RECORDED,
        envelope=envelope,
        **facts,
    )
    return StoredEvent(each.membership_id, 1, event.TOPIC, to_record(event))


def _facts(each: Enrolled) -> dict[str, Any]:
    return {name: getattr(each, name) for name in _NAMES}
