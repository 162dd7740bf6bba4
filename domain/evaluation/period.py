"""What a round judges: a year, or a quarter of one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from domain.envelope import FIRST_YEAR, LAST_YEAR
from domain.errors import InvalidValue

_WRITTEN = re.compile(r"(?P<year>\d{4})(-Q(?P<quarter>[1-4]))?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A year (quarter None), or one quarter of it."""

    year: int
    quarter: int | None = None

    @classmethod
    def parse(cls, text: str) -> Period:
        """ "2025" or "2025-Q4". Raises InvalidValue."""
        found = _WRITTEN.fullmatch(text)
        if found is None or not FIRST_YEAR <= int(found["year"]) <= LAST_YEAR:
            raise InvalidValue(
                f'A period is a year like "2025" or a quarter like "2025-Q4", not {text!r}',
                field="period",
            )
        return cls(int(found["year"]), int(found["quarter"]) if found["quarter"] else None)

    def __str__(self) -> str:
        return f"{self.year}-Q{self.quarter}" if self.quarter else str(self.year)

    @property
    def kind(self) -> str:
        """As the rule book has it in `evaluation.periods`."""
        return "quarter" if self.quarter else "year"

    @property
    def first_day(self) -> date:
        return date(self.year, 3 * (self.quarter or 1) - 2, 1)
