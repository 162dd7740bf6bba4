"""Totals as somebody stated them: derived where they can be true, refused where they cannot."""

from __future__ import annotations

import pytest
from hypothesis import given as whenever
from hypothesis import strategies as st

from domain.errors import InvalidValue, TotalsDoNotSum
from domain.evaluation.stated import StatedNumber, StatedTotals, derived

LEVELS = ["excellent", "good", "completed", "not_completed"]
HAI_DUONG = 638  # base organisations classified for 2024 (source 004, 28 February 2025)


def stated(total, *numbers, unreviewed=0):
    said = tuple(StatedNumber(level, number, better) for level, number, better in numbers)
    return derived(StatedTotals(total, unreviewed, said), LEVELS)


def test_hai_duong_2024_is_132_468_28_10():
    """132 excellent, 600 "good or better", 10 not completed, of 638."""
    told = stated(
        HAI_DUONG, ("excellent", 132, False), ("good", 600, True), ("not_completed", 10, False)
    )
    assert list(told.values()) == [132, 468, 28, 10]


@pytest.mark.parametrize(
    "numbers",
    [
        [("excellent", 132), ("good", 600), ("not_completed", 10)],
        [("excellent", 132), ("good", 600), ("completed", 28), ("not_completed", 10)],
        [("excellent", 132), ("good", 600), ("completed", 0), ("not_completed", 10)],
        [("good", 600), ("completed", 39)],
    ],
)
def test_hai_duong_2024_is_no_distribution_of_132_600_10(numbers):
    with pytest.raises(TotalsDoNotSum) as refusal:
        stated(HAI_DUONG, *((level, number, False) for level, number in numbers))
    assert refusal.value.facts["rule"] == "INV-REV-5"


def test_the_other_reading_of_the_misprint_is_possible_too():
    told = stated(
        HAI_DUONG, ("excellent", 132, False), ("good", 496, False), ("not_completed", 10, False)
    )
    assert list(told.values()) == [132, 496, 0, 10]


def test_what_is_left_open_stays_open():
    told = stated(HAI_DUONG, ("good", 600, True))
    assert told == {"excellent": None, "good": None, "completed": None, "not_completed": None}
    told = stated(HAI_DUONG, ("good", 600, True), ("excellent", 132, False))
    assert told == {"excellent": 132, "good": 468, "completed": None, "not_completed": None}


def test_those_not_reviewed_count_among_the_subjects():
    told = stated(10, ("good", 7, True), ("completed", 1, False), unreviewed=2)
    assert (told["completed"], told["not_completed"]) == (1, 0)


@pytest.mark.parametrize(
    "numbers",
    [
        [("excellent", 5, True), ("good", 4, True)],
        [("excellent", 5, False), ("good", 4, True)],
        [("excellent", 5, False), ("excellent", 6, False)],
        [("not_completed", 9, True)],
        [("good", 11, True)],
        [("excellent", 6, False), ("completed", 5, False)],
    ],
)
def test_contradictions_are_refused(numbers):
    with pytest.raises(TotalsDoNotSum):
        stated(10, *numbers)


@pytest.mark.parametrize("numbers", [[], [("fair", 1, False)], [("good", -1, False)]])
def test_what_says_nothing_is_not_well_formed(numbers):
    with pytest.raises(InvalidValue):
        stated(10, *numbers)


@whenever(counts=st.lists(st.integers(0, 40), min_size=4, max_size=4), data=st.data())
def test_whatever_is_said_of_a_true_distribution_is_accepted_and_never_derived_wrongly(
    counts, data
):
    said = []
    for index in data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=4)):
        better = data.draw(st.booleans())
        number = sum(counts[: index + 1]) if better else counts[index]
        said.append((LEVELS[index], number, better))
    told = stated(sum(counts), *said)
    assert all(told[code] in (None, n) for code, n in zip(LEVELS, counts, strict=True))


@whenever(
    counts=st.lists(st.integers(0, 40), min_size=4, max_size=4),
    wrong=st.integers(-40, 40).filter(bool),
)
def test_a_whole_distribution_that_does_not_sum_is_refused(counts, wrong):
    with pytest.raises((TotalsDoNotSum, InvalidValue)):
        stated(sum(counts) + wrong, *((c, n, False) for c, n in zip(LEVELS, counts, strict=True)))
