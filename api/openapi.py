"""What the OpenAPI document says beside what FastAPI finds out: forms, headers, problems, tags."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from api.models import Problem, Ready, Recorded, Unready
from api.negotiation import (
    CLOUDEVENT,
    CLOUDEVENTS,
    CSV,
    EVENT_STREAM,
    HTML,
    JSON,
    NDJSON,
    XLSX,
    ZIP,
)
from api.problems import MEDIA_TYPE

TAGS = [
    {"name": "units", "description": "Administrative units (đơn vị hành chính) on every day."},
    {"name": "organisations", "description": "Party organisations (tổ chức đảng) on every day."},
    {"name": "leadership", "description": "Who leads and who inspects (cấp ủy, ủy ban kiểm tra)."},
    {"name": "members", "description": "Memberships of the Party (đảng tịch), rolls, movements."},
    {"name": "people", "description": "Persons (cá nhân): sealed, and shown for a purpose."},
    {"name": "evaluation", "description": "Levels (xếp loại), years in a row, and awards."},
    {"name": "dossiers", "description": "Reorganisations (hồ sơ sắp xếp), whole or not at all."},
    {"name": "lineage", "description": "What became of what, and where it came from."},
    {"name": "events", "description": "The record itself, in order, as pages and as a stream."},
    {"name": "explaining", "description": "What differs, why a value is what it is, which rules."},
    {"name": "reports", "description": "Tables with official headings, as JSON, CSV and XLSX."},
    {"name": "problems", "description": "Everything that can be refused, and what to do then."},
    {"name": "operation", "description": "Is it alive, and is it ready?"},
]

Responses = dict[int | str, dict[str, Any]]

_TITLES = {
    400: "The request cannot be dealt with",
    401: "A token is needed",
    403: "The token does not allow it",
    404: "There is no such thing",
    405: "This address does not take that method",
    406: "The answer cannot be given in that form",
    409: "A rule forbids it, or the position belongs to another log",
    412: "It changed in the meantime",
    413: "The request is too large",
    415: "The body must be JSON",
    422: "A value is not well formed",
    500: "The register made a mistake",
    503: "Not yet: ask again",
}
_READ = (406, 409, 422, 500, 503)
_COMMAND = (400, 401, 404, 409, 412, 413, 415, 422, 500, 503)
_TEXT = {"type": "string"}
_BASIS = {
    "Sogoc-Position": "Everything recorded up to this position is in the answer.",
    "Sogoc-Epoch": "Identifies the log that positions belong to.",
    "Sogoc-Projection": "The read models and the versions of their layouts; with `+N` where it was"
    " decided at position N what becomes of parked things, so that older answers may differ.",
    "Sogoc-Lag": "Events recorded and not yet in the read models.",
    "Sogoc-Parked": "How many things the read models hold events back of; left out: none.",
    "Sogoc-Parked-From": "The position of the first event of this thing that they hold back.",
    "Sogoc-Valid-At": "The day that was asked about.",
    "Sogoc-Known-At": "The position up to which everything counts.",
    "ETag": "The same question at the same point has the same ETag.",
}


_BINARY = {"type": "string", "format": "binary"}
_FILES: dict[str, Any] = {XLSX: _BINARY, ZIP: _BINARY, JSON: {"type": "object"}}
_FILED = {"Content-Disposition": "A name, where it is a file."}


def problems(*statuses: int) -> Responses:
    """Problem responses of these statuses."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {s: {"description": _TITLES[s], "content": content} for s in statuses}


def table(model: type[BaseModel], *more: int) -> Responses:
    """Responses of a read that gives `model` as JSON, NDJSON and CSV."""
    content = {NDJSON: {"schema": _TEXT}, CSV: {"schema": _TEXT}}
    ok = {"model": model, "content": content, "headers": headers(_BASIS)}
    seen = {"description": "The answer with that ETag still holds", "headers": headers(_BASIS)}
    return {200: ok, 304: seen, **problems(*_READ, *more)}


def report(model: type[BaseModel]) -> Responses:
    """Responses of a report, which is a workbook as well."""
    responses = table(model, 401, 403)
    workbook = {XLSX: {"schema": {"type": "string", "format": "binary"}}}
    responses[200]["content"] |= workbook
    responses[200]["headers"] |= headers({"Content-Disposition": "A name, where it is a file."})
    return responses


