"""The model check finds every kind of fault: on paper, and in a real log with its guards off."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import orjson
import psycopg
import pytest
from msgspec import structs
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ops.settings import Settings
from ops.wiring import opened
from projections.catalogue import VIEWS
from projections.engine.marks import marks
from tests.chaos.asking import appended, ask, the_beginning, the_end, wanted
from tests.chaos.checking import CHECKS, faults, fingerprint
from tests.chaos.evidence import Command, Evidence, gather
from tests.chaos.history import (
    Again,
    Answered,
    Asked,
    Glimpsed,
    Notebook,
    Saw,
    Trouble,
    Wish,
    lines,
    read,
)

ONE, OTHER, THIRD = (UUID(int=2**80 + n) for n in range(3))


@pytest.fixture(scope="module")
def module_schema(postgres):
    name = "chaos_on_paper"
    yield name
    _drop(postgres.dsn, name, *(f"{name}_{view}" for view in VIEWS))


def _drop(dsn, *homes):
    with psycopg.connect(dsn, autocommit=True) as connection:
        for home in homes:
            name = sql.Identifier(home)
            connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(name))


def a_round(
    dsn: str, schema: str, notes: Path, spoil: Callable[[], None] = lambda: None
) -> Evidence:
    """A small history with every kind of answer, and the evidence of it."""
    with opened(Settings(notes, dsn, schema), migrating=True) as wiring:
        act(wiring, Notebook(notes / "writer.1.notes"))
        spoil()
        return gather(dsn, schema, wiring.register, read(notes))


def act(wiring, notebook):
    register, log = wiring.register, wiring.register.store

    def tell(call):
        notebook.write(Asked(call, time.monotonic()))
        notebook.write(ask(register, call))

    def in_doubt(call, *, recorded=True, answered=True):
        notebook.write(Asked(call, time.monotonic()))
        if recorded:
            ask(register, call)
        if answered:
            notebook.write(Answered(call.token, time.monotonic(), "doubt"))

    tell(the_beginning())
    keyed = appended("keyed", [(ONE, 1), (ONE, 2), (OTHER, 1)], "key keyed")
    tell(keyed)
    notebook.write(Again("keyed", time.monotonic()))
    notebook.write(ask(register, keyed))
    tell(appended("plain", [(OTHER, 2), (THIRD, 1)], None))
    glimpse(wiring, notebook)
    tell(appended("stale", [(ONE, 2)], "key stale"))
    tell(appended("reusing", [(ONE, 3)], "key keyed"))
    in_doubt(appended("doubtful", [(ONE, 3), (OTHER, 3)], None))
    in_doubt(appended("doubtful, and not there", [(ONE, 3)], "key absent"), recorded=False)
    in_doubt(appended("unanswered", [(ONE, 4), (ONE, 5)], "key unanswered"), answered=False)
    tell(wanted("renaming", [Wish("rename", "Xã 1", "Xã Một"), Wish("rename", "Xã 2", "Xã Hai")]))
    tell(wanted("nothing new", [Wish("found", "Tỉnh An", "Tỉnh An", "province")], recording=False))
    tell(the_end())
    wiring.project()
    whole = tuple((each.id, fingerprint(each.state)) for each in log.feed(0, 1000))
    notebook.write(Saw("reader", whole[:5]))
    notebook.write(Saw("reader", whole[5:]))


def glimpse(wiring, notebook):
    position = wiring.project()
    with wiring.connection() as connection:
        for view, mark in marks(connection, wiring.settings.schema, VIEWS).items():
            assert mark.position == position
            notebook.write(Glimpsed(view, position, mark.seen.count, str(mark.seen.sum)))


@pytest.fixture(scope="module")
def sound(postgres, module_schema, tmp_path_factory) -> Evidence:
    return a_round(postgres.dsn, module_schema, tmp_path_factory.mktemp("notes"))


def test_a_sound_round_has_no_faults(sound):
    assert faults(sound) == {}
    told = sound.history.told.values()
    assert {answer.verdict for each in told for answer in each.answers} == {
        "recorded",
        "refused",
        "doubt",
    }


# Faults on paper


def told(evidence, token, **changes):
    """The same with this call's history changed."""
    history = evidence.history
    call = history.told[token]
    changed = replace(call, **changes)
    return replace(evidence, history=replace(history, told={**history.told, token: changed}))


def answered(evidence, token, **changes):
    """The same with the last answer to this call changed."""
    *before, last = evidence.history.told[token].answers
    return told(evidence, token, answers=(*before, structs.replace(last, **changes)))


def events(evidence, change):
    return replace(evidence, events=change([*evidence.events]))


def of(evidence, token, index=0):
    return evidence.by_token[token][index]


