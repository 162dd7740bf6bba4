"""What the database's refusals and errors mean in the words of the services."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing import persistence
from eventsourcing.persistence import IntegrityError, OperationalError, PersistenceError

from services.store import (
    AlreadyRecorded,
    Appended,
    GuardMoved,
    HeadMoved,
    KeyMoved,
    KeyReused,
)


class Busy(OperationalError):
    """Somebody else holds the log for long. Nothing was recorded."""

    def __init__(self) -> None:
        super().__init__("somebody else holds the log: nothing was recorded; try again")


def _already_recorded(facts: dict[str, Any]) -> AlreadyRecorded:
    recorded_at = datetime.fromisoformat(facts["recorded_at"]).astimezone(UTC)
    return AlreadyRecorded(Appended(facts["first"], facts["last"], recorded_at))


# The codes of function settle(), which are SQLSTATEs as well.
REFUSALS: dict[str, Callable[[dict[str, Any]], IntegrityError]] = {
    "SG001": lambda f: HeadMoved(UUID(f["stream"]), f["expected"], f["actual"]),
    "SG002": lambda f: GuardMoved(UUID(f["stream"]), f["expected"], f["actual"]),
    "SG003": lambda f: KeyMoved(f["key"], f["expected"], f["actual"]),
    "SG004": _already_recorded,
    "SG005": lambda f: KeyReused(f["key"]),
    "SG006": lambda f: IntegrityError(f"versions of stream {f['stream']} do not follow each other"),
}


def refusal(facts: dict[str, Any]) -> IntegrityError:
    """Why a request was not recorded, as function settle() puts it."""
    return REFUSALS[facts["code"]](facts)


def in_words(error: psycopg.Error) -> PersistenceError:
    """What the database reported: a refusal of ours, Busy, or the library's error of that name."""
    if error.sqlstate in REFUSALS:
        said: PersistenceError = refusal(json.loads(error.diag.message_detail or "{}"))
    elif isinstance(error, psycopg.errors.LockNotAvailable):
        said = Busy()
    else:
        names = (getattr(persistence, kind.__name__, None) for kind in type(error).__mro__)
        said = next(name for name in names if name)(str(error))
    said.__cause__ = error
    return said
