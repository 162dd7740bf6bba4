"""The register as an application: it carries out commands, all of a transaction or none."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import chain
from typing import ClassVar, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from eventsourcing.application import Application
from eventsourcing.persistence import InterfaceError, Mapper, OperationalError

from domain.aggregate import Aggregate, Event
from domain.envelope import Envelope
from domain.errors import CommandReused, Contended, InvalidValue, OutcomeUnknown
from domain.node import Node
from domain.rulebook import RuleBook
from services.commands import Command
from services.record import RecordMapper, read_event
from services.rulebook import rule_book
from services.store import (
    NO_TERMS,
    AlreadyRecorded,
    Appended,
    CommandKey,
    GuardMoved,
    HeadMoved,
    InDoubt,
    KeyMoved,
    KeyReused,
    Log,
    Terms,
)
from services.work import Work

ATTEMPTS = 12  # a decision is taken anew so often when what it relied on moved meanwhile
PAUSE_S, PAUSE_MAX_S = 0.001, 0.1  # before the second attempt, doubled each time; and at most


@dataclass(frozen=True)
class Outcome:
    """What became of commands: the events that record them, or that would (dry run)."""

    events: tuple[Event, ...]  # empty: there was nothing to record
    position: int | None  # of the last event; None when nothing was stored
    recorded_at: datetime | None
    repeated: bool = False  # the answer to an earlier call with the same key, given again


def local_today() -> date:
    """The day it is in Vietnam."""
    return datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()


class Register(Application[UUID]):
    """Commands in, events out. Reading is done by the projections."""

    name = "register"
    today: Callable[[], date] = staticmethod(local_today)
    env: ClassVar[dict[str, str]] = {}

    def construct_mapper(self) -> Mapper[UUID]:
        return RecordMapper(self.construct_transcoder())

    @property
    def store(self) -> Log:
        """The log, with what it offers beyond the library's recorder interface."""
        return cast(Log, self.recorder)

    @cached_property
    def rules(self) -> RuleBook:
        return rule_book()

    def execute(
        self, *commands: Command, key: CommandKey | None = None, dry_run: bool = False
    ) -> Outcome:
        """Carry out all these commands in one transaction, or none.

        With a `key`, the same commands again give the same answer again and record nothing. A
        `dry_run` takes the same path and stores nothing. Raises RegisterError: what the domain
        refuses, Contended when others kept changing what this relies on, CommandReused,
        OutcomeUnknown.
        """
        doubt: InDoubt | None = None
        for attempt in range(ATTEMPTS):
            try:
                return self._attempt(commands, key, dry_run)
            except (GuardMoved, KeyMoved, HeadMoved):
                _wait(attempt)  # somebody was quicker: look again and decide anew
            except AlreadyRecorded as error:
                return self._answer(error.appended)
            except InDoubt as error:
                if key is None or attempt + 1 == ATTEMPTS:
                    raise _unknown() from error
                doubt = error
                _wait(attempt)  # under the key the next attempt gives what was recorded, or records
            except (InterfaceError, OperationalError) as error:
                if doubt is None:
                    raise
                raise _unknown() from error
            except KeyReused as error:
                raise CommandReused(
                    "The idempotency key was used for another request", field="Idempotency-Key"
                ) from error
        raise Contended("Others kept changing what this relies on")

    def load(self, *commands: Command) -> Appended:
        """Carry them out in one transaction, each stream by itself: rules between streams are not
        asked.

        For what is invented or was checked before: it takes a third of the time. What the streams
        leave for others to ask about is kept all the same, and whoever decides later on one of them
        is told what is wrong with it. Raises RegisterError, and what Log.append raises.
        """
        work = Work(self.store, self.rules)
        work.load({id_ for command in commands for id_ in command.touches()})
        for command in commands:
            command.decide(work)
        return self.record(*work.changed, terms=work.terms(None))

    def record(self, *streams: Aggregate, terms: Terms = NO_TERMS) -> Appended:
        """Store all that is pending in these streams, in this order, in one transaction.

        As the library's `save`, which looks at every event several times over. Raises InvalidValue,
        and what Log.append raises.
        """
        stored = map(self.mapper.to_stored_event, chain(*(each.taken_events() for each in streams)))
        return self.store.append(list(stored), terms)

    def node(self, of: type[Node], id_: UUID, known_at: int | None = None) -> Node | None:
        """The node folded from its events up to a position (None: all); None if it has none."""
        history = [read_event(r) for r in self.store.histories([id_], known_at)]
        return of.fold(history) if history and isinstance(history[0], of.beginning) else None

    def events_between(self, first: int, last: int) -> tuple[Event, ...]:
        """The events at these positions, both included."""
        return tuple(read_event(r) for r in self.store.feed(first - 1, last - first + 1))

    def _attempt(
        self, commands: Sequence[Command], key: CommandKey | None, dry_run: bool
    ) -> Outcome:
        if key is not None and not dry_run and (earlier := self._earlier(key)):
            return earlier
        work = self.decided(commands)
        if dry_run:
            events = [e for node in work.changed for e in node.pending_events]
            return Outcome(tuple(cast(list[Event], events)), None, None)
        return self._stored(work, key)

    def decided(self, commands: Sequence[Command]) -> Work:
        """What they would change, and what that relies on. Stores nothing. Raises RegisterError."""
        work = Work(self.store, self.rules)
        work.load({id_ for command in commands for id_ in command.touches()})
        for command in commands:
            command.decide(work)
        work.check()
        today = self.today()
        pending = (cast(Event, event) for node in work.changed for event in node.pending_events)
        for event in pending:
            refuse_undecided(event.envelope, today)
            _refuse_unhappened(event, today)
            as_it_stood = event.AS_IT_STANDS or getattr(event, "way", None) == "entered"
            if as_it_stood and event.effective_on > today:
                raise InvalidValue("What is to come cannot be entered as it stands", field="way")
        return work

    def _stored(self, work: Work, key: CommandKey | None) -> Outcome:
        if not work.changed:
            if key is not None:
                self.store.remember(key)
            return Outcome((), None, None)
        terms = work.terms(key)  # before the events are taken
        appended = self.record(*work.changed, terms=terms)
        try:
            return self._outcome(appended.first, appended.last, repeated=False)
        except (InterfaceError, OperationalError) as error:
            last = appended.last
            raise InDoubt(f"recorded up to {last}, and not read back: {error}") from error

    def _earlier(self, key: CommandKey) -> Outcome | None:
        appended = self.store.outcome(key)
        return None if appended is None else self._answer(appended)

    def _answer(self, appended: Appended) -> Outcome:
        if not appended.last:
            return Outcome((), None, None, repeated=True)
        return self._outcome(appended.first, appended.last, repeated=True)

    def _outcome(self, first: int, last: int, *, repeated: bool) -> Outcome:
        events = self.events_between(first, last)
        return Outcome(events, last, events[-1].recorded_at, repeated)


def refuse_undecided(envelope: Envelope, today: date) -> None:
    """What is recorded has been decided; the day of effect alone may lie ahead."""
    refuse_ahead("decided_on", envelope.decided_on, today)
    for document in envelope.basis:
        refuse_ahead("basis.issued_on", document.issued_on, today)


def refuse_ahead(field: str, day: date | None, today: date) -> None:
    """Raises InvalidValue."""
    if day is not None and day > today:
        raise InvalidValue(f"{day:%d/%m/%Y} has not come yet", field=field)


def _refuse_unhappened(event: Event, today: date) -> None:
    for field, day in event.days_behind().items():
        refuse_ahead(field, day, today)


def _wait(attempt: int) -> None:
    """A pause that grows, and differs between those who met: else they meet again."""
    time.sleep(random.uniform(0, min(PAUSE_S * 2**attempt, PAUSE_MAX_S)))


def _unknown() -> OutcomeUnknown:
    return OutcomeUnknown(
        "Nobody can say whether this was recorded: repeat it under the same "
        "idempotency key, or look first if it had none"
    )
