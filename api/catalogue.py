"""Every kind of problem: what it means, an example, and whether to try again."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from api import openapi
from api.explanations import EXPLANATIONS
from api.models import ProblemType, ProblemTypes
from api.negotiation import HTML, JSON, chosen
from api.problems import status_of
from api.render import to_json
from domain.errors import NotFound, RegisterError

router = APIRouter(prefix="/problems", tags=["problems"])

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}}
dt{{font-weight:600;margin-top:.75rem}}dd{{margin:0}}code{{font-size:.95em}}</style></head>
<body>{body}</body></html>
"""


def every_error() -> dict[str, type[RegisterError]]:
    """All classes of errors that are loaded, by code."""
    return {each.code: each for each in _descendants(RegisterError)}


def _descendants(family: type[RegisterError]) -> Iterator[type[RegisterError]]:
    yield family
    for each in family.__subclasses__():
        yield from _descendants(each)


def explained(error: type[RegisterError]) -> dict[str, Any]:
    """A kind of problem; without an explanation of its own it has that of its family."""
    families = (each for each in error.__mro__ if issubclass(each, RegisterError))
    said = next(e for family in families if (e := EXPLANATIONS.get(family.code)))
    return {
        "type": f"/problems/{error.code}",
        "code": error.code,
        "status": status_of(error),
        "title": error.title,
        "meaning": said.meaning,
        "example": said.example,
        "retry": said.retry,
    }


@router.get("", summary="All kinds of problems", responses=openapi.page(ProblemTypes))
async def problems(request: Request) -> Response:
    """What can be refused here, as JSON or as a page to read."""
    known = [explained(error) for _, error in sorted(every_error().items())]
    if chosen(request.headers.get("Accept"), (JSON, HTML)) == JSON:
        return _told(to_json({"items": known}), JSON)
    rows = "".join(
        f'<li><a href="{each["type"]}"><code>{each["code"]}</code></a> ({each["status"]}) '
        f"{escape(each['title'])}</li>"
        for each in known
    )
    return _html("Problems", f"<h1>Problems</h1><ul>{rows}</ul>")


@router.get("/{code}", summary="One kind of problem", responses=openapi.page(ProblemType, 404))
async def problem(
    request: Request,
    code: Annotated[str, Path(max_length=60, pattern="^[a-z0-9-]+$", examples=["not-active"])],
) -> Response:
    """What `type` of a problem points to."""
    error = every_error().get(code)
    form = chosen(request.headers.get("Accept"), (JSON, HTML))
    if error is None:
        raise NotFound(f"There is no problem of type {code}", code=code)
    told = explained(error)
    if form == JSON:
        return _told(to_json(told), JSON)
    names = {"status": "HTTP status", "meaning": "Meaning", "example": "Example", "retry": "Retry"}
    facts = "".join(f"<dt>{n}</dt><dd>{escape(str(told[k]))}</dd>" for k, n in names.items())
    body = f"<p><a href='/problems'>Problems</a></p><h1>{escape(error.title)}</h1><dl>{facts}</dl>"
    return _html(error.title, body)


def _html(title: str, body: str) -> Response:
    page = _PAGE.format(title=escape(title), body=body).encode()
    return _told(page, "text/html; charset=utf-8")


def _told(body: bytes, media_type: str) -> Response:
    headers = {"Cache-Control": "max-age=3600", "Vary": "Accept"}
    return Response(body, 200, headers, media_type)
