"""The store against a model of it in plain Python: verdicts and log are equal, whatever is asked.

Versions, guards and conditions are drawn as distances from how things stand, so that what is drawn
does not depend on what the store has answered.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import count, permutations
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import IntegrityError, StoredEvent
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from psycopg import sql

from ops.store import Recorder
from ops.store.datastore import Datastore
from services.store import (
    AlreadyRecorded,
    Appended,
    CommandKey,
    GuardMoved,
    HeadMoved,
    KeyMoved,
    KeyReused,
    Terms,
)

STREAMS = [UUID(int=n + 1) for n in range(4)]
KEYS = ["name:Bình Yên", "code:10081"]
COMMANDS = [CommandKey(key, asked) for key in ("khóa-1", "khóa-2") for asked in (b"1", b"2")]
BULK = 301  # one event more than a call of append() takes

right_or_wrong = st.sampled_from([0, 0, 0, 0, 0, 0, 1, -1])


@dataclass(frozen=True)
class Request:
    """An append as it was drawn: distances from how things stand."""

    lives: dict[UUID, tuple[int, int]]  # stream -> distance of its first version, events
    guards: dict[UUID, int]
    conditions: dict[str, int]
    keys: list[tuple[int, str]]
    command: CommandKey | None
    begins_with: int  # the version of a stream's first event


requests = st.builds(
    Request,
    lives=st.dictionaries(
        st.sampled_from(STREAMS),
        st.tuples(right_or_wrong, st.sampled_from([1, 1, 2, 3])),
        min_size=1,
        max_size=2,
    ),
    guards=st.dictionaries(st.sampled_from(STREAMS), right_or_wrong, max_size=2),
    conditions=st.dictionaries(st.sampled_from(KEYS), right_or_wrong, max_size=2),
    keys=st.lists(st.tuples(st.integers(0, 1), st.sampled_from(KEYS)), max_size=3),
    command=st.none() | st.sampled_from(COMMANDS),
    begins_with=st.sampled_from([1, 1, 1, 0]),
)


@dataclass
class Model:
    """What the store promises, in memory."""

    events: list[StoredEvent] = field(default_factory=list)
    heads: dict[UUID, int] = field(default_factory=dict)
    carried: dict[str, list[tuple[int, UUID]]] = field(default_factory=dict)  # key -> where
    outcomes: dict[str, tuple[bytes, int, int]] = field(default_factory=dict)

    def copy(self) -> Model:
        carried = {key: [*places] for key, places in self.carried.items()}
        return Model([*self.events], {**self.heads}, carried, {**self.outcomes})

    def last(self, key: str) -> int:
        return max((position for position, _ in self.carried.get(key, [])), default=0)

    def append(self, stored: list[StoredEvent], terms: Terms) -> tuple[int, int] | set[str]:
        """Where it stands; or the refusals that are true, of which the store tells one."""
        if refusals := self._command(terms.command) or self._refusals(stored, terms):
            return refusals
        first = len(self.events) + 1
        for event in stored:
            self.events.append(event)
            self.heads[UUID(str(event.originator_id))] = event.originator_version
        for index, key in terms.keys:
            place = (first + index, UUID(str(stored[index].originator_id)))
            self.carried.setdefault(key, []).append(place)
        span = (first, len(self.events)) if stored else (0, 0)
        if terms.command:
            self.outcomes[terms.command.key] = (terms.command.fingerprint, *span)
        return span

    def _command(self, command: CommandKey | None) -> set[str]:
        """Who asks the same again is told so before all else."""
        if command is None or command.key not in self.outcomes:
            return set()
        fingerprint, first, last = self.outcomes[command.key]
        same = fingerprint == command.fingerprint
        return {f"recorded at {first} to {last}" if same else f"reused {command.key}"}

    def _refusals(self, stored: list[StoredEvent], terms: Terms) -> set[str]:
        found = set()
        for stream, version in terms.guards.items():
            if self.heads.get(stream) != (version or None):
                found.add(f"guard {stream} {version} {self.heads.get(stream)}")
        for key, seen in terms.conditions.items():
            if self.last(key) > seen:
                found.add(f"key {key} {seen} {self.last(key)}")
        for stream in {UUID(str(event.originator_id)) for event in stored}:
            first = min(e.originator_version for e in stored if e.originator_id == stream)
            head = self.heads.get(stream)
            if (head is None and first not in (0, 1)) or (head is not None and first != head + 1):
                found.add(f"head {stream} {first - 1} {head}")
        return found


def verdict(log: Recorder, stored: list[StoredEvent], terms: Terms) -> tuple[int, int] | str:
    """What the store says, in the words of the model."""
    try:
        appended = log.append(stored, terms)
    except IntegrityError as error:
        return _words(error)
    return appended.first, appended.last


def _words(error: IntegrityError) -> str:
    match error:
        case AlreadyRecorded(appended=Appended(first=first, last=last)):
            return f"recorded at {first} to {last}"
        case KeyReused(key=key):
            return f"reused {key}"
        case GuardMoved(stream=stream, expected=expected, actual=actual):
            return f"guard {stream} {expected} {actual}"
        case KeyMoved(key=key, expected=expected, actual=actual):
            return f"key {key} {expected} {actual}"
        case HeadMoved(stream=stream, expected=expected, actual=actual):
            return f"head {stream} {expected} {actual}"
    raise error


class StoreMachine(RuleBasedStateMachine):
    """A log of its own for every run of the machine."""

    dsn = ""
    _numbers = count(1)

    def __init__(self) -> None:
        super().__init__()
        self.schema = f"machine_{next(self._numbers)}"
        self.datastore = Datastore(self.dsn, self.schema)
        self.log = Recorder(self.datastore)
        self.log.create_table()
        self.model = Model()
        self.records = count(1)
        self.agreed = True

    @rule(request=requests)
    def append(self, request: Request) -> None:
        self._agree(*self._stored(request))

    @rule(request=requests)
    def append_in_bulk(self, request: Request) -> None:
        lives = {stream: (off, size) for stream, (off, size) in request.lives.items()}
        first = next(iter(lives))
        lives[first] = (lives[first][0], BULK)
        self._agree(*self._stored(replace(request, lives=lives)))

    @rule(command=st.sampled_from(COMMANDS))
    def remember(self, command: CommandKey) -> None:
        self._agree([], Terms(command=command))

    @rule(calls=st.lists(requests, min_size=2, max_size=4))
    def append_together(self, calls: list[Request]) -> None:
        """At once, they come to what they would come to in some order."""
        drawn = [self._stored(request) for request in calls]
        with ThreadPoolExecutor(len(drawn)) as pool:
            told = list(pool.map(lambda call: verdict(self.log, *call), drawn))
        for order in permutations(range(len(drawn))):
            model = self.model.copy()
            answers = {n: model.append(*drawn[n]) for n in order}
            if all(_agrees(told[n], answers[n]) for n in order):
                self.model = model
                return
        self.agreed = False
        raise AssertionError(f"no order of these calls explains {told}: {calls}")

    def _agree(self, stored: list[StoredEvent], terms: Terms) -> None:
        expected = self.model.append(stored, terms)
        told = verdict(self.log, stored, terms)
        self.agreed = _agrees(told, expected)
        assert self.agreed, f"{told}, expected {expected}"

    def _stored(self, request: Request) -> tuple[list[StoredEvent], Terms]:
        stored = [
            event
            for stream, (off, size) in request.lives.items()
            for event in self._life(stream, off, size, request.begins_with)
        ]
        guards = {
            stream: max(self.model.heads.get(stream, 0) + off, 0)
            for stream, off in request.guards.items()
        }
        conditions = {
            key: max(self.model.last(key) + off, 0) for key, off in request.conditions.items()
        }
        keys = [(index, key) for index, key in request.keys if index < len(stored)]
        return stored, Terms(guards, keys, conditions, request.command)

    def _life(self, stream: UUID, off: int, size: int, begins_with: int) -> list[StoredEvent]:
        head = self.model.heads.get(stream)
        first = (begins_with if head is None else head + 1) + off
        return [
            StoredEvent(stream, version, "unit.renamed", f'{{"n":{next(self.records)}}}'.encode())
            for version in range(first, first + size)
        ]

    @invariant()
    def the_counter_agrees(self) -> None:
        assert self.log.position() == len(self.model.events)
        assert self.log.heads(STREAMS) == self.model.heads

    def teardown(self) -> None:
        try:
            if self.agreed:
                self._compare_all()
        finally:
            self.datastore.close()
            with psycopg.connect(self.dsn, autocommit=True) as connection:
                schema = sql.Identifier(self.schema)
                connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(schema))

    def _compare_all(self) -> None:
        feed = self.log.feed(0, 1_000_000)
        assert [e.id for e in feed] == [*range(1, len(feed) + 1)]
        assert [_plain(e) for e in feed] == [_plain(e) for e in self.model.events]
        assert [e.recorded_at for e in feed] == sorted(e.recorded_at for e in feed)
        assert self.log.keyed(KEYS) == {
            key: (max(places)[0], sorted({stream for _, stream in places}))
            for key, places in self.model.carried.items()
        }
        for key, (fingerprint, first, last) in self.model.outcomes.items():
            kept = self.log.outcome(CommandKey(key, fingerprint))
            assert kept
            assert (kept.first, kept.last) == (first, last)


def _plain(event: Any) -> tuple[Any, ...]:
    return event.originator_id, event.originator_version, event.topic, event.state


def _agrees(told: tuple[int, int] | str, expected: tuple[int, int] | set[str]) -> bool:
    return told in expected if isinstance(expected, set) else told == expected


def test_the_store_is_what_the_model_says(postgres):
    class Machine(StoreMachine):
        dsn = postgres.dsn

    examples = settings().max_examples // 4
    quick = settings(max_examples=examples, stateful_step_count=25)
    run_state_machine_as_test(Machine, settings=quick)