def without(evidence, *gone):
    """The same without these events; what is beside them stays."""
    return events(evidence, lambda there: [each for each in there if each not in gone])


def also(evidence, event):
    """The same with one event more, at the end."""
    added = replace(event, id=evidence.position + 1)
    return events(replace(evidence, position=added.id), lambda there: [*there, added])


def instead(evidence, event, **changes):
    changed = replace(event, **changes)
    return events(evidence, lambda there: [changed if each is event else each for each in there])


def saying(event, **words):
    """The record, saying something else."""
    return orjson.dumps(orjson.loads(event.state) | words, option=orjson.OPT_SORT_KEYS)


def recorded(evidence, event, at):
    """The same with another recorded time, in its bytes as well."""
    stamp = f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"
    return instead(evidence, event, recorded_at=at, state=saying(event, recorded_at=stamp))


def seen(evidence, change):
    readers = {name: change([*there]) for name, there in evidence.history.seen.items()}
    return replace(evidence, history=replace(evidence.history, seen=readers))


def shown(evidence, **changes):
    return replace(
        evidence, views={**evidence.views, "units": replace(evidence.views["units"], **changes)}
    )


def marked(evidence, **changes):
    return shown(evidence, mark=replace(evidence.views["units"].mark, **changes))


def command(evidence, key, **changes):
    rows = {**evidence.commands, key: replace(evidence.commands[key], **changes)}
    return replace(evidence, commands=rows)


def kept(evidence, key, fingerprint):
    """The same with a command more, one that had nothing to record."""
    row = Command(fingerprint, None, None, evidence.recorded_at)
    return replace(evidence, commands={**evidence.commands, key: row})


def no_command(evidence, key):
    return replace(evidence, commands={k: v for k, v in evidence.commands.items() if k != key})


def keys(evidence, change):
    return replace(evidence, event_keys=frozenset(change(set(evidence.event_keys))))


def a_key_of(evidence, token):
    there = {event.id for event in evidence.by_token[token]}
    return next(row for row in sorted(evidence.event_keys) if row[1] in there)


