"""The pages and their addresses. The API under /v1 is where programs go."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

import structlog
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from api.pages import asking, dossiers, rendering
from api.pages.asking import Asked
from api.pages.counting import EVE, REORGANISATION
from api.pages.country import country
from api.pages.finding import side
from api.pages.looking import sight
from api.pages.reference import reference
from api.pages.searching import is_code, is_name
from api.pages.words import Term
from api.problems import TOLD
from domain.errors import InvalidValue, NotFound
from services.reading import Reading, Readings

Handler = Callable[[Request, Any], Response | Awaitable[Response]]
router = APIRouter(include_in_schema=False)

READ = ["GET", "HEAD"]
TITLES = {
    404: Term("Không tìm thấy", "Not found"),
    405: Term("Địa chỉ này không nhận cách gọi đó", "This address does not take that method"),
    500: Term("Sổ gặp lỗi", "The register made a mistake"),
    503: Term("Sổ chưa sẵn sàng, hãy thử lại", "The register is not ready yet, try again"),
}
KEPT = {"allow", "retry-after", "cache-control"}  # of a refusal, also when it is told as a page
NOTHING_HERE = "Không có gì ở địa chỉ này. / There is nothing at this address."
REFUSED = Term("Câu hỏi chưa đúng", "The question is not well formed")


@router.api_route("/", methods=READ)
def first_page(request: Request, known_at: str = "") -> Response:
    """The country before and after, and a box to search in."""
    asked = asking.asked("", known_at)
    with _reading(request, asked) as reading:
        shown = country(reading)
        return _page(
            request, "home.html", asked, reading, country=shown, eve=EVE, day=REORGANISATION
        )


@router.api_route("/search", methods=READ)
def search(request: Request, q: str = "", within: str = "units", known_at: str = "") -> Response:
    """What bears that name or code, before and after."""
    asked, query = asking.asked("", known_at), asking.query(q)
    category = "organisation" if within == "organisations" else "unit"
    with _reading(request, asked) as reading:
        sides = []
        if is_name(query) or is_code(query):
            sides = [(d, side(reading, category, query, d)) for d in (EVE, REORGANISATION)]
        return _page(
            request, "search.html", asked, reading, query=query, category=category, sides=sides
        )


@router.api_route("/places/{unit_id}", methods=READ)
def place(request: Request, unit_id: str, valid_at: str = "", known_at: str = "") -> Response:
    """One administrative unit."""
    return _sight(request, "unit", unit_id, asking.asked(valid_at, known_at))


@router.api_route("/organisations/{organisation_id}", methods=READ)
def organisation(
    request: Request, organisation_id: str, valid_at: str = "", known_at: str = ""
) -> Response:
    """One Party organisation."""
    return _sight(request, "organisation", organisation_id, asking.asked(valid_at, known_at))


@router.api_route("/docs", methods=READ)
def docs(request: Request) -> Response:
    """The reference of the API."""
    shown = reference(request.app.openapi())
    asked = Asked(None, None)
    return rendering.page(request, "reference.html", asked=asked, basis=None, shown=shown)


@router.api_route("/assets/{name}", methods=READ)
def asset(name: str) -> Response:
    if name not in rendering.ASSETS:
        raise NotFound(NOTHING_HERE)
    return rendering.asset(name)


def add_pages(app: FastAPI) -> None:
    """Add the pages, and let browsers be told errors as pages; call it when all else is there.

    Expects the `Readings` in `app.state.readings`.
    """
    app.include_router(router)
    app.include_router(dossiers.router)
    for error in TOLD:
        told = app.exception_handlers.get(error)
        if told is not None:
            app.add_exception_handler(error, _for_browsers(told))


def _reading(request: Request, asked: Asked) -> AbstractContextManager[Reading]:
    readings: Readings = request.app.state.readings
    return readings.at(asked.valid_at, asked.known_at)


def _sight(request: Request, category: str, id_: str, asked: Asked) -> Response:
    try:
        known = UUID(id_)
    except ValueError:
        raise NotFound(NOTHING_HERE) from None
    with _reading(request, asked) as reading:
        seen = sight(reading, category, known)
        return _page(request, "sight.html", asked, reading, seen=seen, point=reading.point)


def _page(
    request: Request, template: str, asked: Asked, reading: Reading, **shown: Any
) -> Response:
    common: dict[str, Any] = {
        "query": "",
        "category": "unit",
        "asked": asked,
        "basis": reading.basis,
    }
    return rendering.page(request, template, **(common | shown))


def _for_browsers(told: Handler) -> Handler:
    """Tell the same refusal as a page to whoever asks for HTML outside the API."""

    async def handler(request: Request, error: Exception) -> Response:
        response = told(request, error)
        if not isinstance(response, Response):
            response = await response
        if not wants_a_page(request) or response.status_code < 400:
            return response
        page = refusal(request, error, response.status_code)
        page.headers.update({n: v for n, v in response.headers.items() if n in KEPT})
        return page

    return handler


def wants_a_page(request: Request) -> bool:
    """Whether a person is looking: HTML is accepted, and this is not the API."""
    path = request.url.path
    return "text/html" in request.headers.get("Accept", "") and not (
        path == "/v1" or path.startswith("/v1/")
    )


def refusal(request: Request, error: Exception, status: int) -> Response:
    """An error as a page; nothing is told of what nobody foresaw."""
    detail = NOTHING_HERE if status == 404 else ""
    if isinstance(error, (InvalidValue, NotFound)):
        detail = error.detail
    return rendering.page(
        request,
        "refusal.html",
        status,
        title=TITLES.get(status, REFUSED),
        code=status,
        detail=detail,
        request_id=structlog.contextvars.get_contextvars().get("request_id"),
        query="",
        category="unit",
        asked=Asked(None, None),
        basis=None,
    )
