"""One round: everybody at work, somebody killed every moment, and at the end the model check.

The seed decides who is killed when and what is asked for; how the machine interleaves it all, it
decides itself. So a seed that failed is likely to fail again, and not certain.
"""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random

import psycopg
from psycopg import sql

from ops.settings import Settings
from ops.wiring import Wiring, opened
from projections.catalogue import VIEWS
from projections.engine.marks import create, marks
from tests.chaos.actors import APPEND_DEADLINE_S, Place, live
from tests.chaos.asking import ask, the_beginning, the_end
from tests.chaos.checking import faults
from tests.chaos.evidence import gather
from tests.chaos.history import Asked, Call, History, Notebook, Trouble, read
from tests.chaos.stage import Stage

CAST = {"writer-1": "writer", "writer-2": "writer", "follower": "follower", "builder": "builder"}
CAST |= {"reader": "reader", "holder": "holder"}
VICTIMS = {"writer": 4, "follower": 2, "builder": 2, "reader": 1, "holder": 1}  # with weights
VICTIMS |= {"session": 3, "stall": 2, "backend": 2, "postmaster": 1, "machine": 2}
KILLS = 18  # in a round
GAP_S = 0.8  # between two, at most
ABSENCE_S = 0.5  # of who was killed, at most
STALL_S = 2 * APPEND_DEADLINE_S  # at most
SETTLING_S = 60.0

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.chaos.actors"])


@dataclass(frozen=True)
class Report:
    """What a round came to."""

    seed: int
    kills: Counter[str]
    history: History
    faults: dict[str, list[str]]
    events: int
    seconds: float

    def __str__(self) -> str:
        told = [*self.history.told.values()]
        parts = {
            "kills": f"{self.kills.total()} ({_listed(self.kills)})",
            "calls": len(told),
            "events": self.events,
            "recorded": sum(bool(each.recorded) for each in told),
            "refused": sum(each.refused for each in told),
            "uncertain": sum(each.uncertain for each in told),
            "repeats": sum(each.attempts - 1 for each in told),
            "builder": _listed(Counter(deed.split(":")[0] for deed in self.history.deeds)),
            "seconds": f"{self.seconds:.1f}",
        }
        return f"seed {self.seed}: " + ", ".join(f"{name} {part}" for name, part in parts.items())

    def verdict(self) -> str:
        """The faults, and how to see them again."""
        found = "\n".join(f"  {name}: {'; '.join(words)}" for name, words in self.faults.items())
        again = f"python -m tests.chaos --rounds 1 --seed {self.seed}"
        return f"{self}\n{found}\nrepeat with: {again}"


def _listed(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {times}" for name, times in sorted(counter.items())) or "nothing"


@dataclass
class Actor:
    """A process of the round, through all its lives."""

    name: str
    role: str
    place: Place
    seed: int
    lives: int = 0
    process: BaseProcess | None = None
    leash: Connection | None = None

    def begin(self) -> None:
        """Live again, unless it still does."""
        if self.process is not None and self.process.is_alive():
            return
        self.lives += 1
        theirs, self.leash = _context.Pipe(duplex=False)
        terms = (self.role, self.place, self.name, self.lives, str(self.seed), theirs)
        self.process = _context.Process(target=live, args=terms)
        self.process.start()
        theirs.close()

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.join()

    def end(self, patience_s: float, *, at_once: bool = True) -> bool:
        """Let it come to an end, told so or by itself; False: it did not."""
        assert self.process is not None
        assert self.leash is not None
        if at_once:
            self.leash.close()
        self.process.join(patience_s)
        return self.process.exitcode == 0


def play(
    stage: Stage,
    notes: Path,
    seed: int,
    kills: int = KILLS,
    victims: Mapping[str, int] = VICTIMS,
    patience_s: float = SETTLING_S,
) -> Report:
    """A round in a schema of its own, which stays when there are faults."""
    began = time.monotonic()
    place = Place(stage.dsn, f"chaos_{seed}", notes)
    notebook = Notebook(notes / "director.0.notes")
    with _register(place) as wiring:
        _prepare(place, wiring)
        _tell(notebook, wiring, the_beginning())
    with _cast(place, seed) as actors:
        struck = _strike(stage, actors, Random(seed), kills, victims)
        _settle(place, actors, notebook, patience_s)
    with _register(place) as wiring:
        evidence = gather(place.dsn, place.schema, wiring.register, read(notes))
    found = faults(evidence)
    if not found:
        _clear(place)
    seconds = time.monotonic() - began
    return Report(seed, struck, evidence.history, found, len(evidence.events), seconds)


@contextmanager
def _register(place: Place) -> Iterator[Wiring]:
    with opened(Settings(place.notes, place.dsn, place.schema), migrating=True) as wiring:
        yield wiring


def _prepare(place: Place, wiring: Wiring) -> None:
    with wiring.connection() as connection:
        for view in VIEWS.values():
            create(connection, place.schema, view)
        schema = sql.Identifier(f"{place.schema}_elsewhere")
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(schema))
        connection.execute(sql.SQL("CREATE TABLE {} (one int)").format(place.elsewhere))


