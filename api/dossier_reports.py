"""Reports on a dossier, to read and to download: as a page, a workbook, files of CSV or JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from api import openapi
from api.dossier_reads import Window
from api.negotiation import HTML, JSON, XLSX, ZIP
from api.parameters import Asked
from api.render import to_json
from services.dossiers.reporting.completion import (
    completion_report,
    crosswalk_report,
    impact_report,
)
from services.dossiers.reporting.frame import DossierReport, Language
from services.dossiers.reporting.page import html
from services.dossiers.reporting.rehearsal import rehearsal_report
from services.dossiers.reporting.writing import csv_archive, plain, workbook

Name = Literal["rehearsal", "completion", "crosswalk", "impact"]
OFFERS = (JSON, HTML, XLSX, ZIP)

router = APIRouter(prefix="/dossiers", tags=["dossiers"])


class ReportAsked(Asked):
    format: Literal["json", "html", "xlsx", "csv"] | None = Field(
        None,
        description="The form, for who cannot say it in `Accept`; it goes before that. "
        "`csv`: an archive of CSV files.",
    )
    language: Language = Field("vi", description="Of headings and words.")


class ReportWindow(Window):
    offers = OFFERS

    def report(self, id_: UUID, name: Name) -> DossierReport:
        """Raises NotFound; WrongState for a rehearsal of one that is closed."""
        log, rules = self.register.store, self.register.rules
        made: dict[str, Callable[[], DossierReport]] = {
            "rehearsal": lambda: self._rehearsal(id_),
            "completion": lambda: completion_report(log, rules, id_, self.register.today()),
            "crosswalk": lambda: crosswalk_report(log, rules, id_),
            "impact": lambda: impact_report(log, id_),
        }
        return made[name]()

    def _rehearsal(self, id_: UUID) -> DossierReport:
        made = self.rehearsals.of(id_)
        return rehearsal_report(made.work, made.dossier, made.rehearsal, made.estimate_s)


@router.get(
    "/{id}/reports/{name}",
    summary="A report on it",
    responses=openapi.file(None, OFFERS, 404, 409),
)
def report(
    id: UUID,
    name: Name,
    window: Annotated[ReportWindow, Depends(ReportWindow)],
    asked: Annotated[ReportAsked, Query()],
) -> Response:
    """`rehearsal`: what it would come to, with everything that breaks and everybody affected.

    `completion`: what was done with it, and what it did. `crosswalk`: old and new codes, both ways.
    `impact`: which answers its corrections changed. People are shown as the ids of their records.
    """
    found = window.report(id, name)
    match window.form:
        case "application/json":
            body = to_json(plain(found))
        case "text/html":
            body = html(found, asked.language).encode()
        case "application/zip":
            body = csv_archive(found, asked.language)
        case _:
            body = workbook(found, asked.language)
    return window.told(body, name=None if window.form == HTML else f"{name}-{id}")
