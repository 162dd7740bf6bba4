"""What is measured of each request, and the address where all measurements are told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

router = APIRouter(include_in_schema=False)

UNMATCHED = "unmatched"  # there is nothing at that address
OTHER = "other"
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_RENDERERS = CapacityLimiter(2)  # of their own: whoever measures waits behind no request

Templates = dict[Callable[..., Any], str]
"""Of each endpoint, the address with its parameters named: "/v1/units/{id}"."""


class Metrics(Protocol):
    """Who measures."""

    @property
    def media_type(self) -> str:
        """Of what `render` gives."""

    def served(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered. Called for each, on the event loop: it must be quick."""

    def render(self) -> bytes:
        """All measurements. May take a second or two."""


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """All measurements, as Prometheus reads them."""
    measured: Metrics = request.app.state.metrics
    told = await to_thread.run_sync(measured.render, limiter=_RENDERERS)
    return Response(told, 200, {"Cache-Control": "no-store"}, measured.media_type)


class Measured:
    """Tells of each request, by its route, how long it took until the answer began.

    Until it began and not until it ended: an event stream goes on for hours, and a slow reader is
    no fault of ours. The address itself is never told, for it holds ids.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.served = app, metrics.served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status, seconds = time.perf_counter(), 500, None

        async def noted(message: Message) -> None:
            nonlocal status, seconds
            if message["type"] == "http.response.start":
                status, seconds = message["status"], time.perf_counter() - began
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            if seconds is None:
                seconds = time.perf_counter() - began
            method = scope["method"]
            method = method if method in _METHODS else OTHER
            self.served(method, route_of(scope), status, seconds)


def route_of(scope: Scope) -> str:
    """The template of the address, once the request has been routed."""
    endpoint = scope.get("endpoint")
    if endpoint is None:
        return UNMATCHED
    known: Templates = scope["app"].state.templates
    return known.get(endpoint, UNMATCHED)


def templates(app: FastAPI, included: Iterable[tuple[APIRouter, str]]) -> Templates:
    """Those of the application's own routes, and of routers with the prefixes they were given."""
    found = [(app.routes, ""), *((each.routes, prefix) for each, prefix in included)]
    return {
        route.endpoint: prefix + route.path_format
        for routes, prefix in found
        for route in routes
        if isinstance(route, Route)
    }
