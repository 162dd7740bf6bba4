"""The processes of a round: who writes, follows, rebuilds, reads, and who keeps others waiting.

Each may be killed at any moment. Its next life goes on where its notebooks end.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from threading import Event, Thread

import psycopg
import structlog
from eventsourcing.persistence import Notification
from psycopg import IsolationLevel, sql
from psycopg.conninfo import make_conninfo

from ops.helpers import helpers
from ops.settings import Settings
from ops.store import Recorder
from ops.wiring import Wiring, opened
from projections.catalogue import VIEWS
from projections.engine.marks import marks
from projections.rebuilding.rebuild import CannotSwitch, RebuildStopped, back, rebuild_together
from services.register import Register
from tests.chaos.asking import THE_END, UNAVAILABLE, Appends, Commands, Drafts, ask
from tests.chaos.checking import fingerprint
from tests.chaos.history import (
    Again,
    Answered,
    Asked,
    Call,
    Did,
    Glimpsed,
    Notebook,
    Saw,
    Trouble,
    read,
)

GONE = (psycopg.OperationalError, psycopg.InterfaceError, *UNAVAILABLE)
PAUSE_S = 0.1  # about so long while the database is away
APPEND_DEADLINE_S = 1.0  # short, so that callers give up on appends that may yet be recorded
ATTEMPTS = 100  # of a call in doubt
Job = Callable[[], None]


@dataclass(frozen=True)
class Place:
    """Where a round takes place."""

    dsn: str
    schema: str
    notes: Path

    @property
    def elsewhere(self) -> sql.Identifier:
        """A table that has nothing to do with the register."""
        return sql.Identifier(f"{self.schema}_elsewhere", "notes")


@dataclass
class Life:
    """One life of a process, until it is killed or told to stop."""

    place: Place
    name: str  # of the process: "writer-1"
    number: int  # of its lives
    chance: Random
    notebook: Notebook
    stopping: Event

    @property
    def dsn(self) -> str:
        """For connections that say whose they are."""
        return make_conninfo(self.place.dsn, application_name=self.name)

    @contextmanager
    def opened(self) -> Iterator[Wiring]:
        """The register, as soon as the database is there."""
        settings = Settings(self.place.notes, self.dsn, self.place.schema)
        with ExitStack() as stack:
            wiring = None
            while wiring is None:
                try:
                    wiring = stack.enter_context(opened(settings))
                except GONE:
                    self.pause()
            yield wiring

    def pause(self, seconds: float = PAUSE_S) -> None:
        self.stopping.wait(self.chance.uniform(0, 2 * seconds))

    def together(self, *jobs: Job) -> None:
        """Do these at the same time, and note how one went wrong."""
        threads = [Thread(target=self._noting, args=(job,), daemon=True) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _noting(self, job: Job) -> None:
        try:
            job()
        except Exception:
            self.notebook.write(Trouble(f"{self.name}: {traceback.format_exc()}"))


def live(role: str, place: Place, name: str, number: int, seed: str, leash: Connection) -> None:
    """The process: until something comes along the leash, or its other end is gone."""
    os.environ["SOGOC_APPEND_DEADLINE_S"] = str(APPEND_DEADLINE_S)
    _divert_output(place.notes / f"{name}.{number}.log")
    notebook = Notebook(place.notes / f"{name}.{number}.notes")
    life = Life(place, name, number, Random(f"{seed} {name} {number}"), notebook, Event())
    acting = Thread(target=life.together, args=(lambda: ROLES[role](life),), daemon=True)
    acting.start()
    while acting.is_alive() and not leash.poll(0.1):
        pass
    life.stopping.set()
    acting.join()


def _divert_output(path: Path) -> None:
    """What goes wrong while others are killed is told to who looks for it only."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(file, stream.fileno())
    structlog.configure(processors=[structlog.processors.KeyValueRenderer()])


# Writers


def write(life: Life) -> None:
    unfinished = [
        told.call
        for told in read(life.place.notes, life.name).told.values()
        if told.call.key and not told.recorded and not told.refused
    ]
    with life.opened() as wiring:
        register = wiring.register
        drafts: Sequence[Drafts] = [
            Appends(f"{life.name}.{life.number}.a", _fork(life), register.store),
            Appends(f"{life.name}.{life.number}.b", _fork(life), register.store),
            Commands(f"{life.name}.{life.number}.c", _fork(life)),
        ]
        for call in unfinished:
            _again(life, register, call)
        life.together(*(_writing(life, register, each) for each in drafts))


def _fork(life: Life) -> Random:
    return Random(life.chance.random())


def _writing(life: Life, register: Register, drafts: Drafts) -> Job:
    def writing() -> None:
        while not life.stopping.is_set():
            try:
                call = drafts.draft()
            except UNAVAILABLE:
                life.pause()
                continue
            life.notebook.write(Asked(call, time.monotonic()))
            answer = _see_through(life, register, call)
            if answer.verdict == "recorded" and call.key and life.chance.random() < 0.2:
                _again(life, register, call)
            life.pause(0.005)

    return writing


def _again(life: Life, register: Register, call: Call) -> None:
    life.notebook.write(Again(call.token, time.monotonic()))
    _see_through(life, register, call)


