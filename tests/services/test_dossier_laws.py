"""Laws of dossiers over random reorganisations: what passes balances, and comes undone whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.aggregate import Aggregate
from domain.dossier.tables import Handover, Tables
from domain.lineage import EXTENTS
from services.dossiers.commands import Approve, CarryOut, Check, Withdraw
from services.record import replayed
from tests.services.dossiers import (
    APPROVER,
    COMMUNES,
    DAY,
    FOLLOW,
    HEADING,
    TODAY,
    act,
    becomes,
    country,
    dossier,
    drawn_up,
    id_of,
    people,
    rehearsed,
    tables,
    was,
    went,
)

AHEAD = date(2027, 3, 1)
OLD = sorted(COMMUNES)
NEW = ["60001", "60002", "60003", "60101", "60102"]


@pytest.fixture
def province(register):
    register.execute(*country())
    register.execute(*people())
    register.today = lambda: TODAY
    return register


@st.composite
def reorganisations(draw) -> Tables:
    """Some communes, what they became, and how; most of them are possible."""
    olds = draw(st.lists(st.sampled_from(OLD), min_size=1, max_size=3, unique=True))
    news = draw(st.lists(st.sampled_from(NEW), min_size=1, max_size=3, unique=True))
    rows: list[Any] = [was(code) for code in olds]
    for code in news:
        rows.append(becomes(code, name=f"Xã Mới {code}", type="xa", superior="60"))
    for old in olds:
        heirs = draw(st.lists(st.sampled_from(news), min_size=1, max_size=2, unique=True))
        extents = EXTENTS[1:] if len(heirs) > 1 else EXTENTS[:1]
        for number, new in enumerate(heirs):
            extent = draw(st.sampled_from(extents))
            rows.append(went(old, new, extent, is_default=number == 0))
    return tables(*rows, *FOLLOW)


def everything(register) -> dict[UUID, dict[str, object]]:
    """Every stream but the dossiers, as its timelines tell."""
    told: dict[UUID, dict[str, object]] = {}
    streams: dict[str, list[Any]] = {}
    for stored in register.store.feed(0, 10_000):
        streams.setdefault(str(stored.originator_id), []).append(stored)
    for id_, history in streams.items():
        aggregate: Aggregate = replayed(history)
        if aggregate.TOPIC != "dossier":
            lines = aggregate.fields().items()
            told[UUID(id_)] = {f: list(line.spans()) for f, line in lines if line.facts()}
    return {id_: fields for id_, fields in told.items() if fields}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(rows=reorganisations())
def test_what_passes_balances_and_leaves_nobody_over(province, rows):
    rehearsal = rehearsed(province, rows)
    if rehearsal.errors:
        return
    assert all(balance.holds for balance in rehearsal.balances)
    assert all(each.rule is not None for each in rehearsal.affected)
    by_id = {stream.id: stream for stream in rehearsal.streams}
    for stream in rehearsal.streams:
        if not stream.is_active_on(DAY) or not hasattr(stream, "superior_id"):
            continue
        above = by_id.get(stream.superior_id.at(DAY))
        assert above is None or above.is_active_on(DAY)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(rows=reorganisations(), number=st.integers(0, 10**9))
def test_withdrawing_before_the_day_restores_everything(province, rows, number):
    heading = replace(HEADING, key=f"an/{number}", effective_on=AHEAD)
    id_ = id_of(f"hồ sơ {number}/{len(rows)}")
    if rehearsed(province, rows, heading).errors or province.store.heads([id_]):
        return
    before = everything(province)
    drawn_up(province, rows, heading, id_)
    at = province.store.position()
    province.execute(Check(id=id_, envelope=act(), today=TODAY, at=at))
    digest = dossier(province, id_).check.outcome.digest
    province.execute(Approve(id=id_, envelope=act(APPROVER), digest=digest))
    province.execute(CarryOut(id=id_, envelope=act(APPROVER), today=TODAY))
    assert everything(province) != before
    province.execute(Withdraw(id=id_, envelope=act(reason="hoãn"), today=TODAY))
    assert everything(province) == before


def test_most_of_these_reorganisations_are_possible(province):
    """Else the laws above would hold of nothing."""
    possible = []

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
    @given(rows=reorganisations())
    def count(rows):
        possible.append(not rehearsed(province, rows).errors)

    count()
    assert sum(possible) > len(possible) / 4


def test_a_handover_of_nothing_is_no_way_around(province):
    rows = tables(was("60001"), becomes("60001", name="Xã Khác"), *FOLLOW)
    idle = Handover(1, "members", "60001", to="60002")
    found = rehearsed(province, replace(rows, handovers=(idle,)))
    assert [(e.table, e.rule) for e in found.errors] == [("handovers", "handover-used")]
