"""Every report there is, by id."""

from __future__ import annotations

from services.reports import evaluation, leadership, members, movement, organisations
from services.reports.frame import Report

_AREAS = (organisations, leadership, evaluation, members, movement)

REPORTS: dict[str, Report] = {
    report.id: report
    for report in sorted((r for area in _AREAS for r in area.REPORTS), key=lambda each: each.id)
}