def _see_through(life: Life, register: Register, call: Call) -> Answered:
    """Ask, under a key until the answer is certain."""
    for _ in range(ATTEMPTS):
        answer = ask(register, call)
        life.notebook.write(answer)
        if call.key is None or answer.verdict in ("recorded", "refused"):
            break
        life.pause()
        life.notebook.write(Again(call.token, time.monotonic()))
    return answer


# Who keeps views, and who builds them anew


def follow(life: Life) -> None:
    with life.opened() as wiring, wiring.following() as follower:
        while not life.stopping.wait(PAUSE_S):
            if follower.stopped:
                life.notebook.write(Trouble(f"{follower.stopped} stopped: {follower.error}"))
                return


def build(life: Life) -> None:
    with life.opened() as wiring:
        while not life.stopping.is_set():
            try:
                life.notebook.write(Did(_build(life, wiring)))
            except (CannotSwitch, RebuildStopped) as error:
                life.notebook.write(Did(f"not switched: {error}"))
            except GONE:
                life.pause()
            life.pause()


def _build(life: Life, wiring: Wiring) -> str:
    """Build some of the views anew, compare only, or go back with one; what was done."""
    chance, schema = life.chance, life.place.schema
    views = chance.sample([*VIEWS.values()], chance.randint(1, len(VIEWS)))
    way = chance.choice(["rebuilt", "rebuilt", "compared", "went back"])
    if way == "went back":
        with wiring.connection() as connection:
            back(connection, schema, views[0])
        return way
    built = rebuild_together(
        life.dsn,
        schema,
        wiring.source,
        views,
        compare_only=way == "compared",
        size=chance.randint(10, 200),
        helpers=helpers(wiring, 2) if chance.random() < 0.3 else None,
        stop=life.stopping.is_set,
    )
    for each in built:
        if each.comparison and not each.comparison.equal:
            differs = f"{each.view} differs from its rebuild: {each.comparison}"
            life.notebook.write(Trouble(differs))
    return way


# Who reads the feed

Way = Callable[["Life", Recorder, int], Iterator[Sequence[Notification]]]


def page(life: Life) -> None:
    with life.opened() as wiring:
        log = wiring.register.recorder
        assert isinstance(log, Recorder)
        seen = read(life.place.notes, life.name).seen
        ways: list[Way] = [_plain_cursor, _subscription]
        life.together(*(_reading(life, log, way, seen) for way in ways))


def _reading(life: Life, log: Recorder, way: Way, seen: dict[str, list[tuple[int, str]]]) -> Job:
    reader = f"{life.name}{way.__name__}"
    before = seen.get(reader)

    def reading() -> None:
        after = before[-1][0] if before else 0
        while not life.stopping.is_set():
            try:
                for events in way(life, log, after):
                    noted = tuple((each.id, fingerprint(each.state)) for each in events)
                    life.notebook.write(Saw(reader, noted))
                    after = events[-1].id
                    if f'"{THE_END}"'.encode() in events[-1].state:
                        return
            except UNAVAILABLE:
                life.pause()

    return reading


def _plain_cursor(life: Life, log: Recorder, after: int) -> Iterator[Sequence[Notification]]:
    while not life.stopping.is_set():
        if events := log.feed(after, life.chance.randint(1, 200)):
            after = events[-1].id
            yield events
        else:
            life.pause(0.01)


def _subscription(life: Life, log: Recorder, after: int) -> Iterator[Sequence[Notification]]:
    with log.subscribe(gt=after) as subscription:
        for event in subscription:
            yield [event]


# Who keeps others waiting


def hold(life: Life) -> None:
    life.together(*(_holding(life, way) for way in (_look, _look_at_the_log, _write_elsewhere)))


def _holding(life: Life, way: Callable[[Life, psycopg.Connection], None]) -> Job:
    def holding() -> None:
        while not life.stopping.is_set():
            try:
                with psycopg.connect(life.dsn) as connection:
                    connection.isolation_level = IsolationLevel.REPEATABLE_READ
                    way(life, connection)
            except GONE:
                life.pause()

    return holding


def _look(life: Life, connection: psycopg.Connection) -> None:
    """A snapshot of all marks, kept for a moment: whoever switches a view waits for it."""
    for view, mark in marks(connection, life.place.schema, VIEWS).items():
        seen = mark.seen
        life.notebook.write(Glimpsed(view, mark.position, seen.count, str(seen.sum)))
    life.pause()


def _look_at_the_log(life: Life, connection: psycopg.Connection) -> None:
    """A snapshot that does not change, for long."""
    counted = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(life.place.schema, "events"))
    before = connection.execute(counted).fetchone()
    life.pause(1)
    if connection.execute(counted).fetchone() != before:
        life.notebook.write(Trouble("a snapshot of the log has changed"))


def _write_elsewhere(life: Life, connection: psycopg.Connection) -> None:
    """A transaction with a number of its own, open for long."""
    connection.execute(sql.SQL("INSERT INTO {} VALUES (1)").format(life.place.elsewhere))
    life.pause(1)
    if life.chance.random() < 0.5:
        connection.rollback()


ROLES: dict[str, Callable[[Life], None]] = {
    "writer": write,
    "follower": follow,
    "builder": build,
    "reader": page,
    "holder": hold,
}
