"""What every event says besides what happened: when, by whom, on whose authority, on what basis."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.errors import InvalidValue
from domain.legal_basis import LegalBasis

FIRST_YEAR, LAST_YEAR = 1930, 2199  # the Party was founded in 1930; a later day is a slip


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


@dataclass(frozen=True, slots=True)
class Envelope:
    """The circumstances of an event, common to all (architecture: one envelope for all).

    `recorded_at` is not among them: only the store can give it, when it learns of the event.
    """

    effective_on: date  # first day it holds (ngày có hiệu lực), in Asia/Ho_Chi_Minh
    decided_on: date | None  # day of the decision; None: not known
    actor: Actor
    authority: Authority
    basis: tuple[LegalBasis, ...]  # căn cứ; the deciding document first
    reason: str | None = None
    correlation_id: str | None = None  # what belongs to one undertaking
    causation_id: str | None = None  # what led to it
    voids: int | None = None  # position of the event that this one takes back
    rule_set: str | None = None  # the rule set applied in deciding, see domain.rulebook

    def refuse_ill_formed(self) -> None:
        """Raises InvalidValue. Asked when a command decides, never when an event is read."""
        if not self.basis:
            raise InvalidValue("Every event needs a legal basis", field="basis")
        for document in self.basis:
            document.refuse_ill_formed()
        if not self.authority.name.strip():
            raise InvalidValue("Say which body decided", field="authority.name")
        if self.decided_on is not None and self.decided_on.year < FIRST_YEAR:
            raise InvalidValue("There was no such organisation yet", field="decided_on")
        if not FIRST_YEAR <= self.effective_on.year <= LAST_YEAR:
            raise InvalidValue(
                f"A day of effect lies in the years {FIRST_YEAR} to {LAST_YEAR}",
                field="effective_on",
            )
        if self.voids is not None and self.voids < 1:
            raise InvalidValue("Positions begin at 1", field="voids")
