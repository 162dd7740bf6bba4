"""Days as offices count them: months after a day, working days after a day.

Deadlines of the Party's regulations are in calendar days (ngày), months, or working days (ngày làm
việc). Public holidays and the Saturdays that are worked instead are set a year at a time, so they
are data of the rule book.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from domain.rulebook import RuleSet

_DAY = timedelta(days=1)
_SATURDAY = 5  # as date.weekday() counts


def months_after(day: date, months: int) -> date:
    """The same day of the month so many months later; the last one where that month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def working_day_after(day: date, number: int, rules: RuleSet) -> date | None:
    """The n-th working day after `day` (1: the next one).

    None when the rule book has no holidays of a year on the way: then nobody can say.
    Source: rule book calendar.days_off, calendar.days_worked, by year.
    """
    off, worked = rules.value("calendar.days_off"), rules.value("calendar.days_worked")
    while number:
        day += _DAY
        year = str(day.year)
        if year not in off:
            return None
        is_weekend = day.weekday() >= _SATURDAY
        said = f"{day:%m-%d}"
        number -= said in worked.get(year, ()) if is_weekend else said not in off[year]
    return day
