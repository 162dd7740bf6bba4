"""Votes of a cell, and the roll they are counted on (R-VOTE-2, R-VOTE-3, INV-MEM-5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from domain.errors import InvalidValue, RuleBroken
from domain.rulebook import RuleSet

if TYPE_CHECKING:
    from domain.membership.record import MembershipRecord


@dataclass(frozen=True, slots=True)
class Vote:
    """A vote at a meeting of members; who neither approved nor opposed abstained or was away."""

    entitled: int  # the denominator of R-VOTE-2
    in_favour: int
    against: int

    def refuse_ill_formed(self) -> None:
        """Raises InvalidValue."""
        if min(self.entitled, self.in_favour, self.against) < 0:
            raise InvalidValue("Votes are counted from 0", field="vote")
        if self.in_favour + self.against > self.entitled:
            raise InvalidValue(
                "More votes were cast than there are members entitled to",
                field="vote.entitled",
                rule="INV-MEM-5",
            )

    def refuse_unless_carried(self, about: str, rules: RuleSet) -> None:
        """Raises RuleBroken. `about` is "admission", "recognition" …; see membership.vote."""
        rule = rules.rule(f"membership.vote.{about}")
        if self.in_favour * rule.value["of"] < self.entitled * rule.value["at_least"]:
            raise RuleBroken(
                f"{self.in_favour} of {self.entitled} is less than "
                f"{rule.value['at_least']} of {rule.value['of']}",
                field="vote.in_favour",
                rule=rule.key,
                document=rule.document,
                rule_set=rules.id,
            )


@dataclass(frozen=True, slots=True)
class RollCount:
    """How many belong to a cell on a day, as far as votes and sizes ask."""

    probationary: int
    official: int  # with the exempt, the suspended and those away for a time
    exempt: int  # official members exempted and not away
    suspended: int  # official members suspended, not exempted and not away
    away: int  # official members who take part elsewhere for a time
    guests: int  # of other cells, here for a time: they do not vote here

    @property
    def members(self) -> int:
        return self.probationary + self.official

    @property
    def entitled_max(self) -> int:
        """The denominator of R-VOTE-2 when every exempted member came."""
        return self.official - self.away - self.suspended

    @property
    def entitled_min(self) -> int:
        """The denominator of R-VOTE-2 when no exempted member came."""
        return self.entitled_max - self.exempt


def roll_on(day: date, cell_id: UUID, memberships: Iterable[MembershipRecord]) -> RollCount:
    """Count the roll of a cell on a day, from all memberships that ever had to do with it."""
    counted = dict.fromkeys(RollCount.__slots__, 0)
    for each in memberships:
        for name in _counts(each, day, cell_id):
            counted[name] += 1
    return RollCount(**counted)


def _counts(each: MembershipRecord, day: date, cell_id: UUID) -> list[str]:
    """As what a membership is counted."""
    if not each.is_active_on(day):
        return []
    away = each.temporary_cell_id.at(day)
    if each.cell_id.at(day) != cell_id:
        return ["guests"] if away == cell_id else []
    if not each.is_official_on(day):
        return ["probationary"]
    why = "away" if away else each.standing(day)
    return ["official", why] if why in ("away", "exempt", "suspended") else ["official"]


def refuse_uncountable(vote: Vote, roll: RollCount, about: dict[str, str]) -> None:
    """Raises RuleBroken when the denominator cannot be that of the roll of that day."""
    if not roll.entitled_min <= vote.entitled <= roll.entitled_max:
        raise RuleBroken(
            f"By the roll of that day {roll.entitled_min} to {roll.entitled_max} were entitled "
            f"to vote, not {vote.entitled}",
            field="vote.entitled",
            rule="INV-MEM-5",
            **about,
        )
