"""What may stand in a cell besides a text, a bool, a list or nothing; and sheets of such cells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.dossiers.files.schema import Table

_ASIDE = re.compile(r'"[^"]*"|\\.|\[(?!\$?-?[hms]+\])[^\]]*\]')  # words and colours in a format


class Refused(Exception):
    """A value that its column cannot hold; by which rule, and in words."""

    def __init__(self, rule: str, words: str) -> None:
        super().__init__(words)
        self.rule, self.words = rule, words


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written, and how its cell shows it."""

    text: str  # "4", "54.07", "1E-3"
    format: str = "General"
    from_1904: bool = False  # days are counted from 1 January 1904

    @property
    def is_date(self) -> bool:
        return any(letter in "dy" for letter in _ASIDE.sub("", self.format.lower()))

    @property
    def exact(self) -> Decimal:
        """To 15 digits, without the dust of binary fractions: 54.07, not 54.069999999999993.

        Raises Refused where it is none, or beyond all bounds.
        """
        try:
            exact = Decimal(f"{float(self.text):.15g}")
        except ValueError:
            exact = Decimal("NaN")
        if not exact.is_finite():
            raise Refused("number-form", f"{self.text[:60]!r} is no number to reckon with")
        return exact


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that is reckoned; `value` is what it came to when the workbook was last saved."""

    value: Any


@dataclass(frozen=True, slots=True)
class Broken:
    """A cell that shows a fault: "#N/A"."""

    text: str


@dataclass
class Sheet:
    """The cells of one table, as some source has them; places are as a person counts."""

    table: Table
    file: str
    name: str  # in verdicts
    header: list[tuple[int, Any]]  # place and cell of each heading
    rows: Iterator[tuple[int, list[Any]]]  # place and cells; read once
    is_upright: bool = False  # one record written downwards: a value stands beside its heading


def is_empty(cell: Any) -> bool:
    if cell is None or cell == "":
        return True
    return (isinstance(cell, str) and cell.isspace()) or cell == []


def shown(cell: Any) -> str:
    """A cell in words, cut where it is long."""
    text = cell.text if isinstance(cell, Number) else str(cell)
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
