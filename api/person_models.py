"""The shapes of what is answered about persons."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from api.models import Shape


class DetailsShown(Shape):
    """What is known of a person; null: not known."""

    name: str
    birth_date: date | None
    sex: Literal["female", "male"] | None
    of_minority: bool | None
    has_religion: bool | None
    card_number: str | None
    citizen_number: str | None
    phone: str | None
    home_place: str | None


class HoldShown(Shape):
    case: str
    body: str


class DestructionShown(Shape):
    """The receipt of a key that was destroyed; the event at `position` is the whole of it."""

    position: int
    recorded_at: datetime
    authority: str = Field(description="By whose order.")
    documents: list[str]
    fingerprint: str = Field(description="Of the key, should it ever turn up.")
    generation: int


class PersonOne(Shape):
    """A person; details only for those who asked with a purpose and may see them."""

    id: UUID
    status: Literal["registered", "withdrawn", "destroyed"]
    holds: list[HoldShown]
    details: DetailsShown | None
    destruction: DestructionShown | None


class PeopleFound(Shape):
    """Persons in the order of their ids."""

    items: list[PersonOne]
    next: UUID | None = Field(description="The next page begins `after` this; null: there is none.")


class PastReadingRow(Shape):
    """An answer that told of this person."""

    number: int
    read_at: datetime
    actor_id: str
    actor_post: str | None
    purpose: str
    people: int = Field(description="Of how many persons that answer told.")


class Readers(Shape):
    """The latest first."""

    items: list[PastReadingRow]
