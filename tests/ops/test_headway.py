"""Headway is told in positions, and knows standing still from having nothing to do."""

from __future__ import annotations

import pytest

from ops.headway import WINDOW_S, Headway


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_whoever_has_not_begun_is_idle_since_then_and_has_no_rate(clock):
    headway = Headway(clock)
    clock.now += 7
    assert (headway.idle_s, headway.rate) == (7, 0)


def test_moving_and_being_level_both_count_as_getting_on(clock):
    headway = Headway(clock)
    for position in (2000, 2000):
        clock.now += 5
        assert headway.idle_s == 5
        headway.got_on(position)
        assert headway.idle_s == 0


def test_the_rate_is_that_of_the_last_half_minute(clock):
    headway = Headway(clock)
    for second in range(200):
        clock.now += 0.5
        headway.got_on(1000 * second if second < 100 else 100_000 + 50 * (second - 100))
    assert headway.rate == pytest.approx(100, rel=0.05)


def test_the_rate_falls_while_nothing_moves(clock):
    headway = Headway(clock)
    headway.got_on(0)
    clock.now += 10
    headway.got_on(1000)
    assert headway.rate == 100
    clock.now += 10
    assert headway.rate == 50


def test_a_batch_longer_than_the_window_has_a_rate(clock):
    headway = Headway(clock)
    headway.got_on(0)
    clock.now += 2 * WINDOW_S
    headway.got_on(600)
    assert headway.rate == 10


def test_a_view_that_begins_anew_gives_no_negative_rate(clock):
    headway = Headway(clock)
    headway.got_on(5000)
    clock.now += 1
    headway.got_on(0)
    assert headway.rate == 0


def test_however_many_steps_few_are_kept(clock):
    headway = Headway(clock)
    for position in range(10_000):
        clock.now += 0.01
        headway.got_on(position)
    assert len(headway._steps) < 2 * WINDOW_S
