"""Laying out range by range: together, in several processes, stopped, killed, and gone on with."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from multiprocessing import active_children
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest

from domain.errors import EventFromTheFuture
from projections.audit import AUDIT
from projections.engine.digest import of_events
from projections.engine.faults import EventUnreadable
from projections.engine.following import follow, marks
from projections.engine.marks import exists, namespace
from projections.engine.rows import Target
from projections.engine.view import Source
from projections.lineage import LINEAGE
from projections.rebuilding import ranges
from projections.rebuilding.ranges import between
from projections.rebuilding.rebuild import (
    Helpers,
    Progress,
    RebuildStopped,
    rebuild,
    rebuild_together,
)
from projections.rebuilding.switching import CannotSwitch, drop
from projections.units import UNITS
from services.record import to_event
from tests.logs import PaperLog, crowd, established
from tests.projections.conftest import drop_views
from tests.projections.test_engine import ALL, digests

DEADLINE_S = 60.0


@pytest.fixture(scope="module")
def paper() -> PaperLog:
    return crowd(80)


@pytest.fixture
def log(paper, connection, home) -> PaperLog:
    """A log of the test's own that all views have seen."""
    log = PaperLog([*paper.events])
    follow(connection, home, log.source(), ALL)
    return log


class Course(list[Progress]):
    """What a rebuild told while it laid out."""

    def __call__(self, progress: Progress) -> None:
        if progress.step == "laying out":
            self.append(progress)


def stopping_after(times: int):
    """Asked for the how-many-eth time, it says stop."""
    asked = iter(range(times))
    return lambda: next(asked, None) is None


def all_equal(rebuilt) -> bool:
    done = list(rebuilt)
    return [each.view for each in done] == [view.name for view in ALL] and all(
        each.switched and each.comparison.equal for each in done
    )


def test_borders_cut_all_ids_into_ranges():
    one, two = UUID(int=1), UUID(int=2)
    assert [(r.first, r.after) for r in between([])] == [(UUID(int=0), None)]
    assert [(r.number, r.first, r.after) for r in between([one, two])] == [
        (0, UUID(int=0), one),
        (1, one, two),
        (2, two, None),
    ]


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_one_reading_of_the_log_serves_all_views(postgres, connection, home, log, size):
    before, course = digests(connection, home), Course()
    read: list[int] = []

    def decode(topic, record, position):
        read.append(position)
        return to_event(topic, record, position)

    source = Source(log, decode)
    terms: dict[str, Any] = {"size": size, "progress": course}
    assert all_equal(rebuild_together(postgres.dsn, home, source, ALL, **terms))
    assert sorted(read) == [event.id for event in log.events]
    assert digests(connection, home) == before
    assert {m.seen for m in marks(connection, home, digests(connection, home)).values()} == {
        of_events(log.events)
    }
    assert course[-1].done == course[-1].of == log.position()
    assert [p.done for p in course] == sorted(p.done for p in course)
    assert not exists(connection, namespace(home, "units", "_next"))


class Waiting(PaperLog):
    """Nothing is read of it before another process has begun, which a file tells."""

    def __init__(self, events, sign: Path) -> None:
        super().__init__(events)
        self._sign = sign

    def sweep(self, first, after, up_to):
        wait_for(self._sign)
        return super().sweep(first, after, up_to)


class Telling(PaperLog):
    """Tells by a file that it is read."""

    def __init__(self, events, sign: Path) -> None:
        super().__init__(events)
        self._sign = sign

    def sweep(self, first, after, up_to):
        self._sign.touch()
        return super().sweep(first, after, up_to)


@contextmanager
def telling(events, sign: Path) -> Iterator[Source]:
    yield Telling(events, sign).source()


def wait_for(sign: Path) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not sign.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert sign.exists()


@pytest.mark.parametrize("in_sql", [LINEAGE.in_sql, None], ids=["as it is", "not in SQL"])
def test_several_processes_lay_out_what_one_does(postgres, connection, home, log, tmp_path, in_sql):
    before, sign = digests(connection, home), tmp_path / "begun"
    helpers = Helpers(partial(telling, log.events, sign), 2)
    source = Waiting(log.events, sign).source()
    views = [replace(LINEAGE, in_sql=in_sql) if view is LINEAGE else view for view in ALL]
    assert all_equal(rebuild_together(postgres.dsn, home, source, views, size=2, helpers=helpers))
    assert digests(connection, home) == before
    assert not active_children()


