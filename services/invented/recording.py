"""Let what is invented be recorded, some organisations at a time; may be repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID

from domain.leadership import leadership_id
from services.invented import evaluation
from services.invented.leaders import Leaders, Led
from services.people import People
from services.reading import Readings
from services.register import Register

EVENTS_AFTER = 4  # in a leadership of which the day is recorded; the eve leaves three at most
AT_ONCE = 100  # organisations of a transaction
T = TypeVar("T")
Tell = Callable[[int, int, str], None]
"""(organisations done, of how many, in words)"""


@dataclass(frozen=True)
class Entered:
    """What was recorded now."""

    organisations: int
    people: int


def record_leaders_of_the_eve(
    register: Register, people: People, readings: Readings, day: date, tell: Tell
) -> Entered:
    """Those who led on the eve of the day, as they stood.

    The read models must be level with the log: they tell what there is. Raises RegisterError.
    """
    with readings.at(day - timedelta(days=1)) as reading:
        leaders = Leaders(reading, day)
        left = _not_there(register, leaders.before(), 1)
    done, persons = 0, 0
    for some in _portions(left, AT_ONCE):
        persons += sum(people.enter(leaders.persons(some)))
        register.load(*(command for each in some for command in leaders.entering(each)))
        done += len(some)
        tell(done, len(left), "leaders of the eve")
    return Entered(len(left), persons)


def record_leaders_of_the_day(
    register: Register, people: People, readings: Readings, day: date, tell: Tell
) -> Entered:
    """Those who lead from the day on and their evaluation, by ordinary commands.

    The read models must be level with the log: they tell what there is. Raises RegisterError.
    """
    with readings.at(day) as reading:
        leaders = Leaders(reading, day)
        after = leaders.after(leaders.before())
    left = _not_there(register, after, EVENTS_AFTER)
    done, persons = 0, 0
    for some in _portions(left, AT_ONCE):
        persons += sum(people.enter(leaders.persons(some)))
        register.execute(*(command for each in some for command in leaders.appointing(each)))
        done += len(some)
        tell(done, len(left), "leaders of the day")
    for round_ in evaluation.rounds(after):
        if register.store.heads([round_[0].id]) == {}:
            register.execute(*round_)
    return Entered(len(left), persons)


def _not_there(register: Register, led: Sequence[Led], events: int) -> list[Led]:
    """Those of whose leadership fewer events are on record."""
    ids = {each.organisation.organisation_id: each for each in led}
    heads: dict[UUID, int] = {}
    for some in _portions([leadership_id(id_) for id_ in ids], 5000):
        heads |= register.store.heads(some)
    return [each for id_, each in ids.items() if heads.get(leadership_id(id_), 0) < events]


def _portions(all_: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(all_), size):
        yield all_[start : start + size]
