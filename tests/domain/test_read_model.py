"""Decisions about a read model: on record with a reason, and no document behind them."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from domain.errors import InvalidValue
from domain.read_model import ReadModel, read_model_id
from tests.facts import AUGUST, BINH_YEN, at_position, wish

BECAUSE = replace(wish(AUGUST), basis=(), reason="Đã sửa lỗi đọc bản ghi")


def decided(read_model, position):
    """The read model as it is once what it has pending stands in the log, from there on."""
    events = [at_position(e, position + n) for n, e in enumerate(read_model.collect_events())]
    folded = ReadModel.fold(events)
    assert folded is not None
    return folded


def test_a_retry_and_a_discard_say_view_stream_and_position():
    units = ReadModel.of("units")
    units.retry("units", BINH_YEN, 7, BECAUSE)
    units.discard("units", BINH_YEN, 7, BECAUSE)
    retried, discarded = units.pending_events
    assert isinstance(retried, ReadModel.ParkedRetried)
    assert isinstance(discarded, ReadModel.EventDiscarded)
    for version, event in enumerate((retried, discarded), start=1):
        assert (event.view, event.stream_id, event.event_position) == ("units", BINH_YEN, 7)
        assert (event.originator_id, event.originator_version) == (read_model_id("units"), version)


def test_what_is_discarded_is_known_until_it_is_tried_again():
    units = ReadModel.of("units")
    units.discard("units", BINH_YEN, 7, BECAUSE)
    assert units.discarded == {7: BINH_YEN}
    units.retry("units", BINH_YEN, 8, BECAUSE)
    assert units.discarded == {7: BINH_YEN}
    units.retry("units", BINH_YEN, 7, BECAUSE)
    assert units.discarded == {}
    assert decided(units, 40).decided == 42


def test_discarding_twice_records_nothing():
    units = ReadModel.of("units")
    for _ in range(2):
        units.discard("units", BINH_YEN, 7, BECAUSE)
    assert len(units.pending_events) == 1


@pytest.mark.parametrize("reason", [None, ""])
def test_a_decision_needs_a_reason(reason):
    units = ReadModel.of("units")
    for decide in (units.retry, units.discard):
        with pytest.raises(InvalidValue) as refusal:
            decide("units", BINH_YEN, 7, replace(BECAUSE, reason=reason))
        assert refusal.value.facts["field"] == "reason"
    assert not units.pending_events


def test_each_read_model_has_a_stream_of_its_own_and_always_the_same():
    assert read_model_id("units") == UUID("0197c348-8800-8609-85d6-81338fa11879")
    assert read_model_id("units") != read_model_id("audit")
