"""Events as they are told over HTTP."""

from __future__ import annotations

from typing import Any

import orjson

from domain.aggregate import NOT_YET_RECORDED, Event
from services.record import to_record


def recorded_event(event: Event) -> dict[str, Any]:
    """The whole record with its position; both position and recorded time are null in a dry run."""
    stored = event.recorded_at != NOT_YET_RECORDED
    told: dict[str, Any] = orjson.loads(to_record(event))
    told["recorded_at"] = event.recorded_at if stored else None
    return told | {"position": event.position}
