"""A server with fsync on that is killed, and connections that break or are told half the truth."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from eventsourcing.persistence import OperationalError, PersistenceError

from ops.server import embedded
from services.store import AlreadyRecorded, Appended, CommandKey, InDoubt, Terms
from tests.conftest import temporary_folder
from tests.store.events import event, life, new_stream, opened
from tests.store.waiting import PATIENCE_S, counter_held, eventually, waiting_backends

COMMAND = CommandKey("k", b"1")
schemas = (f"log_{number}" for number in count(1))


@pytest.fixture(scope="module")
def server():
    folder = temporary_folder()
    with embedded(folder / "data") as server:
        yield server
    shutil.rmtree(folder)


@pytest.fixture
def log(server):
    with opened(server.dsn, next(schemas)) as log:
        yield log


@contextmanager
def administrator(server):
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        yield connection


def send_all(server, signal_):
    """To the postmaster and all its processes at once. Returns those that were told."""
    tasks = Path(f"/proc/{server.process_id}/task/{server.process_id}/children")
    processes = [server.process_id, *map(int, tasks.read_text().split())]
    for process in processes:
        os.kill(process, signal_)
    return processes


@contextmanager
def frozen(server):
    """The server stands still: its kernel goes on accepting what it is sent."""
    processes = send_all(server, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def append_until_it_stops(log, acknowledged, running):
    """One stream's life; after a failure go on at its head, as a caller in doubt would."""
    stream, version = new_stream(), 1
    for number in count():
        size = 400 if number % 10 == 9 else 1
        try:
            acknowledged.append((log.append(life(stream, version, version + size - 1)), stream))
        except PersistenceError:
            time.sleep(0.1)
            version = log.heads([stream]).get(stream, 0) + 1
        else:
            version += size
        if not running.is_set():
            return


def test_what_was_acknowledged_is_there_after_a_crash_and_nothing_is_missing(folder):
    acknowledged: list[tuple[Appended, UUID]] = []
    running = threading.Event()
    running.set()
    with embedded(folder / "data") as server, opened(server.dsn, "register") as log:
        terms = (log, acknowledged, running)
        writers = [threading.Thread(target=append_until_it_stops, args=terms) for _ in range(4)]
        for writer in writers:
            writer.start()
        time.sleep(1)
        send_all(server, signal.SIGKILL)  # the machine stops
        before = len(acknowledged)
        with embedded(folder / "data"):
            while len(acknowledged) < before + 20:
                time.sleep(0.05)
            running.clear()
            for writer in writers:
                writer.join()
            assert before > 20
            feed = log.feed(0, 1_000_000)
    assert [e.id for e in feed] == list(range(1, len(feed) + 1))
    assert [e.recorded_at for e in feed] == sorted(e.recorded_at for e in feed)
    for appended, stream in acknowledged:
        found = feed[appended.first - 1 : appended.last]
        assert len(found) == appended.last - appended.first + 1
        written = {(e.originator_id, e.recorded_at) for e in found}
        assert written == {(stream, appended.recorded_at)}


WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event = %s AND pid <> ALL(%s)"


def act_on_waiting(server, event_name, *actions):
    """Wait until a backend waits for something, then do something to it. Returns at once.

    Each further action is done to another backend.
    """

    def act():
        met: list[int] = []
        with administrator(server) as connection:
            for action in actions:
                while not (found := connection.execute(WAITING, [event_name, met]).fetchone()):
                    time.sleep(0.01)
                connection.execute(f"SELECT {action}(%s)", found)
                met += found

    thread = threading.Thread(target=act)
    thread.start()
    return thread


@contextmanager
def standby_that_never_answers(server):
    with administrator(server) as connection:
        connection.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        connection.execute("SELECT pg_reload_conf()")
        while connection.execute("SHOW synchronous_standby_names").fetchone() != ("nobody",):
            time.sleep(0.01)
        # Waiting begins once the checkpointer has told so, a moment after the reload.
        time.sleep(0.5)
        try:
            yield
        finally:
            connection.execute("ALTER SYSTEM RESET synchronous_standby_names")
            connection.execute("SELECT pg_reload_conf()")


@pytest.mark.parametrize("size", [1, 400], ids=["call", "copy"])
@pytest.mark.parametrize("action", ["pg_cancel_backend", "pg_terminate_backend"])
def test_a_wait_for_the_standby_that_ends_early_is_in_doubt(server, log, action, size):
    """The server says success with a warning, or just breaks; the standby has nothing."""
    with standby_that_never_answers(server):
        # Broken off, it repeats by itself under its key, and learns that it was recorded: that
        # answer waits for the standby like the first, and cut short it is in doubt too.
        repeated = ["pg_cancel_backend"] if action == "pg_terminate_backend" else []
        actor = act_on_waiting(server, "SyncRep", action, *repeated)
        with pytest.raises(InDoubt):
            log.append(life(new_stream(), 1, size), Terms(command=COMMAND))
        actor.join()
        for ask_again in (
            lambda: log.outcome(COMMAND),
            lambda: log.append(life(new_stream(), 1, size), Terms(command=COMMAND)),
        ):
            actor = act_on_waiting(server, "SyncRep", "pg_cancel_backend")
            with pytest.raises(InDoubt):
                ask_again()
            actor.join()
    with pytest.raises(AlreadyRecorded):
        log.append(life(new_stream(), 1, size), Terms(command=COMMAND))
    appended = log.outcome(COMMAND)
    assert appended is not None
    assert (appended.first, appended.last) == (1, size)


