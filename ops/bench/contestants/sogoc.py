"""The register itself, at three levels: its recorder, the application's save, whole commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cached_property, partial
from typing import Any

import orjson
import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.projection import ApplicationSubscription
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from domain.organisation import PartyOrganisation
from ops.bench import material
from ops.bench.contestants.base import Contestant, Key
from ops.bench.current import CURRENT, CURRENT_IN_PYTHON
from ops.bench.timing import Pace, paced
from ops.helpers import cores
from ops.migrate import migrate
from projections.engine.following import create, follow
from projections.engine.marks import namespace
from projections.engine.view import Source, View
from projections.rebuilding.rebuild import Helpers, rebuild
from services.commands import Rename
from services.record import to_event
from services.register import Register
from services.store import Log

SCHEMA = "register"
LOADED_STREAMS = 500  # in one transaction of the bulk load


class _Sogoc(Contestant):
    def prepare(self) -> None:
        migrate(self.place.dsn, SCHEMA)

    def close(self) -> None:
        if "register" in vars(self):
            self.register.close()

    def stored_bytes(self) -> int:
        return len(material.record(0, 2))

    @cached_property
    def register(self) -> Register:
        return _register(self.place.dsn, max(self.clients, 5))

    @property
    def log(self) -> Log:
        return self.register.store

    def fill(self, streams: range) -> int:
        events = [material.stored(*event) for event in material.bulk(streams)]
        return self._record(events)

    def _record(self, events: Sequence[StoredEvent]) -> int:
        """In large transactions."""
        size = LOADED_STREAMS * material.PER_STREAM
        for first in range(0, len(events), size):
            self.log.append(events[first : first + size])
        return len(events)

    def _write_one(self, events: int) -> None:
        """One stream, seen by the planner as it is, as raw's is."""
        self.log.append([material.stored(0, version) for version in range(1, events + 1)])
        with psycopg.connect(self.place.dsn, autocommit=True) as connection:
            connection.execute("ANALYZE")


class AtRecorder(_Sogoc):
    """Stored events in, stored events out: what raw does, with every promise of the log."""

    name = "recorder"

    def appender(self, client: int) -> Callable[[], Key]:
        log, walk = self.log, material.Walk(client)

        def append() -> Key:
            stream, version = walk.next()
            log.append([material.stored(stream, version)])
            return str(material.stream_id(stream)), version

        return append

    def merger(self, streams: range, events: int) -> Callable[[], None]:
        log, versions = self.log, dict.fromkeys(streams, 0)

        def merge() -> None:
            batch = []
            for number in range(events):
                stream = streams[number % len(streams)]
                versions[stream] += 1
                batch.append(material.stored(stream, versions[stream]))
            log.append(batch)

        return merge

    def loader(self, streams: range) -> Callable[[], int]:
        events = [material.stored(*event) for event in material.bulk(streams)]
        return lambda: self._record(events)

    def history(self, events: int) -> Callable[[], object]:
        log, id_ = self.log, material.stream_id(0)
        self._write_one(events)

        def load() -> object:
            state: dict[str, Any] = {}
            for recorded in log.histories([id_]):
                state |= orjson.loads(recorded.state)["data"]
            return state

        return load

    def scan(self) -> int:
        events = 0
        for recorded in self.log.scan(0, self.log.position()):
            orjson.loads(recorded.state)
            events += 1
        return events


