"""What a command about a membership says."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from api.bodies import Body, Change, Circumstances, Line, OrganisationFacts, Term
from api.parameters import Day
from domain.membership import Vote

Degree = Literal["probationary", "official"]
Number = Annotated[int, Field(strict=True, ge=0, le=100_000)]
Years = Annotated[int, Field(strict=True, ge=0, le=120)]
Outside = Annotated[
    Line,
    Field(description="The organisation outside this register.", examples=["Đảng bộ Quân khu"]),
]


class VoteBody(Body):
    """A vote of the cell; who neither approved nor opposed abstained or was away."""

    entitled: Number = Field(description="Members entitled to vote, by the roll of that day.")
    in_favour: Number
    against: Number


class Beginning(Change):
    id: UUID | None = Field(None, description="Left out: the register gives one.")
    person_id: UUID = Field(description="A random id; nothing personal is said here.")
    cell_id: UUID


class Admission(Beginning):
    """`effective_on` is the day of the decision, from which the Party age counts."""

    cell_decided_on: Day = Field(description="Day of the cell's decision: age and introducers.")
    introducer_ids: list[UUID] = Field([], max_length=10, description="Persons.")
    is_endorsed_by_union: bool = Field(
        False, description="The Youth Union's base committee stands for one introducer."
    )
    born_on: Day | None = Field(
        None, description="Asked for the age, and recorded nowhere; null: the age is not checked."
    )
    vote: VoteBody | None = None
    former_id: UUID | None = Field(
        None, description="The membership that ended, of who is admitted again."
    )


class Entry(Beginning):
    """A member of before: as it stood, or received from outside this register."""

    degree: Degree
    party_age_on: Day | None = Field(None, description="From which the Party age counts.")
    ceremony_on: Day | None = None
    official_on: Day | None = None
    badge_years: Years | None = Field(None, description="Of the last badge.")
    place: Outside | None = Field(None, description="Where he came from; null: as it stood.")


class Ceremony(Change):
    decision_received_on: Day | None = Field(None, description="When the cell received it.")


class Recognition(Change):
    """`effective_on` is the day on which the probation ended, whenever it is decided."""

    cell_decided_on: Day | None = None
    vote: VoteBody | None = None


class Introduction(Change):
    to_id: UUID | None = Field(None, description="A cell, or a committee above it.")
    place: Outside | None = Field(None, description="Instead of `to_id`, where it is outside.")


class Reception(Change):
    cell_id: UUID | None = Field(None, description="Null: outside, as introduced.")


class TemporaryTransfer(Change):
    cell_id: UUID
    until: Day | None = Field(None, description="As planned; it ends when that is recorded.")


class MoveBody(Change):
    cell_id: UUID
    way: Literal["internal", "reorganisation"] = "internal"


class Exemption(Change):
    ground: Annotated[
        Term,
        Field(
            description="Of the rule book, membership.exemption_grounds.", examples=["maternity"]
        ),
    ]
    until: Day | None = Field(None, description="As decided; it ends when that is recorded.")


class Voted(Change):
    vote: VoteBody | None = None


class Restoration(Change):
    cell_id: UUID
    degree: Degree


class Badge(Change):
    years: Annotated[Years, Field(examples=[30])]
    way: Literal["regular", "early", "posthumous"] = "regular"


class PartyAge(Change):
    party_age_on: Day


class Allocation(Body):
    membership_id: UUID
    cell_id: UUID


class CellMerger(Circumstances):
    """Say `into_id`, or `founding` of a new cell."""

    into_id: UUID | None = Field(None, description="The cell that takes over.")
    founding: OrganisationFacts | None = None
    sources: list[UUID] = Field(min_length=1, max_length=100)
    allocation: list[Allocation] = Field(
        [], max_length=2000, description="Who goes elsewhere than to that cell."
    )


def vote(said: VoteBody | None) -> Vote | None:
    return Vote(said.entitled, said.in_favour, said.against) if said else None
