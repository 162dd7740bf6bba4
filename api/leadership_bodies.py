"""What a command about the leadership of an organisation says."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from api.bodies import BasisBody, Body, Change, Line, Name, Term
from api.parameters import Day
from domain.leadership.values import Ballot, Post
from domain.legal_basis import LegalBasis

BodyCode = Annotated[Term, Field(description="body.* of the rule book.")]
PostCode = Annotated[Term, Field(description="post.<body>.* of the rule book.")]
Bodies = Annotated[
    list[BodyCode],
    Field(min_length=1, max_length=20, examples=[["executive_committee", "standing_board"]]),
]
Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
Until = Annotated[Day | None, Field(description="First day no longer; null: not known.")]
Holdings = Annotated[list[UUID], Field(min_length=1, max_length=500)]


class SeatPlan(Change):
    body: Annotated[BodyCode, Field(examples=["executive_committee"])]
    post: Annotated[PostCode, Field(examples=["member"])]
    number: Annotated[Count, Field(examples=[27])]
    due_on: Day | None = Field(None, description="By that day the seats are to be filled.")
    surplus_until: Day | None = Field(
        None, description="Before that day more may hold it, says the document of this plan."
    )


class PlannedBody(Body):
    body: Annotated[BodyCode, Field(examples=["executive_committee"])]
    post: Annotated[PostCode, Field(examples=["member"])]
    number: Annotated[Count, Field(examples=[27])]


class JointSeatPlan(Change):
    plans: list[PlannedBody] = Field(min_length=1, max_length=100)
    due_on: Day | None = Field(None, description="By that day the seats are to be filled.")
    surplus_until: Day | None = Field(None, description="Before that day more may hold them.")


class TermStart(Change):
    bodies: Bodies
    name: Annotated[Name, Field(description="Nhiệm kỳ.", examples=["2025-2030"])]
    until: Until = None


class TermExtension(Change):
    bodies: Bodies
    until: Until


class TermEnd(Change):
    bodies: Bodies


class PostBody(Change):
    person_id: UUID
    body: Annotated[BodyCode, Field(examples=["executive_committee"])]
    post: Annotated[PostCode, Field(examples=["secretary"])]


class BallotBody(Body):
    """Numbers that are not known are null."""

    held_on: Day = Field(description="The day of effect: who is elected works from it on.")
    summoned: Count | None = None
    present: Count | None = None
    valid: Count | None = None
    votes_for: Count | None = None


class Election(PostBody):
    by: Literal["congress", "committee", "cell"]
    ballot: BallotBody


class InspectionDeputyElection(Change):
    person_id: UUID
    ballot: BallotBody


class Appointment(PostBody):
    occasion: Literal["new", "merger", "division", "additional", "vacancy"]


class SeatedBody(Body):
    person_id: UUID
    body: Annotated[BodyCode, Field(examples=["executive_committee"])]
    post: Annotated[PostCode, Field(examples=["secretary"])]


class JointAppointment(Change):
    occasion: Literal["new", "merger", "division", "additional", "vacancy"]
    holders: list[SeatedBody] = Field(min_length=1, max_length=500)


class EnteredBody(SeatedBody):
    place: Line | None = Field(None, description="Where a post outside the Party has one.")


class HoldersEntry(Change):
    holders: list[EnteredBody] = Field(min_length=1, max_length=500)


class Recognition(PostBody):
    form: Literal["recognised", "assigned", "transferred", "named"] = Field(
        description="Công nhận, phân công, điều động, bổ nhiệm."
    )


class ConcurrentPost(PostBody):
    place: Line | None = Field(None, description="Where the post has one.", examples=["thôn Đông"])


class Acting(PostBody):
    until: Until = None


class Approval(Change):
    holding_ids: Holdings = Field(description="Whose elections, by the ids of what they hold.")


class Leaving(Change):
    person_id: UUID
    holding_ids: list[UUID] = Field(
        [], max_length=500, description="Which posts; none named: all held here on that day."
    )


class EndByLawBody(Leaving):
    cause: Literal["retired", "left_work", "left_party", "struck_off", "expelled", "died"]


class PostName(Body):
    body: BodyCode
    post: PostCode


class Reassignment(Leaving):
    to_organisation_id: UUID
    to_posts: list[PostName] = Field(min_length=1, max_length=20)


class InspectionCommittee(Change):
    size: Annotated[int, Field(strict=True, ge=1, le=1000)]
    mode: Literal["elected", "appointed"]


class MemberAssignment(Change):
    person_id: UUID
    kind: Literal["area", "organisation", "cell", "household"]
    target_id: UUID | None = Field(None, description="Its id; of a household, a random one.")
    target: Line | None = Field(None, description="An area in words; never a person's name.")
    duties: Line | None = None


class AssignmentEnd(Change):
    assignment_id: UUID


class Regulations(Change):
    body: Annotated[BodyCode, Field(examples=["executive_committee"])]
    term: Annotated[Name, Field(description="Nhiệm kỳ.", examples=["2025-2030"])]
    document: BasisBody = Field(description="The regulations themselves.")
    model: Line | None = Field(
        None, description="The document they follow.", examples=["302-QĐ/TW"]
    )


class RegulationsEnd(Change):
    body: Annotated[BodyCode, Field(examples=["executive_committee"])]


def ballot(said: BallotBody) -> Ballot:
    return Ballot(**dict(said))


def posts(said: list[PostName]) -> tuple[Post, ...]:
    return tuple(Post(each.body, each.post) for each in said)


def document(said: BasisBody) -> LegalBasis:
    return LegalBasis(**dict(said))
