"""What the leadership of an organisation is made of: terms, seats, holdings, assignments."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from domain.errors import InvalidValue
from domain.legal_basis import LegalBasis
from domain.timeline import Timeline

INSPECTION = "inspection_committee"
"""The code of the body that elects its deputy chairs itself, and is set up by a decision."""

HELD, ACTING, SUSPENDED = "held", "acting", "suspended"
"""The states of a holding; None: it has not begun, or is over. Who is suspended keeps the seat."""

PENDING, APPROVED, REFUSED = "pending", "approved", "refused"
"""What became of an election above (chuẩn y); None: the act needs no approval."""

ELECTORS = ("congress", "committee", "cell")
"""Who elected: đại hội, hội nghị cấp ủy, chi bộ."""

OCCASIONS = ("new", "merger", "division", "additional", "vacancy")
"""Why somebody was appointed: the organisation is new, merged or divided; one more; a vacancy."""

FORMS = ("recognised", "assigned", "transferred", "named")
"""Công nhận, phân công, điều động, bổ nhiệm."""

CAUSES = ("retired", "left_work", "left_party", "struck_off", "expelled", "died")
"""What ends a post without a decision about the post itself: nghỉ hưu, thôi công tác, ra khỏi Đảng,
bị xóa tên, bị khai trừ, từ trần. The end of a term or of the organisation is an event of its own.
"""

MODES = ("elected", "appointed")

TARGETS = ("area", "organisation", "cell", "household")
"""What a member is assigned to: địa bàn, tổ chức, chi bộ, hộ gia đình."""


@dataclass(frozen=True, slots=True)
class Post:
    """A post (chức vụ) of a body, by the codes of the rule book."""

    body: str  # "executive_committee"
    post: str  # "secretary"

    def __str__(self) -> str:
        return f"{self.body}.{self.post}"


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a body (nhiệm kỳ)."""

    name: str  # "2025-2030"
    until: date | None  # first day after it, unless extended; None: not known yet


@dataclass(frozen=True, slots=True)
class Seats:
    """How many seats a post has (số lượng)."""

    number: int
    due_on: date | None  # by that day they are to be filled
    surplus_until: date | None  # before that day more may hold it, says the document of the plan


@dataclass(frozen=True, slots=True)
class Planned:
    """The number of seats of one post among those that one decision sets."""

    body: str
    post: str
    number: int


@dataclass(frozen=True, slots=True)
class Ballot:
    """How a vote went; None where it is not known."""

    held_on: date
    summoned: int | None
    present: int | None
    valid: int | None
    votes_for: int | None

    def refuse_ill_formed(self) -> None:
        """Raises InvalidValue unless the numbers go down: summoned, present, valid, for."""
        said = ("summoned", "present", "valid", "votes_for")
        known = [(name, n) for name in said if (n := getattr(self, name)) is not None]
        for name, number in known:
            if number < 0:
                raise InvalidValue("A number of people is not negative", field=f"ballot.{name}")
        for (above, more), (name, fewer) in pairwise(known):
            if fewer > more:
                raise InvalidValue(f"{name} is not more than {above}", field=f"ballot.{name}")


@dataclass(frozen=True, slots=True)
class Establishment:
    """An inspection committee as it was set up (thành lập ủy ban kiểm tra)."""

    size: int  # number of its members, chair and deputies among them
    mode: str  # one of MODES


@dataclass(frozen=True, slots=True)
class Regulations:
    """Working regulations of a body for a term (quy chế làm việc)."""

    term: str  # name of the term
    document: LegalBasis  # the regulations themselves; the envelope's basis is what issued them
    model: str | None  # the document they follow: "302-QĐ/TW"


@dataclass(frozen=True, slots=True)
class Seated:
    """One of several who came to posts by one decision."""

    holding_id: UUID
    person_id: UUID
    body: str
    post: str
    place: str | None  # where, for a post outside the Party; else None

    @property
    def seat(self) -> tuple[UUID, str, str, str | None]:
        """Who came to what, whatever the holding is called."""
        return self.person_id, self.body, self.post, self.place


@dataclass
class Holding:
    """A person in a post, from the act that gave it on (người giữ chức vụ)."""

    id: UUID
    person_id: UUID
    body: str
    post: str
    act: str  # "elected", "appointed", "recognised", "concurrent", "acting" or "entered"
    place: str | None  # where, for a post outside the Party: "thôn Đông"; else None
    begun_by: int  # version of the event that began it
    state: Timeline[str | None] = field(default_factory=Timeline)
    approval: Timeline[str] = field(default_factory=Timeline)

    @property
    def seat(self) -> tuple[str, str]:
        return self.body, self.post


@dataclass
class Assignment:
    """A committee member answers for an area, an organisation, a cell or a household."""

    id: UUID
    person_id: UUID
    kind: str  # one of TARGETS
    target_id: UUID | None  # unit, organisation or cell of the register; a household's random id
    target: str | None  # in words, for an area; never a person's name
    duties: str | None
    begun_by: int  # version of the event that began it
    stands: Timeline[bool] = field(default_factory=Timeline)


class Tenure(NamedTuple):
    """A holding in one state and approval, from `first` up to, not including, `after`."""

    holding: Holding
    state: str
    approval: str | None
    first: date
    after: date | None  # None: open


class Served(NamedTuple):
    """An assignment from `first` up to, not including, `after`."""

    assignment: Assignment
    first: date
    after: date | None
