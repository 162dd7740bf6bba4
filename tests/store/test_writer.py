"""Many callers, few transactions: to each its own outcome, whatever becomes of the others."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from eventsourcing.persistence import DataError
from psycopg import sql

from ops.store import Recorder
from ops.store.observer import Unobserved
from services.store import (
    AlreadyRecorded,
    Appended,
    CommandKey,
    GuardMoved,
    HeadMoved,
    InDoubt,
    KeyMoved,
    KeyReused,
    Terms,
)
from tests.store.events import event, life, new_stream, opened
from tests.store.waiting import PATIENCE_S, counter_held, eventually, waiting_backends


class Noting(Unobserved):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.transactions: list[tuple[int, int]] = []
        self.refusals: Counter[str] = Counter()
        self.doubts = 0

    def appended(self, requests: int, events: int, seconds: float) -> None:
        self.transactions.append((requests, events))

    def refused(self, kind: str) -> None:
        self.refusals[kind] += 1

    def in_doubt(self) -> None:
        self.doubts += 1


class Queue:
    """Appends that wait for one another, in the order in which they were asked for."""

    def __init__(self, log: Recorder, pool: ThreadPoolExecutor) -> None:
        self.log, self.pool = log, pool
        self.answers: list[Future[Any]] = []

    def append(self, *stored: Any, **terms: Any) -> None:
        """Ask, and return when it is in the queue."""
        self.ask(lambda: self.log.append(stored, Terms(**terms)))

    def ask(self, call: Callable[[], Any]) -> None:
        self.answers.append(self.pool.submit(call))
        eventually(lambda: self.log.datastore.writer.waiting == len(self.answers))

    def outcomes(self) -> list[Any]:
        """What became of each: what it returned or raised."""
        return [a.exception(PATIENCE_S) or a.result() for a in self.answers]


@contextmanager
def gathering(log: Recorder, connection: psycopg.Connection) -> Iterator[Queue]:
    """What is asked for in the block goes into one transaction, after one event at position 1."""
    with ThreadPoolExecutor(32) as pool:
        with counter_held(log, connection):
            before = pool.submit(log.append, [event(new_stream())])
            eventually(lambda: waiting_backends(connection) == 1)
            queue = Queue(log, pool)
            yield queue
        assert before.result(PATIENCE_S)
        queue.outcomes()


@pytest.fixture
def noting(log: Recorder) -> Noting:
    log.observer = noting = Noting()
    return noting


def positions(outcomes: list[Any]) -> list[Any]:
    """(first, last) of what was recorded, the kind of refusal of what was not."""
    return [(o.first, o.last) if isinstance(o, Appended) else type(o) for o in outcomes]


def test_one_caller_alone_waits_for_nobody(log, noting):
    log.append([event(new_stream())])
    log.append(life(new_stream(), 1, 2))
    assert noting.transactions == [(1, 1), (1, 2)]


def test_each_of_a_transaction_has_its_own_outcome(log, connection, noting):
    there, command = new_stream(), CommandKey("k", b"1")
    log.append(life(there, 1, 2), Terms(keys=[(0, "key")], command=command))
    new, guarding = new_stream(), new_stream()
    with gathering(log, connection) as queue:
        queue.append(*life(new, 1, 2))
        queue.append(event(there, 5), keys=[(0, "lost")])
        queue.append(event(new_stream()), guards={there: 1}, command=CommandKey("lost", b"1"))
        queue.append(event(new_stream()), conditions={"key": 0})
        queue.append(event(new_stream()), command=command)
        queue.append(event(new_stream()), command=CommandKey("k", b"2"))
        queue.append(event(new_stream()), event(new_stream(), 7))
        terms = {"keys": [(0, 'key"\\{}'), (0, "key")], "command": CommandKey("khóa\\", b"\0\\'")}
        queue.append(
            event(guarding), guards={there: 2, new_stream(): 0}, conditions={"key": 1}, **terms
        )
        queue.ask(lambda: log.remember(CommandKey("nothing", b"1")))
        queue.append(event(new, 3))
    outcomes = queue.outcomes()
    refused = [HeadMoved, GuardMoved, KeyMoved, AlreadyRecorded, KeyReused, HeadMoved]
    assert positions(outcomes[:8]) == [(4, 5), *refused, (6, 6)]
    assert outcomes[8:] == [None, Appended(7, 7, outcomes[0].recorded_at)]
    moved, guard, key, earlier, *_ = outcomes[1:7]
    assert (moved.stream, moved.expected, moved.actual) == (there, 4, 2)
    assert (guard.stream, guard.expected, guard.actual) == (there, 1, 2)
    assert (key.key, key.expected, key.actual) == ("key", 0, 1)
    assert (earlier.appended.first, earlier.appended.last) == (1, 2)
    assert [e.id for e in log.feed(0, 100)] == [1, 2, 3, 4, 5, 6, 7]
    assert log.heads([there, new, guarding]) == {there: 2, new: 3, guarding: 1}
    assert log.keyed(["key", 'key"\\{}', "lost"]).keys() == {"key", 'key"\\{}'}
    assert log.outcome(CommandKey("khóa\\", b"\0\\'")) == outcomes[7]
    assert log.outcome(CommandKey("lost", b"1")) is None
    assert log.outcome(CommandKey("nothing", b"1")) is not None
    assert noting.transactions == [(1, 2), (1, 1), (4, 4)]
    assert noting.refusals == {
        "HeadMoved": 2,
        "GuardMoved": 1,
        "KeyMoved": 1,
        "AlreadyRecorded": 1,
        "KeyReused": 1,
    }


def test_what_clashes_in_one_transaction_is_decided_in_the_order_of_asking(log, connection):
    stream, other, command = new_stream(), new_stream(), CommandKey("k", b"1")
    with gathering(log, connection) as queue:
        queue.append(event(stream), keys=[(0, "key")], command=command)
        queue.append(event(stream, 2), guards={stream: 1})
        queue.append(event(stream, 2))
        queue.append(event(other), guards={stream: 1})
        queue.append(event(other), conditions={"key": 0})
        queue.append(event(other), conditions={"key": 2}, guards={stream: 2})
        queue.append(event(new_stream()), guards={other: 0})
        queue.append(event(stream), command=command)
    *outcomes, again = queue.outcomes()
    refused = [HeadMoved, GuardMoved, KeyMoved]
    assert positions(outcomes) == [(2, 2), (3, 3), *refused, (4, 4), GuardMoved]
    assert again.appended == outcomes[0]
    assert log.position() == 4


def test_all_that_are_refused_together_leave_nothing(log, connection, noting):
    with gathering(log, connection) as queue:
        queue.append(event(new_stream(), 2))
        queue.append(event(new_stream()), guards={new_stream(): 1})
    assert positions(queue.outcomes()) == [HeadMoved, GuardMoved]
    assert log.position() == 1
    assert noting.transactions == [(1, 1)]


def test_many_events_go_by_themselves_and_in_their_turn(log, connection, noting):
    small, large = new_stream(), new_stream()
    with gathering(log, connection) as queue:
        queue.append(event(small))
        queue.append(*life(large, 1, 400))
        queue.append(event(large, 401), event(small, 2))
        queue.append(event(small, 3))
    assert positions(queue.outcomes()) == [(2, 2), (3, 402), (403, 404), (405, 405)]
    assert noting.transactions == [(1, 1), (1, 1), (1, 400), (2, 3)]


def test_one_transaction_does_not_grow_without_end(log, connection, noting):
    with gathering(log, connection) as queue:
        for _ in range(8):
            queue.append(*life(new_stream(), 1, 300))
    assert positions(queue.outcomes())[-1] == (2_102, 2_401)
    assert noting.transactions == [(1, 1), (6, 1_800), (2, 600)]


def test_a_transaction_notifies_once(log, connection):
    connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(log.channel_name)))
    with gathering(log, connection) as queue:
        for _ in range(5):
            queue.append(event(new_stream()))
    queue.outcomes()
    heard = [notify.payload for notify in connection.notifies(timeout=0.5)]
    assert heard == ["1", "6"]


def test_what_no_table_can_hold_is_its_own_callers_fault_only(log, connection):
    with gathering(log, connection) as queue:
        queue.append(event(new_stream()))
        queue.append(event(new_stream(), 2**31))
        queue.append(event(new_stream()))
    good, bad, better = queue.outcomes()
    assert isinstance(bad, DataError)
    assert sorted(positions([good, better])) == [(2, 2), (3, 3)]


WRITING = (
    "SELECT FROM pg_stat_activity WHERE query LIKE %s AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)


def test_a_datastore_that_is_closed_leaves_no_connection(postgres, schema, connection):
    with opened(postgres.dsn, schema) as log:
        log.append([event(new_stream())])
        assert connection.execute(WRITING, [f"%{schema}%append%"]).rowcount == 1
    eventually(lambda: connection.execute(WRITING, [f"%{schema}%append%"]).rowcount == 0)


# Those who die


def terminate_who_waits(connection: psycopg.Connection) -> None:
    """End the backend that waits for the counter, and wait until the next one waits there."""
    waiting = "SELECT pid FROM pg_locks WHERE NOT granted"
    ((ended,),) = connection.execute(waiting).fetchall()
    connection.execute("SELECT pg_terminate_backend(%s)", [ended])
    eventually(lambda: connection.execute(waiting).fetchall() not in ([], [(ended,)]))


def test_a_backend_that_is_killed_takes_nobody_with_it(log, connection):
    with gathering(log, connection) as queue:
        for _ in range(5):
            queue.append(event(new_stream()))
        terminate_who_waits(connection)  # of the one before
        terminate_who_waits(connection)  # of the five
    outcomes = positions(queue.outcomes())
    assert len(set(outcomes)) == 5
    assert {(n, n) for n in range(1, 7)} > set(outcomes)
    assert log.position() == 6


def test_a_leader_that_is_stopped_leaves_nobody_waiting(log, connection):
    """It is stopped when the answer comes: all is recorded, and nobody was told."""
    commands = [CommandKey(f"k{n}", b"1") for n in range(4)]
    threads: list[int] = []

    def lead():
        threads.append(threading.get_ident())
        log.append([event(new_stream())], Terms(command=commands[0]))

    with gathering(log, connection) as queue:
        queue.ask(lead)
        for command in commands[1:]:
            queue.append(event(new_stream()), command=command)
        queue.append(event(without_key := new_stream()))
        terminate_who_waits(connection)  # of the one before: now these are being written
        stop(threads.pop(), KeyboardInterrupt)
    leader, *led, in_doubt = queue.outcomes()
    assert isinstance(leader, KeyboardInterrupt)
    assert [type(outcome) for outcome in led] == [AlreadyRecorded] * 3
    assert [outcome.appended for outcome in led] == [log.outcome(c) for c in commands[1:]]
    assert isinstance(in_doubt, InDoubt)
    assert log.heads([without_key]) == {without_key: 1}
    assert log.append([event(new_stream())]).first == log.position() == 7


def stop(thread: int, error: type[BaseException]) -> None:
    """Raise the error in a thread when it next does something."""
    ident, raised = ctypes.c_ulong(thread), ctypes.py_object(error)
    assert ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, raised) == 1


def test_a_leader_that_is_interrupted_hands_the_lead_on(log, connection):
    arguments = ["-m", "tests.store.writer", "interrupt", log.datastore.dsn, log.datastore.schema]
    with counter_held(log, connection):
        writer = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        assert writer.stdout.readline() == "leading\n"
        eventually(lambda: waiting_backends(connection) == 1)
        writer.send_signal(signal.SIGINT)
        assert writer.stdout.readline() == "interrupted\n"
    assert writer.communicate(timeout=PATIENCE_S)[0] == "3 recorded\n"
    assert writer.returncode == 0
