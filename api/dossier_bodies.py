"""What is said about a dossier: its rows, in one of three forms of file, and the acts about it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from fastapi import Request
from pydantic import Field

from api.bodies import AuthorityBody, BasisBody, Body, Line, Lines
from api.errors import FilesRefused, MalformedRequest, UnsupportedMediaType
from api.faults import refuse_repeated_names
from api.negotiation import JSON, XLSX, ZIP
from api.parameters import Day
from domain.dossier.tables import Heading, Tables
from domain.envelope import Actor, Authority, Envelope
from domain.legal_basis import LegalBasis
from services.dossiers.commands import so_many_wrong
from services.dossiers.files.reading import Read, read_bytes
from services.dossiers.files.schema import ALL, DOSSIER, Column, Table

DOSSIER_BYTES_MAX = 16_000_000  # of a request: the country of 2025 has some 8 million as JSON
NAMES = {JSON: "dossier.json", XLSX: "dossier.xlsx", ZIP: "dossier.zip"}
VERDICTS_MAX = 1_000  # that one answer tells


# Acts


class Act(Body):
    """Who decided on an act about a dossier; the documents behind its rows stand in the rows."""

    authority: AuthorityBody = Field(description="On whose authority it is done.")
    decided_on: Day | None = None
    basis: list[BasisBody] = Field([], max_length=50, description="Documents about this act.")
    reason: Lines | None = None
    causation_id: Line | None = Field(None, description="What led to this.")

    def envelope(self, actor: Actor, correlation_id: str, today: date) -> Envelope:
        """An act about a dossier takes effect on the day on which it is done."""
        return Envelope(
            effective_on=today,
            decided_on=self.decided_on,
            actor=actor,
            authority=Authority(self.authority.name, self.authority.organisation_id),
            basis=tuple(LegalBasis(**dict(document)) for document in self.basis),
            reason=self.reason,
            correlation_id=correlation_id,
            causation_id=self.causation_id,
        )


class Approval(Act):
    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] = Field(
        description="Of the outcome that was read: `digest` of the rehearsal or of the check."
    )


class Scheduling(Act):
    due_on: Day = Field(description="To be carried out on that day or later, not before.")


class Withdrawal(Act):
    reason: Lines = Field(description="Why it shall have no effect.")


# Files


async def file_only(request: Request) -> bytes:
    """What was sent, in one of the forms of NAMES. Raises UnsupportedMediaType, MalformedBody."""
    for name in request.query_params:
        raise MalformedRequest.at("query", name, "a query says nothing here; it goes in the body")
    form = _form(request)
    content = await request.body()
    if form == JSON:
        refuse_repeated_names(content)
    return content


def _form(request: Request) -> str:
    said = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if said not in NAMES:
        raise UnsupportedMediaType(f"Send one of {', '.join(NAMES)}", content_type=said or None)
    return said


def drawn(request: Request, content: bytes) -> tuple[Heading, Tables]:
    """What the file states. Raises FilesRefused with everything that is wrong in it."""
    read = read_bytes(NAMES[_form(request)], content)
    if not read.is_sound or read.heading is None:
        raise _refused(read)
    return read.heading, read.tables


def _refused(read: Read) -> FilesRefused:
    wrong = [asdict(verdict) for verdict in read.verdicts]
    first = next(v for v in read.verdicts if v.is_error)
    many = sum(v.is_error for v in read.verdicts)
    faults = [
        {"in": "body", "field": f"{v.table}[{v.row}].{v.field}", "message": v.words}
        for v in read.verdicts
        if v.is_error
    ]
    return FilesRefused(
        f"{so_many_wrong(many)}, the first: {first}",
        field=first.field,
        rule=first.rule,
        found=many,
        errors=faults[:VERDICTS_MAX],
        findings=wrong[:VERDICTS_MAX],
    )


# How files are described


def file_body() -> dict[str, Any]:
    """The body of whoever draws a dossier up, for the OpenAPI document."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    content = {JSON: {"schema": _document()}, XLSX: binary, ZIP: binary}
    said = "The dossier as JSON, as a workbook, or as an archive of CSV files."
    return {"requestBody": {"required": True, "description": said, "content": content}}


def _document() -> dict[str, Any]:
    members: dict[str, Any] = {
        table.name: _record(table) if table is DOSSIER else _list(table) for table in ALL
    }
    return {
        "type": "object",
        "properties": members,
        "required": [DOSSIER.name],
        "additionalProperties": False,
    }


def _list(table: Table) -> dict[str, Any]:
    return {"type": "array", "items": _record(table), "description": table.words}


def _record(table: Table) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {column.name: _value(column) for column in table.columns},
        "required": [column.name for column in table.columns if column.is_required],
        "additionalProperties": False,
    }


_TYPES: dict[str, Any] = {
    "date": {"type": "string", "format": "date"},
    "count": {"type": "integer", "minimum": 0},
    "step": {"type": "integer", "minimum": 1},
    "truth": {"type": "boolean"},
    "handles": {"type": "array", "items": {"type": "string"}},
}


def _value(column: Column) -> dict[str, Any]:
    about = {"description": column.words, "title": column.heading}
    return {**_TYPES.get(column.type, {"type": "string"}), **about}
