"""Every report there is, by id."""

from __future__ import annotations

from services.reports import organisations
from services.reports.frame import Report

REPORTS: dict[str, Report] = {
    report.id: report for report in sorted(organisations.REPORTS, key=lambda each: each.id)
}
