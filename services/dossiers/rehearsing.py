"""A rehearsal: all that a dossier would do, decided and held against every rule, nothing stored.

The carrying out takes the same path, and stores what this found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import cast
from uuid import UUID

from domain.aggregate import Aggregate, Event
from domain.dossier.conserving import refuse_lost
from domain.dossier.dossier import Dossier
from domain.dossier.findings import Finding, refused
from domain.dossier.outcome import Balance, Outcome, Settled
from domain.envelope import Actor
from domain.errors import RegisterError
from domain.node import Node
from domain.organisation import PartyOrganisation
from services.commands import End
from services.dossiers.affairs import TOLD_HERE, Affairs, Affected
from services.dossiers.balancing import balances, refuse_undeclared
from services.dossiers.compiling import Compiler, Planned
from services.dossiers.parts import Parts
from services.dossiers.retracting import leave_out_restored, retract
from services.dossiers.seating import seats_for
from services.dossiers.weighing import CodeChange, Vacancy, code_changes, vacancies, weighed
from services.record import said
from services.register import refuse_undecided
from services.work import Work

Progress = Callable[[int], None]
"""Told how many operations are decided."""


def unheard(_: int) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class Operation:
    """What would happen to one thing, in words for a reader."""

    action: str
    table: str
    row: int
    id: UUID
    called: str
    command: str  # class of the command


@dataclass(frozen=True)
class Rehearsal:
    """What a dossier would come to."""

    findings: tuple[Finding, ...]  # errors, then warnings
    operations: tuple[Operation, ...]
    affected: tuple[Affected, ...]
    events: tuple[Event, ...]  # that would be recorded, those of the dossier not among them
    balances: tuple[Balance, ...]
    vacancies: tuple[Vacancy, ...]  # on the day
    codes: tuple[CodeChange, ...]
    at: int  # position of the log that it was held against
    streams: tuple[Aggregate, ...]  # as they would be, in the order of the events
    parts: tuple[str, ...] = ()  # digests of what its parts come to

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.is_error)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if not each.is_error)

    @property
    def outcome(self) -> Outcome:
        digest = sha256("".join(self.parts).encode())
        for event in self.events:
            digest.update(said(event))
        return Outcome(
            events=len(self.events),
            digest=digest.hexdigest(),
            operations=len(self.operations),
            warnings=len(self.warnings),
            balances=self.balances,
        )

    @property
    def settled(self) -> tuple[Settled, ...]:
        """What only the dossier tells of."""
        told = (each for each in self.affected if each.sort in TOLD_HERE and each.rule)
        return tuple(each.settled for each in told)


def rehearse(
    work: Work,
    dossier: Dossier,
    actor: Actor,
    today: date,
    at: int,
    *,
    with_rules: bool = True,
    progress: Progress = unheard,
) -> Rehearsal:
    """Decide all of it in `work`, and look at everything that it would break.

    What it did when it was carried out before is taken back first: then this is a correction.
    Without `with_rules` the rules between streams are left to whoever stores the work. `progress`
    hears of each operation how many are decided.
    """
    retract(work, dossier, actor)
    heading, tables = dossier.heading, dossier.tables()
    compiler = Compiler(work, dossier.id, heading, tables, actor)
    run = _Run(work, compiler.findings, progress)
    for planned in compiler.planned():
        run.decide(planned)
    day = heading.effective_on
    affairs = Affairs(work, compiler, tables, day)
    for planned in affairs.planned(run.ended()):
        run.decide(planned)
    for planned in seats_for(tables, run.begun(), compiler.findings):
        run.decide(planned)
    leave_out_restored(work)
    if with_rules:
        run.hold_against_rules(today)
    streams = work.changed
    touched = {each.id: each for each in (*compiler.named.values(), *run.touched(), *streams)}
    counted = balances(touched.values(), day, f"dossier/{dossier.id}")
    parts = Parts(work, heading, compiler.findings)
    counted += parts.balances()
    compiler.findings += refuse_undeclared(tables, counted)
    compiler.findings += refuse_lost(tables)
    compiler.findings += weighed(streams, work, day)
    return Rehearsal(
        findings=tuple(sorted(dict.fromkeys(compiler.findings), key=_order)),
        operations=tuple(run.operations),
        affected=tuple(affairs.affected),
        events=tuple(cast(Event, e) for each in streams for e in each.pending_events),
        balances=tuple(counted),
        vacancies=tuple(vacancies(streams, work, day)),
        codes=tuple(code_changes(streams, compiler.references.eve, day)),
        at=at,
        streams=tuple(streams),
        parts=parts.digests(),
    )


class _Run:
    """Decides command by command; what is refused is told, and the others go on."""

    def __init__(self, work: Work, findings: list[Finding], progress: Progress) -> None:
        self._work, self._findings, self._progress = work, findings, progress
        self.operations: list[Operation] = []
        self._places: dict[UUID, tuple[str, int]] = {}  # of the row that first wished of a stream

    def decide(self, planned: Planned) -> None:
        command, place = planned.command, (planned.table, planned.row)
        self._places.setdefault(command.id, place)
        try:
            command.decide(self._work)
        except RegisterError as error:
            self._findings.append(refused(*place, error))
            return
        stream = self._work.find_any(Aggregate, command.id)
        called = stream.called(command.envelope.effective_on) if stream else None
        name = type(command).__name__
        told = Operation(planned.action, *place, command.id, called or str(command.id), name)
        self.operations.append(told)
        self._progress(len(self.operations))

    def ended(self) -> list[tuple[Node, int]]:
        """Those that end in this, with the row that says so."""
        found = ((o, self._work.find(o.id)) for o in self.operations if o.command == End.__name__)
        return [(node, operation.row) for operation, node in found if node is not None]

    def begun(self) -> list[tuple[PartyOrganisation, int]]:
        """Organisations that begin in this."""
        found = (
            (o, self._work.find_any(PartyOrganisation, o.id))
            for o in self.operations
            if o.action == "establish"
        )
        return [(each, operation.row) for operation, each in found if each is not None]

    def touched(self) -> Iterator[Aggregate]:
        """All that commands were about, also where nothing was to be recorded in the end."""
        ids = dict.fromkeys(operation.id for operation in self.operations)
        found = (self._work.find_any(Aggregate, id_) for id_ in ids)
        return (each for each in found if each is not None)

    def hold_against_rules(self, today: date) -> None:
        for stream, breach in self._work.breaches():
            self._findings.append(refused(*self._place_of(stream), breach))
        for stream in self._work.changed:
            try:
                for event in stream.pending_events:
                    refuse_undecided(cast(Event, event).envelope, today)
            except RegisterError as error:
                self._findings.append(refused(*self._place_of(stream), error))

    def _place_of(self, stream: Aggregate) -> tuple[str, int]:
        of = getattr(stream, "organisation_id", stream.id)
        return self._places.get(stream.id) or self._places.get(of) or ("dossier", 0)


def _order(finding: Finding) -> tuple[bool, str, int, str, str]:
    return (not finding.is_error, finding.table, finding.row, finding.field, finding.words)
