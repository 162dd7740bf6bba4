"""Dossiers: what each is about, how far it has come, who drew it up and approved it, and its place.

A state of a dossier begins when the register learns of it, whatever day is asked about: a row holds
on all days, and for as long as it is known. Its rows and balances are in the log only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from psycopg import Connection
from psycopg.rows import class_row, tuple_row
from psycopg.sql import SQL, Composable, Identifier

from domain.dossier.dossier import Dossier
from domain.names import folded
from projections.engine.marks import namespace
from projections.engine.view import View
from projections.known import Known, Stretch

FIRST_DAY = date.min  # a row holds on all days


@dataclass(frozen=True, slots=True)
class Standing:
    """How a dossier stands, known from the position `known_from` up to, not including, `known_to`.

    What it comes to is of its last passing check, and None before that.
    """

    dossier_id: UUID
    key: str | None
    title: str
    state: str  # domain.dossier.dossier.STATES
    effective_on: date  # of its operations
    scope: str | None  # code of the province; None: the country
    parts: list[str]  # keys of the dossiers that are carried out with it
    note: str | None
    rows: int  # that it states
    drafter_id: str  # actor
    approver_id: str | None  # None: not approved as it stands
    checked_at: int | None  # position as of which it was looked at
    digest: str | None
    operations: int | None
    events: int | None
    warnings: int | None
    due_on: date | None  # not to be carried out before; None: no day was set
    carried_out_at: int | None  # position of its last carrying out; None: not carried out
    first_position: int | None  # of what that did; its events go up to `carried_out_at`
    corrections: int  # how often it was carried out anew
    known_from: int
    known_to: int | None


def stretches(dossier: Dossier, since: date) -> Iterator[Stretch]:
    """How it stands by now, on all days."""
    draft = dossier.draft
    if draft is None:
        return
    heading, approval, schedule = draft.heading, dossier.approval, dossier.schedule
    values = (
        *(dossier.id, heading.key, heading.title, folded(heading.title), dossier.state),
        *(heading.effective_on.isoformat(), heading.scope),
        *(orjson.dumps(heading.parts).decode(), heading.note),
        sum(map(len, dossier.portions)),
        draft.envelope.actor.id,
        approval.envelope.actor.id if approval else None,
        *_came_to(dossier.check),
        schedule.due_on.isoformat() if schedule else None,
        *_place(dossier),
    )
    yield Stretch(values, FIRST_DAY, None)


def _came_to(check: Dossier.Checked | None) -> tuple[Any, ...]:
    if check is None:
        return (None, None, None, None, None)
    outcome = check.outcome
    return check.at, outcome.digest, outcome.operations, outcome.events, outcome.warnings


def _place(dossier: Dossier) -> tuple[int | None, int | None, int]:
    """Where its last carrying out stands, where what that did begins, and how often it was."""
    done = dossier.corrections[-1] if dossier.corrections else dossier.carrying
    if done is None:
        return None, None, 0
    own = [*dossier.own_positions()][-1]
    return done.position, own.start if own else None, len(dossier.corrections)


_KEPT = tuple(f.name for f in fields(Standing) if not f.name.startswith("known_"))

DOSSIERS = View(
    name="dossiers",
    version=1,
    aggregates=(Dossier,),
    table="states",
    stream="dossier_id",
    columns=(*_KEPT[:3], "folded", *_KEPT[3:], "valid", "known"),
    begin=lambda reached: Known(stretches),
    key="valid",
)

_AT = SQL("(d.known @> %(known)s::bigint) IS TRUE")
_COLUMNS = SQL(", ").join(
    [
        *(Identifier("d", name) for name in _KEPT),
        SQL("lower(d.known) AS known_from"),
        SQL("upper(d.known) AS known_to"),
    ]
)


@dataclass(frozen=True, slots=True)
class DossierFilters:
    """What a list is limited to; None: not by this."""

    state: str | None = None
    effective_on: date | None = None
    scope: str | None = None
    q: str | None = None  # a part of the title; case and tone marks do not matter


_CONDITIONS: dict[str, Composable] = {
    "state": SQL("d.state = %(state)s"),
    "effective_on": SQL("d.effective_on = %(effective_on)s"),
    "scope": SQL("d.scope = %(scope)s"),
    "q": SQL("d.folded LIKE %(q)s"),
    "after": SQL("(d.effective_on, d.dossier_id) > (%(after_on)s::date, %(after)s::uuid)"),
    "id": SQL("d.dossier_id = %(id)s"),
    "key": SQL("d.key = %(key)s AND d.state <> 'withdrawn'"),
}


class Dossiers:
    """Questions about dossiers, as known at a position: `Dossiers(connection, schema)`."""

    def __init__(self, connection: Connection[Any], schema: str) -> None:
        self._connection = connection
        self._states = Identifier(namespace(schema, "dossiers"), "states")

    def one(self, dossier_id: UUID, known: int) -> Standing | None:
        """None: nothing was known of it."""
        return next(iter(self._standings({"id": dossier_id, "known": known, "limit": 1})), None)

    def by_key(self, key: str, known: int) -> Standing | None:
        """The one that bears that key; who was withdrawn bears it no more."""
        return next(iter(self._standings({"key": key, "known": known, "limit": 1})), None)

    def many(
        self,
        known: int,
        filters: DossierFilters = DossierFilters(),
        after: tuple[date, UUID] | None = None,
        limit: int = 100,
    ) -> list[Standing]:
        """In the order of the days on which they take effect, beyond (day, id)."""
        asked = {f.name: getattr(filters, f.name) for f in fields(filters)}
        values = {name: value for name, value in asked.items() if value is not None}
        if filters.q is not None:
            values["q"] = f"%{folded(filters.q)}%"
        if after is not None:
            values |= {"after_on": after[0], "after": after[1]}
        return self._standings(values | {"known": known, "limit": limit})

    def counts(self, known: int) -> dict[str, int]:
        """How many are in each state."""
        query = SQL("SELECT d.state, count(*) FROM {} d WHERE {} GROUP BY 1 ORDER BY 1")
        with self._connection.cursor(row_factory=tuple_row) as cursor:
            return dict(cursor.execute(query.format(self._states, _AT), {"known": known}))

    def _standings(self, values: dict[str, Any]) -> list[Standing]:
        asked = [condition for name, condition in _CONDITIONS.items() if name in values]
        query = SQL(
            "SELECT {} FROM {} d WHERE {} ORDER BY d.effective_on, d.dossier_id LIMIT %(limit)s"
        ).format(_COLUMNS, self._states, SQL(" AND ").join([_AT, *asked]))
        with self._connection.cursor(row_factory=class_row(Standing)) as cursor:
            return cursor.execute(query, values).fetchall()
