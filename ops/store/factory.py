"""Makes the recorders: ours for the log, the library's for snapshots and tracking."""

from __future__ import annotations

from typing import NoReturn

from eventsourcing.persistence import NotSupportedError, ProgrammingError
from eventsourcing.postgres import BasePostgresFactory, PostgresFactory
from eventsourcing.utils import Environment, EnvType

from ops.store.datastore import DEADLINE_S, Datastore
from ops.store.recorder import Recorder


class Factory(PostgresFactory):
    """Reads SOGOC_DSN, SOGOC_SCHEMA ("register"), SOGOC_POOL_SIZE (5), SOGOC_APPEND_DEADLINE_S.

    CREATE_TABLE as ever.
    """

    datastore: Datastore

    def __init__(self, env: Environment | EnvType | None) -> None:
        """Raises ProgrammingError without SOGOC_DSN."""
        super(BasePostgresFactory, self).__init__(env)  # the library's would ask for its own names
        dsn = self.env.get("SOGOC_DSN")
        if not dsn:
            raise ProgrammingError("SOGOC_DSN is not set: there is no server to keep the log")
        schema = self.env.get("SOGOC_SCHEMA") or "register"
        self.datastore = Datastore(
            dsn,
            schema,
            pool_size=int(self.env.get("SOGOC_POOL_SIZE", "5")),
            deadline_s=float(self.env.get("SOGOC_APPEND_DEADLINE_S", DEADLINE_S)),
        )

    def application_recorder(self) -> Recorder:
        """The log of this schema, whatever the application is called."""
        recorder = Recorder(self.datastore)
        if self.env_create_table():
            recorder.create_table()
        return recorder

    def process_recorder(self) -> NoReturn:
        """Raises NotSupportedError: it would keep events beside the log, out of its order."""
        raise NotSupportedError("events are recorded in the log only; track with a projection")
