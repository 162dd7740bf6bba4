"""What the database's refusals mean in the words of the services."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import IntegrityError

from services.store import (
    AlreadyRecorded,
    Appended,
    GuardMoved,
    HeadMoved,
    KeyMoved,
    KeyReused,
)


def _already_recorded(facts: dict[str, Any]) -> AlreadyRecorded:
    recorded_at = datetime.fromisoformat(facts["recorded_at"])
    return AlreadyRecorded(Appended(facts["first"], facts["last"], recorded_at))


# The SQLSTATEs that function claim() raises; its DETAIL holds the facts as JSON.
CONFLICTS: dict[str, Callable[[dict[str, Any]], IntegrityError]] = {
    "SG001": lambda f: HeadMoved(UUID(f["stream"]), f["expected"], f["actual"]),
    "SG002": lambda f: GuardMoved(UUID(f["stream"]), f["expected"], f["actual"]),
    "SG003": lambda f: KeyMoved(f["key"], f["expected"], f["actual"]),
    "SG004": _already_recorded,
    "SG005": lambda f: KeyReused(f["key"]),
    "SG006": lambda f: IntegrityError(f"versions of stream {f['stream']} do not follow each other"),
}


def conflict(error: psycopg.Error) -> IntegrityError | None:
    """The conflict that the database reported; None when it reported something else."""
    make = CONFLICTS.get(error.sqlstate or "")
    return None if make is None else make(json.loads(error.diag.message_detail or "{}"))
