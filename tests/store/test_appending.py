"""What one append promises: all or nothing, on its terms, once for each command."""

from __future__ import annotations

import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import psycopg
import pytest
from eventsourcing.persistence import DataError, IntegrityError, ProgrammingError, Tracking
from psycopg import sql
from psycopg.conninfo import make_conninfo

from services.record import UNSTAMPED
from services.store import (
    AlreadyRecorded,
    CommandKey,
    GuardMoved,
    HeadMoved,
    KeyMoved,
    KeyReused,
    Terms,
)
from tests.store.events import RECORD, event, life, new_stream, opened

CALL, COPY = 3, 400  # so many events are recorded by one call, so many by COPY
EITHER_WAY = pytest.mark.parametrize("size", [CALL, COPY], ids=["call", "copy"])


def everything(connection):
    """All that an append may leave behind."""
    tables = ("events", "heads", "event_keys", "commands", "log")
    return [
        connection.execute(sql.SQL("TABLE {}").format(sql.Identifier(table))).fetchall()
        for table in tables
    ]


@pytest.fixture
def left(connection):
    """Fails the test when what it does leaves anything behind: left() before and after."""
    return lambda: everything(connection)


@EITHER_WAY
def test_events_stand_in_their_order_at_positions_that_follow_each_other(log_over, size):
    one, other = new_stream(), new_stream()
    log_over.append(life(one, 1, 2))
    appended = log_over.append([*life(other, 1, size - 1), event(one, 3)])
    assert (appended.first, appended.last) == (3, 2 + size)
    feed = log_over.feed(0, 1000)
    assert [e.id for e in feed] == list(range(1, 3 + size))
    assert [e.originator_version for e in feed] == [1, 2, *range(1, size), 3]
    assert {e.recorded_at for e in feed[2:]} == {appended.recorded_at}
    assert log_over.heads([one, other, new_stream()]) == {one: 3, other: size - 1}
    assert log_over.position() == log_over.max_notification_id() == 2 + size


def test_five_thousand_events_of_two_kilobytes_are_one_append(log_over):
    """The library's own recorder hangs here for good over a Unix socket."""
    record = RECORD + b" " * 2_000
    appended = log_over.append(life(new_stream(), 1, 5_000, record))
    assert (appended.first, appended.last) == (1, 5_000)
    assert sum(len(e.state) for e in log_over.feed(0, 5_000)) == 5_000 * len(record)


def test_three_hundred_large_events_are_one_call(log_over):
    record = RECORD + b" " * 20_000
    assert log_over.append(life(new_stream(), 1, 300, record)).last == 300


TEXTS = [
    "Đảng bộ xã Bình Yên",
    "Nguyễn Thị Ơn, chi bộ số 7 — “Quyết định” 1654/QĐ-TTg",
    'dấu "nháy", \\ gạch, {ngoặc}, NULL, \t\n',
    "",
    "🇻🇳 ươ ƯƠ ậ",
]


@EITHER_WAY
@pytest.mark.parametrize("text", TEXTS, ids=["short", "long", "escapes", "empty", "beyond"])
def test_bytes_come_back_as_they_went_in(log_over, text, size):
    record = unicodedata.normalize("NFC", text).encode()
    stream = new_stream()
    log_over.append(life(stream, 1, size, record))
    assert {e.state for e in log_over.histories([stream])} == {record}
    assert {e.state for e in log_over.select_events(stream)} == {record}


@EITHER_WAY
def test_what_is_not_utf8_is_refused(log, left, size):
    before = left()
    with pytest.raises(DataError):
        log.append(life(new_stream(), 1, size, b"\xff"))
    with pytest.raises(DataError):
        log.append(life(new_stream(), 1, size, b"a\0b"))
    assert left() == before


@EITHER_WAY
def test_the_stamp_takes_the_placeholders_place(log, size):
    at = log.append(life(new_stream(), 1, size)).recorded_at
    assert at.utcoffset() == timedelta(0)
    stamp = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert len(stamp) == len(UNSTAMPED)
    assert {e.state for e in log.feed(0, size)} == {
        RECORD.replace(UNSTAMPED.encode(), stamp.encode())
    }


