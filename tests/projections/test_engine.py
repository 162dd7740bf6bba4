"""The engine on the real PostgreSQL: following, standing still, being killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as whenever
from hypothesis import strategies as st
from psycopg.sql import SQL, Identifier

from domain.errors import EventFromTheFuture
from projections.catalogue import VIEWS
from projections.engine import marks as marked
from projections.engine.digest import Digest, of_events, of_rows
from projections.engine.faults import RowsGone
from projections.engine.following import (
    EventUnreadable,
    Memory,
    ViewOutdated,
    ViewsStopped,
    attend,
    follow,
    marks,
    status,
)
from projections.engine.layout import Telling
from projections.engine.view import Source
from projections.organisations import Organisations
from projections.point import Point
from projections.units import Units
from services.record import to_event
from tests.logs import DAYS, EVERYBODY, PaperLog, established, logs, written_log
from tests.projections.test_known import said

ALL = list(VIEWS.values())
on_one_schema = settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def digests(connection: Any, schema: str, suffix: str = "") -> dict[str, Digest]:
    return {
        name: of_rows(connection, marked.namespace(schema, name, suffix), view.table)
        for name, view in VIEWS.items()
    }


def emptied(connection: Any, schema: str) -> None:
    for name, view in VIEWS.items():
        home = marked.namespace(schema, name)
        connection.execute(SQL("TRUNCATE {}").format(Identifier(home, view.table)))
        connection.execute(
            SQL("TRUNCATE {}, {}").format(*(Identifier(home, n) for n in ("parked", "discarded")))
        )
        marked.move(connection, home, 0, Digest(), 0)


@whenever(log=logs, size=st.integers(1, 12))
@on_one_schema
def test_however_the_log_is_cut_the_tables_are_the_same(connection, home, log, size):
    emptied(connection, home)
    assert follow(connection, home, log.source(), ALL, batch=size) == log.position()
    one_way = digests(connection, home)
    emptied(connection, home)
    follow(connection, home, log.source(), ALL)
    assert digests(connection, home) == one_way
    seen = of_events(log.events)
    assert {mark.seen for mark in marks(connection, home, VIEWS).values()} == {seen}


def test_a_follower_counts_what_it_has_taken_in_and_not_what_others_have(connection, home):
    log, took, others = written_log(60), list[int](), iter([5, 20])

    def meanwhile():
        if up_to := next(others, None):
            follow(connection, home, log.source(), ALL, up_to=up_to)
        return False

    def count(events, seconds):
        took.append(events)

    attend(connection, home, log.source(), ALL, batch=10, stop=meanwhile, took=count)
    assert took[:2] == [10, 10]
    assert sum(took) == log.position() - 10  # 1 to 5, and 16 to 20


@whenever(log=logs, data=st.data())
@on_one_schema
def test_the_database_says_what_folding_says(connection, home, log, data):
    emptied(connection, home)
    follow(connection, home, log.source(), ALL, batch=5)
    known_at = data.draw(st.integers(0, log.position()))
    day = data.draw(st.sampled_from(DAYS))
    for id_ in EVERYBODY:
        node = log.node_or_none(id_, known_at)
        shown = [
            view.one(id_, Point(day, known_at))
            for view in (Units(connection, home), Organisations(connection, home))
        ]
        names = [row.name for row in shown if row]
        expected = said(node, day)
        assert names == ([] if expected is None else [expected[0]])


@whenever(log=logs, data=st.data())
@on_one_schema
def test_followers_that_take_turns_and_remember_lay_out_the_same(connection, home, log, data):
    emptied(connection, home)
    follow(connection, home, log.source(), ALL)
    at_once = digests(connection, home)
    emptied(connection, home)
    reached, memories = 0, [Memory(), Memory(limit=3)]
    while reached < log.position():
        memory = data.draw(st.sampled_from(memories))
        up_to = data.draw(st.integers(reached + 1, log.position()))
        attend(connection, home, log.source(), ALL, up_to=up_to, memory=memory)
        reached = up_to
    assert digests(connection, home) == at_once


def test_what_is_remembered_is_not_read_again(connection, home):
    class Counted(PaperLog):
        read = 0

        def histories(self, streams: Any, up_to: int | None = None) -> Any:
            self.read += len(streams)
            return super().histories(streams, up_to)

    log, memory = Counted(written_log().events), Memory()
    half = log.position() // 2
    attend(connection, home, log.source(), ALL, up_to=half, batch=3, memory=memory)
    attend(connection, home, log.source(), ALL, batch=3, memory=memory)
    assert log.read == 0
    emptied(connection, home)
    attend(connection, home, log.source(), ALL, up_to=half)
    attend(connection, home, log.source(), ALL)
    assert 0 < log.read <= len(EVERYBODY)


def test_a_memory_holds_a_stream_once_however_often_it_is_told_from_its_beginning():
    log, memory, telling = written_log(), Memory(limit=5), Telling({})
    for recorded in [each for each in log.events if each.originator_id == EVERYBODY[0]][:4]:
        telling.tell(to_event(recorded.topic, recorded.state, recorded.id))
    for _ in range(3):
        memory.keep(("units",), [(EVERYBODY[0], telling)])
    assert memory.take(("units",), EVERYBODY[0], 4) is telling


@pytest.mark.parametrize("view", ["units", "audit"])
def test_a_view_whose_mark_was_set_back_stops_and_doubles_nothing(connection, home, view):
    log = written_log()
    follow(connection, home, log.source(), ALL, batch=3)
    before = digests(connection, home)
    half = log.position() // 2
    seen = of_events(log.events[:half])
    marked.move(connection, marked.namespace(home, view), half, seen, 0)
    done = attend(connection, home, log.source(), ALL)
    assert [*done.stopped] == [view]
    assert digests(connection, home) == before


def test_a_row_that_was_altered_is_noticed_when_it_gives_way(connection, home):
    log = written_log()
    follow(connection, home, log.source(), ALL, up_to=5)
    connection.execute(SQL("DELETE FROM {}").format(Identifier(f"{home}_units", "spans")))
    with pytest.raises(RowsGone, match=r"units has no standing row .* rebuild the view"):
        follow(connection, home, log.source(), ALL)
    assert positions(connection, home) == {**dict.fromkeys(VIEWS, log.position()), "units": 5}


def test_views_with_different_marks_are_brought_level(connection, home):
    log = written_log()
    follow(connection, home, log.source(), [VIEWS["audit"]], up_to=7)
    follow(connection, home, log.source(), [VIEWS["units"]], up_to=20)
    assert follow(connection, home, log.source(), ALL, batch=6) == log.position()
    seen = of_events(log.events)
    assert {mark.seen for mark in marks(connection, home, VIEWS).values()} == {seen}
    reached = digests(connection, home)
    emptied(connection, home)
    follow(connection, home, log.source(), ALL)
    assert digests(connection, home) == reached


def test_a_view_of_another_version_is_not_followed(connection, home):
    newer = replace(VIEWS["units"], version=2)
    with pytest.raises(ViewOutdated, match="laid out by version 1, this release has version 2"):
        follow(connection, home, written_log().source(), [newer])
    assert status(connection, home, written_log().source(), [newer])[0].must_be_rebuilt


def test_a_view_that_was_never_built_is_not_followed(connection, schema):
    with pytest.raises(ViewsStopped, match="units was never built") as stopped:
        follow(connection, schema, written_log().source(), ALL)
    assert [type(fault) for fault in stopped.value.faults] == [ViewOutdated] * len(ALL)


def test_an_event_newer_than_this_release_stops_the_views_of_its_kind_and_is_named(
    connection, home
):
    log = written_log()
    wrong = log.position() - 5

    def decode(topic: str, record: bytes, position: int) -> Any:
        if position == wrong:
            raise EventFromTheFuture("version 2 is newer")
        return to_event(topic, record, position)

    with pytest.raises(EventUnreadable, match="version 2 is newer") as failed:
        follow(connection, home, Source(log, decode), ALL, batch=10)
    assert failed.value.view == "units, lineage, audit"
    assert failed.value.position == wrong
    assert failed.value.stream == log.events[wrong - 1].originator_id
    stopped = dict.fromkeys(["units", "lineage", "audit"], wrong - 1)
    assert positions(connection, home) == dict.fromkeys(VIEWS, log.position()) | stopped
    assert not any(mark.parked for mark in marks(connection, home, VIEWS).values())


def positions(connection: Any, schema: str) -> dict[str, int]:
    return {name: mark.position for name, mark in marks(connection, schema, VIEWS).items()}


def test_an_outdated_view_and_one_without_its_table_stop_no_other(connection, home):
    log = written_log()
    views = [replace(VIEWS["units"], version=99), VIEWS["lineage"], VIEWS["audit"]]
    edges = Identifier(marked.namespace(home, "lineage"), "edges")
    connection.execute(SQL("DROP TABLE {}").format(edges))
    with pytest.raises(ViewsStopped, match=r"units was laid out.*lineage has other tables"):
        follow(connection, home, log.source(), views)
    assert positions(connection, home)["audit"] == log.position()


@pytest.mark.parametrize("table", ["mark", "parked", "discarded"])
def test_a_view_without_a_table_of_its_mark_stops_no_other(connection, home, table):
    log = written_log()
    lost = Identifier(marked.namespace(home, "units"), table)
    connection.execute(SQL("DROP TABLE {}").format(lost))
    done = attend(connection, home, log.source(), ALL)
    assert [*done.stopped] == ["units"]
    assert {*done.reached.values()} == {log.position()}
    assert status(connection, home, log.source(), ALL)[0].must_be_rebuilt


def test_who_has_far_to_go_delays_nobody_by_more_than_a_batch(connection, home):
    log = written_log()
    follow(connection, home, log.source(), [VIEWS["audit"]], up_to=log.position() - 5)
    follow(connection, home, log.source(), ALL, batch=5, stop=asked(2))
    assert positions(connection, home)["audit"] == log.position()
    assert positions(connection, home)["units"] == 5


def asked(times: int) -> Any:
    """A stop that says no so many times."""
    answers = iter([False] * times)
    return lambda: next(answers, True)


def test_a_view_that_has_seen_more_than_the_log_holds_is_not_followed(connection, home):
    log = written_log()
    head = follow(connection, home, log.source(), ALL)
    del log.events[-3:]
    with pytest.raises(
        ViewsStopped, match=f"units has seen .* {head}, but the log ends at {head - 3}:"
    ):
        follow(connection, home, log.source(), ALL)
    for each in status(connection, home, log.source(), ALL):
        assert (each.lag, each.is_ahead, each.must_be_rebuilt) == (-3, True, True)


def test_two_events_that_change_places_change_the_digest():
    first, second, *others = written_log(5).events
    swapped = [replace(second, id=first.id), replace(first, id=second.id), *others]
    assert of_events(swapped) != of_events([first, second, *others])
    assert of_events([second, *others, first]) == of_events([first, second, *others])


def test_an_overlapping_row_is_refused_by_the_database(connection, home):
    log = PaperLog()
    established(log, EVERYBODY[0])
    follow(connection, home, log.source(), ALL)
    spans = Identifier(marked.namespace(home, "units"), "spans")
    copy = SQL(
        "INSERT INTO {0} SELECT unit_id, level, type, 'Khác', folded, sort_key, code, codes,"
        " superior_id, daterange('2025-12-31', '2026-01-02'), known FROM {0}"
    ).format(spans)
    with pytest.raises(psycopg.errors.ExclusionViolation):
        connection.execute(copy)


def test_lag_is_told_in_events_and_seconds(connection, home):
    log = written_log()
    follow(connection, home, log.source(), ALL, up_to=10)
    log.events[10] = replace(log.events[10], recorded_at=_now(connection) - timedelta(seconds=90))
    for each in status(connection, home, log.source(), ALL):
        assert each.lag == log.position() - 10
        assert 89 < each.lag_s < 120
        assert not each.must_be_rebuilt


def test_following_stops_when_told_and_tells_how_far_it_is(connection, home):
    told: list[int] = []
    follow(
        connection,
        home,
        written_log().source(),
        ALL,
        batch=5,
        progress=told.append,
        stop=lambda: len(told) == 2,
    )
    assert told == [5, 10]
    assert {mark.position for mark in marks(connection, home, VIEWS).values()} == {10}


def test_followers_take_turns(postgres, connection, home):
    log = written_log(200)

    def one(_: int) -> int:
        with psycopg.connect(postgres.dsn, autocommit=True) as own:
            return follow(own, home, log.source(), ALL, batch=3)

    with ThreadPoolExecutor(4) as followers:
        assert set(followers.map(one, range(4))) == {log.position()}
    found = digests(connection, home)
    seen = of_events(log.events)
    assert {mark.seen for mark in marks(connection, home, VIEWS).values()} == {seen}
    emptied(connection, home)
    follow(connection, home, log.source(), ALL)
    assert digests(connection, home) == found


FOLLOWER = """
import sys, psycopg
from projections.catalogue import VIEWS
from projections.engine.following import follow
from tests.logs import written_log
with psycopg.connect(sys.argv[1], autocommit=True) as connection:
    source = written_log(int(sys.argv[3])).source()
    print("ready", flush=True)
    tell = lambda position: print(position, flush=True)
    follow(connection, sys.argv[2], source, list(VIEWS.values()), batch=3, progress=tell)
"""


@pytest.mark.parametrize("after_s", [0.01, 0.03, 0.05])
def test_a_follower_killed_anywhere_leaves_what_another_can_go_on_with(
    postgres, connection, home, after_s
):
    log = written_log(400)
    args = [sys.executable, "-c", FOLLOWER, postgres.dsn, home, "400"]
    with subprocess.Popen(args, stdout=subprocess.PIPE, text=True) as follower:
        assert follower.stdout is not None
        assert follower.stdout.readline() == "ready\n"
        follower.stdout.readline()
        time.sleep(after_s)
        os.kill(follower.pid, signal.SIGKILL)
    reached = {mark.position for mark in marks(connection, home, VIEWS).values()}
    assert len(reached) == 1
    assert 0 < reached.pop() < log.position()
    follow(connection, home, log.source(), ALL)
    killed = digests(connection, home)
    emptied(connection, home)
    follow(connection, home, log.source(), ALL)
    assert digests(connection, home) == killed


def _now(connection: Any) -> Any:
    return connection.execute("SELECT now()").fetchone()[0]