class AtApplication(_Sogoc):
    """Organisations decide and are saved; domain events come back; views are followed."""

    name = "application"

    def appender(self, client: int) -> Callable[[], Key]:
        register, walk = self.register, material.Walk(client)
        organisations: dict[int, PartyOrganisation] = {}

        def append() -> Key:
            stream, version = walk.next()
            if version == 1:
                organisations[stream] = material.founded(stream)
            else:
                material.rename(organisations[stream], stream)
            register.record(organisations[stream])
            return str(material.stream_id(stream)), version

        return append

    def merger(self, streams: range, events: int) -> Callable[[], None]:
        register = self.register
        organisations = [material.founded(stream) for stream in streams]
        register.record(*organisations)

        def merge() -> None:
            for number in range(events):
                index = number % len(organisations)
                material.rename(organisations[index], streams[index])
            register.record(*organisations)

        return merge

    def loader(self, streams: range) -> Callable[[], int]:
        register = self.register

        def load() -> int:
            for first in range(0, len(streams), LOADED_STREAMS):
                portion = streams[first : first + LOADED_STREAMS]
                register.record(*[material.grown(each, material.PER_STREAM) for each in portion])
            return len(streams) * material.PER_STREAM

        return load

    def history(self, events: int) -> Callable[[], object]:
        self._write_one(events)
        return lambda: self.register.node(PartyOrganisation, material.stream_id(0))

    def scan(self) -> int:
        events = 0
        for recorded in self.log.scan(0, self.log.position()):
            to_event(recorded.topic, recorded.state, recorded.id)
            events += 1
        return events

    def projecting(self) -> Mapping[str, Callable[[float], Pace]]:
        return {
            "F follow": lambda limit_s: paced(self._follow),
            # Beside the view that was followed: SQL is used where all has been read before.
            "F sql": lambda limit_s: paced(lambda: self._rebuild(CURRENT, beside=True)),
            "F": lambda limit_s: paced(lambda: self._rebuild(CURRENT_IN_PYTHON)),
        }

    def _follow(self) -> int:
        with psycopg.connect(self.place.dsn, autocommit=True) as connection:
            _drop_view(connection)
            create(connection, SCHEMA, CURRENT_IN_PYTHON)
            return follow(connection, SCHEMA, self._source, [CURRENT_IN_PYTHON])

    def _rebuild(self, view: View, *, beside: bool = False) -> int:
        if not beside:
            with psycopg.connect(self.place.dsn, autocommit=True) as connection:
                _drop_view(connection)
        crew = Helpers(partial(_opened, self.place.dsn), cores() - 1)
        rebuilt = rebuild(self.place.dsn, SCHEMA, self._source, view, helpers=crew)
        return rebuilt.mark.position

    @property
    def _source(self) -> Source:
        return Source(self.log, to_event)

    @contextmanager
    def deliveries(self) -> Iterator[Iterator[Key]]:
        with ApplicationSubscription(self.register, gt=self.log.position()) as subscription:
            yield (
                (str(happened.originator_id), happened.originator_version)
                for happened, _ in subscription
            )


class AtCommands(_Sogoc):
    """Whole commands: read what the decision relies on, ask the rules, guard, record, read back."""

    name = "commands"

    def prepare(self) -> None:
        super().prepare()
        self.register.record(*material.superiors())

    def appender(self, client: int) -> Callable[[], Key]:
        walk = material.Walk(client, begun=1)
        self.log.append([material.stored(stream, 1) for stream in walk.streams])

        def append() -> Key:
            stream, version = walk.next()
            self.register.execute(_rename(stream, version))
            return str(material.stream_id(stream)), version

        return append

    def merger(self, streams: range, events: int) -> Callable[[], None]:
        self.log.append([material.stored(stream, 1) for stream in streams])
        versions = dict.fromkeys(streams, 1)

        def merge() -> None:
            commands = []
            for number in range(events):
                stream = streams[number % len(streams)]
                versions[stream] += 1
                commands.append(_rename(stream, versions[stream]))
            self.register.execute(*commands)

        return merge


def _rename(stream: int, version: int) -> Rename:
    return Rename(
        of=PartyOrganisation,
        id=material.stream_id(stream),
        envelope=material.envelope(stream, version),
        name=material.name(stream, version),
    )


def _register(dsn: str, connections: int) -> Register:
    return Register(
        {
            "PERSISTENCE_MODULE": "ops.store",
            "SOGOC_DSN": dsn,
            "SOGOC_SCHEMA": SCHEMA,
            "SOGOC_POOL_SIZE": str(connections),
            "CREATE_TABLE": "no",
        }
    )


@contextmanager
def _opened(dsn: str) -> Iterator[Source]:
    """In another process."""
    with closing(_register(dsn, 1)) as register:
        yield Source(register.store, to_event)


def _drop_view(connection: Connection[Any]) -> None:
    home = Identifier(namespace(SCHEMA, CURRENT_IN_PYTHON.name))
    connection.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(home))