def test_what_is_stopped_is_gone_on_with(postgres, connection, home, log):
    before, first, second = digests(connection, home), Course(), Course()
    terms: dict[str, Any] = {"size": 5}
    with pytest.raises(RebuildStopped) as stopped:
        list(
            rebuild_together(
                postgres.dsn,
                home,
                log.source(),
                ALL,
                progress=first,
                stop=stopping_after(6),
                **terms,
            )
        )
    assert 0 < stopped.value.done < stopped.value.of == log.position()
    assert digests(connection, home) == before
    established(log, uuid5(NAMESPACE_URL, "meanwhile"))
    follow(connection, home, log.source(), ALL)
    goes_on = rebuild_together(postgres.dsn, home, log.source(), ALL, progress=second, **terms)
    assert all_equal(goes_on)
    assert second[0].done == stopped.value.done
    assert {mark.position for mark in marks(connection, home, ["units", "audit"]).values()} == {
        log.position()
    }


def test_one_view_goes_on_where_several_were_stopped(postgres, home, log):
    stop_all(postgres, home, log)
    alone, together = Course(), Course()
    assert rebuild(postgres.dsn, home, log.source(), UNITS, size=5, progress=alone).switched
    assert alone[0].done > 0
    read: list[int] = []

    def decode(topic, record, position):
        read.append(position)
        return to_event(topic, record, position)

    source = Source(log, decode)
    assert all_equal(rebuild_together(postgres.dsn, home, source, ALL, size=5, progress=together))
    assert sorted(read) == [event.id for event in log.events]  # by nobody twice
    assert together[0].done == 0  # units begin again, the others go on beside them


def stop_all(postgres, home, log) -> None:
    with pytest.raises(RebuildStopped):
        list(
            rebuild_together(postgres.dsn, home, log.source(), ALL, size=5, stop=stopping_after(6))
        )


def another_epoch(log, course):
    log.epoch_id = uuid5(NAMESPACE_URL, "another epoch")
    return {}


def a_shorter_log(log, course):
    del log.events[-3:]
    return {"accept": True}


def told_to(log, course):
    return {"anew": True}


@pytest.mark.parametrize("change", [another_epoch, a_shorter_log, told_to])
def test_what_cannot_be_gone_on_with_is_begun_anew(postgres, home, log, change):
    stop_all(postgres, home, log)
    course = Course()
    terms = change(log, course)
    done = rebuild(postgres.dsn, home, log.source(), UNITS, size=5, progress=course, **terms)
    assert done.switched
    assert course[0].done == 0
    assert done.mark.seen == of_events(log.events)


def test_another_layout_is_begun_anew(postgres, home, log):
    stop_all(postgres, home, log)
    course = Course()
    newer = replace(UNITS, version=UNITS.version + 1)
    assert rebuild(postgres.dsn, home, log.source(), newer, accept=True, progress=course).switched
    assert course[0].done == 0


def test_a_rebuild_killed_before_the_switch_has_only_to_compare(postgres, home, log):
    def interrupt(progress):
        if progress.step == "comparing":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(postgres.dsn, home, log.source(), UNITS, progress=interrupt)
    steps: list[str] = []
    rebuilt = rebuild(
        postgres.dsn, home, log.source(), UNITS, progress=lambda p: steps.append(p.step)
    )
    assert rebuilt.switched
    assert "indexing" not in steps


def test_views_that_stand_apart_go_each_to_its_own_position(postgres, connection, schema, log):
    with_views = f"{schema}_apart"
    try:
        for view, up_to in ((UNITS, 40), (LINEAGE, 90)):
            rebuild(postgres.dsn, with_views, log.source(), view)
            rebuilt = PaperLog(log.events[:up_to])
            rebuild(postgres.dsn, with_views, rebuilt.source(), view, accept=True)
        done = list(rebuild_together(postgres.dsn, with_views, log.source(), [UNITS, LINEAGE]))
        assert [(d.mark.position, d.comparison and d.comparison.equal) for d in done] == [
            (40, True),
            (90, True),
        ]
    finally:
        drop_views(connection, with_views)


def test_how_far_a_rebuild_is_costs_the_same_however_many_ranges_it_has(
    postgres, connection, home, log
):
    stop_all(postgres, home, log)
    place = namespace(home, "units", "_next")
    told = ranges.done(connection, place)
    seen = ranges.seen(connection, place)
    assert 0 < told.ranges < told.of
    assert 0 < told.events == seen.count < log.position()
    connection.execute(f"ALTER TABLE {place}.ranges RENAME TO mislaid")
    assert ranges.done(connection, place) == told


