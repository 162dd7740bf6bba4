"""What a report on a dossier is: facts, tables of plain rows, drawings. Codes, not words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from services.dossiers.reporting.drawing import Drawing

Language = Literal["vi", "en"]
Type = Literal["text", "code", "number", "share", "day", "moment", "flag", "id", "coded", "heirs"]


@dataclass(frozen=True, slots=True)
class Term:
    """One thing said twice."""

    vi: str
    en: str

    def said(self, language: Language) -> str:
        return self.vi if language == "vi" else self.en


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table; `name` is the attribute of its rows."""

    name: str
    heading: Term
    type: Type = "text"  # a code stays a text everywhere; a share is 0 to 1
    of: str | None = None  # of a coded one: whose words say it (words.py)


@dataclass(frozen=True)
class Table:
    """Rows of one sort: dataclasses with an attribute for each column."""

    name: str  # of its file or sheet: "ended"
    title: Term
    columns: tuple[Column, ...]
    rows: Sequence[Any]
    if_empty: Term | None = None  # what that means; None: a table without rows is left out


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is told once, at the head."""

    label: Term
    value: Any
    type: Type = "text"
    of: str | None = None


@dataclass(frozen=True)
class DossierReport:
    """All that is told of one dossier."""

    name: str  # "rehearsal", "completion", "crosswalk", "impact"
    title: Term
    about: str  # title of the dossier
    facts: tuple[Fact, ...]
    tables: tuple[Table, ...]
    verdict: Term | None = None  # in a sentence
    is_good: bool = True
    drawings: tuple[Drawing, ...] = ()
