"""What was known at a time, once told, stays so: whoever records at that moment is waited for."""

from __future__ import annotations

import random
import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import TryAgain
from ops.store import reader
from tests.store.events import event, life, new_stream, opened
from tests.store.test_order import start_writer

schemas = (f"settling_{number}" for number in count(1))
SIZES = st.lists(st.sampled_from([1, 2, 30, 301, 2_000]), min_size=1, max_size=6)


def test_nobody_is_told_what_was_known_while_somebody_records_at_that_time(log, monkeypatch):
    monkeypatch.setattr(reader, "PATIENCE_S", 0.3)
    before = log.append([event(new_stream())])
    writer = start_writer("halt", log)
    try:
        assert writer.stdout.readline() == "halfway\n"
        with pytest.raises(TryAgain, match="recording"):
            log.position_at(datetime.now(UTC))
        earlier = before.recorded_at - timedelta(microseconds=1)
        assert log.position_at(earlier) == 0  # of that nobody can take anything back
    finally:
        writer.kill()
        writer.communicate()
    monkeypatch.undo()
    assert log.position_at(datetime.now(UTC)) == 1


def test_what_is_to_come_is_not_told(log, monkeypatch):
    monkeypatch.setattr(reader, "PATIENCE_S", 0.1)
    log.append([event(new_stream())])
    with pytest.raises(TryAgain):
        log.position_at(datetime.now(UTC) + timedelta(hours=1))


def ask_now_and_then(log, chance, stop, told):
    while not stop.is_set():
        back = timedelta(seconds=chance.choice([0, 0, 0.001, 0.02]))
        at = datetime.now(UTC) - back
        told.append((at, log.position_at(at)))
        time.sleep(chance.random() / 200)


@given(sizes=st.lists(SIZES, min_size=2, max_size=3), seed=st.integers(0, 2**32))
@settings(max_examples=8, deadline=None)
def test_whatever_is_recorded_meanwhile_the_answer_is_the_same_afterwards(postgres, sizes, seed):
    """Several writers, each with a line of its own, by call and by COPY; two ask without end."""
    told: list[tuple[datetime, int]] = []
    stop, schema = threading.Event(), next(schemas)
    with opened(postgres.dsn, schema) as log:
        chances = [random.Random(seed + n) for n in range(2)]
        asking = [
            threading.Thread(target=ask_now_and_then, args=(log, chance, stop, told))
            for chance in chances
        ]
        writing = [
            threading.Thread(target=write, args=(postgres.dsn, schema, own)) for own in sizes
        ]
        for thread in asking + writing:
            thread.start()
        for thread in writing:
            thread.join()
        stop.set()
        for thread in asking:
            thread.join()
        stamps = [each.recorded_at for each in log.feed(0, 1_000_000)]
        assert len(stamps) == sum(map(sum, sizes))
        assert [said for _, said in told] == [
            sum(stamp <= at for stamp in stamps) for at, _ in told
        ]


def write(dsn, schema, sizes):
    with opened(dsn, schema) as log:
        for size in sizes:
            log.append(life(new_stream(), 1, size))
