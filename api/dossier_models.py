"""The shapes of what is answered about dossiers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from api.models import Shape

State = Literal[
    "drafted", "checked", "approved", "scheduled", "carried_out", "corrected", "withdrawn"
]


class DossierActed(Shape):
    """What became of an act about a dossier."""

    id: UUID
    position: int | None = Field(description="Of the last event; null: nothing was stored.")
    recorded_at: datetime | None
    events: dict[str, int] = Field(description="How many events of each type it took.")
    digest: str | None = Field(description="Of the outcome that was checked or carried out.")
    detail: str = Field(description="In words.")


class BalanceRow(Shape):
    """How many of a sort there are before and after, among those that are touched."""

    sort: str = Field(description="`unit.commune.phuong`, `members`, `posts` ...")
    before: int
    begun: int
    ended: int
    changed_in: int
    changed_out: int
    after: int
    holds: bool = Field(description="Whether before, what came and what went make after.")


class ActRow(Shape):
    """One act about the dossier, and who did it."""

    act: str = Field(description="Type of its event: `dossier.approved`.")
    title: str = Field(description="Official Vietnamese.")
    position: int | None
    recorded_at: datetime
    actor: str
    post: str | None
    authority: str
    reason: str | None


class CheckShown(Shape):
    """The last check that it passed."""

    at: int = Field(description="Position of the log that it was held against.")
    digest: str
    events: int
    operations: int
    warnings: int
    balances: list[BalanceRow]


class DossierOne(Shape):
    """A dossier as it stands."""

    id: UUID
    key: str | None
    title: str
    effective_on: date
    scheme: str
    scope: str | None = Field(description="Code of the province; null: the country.")
    parts: list[str] = Field(description="Keys of dossiers that must be carried out with it.")
    note: str | None
    state: State
    version: int = Field(description="What `If-Match` of an act compares.")
    rows: dict[str, int] = Field(description="How many rows each table has.")
    check: CheckShown | None
    approved: str | None = Field(description="Digest of the outcome that was approved.")
    due_on: date | None
    carried_out: CheckShown | None = Field(description="What it came to; null: not yet.")
    corrections: int
    acts: list[ActRow]


class FindingRow(Shape):
    """One thing that is wrong, or worth a look."""

    table: str
    row: int = Field(description="The first of a table is 1; 0: the table as a whole.")
    field: str
    rule: str
    words: str
    document: str | None
    severity: Literal["error", "warning"]


class OperationRow(Shape):
    action: str
    table: str
    row: int
    id: UUID
    called: str
    command: str


class AffectedRow(Shape):
    """One thing that hangs on what ends, and what becomes of it."""

    sort: str
    of: UUID
    of_called: str
    what: UUID | None
    called: str
    rule: str | None = Field(description="null: nothing settles it.")
    to: UUID | None
    to_called: str | None


class VacancyRow(Shape):
    organisation_id: UUID
    called: str
    body: str
    post: str
    seats: int
    filled: int
    due_on: date | None


class CodeRow(Shape):
    """A code that means something else from the day on."""

    code: str
    was: str | None
    becomes: str | None
    change: Literal["retired", "reused", "renamed", "new"]


class RehearsalShown(Shape):
    """What a dossier would come to, held against the log as it stands; nothing is stored."""

    id: UUID
    version: int
    at: int = Field(description="Position of the log that it was held against.")
    digest: str = Field(description="Of the outcome: what an approval names.")
    passes: bool = Field(description="Whether it would pass its check.")
    errors: int
    warnings: int
    events: dict[str, int] = Field(description="How many would be recorded, by type.")
    balanced: bool
    took_s: float = Field(description="How long this rehearsal took.")
    estimate_s: float = Field(description="How long the carrying out will take, about.")
    findings: list[FindingRow]
    operations: list[OperationRow]
    affected: list[AffectedRow]
    balances: list[BalanceRow]
    vacancies: list[VacancyRow]
    codes: list[CodeRow]


class ImpactRow(Shape):
    """A field that is answered otherwise since a correction, from `first` up to, not including,
    `after`.
    """

    id: UUID
    of: str = Field(description="Topic of the stream: `unit`.")
    called: str | None
    field: str
    first: date
    after: date | None
    old: Any
    new: Any


class Progress(Shape):
    """How far the carrying out of a dossier is."""

    id: UUID
    state: Literal["under-way", "done", "refused", "not-begun"]
    decided: int = Field(description="Operations that were decided so far.")
    operations: int = Field(description="Of how many.")
    position: int | None = Field(description="Of the event that says it was carried out.")
    problem: dict[str, Any] | None = Field(description="Why it was refused.")


class ImpactList(Shape):
    items: list[ImpactRow]


class OldToNewRow(Shape):
    """How much of an old code went to a new one."""

    step: int
    subject: Literal["unit", "organisation"]
    old: str
    old_name: str | None
    new: str | None = Field(description="null: it ends, and nobody takes over.")
    new_name: str | None
    extent: Literal["whole", "part", "unknown"] | None
    is_default: bool
    population: int | None
    area: int | None = Field(description="Square metres.")


class OldToNewList(Shape):
    items: list[OldToNewRow]