def _tell(notebook: Notebook, wiring: Wiring, call: Call) -> None:
    notebook.write(Asked(call, time.monotonic()))
    notebook.write(ask(wiring.register, call))


@contextmanager
def _cast(place: Place, seed: int) -> Iterator[Sequence[Actor]]:
    actors = [Actor(name, role, place, seed) for name, role in CAST.items()]
    with ExitStack() as leaving:
        for actor in actors:
            actor.begin()
            leaving.callback(actor.kill)
        yield actors


# Killing


def _strike(
    stage: Stage,
    actors: Sequence[Actor],
    chance: Random,
    kills: int,
    victims: Mapping[str, int],
) -> Counter[str]:
    """Kill somebody now and then; how often whom."""
    struck: Counter[str] = Counter()
    while struck.total() < kills:
        time.sleep(chance.uniform(0, GAP_S))
        [victim] = chance.choices([*victims], [*victims.values()])
        try:
            _kill(stage, actors, chance, victim)
        except psycopg.OperationalError:
            continue  # nobody can be asked who is at work: it recovers from the last blow
        struck[victim] += 1
    return struck


def _kill(stage: Stage, actors: Sequence[Actor], chance: Random, victim: str) -> None:
    """Kill, and let who does not rise by itself live again after a while."""
    absence_s = chance.uniform(0, ABSENCE_S)
    match victim:
        case "session":
            stage.end_session(chance)
        case "stall":
            stage.stall(chance, chance.uniform(0, STALL_S))
        case "backend":
            stage.kill_backend(chance)
        case "postmaster" | "machine":
            stage.kill_postmaster() if victim == "postmaster" else stage.kill_machine()
            time.sleep(absence_s)
            stage.restart()
        case role:
            actor = chance.choice([each for each in actors if each.role == role])
            actor.kill()
            time.sleep(absence_s)
            actor.begin()


# Settling


def _settle(place: Place, actors: Sequence[Actor], notebook: Notebook, patience_s: float) -> None:
    """Let the writers finish, say the last word, and wait until everybody has taken it in."""
    busy = [actor for actor in actors if actor.role in ("writer", "builder", "holder")]
    for actor in busy:
        if not actor.end(patience_s):
            notebook.write(Trouble(f"{actor.name} did not come to an end"))
    names = [actor.name for actor in busy]
    _wait(notebook, patience_s, "the sessions of who is gone end", partial(_left, place, names))
    with _register(place) as wiring:
        _tell(notebook, wiring, the_end())
        head = wiring.register.store.position()
    _wait(notebook, patience_s, "the views are level", partial(_level, place, head))
    for actor in actors:
        if actor not in busy and not actor.end(patience_s, at_once=actor.role == "follower"):
            notebook.write(Trouble(f"{actor.name} did not come to an end"))


def _wait(notebook: Notebook, patience_s: float, what: str, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + patience_s
    while not holds():
        if time.monotonic() > deadline:
            notebook.write(Trouble(f"waited in vain: {what}"))
            return
        time.sleep(0.05)


def _left(place: Place, names: Sequence[str]) -> bool:
    """Whether nothing of theirs is at work: a call may outlive its caller in the server."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = ANY(%s)"
    with psycopg.connect(place.dsn) as connection:
        return connection.execute(query, [list(names)]).fetchone() == (0,)


def _level(place: Place, head: int) -> bool:
    with psycopg.connect(place.dsn) as connection:
        found = marks(connection, place.schema, VIEWS)
    return [mark.position for mark in found.values()] == [head] * len(VIEWS)


def _clear(place: Place) -> None:
    query = "SELECT nspname FROM pg_namespace WHERE nspname = %s OR starts_with(nspname, %s)"
    with psycopg.connect(place.dsn, autocommit=True) as connection:
        for (name,) in connection.execute(query, [place.schema, f"{place.schema}_"]).fetchall():
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))
