"""Decisions about parked streams, through the register: stored, tried dry, and repeated."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.errors import CommandReused, InvalidValue, NotFound, RegisterError
from domain.read_model import read_model_id
from domain.unit import AdministrativeUnit
from services.commands import Rename, Resubordinate
from services.parking import DiscardEvent, RetryParked
from services.store import CommandKey
from tests.services.test_register import envelope, id_of, unit

UNITS = read_model_id("units")


@pytest.fixture
def district(register):
    register.execute(unit("Tỉnh An"), unit("Huyện Ba", "district", "Tỉnh An"))
    return id_of("Huyện Ba")


def about(district, kind=RetryParked, view="units", reason="Đã sửa lỗi", **more):
    because = replace(envelope(), basis=(), reason=reason)
    return kind(id=district, view=view, event_position=2, envelope=because, **more)


def test_decisions_are_recorded_in_the_stream_of_their_read_model(register, district):
    done = register.execute(about(district), about(district, DiscardEvent, "audit"))
    assert [e.TOPIC for e in done.events] == [
        "read-model.parked-retried",
        "read-model.event-discarded",
    ]
    assert [e.originator_id for e in done.events] == [UNITS, read_model_id("audit")]
    register.execute(about(district, DiscardEvent))
    assert register.store.heads([UNITS]) == {UNITS: 2}


def test_a_dry_run_tells_and_stores_nothing(register, district):
    done = register.execute(about(district), dry_run=True)
    assert [e.TOPIC for e in done.events] == ["read-model.parked-retried"]
    assert register.store.position() == 2


def test_a_key_makes_it_the_same_decision(register, district):
    key = CommandKey("retry 1", b"units")
    first = register.execute(about(district), key=key)
    again = register.execute(about(district), key=key)
    assert (again.position, again.repeated) == (first.position, True)
    with pytest.raises(CommandReused):
        register.execute(about(district), key=CommandKey("retry 1", b"audit"))


def test_discarding_what_is_discarded_records_nothing(register, district):
    register.execute(about(district, DiscardEvent))
    assert register.execute(about(district, DiscardEvent)).events == ()


def test_no_reason_no_decision(register, district):
    with pytest.raises(InvalidValue, match="Say why"):
        register.execute(about(district, reason=None))


def test_a_read_model_is_no_node_of_the_register(register, district):
    register.execute(about(district))
    wishes = (
        Rename(id=UNITS, envelope=envelope(), of=AdministrativeUnit, name="Huyện Bốn"),
        Resubordinate(id=district, envelope=envelope(), of=AdministrativeUnit, superior_id=UNITS),
    )
    with pytest.raises(NotFound):
        register.execute(wishes[0])
    with pytest.raises(RegisterError, match="superior") as refusal:
        register.execute(wishes[1])
    assert refusal.value.facts["field"] == "superior_id"
