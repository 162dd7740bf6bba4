"""A report with what is counted of personal details, for who may see them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from uuid import UUID

from services.groups import Groups
from services.reading import Reading
from services.reports.frame import Report

GroupsOf = Callable[[Iterable[UUID], Reading, date], Mapping[UUID, Groups]]
"""(persons, reading, day) -> those of whom anything can be read; it goes on record."""


def with_groups(report: Report, groups_of: GroupsOf) -> Report:
    """The same report; where it counts groups, they are not withheld."""
    if report.grouped is None:
        return report
    return replace(report, rows=partial(report.grouped, groups_of=groups_of))
