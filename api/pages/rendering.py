"""From a template and what it shows to a response that no browser can be made to misread."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import Response

from api.pages import words

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
ASSETS = {"pages.css": "text/css; charset=utf-8", "mark.svg": "image/svg+xml"}
ONE_YEAR_S = 365 * 24 * 3600


def page(request: Request, template: str, status: int = 200, **shown: Any) -> Response:
    """The page as HTML; 304 when the reader has these very bytes already."""
    body = _templates().get_template(template).render(shown).encode()
    headers = HEADERS | {"Cache-Control": "no-cache", "ETag": f'"{sha256(body).hexdigest()[:32]}"'}
    seen = request.headers.get("If-None-Match", "").replace("W/", "").split(", ")
    if status == 200 and headers["ETag"] in seen:
        return Response(None, 304, headers)
    headers["Content-Language"] = "vi, en"
    return Response(body, status, headers, "text/html; charset=utf-8")


def asset(name: str) -> Response:
    """A file that the pages need; its address changes with its content, so it may be kept."""
    headers = HEADERS | {"Cache-Control": f"public, max-age={ONE_YEAR_S}, immutable"}
    return Response(_content(name), 200, headers, ASSETS[name])


def address(path: str, **asked: Any) -> str:
    """`path` with what is asked; what is None or empty is left out."""
    given = {name: str(value) for name, value in asked.items() if value not in (None, "")}
    return f"{path}?{urlencode(given)}" if given else path


def asset_address(name: str) -> str:
    return address(f"/assets/{name}", v=sha256(_content(name)).hexdigest()[:12])


@cache
def _content(name: str) -> bytes:
    return files(__package__).joinpath("assets", name).read_bytes()


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("api.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= _filters()
    environment.globals |= {"address": address, "asset": asset_address, "words": words}
    return environment


def _filters() -> Mapping[str, Any]:
    told = {"day": words.day, "number": words.number, "moment": words.moment}
    return told | {"marked": marked}


def marked(text: str) -> Markup:
    """Text whose `words between backticks` are code."""
    pieces = (escape(piece) for piece in text.split("`"))
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if number % 2 else piece
        for number, piece in enumerate(pieces)
    )
