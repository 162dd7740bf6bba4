"""A report on a dossier as one HTML file: nothing beside it, no script, made for A4 as well."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from services.dossiers.reporting.frame import DossierReport, Language, Term
from services.dossiers.reporting.words import told

ROWS_MAX = 1_500
"""Rows of a table on a page; all of them are in the files."""

_EXTENTS = {
    "whole": Term("toàn bộ", "whole"),
    "part": Term("một phần", "part"),
    "unknown": Term("chưa rõ phạm vi", "unknown extent"),
    "stays": Term("tiếp tục tồn tại", "lives on"),
}


def html(report: DossierReport, language: Language = "vi") -> str:
    """The whole page."""
    return (
        _templates()
        .get_template("report.html")
        .render(report=report, language=language, rows_max=ROWS_MAX, extents=_EXTENTS, told=told)
    )


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("services.dossiers.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
