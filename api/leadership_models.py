"""The shapes of what is answered about who leads."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from api.models import Items, Shape


class LeaderRow(Shape):
    """A person in a post, in one state, from `valid_from` up to, not including, `valid_to`."""

    organisation_id: UUID
    organisation: str | None
    body: str = Field(description="Of the rule book: `executive_committee`.")
    body_name: str
    post: str = Field(description="Of the rule book: `secretary`.")
    post_name: str
    person_id: UUID
    person_name: str | None = Field(description="Only with `Sogoc-Purpose`.")
    holding_id: UUID
    act: str = Field(description="`elected`, `appointed`, `recognised`, `concurrent` ...")
    place: str | None
    state: Literal["held", "acting", "suspended"]
    approval: str | None = Field(description="Of an election; null: the act needs none.")
    held_from: date = Field(description="When it began, in whichever state.")
    valid_from: date
    valid_to: date | None
    decision: str | None = Field(description="Number of the document that gave the post.")
    signatory: str | None
    decided_on: date | None
    authority: str
    recorded_by: str
    recorded_post: str | None
    recorded_at: datetime
    position: int = Field(description="Of the event by which it began.")


class LeaderSpan(LeaderRow):
    """Known from one position of the log up to, not including, another."""

    known_from: int
    known_to: int | None


class SeatRow(Shape):
    """The seats of a post from `valid_from` up to, not including, `valid_to`."""

    organisation_id: UUID
    organisation: str | None
    superior: str | None = Field(description="The direct superior on the day: names recur.")
    body: str
    body_name: str
    post: str
    post_name: str
    number: int = Field(description="Seats.")
    filled: int = Field(description="Those suspended keep the seat; who acts has none.")
    acting: int
    vacant: int
    vacant_since: date | None
    due_on: date | None = Field(description="By that day they are to be filled.")
    overdue_days: int
    surplus_until: date | None
    valid_from: date
    valid_to: date | None


class BodyRow(Shape):
    """A body from `valid_from` up to, not including, `valid_to`."""

    body: str
    body_name: str
    term: str | None
    regulations_term: str | None = Field(description="Of the working regulations.")
    number: str | None
    issued_on: date | None
    title: str | None
    model: str | None
    size: int | None = Field(description="Of an inspection committee.")
    mode: str | None
    valid_from: date
    valid_to: date | None


class Leaders(Items[LeaderRow]):
    """Who holds what; beside it the seats and the bodies of the organisation."""

    seats: list[SeatRow]
    bodies: list[BodyRow]


class CoverageRow(Shape):
    """A body that needs working regulations, and which it has."""

    organisation_id: UUID
    name: str
    kind: str
    kind_name: str
    superior_id: UUID | None
    superior: str | None
    body: str
    body_name: str
    term: str | None
    regulations_term: str | None
    number: str | None
    issued_on: date | None
    model: str | None
    is_missing: bool = Field(description="There are none for the term that runs.")
    ended: list[UUID] = Field(description="Whom it succeeds that is no more.")
    ended_names: list[str]


class AssignmentRow(Shape):
    """A committee member answers for something."""

    organisation_id: UUID
    organisation: str | None
    assignment_id: UUID
    person_id: UUID
    person_name: str | None = Field(description="Only with `Sogoc-Purpose`.")
    kind: str = Field(description="`area`, `organisation`, `cell`, `household`.")
    target_id: UUID | None
    target_name: str | None
    duties: str | None
    position: int
    valid_from: date
    valid_to: date | None
