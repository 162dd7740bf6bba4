"""What can be read of dossiers: themselves, their rows as files, and what they would come to."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, fields
from hashlib import sha256
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from api import openapi
from api.dossier_jobs import Jobs, progress_of
from api.dossier_models import (
    DossierOne,
    ImpactList,
    ImpactRow,
    OldToNewList,
    OldToNewRow,
    Progress,
    RehearsalShown,
)
from api.negotiation import CSV, HTML, JSON, NDJSON, TABLES, XLSX, ZIP, chosen
from api.parameters import Asked
from api.reads import media_type, table
from api.render import plain, to_json
from domain.aggregate import Event
from domain.dossier.dossier import DONE, Dossier
from domain.dossier.outcome import Balance, Outcome
from domain.dossier.tables import Heading, Tables
from services.dossiers.files.to_csv import csv_files, csv_template, zipped
from services.dossiers.files.to_json import json_document, json_template
from services.dossiers.files.to_workbook import workbook, workbook_template
from services.dossiers.impact import Impact, impact_of_corrections
from services.dossiers.old_to_new import old_to_new
from services.dossiers.rehearsals import Rehearsals, Rehearsed, dossier_of
from services.register import Register

FILES = {"json": JSON, "html": HTML, "xlsx": XLSX, "csv": ZIP}
ENDINGS = {XLSX: "xlsx", ZIP: "zip", CSV: "csv", NDJSON: "ndjson"}

router = APIRouter(prefix="/dossiers", tags=["dossiers"])
AtAsked = Annotated[Asked, Query()]


class FileAsked(Asked):
    format: Literal["json", "xlsx", "csv"] | None = Field(
        None,
        description="The form, for who cannot say it in `Accept`; it goes before that. "
        "`csv`: an archive of CSV files.",
    )


AtFileAsked = Annotated[FileAsked, Query()]


class Window:
    """Where one question about dossiers is dealt with; `offers` are the forms of the answer."""

    offers: tuple[str, ...] = (JSON,)

    def __init__(self, request: Request) -> None:
        self._request = request
        said = FILES.get(request.query_params.get("format", ""))
        is_asked = len(self.offers) > 1 and said in self.offers
        accepted = request.headers.get("Accept")
        self.form = said if said and is_asked else chosen(accepted, self.offers)
        self.register: Register = request.app.state.register
        self.rehearsals: Rehearsals = request.app.state.rehearsals
        self.jobs: Jobs = request.app.state.jobs

    def dossier(self, id_: UUID) -> Dossier:
        """Raises NotFound."""
        return dossier_of(self.register.store, id_)

    def told(self, body: bytes, version: int | None = None, name: str | None = None) -> Response:
        """An answer that says what it rests on; `version` is that of the dossier it shows."""
        digest = sha256(body).hexdigest()[:32]
        tag = f'"{digest}"' if version is None else f'"{version}.{digest}"'
        headers = {"ETag": tag, "Vary": "Accept", "Cache-Control": "no-cache"} | self._basis()
        seen = self._request.headers.get("If-None-Match", "").replace("W/", "").split(",")
        if tag in (each.strip() for each in seen):
            return Response(None, 304, headers)
        if name is not None and self.form != JSON:
            file = f"{name}.{ENDINGS[self.form]}"
            headers["Content-Disposition"] = f'attachment; filename="{file}"'
        return Response(body, 200, headers, media_type(self.form))

    def _basis(self) -> dict[str, str]:
        log = self.register.store
        return {"Sogoc-Position": str(log.position()), "Sogoc-Epoch": str(log.epoch())}

    def rows(
        self, model: type[BaseModel], rows: list[dict[str, Any]], version: int, name: str
    ) -> Response:
        """A table, whole."""
        told = to_json({"items": rows}) if self.form == JSON else table(self.form, model, rows)
        return self.told(told, version, name)


class TableWindow(Window):
    offers = TABLES


class FileWindow(Window):
    offers = (JSON, XLSX, ZIP)


AtWindow = Annotated[Window, Depends(Window)]
AtTableWindow = Annotated[TableWindow, Depends(TableWindow)]
AtFileWindow = Annotated[FileWindow, Depends(FileWindow)]


@router.get(
    "/template",
    summary="Files to fill in",
    responses=openapi.file(None, FileWindow.offers),
)
def template(window: AtFileWindow, asked: AtFileAsked) -> Response:
    """All tables with their headings, as an archive of CSV files, a workbook or JSON."""
    match window.form:
        case "application/json":
            return window.told(json_template(), name="dossier")
        case "application/zip":
            return window.told(zipped(csv_template()), name="dossier")
    return window.told(workbook_template(), name="dossier")


@router.get("/{id}", summary="One, as it stands", responses=openapi.file(DossierOne, [JSON], 404))
def one(id: UUID, window: AtWindow, asked: AtAsked) -> Response:
    """What it says of itself, in which state it is, and who did what with it."""
    dossier = window.dossier(id)
    return window.told(to_json(shown(dossier)), dossier.version)


@router.get(
    "/{id}/tables",
    summary="Its rows, as a file",
    responses=openapi.file(None, FileWindow.offers, 404),
)
def tables(id: UUID, window: AtFileWindow, asked: AtFileAsked) -> Response:
    """As it was drawn up; what is given here can be sent again."""
    dossier = window.dossier(id)
    body = _file(window.form, dossier.heading, dossier.tables())
    return window.told(body, dossier.version, f"dossier-{id}")


def _file(form: str, heading: Heading, rows: Tables) -> bytes:
    match form:
        case "application/json":
            return json_document(heading, rows)
        case "application/zip":
            return zipped(csv_files(heading, rows))
    return workbook(heading, rows)


@router.get(
    "/{id}/rehearsal",
    summary="What it would come to",
    responses=openapi.file(RehearsalShown, [JSON], 404, 409),
)
def rehearsal(id: UUID, window: AtWindow, asked: AtAsked) -> Response:
    """All of it is decided and held against every rule, and nothing is stored (diễn tập)."""
    rehearsed = window.rehearsals.of(id)
    return window.told(to_json(shown_rehearsal(rehearsed)), rehearsed.dossier.version)


@router.get(
    "/{id}/crosswalk",
    summary="Which codes become which",
    responses=openapi.file(OldToNewList, TABLES, 404),
)
def crosswalk(id: UUID, window: AtTableWindow, asked: AtAsked) -> Response:
    """Old to new as its rows say, whole, without pages; an old one may have several rows."""
    dossier = window.dossier(id)
    rows = [asdict(row) for row in old_to_new(dossier.tables())]
    return window.rows(OldToNewRow, rows, dossier.version, f"crosswalk-{id}")


@router.get(
    "/{id}/impact",
    summary="Which answers its corrections changed",
    responses=openapi.file(ImpactList, TABLES, 404),
)
def impact(id: UUID, window: AtTableWindow, asked: AtAsked) -> Response:
    """Each field that is answered otherwise since, with its days, old and new (đính chính).

    Between what was known before its first correction and what is known after the last.
    """
    dossier = window.dossier(id)
    found = impact_of_corrections(window.register.store, dossier)
    return window.rows(ImpactRow, [_impact(row) for row in found], dossier.version, f"impact-{id}")


@router.get(
    "/{id}/carrying-out",
    summary="How far its carrying out is",
    responses=openapi.file(Progress, [JSON], 404),
)
def progress(id: UUID, window: AtWindow, asked: AtAsked) -> Response:
    """Operations decided, of how many. Known to the process that does it; done is done for all."""
    dossier, job = window.dossier(id), window.jobs.of(id)
    told: dict[str, Any] = {"id": id, "decided": 0, "position": None, "problem": None}
    told |= {"state": "not-begun", "operations": 0}
    if job is not None:
        told |= progress_of(job)
    done = dossier.corrections[-1] if dossier.corrections else dossier.carrying
    if dossier.state in DONE and done is not None and told["state"] != "under-way":
        count = done.outcome.operations
        told |= {"state": "done", "decided": count, "operations": count, "position": done.position}
    return window.told(to_json(told))


# As they are told


def shown(dossier: Dossier) -> dict[str, Any]:
    """As `DossierOne` has it."""
    heading, rows = dossier.heading, dossier.tables()
    done = dossier.corrections[-1] if dossier.corrections else dossier.carrying
    return {
        "id": dossier.id,
        **{f.name: getattr(heading, f.name) for f in fields(Heading)},
        "state": dossier.state,
        "version": dossier.version,
        "rows": {f.name: len(getattr(rows, f.name)) for f in fields(Tables)},
        "check": _came_to(dossier.check.outcome, dossier.check.at) if dossier.check else None,
        "approved": dossier.approval.digest if dossier.approval else None,
        "due_on": dossier.schedule.due_on if dossier.schedule else None,
        "carried_out": _came_to(done.outcome, done.position or 0) if done else None,
        "corrections": len(dossier.corrections),
        "acts": [_act(event) for event in acts(dossier)],
    }


def acts(dossier: Dossier) -> list[Event]:
    """What was done with it, in its order; rows and hand-overs are no acts."""
    parts = (Dossier.Stated, Dossier.HandedOver)
    return [event for event in dossier.events.values() if not isinstance(event, parts)]


def _came_to(outcome: Outcome, at: int) -> dict[str, Any]:
    told = {f.name: getattr(outcome, f.name) for f in fields(Outcome)}
    return told | {"at": at, "balances": [_balance(each) for each in outcome.balances]}


def _balance(balance: Balance) -> dict[str, Any]:
    return asdict(balance) | {"holds": balance.holds}


def _act(event: Event) -> dict[str, Any]:
    envelope = event.envelope
    return {
        "act": event.TOPIC,
        "title": event.TITLE,
        "position": event.position,
        "recorded_at": event.recorded_at,
        "actor": envelope.actor.id,
        "post": envelope.actor.post,
        "authority": envelope.authority.name,
        "reason": envelope.reason,
    }


def _impact(row: Impact) -> dict[str, Any]:
    told = {f.name: getattr(row, f.name) for f in fields(Impact)}
    return told | {"old": plain(row.old), "new": plain(row.new)}


def shown_rehearsal(rehearsed: Rehearsed) -> dict[str, Any]:
    """As `RehearsalShown` has it."""
    dossier, found = rehearsed.dossier, rehearsed.rehearsal
    return {
        "id": dossier.id,
        "version": dossier.version,
        "at": found.at,
        "digest": found.outcome.digest,
        "passes": not found.errors,
        "errors": len(found.errors),
        "warnings": len(found.warnings),
        "events": Counter(event.TOPIC for event in found.events),
        "balanced": all(balance.holds for balance in found.balances),
        "took_s": round(rehearsed.took_s, 3),
        "estimate_s": round(rehearsed.estimate_s, 3),
        "findings": [asdict(each) for each in found.findings],
        "operations": [asdict(each) for each in found.operations],
        "affected": [asdict(each) for each in found.affected],
        "balances": [_balance(each) for each in found.balances],
        "vacancies": [asdict(each) for each in found.vacancies],
        "codes": [
            {"code": c.code, "was": c.was, "becomes": c.is_, "change": c.change}
            for c in found.codes
        ],
    }