def test_who_was_pushed_aside_by_another_rebuild_says_so_and_leaves_it_alone(
    postgres, connection, home, log
):
    other = Target(UNITS, namespace(home, "units", "_next"))
    plan = ranges.Plan(log.epoch(), 7, UNITS.version)

    def push_aside(progress):
        if progress.step == "laying out" and progress.done > 0:
            with connection.transaction():
                drop(connection, other.home)
                ranges.begin(connection, other, plan, between([]))

    with pytest.raises(CannotSwitch, match="another rebuild of units has begun anew"):
        rebuild(postgres.dsn, home, log.source(), UNITS, size=5, progress=push_aside)
    assert ranges.plan(connection, other.home) == plan
    assert not ranges.done(connection, other.home).ranges


# Helpers that fail


class Stuck(Telling):
    """Its first sweep never ends."""

    def sweep(self, first, after, up_to):
        super().sweep(first, after, up_to)
        time.sleep(10 * DEADLINE_S)


@contextmanager
def stuck(events, sign: Path) -> Iterator[Source]:
    yield Stuck(events, sign).source()


def test_the_range_of_a_helper_that_is_killed_is_taken_over(
    postgres, connection, home, log, tmp_path
):
    before, sign = digests(connection, home), tmp_path / "begun"
    killed: list[int] = []
    told: list[int] = []

    def kill_when_nothing_else_is_left(progress):
        if progress.step != "laying out":
            return
        wait_for(sign)
        told.append(progress.done)
        for child in active_children() if told.count(progress.done) > 1 else ():
            assert child.pid is not None
            killed.append(child.pid)
            os.kill(child.pid, signal.SIGKILL)

    helpers = Helpers(partial(stuck, log.events, sign), 1)
    terms: dict[str, Any] = {
        "size": 9,
        "helpers": helpers,
        "progress": kill_when_nothing_else_is_left,
    }
    assert all_equal(rebuild_together(postgres.dsn, home, log.source(), ALL, **terms))
    assert len(set(killed)) == 1
    assert told[-1] == log.position()
    assert digests(connection, home) == before


@contextmanager
def torn(events) -> Iterator[Source]:
    def decode(topic, record, position):
        if position == 150:
            raise EventFromTheFuture("cannot be read")
        return to_event(topic, record, position)

    yield Source(PaperLog(events), decode)


def test_an_event_newer_than_this_release_is_named_whoever_meets_it(
    postgres, connection, home, log
):
    before = digests(connection, home)
    helpers = Helpers(partial(torn, log.events), 1)
    named = pytest.raises(EventUnreadable, match=r"audit stopped at.* 150,")
    with torn(log.events) as source, named:
        rebuild(postgres.dsn, home, source, AUDIT, size=3, helpers=helpers)
    assert digests(connection, home) == before
    assert not exists(connection, namespace(home, "audit", "_next"))
    assert not active_children()


REBUILDER = """
import sys
from functools import partial
from projections.catalogue import VIEWS
from projections.rebuilding.rebuild import Helpers, rebuild_together
from tests.logs import crowd, opened
if __name__ == "__main__":
    log = crowd(80)
    helpers = Helpers(partial(opened, log.events), 1)
    tell = lambda progress: print(progress.step, flush=True)
    views = list(VIEWS.values())
    terms = {"size": 1, "helpers": helpers, "progress": tell}
    print("ready", flush=True)
    list(rebuild_together(sys.argv[1], sys.argv[2], log.source(), views, **terms))
"""


@pytest.mark.parametrize("seed", range(4))
def test_whoever_is_killed_with_its_helpers_at_work_is_gone_on_with(
    postgres, connection, home, log, tmp_path, seed
):
    before, course = digests(connection, home), Course()
    program = tmp_path / "rebuilder.py"  # a file: its helpers look for what they were sent there
    program.write_text(REBUILDER)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    args = [sys.executable, str(program), postgres.dsn, home]
    with subprocess.Popen(args, stdout=subprocess.PIPE, text=True, env=environment) as rebuilder:
        assert rebuilder.stdout is not None
        for _ in range(random.Random(seed).randrange(3, 12)):
            rebuilder.stdout.readline()
        os.kill(rebuilder.pid, signal.SIGKILL)
    assert digests(connection, home) == before
    goes_on = rebuild_together(postgres.dsn, home, log.source(), ALL, size=1, progress=course)
    assert all_equal(goes_on)
    assert digests(connection, home) == before
    assert course[0].done > 0
