"""Recording a reorganisation: all of the input is checked first, then one province at a time.

May be stopped at any moment and run again: each transaction is there whole or not at all, and one
that is there is not decided again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable

from domain.errors import CommandReused, InvalidValue
from services.register import Register
from services.reorganisation import terms
from services.reorganisation.checking import contradictions
from services.reorganisation.planning import Step, count, steps
from services.reorganisation.reading import Finding, Lists, read
from services.rulebook import rule_book
from services.store import CommandKey, KeyReused

PLAN = 1  # goes up when the same lists are to be recorded as other facts
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


def record(
    register: Register, lists: Lists, progress: Progress = lambda done, total, words: None
) -> Imported:
    """Record what checked lists say; what of it is there already stays. Raises RegisterError."""
    total, new = count(lists), 0
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
