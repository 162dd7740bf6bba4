"""A rebuilt view is compared while the follower goes on; what comes meanwhile is compared too."""

from __future__ import annotations

import threading
import time
from itertools import count
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from projections.engine.digest import of_rows
from projections.engine.following import follow, marks
from projections.engine.marks import namespace
from projections.rebuilding import comparing, last_stretch
from projections.rebuilding.rebuild import CannotSwitch, rebuild
from projections.units import UNITS
from tests.logs import DAYS, envelope, established, written_log
from tests.logs import UNITS as IDS
from tests.projections.test_engine import ALL, digests

ids = (uuid5(NAMESPACE_URL, f"meanwhile/{n}") for n in count())


@pytest.fixture
def log(connection, home):
    log = written_log(150)
    follow(connection, home, log.source(), ALL)
    return log


@pytest.fixture
def follower(connection, home, log):
    """Lets something be recorded and followed; fails where it would have to wait."""
    connection.execute("SET lock_timeout TO '3s'")

    def goes_on():
        established(log, next(ids))
        node = log.node(IDS[1])
        node.rename(f"Tên mới {log.position()}", envelope(DAYS[2]))
        log.record(node)
        follow(connection, home, log.source(), ALL)

    return goes_on


@pytest.fixture
def looks(monkeypatch):
    """What was digested: None for all rows, else the streams; `looks.then` is called at each."""
    return Looks(monkeypatch)


class Looks(list[Any]):
    def __init__(self, monkeypatch):
        super().__init__()
        self.then = lambda: None
        self._mutex = threading.Lock()
        monkeypatch.setattr(comparing, "of_rows", self._of_rows)

    def _of_rows(self, connection, home, table, among=None):
        with self._mutex:
            self.append(among and next(iter(among.values())))
            if among is None:
                self.then()
        return of_rows(connection, home, table, among)

    @property
    def whole(self):
        return self.count(None)


def test_the_follower_goes_on_while_all_rows_are_compared(
    postgres, connection, home, log, follower, looks
):
    before, looks.then = log.position(), follower
    rebuilt = rebuild(postgres.dsn, home, log.source(), UNITS)
    assert rebuilt.switched
    assert before < rebuilt.mark.position == log.position()
    assert rebuilt.comparison
    assert rebuilt.comparison.position == log.position()
    assert (
        rebuilt.comparison.live == rebuilt.comparison.rebuilt == digests(connection, home)["units"]
    )
    assert looks.whole == 2  # the live one and the rebuilt one, once


def test_however_much_comes_meanwhile_little_is_left_for_the_end(
    postgres, connection, home, log, follower, looks, monkeypatch
):
    monkeypatch.setattr(last_stretch, "NEARBY", 1)
    looks.then = follower
    rebuilt = rebuild(postgres.dsn, home, log.source(), UNITS)
    assert rebuilt.switched
    assert rebuilt.mark.position == log.position()
    assert rebuilt.comparison
    assert rebuilt.comparison.live == digests(connection, home)["units"]
    assert looks.whole == 2


def test_rows_that_differ_are_looked_for_while_the_follower_goes_on(
    postgres, connection, home, log, follower, monkeypatch
):
    spans = Identifier(namespace(home, "units"), "spans")
    connection.execute(SQL("UPDATE {} SET name = 'Sai' WHERE name = 'Ba Đình'").format(spans))
    look = comparing._only

    def looked(*terms):
        follower()
        return look(*terms)

    monkeypatch.setattr(comparing, "_only", looked)
    before = log.position()
    rebuilt = rebuild(postgres.dsn, home, log.source(), UNITS)
    assert not rebuilt.switched
    assert rebuilt.comparison
    assert rebuilt.comparison.position == before
    assert rebuilt.comparison.live_only
    assert all('"name": "Sai"' in row for row in rebuilt.comparison.live_only)
    assert rebuild(postgres.dsn, home, log.source(), UNITS, accept=True).switched


def test_what_went_wrong_after_all_was_compared_is_found(postgres, connection, home, log, follower):
    spans = Identifier(namespace(home, "units"), "spans")
    spoil = SQL("UPDATE {} SET name = 'Sai' WHERE upper_inf(known) AND name LIKE 'Tên mới%'")
    steps: list[str] = []

    def meanwhile(progress):
        steps.append(progress.step)
        if progress.step == "switching":
            follower()
            assert connection.execute(spoil.format(spans)).rowcount

    rebuilt = rebuild(postgres.dsn, home, log.source(), UNITS, progress=meanwhile)
    assert not rebuilt.switched
    assert steps.count("comparing") == 2
    assert rebuilt.comparison
    assert rebuilt.comparison.live_only


@pytest.fixture
def reader(postgres, home):
    """Has read the mark in a snapshot that is still open."""
    with psycopg.connect(postgres.dsn) as reader:
        marks(reader, home, ["units"])
        yield reader


def test_whoever_waits_for_readers_lets_the_follower_go_on_and_compares_no_more(
    postgres, connection, home, log, follower, looks, reader, monkeypatch
):
    done = []
    monkeypatch.setattr(last_stretch, "PAUSE_S", 1.0)
    switching = threading.Thread(
        target=lambda: done.append(rebuild(postgres.dsn, home, log.source(), UNITS))
    )
    switching.start()
    deadline = time.monotonic() + 30
    while looks.whole < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.2)
    follower()
    time.sleep(1.2)
    follower()
    assert not done
    reader.rollback()
    switching.join()
    assert done[0].switched
    assert done[0].mark.position == log.position()
    assert looks.whole == 2


def test_readers_that_do_not_go_are_told_of(postgres, home, log, reader, monkeypatch):
    monkeypatch.setattr(last_stretch, "SWITCH_TRIES", 2)
    with pytest.raises(CannotSwitch, match="readers hold"):
        rebuild(postgres.dsn, home, log.source(), UNITS)
