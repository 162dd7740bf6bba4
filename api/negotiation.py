"""Which of the forms on offer a client wants (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence

from api.errors import NotAcceptable

JSON = "application/json"
NDJSON = "application/x-ndjson"
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "application/zip"
HTML = "text/html"
EVENT_STREAM = "text/event-stream"
CLOUDEVENT = "application/cloudevents+json"
CLOUDEVENTS = "application/cloudevents-batch+json"

TABLES = (JSON, NDJSON, CSV)
"""The forms of every table; the first is given to whoever does not mind."""


def chosen(accept: str | None, offers: Sequence[str]) -> str:
    """The offer that `accept` likes best, the earlier of equals. Raises NotAcceptable."""
    ranges = [_range(part) for part in (accept or "*/*").split(",") if part.strip()]
    best = max(offers, key=lambda offer: _liking(offer, ranges))
    if _liking(best, ranges) <= 0:
        raise NotAcceptable(f"This is given as {', '.join(offers)}", offers=list(offers))
    return best


def _range(text: str) -> tuple[str, float]:
    media, *parameters = (part.strip().lower() for part in text.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return media, _quality(value.strip())
    return media, 1.0


def _quality(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0


def _liking(offer: str, ranges: Sequence[tuple[str, float]]) -> float:
    """The quality given by the most specific range that covers the offer; 0: none does."""
    for covering in (offer, offer.partition("/")[0] + "/*", "*/*"):
        found = [quality for media, quality in ranges if media == covering]
        if found:
            return max(found)
    return 0.0
