"""Persons: recorded under seal, shown to those who may see them and say what for."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from starlette.responses import Response

from api import openapi, paths
from api.access import AtHolder, AtReader, holder, keeper, refuse_without
from api.audit import add_audit
from api.bodies import Circumstances
from api.clerk import Clerk
from api.errors import MalformedRequest
from api.negotiation import JSON, chosen
from api.parameters import Asked, AtPoint, Fragment, Instant
from api.person_bodies import (
    DetailsChange,
    HoldBody,
    PersonVoiding,
    Registration,
)
from api.person_models import PeopleFound, PersonOne, Readers
from api.render import to_json
from domain.errors import InvalidValue
from domain.person import Person
from services.access import Right
from services.commands import Command, Void
from services.people import (
    DestroyKey,
    LiftHold,
    People,
    PlaceHold,
    RecordDetails,
    RegisterPerson,
    Shown,
)
from services.register import Outcome, Register
from services.store import CommandKey

PAGE, PAGE_MAX = 100, 1000

router = APIRouter(
    prefix=paths.PEOPLE.removeprefix("/v1"),
    tags=["people"],
    dependencies=[Depends(holder)],
    responses=openapi.problems(401),
)


class PersonClerk(Clerk):
    """A clerk of whom nothing is kept by which what was said of a person could be guessed."""

    def key_of(self, key: bytes, said: bytes) -> CommandKey:
        vault = self._people.vault
        return CommandKey(vault.digest(key).hex(), vault.digest(said))

    def execute(self, command: Command, key: CommandKey | None, dry_run: bool) -> Outcome:
        return self._people.execute(command, key=key, dry_run=dry_run)

    @property
    def _people(self) -> People:
        people: People = self._request.app.state.people
        return people


class ReadingsAsked(Asked):
    read_from: Instant | None = None
    read_to: Instant | None = Field(None, description="Not including.")


def in_json(request: Request) -> None:
    """Raises NotAcceptable."""
    chosen(request.headers.get("Accept"), (JSON,))


IN_JSON = [Depends(in_json)]
AtPersonClerk = Annotated[PersonClerk, Depends(PersonClerk)]


class PeopleAsked(Asked):
    name: Fragment = Field(
        description="Whole words of the name, tone marks or not; former names count.",
        examples=["nguyen thi thu"],
    )
    after: UUID | None = Field(None, description="`next` of the page before.")
    limit: int = Field(PAGE, ge=1, le=PAGE_MAX)


@router.get(
    "",
    summary="Search people by name",
    dependencies=IN_JSON,
    responses=openapi.plain(PeopleFound, 401, 403, 503),
)
def people(
    request: Request,
    found: AtHolder,
    asked: Annotated[PeopleAsked, Query()],
    reader: AtReader,
) -> Response:
    """Needs `see-names` and a purpose; who was told of is put on record.

    The query holds a name: keep it out of the logs of whatever stands before this service.
    """
    refuse_without(found, Right.SEE_NAMES)
    if reader is None:
        raise MalformedRequest.at("header", "Sogoc-Purpose", "say what the names are needed for")
    service = _service(request)
    page, further = service.search(asked.name, reader, asked.after, asked.limit)
    return _answer({"items": [_row(each) for each in page], "next": further})


@router.get(
    "/{id}",
    summary="A person",
    dependencies=IN_JSON,
    responses=openapi.plain(PersonOne, 401, 403, 404, 503),
)
def person(
    request: Request, id: UUID, asked: Annotated[AtPoint, Query()], reader: AtReader
) -> Response:
    """Id and status; with a purpose, and a token that may see names, what is known of the person.

    Whoever is shown that is put on record.
    """
    service, up_to = _service(request), _position(request, asked.known_at)
    shown = service.one(id, reader, asked.valid_at, up_to)
    return _answer(_row(shown), {"ETag": f'"{shown.version}"'})


@router.get(
    "/{id}/readings",
    summary="Who has read about a person",
    dependencies=IN_JSON,
    responses=openapi.plain(Readers, 401, 403, 404, 503),
)
def readings(
    request: Request, id: UUID, found: AtHolder, asked: Annotated[ReadingsAsked, Query()]
) -> Response:
    """When, in which post, for which purpose; the last thousand answers.

    Needs `see-readings` or `keep-people`.
    """
    if Right.KEEP_PEOPLE not in found.rights:
        refuse_without(found, Right.SEE_READINGS)
    service = _service(request)
    service.one(id)
    rows = [asdict(each) for each in service.readers_of(id, asked.read_from, asked.read_to)]
    return _answer({"items": rows})


add_audit(router, "people")


def _change(summary: str) -> dict[str, Any]:
    described = openapi.change(summary)
    described["responses"] |= openapi.problems(403)
    return described | {"dependencies": [Depends(keeper)]}


@router.post("", **_change("Register a person"))
def register(body: Registration, clerk: AtPersonClerk) -> Response:
    """A key is made, and what is known is sealed with it (lập hồ sơ cá nhân)."""
    id_, details = body.id or clerk.new_id(), body.details.details()
    command = RegisterPerson(id=id_, envelope=clerk.envelope(body), details=details)
    return clerk.found(command, body)


@router.post("/{id}/details", **_change("Record what is known of a person"))
def record_details(id: UUID, body: DetailsChange, clerk: AtPersonClerk) -> Response:
    """All of it holds from that day on; with `voids` it takes the place of a wrong record."""
    details = body.details.details()
    return clerk.record(RecordDetails(details=details, **clerk.about(id, body)), body)


@router.post("/{id}/holds", **_change("Forbid the destruction of the key"))
def place_hold(id: UUID, body: HoldBody, clerk: AtPersonClerk) -> Response:
    """A case needs the details, and the body that conducts it says so (tạm giữ hồ sơ)."""
    about = clerk.about(id, body)
    return clerk.record(PlaceHold(case=body.case, body=body.body, **about), body)


@router.post("/{id}/hold-liftings", **_change("Lift a hold"))
def lift_hold(id: UUID, body: HoldBody, clerk: AtPersonClerk) -> Response:
    """The case needs the details no more (chấm dứt tạm giữ hồ sơ)."""
    about = clerk.about(id, body)
    return clerk.record(LiftHold(case=body.case, body=body.body, **about), body)


@router.post("/{id}/destructions", **_change("Destroy the key"))
def destroy(id: UUID, body: Circumstances, clerk: AtPersonClerk) -> Response:
    """Nobody reads the details any more, anywhere; the event is the receipt (hủy khóa dữ liệu)."""
    return clerk.record(DestroyKey(**clerk.about(id, body)), body)


@router.post("/{id}/voidings", **_change("Take a record about a person back"))
def void(id: UUID, body: PersonVoiding, clerk: AtPersonClerk) -> Response:
    """Strike what was recorded wrongly; it is final."""
    return clerk.record(Void(of=Person, **clerk.about(id, body)), body)


def _service(request: Request) -> People:
    service: People = request.app.state.people
    return service


def _position(request: Request, known_at: int | datetime | None) -> int | None:
    """Raises InvalidValue for what the log has not reached."""
    register: Register = request.app.state.register
    if isinstance(known_at, datetime):
        return register.store.position_at(known_at)
    if known_at is not None and known_at > (head := register.store.position()):
        raise InvalidValue(
            f"The log has not reached position {known_at}", field="known_at", position=head
        )
    return known_at


def _row(shown: Shown) -> dict[str, Any]:
    gone = shown.destruction
    return {
        "id": shown.id,
        "status": shown.status,
        "holds": [{"case": case, "body": body} for case, body in shown.holds],
        "details": shown.details and asdict(shown.details),
        "destruction": gone
        and {
            "position": gone.position,
            "recorded_at": gone.recorded_at,
            "authority": gone.envelope.authority.name,
            "documents": [d.number for d in gone.basis if d.number is not None],
            "fingerprint": gone.receipt.fingerprint,
            "generation": gone.receipt.generation,
        },
    }


def _answer(told: dict[str, Any], more: dict[str, str] | None = None) -> Response:
    """What is personal is kept by nobody on the way."""
    return Response(to_json(told), 200, {"Cache-Control": "no-store"} | (more or {}), JSON)
