"""A round as its events tell it: who is judged, what was said of each, and whether it is open."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from domain.aggregate import Aggregate
from domain.errors import RuleBroken
from domain.evaluation import events
from domain.evaluation.events import UNREVIEWED, decision_in
from domain.evaluation.parts import Decision, Subject
from domain.evaluation.period import Period
from domain.evaluation.stated import StatedTotals
from domain.timeline import Timeline


class ReviewRecord(Aggregate):
    """The lines of a round, and what can be asked of them."""

    def __init__(self) -> None:
        super().__init__()
        self.status: Timeline[str] = self.timeline("status")
        self.stated: Timeline[StatedTotals] = self.timeline("stated")
        self._subjects: dict[UUID, Timeline[Subject]] = {}
        self._levels: dict[UUID, Timeline[str]] = {}

    # Asking

    def line(self, what: str, subject_id: UUID) -> Timeline[Any]:
        """What is said of one subject: "subject", "own", "vote", "appraisal.<body>"."""
        field = f"{what}.{subject_id}"
        line = self.fields().get(field)
        if line is None:
            line = self.timeline(field)
            if what == "subject":
                self._subjects[subject_id] = line
        return line

    def level_of(self, subject_id: UUID) -> Timeline[str]:
        """The level of one subject on every day, or UNREVIEWED."""
        if subject_id not in self._levels:
            self._levels[subject_id] = self.timeline(f"level.{subject_id}")
        return self._levels[subject_id]

    @property
    def opening(self) -> events.Opened | None:
        """How it was opened; None where that was taken back."""
        facts = self.is_active.facts()
        return self.events[facts[-1].order] if facts else None  # type: ignore[return-value]

    @property
    def opened(self) -> events.Opened:
        """How it was opened. Raises RuleBroken where that was taken back."""
        opening = self.opening
        if opening is None:
            raise RuleBroken("Its opening was taken back: correct that first", id=str(self.id))
        return opening

    def called(self, day: date) -> str | None:
        """Its group and period: all that it is known by."""
        opening = self.opening
        return f"{opening.group}, {opening.period}" if opening else None

    @property
    def period(self) -> Period:
        return Period.parse(self.opened.period)

    @property
    def state(self) -> str:
        """ "open", "reopening_requested" or "closed", after all that is on record."""
        facts = self.status.facts()
        return facts[-1].value if facts else "open"

    def subjects(self) -> dict[UUID, Subject]:
        """All who are listed, after all that is on record."""
        return {id_: line.facts()[-1].value for id_, line in self._subjects.items() if line.facts()}

    def outcomes(self, day: date | None = None) -> dict[UUID, str]:
        """The level of each who has one, or UNREVIEWED; on a day, or after all on record."""
        found = {id_: _last(line, day) for id_, line in self._levels.items()}
        return {id_: level for id_, level in found.items() if level is not None}

    def outcome(self, subject_id: UUID) -> str | None:
        """As in `outcomes`, of one."""
        line = self._levels.get(subject_id)
        return _last(line, None) if line else None

    def is_listed(self, subject_id: UUID) -> bool:
        line = self._subjects.get(subject_id)
        return bool(line and line.facts())

    def levels(self, day: date | None = None) -> dict[UUID, str]:
        """As `outcomes`, of those who were reviewed."""
        outcomes = self.outcomes(day)
        return {id_: level for id_, level in outcomes.items() if level != UNREVIEWED}

    def decision_on(self, subject_id: UUID, day: date | None = None) -> Decision | None:
        """What decides on the level of one subject; None: nothing, or it is left unreviewed."""
        line = self._levels.get(subject_id)
        fact = line.fact_at(day or date.max) if line else None
        return decision_in(self.events[fact.order], subject_id) if fact else None

    def keys(self, since: date) -> set[str]:
        """Who is judged in it, by period, and where: to find all levels of a subject, its rivals,
        and whoever is still to be judged in what ends."""
        opening = self.opening
        if opening is None:
            return set()
        changed = [
            subject
            for id_, subject in self.subjects().items()
            if self._changed(id_, since) or self._subjects[id_].days()[-1] >= since
        ]
        found = {f"only:review:{opening.period}:{s.id}:{s.organisation_id or ''}" for s in changed}
        within = {f"judged_in:{s.organisation_id}" for s in changed if s.organisation_id}
        return found | within | {f"judged:{subject.id}" for subject in changed}

    def _changed(self, subject_id: UUID, since: date) -> bool:
        line = self._levels.get(subject_id)
        return line is not None and any(day >= since for day in line.days())


def _last(line: Timeline[str], day: date | None) -> str | None:
    if day is not None:
        return line.at(day)
    facts = line.facts()
    return facts[-1].value if facts else None