def test_a_wait_for_the_standby_that_lasts_too_long_is_in_doubt(server):
    """The socket is shut, nothing is cancelled; under its key it is found to be recorded."""
    with opened(server.dsn, next(schemas), deadline_s=3) as log:
        with standby_that_never_answers(server), pytest.raises(InDoubt):
            log.append([event(new_stream())], Terms(command=COMMAND))
        with pytest.raises(AlreadyRecorded) as refused:
            log.append([event(new_stream())], Terms(command=COMMAND))
        assert (refused.value.appended.first, log.position()) == (1, 1)


def test_a_frozen_server_keeps_nobody_beyond_the_deadline(server):
    """Neither who writes, nor those who wait behind; and nothing is recorded twice."""
    commands = [CommandKey(f"k{n}", b"1") for n in range(4)]
    terms = [Terms(command=command) for command in commands]

    with (
        opened(server.dsn, next(schemas), deadline_s=3) as log,
        ThreadPoolExecutor(4) as pool,
    ):
        log.append([event(new_stream())])
        with frozen(server):
            answers = [pool.submit(log.append, [event(new_stream())], t) for t in terms]
            for answer in answers:
                assert isinstance(answer.exception(PATIENCE_S), PersistenceError)
        for each in terms:
            with suppress(AlreadyRecorded):
                log.append([event(new_stream())], each)
        found = [log.outcome(command) for command in commands]
        assert sorted(outcome.first for outcome in found if outcome) == [2, 3, 4, 5]
        assert log.position() == 5


def test_a_frozen_backend_is_left_and_what_it_does_later_is_not_done_twice(server):
    with (
        opened(server.dsn, next(schemas), deadline_s=9) as log,
        ThreadPoolExecutor(1) as pool,
        administrator(server) as blocking,
    ):
        with counter_held(log, blocking):
            asked = pool.submit(log.append, [event(new_stream())], Terms(command=COMMAND))
            eventually(lambda: waiting_backends(blocking) == 1)
            ((backend,),) = blocking.execute("SELECT pid FROM pg_locks WHERE NOT granted")
            os.kill(backend, signal.SIGSTOP)
        try:
            assert asked.result(PATIENCE_S).first == 1
        finally:
            os.kill(backend, signal.SIGCONT)
        there = "SELECT FROM pg_stat_activity WHERE pid = %s"
        eventually(lambda: blocking.execute(there, [backend]).rowcount == 0)
        assert log.position() == 1


def test_a_log_that_somebody_holds_for_long_is_busy_and_records_nothing_later(server):
    """No doubt is left, and no backend that might record yet."""
    with (
        opened(server.dsn, next(schemas), deadline_s=1.5) as log,
        administrator(server) as blocking,
        counter_held(log, blocking),
    ):
        with pytest.raises(OperationalError, match="nothing was recorded"):
            log.append([event(new_stream())])
        assert waiting_backends(blocking) == 0


def test_a_log_that_is_held_for_less_than_the_deadline_is_waited_for(server):
    waiting_since = "SELECT waitstart FROM pg_locks WHERE NOT granted AND waitstart > %s"
    with (
        opened(server.dsn, next(schemas), deadline_s=15) as log,
        ThreadPoolExecutor(1) as pool,
        administrator(server) as blocking,
    ):
        with counter_held(log, blocking):
            asked = pool.submit(log.append, [event(new_stream())])
            long_ago = datetime.min.replace(year=2000, tzinfo=UTC)
            eventually(lambda: blocking.execute(waiting_since, [long_ago]).rowcount == 1)
            first = blocking.execute(waiting_since, [long_ago]).fetchone()
            eventually(lambda: blocking.execute(waiting_since, first).rowcount == 1)  # again
        assert asked.result(PATIENCE_S).first == 1


def test_without_a_key_a_connection_that_breaks_after_the_commit_is_in_doubt(server, log):
    stream = new_stream()
    with standby_that_never_answers(server):
        actor = act_on_waiting(server, "SyncRep", "pg_terminate_backend")
        with pytest.raises(InDoubt):
            log.append([event(stream)])
        actor.join()
    assert log.heads([stream]) == {stream: 1}


def test_a_connection_that_breaks_before_the_commit_is_replaced(server, log):
    answers = []
    caller = threading.Thread(target=lambda: answers.append(log.append([event(new_stream())])))
    with administrator(server) as blocking, counter_held(log, blocking):
        actor = act_on_waiting(server, "transactionid", "pg_terminate_backend")
        caller.start()
        actor.join()
    caller.join()
    assert [(a.first, a.last) for a in answers] == [(1, 1)]
    assert log.position() == 1


def test_a_pool_full_of_dead_connections_is_no_obstacle(server, log):
    log.append([event(new_stream())])
    with administrator(server) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
    assert log.append([event(new_stream())]).last == 2
