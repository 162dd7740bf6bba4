"""A person: sealed details on every day, holds, and the order that ends all reading."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.errors import (
    CannotVoid,
    InvalidValue,
    KeyGone,
    LaterFacts,
    LegalHold,
    NotActive,
    RuleBroken,
)
from domain.person import Person, Receipt, Sealed
from tests.facts import AUGUST, BINH_YEN, JULY, at_position, wish

CASE, BODY = "07-VV/UBKTTU", "Ủy ban Kiểm tra Tỉnh ủy"
RECEIPT = Receipt("ab" * 32, 1)
MAY = date(2025, 5, 1)
BECAUSE: dict[str, Any] = {"basis": (), "reason": "Danh sách của chi bộ"}


def sealed(fill: int) -> Sealed:
    parts = (b64encode(bytes([fill]) * size).decode() for size in (32, 32, 528))
    return Sealed("tests", 1, *parts)


ONE, TWO, THREE = (sealed(fill) for fill in (1, 2, 3))


def on_record(person: Person, first: int = 1) -> Person:
    """The person as read from the log, where what was pending stands from that position on."""
    stand = [e for e in person.events.values() if e.position is not None]
    fresh: Iterable[Any] = enumerate(person.collect_events(), start=first + len(stand))
    events = [
        at_position(replace(e, timestamp=datetime(2025, 7, 2, tzinfo=UTC)), n) for n, e in fresh
    ]
    folded = Person.fold([*stand, *events])
    assert folded is not None
    return folded


def details_on(person: Person, day: date) -> Sealed | None:
    found = person.sealed_on(day)
    return None if found is None else found.sealed


def registered(on: date = JULY) -> Person:
    return on_record(Person.register(BINH_YEN, ONE, wish(on)))


def test_a_person_is_entered_with_sealed_details_on_a_basis_or_for_a_reason():
    person = Person.register(BINH_YEN, ONE, wish(JULY, **BECAUSE))
    [event] = person.pending_events
    assert isinstance(event, Person.Registered)
    assert event.sealed == ONE
    with pytest.raises(InvalidValue) as refusal:
        Person.register(BINH_YEN, ONE, wish(JULY, basis=()))
    assert refusal.value.facts["field"] == "reason"


@pytest.mark.parametrize(
    "clear",
    [
        replace(ONE, ciphertext="Nguyễn Văn Thử"),
        replace(ONE, ciphertext=""),
        replace(ONE, nonce="AAAA"),
        replace(ONE, commitment=ONE.ciphertext),
    ],
)
def test_what_was_not_sealed_does_not_come_in(clear):
    with pytest.raises(InvalidValue):
        Person.register(BINH_YEN, clear, wish(JULY))
    with pytest.raises(InvalidValue):
        registered().record_details(clear, wish(JULY))


def test_details_hold_from_their_day_and_the_first_ones_before_that():
    person = registered()
    person.record_details(TWO, wish(AUGUST))
    assert [details_on(person, day) for day in (MAY, JULY, AUGUST)] == [ONE, ONE, TWO]
    assert [each.sealed for each in person.standing_details()] == [ONE, TWO]


def test_wrong_details_give_way_to_the_right_ones():
    person = registered()
    person.record_details(TWO, wish(AUGUST))
    person = on_record(person)
    person.record_details(THREE, wish(AUGUST, voids=2))
    person.record_details(TWO, wish(JULY, voids=1))
    kinds = [type(event) for event in person.pending_events]
    assert kinds == [Person.DetailsRecorded, Person.RegistrationCorrected]
    assert [details_on(person, day) for day in (JULY, AUGUST)] == [TWO, THREE]


def test_an_entry_is_not_corrected_to_a_day_after_other_facts():
    person = registered()
    person.record_details(TWO, wish(AUGUST))
    with pytest.raises(RuleBroken):
        on_record(person).record_details(ONE, wish(date(2025, 9, 1), voids=1))


def test_nothing_is_recorded_before_the_entry_or_after_it_was_taken_back():
    with pytest.raises(NotActive):
        registered().record_details(TWO, wish(MAY))
    person = registered()
    person.void(wish(JULY, voids=1))
    assert person.sealed_on(JULY) is None
    for refused in (
        lambda: person.record_details(TWO, wish(JULY)),
        lambda: person.place_hold(CASE, BODY, wish(JULY, reason="vụ việc")),
    ):
        with pytest.raises(NotActive):
            refused()


def test_the_entry_is_taken_back_last():
    person = registered()
    person.record_details(TWO, wish(AUGUST))
    with pytest.raises(LaterFacts):
        on_record(person).void(wish(JULY, voids=1))


def held(on: date = JULY) -> Person:
    person = registered()
    person.place_hold(CASE, BODY, wish(on, reason="Đang kiểm tra"))
    return on_record(person)


def test_a_hold_names_its_case_and_its_body_and_is_placed_once():
    person = held()
    assert person.holds_since(JULY) == [(CASE, BODY)]
    person.place_hold(CASE, BODY, wish(AUGUST, reason="Đang kiểm tra"))
    assert not person.pending_events
    for wrong in ({"case": ""}, {"body": "a\nb"}, {"case": "x" * 201}):
        with pytest.raises(InvalidValue):
            person.place_hold(**({"case": CASE, "body": BODY} | wrong), envelope=because())
    with pytest.raises(InvalidValue):
        person.place_hold("another", BODY, wish(JULY))


def because():
    return wish(JULY, reason="Đang kiểm tra")


@pytest.mark.parametrize("on", [JULY, AUGUST])
def test_a_hold_that_stands_or_is_to_come_refuses_destruction_by_its_name(on):
    person = held(on)
    with pytest.raises(LegalHold) as refusal:
        person.destroy_key(RECEIPT, wish(JULY))
    assert CASE in refusal.value.detail
    assert BODY in refusal.value.detail
    assert refusal.value.facts["holds"] == [{"case": CASE, "body": BODY}]
    assert not person.pending_events


def test_a_hold_that_was_lifted_refuses_nothing():
    person = held()
    person.lift_hold(CASE, BODY, wish(AUGUST, reason="Đã kết luận"))
    person.lift_hold(CASE, BODY, wish(AUGUST, reason="Đã kết luận"))
    assert len(person.pending_events) == 1
    with pytest.raises(LegalHold):
        person.destroy_key(RECEIPT, wish(JULY))
    person.destroy_key(RECEIPT, wish(AUGUST))
    assert person.destroyed is not None


def test_a_hold_stands_again_once_its_lifting_is_taken_back():
    person = held()
    person.lift_hold(CASE, BODY, wish(AUGUST, reason="Đã kết luận"))
    person = on_record(person)
    person.void(wish(AUGUST, voids=3))
    with pytest.raises(LegalHold):
        person.destroy_key(RECEIPT, wish(AUGUST))


def test_a_hold_that_never_was_is_not_lifted():
    with pytest.raises(RuleBroken):
        registered().lift_hold(CASE, BODY, because())


def test_destroying_needs_a_legal_basis():
    with pytest.raises(InvalidValue) as refusal:
        registered().destroy_key(RECEIPT, wish(AUGUST, **BECAUSE))
    assert refusal.value.facts["field"] == "basis"


def test_a_key_is_destroyed_once_and_for_good():
    person = registered()
    person.destroy_key(RECEIPT, wish(AUGUST))
    person.destroy_key(RECEIPT, wish(AUGUST))
    [event] = person.pending_events
    assert isinstance(event, Person.KeyDestroyed)
    assert (event.receipt, person.destroyed) == (RECEIPT, event)
    person = on_record(person)
    for refused in (
        lambda: person.record_details(TWO, wish(AUGUST)),
        lambda: person.place_hold(CASE, BODY, because()),
        lambda: person.lift_hold(CASE, BODY, because()),
        lambda: person.void(wish(AUGUST, voids=2)),
    ):
        with pytest.raises(KeyGone) as refusal:
            refused()
        assert refusal.value.facts["position"] == 2
    with pytest.raises(CannotVoid):
        registered().destroy_key(RECEIPT, wish(AUGUST, voids=1))