SECOND = timedelta(seconds=1)
Plant = Callable[[Evidence], Evidence]
PLANTED: list[tuple[str, str, Plant]] = [
    ("positions", "a gap", lambda e: without(e, e.events[3])),
    ("positions", "a lost end", lambda e: without(e, e.events[-1])),
    ("positions", "two at one", lambda e: instead(e, e.events[3], id=3)),
    ("positions", "a counter ahead", lambda e: replace(e, position=e.position + 1)),
    (
        "times",
        "backwards",
        lambda e: recorded(e, of(e, "plain"), e.events[0].recorded_at - SECOND),
    ),
    (
        "times",
        "bytes that say another",
        lambda e: instead(e, e.events[3], state=saying(e.events[3], recorded_at="?")),
    ),
    ("times", "a counter behind", lambda e: replace(e, recorded_at=e.recorded_at - SECOND)),
    ("versions", "one left out", lambda e: instead(e, of(e, "keyed", 1), originator_version=3)),
    ("versions", "one twice", lambda e: instead(e, of(e, "keyed", 1), originator_version=1)),
    ("versions", "a head behind", lambda e: replace(e, heads={**e.heads, ONE: 4})),
    ("versions", "a head of nothing", lambda e: replace(e, heads={**e.heads, UUID(int=7): 1})),
    (
        "versions",
        "no head",
        lambda e: replace(e, heads={k: v for k, v in e.heads.items() if k != ONE}),
    ),
    ("verification", "a finding", lambda e: replace(e, verified=["bytes are canonical JSON: 3"])),
    (
        "asked_for",
        "an event of nobody's",
        lambda e: instead(e, e.events[3], state=saying(e.events[3], correlation_id="?")),
    ),
    ("acknowledged", "lost", lambda e: without(e, *e.by_token["plain"])),
    ("acknowledged", "half", lambda e: without(e, of(e, "plain", 1))),
    ("acknowledged", "twice", lambda e: also(e, of(e, "plain"))),
    ("acknowledged", "elsewhere", lambda e: answered(e, "plain", first=2, last=3)),
    ("acknowledged", "at another time", lambda e: answered(e, "plain", recorded_at=e.recorded_at)),
    (
        "acknowledged",
        "other bytes",
        lambda e: instead(e, of(e, "plain"), state=saying(of(e, "plain"), reason="?")),
    ),
    ("acknowledged", "another stream", lambda e: instead(e, of(e, "plain"), originator_id=THIRD)),
    ("acknowledged", "another topic", lambda e: instead(e, of(e, "plain"), topic="unit.ended")),
    ("acknowledged", "another version", lambda e: instead(e, of(e, "plain"), originator_version=9)),
    ("acknowledged", "a command lost", lambda e: without(e, *e.by_token["renaming"])),
    ("acknowledged", "a command half", lambda e: without(e, of(e, "renaming", 1))),
    (
        "acknowledged",
        "a command told otherwise",
        lambda e: answered(e, "renaming", records=("{}", "{}")),
    ),
    (
        "acknowledged",
        "something for nothing",
        lambda e: also(
            e, replace(e.events[3], state=saying(e.events[3], correlation_id="nothing new"))
        ),
    ),
    (
        "refused",
        "recorded",
        lambda e: also(e, replace(e.events[3], state=saying(e.events[3], correlation_id="stale"))),
    ),
    (
        "refused",
        "recorded when unavailable",
        lambda e: answered(e, "doubtful", verdict="unavailable"),
    ),
    ("uncertain", "half", lambda e: without(e, of(e, "doubtful", 1))),
    ("uncertain", "half, its beginning", lambda e: without(e, of(e, "unanswered", 0))),
    ("uncertain", "twice", lambda e: also(e, of(e, "doubtful"))),
    (
        "uncertain",
        "twice, as a whole",
        lambda e: also(also(e, of(e, "doubtful")), of(e, "doubtful", 1)),
    ),
    (
        "uncertain",
        "other bytes",
        lambda e: instead(e, of(e, "unanswered"), state=saying(of(e, "unanswered"), reason="?")),
    ),
    (
        "uncertain",
        "at two times",
        lambda e: recorded(e, of(e, "doubtful", 1), e.recorded_at),
    ),
    ("repeats", "another answer", lambda e: answered(e, "keyed", first=1)),
    ("repeats", "refused afterwards", lambda e: answered(e, "keyed", verdict="refused")),
    ("real_time", "before what was there", lambda e: told(e, "keyed", begun=float("inf"))),
    ("commands", "forgotten", lambda e: no_command(e, "key keyed")),
    ("commands", "forgotten, unanswered", lambda e: no_command(e, "key unanswered")),
    ("commands", "forgotten that there was nothing", lambda e: no_command(e, "key nothing new")),
    ("commands", "leading elsewhere", lambda e: command(e, "key keyed", first=1)),
    ("commands", "of another call", lambda e: command(e, "key keyed", fingerprint=b"?")),
    (
        "commands",
        "kept of a refusal",
        lambda e: kept(e, "key stale", fingerprint=e.history.told["stale"].call.asked),
    ),
    (
        "commands",
        "kept of nobody",
        lambda e: kept(e, "?", fingerprint=b""),
    ),
    ("event_keys", "missing", lambda e: keys(e, lambda there: there - {a_key_of(e, "plain")})),
    (
        "event_keys",
        "one more",
        lambda e: keys(e, lambda there: there | {("?", of(e, "plain").id, OTHER)}),
    ),
    ("event_keys", "of another stream", lambda e: keys(e, lambda there: there | {("?", 1, ONE)})),
    (
        "event_keys",
        "of no event",
        lambda e: keys(e, lambda there: there | {("?", e.position + 1, ONE)}),
    ),
    ("views", "behind", lambda e: marked(e, position=e.position - 1)),
    ("views", "one skipped", lambda e: marked(e, seen=e.digests[-2])),
    ("views", "others seen", lambda e: marked(e, seen=replace(e.digests[-1], sum=7))),
    ("views", "never built", lambda e: shown(e, mark=None)),
    ("views", "a stream parked", lambda e: shown(e, parked=1)),
    ("views", "other rows", lambda e: shown(e, equal=False)),
    (
        "views",
        "a rebuild that skips",
        lambda e: shown(e, rebuilt=replace(e.views["units"].rebuilt, seen=e.digests[-2])),
    ),
    ("views", "not looked at", lambda e: replace(e, views={})),
    (
        "glimpses",
        "one skipped",
        lambda e: replace(e, history=replace(e.history, glimpses=[Glimpsed("units", 3, 2, "0")])),
    ),
    (
        "glimpses",
        "beyond the end",
        lambda e: replace(e, history=replace(e.history, glimpses=[Glimpsed("units", 99, 99, "0")])),
    ),
    ("readers", "one skipped", lambda e: seen(e, lambda there: there[:3] + there[4:])),
    ("readers", "one twice", lambda e: seen(e, lambda there: [*there[:4], *there[3:]])),
    ("readers", "two exchanged", lambda e: seen(e, lambda there: [there[1], there[0], *there[2:]])),
    ("readers", "the end missing", lambda e: seen(e, lambda there: there[:-1])),
    ("readers", "other bytes", lambda e: seen(e, lambda there: [*there[:-1], (there[-1][0], "?")])),
    ("readers", "nobody read", lambda e: replace(e, history=replace(e.history, seen={}))),
    (
        "troubles",
        "some",
        lambda e: replace(e, history=replace(e.history, troubles=["a view stopped"])),
    ),
]


