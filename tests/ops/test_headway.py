"""Headway is told in positions, and knows standing still from having nothing to do."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from ops.headway import WINDOW_S, Headway
from ops.stalling import Stalling


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


def test_a_stall_is_told_once_and_so_is_its_end(clock):
    follower = Standing(clock)
    stalling = Stalling(follower, 30)
    with capture_logs() as told:
        for _ in range(20):
            clock.now += 5
            stalling.look()
        assert [line["event"] for line in told] == ["follower.stalled"]
        assert (told[0]["position"], told[0]["idle_s"], told[0]["log_level"]) == (7, 35.0, "error")
        follower.got_on(9)
        for _ in range(3):
            stalling.look()
            clock.now += 5
    assert [line["event"] for line in told] == ["follower.stalled", "follower.goes_on"]
    assert (told[1]["position"], told[1]["stalled_s"]) == (9, 100.0)


def test_a_follower_that_is_held_for_moments_only_does_not_stall(clock):
    follower = Standing(clock)
    stalling = Stalling(follower, 30)
    with capture_logs() as told:
        for _ in range(10):
            clock.now += 29
            stalling.look()
            follower.got_on(7)
    assert not told


class Standing(Headway):
    """A follower that stands at a position."""

    def __init__(self, clock):
        super().__init__(clock)
        self.position = 7

    def got_on(self, position):
        super().got_on(position)
        self.position = position
