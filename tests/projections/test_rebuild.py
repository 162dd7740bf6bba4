"""Rebuilding beside the live view: equal, switch, back; different, tell and wait."""

from __future__ import annotations

from dataclasses import replace
from threading import Thread
from uuid import NAMESPACE_URL, uuid5

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from domain.errors import EventFromTheFuture
from projections.catalogue import VIEWS
from projections.engine.digest import Digest, of_events
from projections.engine.faults import EventUnreadable
from projections.engine.following import follow, marks
from projections.engine.marks import create_tables, exists, namespace
from projections.engine.view import Source
from projections.known import Known, Stretch
from projections.rebuilding import rebuild as rebuilding
from projections.rebuilding.rebuild import CannotSwitch, back, rebuild
from projections.units import UNITS, stretches
from services.record import to_event
from tests.logs import established, written_log
from tests.projections.conftest import drop_views
from tests.projections.test_engine import ALL, digests


@pytest.fixture
def log():
    return written_log(150)


@pytest.mark.parametrize("view", ALL, ids=lambda view: view.name)
def test_a_rebuilt_view_equals_the_followed_one_and_takes_its_place(
    postgres, connection, home, log, view
):
    follow(connection, home, log.source(), ALL, batch=7)
    before = digests(connection, home)
    rebuilt = rebuild(postgres.dsn, home, log.source(), view)
    assert rebuilt.switched
    assert rebuilt.comparison
    assert rebuilt.comparison.equal
    assert rebuilt.comparison.live == before[view.name]
    assert rebuilt.mark.seen == of_events(log.events)
    assert digests(connection, home) == before
    assert exists(connection, namespace(home, view.name, "_previous"))
    assert not exists(connection, namespace(home, view.name, "_next"))


def test_a_view_that_is_not_there_is_built(postgres, connection, schema, log):
    for view in ALL:
        rebuilt = rebuild(postgres.dsn, schema, log.source(), view)
        assert rebuilt.switched
        assert rebuilt.comparison is None
    assert follow(connection, schema, log.source(), ALL) == log.position()
    drop_views(connection, schema)


def test_a_fault_in_the_live_rows_is_found_and_shown_and_nothing_is_switched(
    postgres, connection, home, log
):
    follow(connection, home, log.source(), ALL)
    spans = Identifier(namespace(home, "units"), "spans")
    connection.execute(SQL("UPDATE {} SET name = 'Sai' WHERE name = 'Ba Đình'").format(spans))
    rebuilt = rebuild(postgres.dsn, home, log.source(), UNITS)
    assert not rebuilt.switched
    assert rebuilt.comparison
    assert not rebuilt.comparison.equal
    assert rebuilt.comparison.live_only
    assert rebuilt.comparison.rebuilt_only
    assert all('"name": "Sai"' in row for row in rebuilt.comparison.live_only)
    assert all('"name": "Ba Đình"' in row for row in rebuilt.comparison.rebuilt_only)
    assert count(connection, spans, "Sai") > 0
    accepted = rebuild(postgres.dsn, home, log.source(), UNITS, accept=True)
    assert accepted.switched
    assert count(connection, spans, "Sai") == 0


def test_a_view_whose_table_was_dropped_is_rebuilt_when_that_is_accepted(
    postgres, connection, home, log
):
    follow(connection, home, log.source(), ALL)
    before = digests(connection, home)
    connection.execute(f'DROP TABLE "{home}_lineage".edges')
    refused = rebuild(postgres.dsn, home, log.source(), VIEWS["lineage"])
    assert not refused.switched
    assert refused.comparison
    assert (refused.comparison.live, refused.comparison.rebuilt) == (Digest(), before["lineage"])
    assert rebuild(postgres.dsn, home, log.source(), VIEWS["lineage"], accept=True).switched
    assert digests(connection, home) == before


def test_comparing_only_leaves_nothing_behind(postgres, connection, home, log):
    follow(connection, home, log.source(), ALL)
    rebuilt = rebuild(postgres.dsn, home, log.source(), UNITS, compare_only=True)
    assert rebuilt.comparison
    assert rebuilt.comparison.equal
    assert not rebuilt.switched
    assert places(connection, home) == {namespace(home, "units")}


def test_comparing_only_leaves_alone_what_waits_to_be_accepted(postgres, connection, home, log):
    follow(connection, home, log.source(), ALL)
    waiting = namespace(home, "units", "_next")
    assert not rebuild(postgres.dsn, home, log.source(), LOUD).switched
    rebuilt = rebuild(postgres.dsn, home, log.source(), UNITS, compare_only=True)
    assert rebuilt.comparison
    assert rebuilt.comparison.equal
    assert places(connection, home) == {namespace(home, "units"), waiting}
    assert marks(connection, home, ["units_next"])["units_next"].version == LOUD.version


