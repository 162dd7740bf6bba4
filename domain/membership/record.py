"""A membership as its events tell it: what it was on every day of its life."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from domain.aggregate import Aggregate, Event
from domain.membership import events
from domain.membership.events import OFFICIAL
from domain.timeline import Timeline, together


class MembershipRecord(Aggregate):
    """The lines of a membership, and what can be asked of them."""

    def __init__(self) -> None:
        super().__init__()
        self.person_id: UUID | None = None
        self.degree: Timeline[str] = self.timeline("degree")
        self.cell_id: Timeline[UUID | None] = self.timeline("cell_id")  # None: outside the register
        self.came_by: Timeline[str] = self.timeline("came_by")  # to where he officially belongs
        self.begun_by: Timeline[str] = self.timeline("begun_by")
        self.ended_by: Timeline[str | None] = self.timeline("ended_by")
        self.temporary_cell_id: Timeline[UUID | None] = self.timeline("temporary_cell_id")
        self.introduced_on: Timeline[date | None] = self.timeline("introduced_on")  # in transit
        self.introduced_to_id: Timeline[UUID | None] = self.timeline("introduced_to_id")
        self.is_exempt: Timeline[bool] = self.timeline("is_exempt")
        self.is_suspended: Timeline[bool] = self.timeline("is_suspended")
        self.ceremony_on: Timeline[date | None] = self.timeline("ceremony_on")
        self.official_on: Timeline[date | None] = self.timeline("official_on")
        self.party_age_on: Timeline[date | None] = self.timeline("party_age_on")
        self.badge_years: Timeline[int | None] = self.timeline("badge_years")

    # Asking

    def is_official_on(self, day: date) -> bool:
        """Whether he is an official member (đảng viên chính thức), exempt or not."""
        return self.is_active_on(day) and self.degree.at(day) == OFFICIAL

    def standing(self, day: date) -> str | None:
        """ "probationary", "official", "exempt" or "suspended"; None: no member."""
        if not self.is_active_on(day):
            return None
        if self.is_suspended.at(day):
            return "suspended"
        return "exempt" if self.is_exempt.at(day) else self.degree.at(day)

    def cell_on(self, day: date) -> UUID | None:
        """The cell where he officially belongs; None: no member, or outside this register."""
        return self.cell_id.at(day) if self.is_active_on(day) else None

    def places(self, since: date) -> Iterator[tuple[UUID, date, date | None]]:
        """(cell, first day, day after) where he belongs or takes part for a time."""
        for line in (self.cell_id, self.temporary_cell_id):
            for (active, cell_id), first, after in together(self.is_active, line, since=since):
                if active and cell_id is not None:
                    yield cell_id, first, after

    def standing_events(self) -> Iterator[Event]:
        """All that was said and stands, in the order of recording."""
        return (e for version, e in self.events.items() if version not in self.voided_by)

    def admission_on(self, day: date) -> date | None:
        """The day of the decision to admit him, when that is on record here."""
        admissions = (e for e in self.standing_events() if isinstance(e, events.Admission))
        return next((e.effective_on for e in admissions if e.effective_on <= day), None)

    def died_on(self, day: date) -> date | None:
        """The last day of his life, when he died before `day`."""
        fact = self.ended_by.fact_at(day)
        return fact.day if fact and fact.value == "died" else None
