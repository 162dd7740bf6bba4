"""All that a round leaves behind: what callers were told, the log's tables, and the views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import accumulate
from typing import Any
from uuid import UUID

import orjson
import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from ops.store.wire import RECORDED, recorded
from projections.catalogue import VIEWS
from projections.engine.digest import Digest, of_events
from projections.engine.marks import Mark, marks, namespace
from projections.engine.parking import held
from projections.engine.view import Source
from projections.rebuilding.rebuild import rebuild_together
from services.record import to_event
from services.register import Register
from services.store import Recorded
from services.verify import verify_log
from tests.chaos.history import History


@dataclass(frozen=True)
class Command:
    """A row of `commands`."""

    fingerprint: bytes
    first: int | None
    last: int | None
    recorded_at: datetime


@dataclass(frozen=True)
class Shown:
    """A view: its mark, streams that it could not take in, and what a fresh rebuild found."""

    mark: Mark | None
    parked: int
    rebuilt: Mark
    equal: bool


@dataclass(frozen=True)
class Evidence:
    history: History
    events: Sequence[Recorded]
    position: int  # of the counter row
    recorded_at: datetime
    heads: Mapping[UUID, int]
    event_keys: frozenset[tuple[str, int, UUID]]
    commands: Mapping[str, Command]
    views: Mapping[str, Shown]
    verified: Sequence[str]  # what `verify_log` found

    @cached_property
    def by_token(self) -> dict[str, list[Recorded]]:
        """The events of each call, in the order of positions."""
        found: dict[str, list[Recorded]] = {}
        for event in self.events:
            found.setdefault(said(event)["correlation_id"], []).append(event)
        return found

    @cached_property
    def digests(self) -> list[Digest]:
        """What a view must have seen at each position, from 0 on."""
        return list(accumulate((of_events([each]) for each in self.events), initial=Digest()))


def said(event: Recorded) -> dict[str, Any]:
    """The record's own words."""
    words: dict[str, Any] = orjson.loads(event.state)
    return words


def gather(dsn: str, schema: str, register: Register, history: History) -> Evidence:
    """Read everything; all is quiet by now. Leaves nothing behind."""
    source = Source(register.store, to_event)
    found = [check for check in verify_log(register.store) if check.wrong]
    with psycopg.connect(dsn, autocommit=True, row_factory=tuple_row) as connection:
        at = marks(connection, schema, VIEWS)
        parked = {view: held(connection, namespace(schema, view), view) for view in at}
        fresh = rebuild_together(dsn, schema, source, [*VIEWS.values()], compare_only=True)
        return Evidence(
            history=history,
            **_tables(connection, schema),
            views={
                built.view: Shown(
                    at.get(built.view),
                    len(parked.get(built.view, [])),
                    built.mark,
                    equal=built.comparison is not None and built.comparison.equal,
                )
                for built in fresh
            },
            verified=[f"{check.claim}: {'; '.join(check.findings)}" for check in found],
        )


def _tables(connection: psycopg.Connection, schema: str) -> dict[str, Any]:
    def rows(query: str) -> list[tuple[Any, ...]]:
        return connection.execute(sql.SQL(query).format(s=sql.Identifier(schema))).fetchall()

    [(position, recorded_at)] = rows("SELECT position, recorded_at FROM {s}.log")
    events = rows(f"SELECT {RECORDED} FROM {{s}}.events ORDER BY position, stream, version")
    commands = rows(
        "SELECT idempotency_key, fingerprint, first_position, last_position, recorded_at"
        " FROM {s}.commands"
    )
    return {
        "position": position,
        "recorded_at": recorded_at,
        "events": [recorded(row) for row in events],
        "heads": dict(rows("SELECT stream, version FROM {s}.heads")),
        "event_keys": frozenset(rows("SELECT key, position, stream FROM {s}.event_keys")),
        "commands": {key: Command(*other) for key, *other in commands},
    }
