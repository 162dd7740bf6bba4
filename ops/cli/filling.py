"""Fill a province or the country with cells and members, for measuring, and tell at what rate."""

from __future__ import annotations

import time

from rich.console import Console

from ops.cli.importing import fewer_collections
from ops.wiring import Wiring
from projections.nodes import Filters
from projections.organisations import Organisation, Organisations
from projections.units import Units
from services.invented.members import fill
from services.reorganisation.terms import REORGANISATION

ALL = 1_000_000


def fill_and_tell(wiring: Wiring, province_code: str | None, out: Console) -> None:
    """Record, then bring the read models level; each with its rate.

    A None fills the country. May be stopped and run again: a commune that is filled is left.
    """
    communes = _communes(wiring, province_code)
    began, events, members, organisations = time.perf_counter(), 0, 0, 0
    with fewer_collections():
        for done, commune in enumerate(communes, 1):
            filled = fill(wiring.register, wiring.people, commune)
            events += filled.events
            members += filled.members
            organisations += filled.organisations
            if done % 50 == 0:
                out.print(f"  {done:,} of {len(communes):,} communes, {members:,} members")
        recorded = time.perf_counter() - began
        wiring.project()
    projected = time.perf_counter() - began - recorded
    out.print(
        f"Filled {len(communes):,} communes: {organisations:,} organisations, {members:,} members. "
        f"{events:,} events recorded at {events / recorded:,.0f}/s, "
        f"projected at {events / projected:,.0f}/s."
    )


def _communes(wiring: Wiring, province_code: str | None) -> list[Organisation]:
    with wiring.readings.at(REORGANISATION) as reading:
        organisations = Organisations(reading.connection, reading.schema)
        above = None
        if province_code is not None:
            asking = Units(reading.connection, reading.schema)
            [unit] = [
                u for u in asking.by_codes([province_code], reading.point) if u.level == "province"
            ]
            on_it = Filters(unit_id=unit.unit_id, kinds={"kind": ["province"]})
            [province] = organisations.many(reading.point, on_it)
            above = province.organisation_id
        filters = Filters(superior_id=above, kinds={"kind": ["commune_upper"]})
        return organisations.many(reading.point, filters, limit=ALL)
