"""The follower brings the read models level by itself, tells who waits, and outlives errors."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from ops.follower import Follower
from ops.migrate import migrate
from ops.settings import Settings
from ops.wiring import Wiring, open_register
from projections.catalogue import VIEWS
from projections.engine import create, marks
from services.reorganisation import checked, record
from tests.services.country import Country

PATIENCE_S = 30


@pytest.fixture
def wiring(postgres, schema):
    migrate(postgres.dsn, schema)
    settings = Settings(Path("/nowhere"), postgres.dsn, schema)
    opened = Wiring(settings, postgres.dsn, open_register(settings, postgres.dsn))
    yield opened
    opened.close()
    with opened.connection() as connection:
        for view in opened.views:
            connection.execute(f'DROP SCHEMA IF EXISTS "{schema}_{view.name}" CASCADE')


@pytest.fixture
def lists(tmp_path):
    return checked(Country(tmp_path).folder)


def test_what_is_recorded_is_soon_projected(wiring, lists):
    with wiring.following() as follower:
        position = record(wiring.register, lists).position
        reached = 0
        while reached < position:
            before, reached = reached, follower.wait(reached, PATIENCE_S)
            assert reached > before
    assert reached == position
    with wiring.readings.at() as reading:
        assert (reading.basis.position, reading.basis.lag) == (position, 0)


def test_listeners_are_told_until_they_leave(wiring, lists):
    told: list[int] = []
    with wiring.following() as follower:
        leave = follower.listen(told.append)
        position = record(wiring.register, lists).position
        while follower.position < position:
            follower.wait(follower.position, PATIENCE_S)
        leave()
    assert told[-1] == position
    assert told == sorted(told)


def test_an_error_is_shown_and_the_follower_goes_on(wiring, lists, caplog):
    broken = True

    def decode(topic, record, position):
        if broken:
            raise ValueError("no such letter")
        return wiring.source.decode(topic, record, position)

    source = replace(wiring.source, decode=decode)
    follower = Follower(wiring.dsn, wiring.settings.schema, source, wiring.views)
    follower.start()
    try:
        position = record(wiring.register, lists).position
        until(lambda: "no such letter" in (follower.error or ""))
        broken = False
        until(lambda: (follower.position, follower.error) == (position, None))
        assert follower.is_alive
    finally:
        follower.stop()
    assert not follower.is_alive


def test_a_view_that_has_stopped_is_named_and_the_others_go_on(wiring, lists):
    """The audit trail refuses one event; mended, it is brought level again."""
    with wiring.connection() as connection, wiring.following() as follower:
        for view in wiring.views:
            create(connection, wiring.settings.schema, view)
        lines = f'"{wiring.settings.schema}_audit".lines'
        connection.execute(f"ALTER TABLE {lines} ADD CONSTRAINT odd CHECK (position <> 9)")
        position = record(wiring.register, lists).position
        until(lambda: follower.stopped == "audit")
        assert "EventFailed: audit stopped at position 9, " in follower.error
        until(lambda: follower.position == position)
        assert follower.is_alive
        connection.execute(f"ALTER TABLE {lines} DROP CONSTRAINT odd")
        until(lambda: (follower.error, follower.stopped) == (None, None))
        reached = marks(connection, wiring.settings.schema, VIEWS)
        assert {mark.position for mark in reached.values()} == {position}


def until(condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
