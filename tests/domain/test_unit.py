"""Administrative units: beginnings, their correction, and types."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.codes import Code
from domain.errors import CannotVoid, InvalidValue, KindNotAllowed, NotActive, RuleBroken
from domain.unit import AdministrativeUnit
from tests.domain.test_node import refused
from tests.facts import (
    AUGUST,
    BINH_YEN,
    JANUARY,
    JULY,
    MARCH,
    OTHER_PROVINCE,
    ended,
    given,
    position,
    renamed,
    rules,
    then,
    type_changed,
    unit_founded,
    voided,
    wish,
)

JUNE = date(2025, 6, 30)


def establish(on: date = JULY, **other: Any) -> AdministrativeUnit:
    facts = unit_founded().says | other
    return AdministrativeUnit.establish(BINH_YEN, envelope=wish(on), rules=rules(on), **facts)


def correct(unit: AdministrativeUnit, on: date, voids: int | None, **other: Any) -> None:
    facts = unit_founded().says | other
    del facts["level"]
    unit.correct_establishment(envelope=wish(on, voids), rules=rules(on), **facts)


def test_a_unit_is_founded_with_all_it_is():
    unit = establish()
    assert then(unit) == [unit_founded()]
    assert unit.level == "commune"
    assert unit.type.at(JULY) == "xa"
    assert unit.codes["nso"].at(JULY) == "10081"
    assert not unit.is_active_on(JUNE)


@pytest.mark.parametrize("way", ["entered", "new", "merger", "division", "conversion"])
def test_a_life_begins_in_one_of_five_ways(way):
    assert then(establish(way=way)) == [unit_founded(way=way)]


def test_another_way_is_refused():
    with refused(InvalidValue, "way"):
        establish(way="conquest")


def test_one_code_a_scheme():
    with refused(InvalidValue, "codes.scheme"):
        establish(codes=(Code("nso", "1"), Code("nso", "2")))
    with refused(InvalidValue, "codes.value"):
        establish(codes=(Code("nso", " "),))


def test_a_beginning_takes_nothing_back():
    with refused(CannotVoid, "voids"):
        AdministrativeUnit.establish(
            BINH_YEN, envelope=wish(JULY, voids=7), rules=rules(JULY), **unit_founded().says
        )


@pytest.mark.parametrize(
    ("level", "type", "day", "known"),
    [
        ("commune", "thi_tran", JUNE, True),
        ("commune", "thi_tran", JULY, False),
        ("commune", "dac_khu", JUNE, False),
        ("commune", "dac_khu", JULY, True),
        ("district", "quan", JUNE, True),
        ("district", "quan", JULY, False),
        ("commune", "quan", JUNE, False),
        ("hamlet", "thon", JULY, False),
    ],
)
def test_the_law_of_the_day_knows_the_type_or_refuses(level, type, day, known):
    if known:
        assert establish(day, level=level, type=type).type.at(day) == type
    else:
        with refused(KindNotAllowed, "type"):
            establish(day, level=level, type=type)


# Correcting the beginning


def test_a_beginning_is_corrected_by_naming_the_wrong_record():
    unit = given(unit_founded(name="Xã Bình Ân"))
    correct(unit, AUGUST, position(1), name="Xã Bình An", superior_id=OTHER_PROVINCE)
    right = unit_founded(
        AUGUST,
        "EstablishmentCorrected",
        name="Xã Bình An",
        superior_id=OTHER_PROVINCE,
        voids=position(1),
    )
    assert then(unit) == [right]
    assert unit.first_day() == AUGUST
    assert unit.name.at(AUGUST) == "Xã Bình An"
    assert unit.name.at(JULY) is None


def test_a_corrected_beginning_is_corrected_again():
    unit = given(unit_founded(), unit_founded(AUGUST, "EstablishmentCorrected", voids=position(1)))
    with refused(CannotVoid, "voids"):
        correct(unit, JULY, position(1))
    correct(unit, JULY, position(2))
    assert unit.first_day() == JULY


@pytest.mark.parametrize("voids", [None, position(2), 7])
def test_only_the_standing_record_of_the_beginning_is_corrected(voids):
    unit = given(unit_founded(), renamed("Xã Bình An", on=AUGUST))
    with refused(CannotVoid, "voids"):
        correct(unit, JULY, voids)


def test_a_beginning_that_was_voided_is_recorded_again():
    unit = given(unit_founded(), voided(position(1), on=JULY))
    assert not unit.is_active_on(AUGUST)
    correct(unit, AUGUST, None)
    assert then(unit) == [unit_founded(AUGUST, "EstablishmentCorrected")]
    assert unit.first_day() == AUGUST


def test_a_beginning_after_facts_on_record_is_refused():
    unit = given(unit_founded(), renamed("Xã Bình An", on=AUGUST))
    correct(unit, AUGUST, position(1))
    unit = given(unit_founded(), renamed("Xã Bình An", on=AUGUST))
    with refused(RuleBroken, "effective_on"):
        correct(unit, MARCH, position(1))


@pytest.mark.parametrize("day", [MARCH, date(2026, 4, 1)])
def test_a_beginning_on_the_day_of_the_end_or_later_is_refused(day):
    unit = given(unit_founded(), ended("dissolution", on=MARCH))
    with refused(RuleBroken, "effective_on"):
        correct(unit, day, position(1))


def test_a_correction_asks_the_law_of_its_own_day():
    unit = given(unit_founded())
    with refused(KindNotAllowed, "type"):
        correct(unit, JULY, position(1), type="thi_tran")
    correct(unit, JUNE, position(1), type="thi_tran")
    assert unit.type.at(JUNE) == "thi_tran"


# Types


def test_a_commune_becomes_a_ward():
    unit = given(unit_founded())
    unit.change_type("phuong", wish(JANUARY), rules(JANUARY))
    assert then(unit) == [type_changed("phuong", on=JANUARY)]
    assert unit.type.at(AUGUST) == "xa"


def test_the_type_given_on_that_day_already_records_nothing():
    unit = given(unit_founded(), type_changed("phuong", on=AUGUST))
    unit.change_type("phuong", wish(AUGUST), rules(AUGUST))
    assert then(unit) == []


def test_a_type_is_corrected():
    unit = given(unit_founded(), type_changed("phuong", on=AUGUST))
    unit.change_type("dac_khu", wish(JANUARY, voids=position(2)), rules(JANUARY))
    assert then(unit) == [type_changed("dac_khu", on=JANUARY, voids=position(2))]
    assert unit.type.at(AUGUST) == "xa"


def test_a_change_of_type_is_refused_outside_its_life_and_for_types_unknown():
    unit = given(unit_founded())
    with refused(KindNotAllowed, "type"):
        unit.change_type("thi_tran", wish(JANUARY), rules(JANUARY))
    with refused(NotActive, "effective_on"):
        unit.change_type("phuong", wish(JUNE), rules(JUNE))
    assert then(unit) == []
