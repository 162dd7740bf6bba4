"""umadb: a store of its own with its own server, which comes in its wheel."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import psycopg

from ops.bench import material
from ops.bench.contestants.base import Contestant, Key
from ops.bench.current import TABLE, UPSERT
from ops.bench.place import Place, database
from ops.bench.timing import Pace

START_S = 20
LOADED = 5000  # events in one append of the bulk load


class Uma(Contestant):
    """Its read models must live elsewhere: here in the same PostgreSQL, event by event."""

    name = "umadb"

    @classmethod
    def missing(cls) -> str | None:
        return None if find_spec("umadb") else "umadb is not installed; `make bench` installs it"

    @classmethod
    @contextmanager
    def housed(cls, dsn: str, folder: Path) -> Iterator[Place]:
        with (
            database(dsn) as place,
            TemporaryDirectory(dir=folder) as files,
            _serving(Path(files)) as address,
        ):
            yield replace(place, address=address)

    def stored_bytes(self) -> int:
        return len(material.record(0, 2))

    def appender(self, client: int) -> Callable[[], Key]:
        import umadb

        store, walk = self._store, material.Walk(client)
        last: dict[int, int] = {}  # by stream: where it was last seen

        def append() -> Key:
            stream, version = walk.next()
            unmoved = umadb.AppendCondition(_of([stream]), last.get(stream))
            last[stream] = store.append([_event(stream, version)], unmoved)
            return str(material.stream_id(stream)), version

        return append

    def merger(self, streams: range, events: int) -> Callable[[], None]:
        import umadb

        versions, last = dict.fromkeys(streams, 0), self._store.head()

        def merge() -> None:
            nonlocal last
            batch = []
            for number in range(events):
                stream = streams[number % len(streams)]
                versions[stream] += 1
                batch.append(_event(stream, versions[stream]))
            last = self._store.append(batch, umadb.AppendCondition(_of(streams), last))

        return merge

    def loader(self, streams: range) -> Callable[[], int]:
        events = [_event(*each) for each in material.bulk(streams)]

        def load() -> int:
            for first in range(0, len(events), LOADED):
                self._store.append(events[first : first + LOADED])
            return len(events)

        return load

    def history(self, events: int) -> Callable[[], object]:
        self._store.append([_event(0, version) for version in range(1, events + 1)])

        def load() -> object:
            state: dict[str, Any] = {}
            for each in self._store.read(_of([0])):
                state |= orjson.loads(each.event.data)["data"]
            return state

        return load

    def scan(self) -> int:
        events, reading = 0, self._store.read()
        while batch := reading.next_batch():
            for each in batch:
                orjson.loads(each.event.data)
            events += len(batch)
        return events

    def projecting(self) -> Mapping[str, Callable[[float], Pace]]:
        return {"F": self._project}

    def _project(self, limit_s: float) -> Pace:
        began, events = time.perf_counter(), 0
        with psycopg.connect(self.place.dsn, autocommit=True) as connection:
            connection.execute(TABLE)
            connection.execute("CREATE TABLE tracking (one int PRIMARY KEY, position bigint)")
            for each in self._store.read():
                if time.perf_counter() - began > limit_s:
                    break
                with connection.pipeline(), connection.transaction():
                    connection.execute(UPSERT, _state(orjson.loads(each.event.data)), prepare=True)
                    connection.execute(_TRACK, [each.position], prepare=True)
                events += 1
        return Pace(events, time.perf_counter() - began)

    @contextmanager
    def deliveries(self) -> Iterator[Iterator[Key]]:
        import umadb

        subscription = self._store.subscribe(after=self._store.head())

        def news() -> Iterator[Key]:
            with suppress(umadb.CancelledByUserError):
                for each in subscription:
                    said = orjson.loads(each.event.data)
                    yield said["stream"], said["version"]

        try:
            yield news()
        finally:
            subscription.cancel()

    @cached_property
    def _store(self) -> Any:
        import umadb

        return umadb.Client(self.place.address)


_TRACK = """
    INSERT INTO tracking VALUES (1, %s) ON CONFLICT (one) DO UPDATE SET position = EXCLUDED.position
"""


def _event(stream: int, version: int) -> Any:
    import umadb

    tags = [str(material.stream_id(stream))]
    return umadb.Event(material.topic(version), material.record(stream, version), tags)


def _of(streams: list[int] | range) -> Any:
    import umadb

    items = [umadb.QueryItem(tags=[str(material.stream_id(stream))]) for stream in streams]
    return umadb.Query(items)


def _state(record: dict[str, Any]) -> tuple[Any, ...]:
    superior = record["data"].get("superior_id")
    return record["stream"], record["data"]["name"], superior, "active", record["effective_on"]


@contextmanager
def _serving(files: Path) -> Iterator[str]:
    """The address of a server of its own, which ends with the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        listen = f"127.0.0.1:{probe.getsockname()[1]}"
    program = Path(sys.executable).parent / "umadb"
    command = [str(program), "--listen", listen, "--db-path", str(files)]
    silent = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=silent, stderr=silent) as process:
        try:
            _wait_for(listen)
            yield f"http://{listen}"
        finally:
            process.terminate()


def _wait_for(listen: str) -> None:
    host, port = listen.split(":")
    deadline = time.monotonic() + START_S
    while True:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
