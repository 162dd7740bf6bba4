"""The audit trail: who recorded what, when, on whose authority, and what it changed."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AfterValidator, Field, WithJsonSchema
from starlette.responses import Response

from api import openapi
from api.models import AuditLine, Items
from api.parameters import Day, Instant, Known, Pages, Text
from api.reads import Answer, AtDesk
from projections.audit import AUDIT, CATEGORIES, Audit, AuditFilters, Line
from projections.organisations import ORGANISATIONS
from projections.units import UNITS
from projections.words import Language, entry
from services.telling import told

_LANGUAGES: tuple[Language, ...] = ("vi", "en")
_NODES = {"units": "unit", "organisations": "organisation"}
_NAMED = _NODES | {each: each for each in CATEGORIES.values() if each not in _NODES.values()}


def _category(word: str) -> str:
    if word not in _NAMED:
        raise ValueError(f"there are {', '.join(_NAMED)}")
    return word


TrailCategory = Annotated[
    str, AfterValidator(_category), WithJsonSchema({"type": "string", "enum": list(_NAMED)})
]


VIEWS = (AUDIT.name, UNITS.name, ORGANISATIONS.name)
"""The trail, and where those are named who are mentioned in it."""


class TrailAsked(Known, Pages):
    """What lines of one subject are asked for."""

    newest_first: bool = False
    recorded_from: Instant | None = None
    recorded_to: Instant | None = Field(None, description="Not including.")
    effective_from: Day | None = None
    effective_to: Day | None = Field(None, description="Not including.")


class AuditAsked(TrailAsked):
    """What lines are asked for."""

    subject: UUID | None = Field(None, description="Of its stream, or mentioned.")
    subtree: UUID | None = Field(None, description="It, and what stood below it on the day.")
    category: TrailCategory | None = Field(None, description="Of the streams that are told of.")
    actor: Text | None = Field(None, description="Who recorded.")
    document: Text | None = Field(
        None, description="Number of a document of the basis.", examples=["1656/NQ-UBTVQH15"]
    )
    number_unknown: bool | None = Field(
        None, description="Whether the number of a document of the basis is not known."
    )
    correlation_id: Text | None = None
    type: list[Text] = Field([], max_length=30, description="`unit.renamed`; may be repeated.")


TrailQuery = Annotated[TrailAsked, Query()]

router = APIRouter(prefix="/audit", tags=["explaining"])


@router.get("", summary="The audit trail", responses=openapi.table(Items[AuditLine]))
def audit(desk: AtDesk, asked: Annotated[AuditAsked, Query()]) -> Response:
    """One line an event, in the order of recording, in values and in words.

    The words call the subject by its name on that day, others by the last name known at `known_at`.
    """
    return _lines(
        desk,
        asked,
        subject=asked.subject,
        under=asked.subtree,
        categories=[_NAMED[asked.category]] if asked.category else None,
        actor_id=asked.actor,
        document=asked.document,
        number_unknown=asked.number_unknown,
        correlation_id=asked.correlation_id,
        event_types=asked.type or None,
    )


def add_audit(router: APIRouter, of: str) -> None:
    """The trail of one subject; `of` says of what kind: "units", "organisations", "people"."""
    others = {category for trade, category in _NODES.items() if trade != of}
    categories = sorted(set(CATEGORIES.values()) - others)

    @router.get(
        "/{id}/audit",
        summary="Its audit trail",
        tags=["explaining"],
        responses=openapi.table(Items[AuditLine]),
    )
    def trail(id: UUID, desk: AtDesk, asked: TrailQuery) -> Response:
        """One line an event, of its own and of others that mention it, in values and in words."""
        return _lines(desk, asked, subject=id, categories=categories)


def _lines(desk: AtDesk, asked: TrailAsked, **filters: Any) -> Response:
    with desk.open(asked, VIEWS) as answer:
        reading, after = answer.reading, answer.after()
        found = Audit(reading.connection, reading.schema).lines(
            _filters(asked, reading.point.known_at, filters),
            int(after[0]) if after else None,
            asked.limit + 1,
            asked.newest_first,
        )
        return _told(answer, found, filters.get("subject"))


def _filters(asked: TrailAsked, known_at: int, more: dict[str, Any]) -> AuditFilters:
    return AuditFilters(
        recorded_from=asked.recorded_from,
        recorded_to=asked.recorded_to,
        effective_from=asked.effective_from,
        effective_to=asked.effective_to,
        known_at=known_at,
        **more,
    )


def _told(answer: Answer, found: list[Line], about: UUID | None) -> Response:
    reading = answer.reading
    audit = Audit(reading.connection, reading.schema)
    names = audit.names(found, reading.point.known_at)

    def row(line: Line) -> dict[str, Any]:
        values = {field.name: getattr(line, field.name) for field in fields(line)}
        return values | {
            word: entry(line, word, told(line, word, names, about)) for word in _LANGUAGES
        }

    return answer.page(AuditLine, found, row, lambda line: (line.position,))
