"""The door for commands: who asks, on what condition, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Request
from starlette.responses import Response

from api.access import authenticated
from api.bodies import Circumstances
from api.errors import UnsupportedMediaType
from api.render import to_json
from api.told import recorded_event
from domain.aggregate import Aggregate, Event
from domain.envelope import Actor, Envelope
from domain.organisation import PartyOrganisation
from domain.unit import AdministrativeUnit
from services.commands import Command
from services.register import Outcome, Register
from services.store import CommandKey

_PLACES: dict[type[Aggregate], str] = {
    AdministrativeUnit: "/v1/units",
    PartyOrganisation: "/v1/organisations",
}

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        pattern=r'^(\*|"[0-9]{1,9}(\.[0-9a-f]{1,64})?")$',
        description="The version that the subject must be at: the ETag of its last command or of "
        "reading it.",
        examples=['"3"'],
    ),
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{1,200}$",
        description="The same command again with the same key gives the same answer again.",
    ),
]
Prefer = Annotated[
    str | None,
    Header(description="`dry-run`: decide, store nothing, and tell what would be recorded."),
]


def json_only(request: Request) -> None:
    """Raises UnsupportedMediaType."""
    said = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    empty = not said and request.headers.get("Content-Length", "0") == "0"
    if said != "application/json" and not empty:
        raise UnsupportedMediaType("Send application/json", content_type=said or None)


class Clerk:
    """Carries one command to the register, in the name of whoever sent it."""

    def __init__(
        self,
        request: Request,
        actor: Annotated[Actor, Depends(authenticated)],
        _json: Annotated[None, Depends(json_only)],
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
        prefer: Prefer = None,
    ) -> None:
        self._request, self._actor, self._key = request, actor, idempotency_key
        self._dry_run = "dry-run" in [p.strip().lower() for p in (prefer or "").split(",")]
        self._expected = _version(if_match)
        self._register: Register = request.app.state.register
        self.new_id: Callable[[], UUID] = request.app.state.new_id

    def envelope(self, body: Circumstances) -> Envelope:
        """The circumstances of the body, with the token's actor as the one who records."""
        correlation_id: str = self._request.state.correlation_id
        return body.envelope(self._actor, correlation_id, getattr(body, "voids", None))

    def about(self, id_: UUID, body: Circumstances) -> dict[str, Any]:
        """What every command about something that exists has."""
        return {
            "id": id_,
            "envelope": self.envelope(body),
            "expected_version": self._expected,
        }

    def record(self, command: Command, body: Circumstances) -> Response:
        """Let the register carry it out, and tell what became of it. Raises RegisterError."""
        key = self._command_key(body)
        outcome = self._register.execute(command, key=key, dry_run=self._dry_run)
        told = {
            "position": outcome.position,
            "recorded_at": outcome.recorded_at,
            "events": [recorded_event(event) for event in outcome.events],
        }
        status, headers = self._about(command, outcome)
        return Response(to_json(told), status, headers, "application/json")

    def _command_key(self, body: Circumstances) -> CommandKey | None:
        """Keys of one actor never meet those of another."""
        if self._key is None:
            return None
        said = [self._request.method, self._request.url.path, body.model_dump(mode="json")]
        return CommandKey(f"{self._actor.id}:{self._key}", sha256(to_json(said)).digest())

    def _about(self, command: Command, outcome: Outcome) -> tuple[int, dict[str, str]]:
        headers = {"Cache-Control": "no-store"}
        if self._dry_run:
            return 200, headers | {"Preference-Applied": "dry-run"}
        if not outcome.events:
            return 200, headers
        subject = _subject(command, outcome.events)
        headers["Location"] = f"{_PLACES[outcome.events[0].AGGREGATE]}/{subject}"
        versions = [e.originator_version for e in outcome.events if e.originator_id == subject]
        if versions:
            headers["ETag"] = f'"{max(versions)}"'
        return 201, headers


AtClerk = Annotated[Clerk, Depends(Clerk)]


def _version(if_match: str | None) -> int | None:
    if if_match is None or if_match == "*":
        return None
    return int(if_match.strip('"').partition(".")[0])


def _subject(command: Command, events: tuple[Event, ...]) -> UUID:
    """Whom the command was about; when it is told again, the id given the first time."""
    if any(event.originator_id == command.id for event in events):
        return command.id
    founded = (event.originator_id for event in events if event.originator_version == 1)
    return next(founded, command.id)