def test_call_and_copy_store_the_same_bytes(log, connection):
    """A time without a fraction, far ahead of the clock: both appends get it."""
    far = datetime(2199, 12, 31, 23, 0, tzinfo=UTC)
    connection.execute("UPDATE log SET recorded_at = %s", [far])
    appended = [log.append(life(new_stream(), 1, size)) for size in (CALL, COPY)]
    assert [a.recorded_at for a in appended] == [far, far]
    states = {e.state for e in log.feed(0, 1000)}
    assert states == {RECORD.replace(UNSTAMPED.encode(), b"2199-12-31T23:00:00.000000Z")}


def test_the_recorded_time_does_not_run_backwards_with_the_clock(log, connection):
    ahead = datetime.now(UTC) + timedelta(hours=1)
    connection.execute("UPDATE log SET recorded_at = %s", [ahead])
    assert log.append([event(new_stream())]).recorded_at == ahead


def test_one_notification_an_append(log, connection):
    connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(log.channel_name)))
    log.append(life(new_stream(), 1, CALL))
    log.append(life(new_stream(), 1, COPY))
    log.remember(CommandKey("nothing", b"1"))
    heard = [notify.payload for notify in connection.notifies(timeout=0.3)]
    assert heard == [str(CALL), str(CALL + COPY)]


def test_it_works_whatever_a_session_is_told(postgres, schema):
    """Encoding and time zone of the sessions are the log's affair."""
    odd = make_conninfo(postgres.dsn, client_encoding="LATIN1", options="-c timezone=Asia/Kabul")
    command = CommandKey("khóa", b"1")
    with opened(odd, schema) as log:
        appended = log.append([event(new_stream())], Terms(command=command))
        with pytest.raises(AlreadyRecorded) as refused:
            log.append([event(new_stream())], Terms(command=command))
        assert refused.value.appended.recorded_at.utcoffset() == timedelta(0)
        assert refused.value.appended == log.outcome(command) == appended
    with opened(postgres.dsn, schema) as log:
        assert "Đảng bộ xã Bình Yên" in log.feed(0, 1)[0].state.decode()


def test_it_works_whatever_the_search_path(log, postgres):
    with psycopg.connect(postgres.dsn, options="-c search_path=pg_catalog") as elsewhere:
        name = sql.Identifier(log.datastore.schema)
        call = sql.SQL(
            "SELECT first_position FROM {}.append(%s::uuid[], '{{1}}', '{{t}}', '{{x}}',"
            " '{{}}', '{{}}', '{{}}', '{{}}', '{{}}', '{{}}', NULL, NULL)"
        )
        assert elsewhere.execute(call.format(name), [[new_stream()]]).fetchone() == (1,)
        at = sql.SQL("SELECT {}.position_at(clock_timestamp())").format(name)
        assert elsewhere.execute(at).fetchone() == (1,)


# Refusals


@EITHER_WAY
@pytest.mark.parametrize("first", [1, 2, 4])
def test_a_stream_is_continued_or_nothing_is_recorded(log, left, first, size):
    stream = new_stream()
    log.append(life(stream, 1, 2))
    before = left()
    with pytest.raises(HeadMoved) as refused:
        log.append([*life(new_stream(), 1, size), event(stream, first)])
    moved = refused.value
    assert (moved.stream, moved.expected, moved.actual) == (stream, first - 1, 2)
    assert left() == before


@pytest.mark.parametrize("first", [-1, 2, 3])
def test_a_stream_begins_with_zero_or_one(log, first):
    log.append([event(new_stream(), 0), event(new_stream(), 1)])
    with pytest.raises(HeadMoved) as refused:
        log.append([event(new_stream(), first)])
    assert refused.value.actual is None


@pytest.mark.parametrize("versions", [[1, 1], [1, 3], [2, 1], [1, 2, 4]])
def test_versions_of_one_append_follow_each_other(log, left, versions):
    stream, before = new_stream(), left()
    with pytest.raises(IntegrityError):
        log.append([event(stream, version) for version in versions])
    assert left() == before


@EITHER_WAY
def test_a_guard_that_moved_refuses_the_append(log, left, size):
    read, absent = new_stream(), new_stream()
    log.append([event(read)])
    log.append(life(new_stream(), 1, size), Terms(guards={read: 1, absent: 0}))
    log.append([event(read, 2)])
    before = left()
    for stream, version, actual in [(read, 1, 2), (read, 0, 2), (absent, 1, None)]:
        with pytest.raises(GuardMoved) as refused:
            log.append(life(new_stream(), 1, size), Terms(guards={stream: version}))
        moved = refused.value
        assert (moved.stream, moved.expected, moved.actual) == (stream, version, actual)
    assert left() == before


