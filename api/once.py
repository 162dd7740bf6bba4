"""What is said twice: of two values one would go unnoticed, so none is taken."""

from __future__ import annotations

from collections import Counter

from fastapi import Request

from api.errors import MalformedRequest

REPEATABLE = frozenset({"codes", "kind", "level", "status", "type"})
"""The names in a query that take several values."""

SINGLE = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "Last-Event-ID",
    "Min-Position",
    "Sogoc-Purpose",
    "X-Correlation-ID",
)
"""Headers that have one value or none. Those that are lists are read with all their lines."""


async def refuse_repeated(request: Request) -> None:
    """Raises MalformedRequest. It waits for nothing, and so needs no thread."""
    names = Counter(name for name, _ in request.query_params.multi_items())
    for name, times in names.items():
        if times > 1 and name not in REPEATABLE:
            raise MalformedRequest.at("query", name, "it is given more than once")
    for header in SINGLE:
        if len(request.headers.getlist(header)) > 1:
            raise MalformedRequest.at("header", header, "it is given more than once")
