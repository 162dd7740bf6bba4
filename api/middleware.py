"""What every request gets: an id, a limit on its body, and a line in the log.

The log names method, path, status and time, and never the query: what somebody searches for may be
personal.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import paths
from api.errors import BodyTooLarge
from api.problems import problem

_ID = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")
_log = structlog.get_logger("api.access")


class RequestIds:
    """Takes X-Request-ID and X-Correlation-ID from a client, or gives them; logs each request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = _well_formed(headers.get("X-Request-ID")) or secrets.token_hex(16)
        correlation_id = _well_formed(headers.get("X-Correlation-ID")) or request_id
        scope.setdefault("state", {}).update(correlation_id=correlation_id)
        with structlog.contextvars.bound_contextvars(
            request_id=request_id, correlation_id=correlation_id
        ):
            await self._served(scope, receive, send, request_id)

    async def _served(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        began, status, began_answering = time.perf_counter(), 500, False

        async def stamped(message: Message) -> None:
            nonlocal status, began_answering
            if message["type"] == "http.response.start":
                status, began_answering = message["status"], True
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        try:
            await self.app(scope, receive, stamped)
        except Exception as error:
            if began_answering:
                raise
            await _told(error, scope, receive, stamped)
        finally:
            took_ms = round((time.perf_counter() - began) * 1000, 1)
            _log.info(
                "request.served",
                method=scope["method"],
                path=paths.told(scope["path"]),
                status=status,
                took_ms=took_ms,
            )


async def _told(error: Exception, scope: Scope, receive: Receive, send: Send) -> None:
    """What nobody foresaw is told here, while the request's ids are known."""
    tell = scope["app"].exception_handlers[Exception]
    response = await tell(Request(scope, receive), error)
    await response(scope, receive, send)


def _well_formed(text: str | None) -> str | None:
    return text if text and _ID.fullmatch(text) else None


class Heads:
    """Answers HEAD as GET, with the headers alone (RFC 9110, section 9.3.2).

    An answer that has no end would keep its reader waiting: `request.state.head` tells of it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def bodiless(message: Message) -> None:
            await send({**message, "body": b""} if "body" in message else message)

        state = scope.get("state", {}) | {"head": True}
        asked = {**scope, "method": "GET", "state": state}
        try:
            await self.app(asked, receive, bodiless)
        finally:
            scope["endpoint"] = asked.get("endpoint")  # for who asks further out, as of GET


class BodyLimit:
    """Refuses bodies of more than `limit` bytes, said beforehand or found while reading.

    `larger`: address -> limit of what is sent there, and to what lies directly below it.
    """

    def __init__(self, app: ASGIApp, limit: int, larger: Mapping[str, int] | None = None) -> None:
        self.app, self.limit, self._larger = app, limit, larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        said = Headers(scope=scope).get("Content-Length", "0")
        limit = self._limit(scope["path"])
        if said.isdecimal() and int(said) > limit:
            refusal = BodyTooLarge(_most(limit), limit_bytes=limit)
            await problem(refusal, scope["path"])(scope, receive, send)
            return
        await self.app(scope, _counted(receive, limit), send)

    def _limit(self, path: str) -> int:
        above = path.rpartition("/")[0]
        return self._larger.get(path) or self._larger.get(above) or self.limit


def _counted(receive: Receive, limit: int) -> Receive:
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > limit:
            raise HTTPException(413, _most(limit))
        return message

    return counted


def _most(limit: int) -> str:
    return f"A request has at most {limit} bytes"
