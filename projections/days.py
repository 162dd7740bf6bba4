"""Stretches of what is told by the days on which anything changes, and not by values alone.

Two facts may say the same value and differ in what stands behind it (another decision, other
points); a timeline makes one span of them, these are two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from domain.timeline import Timeline
from projections.known import Stretch


def stretches_by_day(
    lines: Iterable[Timeline[Any]], row_on: Callable[[date], tuple[Any, ...] | None], since: date
) -> Iterator[Stretch]:
    """The stretches that reach beyond `since`; `row_on` gives what a day says; None: nothing."""
    days = sorted({day for line in lines for day in line.days()})
    standing: Stretch | None = None
    for day in days:
        values = row_on(day)
        if standing is not None and values == standing.values:
            continue
        if standing is not None and day > since:
            yield standing._replace(after=day)
        standing = Stretch(values, day, None) if values is not None else None
    if standing is not None:
        yield standing
