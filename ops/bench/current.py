"""The read model of work F: what each organisation is now, in one small table.

Everybody fills the same columns. Ours is an ordinary view of the product's engine, so it keeps
besides, as every view does, the rows that gave way and since when each was known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import LiteralString

from domain.organisation import PartyOrganisation
from projections.engine.view import View
from projections.known import Known, Stretch
from projections.rebuilding.in_sql import InSql
from services.record import schema_of

COLUMNS: LiteralString = "id, name, superior_id, status, since"

TABLE: LiteralString = """
    CREATE TABLE current_state (
        id          uuid PRIMARY KEY,
        name        text NOT NULL,
        superior_id uuid,
        status      text NOT NULL,
        since       date NOT NULL
    )
"""

UPSERT: LiteralString = """
    INSERT INTO current_state (id, name, superior_id, status, since) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name
"""
"""For who goes event by event: a renaming brings a name, the other values are as it began."""

RAW_REBUILD: LiteralString = """
    INSERT INTO current_state (id, name, superior_id, status, since)
    SELECT last.stream, last.data{cast}->'data'->>'name',
        (first.data{cast}->'data'->>'superior_id')::uuid, 'active',
        (first.data{cast}->>'effective_on')::date
    FROM (SELECT DISTINCT ON (stream) stream, data FROM {table} ORDER BY stream, version DESC) last
    JOIN {table} first ON first.stream = last.stream AND first.version = 1
"""
"""{table}: of events, with the record in `data`; {cast}: how that becomes JSON."""


def stretches(organisation: PartyOrganisation, since: date) -> Iterator[Stretch]:
    """One: the state on the last day of which anything is known, if it is active then."""
    o, first = organisation, organisation.first_day()
    if first is not None and o.is_active.at(date.max):
        status = "suspended" if o.is_suspended.at(date.max) else "active"
        values = (o.id, o.name.at(date.max), o.superior_id.at(date.max), status, first)
        yield Stretch(values, first, None)


_READ = (PartyOrganisation.Established, PartyOrganisation.Renamed)

CURRENT = View(
    name="current",
    version=1,
    aggregates=(PartyOrganisation,),
    table="current_state",
    stream="id",
    columns=("id", "name", "superior_id", "status", "since", "valid", "known"),
    begin=lambda reached: Known(stretches),
    key="valid",
    package="ops.bench",
    in_sql=InSql("current_rows", {event.TOPIC: [schema_of(event)] for event in _READ}),
    module="ops.bench.current",
)
"""The same rows in SQL, as long as nothing happens but what ops.bench.material lets happen."""

CURRENT_IN_PYTHON = replace(CURRENT, in_sql=None)
