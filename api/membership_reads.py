"""What can be read of members: one, those of a person, rolls, counts, who came and who went."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from api import openapi
from api.models import Items, Shape
from api.parameters import AtPoint, AtPointQuery, Between, HistoryQuery, Known, Pages
from api.reads import AtDesk
from domain.errors import InvalidValue, NotFound
from domain.membership import RollCount
from projections.memberships import MEMBERSHIPS
from projections.organisations import ORGANISATIONS, Organisations
from projections.rolls import Member, Rolls
from services.reading import Reading

router = APIRouter(tags=["members"])

_ONE = (MEMBERSHIPS.name,)
_TREE = (MEMBERSHIPS.name, ORGANISATIONS.name)


class MemberRow(Shape):
    """A membership on the days from `valid_from` up to, not including, `valid_to`."""

    id: UUID
    person_id: UUID
    cell_id: UUID | None = Field(description="Where he belongs; null: outside this register.")
    temporary_cell_id: UUID | None = Field(description="Where he takes part for a time.")
    standing: Literal["probationary", "official", "exempt", "suspended"]
    degree: Literal["probationary", "official"]
    came_by: str = Field(description="How he came to this cell.")
    introduced_on: date | None = Field(description="In transit since then.")
    introduced_to_id: UUID | None
    ceremony_on: date | None
    official_on: date | None
    party_age_on: date | None
    badge_years: int | None
    ended_by: str | None = Field(description="How it ends on `valid_to`; null: it goes on.")
    valid_from: date
    valid_to: date | None


class MemberOne(MemberRow):
    """With the version that `If-Match` of a command compares."""

    version: int


class MemberSpan(MemberRow):
    """Known from position `known_from` up to, not including, `known_to`."""

    known_from: int
    known_to: int | None


class CellCount(Shape):
    """How many belong to a cell; the exempt, the suspended and who is away are official, too."""

    cell_id: UUID
    probationary: int
    official: int
    exempt: int
    suspended: int
    away: int = Field(description="Takes part elsewhere for a time.")
    guests: int = Field(description="Of other cells, here for a time.")
    members: int
    entitled_min: int = Field(description="Entitled to vote when no exempted member comes.")
    entitled_max: int = Field(description="When all of them come.")


class OfPerson(Known):
    person: UUID


class RollAsked(AtPoint, Pages):
    """A page of a roll at a point in both times."""


class MovementRow(Shape):
    """What became of members in a period: `opening` and who came, less who went, is `closing`.

    Of probationers, those who were `recognised` went, too.
    """

    of: Literal["members", "probationers"]
    opening: int
    entered: int = Field(description="Taken into the register as they stood.")
    admitted: int
    readmitted: int
    restored: int
    received_far: int = Field(description="From beyond the province, or outside this register.")
    received_near: int = Field(description="From elsewhere in the province.")
    reorganised_in: int = Field(description="With their cell, or because cells were merged.")
    transferred_far: int
    transferred_near: int
    reorganised_out: int
    left: int
    struck_off: int
    expelled: int
    died: int
    recognised: int
    closing: int


def _told(member: Member, **more: Any) -> dict[str, Any]:
    found = {n: getattr(member, n) for n in MemberRow.model_fields if n != "id"}
    return {"id": member.membership_id} | found | more


def _asking(reading: Reading) -> Rolls:
    return Rolls(reading.connection, reading.schema)


@router.get(
    "/memberships/{id}",
    summary="A membership, at a point in both times",
    responses=openapi.table(MemberOne, 404),
)
def membership(id: UUID, desk: AtDesk, asked: AtPointQuery) -> Response:
    """Where he belongs on that day, and in which standing."""
    with desk.open(asked, _ONE) as answer:
        rolls, point = _asking(answer.reading), answer.reading.point
        found = rolls.one(id, point)
        if found is None:
            lives = rolls.history(id, point.known_at)
            raise (
                _missing(id)
                if not lives
                else NotFound(
                    f"He is no member on {point.valid_at:%d/%m/%Y}; `history` tells the days",
                    id=str(id),
                )
            )
        version = rolls.version(id, point.known_at)
        return answer.one(MemberOne, _told(found, version=version), version)


@router.get(
    "/memberships/{id}/history",
    summary="What a membership has been on every day",
    responses=openapi.table(Items[MemberSpan], 404),
)
def history(id: UUID, desk: AtDesk, asked: HistoryQuery) -> Response:
    """As known at one time; with `superseded` also what was believed before. Whole."""
    with desk.open(asked, _ONE) as answer:
        known_at = answer.reading.point.known_at
        rows = _asking(answer.reading).history(id, known_at, asked.superseded)
        if not rows:
            raise _missing(id)
        return answer.whole(MemberSpan, [_span(row) for row in rows])


@router.get(
    "/memberships",
    summary="The memberships of a person",
    responses=openapi.table(Items[MemberSpan]),
)
def of_person(desk: AtDesk, asked: Annotated[OfPerson, Query()]) -> Response:
    """All there were, in the order of days. Whole: a life has few."""
    with desk.open(asked, _ONE) as answer:
        rows = _asking(answer.reading).of_person(asked.person, answer.reading.point.known_at)
        return answer.whole(MemberSpan, [_span(row) for row in rows])


def _span(member: Member) -> dict[str, Any]:
    return _told(member, known_from=member.known_from, known_to=member.known_to)


def _missing(id_: UUID) -> NotFound:
    return NotFound(f"Nothing was known of membership {id_} then", id=str(id_))


# Of an organisation


@router.get(
    "/organisations/{id}/roll",
    summary="Who belongs to it and to all below it",
    responses=openapi.table(Items[MemberRow], 404),
)
def roll(id: UUID, desk: AtDesk, asked: Annotated[RollAsked, Query()]) -> Response:
    """The roll of a cell (danh sách đảng viên); of a committee, cell by cell."""
    with desk.open(asked, _TREE) as answer:
        _refuse_absent(id, answer.reading)
        after = answer.after()
        found = _asking(answer.reading).below(
            id,
            answer.reading.point,
            (UUID(str(after[0])), UUID(str(after[1]))) if after else None,
            asked.limit + 1,
        )
        return answer.page(MemberRow, found, _told, lambda m: (m.cell_id, m.membership_id))


@router.get(
    "/organisations/{id}/roll/counts",
    summary="How many belong to each of its cells",
    responses=openapi.table(Items[CellCount], 404),
)
def counts(id: UUID, desk: AtDesk, asked: AtPointQuery) -> Response:
    """By standing, with who is entitled to vote; cells without anybody are left out. Whole."""
    with desk.open(asked, _TREE) as answer:
        _refuse_absent(id, answer.reading)
        found = _asking(answer.reading).counts(id, answer.reading.point)
        return answer.whole(CellCount, [_counted(c, found[c]) for c in sorted(found)])


def _counted(cell_id: UUID, count: RollCount) -> dict[str, Any]:
    names = [name for name in CellCount.model_fields if name != "cell_id"]
    return {"cell_id": cell_id} | {name: getattr(count, name) for name in names}


@router.get(
    "/organisations/{id}/movement",
    summary="Who came and who went in a period",
    responses=openapi.table(Items[MovementRow], 404),
)
def movement(id: UUID, desk: AtDesk, asked: Annotated[Between, Query()]) -> Response:
    """From the beginning of `from` to that of `to`, for all members and for probationers.

    `near` is from or to another organisation of the same province, `far` beyond it. What changes
    because cells are merged or come under another superior stands apart (biến động đảng viên).
    """
    if asked.ends <= asked.begins:
        raise InvalidValue("A period ends after it begins; `to` is not part of it", field="to")
    with desk.open(asked, _TREE) as answer:
        reading = answer.reading
        days = (asked.ends - timedelta(days=1), asked.begins)
        _refuse_absent(id, reading, *days)
        moved = _asking(reading).movement(id, asked.begins, asked.ends, reading.point.known_at)
        tallies = {"members": moved.members, "probationers": moved.probationers}
        recognised = {"members": 0, "probationers": moved.recognised}
        rows = [
            {"of": of, **asdict(tally), "recognised": recognised[of]}
            for of, tally in tallies.items()
        ]
        return answer.whole(MovementRow, rows)


def _refuse_absent(id_: UUID, reading: Reading, *days: date) -> None:
    """Raises NotFound unless the organisation is active on one of those days."""
    organisations, point = Organisations(reading.connection, reading.schema), reading.point
    points = [reading.point_at(day, point.known_at) for day in days] or [point]
    if not any(organisations.one(id_, each) for each in points):
        raise NotFound("There is no such organisation on that day", id=str(id_))