def test_who_is_stopped_in_comparing_clears_away(postgres, connection, home, log):
    follow(connection, home, log.source(), ALL)

    def interrupt(progress):
        if progress.step == "indexing":
            established(log, uuid5(NAMESPACE_URL, "meanwhile"))
            follow(connection, home, log.source(), ALL)
        elif progress.step == "following":
            assert exists(connection, namespace(home, "units", "_check"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(postgres.dsn, home, log.source(), UNITS, compare_only=True, progress=interrupt)
    assert places(connection, home) == {namespace(home, "units")}


def test_what_was_left_by_one_killed_in_comparing_is_cleared_away(postgres, connection, home, log):
    follow(connection, home, log.source(), ALL)
    create_tables(connection, namespace(home, "units", "_check"), UNITS)
    assert rebuild(postgres.dsn, home, log.source(), UNITS, compare_only=True).comparison
    assert places(connection, home) == {namespace(home, "units")}


def places(connection, home):
    """The schemas that hold the units, in whatever state."""
    query = "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s)"
    return {name for (name,) in connection.execute(query, [namespace(home, "units")])}


def shouting(unit, since):
    for stretch in stretches(unit, since):
        name = stretch.values[3].upper()
        yield Stretch((*stretch.values[:3], name, *stretch.values[4:]), *stretch[1:])


LOUD = replace(UNITS, version=2, begin=lambda reached: Known(shouting))


def test_a_changed_layout_waits_to_be_told_and_goes_back(postgres, connection, home, log):
    follow(connection, home, log.source(), ALL)
    before = digests(connection, home)["units"]
    waiting = rebuild(postgres.dsn, home, log.source(), LOUD)
    assert not waiting.switched
    assert digests(connection, home)["units"] == before
    told = rebuild(postgres.dsn, home, log.source(), LOUD, accept=True)
    assert told.switched
    assert marks(connection, home, ["units"])["units"].version == 2
    assert digests(connection, home)["units"] != before
    assert follow(connection, home, log.source(), [LOUD]) == log.position()
    assert back(connection, home, UNITS).version == 1
    assert digests(connection, home)["units"] == before
    back(connection, home, UNITS)
    assert marks(connection, home, ["units"])["units"].version == 2


def test_going_back_needs_something_to_go_back_to(connection, home):
    with pytest.raises(CannotSwitch, match="go back to"):
        back(connection, home, UNITS)


def test_what_is_recorded_while_a_view_is_rebuilt_is_in_it(postgres, connection, home):
    log = written_log(150)
    follow(connection, home, log.source(), ALL, up_to=20)

    def progress(position):
        follow(connection, home, log.source(), ALL)  # the live one goes on

    rebuilt = rebuild(postgres.dsn, home, log.source(), UNITS, progress=progress)
    assert rebuilt.switched
    assert rebuilt.mark.position == log.position()
    assert marks(connection, home, ["units"])["units"].position == log.position()


def test_what_comes_just_before_the_switch_is_in_it(postgres, connection, home, log):
    follow(connection, home, log.source(), ALL, up_to=20)

    def meanwhile(progress):
        if progress.step == "comparing":
            follow(connection, home, log.source(), ALL)

    rebuilt = rebuild(postgres.dsn, home, log.source(), UNITS, progress=meanwhile)
    assert rebuilt.switched
    assert rebuilt.mark.position == log.position()


def test_a_reader_in_a_snapshot_sees_one_view_only(postgres, connection, home, log):
    follow(connection, home, log.source(), ALL)
    spans = Identifier(namespace(home, "units"), "spans")
    counted = SQL("SELECT count(*) FROM {}").format(spans)
    with psycopg.connect(postgres.dsn) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        marks(reader, home, ["units"])
        results = []
        switching = Thread(
            target=lambda: results.append(rebuild(postgres.dsn, home, log.source(), UNITS))
        )
        switching.start()
        switching.join(0.7)
        assert switching.is_alive(), "the switch waits for the reader"
        rows = reader.execute(counted).fetchone()
        assert rows
        assert rows[0] > 0
    switching.join()
    assert results[0].switched


def test_two_rebuilds_of_one_view_do_not_run_at_once(postgres, connection, home, log):
    follow(connection, home, log.source(), ALL)

    def meanwhile(position):
        with pytest.raises(CannotSwitch, match="already"):
            rebuild(postgres.dsn, home, log.source(), UNITS)

    assert rebuild(postgres.dsn, home, log.source(), UNITS, progress=meanwhile).switched


def test_a_rebuild_that_fails_leaves_the_live_view_as_it_was(postgres, connection, home, log):
    follow(connection, home, log.source(), ALL)
    before = digests(connection, home)

    def decode(topic, record, position):
        if position == 30:
            raise EventFromTheFuture("cannot be read")
        return to_event(topic, record, position)

    with pytest.raises(EventUnreadable, match="position 30"):
        rebuild(postgres.dsn, home, Source(log, decode), VIEWS["audit"])
    assert digests(connection, home) == before
    assert not exists(connection, namespace(home, "audit", "_next"))


def test_a_rebuild_goes_no_further_than_a_log_that_has_lost_its_end(
    postgres, connection, home, log
):
    follow(connection, home, log.source(), ALL)
    del log.events[-3:]
    audit = VIEWS["audit"]
    waiting = rebuild(postgres.dsn, home, log.source(), audit)
    assert waiting.comparison
    assert not waiting.comparison.equal
    assert len(waiting.comparison.live_only) == 3
    assert not waiting.switched
    accepted = rebuild(postgres.dsn, home, log.source(), audit, accept=True)
    assert accepted.switched
    assert accepted.mark.position == accepted.mark.seen.count == log.position()
    established(log, uuid5(NAMESPACE_URL, "recorded afterwards"))
    assert follow(connection, home, log.source(), [audit]) == log.position()


def test_a_whole_log_counted_again_gives_what_the_views_have_seen(connection, home, log):
    follow(connection, home, log.source(), ALL)
    seen = rebuilding.seen_by(log.source(), log.position())
    assert {mark.seen for mark in marks(connection, home, VIEWS).values()} == {seen}


def count(connection, table, name):
    query = SQL("SELECT count(*) FROM {} WHERE name = %s").format(table)
    return connection.execute(query, [name]).fetchone()[0]
