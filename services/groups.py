"""The groups that statistics count members in: women, youth, ethnic minorities, religious.

Who belongs to one is a personal detail: it is read for a reader on record, and only numbers of it
leave the services.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.details import Details


@dataclass(frozen=True, slots=True)
class Groups:
    """Whether a person belongs to each; None: not known."""

    women: bool | None
    youth: bool | None
    minority: bool | None
    religious: bool | None


def groups(details: Details, day: date, youth_years: int) -> Groups:
    """On a day; `youth_years` is the age that the oldest of the youth have (membership.youth)."""
    born = details.birth_date
    return Groups(
        women=details.sex == "female" if details.sex else None,
        youth=_age(born, day) <= youth_years if born else None,
        minority=details.of_minority,
        religious=details.has_religion,
    )


def _age(born: date, day: date) -> int:
    """Full years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
