"""Years in a row: which level each year brought, also over the organisations one was made of.

No rule was found for mergers; so whoever decides names a policy, and what is counted by it is kept
with the award.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.errors import InvalidValue

POLICIES = ("own-years", "any-predecessor", "default-predecessor", "all-predecessors")


@dataclass(frozen=True, slots=True)
class Rated:
    """The level that one round gave one subject for a year."""

    subject_id: UUID
    level: str
    review_id: UUID
    position: int | None  # of the event that decided; None: it is about to be recorded
    document: str | None  # number of the decision; None: not known


@dataclass(frozen=True, slots=True)
class Origin:
    """Who somebody was in a year: itself, or one of those it was made of."""

    id: UUID
    is_default: bool
    by_lineage: bool  # through a hand-over


@dataclass(frozen=True, slots=True)
class Year:
    """One year of a chain: whether it holds, and by which levels."""

    year: int
    holds: bool
    origins: tuple[UUID, ...]  # who counts by the policy; none: it did not exist
    rated: tuple[Rated, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """Years in a row under one policy."""

    policy: str
    level_min: str
    years: tuple[Year, ...]

    @property
    def gaps(self) -> tuple[int, ...]:
        """The years that do not hold."""
        return tuple(year.year for year in self.years if not year.holds)


OriginsIn = Callable[[int], Iterable[Origin]]
RatedIn = Callable[[UUID, int], Sequence[Rated]]


def chain(
    years: Sequence[int],
    policy: str,
    enough: Sequence[str],
    origins_in: OriginsIn,
    rated_in: RatedIn,
) -> Chain:
    """Judge each of `years` by `policy`; a level holds when it is one of `enough`.

    Who was judged in several places in a year holds it when all of these gave enough. Raises
    InvalidValue for a policy that nobody knows.
    """
    if policy not in POLICIES:
        raise InvalidValue(f"The policy is one of {', '.join(POLICIES)}", field="policy")
    judged = tuple(_year(year, policy, enough, list(origins_in(year)), rated_in) for year in years)
    return Chain(policy, enough[-1], judged)


def _year(
    year: int, policy: str, enough: Sequence[str], origins: Sequence[Origin], rated_in: RatedIn
) -> Year:
    counted = [origin for origin in origins if _counts(origin, policy)]
    found = {origin.id: rated_in(origin.id, year) for origin in counted}
    held = [bool(f) and all(each.level in enough for each in f) for f in found.values()]
    holds = any(held) if policy == "any-predecessor" else bool(held) and all(held)
    rated = tuple(each for several in found.values() for each in several)
    return Year(year, holds, tuple(found), rated)


def _counts(origin: Origin, policy: str) -> bool:
    if policy == "own-years":
        return not origin.by_lineage
    return policy != "default-predecessor" or origin.is_default
