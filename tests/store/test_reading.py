"""Reading the log: histories, the feed, keys, and what was last at a time."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from eventsourcing.persistence import OperationalError
from psycopg import sql

from ops.store import Recorder, reader
from ops.store.datastore import Datastore
from ops.store.line import PATIENCE_S
from ops.store.subscription import LogSubscription
from services.store import Recorded
from tests.store.events import event, life, new_stream


def test_histories_are_whole_streams_in_order_however_many(log):
    streams = [new_stream() for _ in range(2 * reader.STREAMS_A_PORTION + 1)]
    log.append([event(s) for s in streams])
    log.append([event(s, 2) for s in reversed(streams)])
    shuffled = random.Random(1).sample(streams, len(streams))
    found = [(e.originator_id, e.originator_version) for e in log.histories(shuffled)]
    assert found == [(s, v) for s in sorted(streams) for v in (1, 2)]
    assert len(list(log.histories(streams, up_to=len(streams)))) == len(streams)
    assert list(log.histories([])) == list(log.histories([new_stream()])) == []


def test_a_sweep_tells_of_all_streams_of_a_range_in_order_up_to_a_position(log):
    long, *streams = sorted(new_stream() for _ in range(6))
    size = reader.EVENTS_A_PORTION
    log.append(life(long, 0, 2 * size - 1))  # ends where a portion ends
    log.append([event(s) for s in reversed(streams)])
    up_to = log.append([event(s, 2) for s in streams]).last
    log.append([event(s, 3) for s in streams])
    told = lambda *terms: [(e.originator_id, e.originator_version) for e in log.sweep(*terms)]  # noqa: E731
    the_rest = [(s, v) for s in streams for v in (1, 2)]
    assert told(UUID(int=0), None, up_to) == [(long, v) for v in range(2 * size)] + the_rest
    assert told(streams[0], None, up_to) == the_rest
    assert told(streams[1], streams[3], up_to) == [(s, v) for s in streams[1:3] for v in (1, 2)]
    assert told(streams[3], streams[3], up_to) == []
    assert list(log.sweep(long, streams[0], up_to)) == list(log.histories([long]))


@pytest.mark.parametrize("more", [-1, 0, 1, 700])
def test_a_long_history_goes_on_where_the_first_statement_ended(log, more):
    one, other = new_stream(), new_stream()
    size = reader.EVENTS_AT_ONCE + more
    log.append([*life(one, 1, size), *life(other, 1, 3)])
    told = [(e.originator_id, e.originator_version) for e in log.histories([other, one])]
    assert told == [(one, v) for v in range(1, size + 1)] + [(other, v) for v in (1, 2, 3)]


def test_a_scan_goes_on_when_its_connection_is_cut(log, postgres, schema):
    size = reader.EVENTS_A_PORTION + 10_000
    log.append(life(new_stream(), 1, size))
    scanning = log.scan(5, size - 1)
    told = [next(scanning).id for _ in range(100)]
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        cut = connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND state = 'active' AND query LIKE %s",
            [f'%"{schema}".events%'],
        ).fetchall()
    assert cut == [(True,)]
    assert told + [each.id for each in scanning] == list(range(6, size))


def test_borders_cut_the_log_into_ranges_of_so_many_streams(log):
    assert log.borders(3) == []
    streams = sorted(new_stream() for _ in range(7))
    log.append([event(s) for s in reversed(streams)])
    assert log.borders(3) == [streams[3], streams[6]]
    assert log.borders(7) == log.borders(100) == []


def test_what_is_read_is_an_ordinary_recorded_event(log):
    stream = new_stream()
    at = log.append([event(stream, record=b"{}")]).recorded_at
    whole = Recorded(stream, 1, "organisation.renamed", b"{}", 1, at)
    assert log.feed(0, 1) == list(log.histories([stream])) == [whole]
    assert isinstance(log.feed(0, 1)[0].originator_id, UUID)


def test_the_feed_is_cut_where_it_is_told(log):
    log.append(life(new_stream(), 1, 10))
    ids = lambda *terms: [e.id for e in log.feed(*terms)]  # noqa: E731
    assert ids(0, 3) == [1, 2, 3]
    assert ids(8, 5) == [9, 10]
    assert ids(2, 5, 4) == [3, 4]
    assert ids(10, 5) == ids(0, 0) == ids(5, 5, 5) == []


def test_the_position_at_a_time_is_what_a_search_finds(log, connection):
    for size in [1, 3, 1, 1, 7, 350, 1, 2, 1, 1, 20, 1]:
        log.append(life(new_stream(), 1, size))
    stamps = [e.recorded_at for e in log.feed(0, 1000)]
    first, span, chance = stamps[0], stamps[-1] - stamps[0], random.Random(20261121)
    times = [first + span * chance.uniform(-0.1, 1.1) for _ in range(300)]
    instant = timedelta(microseconds=1)
    times += [s + d for s in sorted(set(stamps)) for d in (-instant, timedelta(0), instant)]
    search = "SELECT coalesce(max(position), 0) FROM events WHERE recorded_at <= %s"
    for at in times:
        assert (log.position_at(at),) == connection.execute(search, [at]).fetchone()


def test_an_empty_log_has_positions_too(log):
    assert log.position() == log.position_at(datetime.now(UTC)) == 0
    assert log.recorded_at(1) is None
    assert log.keyed([]) == log.heads([]) == {}


def test_a_time_without_zone_is_refused(log):
    with pytest.raises(ValueError, match="time zone"):
        log.position_at(datetime(2026, 11, 21))  # noqa: DTZ001


def test_a_log_keeps_its_epoch_and_its_recorded_times(log):
    epoch = log.epoch()
    appended = log.append([event(new_stream())])
    log.create_table()
    assert log.epoch() == epoch
    assert log.recorded_at(1) == appended.recorded_at


def test_a_server_that_is_gone_is_known_soon():
    began = time.monotonic()
    with Datastore("host=/nowhere dbname=sogoc", "register") as datastore:
        with pytest.raises(OperationalError):
            Recorder(datastore).position()
        with pytest.raises(OperationalError):
            Recorder(datastore).append([event(new_stream())])
    assert time.monotonic() - began < 2 * PATIENCE_S + 2


def test_a_subscription_that_no_notification_reaches_looks_by_itself(log):
    with LogSubscription(log, log.datastore.dsn, "another_channel", gt=0) as subscription:
        log.append([event(new_stream())])
        assert next(subscription).id == 1
        log.append([event(new_stream())])
        assert next(subscription).id == 2


def test_a_subscription_listens_again_when_its_connection_broke(log, connection):
    stream = new_stream()
    log.append([event(stream, 1)])
    with log.subscribe(gt=0) as subscription:
        assert next(subscription).id == 1
        log.append([event(stream, 2)])
        assert next(subscription).id == 2
        others = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query LIKE 'LISTEN%%' AND query LIKE %s"
        )
        listen = sql.Identifier(log.channel_name).as_string()
        assert connection.execute(others, [f"%{listen}%"]).fetchall() == [(True,)]
        log.append([event(stream, 3)])
        assert next(subscription).id == 3
