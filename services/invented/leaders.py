"""Who leads the provinces and communes of the country, invented, before and after a day.

Before it an organisation has a small committee with a standing board of three. From the day on it
has a committee of 27, a board of nine and an inspection committee, appointed by its superior from
those who led what went over into it; some posts of deputies are filled weeks later, or not yet.
All is derived from ids and a seed: the same again records nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from domain.envelope import Actor, Authority, Envelope
from domain.ids import beside
from domain.leadership.values import Planned, Post
from domain.legal_basis import LegalBasis
from projections.lineage import Lineage
from projections.nodes import Filters
from projections.organisations import Organisation, Organisations
from projections.point import Point
from services import leadership as commands
from services.commands import Command
from services.invented.names import invented
from services.people import RegisterPerson
from services.reading import Reading

BASIS = LegalBasis(None, issuer="Dữ liệu minh họa", title="Quyết định giả định, không có thật")
REASON = "Dữ liệu minh họa, nhân vật không có thật"
ACTOR = Actor("demo")
CENTRE = Authority("Ban Bí thư")
KINDS_BEFORE = ("province", "commune_base")
KINDS_AFTER = ("province", "commune_upper")

COMMITTEE, BOARD, INSPECTION = "executive_committee", "standing_board", "inspection_committee"
SECRETARY, STANDING_DEPUTY, DEPUTY = (
    *("secretary", "standing_deputy_secretary"),
    "deputy_secretary",
)
TERM_BEFORE, TERM_AFTER = "2020-2025", "2025-2030"
COMMITTEE_BEFORE, COMMITTEE_AFTER = 9, 27
BOARD_AFTER = 9
INSPECTORS = {"province": 11, "commune_upper": 3}
LEADERS = 3
DUE_DAYS = 24  # after the day: before 25 July 2025 all posts were to be filled
LATE_SHARE, NEVER_SHARE, UNREGULATED_SHARE = 0.05, 0.02, 0.2

PLANNED = (
    *(Planned(COMMITTEE, post, 1) for post in (SECRETARY, STANDING_DEPUTY, DEPUTY)),
    Planned(INSPECTION, "chair", 1),
    Planned("people_council", "chair", 1),
    Planned("people_committee", "chair", 1),
)

ALL = 1_000_000
Holder = tuple[UUID, Post]


@dataclass(frozen=True)
class Led:
    """The leaders of one organisation on one side of the day."""

    organisation: Organisation
    people: tuple[UUID, ...]  # of the committee: the secretary, the deputies, the board, the others
    new: tuple[UUID, ...]  # of those whose names are known, who were nowhere before
    goes_on: bool = False  # the day has not made it: its leaders keep what they hold outside it


class Leaders:
    """Leaders before and from a day on, as commands."""

    def __init__(self, reading: Reading, day: date, seed: int = 0) -> None:
        self._reading, self._day, self._seed = reading, day, seed

    def before(self) -> list[Led]:
        """Of every province and commune of the eve."""
        found = self._organisations(self._day - timedelta(days=1), KINDS_BEFORE)
        led = []
        for organisation in found:
            people = _own(organisation.organisation_id, COMMITTEE_BEFORE)
            led.append(Led(organisation, people, people[:LEADERS]))
        return led

    def after(self, before: Sequence[Led]) -> list[Led]:
        """Of every province and commune of the day."""
        found = self._organisations(self._day, KINDS_AFTER)
        led_by = {each.organisation.organisation_id: each.people[:LEADERS] for each in before}
        heirs = self._heirs([each.organisation_id for each in found], led_by)
        return [
            _succeeding(each, heirs[each.organisation_id], each.organisation_id in led_by)
            for each in found
        ]

    def _organisations(self, day: date, kinds: Sequence[str]) -> list[Organisation]:
        reading = self._reading
        asking = Organisations(reading.connection, reading.schema)
        point = Point(day, reading.point.known_at)
        filters = Filters(kinds={"kind": kinds, "status": ["active"]})
        return asking.many(point, filters, limit=ALL)

    def _heirs(
        self, ids: Sequence[UUID], led_by: Mapping[UUID, Sequence[UUID]]
    ) -> dict[UUID, list[UUID]]:
        """Those who led what went over into each by default; each person once."""
        reading, heirs = self._reading, defaultdict[UUID, list[UUID]](list)
        lineage = Lineage(reading.connection, reading.schema)
        taken: set[UUID] = set()
        for id_ in ids:
            if id_ in led_by:  # it lives on
                heirs[id_] += led_by[id_]
                taken.add(id_)
        edges = lineage.edges_into(ids, reading.point.known_at, "organisation")
        for edge in edges:
            if edge.on == self._day and edge.giver in led_by and edge.giver not in taken:
                taken.add(edge.giver)
                heirs[edge.taker] += led_by[edge.giver]
        return heirs

    # Commands

    def persons(self, led: Iterable[Led]) -> Iterator[RegisterPerson]:
        """Those whose names are known, and who are new."""
        for each in led:
            for id_ in each.new:
                details = invented(self._chance(id_))
                yield RegisterPerson(id=id_, envelope=_entering(self._day), details=details)

    def entering(self, led: Led) -> list[Command]:
        """Take over who led it, as it stood when its last term began."""
        secretary, standing, deputy = led.people[:LEADERS]
        first = max(led.organisation.valid_from, date(2020, 8, 1))
        about = _about(led.organisation, first)
        seats = [
            *_leading(secretary, standing, deputy),
            *((person, Post(BOARD, "member")) for person in (secretary, standing, deputy)),
            *((person, Post(COMMITTEE, "member")) for person in led.people),
            *_chairs(secretary, deputy),
        ]
        holders = tuple((person, post, None) for person, post in seats)
        bodies = (COMMITTEE, BOARD)
        return [
            commands.StartTerm(bodies=bodies, name=TERM_BEFORE, **about),
            commands.EnterHolders(holders=holders, **about),
        ]

    def appointing(self, led: Led) -> list[Command]:
        """Appoint who leads it from the day on; what is filled later, and what it works by."""
        chance = self._chance(led.organisation.organisation_id)
        late = chance.random() < LATE_SHARE and not led.goes_on
        never = chance.random() < NEVER_SHARE and not led.goes_on
        secretary, standing, deputy, *others = led.people
        present = None if late or never else deputy
        inspectors = INSPECTORS[led.organisation.kind]
        about = _about(led.organisation, self._day)
        seats = [
            *_leading(secretary, standing, present),
            *((person, Post(BOARD, "member")) for person in led.people[:BOARD_AFTER]),
            *((person, Post(COMMITTEE, "member")) for person in led.people),
            *_inspecting(others[0], led.people[1 - inspectors :]),
        ]
        due_on = self._day + timedelta(days=DUE_DAYS)
        return [
            commands.SetSeatsTogether(plans=PLANNED, due_on=due_on, **about),
            commands.StartTerm(bodies=(COMMITTEE, BOARD, INSPECTION), name=TERM_AFTER, **about),
            commands.EstablishInspectionCommittee(size=inspectors, mode="appointed", **about),
            commands.AppointTogether(holders=tuple(seats), occasion="merger", **about),
            *(() if led.goes_on else [_outside(_chairs(secretary, present), about)]),
            *(self._filled_late(led, deputy, chance) if late and not never else ()),
            *(self._regulated(led, chance) if chance.random() > UNREGULATED_SHARE else ()),
        ]

    def _filled_late(self, led: Led, deputy: UUID, chance: Random) -> Iterator[Command]:
        """The deputy comes some weeks after the day, in time for most and not for all."""
        about = _about(led.organisation, self._day + timedelta(days=chance.randint(7, 40)))
        seat = ((deputy, Post(COMMITTEE, DEPUTY)),)
        yield commands.AppointTogether(holders=seat, occasion="vacancy", **about)
        yield _outside(_chairs(None, deputy), about)

    def _regulated(self, led: Led, chance: Random) -> Iterator[Command]:
        on = self._day + timedelta(days=chance.randint(1, 60))
        document = LegalBasis(None, on, BASIS.issuer, "Quy chế làm việc (dữ liệu minh họa)")
        yield commands.IssueRegulations(
            body=COMMITTEE,
            term=TERM_AFTER,
            document=document,
            model="302-QĐ/TW",
            **_about(led.organisation, on),
        )

    def _chance(self, id_: UUID) -> Random:
        return Random(f"{self._seed}/{id_}")


def _own(organisation_id: UUID, number: int) -> tuple[UUID, ...]:
    return tuple(beside(organisation_id, f"invented/{n}") for n in range(number))


def _succeeding(organisation: Organisation, heirs: Sequence[UUID], goes_on: bool) -> Led:
    """Heirs first, then new people; known by name are the board and the inspectors."""
    new = _own(organisation.organisation_id, COMMITTEE_AFTER + LEADERS)[LEADERS:]
    leading = [*heirs[:BOARD_AFTER], *new[: max(BOARD_AFTER - len(heirs), 0)]]
    others = [id_ for id_ in new if id_ not in leading][: COMMITTEE_AFTER - BOARD_AFTER]
    people = (*leading, *others)
    known = {*leading, *people[1 - INSPECTORS[organisation.kind] :]} - {*heirs}
    return Led(organisation, people, tuple(id_ for id_ in people if id_ in known), goes_on)


def _leading(secretary: UUID, standing: UUID, deputy: UUID | None) -> Iterator[Holder]:
    yield secretary, Post(COMMITTEE, SECRETARY)
    yield standing, Post(COMMITTEE, STANDING_DEPUTY)
    if deputy is not None:
        yield deputy, Post(COMMITTEE, DEPUTY)


def _inspecting(chair: UUID, others: Sequence[UUID]) -> Iterator[Holder]:
    """The chair is of the standing board; one of the others is deputy."""
    for person in (chair, *others):
        yield person, Post(INSPECTION, "member")
    yield chair, Post(INSPECTION, "chair")
    yield others[0], Post(INSPECTION, "deputy_chair")


def _chairs(secretary: UUID | None, deputy: UUID | None) -> Iterator[Holder]:
    """What the two hold besides, outside the Party."""
    if secretary is not None:
        yield secretary, Post("people_council", "chair")
    if deputy is not None:
        yield deputy, Post("people_committee", "chair")


def _outside(chairs: Iterator[Holder], about: Mapping[str, Any]) -> Command:
    holders = tuple((person, post, None) for person, post in chairs)
    return commands.EnterHolders(holders=holders, **about)


def _about(organisation: Organisation, on: date) -> dict[str, Any]:
    """The circumstances of a decision of its superior, whichever that was then."""
    above, authority = organisation.superior_id, CENTRE
    if above is not None:
        authority = Authority("Ban Thường vụ cấp ủy cấp trên", above)
    envelope = Envelope(on, None, ACTOR, authority, (BASIS,), REASON)
    return {"organisation_id": organisation.organisation_id, "envelope": envelope}


def _entering(on: date) -> Envelope:
    return Envelope(on, None, ACTOR, CENTRE, (BASIS,), REASON)