@EITHER_WAY
def test_a_guarded_stream_that_is_written_as_well_is_compared_as_it_stood(log, size):
    stream = new_stream()
    log.append(life(stream, 1, size), Terms(guards={stream: 0}))
    log.append(life(stream, size + 1, 2 * size), Terms(guards={stream: size}))
    with pytest.raises(GuardMoved):
        log.append([event(stream, 2 * size + 1)], Terms(guards={stream: 2 * size + 1}))


@EITHER_WAY
def test_a_key_with_newer_events_refuses_the_append(log, left, size):
    key, other = 'name:"Bình Yên"\\, {x}', "code:10081"
    first, second = new_stream(), new_stream()
    log.append(life(first, 1, size), Terms(keys=[(0, key), (1, key), (1, other), (1, key)]))
    log.append([event(second)], Terms(keys=[(0, key)], conditions={key: 2, other: 2, "new": 0}))
    assert log.keyed([key, other, "none"]) == {
        key: (size + 1, [first, second]),
        other: (2, [first]),
    }
    assert log.keyed([key], up_to=1) == {key: (1, [first])}
    before = left()
    for condition, expected, actual in [(key, 2, size + 1), (other, 0, 2)]:
        terms = Terms(conditions={condition: expected, "new": 0}, keys=[(0, key)])
        with pytest.raises(KeyMoved) as refused:
            log.append(life(new_stream(), 1, size), terms)
        moved = refused.value
        assert (moved.key, moved.expected, moved.actual) == (condition, expected, actual)
    assert left() == before


# The same command again


@EITHER_WAY
def test_the_same_command_again_records_nothing_and_gives_the_same_answer(log, left, size):
    command = CommandKey("khóa-1", b"fingerprint")
    assert log.outcome(command) is None
    appended = log.append(life(new_stream(), 1, size), Terms(command=command))
    before = left()
    with pytest.raises(AlreadyRecorded) as refused:
        log.append(life(new_stream(), 1, size), Terms(command=command))
    assert refused.value.appended == log.outcome(command) == appended
    assert left() == before


def test_a_key_belongs_to_one_command(log, left):
    log.append([event(new_stream())], Terms(command=CommandKey("k", b"one")))
    before = left()
    with pytest.raises(KeyReused) as refused:
        log.append([event(new_stream())], Terms(command=CommandKey("k", b"another")))
    assert refused.value.key == "k"
    with pytest.raises(KeyReused):
        log.outcome(CommandKey("k", b"another"))
    assert left() == before


def test_a_command_that_had_nothing_to_record_is_remembered(log):
    command = CommandKey("nothing", b"1")
    log.remember(command)
    outcome = log.outcome(command)
    assert outcome is not None
    assert (outcome.first, outcome.last) == (0, 0)
    with pytest.raises(AlreadyRecorded):
        log.remember(command)
    with pytest.raises(AlreadyRecorded) as refused:
        log.append([event(new_stream())], Terms(command=command))
    assert refused.value.appended == outcome
    assert log.max_notification_id() is None


def test_a_refused_append_does_not_use_its_key_up(log):
    stream, command = new_stream(), CommandKey("k", b"1")
    with pytest.raises(HeadMoved):
        log.append([event(stream, 2)], Terms(command=command))
    assert log.outcome(command) is None
    assert log.append([event(stream, 1)], Terms(command=command)).last == 1


def test_the_same_command_from_many_at_once_is_recorded_once(log):
    command, callers = CommandKey("k", b"1"), 8
    ready = Barrier(callers)

    def call(_):
        ready.wait()
        try:
            return log.append([event(new_stream())], Terms(command=command)), True
        except AlreadyRecorded as earlier:
            return earlier.appended, False

    with ThreadPoolExecutor(callers) as pool:
        answers = list(pool.map(call, range(callers)))
    assert sum(recorded for _, recorded in answers) == 1
    assert len({answer for answer, _ in answers}) == 1
    assert log.position() == 1


# As the library calls it


def test_insert_events_takes_terms_and_gives_positions(log):
    stream = new_stream()
    assert log.insert_events([]) is None
    assert list(log.insert_events(life(stream, 1, 2))) == [1, 2]
    with pytest.raises(GuardMoved):
        log.insert_events([event(new_stream())], terms=Terms(guards={stream: 1}))
    with pytest.raises(ProgrammingError):
        log.insert_events([event(new_stream())], tracking=Tracking("upstream", 1))
