"""What can be asked of a dossier: one frozen dataclass each, as in services.commands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from domain.dossier.dossier import DONE, Dossier
from domain.dossier.tables import Heading, Tables
from domain.errors import AlreadyExists, DossierRefused, Moved
from domain.ids import derived_id
from services.commands import Command
from services.dossiers.parts import Parts, find_by_key, part_key
from services.dossiers.rehearsing import Progress, Rehearsal, rehearse, unheard
from services.dossiers.retracting import retract
from services.work import Work

MOVED_MAX = 50  # events that are named when something moved
_PLACE = datetime(2025, 4, 1, tzinfo=UTC)  # of ids from keys, among those of that time


def dossier_id(key: str, others: int = 0) -> UUID:
    """Of a dossier that bears this key after so many others, who were withdrawn."""
    return derived_id(f"dossier/{key}" + (f"/{others}" if others else ""), _PLACE)


def id_by_key(work: Work, key: str) -> UUID:
    """Of the dossier that bears it, or will: the same file drawn up twice is one dossier."""
    standing = find_by_key(work, key)
    return standing.id if standing else dossier_id(key, len(work.bearers(part_key(key))))


@dataclass(frozen=True, kw_only=True)
class DossierCommand(Command):
    """A wish about a dossier that is there."""

    def dossier(self, work: Work) -> Dossier:
        return work.get(Dossier, self.id, self.expected_version)


@dataclass(frozen=True, kw_only=True)
class DrawUp(Command):
    """Draw up a dossier, or draw it up anew. The same again records nothing."""

    heading: Heading
    tables: Tables

    def decide(self, work: Work) -> None:
        self._refuse_second(work)
        if work.find_any(Dossier, self.id) is None:
            facts = (self.heading, self.tables)
            work.add(Dossier.drawn_up(self.id, *facts, self.envelope))
        else:
            dossier = work.get(Dossier, self.id, self.expected_version)
            dossier.draw_up_anew(self.heading, self.tables, self.envelope)

    def _refuse_second(self, work: Work) -> None:
        key = self.heading.key
        other = find_by_key(work, key) if key else None
        if other is not None and other.id != self.id:
            raise AlreadyExists(
                f"Another dossier bears the key {key!r}", field="key", id=str(other.id)
            )


@dataclass(frozen=True, kw_only=True)
class Check(DossierCommand):
    """Record that it passes its check. Raises DossierRefused with all that is wrong."""

    today: date
    at: int  # position of the log before anything was read
    progress: Progress = unheard

    def decide(self, work: Work) -> None:
        dossier = self.dossier(work)
        place = (dossier, self.envelope.actor, self.today, self.at)
        rehearsal = rehearse(work.aside(), *place, progress=self.progress)
        refuse_errors(rehearsal)
        dossier.pass_check(self.at, rehearsal.outcome, self.envelope)


@dataclass(frozen=True, kw_only=True)
class Approve(DossierCommand):
    digest: str

    def decide(self, work: Work) -> None:
        self.dossier(work).approve(self.digest, self.envelope)


@dataclass(frozen=True, kw_only=True)
class Schedule(DossierCommand):
    due_on: date

    def decide(self, work: Work) -> None:
        self.dossier(work).set_due(self.due_on, self.envelope)


@dataclass(frozen=True, kw_only=True)
class CarryOut(DossierCommand):
    """Do all that was approved, in one transaction; what was done already records nothing.

    Raises WrongState, Moved, NotCheckedSo, and whatever rule it would break by now.
    """

    today: date
    progress: Progress = unheard

    def decide(self, work: Work) -> None:
        dossier = work.find_any(Dossier, self.id)
        if dossier is None or dossier.state not in DONE:
            self._do(work)

    def _do(self, work: Work) -> None:
        dossier = self.dossier(work)
        dossier.refuse_unless_due(self.today)
        assert dossier.check is not None
        at = dossier.check.at
        how: dict[str, Any] = {"with_rules": False, "progress": self.progress}
        rehearsal = rehearse(work, dossier, self.envelope.actor, self.today, at, **how)
        refuse_moved(work, at)
        refuse_errors(rehearsal)
        if dossier.heading.parts:
            Parts(work, dossier.heading, []).refuse_unless_done()
        work.move_to_end(dossier)  # it is told after what it did
        dossier.carry_out(rehearsal.outcome, rehearsal.settled, self.envelope)


@dataclass(frozen=True, kw_only=True)
class Withdraw(DossierCommand):
    """Let it have no effect; what was recorded ahead of its day is taken back with it."""

    today: date

    def decide(self, work: Work) -> None:
        dossier = self.dossier(work)
        dossier.withdraw(self.today, self.envelope)
        if dossier.carrying is not None:
            retract(work, dossier, self.envelope.actor, self.envelope)


def so_many_wrong(number: int) -> str:
    """So many things, in words."""
    return "1 thing is wrong" if number == 1 else f"{number:,} things are wrong"


def refuse_errors(rehearsal: Rehearsal) -> None:
    """Raises DossierRefused, which names everything that is wrong."""
    errors = rehearsal.errors
    if errors:
        first = errors[0]
        raise DossierRefused(
            f"{so_many_wrong(len(errors))}, the first in {first.table} row {first.row}: "
            f"{first.words}",
            field=first.field,
            rule=first.rule,
            document=first.document,
            findings=[vars(each) for each in errors],
        )


def refuse_moved(work: Work, at: int) -> None:
    """Raises Moved when others changed what the check at that position relied on.

    Acts about dossiers are no change of what those are about.
    """
    moved = [event for event in work.moved_since(at) if event.AGGREGATE is not Dossier]
    if moved:
        raise Moved(
            f"{len(moved)} events were recorded since the check at position {at}: check it anew",
            rule="INV-DOS-3",
            at=at,
            moved=[
                {"position": e.position, "type": e.TOPIC, "id": str(e.originator_id)}
                for e in moved[:MOVED_MAX]
            ],
        )
