"""What stands below the communes: invented base organisations and cells, and a year and a half.

Numbers are the country's (some 52,000 base organisations, 225,000 cells, 3,321 communes), kinds
and powers those of the rule book, names after the official patterns; everything else is by chance,
from a seed. `services.invented` has their leaders and members elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from random import Random
from uuid import UUID

from domain.aggregate import Event
from domain.envelope import Actor, Authority, Envelope
from domain.ids import derived_id
from domain.legal_basis import LegalBasis
from domain.lineage import Successor
from domain.organisation import PartyOrganisation
from projections.organisations import Organisation
from services.commands import (
    Command,
    End,
    EstablishOrganisation,
    Rename,
    Resubordinate,
    ResumeActivity,
    SuspendActivity,
    Void,
)

BASES, CELLS, COMMUNES = 52_000, 225_000, 3_321
FOUNDED_ON = date(2025, 7, 1)
QUARTERS = 6
LAST_DAY = date(2026, 12, 31)
# Regulation 208-QĐ/TW ends some kinds: from then on nothing of them is changed here.
ENDED_KINDS = {"base_cell"}
LAST_QUARTER_OF_ENDED = 3

# Yearly, of the organisations of a commune.
RENAMED, MISNAMED, MOVED, SUSPENDED, ENDED = 0.04, 0.01, 0.02, 0.005, 0.015

_ACTOR = "office"
_BASES = (  # kind, setting, name
    ("base_committee", "agency", "Đảng bộ các cơ quan Đảng {place}"),
    ("base_committee", "agency", "Đảng bộ Ủy ban nhân dân {place}"),
    ("base_committee", "police", "Đảng bộ Công an {place}"),
    ("base_cell", "military", "Chi bộ Quân sự {place}"),
    ("base_cell", "health", "Chi bộ Trạm Y tế {place}"),
    ("base_committee", "village", "Đảng bộ khu dân cư số {number}"),
    ("base_cell", "school", "Chi bộ Trường Tiểu học số {number}"),
    ("base_committee", "school", "Đảng bộ Trường Trung học cơ sở số {number}"),
    ("base_committee", "residential_group", "Đảng bộ tổ dân phố số {number}"),
    ("base_cell", "private_enterprise", "Chi bộ Công ty cổ phần số {number}"),
)
_NUMBERED = 5  # from there on, a commune may have several
_CELLS = (  # setting, name
    ("village", "Chi bộ thôn số {number}"),
    ("residential_group", "Chi bộ tổ dân phố số {number}"),
    ("school", "Chi bộ khối lớp số {number}"),
    ("agency", "Chi bộ phòng chuyên môn số {number}"),
)


@dataclass
class _Standing:
    """An organisation that is there, as far as what may become of it depends on it."""

    id: UUID
    kind: str
    name: str
    superior_id: UUID
    is_suspended: bool = False


@dataclass
class Locality:
    """One commune's organisations: how they are founded, and what becomes of them."""

    commune: Organisation
    chance: Random
    standing: list[_Standing] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._place = self.commune.name.removeprefix("Đảng bộ ")
        self._decisions = count(10)
        self._misnamed: dict[UUID, _Standing] = {}

    def foundings(self) -> Iterator[Command]:
        """Its base organisations, then the cells below those that have a committee."""
        for number in range(self._share(BASES)):
            kind, setting, pattern = (
                _BASES[number] if number < len(_BASES) else self.chance.choice(_BASES[_NUMBERED:])
            )
            name = pattern.format(place=self._place, number=number)
            yield self._founding(kind, setting, name, self.commune.organisation_id)
        above = [each.id for each in self.standing if each.kind == "base_committee"]
        for number in range(self._share(CELLS)):
            setting, pattern = self.chance.choice(_CELLS)
            superior_id = above[number % len(above)]
            yield self._founding("cell", setting, pattern.format(number=number), superior_id)

    def changes(self, quarter: int) -> list[Command]:
        """What happens in a quarter, from 0; each organisation is met by one thing at most."""
        self._misnamed.clear()
        made = []
        for each in [*self.standing]:
            if each.kind in ENDED_KINDS and quarter > LAST_QUARTER_OF_ENDED:
                continue
            command = self._fate(each, _day_in(quarter, self.chance))
            if command is not None:
                made.append(command)
        return made

    def corrections(self, events: Sequence[Event]) -> Iterator[Command]:
        """Of the names that were recorded wrongly: one is taken back, the next put right."""
        for event in events:
            each = self._misnamed.pop(event.originator_id, None)
            if each is not None:
                envelope = self._envelope(event.effective_on, voids=event.position)
                if self.chance.random() < 0.5:
                    yield Void(of=PartyOrganisation, id=each.id, envelope=envelope)
                else:
                    each.name += " mới"
                    yield self._renaming(each, each.name, envelope)

    def _share(self, of_the_country: int) -> int:
        """A whole number whose mean over all communes is right."""
        mean = of_the_country / COMMUNES
        return int(mean) + (self.chance.random() < mean % 1)

    def _founding(self, kind: str, setting: str, name: str, superior_id: UUID) -> Command:
        own = f"bench/nation/{self.commune.organisation_id}/{len(self.standing)}"
        id_ = derived_id(own, datetime.combine(FOUNDED_ON, time(), UTC))
        self.standing.append(_Standing(id_, kind, name, superior_id))
        return EstablishOrganisation(
            id=id_,
            envelope=self._envelope(FOUNDED_ON),
            way="new",
            kind=kind,
            name=name,
            superior_id=superior_id,
            setting=setting,
        )

    def _fate(self, each: _Standing, day: date) -> Command | None:
        """What happens to one; None: nothing."""
        envelope = self._envelope(day)
        if each.is_suspended:
            each.is_suspended = False
            return ResumeActivity(id=each.id, envelope=envelope)
        lot = self.chance.random() * 4  # the shares are yearly
        for share, fate in (
            (RENAMED, self._renamed),
            (MISNAMED, self._named_wrongly),
            (SUSPENDED, self._suspended),
            (MOVED if each.kind == "cell" else 0.0, self._moved),
            (ENDED if each.kind == "cell" else 0.0, self._ended),
        ):
            if lot < share:
                return fate(each, envelope)
            lot -= share
        return None

    def _renamed(self, each: _Standing, envelope: Envelope) -> Command:
        each.name = f"{each.name} ({envelope.effective_on.year})"
        return self._renaming(each, each.name, envelope)

    def _named_wrongly(self, each: _Standing, envelope: Envelope) -> Command:
        self._misnamed[each.id] = each
        return self._renaming(each, f"{each.name} ghi nhầm", envelope)

    def _suspended(self, each: _Standing, envelope: Envelope) -> Command:
        each.is_suspended = True
        return SuspendActivity(id=each.id, envelope=envelope)

    def _moved(self, each: _Standing, envelope: Envelope) -> Command:
        above = [o.id for o in self.standing if o.kind == "base_committee" and not o.is_suspended]
        each.superior_id = self.chance.choice(above)
        return Resubordinate(
            of=PartyOrganisation, id=each.id, envelope=envelope, superior_id=each.superior_id
        )

    def _ended(self, each: _Standing, envelope: Envelope) -> Command:
        """A neighbour takes over that will not end itself in this quarter, where there is one."""
        place = self.standing.index(each)
        del self.standing[place]
        heirs = [o.id for o in self.standing[:place] if o.superior_id == each.superior_id][:1]
        return End(
            of=PartyOrganisation,
            id=each.id,
            envelope=envelope,
            way="merger" if heirs else "dissolution",
            successors=tuple(Successor(heir, "whole", is_default=True) for heir in heirs),
        )

    def _renaming(self, each: _Standing, name: str, envelope: Envelope) -> Command:
        return Rename(of=PartyOrganisation, id=each.id, envelope=envelope, name=name)

    def _envelope(self, effective_on: date, voids: int | None = None) -> Envelope:
        """Decided by the commune's standing board, as the rule book allows."""
        board = f"Ban Thường vụ Đảng ủy {self._place}"
        decided_on = effective_on - timedelta(days=5)
        number = f"{next(self._decisions)}-QĐ/ĐU"
        return Envelope(
            effective_on=effective_on,
            decided_on=decided_on,
            actor=Actor(f"{_ACTOR}-{self.commune.organisation_id.hex[-6:]}"),
            authority=Authority(board, self.commune.organisation_id),
            basis=(LegalBasis(number, decided_on, board, "về tổ chức cơ sở đảng"),),
            voids=voids,
        )


def _day_in(quarter: int, chance: Random) -> date:
    return FOUNDED_ON + timedelta(days=91 * quarter + 7 + chance.randrange(80))
