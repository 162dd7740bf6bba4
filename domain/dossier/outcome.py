"""What a dossier comes to: counts that must balance, and what became of what hung on the ended."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Balance:
    """How many of a sort there are on the eve and on the day, among those that are touched."""

    sort: str  # "unit.commune.phuong", "organisation.commune_base", "members", "posts"
    before: int
    begun: int
    ended: int
    changed_in: int  # that became of this sort by a change of type or kind
    changed_out: int
    after: int

    @property
    def holds(self) -> bool:
        gained = self.begun + self.changed_in
        return self.after == self.before + gained - self.ended - self.changed_out


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one thing that hung on an organisation or unit that ended or changed."""

    sort: str  # affairs.SORTS
    of: UUID  # on which it hung
    what: UUID | None  # the thing itself; None: something the register does not keep
    called: str | None  # number or name of such a thing
    rule: str  # "default_successor", "superior", "by_hand", "end", "leave_out"
    to: UUID | None  # who takes it over; None: nobody, it ends


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found at a check, and is carried out as such or not at all."""

    events: int
    digest: str  # of what these events say, 64 hexadecimal digits
    operations: int
    warnings: int
    balances: tuple[Balance, ...]
