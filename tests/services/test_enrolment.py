"""Many members at once, by the bulk path: the same events, the same refusals."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.errors import AlreadyMember, InvalidValue, MembersLeft, NotActive, NotCompetent
from domain.lineage import Successor
from domain.organisation import PartyOrganisation
from projections.rolls import Rolls
from services.commands import End
from services.enrolment import enrol
from services.store import KeyMoved
from tests.services.membership import (
    CELLS,
    JULY,
    by,
    entered,
    envelope,
    id_of,
    organisations,
)


def member(n, on=JULY, authority=None, **more):
    cell = CELLS[n % 4]  # the fifth is in the other province
    wish = entered(str(n), cell, on, **more)
    return replace(wish, envelope=envelope(on, authority)) if authority else wish


def record(register, members):
    return list(enrol(register, members))


@pytest.fixture
def province(register):
    register.execute(*organisations())
    return register


def test_what_is_loaded_is_what_a_clerk_would_have_recorded(province):
    before = province.store.position()
    assert record(province, [member(1)]) == [1]
    again = entered("1", CELLS[1])
    assert province.execute(again).events == ()
    [event] = province.events_between(before + 1, province.store.position())
    other = replace(again, id=id_of("đảng tịch khác"), person_id=id_of("người khác"))
    [by_hand] = province.execute(other).events
    assert {type(event), event.envelope} == {type(by_hand), by_hand.envelope}


def test_thousands_are_loaded_and_counted(province, read):
    began = time.perf_counter()
    assert record(province, (member(n) for n in range(6_000))) == [5_000, 1_000]
    print(f"{6_000 / (time.perf_counter() - began):.0f} members a second")
    with read(valid_at=JULY) as reading:
        rolls = Rolls(reading.connection, reading.schema)
        assert rolls.count(id_of("tỉnh An"), reading.point).official == 6_000
        assert len(rolls.roll(id_of(CELLS[0]), reading.point)) == 1_500


def test_who_is_a_member_already_stops_the_portion(province):
    province.execute(entered("7", CELLS[3]))
    before = province.store.position()
    with pytest.raises(KeyMoved):
        record(province, [member(n) for n in (5, 6, 7)])
    assert province.store.position() == before
    with pytest.raises(AlreadyMember):
        record(province, [member(5), member(6), replace(member(5), id=id_of("x"))])


def test_what_one_would_be_refused_all_are_refused(province):
    with pytest.raises(NotActive):
        record(province, [member(1, date(2025, 6, 1))])
    with pytest.raises(NotCompetent):
        record(province, [member(1, authority=by("xã Xa"))])
    with pytest.raises(InvalidValue):
        record(province, [member(1, date(2027, 1, 1))])
    with pytest.raises(InvalidValue):
        record(province, [member(1), member(5, degree="honorary")])


def test_a_cell_with_loaded_members_does_not_end_without_them(province):
    record(province, [member(0)])
    heirs = (Successor(id_of(CELLS[1]), "whole", is_default=True),)
    facts: dict[str, Any] = {"way": "merger", "successors": heirs}
    with pytest.raises(MembersLeft):
        province.execute(
            End(
                of=PartyOrganisation,
                id=id_of(CELLS[0]),
                envelope=envelope(date(2025, 9, 1)),
                **facts,
            )
        )
