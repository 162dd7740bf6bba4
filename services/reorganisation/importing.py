"""From lists to events: the opening, one old province at a time, then the dossiers of the day.

May be stopped at any moment and run again: each transaction is there whole or not at all, and what
is there is not decided again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from domain.dossier.dossier import DONE, Dossier
from domain.dossier.tables import Heading, Tables
from domain.envelope import Actor, Authority, Envelope
from domain.errors import CommandReused, InvalidValue, Moved
from services.commands import Command
from services.dossiers.commands import Approve, CarryOut, Check, DrawUp, id_by_key
from services.dossiers.rehearsals import dossier_of
from services.register import Register
from services.reorganisation import terms
from services.reorganisation.checking import contradictions
from services.reorganisation.circumstances import ACTOR
from services.reorganisation.dossiers import dossiers
from services.reorganisation.opening import Step, steps
from services.reorganisation.reading import Finding, Lists, read
from services.rulebook import rule_book
from services.store import CommandKey, KeyReused
from services.work import Work

PLAN = 2  # goes up when the same lists are to be recorded as other facts
APPROVER = Actor(id=f"approval:{terms.UNDERTAKING}", post="Duyệt dữ liệu ban đầu")
ACTS = 4  # of a dossier: drawn up, checked, approved, carried out
NEXT = {"drafted": (1, "checking"), "checked": (2, "approving")}
FORM_RULES = {
    "file-missing",
    "encoding",
    "columns",
    "csv-form",
}  # nothing can be said about what is not read

Progress = Callable[[int, int, str], None]
"""Told (transactions done, of how many, what the next is about)."""


class InputRefused(InvalidValue):
    """The lists contradict themselves or each other; nothing was recorded."""

    code, title = "input-refused", "The input contradicts itself"

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(f"The input has {len(findings)} contradictions; nothing was recorded")
        self.findings = tuple(findings)


@dataclass(frozen=True)
class Imported:
    """What an import did."""

    digest: str  # of the input
    transactions: int
    transactions_new: int  # those that this call recorded
    position: int  # of the log afterwards


def shipped() -> Traversable:
    """The lists that come with the register."""
    return resources.files("services.vn2025")


def checked(folder: Traversable) -> Lists:
    """The lists of a folder when they are free of contradictions. Raises InputRefused."""
    lists, findings = read(folder)
    if not any(finding.rule in FORM_RULES for finding in findings):
        findings = findings + contradictions(lists, rule_book())
    if findings:
        raise InputRefused(sorted(findings))
    return lists


def unheard(done: int, total: int, words: str) -> None:
    """Nobody listens."""


def record(register: Register, lists: Lists, progress: Progress = unheard) -> Imported:
    """Record what checked lists say; what of it is there already stays. Raises RegisterError."""
    opening = len(lists.provinces_before)
    total = opening + ACTS * (len(lists.provinces_after) + 1)
    begun = record_opening(register, lists, lambda done, _, words: progress(done, total, words))
    followed = carry_out_dossiers(
        register, lists, lambda done, _, words: progress(opening + done, total, words)
    )
    return Imported(
        lists.digest,
        begun.transactions + followed.transactions,
        begun.transactions_new + followed.transactions_new,
        followed.position,
    )


# The opening


def record_opening(register: Register, lists: Lists, progress: Progress = unheard) -> Imported:
    """The country as it stood before; what of it is there already stays. Raises RegisterError."""
    total, new = len(lists.provinces_before), 0
    for done, step in enumerate(steps(lists)):
        progress(done, total, step.words)
        new += _record_step(register, step, lists.digest)
    progress(total, total, "")
    return Imported(lists.digest, total, new, register.store.position())


def _record_step(register: Register, step: Step, digest: str) -> bool:
    """Whether it had to be recorded."""
    key = command_key(digest, step.key)
    try:
        if register.store.outcome(key) is not None:
            return False
    except KeyReused:
        raise CommandReused(
            f"{step.words} was recorded from this input by another plan than {PLAN}",
            field="Idempotency-Key",
            key=key.key,
        ) from None
    return bool(register.execute(*step.commands, key=key).events)


def command_key(digest: str, step_key: str) -> CommandKey:
    """What makes a transaction the same one: the input, the step, and the version of the plan.

    Not the commands themselves: a later release may give them a field more, and what it recorded
    before would look like something else.
    """
    name = f"{terms.UNDERTAKING}/{digest}/{step_key}"
    return CommandKey(name, sha256(f"{name} plan {PLAN}".encode()).digest())


# The dossiers


def carry_out_dossiers(register: Register, lists: Lists, progress: Progress = unheard) -> Imported:
    """One for each new province, then the national one: drawn up, checked, approved by another
    than the drafter, and carried out. What was done already stays. Raises RegisterError.
    """
    total, new = ACTS * (len(lists.provinces_after) + 1), 0
    for number, (heading, tables) in enumerate(dossiers(lists)):
        course = _Course(register, heading, tables)
        done = ACTS * number

        def tell(acts: int, act: str, done: int = done, title: str = heading.title) -> None:
            progress(done + acts, total, f"{act}: {title}")

        new += course.run(tell)
    progress(total, total, "")
    return Imported(lists.digest, total, new, register.store.position())


class _Course:
    """One dossier on its way, from wherever it was left."""

    def __init__(self, register: Register, heading: Heading, tables: Tables) -> None:
        self._register, self._heading, self._tables = register, heading, tables
        work = Work(register.store, register.rules)
        self._id = id_by_key(work, heading.key or heading.title)
        self._today = register.today()

    def run(self, tell: Callable[[int, str], None]) -> int:
        """How many transactions it took. Raises RegisterError."""
        tell(0, "drawing up")
        drawn: dict[str, Any] = {"heading": self._heading, "tables": self._tables}
        new = int(self._do(DrawUp(**drawn, **self._about(ACTOR))))
        while (dossier := dossier_of(self._register.store, self._id)).state not in DONE:
            tell(*NEXT.get(dossier.state, (3, "carrying out")))
            try:
                new += self._do(self._next(dossier))
            except Moved:  # since a check before this was stopped
                new += self._do(self._check())
        return new

    def _next(self, dossier: Dossier) -> Command:
        if dossier.state == "drafted":
            return self._check()
        if dossier.state == "checked":
            assert dossier.check is not None
            return Approve(digest=dossier.check.outcome.digest, **self._about(APPROVER))
        return CarryOut(today=self._today, **self._about(ACTOR))

    def _check(self) -> Command:
        at = self._register.store.position()
        return Check(today=self._today, at=at, **self._about(ACTOR))

    def _do(self, command: Command) -> bool:
        """Whether there was anything to record."""
        return self._register.execute(command).position is not None

    def _about(self, actor: Actor) -> dict[str, Any]:
        place = (self._today, None, actor, Authority(actor.post or actor.id), ())
        return {"id": self._id, "envelope": Envelope(*place)}
