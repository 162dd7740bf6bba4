"""The views over the real log: what is recorded there is followed, rebuilt and asked for."""

from __future__ import annotations

import pytest
from eventsourcing.persistence import StoredEvent

from projections.audit import Audit
from projections.catalogue import VIEWS
from projections.engine import follow, status
from projections.marks import create
from projections.rebuild import rebuild, seen_by
from projections.view import Source
from services.record import to_event, to_record
from tests.logs import PaperLog, written_log
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
    assert [each.lag for each in status(connection, schema, source, ALL)] == [0, 0, 0, 0]
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