@pytest.mark.parametrize(
    ("check", "plant"),
    [pytest.param(check, plant, id=f"{check}, {what}") for check, what, plant in PLANTED],
)
def test_a_fault_on_paper_is_found(sound, check, plant):
    assert check in faults(plant(sound))


def test_every_check_can_fail():
    assert {check for check, _, _ in PLANTED} == {check.__name__ for check in CHECKS}


# Faults in a real log, by somebody who may take the guards away

SPOILT = {
    "a lost event": ("DELETE FROM events WHERE position = 13", {"positions", "acknowledged"}),
    "a lost append": (
        "DELETE FROM events WHERE position > 14; UPDATE log SET position = 14",
        {"acknowledged", "versions", "event_keys", "commands", "views"},
    ),
    "an event twice": (
        "UPDATE log SET position = position + 1;"
        " INSERT INTO events SELECT l.position, e.stream, 99, e.topic, l.recorded_at, e.record"
        " FROM events e, log l WHERE e.position = 15",
        {"acknowledged", "versions", "times", "views"},
    ),
    "two events exchanged": (
        "UPDATE events SET position = 1000 WHERE position = 15;"
        " UPDATE events SET position = 15 WHERE position = 16;"
        " UPDATE events SET position = 16 WHERE position = 1000",
        {"acknowledged", "event_keys", "views"},
    ),
    "other bytes": (
        "UPDATE events SET record = replace(record, 'tests', 'tasks') WHERE position = 15",
        {"acknowledged", "views"},
    ),
    "another time": (
        "UPDATE events SET recorded_at = recorded_at + interval '1 hour' WHERE position = 15",
        {"times", "acknowledged"},
    ),
    "a head turned back": ("UPDATE heads SET version = version - 1", {"versions"}),
    "a key lost": ("DELETE FROM event_keys WHERE position = 15", {"event_keys", "verification"}),
    "a command forgotten": ("DELETE FROM commands", {"commands"}),
    "a row lost": ("DELETE FROM {units}.spans WHERE name = 'Xã Một'", {"views"}),
    "a row changed": ("UPDATE {units}.spans SET name = upper(name)", {"views"}),
    "a stream parked": (
        "INSERT INTO {units}.parked VALUES"
        " ('00000000-0001-0000-0000-000000000000', 12, 1, 'folding', 'planted')",
        {"views"},
    ),
    "a mark that skipped": ("UPDATE {units}.mark SET events = events - 1", {"views"}),
    "a mark ahead": ("UPDATE {units}.mark SET position = position + 1", {"views"}),
}


@pytest.mark.parametrize(("statements", "expected"), SPOILT.values(), ids=SPOILT)
def test_a_fault_in_a_real_log_is_found(postgres, schema, tmp_path, statements, expected):
    def spoil():
        path = make_conninfo(postgres.dsn, options=f"-c search_path={schema}")
        with psycopg.connect(path) as connection:
            for table in ("events", "heads", "event_keys", "commands", "log"):
                connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            connection.execute(statements.format(units=f"{schema}_units"))

    try:
        found = faults(a_round(postgres.dsn, schema, tmp_path, spoil))
    finally:
        _drop(postgres.dsn, *(f"{schema}_{view}" for view in VIEWS))
    assert expected <= found.keys()


# What was noted


def test_a_line_that_was_cut_short_counts_as_not_written(tmp_path):
    path = tmp_path / "writer.1.notes"
    notebook = Notebook(path)
    call = appended("one", [(ONE, 1)], None)
    notebook.write(Asked(call, 1.0))
    notebook.write(Trouble("cut short"))
    assert len(lines(path)) == 2
    path.write_bytes(path.read_bytes()[:-1])
    assert lines(path) == [Asked(call, 1.0)]


def test_the_lives_of_a_process_are_one_history(tmp_path):
    call = appended("one", [(ONE, 1)], "key")
    Notebook(tmp_path / "writer.9.notes").write(Asked(call, 1.0))
    Notebook(tmp_path / "writer.10.notes").write(Again("one", 2.0))
    Notebook(tmp_path / "other.1.notes").write(Asked(call, 0.5))
    told = read(tmp_path).told["one"]
    assert (told.attempts, told.begun, told.uncertain) == (3, 0.5, True)
    assert read(tmp_path, "writer").told["one"].attempts == 2
