"""The law of the two times, as rows: whatever clerks do, rows say what folding says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given as whenever
from hypothesis import strategies as st

from domain.unit import AdministrativeUnit
from projections.engine.layout import lay_out
from projections.known import Known, Stretch
from projections.organisations import ORGANISATIONS
from projections.organisations import stretches as organisation_stretches
from projections.units import UNITS as UNITS_VIEW
from projections.units import stretches as unit_stretches
from services.record import to_event
from tests.logs import DAYS, EVERYBODY, UNITS, PaperLog, growing, logs

DAYS_ASKED = [day + timedelta(days=n) for day in DAYS for n in (-1, 0, 1)]


def rows(log: PaperLog, id_: Any) -> list[dict[str, Any]]:
    laid = lay_out(log.histories([id_]), to_event, {UNITS_VIEW: 0, ORGANISATIONS: 0})
    return [
        dict(zip(view.columns, row, strict=True))
        for view, changes in laid.items()
        for row in changes.added
    ]


def within(text: str, value: str) -> bool:
    first, after = text[1:-1].split(",")
    if first.isdecimal():
        return int(first) <= int(value) and (not after or int(value) < int(after))
    return first <= value and (not after or value < after)


def said(node: Any, day: date) -> tuple[Any, ...] | None:
    """What folding says of a day; None when it is not active."""
    if node is None or not node.is_active.at(day):
        return None
    codes = {s: line.at(day) for s, line in node.codes.items() if line.at(day) is not None}
    common = (node.name.at(day), node.superior_id.at(day), codes)
    if isinstance(node, AdministrativeUnit):
        return (*common, node.type.at(day))
    suspended = "suspended" if node.is_suspended.at(day) else "active"
    return (*common, node.kind.at(day), node.unit_id.at(day), suspended)


def shown(found: list[dict[str, Any]], day: date, known_at: int) -> list[tuple[Any, ...]]:
    at = [
        r
        for r in found
        if within(r["valid"], day.isoformat()) and within(r["known"], str(known_at))
    ]
    return [_of_row(row) for row in at]


def _of_row(row: dict[str, Any]) -> tuple[Any, ...]:

    common = (row["name"], row["superior_id"], json.loads(row["codes"]))
    if "level" in row:
        return (*common, row["type"])
    return (*common, row["kind"], row["unit_id"], row["status"])


@whenever(log=logs, data=st.data())
def test_rows_say_of_every_day_and_position_what_folding_up_to_there_says(log, data):
    id_ = data.draw(st.sampled_from(EVERYBODY))
    found = rows(log, id_)
    for known_at in range(log.position() + 1):
        node = log.node_or_none(id_, known_at)
        for day in DAYS_ASKED:
            expected = said(node, day)
            assert shown(found, day, known_at) == ([] if expected is None else [expected])


@whenever(log=logs)
def test_after_each_event_the_standing_rows_are_those_of_a_fresh_layout(log):
    for id_ in EVERYBODY:
        stretches = unit_stretches if id_ in UNITS else organisation_stretches
        known, node = Known(stretches), None
        for recorded in log.histories([id_]):
            event = to_event(recorded.topic, recorded.state, recorded.id)
            node = event.mutate(node)
            known.after(event, node)
            assert [s for s, _ in known._standing] == list(stretches(node, date.min))


@pytest.mark.parametrize("times", [500, 2000])
def test_a_stream_that_grows_at_its_end_costs_what_changed(times):
    looked_at = 0

    def counted(unit: AdministrativeUnit, since: date) -> Iterator[Stretch]:
        nonlocal looked_at
        for stretch in unit_stretches(unit, since):
            looked_at += 1
            yield stretch

    known, node = Known(counted), None
    for event in growing(times):
        node = event.mutate(node)
        known.after(event, node)
    assert looked_at <= 3 * times
    assert len(known.changes(0).added) == 2 * times - 1
