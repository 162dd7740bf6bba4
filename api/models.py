"""The shapes of what is answered; the same fields are the columns of CSV."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.errors import Reason
from domain.lineage import Certainty
from services.diff import Cause

R = TypeVar("R")


class Shape(BaseModel):
    """Everything named here is in the answer, and nothing else."""

    model_config = ConfigDict(extra="forbid")


class Items(Shape, Generic[R]):
    """Rows at one point in both times."""

    valid_at: date
    known_at: int = Field(description="Position in the log up to which everything counts.")
    items: list[R]
    next: str | None = Field(description="Address of the next page; null: this is the last.")


class Problem(BaseModel):
    """What went wrong (RFC 9457); facts of the problem stand beside these fields."""

    type: str = Field(description="Names the kind of problem; the address explains it.")
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    instance: str
    request_id: str | None = None

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "type": "/problems/not-active",
                    "title": "It is not active on that day",
                    "status": 409,
                    "detail": "It is not active on 02/07/2025",
                    "instance": "/v1/units/01980000-0000-8000-8000-000000000001/renamings",
                    "field": "effective_on",
                }
            ]
        },
    )


class UnitRow(Shape):
    """An administrative unit on the days from `valid_from` up to, not including, `valid_to`."""

    id: UUID
    level: Literal["province", "district", "commune"]
    type: str = Field(description="Of the rule book: `phuong`.")
    name: str
    code: str | None = Field(description="Of the National Statistics Office.")
    codes: dict[str, str] = Field(description="By scheme.")
    superior_id: UUID | None
    valid_from: date
    valid_to: date | None


class OrganisationRow(Shape):
    """A Party organisation on the days from `valid_from` up to, not including, `valid_to`."""

    id: UUID
    kind: str = Field(description="Of the rule book: `commune_upper`.")
    name: str
    status: Literal["active", "suspended"]
    superior_id: UUID | None
    unit_id: UUID | None
    setting: str | None
    codes: dict[str, str]
    valid_from: date
    valid_to: date | None


class UnitOne(UnitRow):
    """With the version that `If-Match` of a command compares."""

    version: int


class OrganisationOne(OrganisationRow):
    """With the version that `If-Match` of a command compares."""

    version: int


class UnitPlaced(UnitRow):
    """In a tree; the root has depth 0."""

    depth: int


class OrganisationPlaced(OrganisationRow):
    """In a tree; the root has depth 0."""

    depth: int


class UnitSpan(UnitRow):
    """Known from one position of the log up to, not including, another."""

    known_from: int
    known_to: int | None


class OrganisationSpan(OrganisationRow):
    """Known from one position of the log up to, not including, another."""

    known_from: int
    known_to: int | None


class Document(Shape):
    """A document of the legal basis."""

    number: str | None
    issued_on: date | None
    issuer: str | None
    title: str | None
    signatory: str | None
    sha256: str | None


class RecordedEvent(Shape):
    """An event as it is recorded, or would be (dry run: no position and no recorded time)."""

    position: int | None
    recorded_at: datetime | None
    stream: UUID
    version: int
    type: str
    schema_version: int = Field(alias="schema")
    effective_on: date
    format: int
    decided_on: date | None
    actor: dict[str, Any]
    authority: dict[str, Any]
    basis: list[Document]
    reason: str | None
    correlation_id: str | None
    causation_id: str | None
    voids: int | None
    rule_set: str | None
    data: dict[str, Any]


class Recorded(Shape):
    """What became of a command."""

    position: int | None = Field(description="Of the last event; null: nothing was stored.")
    recorded_at: datetime | None
    events: list[RecordedEvent]
    detail: str = Field(description="In words.")


class Relative(Shape):
    """A successor or a predecessor."""

    id: UUID
    name: str
    codes: dict[str, str]
    extent: Literal["whole", "part", "unknown"]
    is_default: bool = Field(description="Where to look first if one must be chosen.")
    certainty: Certainty = Field(description="Of the whole answer.")
    positions: list[int] = Field(description="Of the events that say so, from the start.")


class AuditLine(Shape):
    """What one event changed, when, by whom and on what basis; in values and in words."""

    position: int
    stream: UUID
    category: str = Field(description="`unit`, `organisation`, `leadership` ...: of its stream.")
    event_type: str
    effective_on: date
    decided_on: date | None
    recorded_at: datetime
    actor_id: str
    actor_post: str | None
    authority_name: str
    authority_id: UUID | None
    documents: list[str]
    basis: list[Document]
    number_unknown: bool = Field(description="Of a document of the basis at least.")
    reason: str | None
    correlation_id: str | None
    voids: int | None
    rule_set: str | None
    name: str | None
    superior_id: UUID | None
    changes: list[dict[str, Any]]
    mentions: list[UUID] = Field(description="Whom it is about besides its own stream.")
    voided_by: int | None
    vi: str
    en: str


class Crossed(Shape):
    """One unit to which a code leads; without a unit: it leads nowhere, or nobody bore it."""

    code: str = Field(description="As it was asked: a code, or a name.")
    certainty: Certainty
    asked_id: UUID | None = Field(description="Who bore it; null: nobody on that day.")
    asked_code: str | None
    asked_name: str | None
    found_code: str | None
    found_id: UUID | None
    found_name: str | None
    found_level: str | None
    found_type: str | None
    extent: Literal["whole", "part", "unknown"] | None
    population_share: float | None = Field(
        description="How many of the older one's people came to the younger; null: not known."
    )
    area_share: float | None = Field(description="The same of its land.")
    is_computed: bool | None = Field(
        description="Shares are as if people and land were spread evenly over what was divided."
    )
    population: int | None = Field(description="People who went over, as the one hand-over says.")
    area: int | None = Field(description="Square metres, likewise.")
    is_default: bool | None
    steps: int | None = Field(description="Hand-overs on the way.")
    positions: list[int] = Field(description="Of the events that say so, from the start.")


class Differing(Shape):
    """A field that differs; `existence` when it is there at one point only."""

    id: UUID
    name: str | None
    field: str
    before: Any
    after: Any
    cause: Cause
    position: int | None = Field(description="Of the event that set the later value.")
    event_type: str | None
    effective_on: date | None
    recorded_at: datetime | None
    document: str | None
    correlation_id: str | None = Field(
        description="What that event belongs to; of a dossier that was carried out, `dossier/ID`."
    )


class Said(Shape):
    """What one event says about a field, and how that stands at the point."""

    standing: Literal["decides", "superseded", "voided", "later"]
    value: Any
    effective_on: date
    position: int
    recorded_at: datetime
    event_type: str
    actor_id: str
    authority: str
    basis: list[Document]
    reason: str | None
    voided_by: int | None


class RuleRow(Shape):
    """One value of the rule book."""

    rule_set: str
    key: str
    value: Any
    valid_from: date | None
    valid_to: date | None
    document: str
    source: str | None
    verified: bool


class CloudEvent(Shape):
    """An event of the feed (CloudEvents 1.0); `data` is the whole stored record.

    One that says that a dossier was carried out has its counts in `data.data.outcome`; what the
    dossier did is the `outcome.events` events that end `before` events ahead of its own.
    """

    specversion: Literal["1.0"]
    id: str = Field(description="Its position; unique within `source`.")
    source: str = Field(description="The epoch of the log.")
    type: str = Field(
        description="Of the record, and the version of its shape: `vn.sogoc.unit.renamed.v1`."
    )
    subject: str = Field(description="The stream.")
    time: datetime
    datacontenttype: Literal["application/json"]
    data: dict[str, Any] | None = None
    dataref: str | None = Field(
        None,
        description="Where the stored record is, when it is too large to be carried along.",
        examples=["/v1/events/1042?raw=true"],
    )


class RawRecord(BaseModel):
    """The stored record itself; see the record format for its members."""

    model_config = ConfigDict(extra="allow")

    stream: UUID
    type: str
    version: int


class ProblemType(Shape):
    """A kind of problem."""

    type: str
    code: str
    status: int
    title: str
    meaning: str
    example: str
    retry: str


class ProblemTypes(Shape):
    items: list[ProblemType]


class Alive(Shape):
    status: Literal["alive"]


class Ready(Shape):
    """It answers, and its read models are being kept level with the log."""

    status: Literal["ready", "degraded"] = Field(
        description="degraded: an event has waited longer than the limit, but they are moving."
    )
    position: int
    head: int
    lag: int = Field(description="Events recorded and not yet in the read models.")
    lag_s: float = Field(description="How long the first of them has been on record.")
    rate: float | None = Field(None, description="Events a second taken in of late.")
    level_in_s: float | None = Field(
        None, description="Seconds until they are level at that rate, if nothing more is recorded."
    )
    epoch: UUID
    projections: dict[str, int]
    parked: int = Field(
        description="Things of which an event could not be taken in; until somebody decides what"
        " becomes of it, their later events are held back."
    )


class Unready(Problem):
    """Why it is not ready."""

    reason: Reason = Field(
        description=(
            "no-follower: what keeps the read models level is gone; failing: it cannot work;"
            " stopped: a read model cannot take an event in; stalled: something is to be done, and"
            " nothing moves; lag: an event has waited too long, and nobody says whether anything"
            " moves; ahead: the log has lost its end; outdated: a read model must be rebuilt;"
            " database: it does not answer."
        ),
    )
    lag: int | None = None
    lag_s: float | None = None
    idle_s: float | None = Field(None, description="Seconds since the read models last moved.")


class Index(Shape):
    """Where things are."""

    release: str
    position: int
    epoch: UUID
    links: dict[str, str]
