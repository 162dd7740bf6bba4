"""The door for commands: who asks, on what condition, and what became of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Request
from starlette.responses import Response

from api import paths
from api.access import authenticated
from api.bodies import Body, Circumstances
from api.errors import MalformedRequest, PreconditionFailed, UnsupportedMediaType
from api.faults import refuse_repeated_names
from api.preferences import wants_dry_run
from api.render import to_canonical_json, to_json
from api.told import recorded_event
from domain.aggregate import Aggregate, Event
from domain.award import Award
from domain.dossier.dossier import Dossier
from domain.envelope import Actor, Envelope
from domain.evaluation.review import Review
from domain.leadership.events import LeadershipEvent
from domain.membership import Membership
from domain.organisation import PartyOrganisation
from domain.person import Person
from domain.unit import AdministrativeUnit
from services.commands import Command
from services.register import Outcome, Register
from services.store import CommandKey

_PLACES: dict[type[Aggregate], str] = {
    AdministrativeUnit: "/v1/units",
    PartyOrganisation: "/v1/organisations",
    Review: "/v1/reviews",
    Award: "/v1/awards",
    Person: paths.PEOPLE,
    Membership: "/v1/memberships",
    Dossier: "/v1/dossiers",
}

_TAG = r'"[0-9]{1,9}(?:\.[0-9a-f]{1,64})?"'
_MATCH = rf"^(\*|{_TAG}([ \t]*,[ \t]*{_TAG})*)$"

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        pattern=_MATCH,
        description="The version that the subject must be at: the ETag of its last command or of "
        "reading it; of several, one of them. `*`: any. Refused where something is founded, which "
        "has no version yet.",
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
    Header(
        description="`dry-run`: decide, store nothing, and tell what would be recorded. Whatever "
        "value it is given, it counts; other preferences are ignored (RFC 7240)."
    ),
]


async def body_only(request: Request) -> None:
    """All is said in a body, as JSON, and once. Raises UnsupportedMediaType, MalformedRequest."""
    for name in request.query_params:
        raise MalformedRequest.at("query", name, "a query says nothing here; it goes in the body")
    said = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    empty = not said and request.headers.get("Content-Length", "0") == "0"
    if said != "application/json" and not empty:
        raise UnsupportedMediaType("Send application/json", content_type=said or None)
    if body := await request.body():
        refuse_repeated_names(body)


class Clerk:
    """Carries one command to the register, in the name of whoever sent it."""

    def __init__(
        self,
        request: Request,
        actor: Annotated[Actor, Depends(authenticated)],
        _body: Annotated[None, Depends(body_only)],
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
        prefer: Prefer = None,
    ) -> None:
        self._request, self._actor, self._key = request, actor, idempotency_key
        self._dry_run = wants_dry_run(request.headers.getlist("Prefer"))
        self._expected = _versions(request.headers.getlist("If-Match"))
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
            "expected_version": self._version(id_),
        }

    def _version(self, id_: UUID) -> int | None:
        """The version to insist on: of several the one that it is at; None: any will do."""
        if not self._expected:
            return None
        if len(self._expected) == 1:
            return self._expected[0]
        head = self._register.store.heads([id_]).get(id_)
        return head if head in self._expected else max(self._expected)

    def found(self, command: Command, body: Circumstances) -> Response:
        """Record something new, which has no version yet. Raises RegisterError."""
        if "If-Match" in self._request.headers:
            raise PreconditionFailed("What is founded has no version; leave If-Match out")
        return self.record(command, body)

    def record(self, command: Command, body: Circumstances) -> Response:
        """Let the register carry it out, and tell what became of it. Raises RegisterError."""
        outcome = self.carried(command, self._command_key(body))
        told = {
            "position": outcome.position,
            "recorded_at": outcome.recorded_at,
            "events": [recorded_event(event) for event in outcome.events],
            "detail": self._said(outcome),
        }
        status, headers = self._about(command, outcome)
        return Response(to_json(told), status, headers, "application/json")

    def carried(self, command: Command, key: CommandKey | None) -> Outcome:
        """What became of it, before anything is told. Raises RegisterError."""
        if "If-None-Match" in self._request.headers:
            raise PreconditionFailed("A command takes If-Match, not If-None-Match")
        return self.execute(command, key, self._dry_run)

    def _command_key(self, body: Body) -> CommandKey | None:
        """Keys of one actor never meet those of another.

        What says the same as leaving it out is left out of the fingerprint: a later release may
        know more facts, and a repeat of what was sent before it is still the same command.
        """
        return self._key_with(body.model_dump(mode="json", exclude_defaults=True))

    def _key_with(self, facts: Any) -> CommandKey | None:
        if self._key is None:
            return None
        said = to_canonical_json([self._request.method, self._request.url.path, facts])
        key = to_canonical_json([self._actor.id, self._key])
        return self.key_of(key, said)

    def key_of(self, key: bytes, said: bytes) -> CommandKey:
        """What is kept of the key and of all that was said."""
        return CommandKey(key.decode(), sha256(said).digest())

    def execute(self, command: Command, key: CommandKey | None, dry_run: bool) -> Outcome:
        """Hand the command over. Raises RegisterError."""
        return self._register.execute(command, key=key, dry_run=dry_run)

    def _said(self, outcome: Outcome) -> str:
        if not outcome.events:
            return "Nothing to record: the register says so already"
        return "Not recorded: this was a dry run" if self._dry_run else "Recorded"

    def _about(self, command: Command, outcome: Outcome) -> tuple[int, dict[str, str]]:
        headers = {"Cache-Control": "no-store"}
        if self._dry_run:
            return 200, headers | {"Preference-Applied": "dry-run"}
        if not outcome.events:
            return 200, headers
        subject = _subject(command, outcome.events)
        headers["Location"] = _place(subject, outcome.events)
        versions = [e.originator_version for e in outcome.events if e.originator_id == subject]
        if versions:
            headers["ETag"] = f'"{max(versions)}"'
        return 201, headers


AtClerk = Annotated[Clerk, Depends(Clerk)]


def _versions(if_match: list[str]) -> list[int]:
    """The versions of all lines; none: any will do. Raises MalformedRequest."""
    said = ", ".join(if_match)
    if said in {"", "*"}:
        return []
    if not re.fullmatch(_MATCH, said):
        raise MalformedRequest.at("header", "If-Match", 'it is `*`, or versions like "3"')
    return [int(tag.strip(' \t"').partition(".")[0]) for tag in said.split(",")]


def _place(subject: UUID, events: tuple[Event, ...]) -> str:
    """The address of whom the command was about."""
    about = next((event for event in events if event.originator_id == subject), events[0])
    if isinstance(about, LeadershipEvent):
        return f"/v1/organisations/{about.organisation_id}/leadership"
    return f"{_PLACES[about.AGGREGATE]}/{subject}"


def _subject(command: Command, events: tuple[Event, ...]) -> UUID:
    """Whom the command was about; when it is told again, the id given the first time."""
    if any(event.originator_id == command.id for event in events):
        return command.id
    founded = (event.originator_id for event in events if event.originator_version == 1)
    return next(founded, command.id)
