"""Reports, each with an address, parameters and rows of its own, made from the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import date
from tempfile import SpooledTemporaryFile
from typing import IO, Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field, create_model
from starlette.background import BackgroundTask
from starlette.responses import Response, StreamingResponse

from api import openapi
from api.access import AtReader
from api.models import Items, Shape
from api.negotiation import CSV, JSON, TABLES, XLSX, chosen
from api.parameters import Asked, AtPoint, Day, Text
from api.reads import Answer, Desk, IfNoneMatch, MinPosition, media_type, static, table
from api.render import to_json
from api.report_forms import FORMS, Told, described, write
from services.reports.catalogue import REPORTS
from services.reports.frame import Column, Given, Heading, Parameter, Report
from services.reports.groups import with_groups
from services.reports.naming import name_column, with_names

IN_MEMORY_BYTES = 8_000_000  # what is longer waits in a file until it is sent
_CHUNK_BYTES = 65_536

router = APIRouter(prefix="/reports", tags=["reports"])

# Which reports there are


class ReportOne(Shape):
    """A report, and what it can be asked with."""

    id: str
    title: str = Field(description="Official Vietnamese.")
    english: str
    href: str
    note: str | None
    parameters: list[dict[str, Any]]
    columns: list[dict[str, Any]]


class ReportList(Shape):
    items: list[ReportOne]


@router.get("", summary="Which reports there are", responses=openapi.static(ReportList))
async def catalogue(request: Request, asked: Annotated[Asked, Query()]) -> Response:
    """Each with its parameters and its columns. Whole on purpose, without pages."""
    form = chosen(request.headers.get("Accept"), TABLES)
    items = [described(report) for report in REPORTS.values()]
    body = to_json({"items": items}) if form == JSON else table(form, ReportOne, items)
    return static(request, body, form)


# One report


class ReportAsked(AtPoint):
    """What every report can be asked with."""

    format: Literal["json", "ndjson", "csv", "xlsx"] | None = Field(
        None, description="The form, for who cannot say it in `Accept`; it goes before that."
    )
    headings: Heading = Field(
        "vi", description="Of a table: official Vietnamese, English, or the names as in JSON."
    )
    bom: bool = Field(
        False, description="Whether CSV begins with a byte order mark, as some spreadsheets wish."
    )


_TYPES: dict[str, Any] = {
    "text": str,
    "code": str,
    "number": int | float,
    "share": float,
    "day": date,
    "flag": bool,
    "id": UUID,
    "person": UUID,
}
_GIVEN: dict[str, Any] = {"organisation": UUID, "person": UUID, "day": Day, "flag": bool}


async def _desk(
    request: Request,
    reader: AtReader,
    min_position: MinPosition = 0,
    if_none_match: IfNoneMatch = "",
) -> Desk:
    form = FORMS.get(request.query_params.get("format", ""))
    form = form or chosen(request.headers.get("Accept"), tuple(FORMS.values()))
    return Desk(request, min_position, if_none_match, form, reader)


def add_report(report: Report) -> None:
    """Give it an address."""
    name = report.id.replace("-", "_")
    asking = create_model(f"{name}_Asked", __base__=ReportAsked, **_fields(report.parameters))
    row = create_model(f"{name}_Row", __base__=Shape, **_row_fields(report.columns))
    answered = create_model(
        f"{name}_Answer",
        __base__=Items[row],
        report=(ReportOne, ...),
    )

    def read(desk: Annotated[Desk, Depends(_desk)], asked: Any) -> Response:
        given = {each.name: getattr(asked, _attribute(each)) for each in report.parameters}
        shown = report
        if desk.reader:
            shown = with_groups(with_names(report, desk.names_of), desk.groups_of)
        with desk.open(asked, report.views) as answer:
            return _answered(shown, answer, given, asked)

    read.__annotations__["asked"] = Annotated[asking, Query()]
    router.add_api_route(
        f"/{report.id}",
        read,
        name=name.lower(),
        summary=f"{report.id} {report.title}",
        description=". ".join(filter(None, (report.english, report.note))),
        responses=openapi.report(answered),
    )


def _attribute(parameter: Parameter) -> str:
    return f"asked_{parameter.name}"  # `from` is a word of Python


def _fields(parameters: Iterable[Parameter]) -> dict[str, Any]:
    return {_attribute(each): (_type(each), _field(each)) for each in parameters}


def _type(parameter: Parameter) -> Any:
    if parameter.type == "word":
        type_: Any = Literal[parameter.choices] if parameter.choices else Text
    else:
        type_ = int if parameter.type == "number" else _GIVEN[parameter.type]
    return type_ if parameter.is_required else type_ | None


def _field(parameter: Parameter) -> Any:
    return Field(
        ... if parameter.is_required else None,
        alias=parameter.name,
        description=parameter.english,
        ge=parameter.least,
        le=parameter.most,
    )


def _row_fields(columns: Iterable[Column]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for column in columns:
        fields[column.name] = (_TYPES[column.type] | None, Field(description=column.heading))
        if column.type == "person":
            named = Field(None, description="Only with `Sogoc-Purpose`.")
            fields[name_column(column).name] = (str | None, named)
    return fields


# Sending it


def _answered(report: Report, answer: Answer, given: Given, asked: ReportAsked) -> Response:
    """Written while the reading is open, so that whatever is wrong can still be told; then sent."""
    form = answer.desk.form
    told = Told(report, answer.reading, given, asked.headings, asked.bom)
    with ExitStack() as stack:
        out: IO[bytes] = stack.enter_context(SpooledTemporaryFile(IN_MEMORY_BYTES))
        write(out, told, form)
        length = out.tell()
        out.seek(0)
        headers = answer.headers() | {"Content-Length": str(length)} | _named(report, answer)
        sent = BackgroundTask(stack.pop_all().close)
    return StreamingResponse(_chunks(out), 200, headers, media_type(form), sent)


def _named(report: Report, answer: Answer) -> dict[str, str]:
    """A name to keep it under, where it is a file."""
    if answer.desk.form not in (CSV, XLSX):
        return {}
    point = answer.footing.point
    ending = "csv" if answer.desk.form == CSV else "xlsx"
    name = f"{report.id}_{point.valid_at}_{point.known_at}.{ending}"
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _chunks(out: IO[bytes]) -> Iterator[bytes]:
    while chunk := out.read(_CHUNK_BYTES):
        yield chunk


for _report in REPORTS.values():
    add_report(_report)
