"""Awards: what can be recorded about them, and what can be read of them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from api import bodies, openapi
from api import review_bodies as said
from api.clerk import AtClerk
from api.models import Items
from api.parameters import AtPoint, AtPointQuery, Known, Pages, Text
from api.reads import AtDesk
from api.review_models import AwardRow
from domain.award import Award
from domain.errors import NotFound
from projections.awards import AWARDS, AwardFilters, Awards, Given
from services import awards as commands
from services.commands import Void

VIEWS = (AWARDS.name,)

router = APIRouter(prefix="/awards", tags=["evaluation"])

_BEGINNINGS = {
    "registered": commands.RegisterEmulation,
    "proposed": commands.ProposeAward,
}


class AwardsAsked(AtPoint, Pages):
    """What a list of awards can be limited to."""

    subject: UUID | None = None
    authority: UUID | None = Field(None, description="Given by this organisation.")
    last_year: int | None = Field(None, ge=1930, le=2199)
    kind: list[Text] = Field([], description="May be repeated: `flag`.", max_length=20)
    form: Text | None = None
    status: list[Text] = Field([], description="May be repeated: `decided`.", max_length=20)


@router.get("", summary="Awards", responses=openapi.table(Items[AwardRow]))
def awards(desk: AtDesk, asked: Annotated[AwardsAsked, Query()]) -> Response:
    """Each as it stands on that day, with the years as they were counted."""
    filters = AwardFilters(
        subject_id=asked.subject,
        authority_id=asked.authority,
        last_year=asked.last_year,
        form=asked.form,
        kinds=tuple(asked.kind),
        statuses=tuple(asked.status),
    )
    with desk.open(asked, VIEWS) as answer:
        reading, after = answer.reading, answer.after()
        beyond = UUID(after[0]) if after else None
        found = Awards(reading.connection, reading.schema).many(
            reading.point, filters, beyond, asked.limit + 1
        )
        return answer.page(AwardRow, found, told, lambda row: (row.award_id,))


@router.get("/{id}", summary="One award", responses=openapi.table(AwardRow, 404))
def one(id: UUID, desk: AtDesk, asked: AtPointQuery) -> Response:
    """As it stands on that day."""
    with desk.open(asked, VIEWS) as answer:
        reading = answer.reading
        found = Awards(reading.connection, reading.schema).one(id, reading.point)
        if found is None:
            raise _unknown(id)
        return answer.one(AwardRow, told(found))


@router.get("/{id}/history", summary="Its steps", responses=openapi.table(Items[AwardRow], 404))
def history(id: UUID, desk: AtDesk, asked: Annotated[Known, Query()]) -> Response:
    """In the order of days."""
    with desk.open(asked, VIEWS) as answer:
        reading = answer.reading
        found = Awards(reading.connection, reading.schema).history(id, reading.point.known_at)
        if not found:
            raise _unknown(id)
        return answer.whole(AwardRow, [told(row) for row in found])


def _unknown(id_: UUID) -> NotFound:
    return NotFound(f"There is no award {id_} at that point", id=str(id_))


def told(row: Given) -> dict[str, Any]:
    return {
        name: row.award_id if name == "id" else getattr(row, name) for name in AwardRow.model_fields
    }


@router.post("", **openapi.change("Register, propose or enter an award"))
def begin(body: said.AwardBeginning, clerk: AtClerk) -> Response:
    """The first that is on record of it; its years are counted when it is decided."""
    id_ = body.id or clerk.new_id()
    grant = body.grant.grant()
    facts: dict[str, Any] = {"envelope": clerk.envelope(body), "grant": grant, "anew": True}
    if body.step == "decided":
        return clerk.found(commands.DecideAward(id=id_, **facts, **_counting(body)), body)
    return clerk.found(_BEGINNINGS[body.step](id=id_, **facts), body)


def _counting(body: said.AwardBeginning | said.Giving) -> dict[str, Any]:
    override = body.override.override() if body.override else None
    return {"policy": body.policy, "override": override}


@router.post("/{id}/proposals", **openapi.change("Propose it"))
def propose(id: UUID, body: said.Granting, clerk: AtClerk) -> Response:
    """What was registered is proposed now (đề nghị khen thưởng)."""
    grant = body.grant.grant()
    return clerk.record(commands.ProposeAward(grant=grant, **clerk.about(id, body)), body)


@router.post("/{id}/opinions", **openapi.change("Record what an advising body thinks of it"))
def review(id: UUID, body: said.AwardOpinion, clerk: AtClerk) -> Response:
    """Before it is decided (thẩm định, xét khen thưởng)."""
    facts: dict[str, Any] = {"body": body.body, "supports": body.supports}
    return clerk.record(commands.ReviewAward(**facts, **clerk.about(id, body)), body)


@router.post("/{id}/decisions", **openapi.change("Give it"))
def decide(id: UUID, body: said.Giving, clerk: AtClerk) -> Response:
    """By a body with the power on that day; the years are counted now, and kept (quyết định)."""
    facts: dict[str, Any] = {"grant": body.grant.grant(), **_counting(body)}
    return clerk.record(commands.DecideAward(**facts, **clerk.about(id, body)), body)


@router.post("/{id}/presentations", **openapi.change("Record that it was handed over"))
def present(id: UUID, body: bodies.Change, clerk: AtClerk) -> Response:
    """After it was decided (trao tặng)."""
    return clerk.record(commands.PresentAward(**clerk.about(id, body)), body)


@router.post("/{id}/revocations", **openapi.change("Take it away again"))
def revoke(id: UUID, body: bodies.Change, clerk: AtClerk) -> Response:
    """With a reason, by who gave it or stands above (thu hồi)."""
    return clerk.record(commands.RevokeAward(**clerk.about(id, body)), body)


@router.post("/{id}/voidings", **openapi.change("Take a record back"))
def void(id: UUID, body: bodies.Voiding, clerk: AtClerk) -> Response:
    """Strike what was recorded wrongly; it is final."""
    return clerk.record(Void(of=Award, **clerk.about(id, body)), body)
