"""Members for measuring: every cell below the communes, and some 25 members in each.

With the country's numbers a province like Phú Thọ comes to a quarter of a million, the country to
5.6 million. Organisations, persons and memberships are stored by the bulk path; what organisations
ask of each other is not asked, as nothing but this generator speaks of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from uuid import UUID

from domain.envelope import Authority, Envelope
from domain.ids import beside
from projections.organisations import Organisation
from services.commands import Command, EstablishOrganisation
from services.enrolment import enrol
from services.invented.leaders import ACTOR, BASIS, REASON
from services.invented.localities import FOUNDED_ON, Locality
from services.invented.names import invented
from services.membership import TakeOver
from services.people import People, RegisterPerson
from services.register import Register

MEMBERS_A_CELL = 25  # 108,000 members of 4,140 cells in Hải Dương (2025)
SPREAD = 8  # more or fewer than that
PROBATIONARY_SHARE = 0.02
AT_ONCE = 1000  # members of a transaction
KINDS = ("cell", "base_cell")


@dataclass(frozen=True)
class Filled:
    """What was recorded below one commune."""

    organisations: int
    members: int
    events: int


def fill(register: Register, people: People, commune: Organisation) -> Filled:
    """Found what stands below a commune, and enter its members; nothing when that was done.

    May be stopped and repeated: what is there already is left as it is.
    """
    foundings = _foundings(commune)
    members = [each for cell in foundings if cell.kind in KINDS for each in _members(cell)]
    if register.store.heads([members[-1][1].id]):
        return Filled(0, 0, 0)
    events = _stored(register, foundings)
    for start in range(0, len(members), AT_ONCE):
        some = members[start : start + AT_ONCE]
        events += sum(people.enter(person for person, _ in some))
        events += sum(enrol(register, (taking_over for _, taking_over in some)))
    return Filled(len(foundings), len(members), events)


def _stored(register: Register, commands: Sequence[Command]) -> int:
    appended = register.load(*commands)
    return appended.last - appended.first + 1 if appended.last else 0


def _foundings(commune: Organisation) -> list[EstablishOrganisation]:
    locality = Locality(commune, Random(str(commune.organisation_id)))
    found = []
    for command in locality.foundings():
        assert isinstance(command, EstablishOrganisation)
        envelope = replace(command.envelope, actor=ACTOR, basis=(BASIS,), reason=REASON)
        found.append(replace(command, envelope=envelope))
    return found


def _members(cell: EstablishOrganisation) -> Iterator[tuple[RegisterPerson, TakeOver]]:
    chance = Random(str(cell.id))
    for number in range(MEMBERS_A_CELL + chance.randint(-SPREAD, SPREAD)):
        person_id = beside(cell.id, f"person/{number}")
        envelope = _envelope(cell)
        details = invented(chance)
        yield (
            RegisterPerson(id=person_id, envelope=envelope, details=details),
            _taking_over(cell, person_id, number, chance, envelope),
        )


def _taking_over(
    cell: EstablishOrganisation, person_id: UUID, number: int, chance: Random, envelope: Envelope
) -> TakeOver:
    is_probationary = chance.random() < PROBATIONARY_SHARE
    years = timedelta(days=chance.randrange(30, 330) + (0 if is_probationary else 500))
    admitted = FOUNDED_ON - years - timedelta(days=0 if is_probationary else chance.randrange(9000))
    ceremony = admitted + timedelta(days=20)
    return TakeOver(
        id=beside(cell.id, f"membership/{number}"),
        person_id=person_id,
        cell_id=cell.id,
        envelope=envelope,
        degree="probationary" if is_probationary else "official",
        party_age_on=admitted,
        ceremony_on=ceremony,
        official_on=None if is_probationary else _a_year_after(ceremony),
    )


def _a_year_after(day: date) -> date:
    return day.replace(year=day.year + 1, day=min(day.day, 28))


def _envelope(cell: EstablishOrganisation) -> Envelope:
    assert cell.superior_id is not None
    authority = Authority("Ban Thường vụ cấp ủy cấp trên", cell.superior_id)
    return Envelope(FOUNDED_ON, None, ACTOR, authority, (BASIS,), REASON)
