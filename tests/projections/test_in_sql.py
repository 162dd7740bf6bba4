"""Rows said in SQL: the same as the pure layout's, on any log; and given up where they must be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as whenever
from hypothesis import strategies as st
from psycopg.sql import SQL, Identifier

from projections.catalogue import VIEWS
from projections.engine.digest import Digest, of_events, of_rows
from projections.engine.following import follow
from projections.engine.marks import create, create_tables, namespace
from projections.engine.rows import Target
from projections.lineage import LINEAGE
from projections.rebuilding import in_sql
from projections.rebuilding.ranges import between
from projections.rebuilding.rebuild import rebuild
from projections.rebuilding.switching import drop
from tests.logs import EVERYBODY, PaperLog, logs, written_log
from tests.projections.test_engine import emptied, on_one_schema

SAID = [view for view in VIEWS.values() if view.in_sql]
TABLE = """CREATE TABLE IF NOT EXISTS {} (
    position bigint, stream uuid, version int, topic text, recorded_at timestamptz, record text)"""


def laid_down(connection, schema: str, log: PaperLog) -> None:
    """The log on paper, in a table like the real one."""
    table = Identifier(schema, "events")
    connection.execute(SQL(TABLE).format(table))
    connection.execute(SQL("TRUNCATE {}").format(table))
    with connection.cursor().copy(SQL("COPY {} FROM STDIN").format(table)) as copy:
        for each in log.events:
            row = (each.id, each.originator_id, each.originator_version, each.topic)
            copy.write_row((*row, each.recorded_at, each.state.decode()))


def said_in_sql(connection, schema: str, view, borders, goal: int) -> Digest:
    """Lay out a log in ranges, in a place that is empty; what was seen."""
    target = Target(view, namespace(schema, view.name, "_said"))
    connection.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(target.home)))
    seen = Digest()
    with connection.transaction():
        create_tables(connection, target.home, view)
        for within in between(borders):
            found = in_sql.laid_out(connection, schema, [target], within, goal)
            assert found is not None
            seen += found
    return seen


def rows(connection, schema: str, view, suffix: str = "") -> Digest:
    return of_rows(connection, namespace(schema, view.name, suffix), view.table)


@pytest.mark.parametrize("view", SAID, ids=lambda view: view.name)
@whenever(log=logs, borders=st.sets(st.sampled_from(EVERYBODY)), data=st.data())
@on_one_schema
def test_sql_says_what_the_layout_says(connection, home, view, log, borders, data):
    goal = data.draw(st.integers(0, log.position()), label="goal")
    laid_down(connection, home, log)
    emptied(connection, home)
    follow(connection, home, log.source(), [view], up_to=goal)
    seen = said_in_sql(connection, home, view, sorted(borders), goal)
    assert seen == of_events(log.events[:goal])
    assert rows(connection, home, view, "_said") == rows(connection, home, view)


@whenever(log=logs, data=st.data())
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_events_that_cannot_be_read_come_to_the_same_both_ways(
    postgres, connection, home, log, data
):
    """Damaged before the live view saw them, or afterwards, or where there is no live view."""
    when = data.draw(st.sampled_from(["before", "afterwards", "never seen"]), label="when")
    which = data.draw(st.sets(st.integers(0, log.position() - 1), max_size=2), label="which")
    create(connection, home, LINEAGE)
    emptied(connection, home)
    if when == "before":
        damage(log, which)
    follow(connection, home, log.source(), [LINEAGE])
    if when == "never seen":
        drop(connection, namespace(home, "lineage"))
    damage(log, which)
    laid_down(connection, home, log)
    terms = {"size": 2, "accept": True}
    said = rebuild(postgres.dsn, home, log.source(), LINEAGE, **terms)
    assert said.mark.seen == of_events(log.events)
    told = rebuild(postgres.dsn, home, log.source(), replace(LINEAGE, in_sql=None), **terms)
    assert told.comparison
    assert told.comparison.equal
    assert said.mark.parked == told.mark.parked
    shown = {log.events[n].originator_id for n in which}
    assert said.mark.parked == shown


def damage(log: PaperLog, which: Iterable[int]) -> None:
    """What the statement asks of them is still there; they cannot be read."""
    for n in which:
        state = log.events[n].state.replace(b'"actor":', b'"actr":')
        log.events[n] = replace(log.events[n], state=state)


def test_a_log_that_has_all_there_is_leaves_no_part_of_the_statement_untried(connection, home):
    log = written_log(400)
    laid_down(connection, home, log)
    follow(connection, home, log.source(), [LINEAGE])
    said_in_sql(connection, home, LINEAGE, [], log.position())
    assert rows(connection, home, LINEAGE, "_said") == rows(connection, home, LINEAGE)
    edges = Identifier(namespace(home, "lineage"), "edges")
    query = SQL("SELECT DISTINCT category, way, upper_inf(known) FROM {}").format(edges)
    found = set(connection.execute(query).fetchall())
    categories, ways, standing = (set(each) for each in zip(*found, strict=True))
    assert categories == {"unit", "organisation"}
    assert ways == {"cession", "merger"}
    assert standing == {True, False}


def test_a_rebuild_says_it_in_sql_when_it_can(postgres, connection, home):
    log = written_log(200)
    laid_down(connection, home, log)
    follow(connection, home, log.source(), [LINEAGE])

    def decode(topic, record, position):
        raise AssertionError("nothing is read here")

    source = type(log.source())(log, decode)
    rebuilt = rebuild(postgres.dsn, home, source, LINEAGE, size=2)
    assert rebuilt.switched
    assert rebuilt.mark.seen == of_events(log.events)


OTHERWISE = {
    "another version": "replace(record, '\"schema\":2', '\"schema\":3') WHERE topic ~ 'ended'",
    "another format": "replace(record, '\"format\":1', '\"format\":2') WHERE topic ~ 'part-ceded'",
}


@pytest.mark.parametrize("change", OTHERWISE.values(), ids=OTHERWISE)
def test_events_that_the_statement_does_not_know_are_left_to_the_layout(connection, home, change):
    log = written_log(200)
    laid_down(connection, home, log)
    events = Identifier(home, "events")
    assert connection.execute(SQL("UPDATE {} SET record = ").format(events) + SQL(change)).rowcount
    refused(connection, home, log)


def test_so_are_events_of_a_kind_that_this_release_does_not_know(connection, home):
    log = written_log(20)
    laid_down(connection, home, log)
    events = Identifier(home, "events")
    connection.execute(SQL("UPDATE {} SET topic = 'unit.dreamt' WHERE position = 3").format(events))
    refused(connection, home, log)


def refused(connection, home, log) -> None:
    target = Target(LINEAGE, namespace(home, "lineage"))
    everything = between([])[0]
    with connection.transaction():
        assert in_sql.laid_out(connection, home, [target], everything, log.position()) is None
    assert rows(connection, home, LINEAGE).count == 0
