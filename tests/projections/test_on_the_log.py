"""The views over the real log: what is recorded there is followed, rebuilt and asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import chain
from threading import Event
from typing import Any

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent

from projections.audit import Audit
from projections.catalogue import VIEWS
from projections.engine.following import follow, status
from projections.engine.marks import create, marks
from projections.engine.view import Source
from projections.rebuilding.rebuild import Helpers, Progress, rebuild, rebuild_together, seen_by
from services.record import to_event, to_record
from tests.logs import PaperLog, crowd, written_log
from tests.projections.conftest import drop_views
from tests.projections.test_engine import ALL, digests, emptied
from tests.store.events import opened


def as_stored(log: PaperLog) -> list[StoredEvent]:
    """The events of a log on paper, not stamped yet."""
    return [
        StoredEvent(
            r.originator_id,
            r.originator_version,
            r.topic,
            to_record(to_event(r.topic, r.state, r.id)),
        )
        for r in log.events
    ]


@pytest.fixture
def log(connection, postgres, schema):
    with opened(postgres.dsn, schema) as log:
        for view in ALL:
            create(connection, schema, view)
        yield log
        drop_views(connection, schema)


def test_the_real_log_gives_the_tables_of_the_log_on_paper(postgres, connection, schema, log):
    paper = written_log(200)
    source = Source(log, to_event)
    log.append(as_stored(paper)[:50])
    assert follow(connection, schema, source, ALL, batch=20) == 50
    log.append(as_stored(paper)[50:])
    assert status(connection, schema, source, ALL)[0].lag == paper.position() - 50
    assert follow(connection, schema, source, ALL, batch=20) == paper.position()
    assert not any(each.lag for each in status(connection, schema, source, ALL))
    lines = Audit(connection, schema).lines(limit=1000)
    assert [line.recorded_at for line in lines] == [
        log.recorded_at(line.position) for line in lines
    ]
    for view in ALL:
        rebuilt = rebuild(postgres.dsn, schema, source, view)
        assert rebuilt.switched
        assert rebuilt.mark.seen == seen_by(source, paper.position())
    found = digests(connection, schema)
    emptied(connection, schema)
    follow(connection, schema, paper.source(), ALL)
    on_paper = digests(connection, schema)
    for name in VIEWS.keys() - {"audit"}:  # that one shows when the store learned of it
        assert found[name] == on_paper[name]


@contextmanager
def opened_there(dsn: str, schema: str) -> Iterator[Source]:
    """The log in another process."""
    with opened(dsn, schema) as log:
        yield Source(log, to_event)


def test_views_are_rebuilt_while_a_writer_appends_and_a_follower_follows(
    postgres, connection, schema, log
):
    paper = crowd(80)
    first, *later = batched(as_stored(paper), 90)
    log.append(first)
    source = Source(log, to_event)
    follow(connection, schema, source, ALL)
    begun, written = Event(), Event()

    def append() -> None:
        begun.wait()
        try:
            for stored in chain(*(batched(rest, 3) for rest in later)):
                log.append(stored)
        finally:
            written.set()

    def follow_on() -> None:
        with psycopg.connect(postgres.dsn, autocommit=True) as own:
            while not written.is_set():
                follow(own, schema, source, ALL)

    def meanwhile(progress: Progress) -> None:
        begun.set()

    helpers = Helpers(partial(opened_there, postgres.dsn, schema), 1)
    terms: dict[str, Any] = {"size": 5, "helpers": helpers, "progress": meanwhile}
    with ThreadPoolExecutor(2) as others:
        working = [others.submit(append), others.submit(follow_on)]
        try:
            done = list(rebuild_together(postgres.dsn, schema, source, ALL, **terms))
        finally:
            begun.set()
    for each in working:
        each.result()
    assert [(each.switched, each.comparison and each.comparison.equal) for each in done] == [
        (True, True)
    ] * len(ALL)
    assert follow(connection, schema, source, ALL) == paper.position()
    found = digests(connection, schema)
    assert {mark.seen for mark in marks(connection, schema, VIEWS).values()} == {
        seen_by(source, paper.position())
    }
    emptied(connection, schema)
    follow(connection, schema, source, ALL)
    assert digests(connection, schema) == found


def batched(items: Sequence[StoredEvent], size: int) -> list[Sequence[StoredEvent]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
