"""Where everything is made: the register, its read models, and what keeps them level."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Protocol

import psycopg
from psycopg import Connection

from ops.follower import Follower
from ops.migrate import check, migrate
from ops.pools import hot_pool, open_pool
from ops.server import database
from ops.settings import Settings
from ops.vault import KeyVault
from ops.vault.opening import migrate_vault, refuse_unmigrated, vault_on
from projections.catalogue import VIEWS
from projections.engine.following import create, follow
from projections.engine.garbage import uncollected
from projections.engine.marks import analyze, marks
from projections.engine.view import Source, View
from services.people import People
from services.reading import LOCAL, HotPool, Readings
from services.record import to_event
from services.register import Register

ANALYZE_FROM = 10_000  # events; the database looks by itself, but only after a minute


class Pool(Protocol):
    """What can be told of any pool of connections."""

    def get_stats(self) -> dict[str, int]: ...


@dataclass
class Wiring:
    """One register, opened; what is asked of it is made at the first asking."""

    settings: Settings
    dsn: str
    register: Register
    views: Sequence[View] = tuple(VIEWS.values())
    pools: dict[str, Pool] = field(default_factory=dict)  # those that are open, by what they serve
    followed: int = (
        0  # positions that views have come on since the database was let to look at them
    )
    _closing: list[Callable[[], None]] = field(default_factory=list)

    @cached_property
    def source(self) -> Source:
        """The log as the engine of the views reads it."""
        return Source(self.register.store, to_event)

    @cached_property
    def readings(self) -> Readings:
        pool = open_pool(self.dsn)
        self.pools["readers"] = pool
        self._closing.append(pool.close)
        return Readings(pool, self.settings.schema, today, self._hot_pool)

    def _hot_pool(self) -> HotPool:
        self.pools["hot"] = pool = hot_pool(self.dsn)
        return pool

    @cached_property
    def vault(self) -> KeyVault:
        """The keys of persons. Raises VaultLocked when they have no place yet."""
        refuse_unmigrated(self.settings, self.dsn)
        pool = open_pool(self.settings.keys_dsn or self.dsn)
        self.pools["keys"] = pool
        self._closing.append(pool.close)
        return vault_on(pool, self.settings)

    @cached_property
    def people(self) -> People:
        return People(self.register, self.vault)

    @contextmanager
    def connection(self) -> Iterator[Connection[Any]]:
        """A connection of its own, in autocommit, as the engine of the views wants it."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            yield connection

    def project(
        self,
        progress: Callable[[int], None] | None = None,
        stop: Callable[[], bool] | None = None,
        up_to: int | None = None,
        views: Sequence[View] | None = None,
        batch: int | None = None,
    ) -> int:
        """Bring these views (None: all) level with the log (with `up_to`); return the position all
        have reached. `batch` is in events; None: as many as are soon done.

        For a process that does nothing else meanwhile: it collects no circles. Between batches the
        collector would look at all that is remembered, which took a fifth of the time.
        """
        schema, views = self.settings.schema, self.views if views is None else views
        with uncollected(), self.connection() as connection:
            for view in views:
                create(connection, schema, view)
            before = marks(connection, schema, [view.name for view in views]).values()
            terms = (connection, schema, self.source, views)
            reached = follow(*terms, up_to=up_to, batch=batch, progress=progress, stop=stop)
            self.followed += reached - min(mark.position for mark in before)
            if up_to is None and self.followed > ANALYZE_FROM:
                for view in views:
                    analyze(connection, schema, view)
                self.followed = 0
            return reached

    @contextmanager
    def following(self) -> Iterator[Follower]:
        """A follower that keeps the views level in the background."""
        schema = self.settings.schema
        limit_s = self.settings.stall_limit_s
        follower = Follower(self.dsn, schema, self.source, self.views, self._revive, limit_s)
        follower.start()
        try:
            yield follower
        finally:
            follower.stop()

    def _revive(self) -> None:
        """Start our own server again when it was killed; another one is not ours to start."""
        with database(self.settings):  # who holds it already holds it twice for a moment
            pass

    def close(self) -> None:
        for close in reversed(self._closing):
            close()
        self.register.close()


@contextmanager
def opened(settings: Settings, *, migrating: bool = False) -> Iterator[Wiring]:
    """A register whose tables are those of this release; its own server is started when needed.

    With `migrating` they are made so; without, nothing is written. Raises ServerError,
    MigrationRefused, psycopg.OperationalError; NotMigrated without `migrating`.
    """
    with database(settings) as dsn:
        if migrating:
            migrate(dsn, settings.schema)
            migrate_vault(settings, dsn)
        else:
            check(dsn, settings.schema)
        wiring = Wiring(settings, dsn, open_register(settings, dsn))
        try:
            yield wiring
        finally:
            wiring.close()


def open_register(settings: Settings, dsn: str) -> Register:
    """The register on a log that is migrated already."""
    environment = {
        "PERSISTENCE_MODULE": "ops.store",
        "SOGOC_DSN": dsn,
        "SOGOC_SCHEMA": settings.schema,
        "SOGOC_APPEND_DEADLINE_S": str(settings.append_deadline_s),
        "CREATE_TABLE": "no",
    }
    return Register(environment)


def today() -> date:
    """The day that "now" means in Asia/Ho_Chi_Minh."""
    return datetime.now(LOCAL).date()
