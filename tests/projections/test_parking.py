"""A failing event parks its stream in its view; others go on; what is decided is followed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as whenever
from hypothesis import strategies as st
from psycopg.sql import SQL, Identifier

from domain.catalogue import EVENTS
from domain.read_model import ReadModel
from projections.catalogue import VIEWS
from projections.engine import marks as marked
from projections.engine.digest import of_events
from projections.engine.faults import EventUnreadable, RowsAhead, TooManyParked
from projections.engine.following import Memory, attend, follow, marks
from projections.engine.marks import namespace
from projections.engine.parking import PARKED_MAX, held
from projections.engine.view import Changes
from projections.known import Known
from projections.rebuilding.rebuild import RebuildStopped, rebuild_together
from projections.rebuilding.subtree import rebuild_subtree
from projections.units import stretches
from tests.logs import (
    DAYS,
    EVERYBODY,
    NAMES,
    UNITS,
    PaperLog,
    envelope,
    established,
    wish,
    wishes,
    written_log,
)
from tests.projections.conftest import drop_views
from tests.projections.test_engine import ALL, digests, emptied, positions
from tests.projections.trouble import STEPS, Trouble, decide

NODES = {topic for topic, event in EVENTS.items() if event.AGGREGATE is not ReadModel}
SPACE = UUID("01980000-0000-8000-8000-000000000000")
on_one_schema = settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def parked(connection: Any, home: str) -> dict[str, dict[UUID, int]]:
    """The streams that are parked, with the position that failed, in views that have any."""
    found = {name: held(connection, namespace(home, name), name) for name in VIEWS}
    return {name: {e.stream: e.position for e in each} for name, each in found.items() if each}


def rows(connection: Any, home: str, view: str, stream: UUID, but: bool = False) -> list[str]:
    """The rows of one stream in a view, or of all but this one."""
    shown = VIEWS[view]
    query = SQL("SELECT to_jsonb(t)::text FROM {} t WHERE {} {} %s ORDER BY 1").format(
        Identifier(namespace(home, view), shown.table),
        Identifier(shown.stream),
        SQL("<>" if but else "="),
    )
    return [text for (text,) in connection.execute(query, [stream]).fetchall()]


def failing(log: PaperLog) -> tuple[int, UUID]:
    """An event of the first unit, neither its first one nor its last."""
    own = [each for each in log.events if each.originator_id == UNITS[0]]
    assert len(own) > 4
    return own[2].id, UNITS[0]


def expected_views(step: str) -> list[str]:
    return ["units", "lineage", "audit"] if step in ("decoding", "folding") else ["audit"]


@pytest.mark.parametrize("batch", [2000, 7, 1])
@pytest.mark.parametrize("step", STEPS)
def test_a_failing_event_parks_its_stream_in_its_view_and_the_others_go_on(
    connection, home, step, batch
):
    log = written_log(90)
    position, stream = failing(log)
    follow(connection, home, log.source(), ALL)
    others = {name: rows(connection, home, name, stream, but=True) for name in VIEWS}
    whole = {name: rows(connection, home, name, stream) for name in VIEWS}
    emptied(connection, home)
    follow(connection, home, log.source(), ALL, up_to=position - 1)
    before = {name: rows(connection, home, name, stream) for name in VIEWS}
    emptied(connection, home)

    trouble = Trouble({position: (step, "audit")})
    done = attend(connection, home, trouble.source(log), trouble.views, batch=batch)
    hit = expected_views(step)
    assert not done.stopped
    assert set(positions(connection, home).values()) == {log.position()}
    assert {mark.seen for mark in marks(connection, home, VIEWS).values()} == {
        of_events(log.events)
    }
    assert parked(connection, home) == {name: {stream: position} for name in hit}
    assert sorted(view for view, _ in done.parked) == sorted(hit)
    for name in VIEWS:
        assert rows(connection, home, name, stream, but=True) == others[name]
        expected = before if name in hit else whole
        assert rows(connection, home, name, stream) == expected[name]


@pytest.mark.parametrize("step", STEPS)
def test_the_reason_is_kept_with_class_and_message(connection, home, step):
    log = written_log(90)
    position, stream = failing(log)
    trouble = Trouble({position: (step, "audit")})
    attend(connection, home, trouble.source(log), trouble.views)
    [told] = held(connection, namespace(home, "audit"), "audit")
    assert (told.view, told.stream, told.position, told.step) == ("audit", stream, position, step)
    assert told.version == log.events[position - 1].originator_version
    reasons = {
        "decoding": "ValueError: no such letter",
        "folding": "LookupError: it does not follow",
        "laying out": "ValueError: an odd one",
        "writing": "",
    }
    assert told.reason.startswith(reasons[step])
    assert ":" in told.reason


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("what", ["retry", "discard"])
def test_what_was_decided_gives_the_rows_of_a_fresh_rebuild(postgres, connection, home, step, what):
    log = written_log(90)
    position, stream = failing(log)
    trouble, memory = Trouble({position: (step, "audit")}), Memory()
    terms: dict[str, Any] = {"memory": memory, "batch": 9}
    attend(connection, home, trouble.source(log), trouble.views, **terms)
    if what == "retry":
        trouble.faults.clear()
    for view in expected_views(step):
        decide(log, what, view, stream, position)
    attend(connection, home, trouble.source(log), trouble.views, **terms)
    assert parked(connection, home) == {}
    assert_rebuilt_alike(postgres, home, log, trouble)
    if what == "retry":
        emptied_and_level = digests(connection, home)
        emptied(connection, home)
        follow(connection, home, log.source(), ALL)
        assert digests(connection, home) == emptied_and_level


def assert_rebuilt_alike(postgres: Any, home: str, log: PaperLog, trouble: Trouble) -> None:
    """Rows and parked streams; and the digests of what was seen."""
    terms: dict[str, Any] = {"compare_only": True, "size": 2}
    for done in rebuild_together(postgres.dsn, home, trouble.source(log), trouble.views, **terms):
        assert done.comparison
        assert done.comparison.equal, (done.comparison.live_only, done.comparison.rebuilt_only)
        assert done.comparison.live_parked == done.comparison.rebuilt_parked
        assert done.mark.seen == of_events(log.events)


def test_a_discard_leaves_out_one_line_of_the_trail_and_no_more(connection, home):
    log = written_log(90)
    position, stream = failing(log)
    trouble = Trouble({position: ("laying out", "audit")})
    attend(connection, home, trouble.source(log), trouble.views)
    decide(log, "discard", "audit", stream, position)
    attend(connection, home, trouble.source(log), trouble.views)
    query = SQL("SELECT position FROM {} ORDER BY 1").format(
        Identifier(namespace(home, "audit"), "lines")
    )
    shown = [each for (each,) in connection.execute(query).fetchall()]
    assert shown == [each.id for each in log.events if each.id != position]


def test_a_retry_that_fails_again_parks_again(connection, home):
    log = written_log(90)
    position, stream = failing(log)
    trouble = Trouble({position: ("laying out", "audit")})
    attend(connection, home, trouble.source(log), trouble.views)
    before = rows(connection, home, "audit", stream)
    decide(log, "retry", "audit", stream, position)
    done = attend(connection, home, trouble.source(log), trouble.views)
    assert [view for view, _ in done.parked] == ["audit"]
    assert parked(connection, home) == {"audit": {stream: position}}
    assert rows(connection, home, "audit", stream) == before


def test_a_discard_can_be_taken_back(postgres, connection, home):
    log, stream = written_log(90), UNITS[1]
    position = next(each.id for each in log.events if each.originator_id == stream)
    follow(connection, home, log.source(), ALL)
    whole = rows(connection, home, "units", stream)
    decide(log, "discard", "units", stream, position)
    follow(connection, home, log.source(), ALL)
    assert rows(connection, home, "units", stream) != whole
    assert_rebuilt_alike(postgres, home, log, Trouble())
    decide(log, "retry", "units", stream, position)
    follow(connection, home, log.source(), ALL)
    assert rows(connection, home, "units", stream) == whole
    assert_rebuilt_alike(postgres, home, log, Trouble())


def test_a_discard_leaves_out_nothing_of_another_stream(postgres, connection, home):
    """Nobody at the log can tell whose position is named."""
    log, named, meant = written_log(90), UNITS[1], UNITS[0]
    first, second, *_ = (each.id for each in log.events if each.originator_id == meant)
    decide(log, "discard", "units", meant, second)  # so it is told by itself
    follow(connection, home, log.source(), ALL)
    before = rows(connection, home, "units", meant)
    decide(log, "discard", "units", named, first)
    decide(log, "discard", "units", meant, second)
    follow(connection, home, log.source(), ALL)
    assert rows(connection, home, "units", meant) == before
    assert_rebuilt_alike(postgres, home, log, Trouble())


def test_a_rebuilt_view_follows_on_without_what_was_left_out(postgres, connection, home):
    log = written_log(60)
    position, stream = failing(log)
    follow(connection, home, log.source(), ALL)
    decide(log, "discard", "units", stream, position)
    follow(connection, home, log.source(), ALL)
    [done] = rebuild_together(postgres.dsn, home, log.source(), [VIEWS["units"]])
    assert done.switched
    assert marks(connection, home, VIEWS)["units"].discarded == {position: stream}
    log.record(renamed(log, stream))
    follow(connection, home, log.source(), ALL)
    assert_rebuilt_alike(postgres, home, log, Trouble())


def test_what_is_remembered_of_a_stream_does_not_bring_back_what_was_left_out(
    postgres, connection, home
):
    log, memory = written_log(60), Memory()
    position, stream = failing(log)
    attend(connection, home, log.source(), ALL, memory=memory)
    decide(log, "discard", "units", stream, position)
    attend(connection, home, log.source(), ALL, memory=memory)
    log.record(renamed(log, stream))
    attend(connection, home, log.source(), ALL, memory=memory)
    assert_rebuilt_alike(postgres, home, log, Trouble())


@pytest.mark.parametrize("step", STEPS)
def test_a_parked_stream_is_not_remembered(connection, home, step):
    log, memory = written_log(90), Memory()
    position, stream = failing(log)
    trouble = Trouble({position: (step, "audit")})
    attend(connection, home, trouble.source(log), trouble.views, memory=memory)
    version = sum(each.originator_id == stream for each in log.events)
    for views in (tuple(VIEWS), ("audit",)):
        assert memory.take(views, stream, version) is None


def renamed(log: PaperLog, id_: UUID) -> Any:
    """It takes another name, not yet recorded."""
    node = log.node(id_)
    day = next(day for day in DAYS if node.is_active_on(day))
    node.rename("Tên khác hẳn", envelope(day))
    return node


# However the log is cut, whatever fails

FAULTS = (
    st.none() | st.none() | st.none() | st.tuples(st.sampled_from(STEPS), st.sampled_from([*VIEWS]))
)


@whenever(chunks=st.lists(st.lists(wishes, max_size=8), min_size=1, max_size=6), data=st.data())
@on_one_schema
def test_following_and_rebuilding_give_the_same_whatever_fails_and_is_decided(
    postgres, connection, home, chunks, data
):
    emptied(connection, home)
    log, trouble, memories = PaperLog(), Trouble(), [Memory(), Memory(limit=3)]
    for id_ in EVERYBODY[1:]:
        established(log, id_)
    for chunk in chunks:
        _happen(log, chunk, trouble, data)
        memory = data.draw(st.sampled_from(memories))
        terms: dict[str, Any] = {"memory": memory, "batch": data.draw(st.integers(1, 20))}
        assert not attend(connection, home, trouble.source(log), trouble.views, **terms).stopped
        _decide(connection, home, log, trouble, data)
    assert not attend(connection, home, trouble.source(log), trouble.views).stopped
    assert_rebuilt_alike(postgres, home, log, trouble)


def _happen(log: PaperLog, chunk: list[Any], trouble: Trouble, data: Any) -> None:
    """What clerks wish, and what of it cannot be taken in."""
    before = log.position()
    for wished in chunk:
        wish(log, wished)
    for position in range(before + 1, log.position() + 1):
        if fault := data.draw(FAULTS):
            trouble.faults[position] = fault


def _decide(connection: Any, home: str, log: PaperLog, trouble: Trouble, data: Any) -> None:
    """Of what is parked, some is mended, some tried again as it is, some left out."""
    for view, streams in parked(connection, home).items():
        for stream, position in streams.items():
            match data.draw(st.sampled_from(["mend", "retry", "discard", "wait"])):
                case "mend":
                    trouble.faults.pop(position, None)
                    for other, also in parked(connection, home).items():
                        if also.get(stream) == position:
                            decide(log, "retry", other, stream, position)
                case "retry" | "discard" as what:
                    decide(log, what, view, stream, position)
    if data.draw(st.booleans()):  # nobody would, but the log may say so
        anywhere = data.draw(st.sampled_from([e for e in log.events if e.topic in NODES]))
        what, view = (
            data.draw(st.sampled_from(["retry", "discard"])),
            data.draw(st.sampled_from([*VIEWS])),
        )
        decide(log, what, view, anywhere.originator_id, anywhere.id)


# What is no matter of single events


def test_too_many_parked_streams_stop_the_view(connection, home):
    log = PaperLog()
    for n in range(PARKED_MAX + 1):
        established(log, uuid5(SPACE, str(n)))
    trouble = Trouble({n + 1: ("laying out", "units") for n in range(PARKED_MAX)})
    done = attend(connection, home, trouble.source(log), trouble.views)
    assert not done.stopped
    assert len(parked(connection, home)["units"]) == PARKED_MAX
    emptied(connection, home)
    trouble.faults[PARKED_MAX + 1] = ("laying out", "units")
    done = attend(connection, home, trouble.source(log), trouble.views, batch=30)
    assert isinstance(done.stopped["units"], TooManyParked)
    assert set(done.reached) == VIEWS.keys() - {"units"}
    assert positions(connection, home)["units"] == 90
    assert len(parked(connection, home)["units"]) == 90


def test_a_decision_that_cannot_be_read_stops_all_views_and_nothing_is_skipped(connection, home):
    log = written_log(60)
    position, stream = failing(log)
    decide(log, "discard", "units", stream, position)
    trouble = Trouble({log.position(): ("decoding", "")})
    done = attend(connection, home, trouble.source(log), trouble.views)
    assert [*map(type, done.stopped.values())] == [EventUnreadable] * len(ALL)
    assert set(positions(connection, home).values()) == {log.position() - 1}


def test_rows_that_the_mark_knows_nothing_of_are_no_fault_of_an_event(connection, home):
    log = written_log()
    follow(connection, home, log.source(), ALL)
    before, half = digests(connection, home), log.position() // 2
    seen = of_events(log.events[:half])
    marked.move(connection, namespace(home, "audit"), half, seen, 0)
    done = attend(connection, home, log.source(), ALL)
    assert isinstance(done.stopped["audit"], RowsAhead)
    assert parked(connection, home) == {}
    assert digests(connection, home) == before


# Rebuilding


def test_rows_that_stand_against_each_other_park_their_stream_in_a_rebuild_too(
    postgres, connection, schema
):
    """Fresh tables have their constraints last; then it must be told whose rows break them."""

    class Doubled(Known):
        def changes(self, since: int) -> Changes:
            closed, added = super().changes(since)
            twice = [row for row in added if row[0] == UNITS[1] and row[3] == NAMES[0]]
            return Changes(closed, [*added, *twice])

    view = replace(VIEWS["units"], begin=lambda reached: Doubled(stretches))
    log = written_log(60)
    [done] = rebuild_together(postgres.dsn, schema, log.source(), [view], size=2)
    assert done.switched
    assert [*marks(connection, schema, ["units"])["units"].parked] == [UNITS[1]]
    [again] = rebuild_together(postgres.dsn, schema, log.source(), [view], size=2)
    assert again.comparison
    assert again.comparison.equal
    drop_views(connection, schema)


def test_a_rebuild_that_goes_on_tells_again_what_it_had_parked(postgres, connection, home):
    log = written_log(90)
    stream = min(UNITS)
    position = next(each.id for each in log.events if each.originator_id == stream)
    trouble = Trouble({position: ("laying out", "units")})
    view = trouble.view(VIEWS["units"])
    follow(connection, home, log.source(), ALL)
    terms: dict[str, Any] = {"size": 1, "stop": lambda: parked_next(connection, home)}
    with pytest.raises(RebuildStopped):
        list(rebuild_together(postgres.dsn, home, trouble.source(log), [view], **terms))
    trouble.faults.clear()
    [done] = rebuild_together(postgres.dsn, home, trouble.source(log), [view], size=1)
    assert done.comparison
    assert done.comparison.equal
    assert not done.comparison.rebuilt_parked


def parked_next(connection: Any, home: str) -> bool:
    there = marked.exists(connection, f"{home}_units_next")
    return there and bool(held(connection, f"{home}_units_next", "units"))


def test_laying_out_a_part_of_the_tree_anew_tries_again(connection, home):
    log = written_log(90)
    position, stream = failing(log)
    trouble = Trouble({position: ("decoding", "")})
    attend(connection, home, trouble.source(log), trouble.views)
    assert parked(connection, home)
    before = digests(connection, home)
    rebuild_subtree(connection, home, trouble.source(log), trouble.views, stream)
    assert parked(connection, home) == {v: {stream: position} for v in expected_views("decoding")}
    assert digests(connection, home) == before
    rebuild_subtree(connection, home, log.source(), ALL, stream)
    assert parked(connection, home) == {}
    mended = digests(connection, home)
    emptied(connection, home)
    follow(connection, home, log.source(), ALL)
    assert digests(connection, home) == mended
