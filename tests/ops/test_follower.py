"""The follower brings the read models level by itself, tells who waits, and outlives errors."""

import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Semaphore

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from domain.envelope import Actor, Authority, Envelope
from domain.errors import EventFromTheFuture
from ops.follower import Follower
from ops.migrate import migrate
from ops.settings import Settings
from ops.wiring import Wiring, open_register, today
from projections.catalogue import VIEWS
from projections.engine.following import create, marks
from projections.engine.marks import lock, namespace
from projections.engine.parking import held
from services.access import Tokens
from services.parking import RetryParked
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
            raise EventFromTheFuture("no such letter")
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
    """The audit trail lacks a table; given back, it is brought level again."""
    with wiring.connection() as connection, wiring.following() as follower:
        for view in wiring.views:
            create(connection, wiring.settings.schema, view)
        lines = f'"{wiring.settings.schema}_audit".lines'
        connection.execute(f"ALTER TABLE {lines} RENAME TO mislaid")
        position = record(wiring.register, lists).position
        until(lambda: follower.stopped == "audit")
        assert "TablesAltered: audit has other tables" in follower.error
        until(lambda: follower.position == position)
        assert follower.is_alive
        connection.execute(f'ALTER TABLE "{wiring.settings.schema}_audit".mislaid RENAME TO lines')
        until(lambda: (follower.error, follower.stopped) == (None, None))
        reached = marks(connection, wiring.settings.schema, VIEWS)
        assert {mark.position for mark in reached.values()} == {position}


def test_a_stream_is_parked_told_of_and_followed_again_once_that_is_decided(wiring, lists, capsys):
    """The audit trail refuses one event; mended and tried again, its lines are all there."""
    schema = wiring.settings.schema
    with wiring.connection() as connection, wiring.following() as follower:
        for view in wiring.views:
            create(connection, schema, view)
        lines = f'"{schema}_audit".lines'
        connection.execute(f"ALTER TABLE {lines} ADD CONSTRAINT odd CHECK (position <> 9)")
        position = record(wiring.register, lists).position
        until(lambda: follower.position == position)
        assert (follower.error, follower.stopped) == (None, None)
        [parked] = held(connection, f"{schema}_audit", "audit")
        assert (parked.position, parked.step) == (9, "writing")
        until(lambda: f"stream={parked.stream} view=audit" in capsys.readouterr().out)
        connection.execute(f"ALTER TABLE {lines} DROP CONSTRAINT odd")
        because = Envelope(
            today(), None, Actor("tests"), Authority("Bộ phận vận hành"), (), "Đã bỏ ràng buộc thừa"
        )
        wiring.register.execute(
            RetryParked(id=parked.stream, view="audit", event_position=9, envelope=because)
        )
        until(lambda: follower.position == position + 1)
        assert not held(connection, f"{schema}_audit", "audit")


def test_whoever_waits_for_a_lock_is_said_to_stall_and_then_to_go_on(wiring, lists, capsys):
    stalled = Settings(Path("/nowhere"), wiring.dsn, wiring.settings.schema, stall_limit_s=0.3)
    wiring.settings = stalled
    with wiring.connection() as connection, wiring.following() as follower:
        position = record(wiring.register, lists).position
        until(lambda: follower.position == position)
        with connection.transaction():
            lock(connection, namespace(stalled.schema, "units"))
            until(lambda: "follower.stalled" in capsys.readouterr().out)
        until(lambda: "follower.goes_on" in capsys.readouterr().out)


@contextmanager
def readiness(wiring, follower, stall_limit_s):
    """A function that asks whether it is ready."""
    app = create_app(
        wiring.register,
        wiring.readings,
        Tokens({}),
        follower,
        today=today,
        lag_limit_s=0.01,
        stall_limit_s=stall_limit_s,
    )
    with TestClient(app) as client:
        yield lambda: client.get("/health/ready").json()


def test_a_follower_held_up_by_a_lock_has_stalled_and_recovers(wiring, lists):
    with (
        wiring.connection() as holder,
        wiring.following() as follower,
        readiness(wiring, follower, stall_limit_s=0.3) as ask,
    ):
        until(lambda: ask()["status"] == "ready")
        with holder.transaction():
            lock(holder, namespace(wiring.settings.schema, "lineage"))
            position = record(wiring.register, lists).position
            until(lambda: ask().get("reason") == "stalled")
            told = ask()
            assert (told["status"], told["lag"]) == (503, position)
            assert min(told["lag_s"], told["idle_s"]) > 0.3
            assert follower.is_alive
            assert follower.error is None
        until(lambda: ask()["status"] == "ready")
        assert follower.position == position


def test_a_follower_that_moves_is_slow_and_one_that_stops_moving_has_stalled(wiring, lists):
    """It may read an event when it is allowed to, so that it has something to do all the time."""
    limit_s, allowed = 3, Semaphore(0)
    source = replace(wiring.source, log=Reluctant(wiring.source.log, allowed))
    follower = Follower(wiring.dsn, wiring.settings.schema, source, wiring.views)
    record(wiring.register, lists)
    follower.start()
    try:
        with readiness(wiring, follower, limit_s) as ask:
            until(lambda: ask().get("reason") != "outdated")  # the tables are there
            waited_s = 0
            while waited_s <= limit_s:
                before = follower.position
                allowed.release()
                until(lambda before=before: follower.position > before)
                told = ask()
                assert told["status"] == "degraded"
                waited_s = told["lag_s"]
                time.sleep(limit_s / 20)  # so that the events outlast the limit
            assert told["rate"] > 0
            until(lambda: ask().get("reason") == "stalled")
            allowed.release(100_000)
            until(lambda: ask()["status"] == "ready")
    finally:
        allowed.release(100_000)
        follower.stop()


class Reluctant:
    """A log that gives one event at a time, and each one only when that is allowed."""

    def __init__(self, log, allowed):
        self._log, self._allowed = log, allowed

    def __getattr__(self, name):
        return getattr(self._log, name)

    def feed(self, after, limit, up_to=None):
        assert self._allowed.acquire(timeout=PATIENCE_S)
        return self._log.feed(after, 1, up_to)


def test_whoever_watches_is_told_of_each_batch(wiring, lists):
    class Watching:
        told: list[tuple[int, float]]

        def __init__(self):
            self.told = []

        def followed(self, events, seconds):
            self.told.append((events, seconds))

    with wiring.following() as follower:
        follower.watch = watching = Watching()
        position = record(wiring.register, lists).position
        until(lambda: follower.position == position)
    assert sum(events for events, _ in watching.told) == position
    assert all(seconds > 0 for _, seconds in watching.told)


def until(condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
