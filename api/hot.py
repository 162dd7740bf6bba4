"""A way past the framework for the read that is asked most: one node, at a point in both times.

Finding the route and solving its dependencies costs more than such a read itself. What is plainly
asked goes this way; whatever is odd about a request (an unknown name, a malformed value, a header
that comes twice) takes the ordinary one, which says what is wrong. Both end in the same function.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from api.parameters import POSITION_MAX, AtPoint
from api.reads import Desk

Answering = Callable[[UUID, Desk, AtPoint], Awaitable[Response]]
_POSITION = re.compile(rb"[0-9]{1,16}")
_ID = "([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"


class HotRoute(BaseRoute):
    """GET of `prefix`/ID; `endpoint` is the ordinary way of the same read."""

    def __init__(self, prefix: str, endpoint: Callable[..., Any], answer: Answering) -> None:
        self._path = re.compile(re.escape(f"{prefix}/") + _ID)
        self._endpoint, self._answer = endpoint, answer

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether it is this read and plainly asked; what it asks for is left in the scope."""
        if scope["type"] != "http" or scope["method"] != "GET":
            return Match.NONE, {}
        path = self._path.fullmatch(scope["path"])
        asked = path and _asked(scope)
        if not path or not asked:
            return Match.NONE, {}
        params = {"id": path[1]}
        return Match.FULL, {"endpoint": self._endpoint, "path_params": params, "asked": asked}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked, min_position, if_none_match = scope["asked"]
        desk = Desk(Request(scope, receive, send), min_position, if_none_match)
        response = await self._answer(UUID(scope["path_params"]["id"]), desk, asked)
        await response(scope, receive, send)


def _asked(scope: Scope) -> tuple[AtPoint, int, str] | None:
    """The point, Min-Position and If-None-Match; None unless all is said once and well."""
    headers = dict(scope["headers"])
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    min_position = headers.get(b"min-position", b"0")
    if len(headers) < len(scope["headers"]) or len(dict(query)) < len(query):
        return None
    if not _POSITION.fullmatch(min_position) or int(min_position) > POSITION_MAX:
        return None
    try:
        point = AtPoint.model_validate(dict(query))
    except ValidationError:
        return None
    return point, int(min_position), headers.get(b"if-none-match", b"").decode("latin-1")
