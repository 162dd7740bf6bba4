"""A reorganisation dossier (hồ sơ sắp xếp): from its draft to the day on which it is carried out.

What it states is in the tables; what it did is in the events of the units and organisations, which
stand in the log right before the event that says that it was carried out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Self
from uuid import UUID

from domain.aggregate import Aggregate, Event
from domain.dossier.counting import counted
from domain.dossier.outcome import Outcome, Settled
from domain.dossier.tables import Heading, Tables
from domain.envelope import Envelope, refuse_day_out_of_bounds
from domain.errors import (
    CannotVoid,
    InvalidValue,
    NotCheckedSo,
    SecondPersonNeeded,
    WrongState,
)
from domain.names import proper_name, refuse_improper_text

STATES = ("drafted", "checked", "approved", "scheduled", "carried_out", "corrected", "withdrawn")
OPEN = ("drafted", "checked", "approved", "scheduled")
DONE = ("carried_out", "corrected")


class Dossier(Aggregate):
    """What is to be done to many organisations on one day, whole or not at all."""

    TOPIC = "dossier"

    class Drafted(Event):
        """Drawn up (lập hồ sơ); what it states follows, in portions."""

        TOPIC = "dossier.drafted"
        TITLE = "lập hồ sơ sắp xếp"
        heading: Heading

        def apply(self, aggregate: Dossier) -> None:
            aggregate.is_active.set(self.effective_on, True, self.originator_version)
            aggregate.restart(self)

    class Redrafted(Drafted):
        """Drawn up anew: what it stated before counts no more (lập lại hồ sơ)."""

        TOPIC = "dossier.redrafted"
        TITLE = "lập lại hồ sơ sắp xếp"

    class Stated(Event):
        """A portion of its rows (nội dung hồ sơ)."""

        TOPIC = "dossier.stated"
        TITLE = "ghi nội dung hồ sơ"
        tables: Tables

        def apply(self, aggregate: Dossier) -> None:
            aggregate.portions.append(self.tables)

    class Checked(Event):
        """Checked without fault, as the register stood at a position (kiểm tra hồ sơ)."""

        TOPIC = "dossier.checked"
        TITLE = "kiểm tra hồ sơ"
        at: int  # position of the log at which it was looked at
        outcome: Outcome

        def apply(self, aggregate: Dossier) -> None:
            aggregate.pass_again(self)

    class Approved(Event):
        """Approved by another person than its drafter (phê duyệt)."""

        TOPIC = "dossier.approved"
        TITLE = "phê duyệt hồ sơ"
        digest: str  # of the outcome that was approved

        def apply(self, aggregate: Dossier) -> None:
            aggregate.state, aggregate.approval = "approved", self

    class Scheduled(Event):
        """To be carried out on a day, not before (lên lịch thực hiện)."""

        TOPIC = "dossier.scheduled"
        TITLE = "lên lịch thực hiện"
        due_on: date

        def apply(self, aggregate: Dossier) -> None:
            aggregate.state, aggregate.schedule = "scheduled", self

    class HandedOver(Event):
        """What became of all that hung on those that ended (bàn giao)."""

        TOPIC = "dossier.handed-over"
        TITLE = "bàn giao"
        settled: tuple[Settled, ...]

        def mentions(self) -> tuple[UUID, ...]:
            ids = ((each.of, each.to) for each in self.settled)
            return tuple(dict.fromkeys(id_ for pair in ids for id_ in pair if id_))

        def apply(self, aggregate: Dossier) -> None:
            aggregate.settled += self.settled

    class CarriedOut(Event):
        """Carried out (thực hiện): its events stand right before this one in the log."""

        TOPIC = "dossier.carried-out"
        TITLE = "thực hiện hồ sơ"
        outcome: Outcome
        before: int  # events between the last of its own and this one: those of this stream

        def apply(self, aggregate: Dossier) -> None:
            aggregate.state, aggregate.carrying = "carried_out", self

    class Corrected(CarriedOut):
        """Carried out wrongly: its events were taken back, and right ones recorded (đính chính)."""

        TOPIC = "dossier.corrected"
        TITLE = "đính chính hồ sơ đã thực hiện"

        def apply(self, aggregate: Dossier) -> None:
            aggregate.corrections.append(self)
            aggregate.state = "corrected"

    class Withdrawn(Event):
        """Withdrawn before its day (rút hồ sơ): it has no effect."""

        TOPIC = "dossier.withdrawn"
        TITLE = "rút hồ sơ"

        def apply(self, aggregate: Dossier) -> None:
            aggregate.state = "withdrawn"

    class Voided(Event):
        """Nothing takes back an act of a dossier; the name is asked for by every stream."""

        TOPIC = "dossier.voided"
        TITLE = "hủy bỏ nội dung đã ghi"

    beginning, voiding = Drafted, Voided

    def __init__(self) -> None:
        super().__init__()
        self.state = "drafted"
        self.draft: Dossier.Drafted | None = None
        self.portions: list[Tables] = []
        self.check: Dossier.Checked | None = None
        self.approval: Dossier.Approved | None = None
        self.schedule: Dossier.Scheduled | None = None
        self.carrying: Dossier.CarriedOut | None = None
        self.corrections: list[Dossier.Corrected] = []
        self.settled: tuple[Settled, ...] = ()
        self.drafters: set[str] = set()

    def restart(self, draft: Drafted) -> None:
        """A draft begins: nothing of an earlier one counts."""
        self.state, self.draft, self.portions = "drafted", draft, []
        self.check = self.approval = self.schedule = None
        self.drafters.add(draft.envelope.actor.id)

    def pass_again(self, check: Checked) -> None:
        """It passed: what was approved stands if that is what it comes to still."""
        self.check = check
        if self.approval is None or self.approval.digest != check.outcome.digest:
            self.state, self.approval, self.schedule = "checked", None, None

    # Asking

    @property
    def heading(self) -> Heading:
        """What it says of itself."""
        assert self.draft is not None
        return self.draft.heading

    def called(self, day: date) -> str | None:
        return self.draft.heading.title if self.draft else None

    def stands_for(self, event: Event) -> Mapping[str, Any]:
        """What a line can say of thousands of rows: how many there are of each."""
        return counted(event)

    def tables(self) -> Tables:
        """All its rows, as they were drawn up."""
        return Tables(
            **{
                name: tuple(row for portion in self.portions for row in getattr(portion, name))
                for name in Tables.__dataclass_fields__
            }
        )

    def own_positions(self) -> Iterator[range]:
        """Positions of what it did to others, when it was carried out and at each correction.

        Other events stand nowhere between: they were recorded in one transaction with these.
        """
        for done in (*filter(None, [self.carrying]), *self.corrections):
            if done.position is not None:
                after = done.position - done.before
                yield range(after - done.outcome.events, after)

    def keys(self, since: date) -> set[str]:
        """Its key, which is unique among dossiers."""
        key = self.draft.heading.key if self.draft else None
        return {f"only:dossier:{key}"} if key and self.state != "withdrawn" else set()

    # Deciding

    @classmethod
    def refuse_unfounded(cls, envelope: Envelope) -> None:
        """Its decisions stand in its rows; the acts about the dossier itself need none."""

    @classmethod
    def drawn_up(cls, id_: UUID, heading: Heading, tables: Tables, envelope: Envelope) -> Self:
        """A new one, with its rows. Raises InvalidValue."""
        dossier = cls.begin(id_, envelope, heading=_proper(heading))
        dossier._state(tables, envelope)
        return dossier

    def draw_up_anew(self, heading: Heading, tables: Tables, envelope: Envelope) -> None:
        """State other rows; what was checked and approved counts no more. The same records nothing.

        Of one that was carried out this begins a correction. Raises WrongState, InvalidValue.
        """
        self._refuse_unless(*OPEN, *DONE)
        if self.carrying is not None and heading.effective_on != self.heading.effective_on:
            raise InvalidValue(
                f"It was carried out for {self.heading.effective_on:%d/%m/%Y}: another day is "
                "another dossier",
                field="effective_on",
            )
        if (_proper(heading), tables) != (self.heading, self.tables()):
            self.happen(self.Redrafted, envelope, heading=_proper(heading))
            self._state(tables, envelope)

    def _state(self, tables: Tables, envelope: Envelope) -> None:
        for portion in portions(tables):
            self.happen(self.Stated, envelope, tables=portion)

    def refuse_unless_open(self) -> None:
        """Raises WrongState once it is carried out or withdrawn, and not drawn up anew since."""
        self._refuse_unless(*OPEN)

    def pass_check(self, at: int, outcome: Outcome, envelope: Envelope) -> None:
        """It was checked without fault, at that position of the log. Raises WrongState.

        An approval stands, and the day set for it, as long as the outcome is the approved one.
        """
        self.refuse_unless_open()
        self.happen(self.Checked, envelope, at=at, outcome=outcome)

    def approve(self, digest: str, envelope: Envelope) -> None:
        """Approve the outcome that `digest` names; again by anybody records nothing.

        Raises WrongState, NotCheckedSo, SecondPersonNeeded.
        """
        if self.approval is not None and self.approval.digest == digest:
            return
        self._refuse_unless("checked")
        assert self.check is not None
        if digest != self.check.outcome.digest:
            raise NotCheckedSo(
                f"Checked was {self.check.outcome.digest}: read that and approve it, or check anew",
                field="digest",
                digest=self.check.outcome.digest,
            )
        if envelope.actor.id in self.drafters:
            raise SecondPersonNeeded(
                "Who drew it up does not approve it",
                field="actor",
                rule="INV-DOS-1",
                id=str(self.id),
            )
        self.happen(self.Approved, envelope, digest=digest)

    def set_due(self, due_on: date, envelope: Envelope) -> None:
        """Let it be carried out on that day, or later. Raises WrongState, InvalidValue."""
        self._refuse_unless("approved", "scheduled")
        if due_on > self.heading.effective_on:
            raise InvalidValue(
                f"It takes effect on {self.heading.effective_on:%d/%m/%Y}: not later than that",
                field="due_on",
                rule="INV-DOS-2",
            )
        if self.schedule is None or self.schedule.due_on != due_on:
            self.happen(self.Scheduled, envelope, due_on=due_on)

    def refuse_unless_due(self, today: date) -> None:
        """Raises WrongState unless it is approved, and its day has come if it has one."""
        self._refuse_unless("approved", "scheduled")
        if self.schedule is not None and today < self.schedule.due_on:
            raise WrongState(
                f"It is to be carried out on {self.schedule.due_on:%d/%m/%Y}, not before",
                field="due_on",
                rule="INV-DOS-2",
                id=str(self.id),
            )

    def carry_out(self, outcome: Outcome, settled: tuple[Settled, ...], envelope: Envelope) -> None:
        """It is carried out, or corrected where it was, with what was approved as its outcome.

        Raises NotCheckedSo.
        """
        assert self.approval is not None
        if outcome.digest != self.approval.digest:
            raise NotCheckedSo(
                "It would not come to what was approved: check it anew",
                rule="INV-DOS-3",
                id=str(self.id),
                digest=outcome.digest,
            )
        act = self.CarriedOut if self.carrying is None else self.Corrected
        cut = range(0, len(settled), PORTION)
        for first in cut:
            some = settled[first : first + PORTION]
            self.happen(self.HandedOver, envelope, settled=some)
        self.happen(act, envelope, outcome=outcome, before=len(cut))

    def withdraw(self, today: date, envelope: Envelope) -> None:
        """It shall have no effect; possible until its day. Raises WrongState, InvalidValue."""
        self._refuse_unless(*OPEN, *DONE)
        if self.state in DONE and today >= self.heading.effective_on:
            raise WrongState(
                f"It took effect on {self.heading.effective_on:%d/%m/%Y}: correct it instead",
                rule="INV-DOS-4",
                id=str(self.id),
            )
        if not envelope.reason:
            raise InvalidValue("Say why, in a few words", field="reason")
        self.happen(self.Withdrawn, envelope)

    def void(self, envelope: Envelope) -> None:
        """Acts of a dossier are not taken back: it is drawn up anew, withdrawn or corrected."""
        raise CannotVoid("Draw it up anew, withdraw it or correct it", id=str(self.id))

    def _refuse_unless(self, *states: str) -> None:
        if self.state not in states:
            raise WrongState(
                f"It is {self.state}, not {' or '.join(states)}",
                field="state",
                id=str(self.id),
                state=self.state,
            )


PORTION = 1_500  # rows of an event: 250 bytes each, of the million that an event may have


def portions(tables: Tables) -> Iterator[Tables]:
    """The rows in events of a size that can be stored."""
    rows: list[tuple[str, Any]] = [
        (name, row) for name in Tables.__dataclass_fields__ for row in getattr(tables, name)
    ]
    for first in range(0, len(rows), PORTION):
        some: dict[str, list[Any]] = {}
        for name, row in rows[first : first + PORTION]:
            some.setdefault(name, []).append(row)
        yield Tables(**{name: tuple(those) for name, those in some.items()})


def _proper(heading: Heading) -> Heading:
    refuse_improper_text(heading.key, "key")
    refuse_improper_text(heading.note, "note")
    refuse_day_out_of_bounds(heading.effective_on, "effective_on")
    if not heading.title.strip():
        raise InvalidValue("A dossier has a title", field="title")
    return replace(heading, title=proper_name(heading.title, "title"))
