"""What every event says besides what happened: when, by whom, on whose authority, on what basis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.errors import InvalidValue
from domain.legal_basis import LegalBasis
from domain.names import refuse_improper_text

FIRST_YEAR, LAST_YEAR = 1930, 2199  # the Party was founded in 1930; what lies outside is a slip


def refuse_day_out_of_bounds(day: date | None, field: str) -> None:
    """Raises InvalidValue."""
    if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InvalidValue(f"The day lies in the years {FIRST_YEAR} to {LAST_YEAR}", field=field)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who recorded an event, in which post. An account or office id, never a person's name."""

    id: str
    post: str | None = None


@dataclass(frozen=True, slots=True)
class Authority:
    """The body that decided (cơ quan quyết định).

    `organisation_id` is given when it is an organisation of this register, and None for a body
    outside it (the Politburo, the National Assembly).
    """

    name: str
    organisation_id: UUID | None = None


@dataclass(frozen=True)
class Envelope:
    """The circumstances of an event, common to all.

    `recorded_at` is not among them: only the store can give it, when it learns of the event.
    """

    effective_on: date  # first day it holds (ngày có hiệu lực), in Asia/Ho_Chi_Minh
    decided_on: date | None  # day of the decision; None: not known
    actor: Actor
    authority: Authority
    basis: tuple[LegalBasis, ...]  # căn cứ; the deciding document first. Or `reason`: see Aggregate
    reason: str | None = None
    correlation_id: str | None = None  # what belongs to one undertaking
    causation_id: str | None = None  # what led to it
    voids: int | None = None  # position of the event that this one takes back
    rule_set: str | None = None  # the rule set applied in deciding, see domain.rulebook

    def refuse_ill_formed(self) -> None:
        """Raises InvalidValue. Asked when a command decides, never when an event is read."""
        for document in self.basis:
            document.refuse_ill_formed()
        for field, text in self._texts():
            refuse_improper_text(text, field)
        for field, day in (("effective_on", self.effective_on), ("decided_on", self.decided_on)):
            refuse_day_out_of_bounds(day, field)
        if self.voids is not None and self.voids < 1:
            raise InvalidValue("Positions begin at 1", field="voids")

    def _texts(self) -> Iterator[tuple[str, str | None]]:
        yield "actor.id", self.actor.id
        yield "actor.post", self.actor.post
        yield "authority.name", self.authority.name
        yield "reason", self.reason
        yield "correlation_id", self.correlation_id
        yield "causation_id", self.causation_id
