"""The `eventsourcing` library as it comes: Application, Aggregate, its PostgreSQL module."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import ApplicationSubscription, Projection, ProjectionRunner
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL

from ops.bench import material
from ops.bench.contestants.base import Contestant, Key
from ops.bench.current import TABLE, UPSERT
from ops.bench.timing import Pace

PAGE = 5000  # events
SAVED_STREAMS = 50  # in one transaction of the bulk load


class Organisation(Aggregate):
    """The same facts, as a user of the library would write them down."""

    @staticmethod
    def create_id(stream: int) -> UUID:
        return material.stream_id(stream)

    @event("Established")
    def __init__(self, stream: int, facts: dict[str, str]) -> None:
        self.facts = facts

    @event("Renamed")
    def rename(self, facts: dict[str, str]) -> None:
        self.facts = self.facts | facts


class Organisations(Application[UUID]):
    name = "organisations"
    env: ClassVar[dict[str, str]] = {}


class CurrentState(PostgresTrackingRecorder):
    """The read model's table, with the library's tracking beside it."""

    def __init__(self, datastore: PostgresDatastore, **kwargs: Any) -> None:
        super().__init__(datastore, **kwargs)
        self.sql_create_statements.append(SQL(TABLE).format())

    def put(self, row: tuple[Any, ...], tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute(UPSERT, row, prepare=True)
            self._insert_tracking(cursor, tracking)


class Projecting(Projection[CurrentState]):
    name = "current"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        said = domain_event.facts
        state = (said["name"], said["superior_id"], "active", said["effective_on"])
        self.view.put((domain_event.originator_id, *state), tracking)


class Stock(Contestant):
    name = "stock"

    def prepare(self) -> None:
        Organisations(self._environment()).close()

    def close(self) -> None:
        if "_application" in vars(self):
            self._application.close()

    def stored_bytes(self) -> int:
        organisation = self._grown(0, 2)
        return len(self._application.mapper.to_stored_event(organisation.pending_events[-1]).state)

    def appender(self, client: int) -> Callable[[], Key]:
        application, walk = self._application, material.Walk(client)
        organisations: dict[int, Organisation] = {}

        def append() -> Key:
            stream, version = walk.next()
            facts = material.flat(stream, version)
            if version == 1:
                organisations[stream] = Organisation(stream, facts)
            else:
                organisations[stream].rename(facts)
            application.save(organisations[stream])
            return str(material.stream_id(stream)), version

        return append

    def merger(self, streams: range, events: int) -> Callable[[], None]:
        application = self._application
        organisations = [self._grown(stream, 1) for stream in streams]
        application.save(*organisations)

        def merge() -> None:
            for number in range(events):
                organisation = organisations[number % len(organisations)]
                stream = streams[number % len(streams)]
                organisation.rename(material.flat(stream, organisation.version + 1))
            application.save(*organisations)

        return merge

    def loader(self, streams: range) -> Callable[[], int]:
        application = self._application

        def load() -> int:
            for first in range(0, len(streams), SAVED_STREAMS):
                portion = streams[first : first + SAVED_STREAMS]
                application.save(*[self._grown(stream, material.PER_STREAM) for stream in portion])
            return len(streams) * material.PER_STREAM

        return load

    def history(self, events: int) -> Callable[[], object]:
        organisation = self._grown(0, events)
        self._application.save(organisation)
        return lambda: self._application.repository.get(organisation.id)

    def scan(self) -> int:
        events = last = 0
        recorder, mapper = self._application.recorder, self._application.mapper
        while page := recorder.select_notifications(last, PAGE, inclusive_of_start=False):
            for each in page:
                mapper.to_domain_event(each)
            events, last = events + len(page), page[-1].id
        return events

    def projecting(self) -> Mapping[str, Callable[[float], Pace]]:
        return {"F": self._project}

    def _project(self, limit_s: float) -> Pace:
        began = time.perf_counter()
        with ProjectionRunner(
            application_class=Organisations,
            projection_class=Projecting,
            view_class=CurrentState,
            env=self._environment(),
        ) as runner:
            head, reached = runner.app.recorder.max_notification_id() or 0, 0
            while reached < head and time.perf_counter() - began < limit_s:
                time.sleep(0.02)
                reached = runner.view.max_tracking_id(runner.app.name) or 0
            return Pace(reached, time.perf_counter() - began)

    @contextmanager
    def deliveries(self) -> Iterator[Iterator[Key]]:
        with ApplicationSubscription(self._application) as subscription:
            yield (
                (str(happened.originator_id), happened.originator_version)
                for happened, _ in subscription
            )

    @staticmethod
    def _grown(stream: int, versions: int) -> Organisation:
        organisation = Organisation(stream, material.flat(stream, 1))
        for version in range(2, versions + 1):
            organisation.rename(material.flat(stream, version))
        return organisation

    @cached_property
    def _application(self) -> Organisations:
        return Organisations(self._environment() | {"CREATE_TABLE": "no"})

    def _environment(self) -> dict[str, str]:
        said = conninfo_to_dict(self.place.dsn)
        return {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": str(said["dbname"]),
            "POSTGRES_HOST": str(said["host"]),
            "POSTGRES_PORT": str(said["port"]),
            "POSTGRES_USER": str(said["user"]),
            "POSTGRES_PASSWORD": str(said.get("password") or "none"),
            "POSTGRES_POOL_SIZE": str(max(self.clients, 5)),
        }
