"""Totals as somebody stated them: what each level must be, or why they cannot be true.

Reports often say "good or better" (từ hoàn thành tốt trở lên) without saying so. What is stated is
kept as it was stated, and the levels are derived from it; what does not add up is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import InvalidValue, TotalsDoNotSum


@dataclass(frozen=True, slots=True)
class StatedNumber:
    """So many have that level; with `or_better` that level or a better one."""

    level: str
    number: int
    or_better: bool = False


@dataclass(frozen=True, slots=True)
class StatedTotals:
    """What a source says about a group as a whole."""

    subjects: int
    unreviewed: int
    numbers: tuple[StatedNumber, ...]


def derived(stated: StatedTotals, levels: Sequence[str]) -> dict[str, int | None]:
    """How many have each of `levels` (the best first); None: what is stated leaves it open.

    Raises InvalidValue for what says nothing, TotalsDoNotSum for what cannot be true.
    """
    _refuse_ill_formed(stated, levels)
    each: list[int | None] = [None] * len(levels)
    down_to: list[int | None] = [
        0,
        *[None] * (len(levels) - 1),
        stated.subjects - stated.unreviewed,
    ]
    for said in stated.numbers:
        index = levels.index(said.level)
        known, place = (down_to, index + 1) if said.or_better else (each, index)
        _agree(known[place], said.number, stated)
        known[place] = said.number
    while _learn(each, down_to, stated):
        pass
    _refuse_falling(each, down_to, stated)
    return dict(zip(levels, each, strict=True))


def _learn(each: list[int | None], down_to: list[int | None], stated: StatedTotals) -> bool:
    """Fill in what follows from one level and its neighbours; whether anything was learnt."""
    learnt = False
    for index in range(len(each)):
        before, own, after = down_to[index], each[index], down_to[index + 1]
        if before is not None and own is not None:
            _agree(after, before + own, stated)
            down_to[index + 1] = before + own
        elif before is not None and after is not None:
            each[index] = after - before
        elif own is not None and after is not None:
            down_to[index] = after - own
        learnt |= (before, own, after) != (down_to[index], each[index], down_to[index + 1])
    return learnt


def _agree(known: int | None, said: int, stated: StatedTotals) -> None:
    if known is not None and known != said:
        raise _contradiction(stated)


def _refuse_falling(
    each: Sequence[int | None], down_to: Sequence[int | None], stated: StatedTotals
) -> None:
    """Numbers from the best down to a level never fall, and none lies below zero."""
    least = 0
    for index, reached in enumerate(down_to):
        own = each[index - 1] if index else 0
        least += own or 0
        if (own or 0) < 0 or (reached is not None and reached < least):
            raise _contradiction(stated)
        least = max(least, reached or 0)


def _refuse_ill_formed(stated: StatedTotals, levels: Sequence[str]) -> None:
    if not stated.numbers:
        raise InvalidValue("Say how many have at least one level", field="numbers")
    for said in stated.numbers:
        if said.level not in levels:
            raise InvalidValue(f"The level is one of {', '.join(levels)}", field="numbers.level")
    if min(stated.subjects, stated.unreviewed, *(s.number for s in stated.numbers)) < 0:
        raise InvalidValue("Nothing is counted below zero", field="numbers")


def _contradiction(stated: StatedTotals) -> TotalsDoNotSum:
    said = ", ".join(
        f"{s.level}{' or better' if s.or_better else ''} {s.number}" for s in stated.numbers
    )
    total = sum(s.number for s in stated.numbers) + stated.unreviewed
    return TotalsDoNotSum(
        f"{said} and {stated.unreviewed} not reviewed cannot all be true of {stated.subjects} "
        f"subjects (they sum to {total}); a number that includes better levels is said as such",
        field="numbers",
        rule="INV-REV-5",
        subjects=stated.subjects,
    )
