"""One total order: no gaps, in the order of the commits, whoever writes at once or dies of it."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import defaultdict

import psycopg
import pytest

from services.store import CommandKey, Recorded, Terms
from tests.store.events import event, life, new_stream
from tests.store.writer import HALF


def start_writer(way, log, *seed):
    arguments = [way, log.datastore.dsn, log.datastore.schema, *map(str, seed)]
    command = [sys.executable, "-m", "tests.store.writer", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def follow(log, stop):
    """Read with a plain cursor until told to stop, then to the end."""
    seen: list[Recorded] = []
    last_round = False
    while not last_round:
        last_round = stop.is_set()
        while batch := log.feed(seen[-1].id if seen else 0, 50):
            seen += batch
    return seen


def test_what_many_writers_were_told_is_so_and_a_plain_reader_misses_nothing(log):
    writers = [start_writer("hammer", log, seed) for seed in (1000, 2000)]
    stop = threading.Event()
    seen: list[Recorded] = []
    reader = threading.Thread(target=lambda: seen.extend(follow(log, stop)))
    reader.start()
    told = [line.split() for writer in writers for line in writer.communicate()[0].splitlines()]
    stop.set()
    reader.join()
    assert [e.id for e in seen] == list(range(1, log.position() + 1))
    positions = defaultdict(list)
    for e in seen:
        positions[e.state.decode()].append(e.id)
    acknowledged = [(r, int(size), int(first), int(last)) for r, size, first, last in told]
    for record, size, first, last in acknowledged:
        assert positions.pop(record, []) == list(range(first, last + 1) if first else [])
        assert not first or last - first + 1 == size
    assert not positions, "recorded, and nobody was told"
    assert {first > 0 for _, _, first, _ in acknowledged} == {True, False}, "some in others' way"
    assert seen == log.feed(0, 1_000_000)
    assert [e.recorded_at for e in seen] == sorted(e.recorded_at for e in seen)
    streams = {e.originator_id for e in seen}
    heads = log.heads(list(streams))
    for stream in streams:
        versions = [e.originator_version for e in seen if e.originator_id == stream]
        assert versions == list(range(1, heads[stream] + 1))


def test_a_writer_killed_in_the_middle_leaves_nothing_and_holds_nothing(log):
    log.append([event(new_stream())])
    writer = start_writer("halt", log)
    try:
        assert writer.stdout.readline() == "halfway\n"
    finally:
        writer.kill()
        writer.communicate()
    assert log.append(life(new_stream(), 1, HALF)).first == 2


def test_positions_that_were_claimed_are_filled_or_the_commit_fails(connection, log):
    claim = (
        "SELECT first_position FROM claim(ARRAY[%s]::uuid[], '{1}',"
        " '{}', '{}', '{}', '{}', '{}', '{}', NULL, NULL)"
    )
    with (
        pytest.raises(psycopg.DatabaseError, match="claimed and not filled"),
        connection.transaction(),
    ):
        assert connection.execute(claim, [new_stream()]).fetchone() == (1,)
    assert log.position() == 0


def test_a_claim_is_watched_although_the_same_transaction_appends_as_well(connection, log):
    none = "NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL"
    both = (
        f"SELECT append(ARRAY[%s]::uuid[], '{{1}}', '{{t}}', '{{x}}', {none}),"
        f" claim(ARRAY[%s]::uuid[], '{{1}}', {none})"
    )
    with pytest.raises(psycopg.DatabaseError, match="positions 2 to 2 were claimed"):
        connection.execute(both, [new_stream(), new_stream()])
    assert log.position() == 0


@pytest.mark.parametrize("role", ["origin", "replica"])
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events SET record = '{}'",
        "UPDATE events SET position = position + 1 WHERE position = 2",
        "DELETE FROM events WHERE position = 2",
        "TRUNCATE events",
        "INSERT INTO events SELECT * FROM events"
        " ON CONFLICT (position) DO UPDATE SET record = 'forged'",
        "UPDATE event_keys SET key = 'other'",
        "DELETE FROM event_keys",
        "TRUNCATE event_keys",
        "DELETE FROM heads",
        "TRUNCATE heads",
        "DELETE FROM log",
        "TRUNCATE log",
        "UPDATE log SET position = position + 1",
        "UPDATE log SET position = position - 1",
        "UPDATE log SET recorded_at = recorded_at - interval '1 microsecond'",
        "UPDATE log SET epoch = gen_random_uuid()",
        "UPDATE heads SET version = version - 1",
        "UPDATE heads SET stream = gen_random_uuid()",
        "UPDATE commands SET last_position = 2",
        "UPDATE epochs SET reason = 'another'",
        "DELETE FROM epochs",
        "TRUNCATE epochs",
        "UPDATE migrations SET sha256 = ''",
        "DELETE FROM migrations",
        "TRUNCATE migrations",
    ],
)
def test_what_is_recorded_stays_even_against_an_administrator(log, connection, change, role):
    terms = Terms(keys=[(0, "key")], command=CommandKey("k", b"1"))
    log.append(life(new_stream(), 1, 3), terms)
    before, epoch = log.feed(0, 10), log.epoch()
    connection.execute(f"SET session_replication_role = {role}")
    with pytest.raises(psycopg.DatabaseError) as refused:
        connection.execute(change)
    assert refused.value.sqlstate in {"SG007", "SG008"}
    assert (log.feed(0, 10), log.position(), log.epoch()) == (before, 3, epoch)


def test_a_new_epoch_is_written_down_with_where_it_began_and_why(connection, log):
    log.append(life(new_stream(), 1, 3))
    first = log.epoch()
    begun = connection.execute("SELECT * FROM begin_epoch('restored')").fetchone()
    assert begun == (log.epoch(), 3)
    told = "SELECT number, epoch, position, reason FROM epochs ORDER BY number"
    assert connection.execute(told).fetchall() == [
        (1, first, 0, "the log begins"),
        (2, log.epoch(), 3, "restored"),
    ]
    assert log.append([event(new_stream())]).first == 4


def test_an_epoch_that_is_over_does_not_come_back(connection, log):
    first = log.epoch()
    connection.execute("SELECT begin_epoch('restored')")
    with pytest.raises(psycopg.DatabaseError, match="with its reason"):
        connection.execute("UPDATE log SET epoch = %s", [first])
    with pytest.raises(psycopg.errors.CheckViolation):
        connection.execute("SELECT begin_epoch(' ')")
