"""What is wrong with a dossier, or worth a look, and which row of it says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain.errors import RegisterError

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True, order=True)
class Finding:
    """One thing wrong, or to be looked at, in one row of one table."""

    table: str  # "before", "after", ...; "dossier": the whole
    row: int  # 0: the table as a whole
    field: str
    rule: str  # invariant or rule broken, or the kind of slip: "code-known"
    words: str
    document: str | None = None  # that sets the rule
    severity: str = ERROR

    @property
    def is_error(self) -> bool:
        return self.severity == ERROR


def found(table: str, row: Any, field: str, rule: str, words: str) -> Finding:
    """A finding in a row of one of the tables."""
    return Finding(table, row.row, field, rule, words)


def refused(table: str, row: int, error: RegisterError) -> Finding:
    """What the register says of what a row wishes."""
    facts = error.facts
    document = facts.get("document")
    return Finding(
        table,
        row,
        str(facts.get("field", "row")),
        str(facts.get("rule", error.code)),
        error.detail,
        str(document) if document else None,
    )