def static(model: type[BaseModel], *more: int) -> Responses:
    """Responses of a table that does not rest on the read models."""
    content = {NDJSON: {"schema": _TEXT}, CSV: {"schema": _TEXT}}
    seen = {"description": "The answer with that ETag still holds"}
    return {200: {"model": model, "content": content}, 304: seen, **problems(406, 422, 500, *more)}


def feed(model: Any) -> Responses:
    """Responses of the feed of events."""
    described = {name: _BASIS[name] for name in ("Sogoc-Position", "Sogoc-Epoch", "ETag")}
    described["Link"] = "The page after this one."
    forms = {CLOUDEVENTS: {"schema": {"type": "array"}}}
    forms |= {form: {"schema": _TEXT} for form in (NDJSON, EVENT_STREAM)}
    ok = {"model": model, "content": forms, "headers": headers(described)}
    seen = {"description": "The page with that ETag has not grown"}
    return {200: ok, 304: seen, **problems(406, 409, 422, 500, 503)}


def event(model: Any) -> Responses:
    """Responses of one event."""
    described = {name: _BASIS[name] for name in ("Sogoc-Position", "Sogoc-Epoch", "ETag")}
    ok = {
        "model": model,
        "content": {CLOUDEVENT: {"schema": {"type": "object"}}},
        "headers": headers(described),
    }
    seen = {"description": "It is as it was: events do not change"}
    return {200: ok, 304: seen, **problems(404, 406, 422, 500, 503)}


def page(model: type[BaseModel], *more: int) -> Responses:
    """Responses of what is given as JSON and as a page to read."""
    ok = {"model": model, "content": {HTML: {"schema": _TEXT}}}
    return {200: ok, **problems(406, 422, 500, *more)}


def plain(model: type[BaseModel] | None = None, *more: int) -> Responses:
    """Responses of a read that has one form of its own."""
    ok: Responses = {200: {"model": model}} if model else {}
    return ok | problems(406, 422, 500, *more)


def readiness() -> Responses:
    """Responses of the question whether it is ready."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Unready"}}}
    return plain(Ready) | {503: {"description": "It is not ready", "content": content}}


def change(summary: str) -> dict[str, Any]:
    """How a command's endpoint is described."""
    return {"summary": summary, "status_code": 201, "responses": _changed(Recorded)}


def act(summary: str, model: type[BaseModel], *more: int) -> dict[str, Any]:
    """How the endpoint of an act is described; 202: the work may go on after the answer."""
    responses = _changed(model)
    if 202 in more:
        where = headers({"Location": "Where it tells how far it is."})
        responses[202] = {"description": "Under way", "headers": where}
    return {"summary": summary, "status_code": 201, "responses": responses}


def file(model: type[BaseModel] | None, forms: Iterable[str], *more: int) -> Responses:
    """Responses of what is given as JSON and as files of these forms."""
    ok: Responses = {200: {"model": model} if model else {}}
    ok[200]["content"] = {form: {"schema": _FILES.get(form, _TEXT)} for form in forms}
    ok[200]["headers"] = headers({"ETag": "Of what it is made from.", **_FILED})
    return {**ok, 304: {"description": "It is as it was"}, **problems(406, 422, 500, *more)}


def _changed(model: type[BaseModel]) -> Responses:
    said = {"ETag": "The version that the subject is at now; for `If-Match`."}
    stored = {
        "model": model,
        "description": "Recorded",
        "headers": headers(said | {"Location": "The subject."}),
    }
    applied = {"Preference-Applied": "`dry-run` when nothing was stored for that reason."}
    nothing = {
        "model": model,
        "description": "Nothing to record, or a dry run: nothing was stored",
        "headers": headers(said | applied),
    }
    return {201: stored, 200: nothing, **problems(*_COMMAND)}


def headers(described: dict[str, str]) -> dict[str, Any]:
    return {n: {"description": text, "schema": _TEXT} for n, text in described.items()}


def install(app: FastAPI) -> None:
    """Let the application tell this document."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    found = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        summary=app.summary,
        description=app.description,
        routes=app.routes,
        tags=TAGS,
        license_info=app.license_info,
    )
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    schemas |= {model.__name__: model.model_json_schema() for model in (Problem, Unready)}
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return found
