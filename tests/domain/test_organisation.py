"""Party organisations: beginnings, kinds, places, and suspended activity."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.errors import CannotVoid, InvalidValue, KindNotAllowed, NotActive, RuleBroken
from domain.organisation import PartyOrganisation
from tests.domain.test_node import refused
from tests.facts import (
    AUGUST,
    BINH_YEN,
    HILL,
    JANUARY,
    JULY,
    MARCH,
    RIVER,
    SEPTEMBER,
    ended,
    given,
    kind_changed,
    organisation_founded,
    position,
    relocated,
    resumed,
    rules,
    suspended,
    then,
    voided,
    wish,
)

JUNE = date(2025, 6, 30)
SINCE_208 = date(2026, 7, 26)


def establish(on: date = JULY, **other: Any) -> PartyOrganisation:
    facts = organisation_founded().says | other
    return PartyOrganisation.establish(BINH_YEN, envelope=wish(on), rules=rules(on), **facts)


def test_an_organisation_is_founded_with_all_it_is():
    organisation = establish()
    assert then(organisation) == [organisation_founded()]
    assert organisation.kind.at(JULY) == "commune_upper"
    assert organisation.unit_id.at(JULY) == HILL
    assert organisation.setting.at(JULY) == "territory"


def test_it_may_stand_on_no_unit_and_in_no_setting():
    organisation = establish(unit_id=None, setting=None)
    assert then(organisation) == [organisation_founded(unit_id=None, setting=None)]


@pytest.mark.parametrize(
    ("kind", "day"), [("commune_upper", JUNE), ("district", JULY), ("base_cell", SINCE_208)]
)
def test_a_kind_that_the_rules_of_the_day_do_not_know_is_refused(kind, day):
    with refused(KindNotAllowed, "kind"):
        establish(day, kind=kind)


def test_a_setting_that_the_rules_do_not_know_is_refused():
    with refused(InvalidValue, "setting"):
        establish(setting="moon")


def test_a_beginning_is_corrected_by_naming_the_wrong_record():
    organisation = given(organisation_founded())
    facts = organisation_founded().says | {"unit_id": RIVER, "setting": None}
    envelope = wish(AUGUST, voids=position(1))
    organisation.correct_establishment(envelope=envelope, rules=rules(AUGUST), **facts)
    right = organisation_founded(
        AUGUST, "EstablishmentCorrected", unit_id=RIVER, setting=None, voids=position(1)
    )
    assert then(organisation) == [right]
    assert organisation.unit_id.facts() == (organisation.unit_id.fact_at(AUGUST),)


def test_a_correction_of_the_beginning_names_it():
    organisation = given(organisation_founded())
    with refused(CannotVoid, "voids"):
        organisation.correct_establishment(
            envelope=wish(AUGUST), rules=rules(AUGUST), **organisation_founded().says
        )


# Kinds


def test_it_becomes_an_organisation_of_another_kind():
    organisation = given(organisation_founded())
    organisation.change_kind("commune_base", wish(SINCE_208), rules(SINCE_208))
    assert then(organisation) == [kind_changed("commune_base", on=SINCE_208)]
    assert organisation.kind.at(MARCH) == "commune_upper"


def test_the_kind_given_on_that_day_already_records_nothing():
    organisation = given(organisation_founded(), kind_changed("commune_upper", on=AUGUST))
    organisation.change_kind("commune_upper", wish(AUGUST), rules(AUGUST))
    assert then(organisation) == []


def test_a_kind_unknown_or_a_day_outside_its_life_is_refused():
    organisation = given(organisation_founded())
    with refused(KindNotAllowed, "kind"):
        organisation.change_kind("district", wish(AUGUST), rules(AUGUST))
    with refused(NotActive, "effective_on"):
        organisation.change_kind("commune_base", wish(JUNE), rules(JUNE))


# Places


def test_it_comes_to_stand_on_another_unit():
    organisation = given(organisation_founded())
    organisation.relocate(RIVER, wish(AUGUST))
    organisation.relocate(RIVER, wish(AUGUST))
    organisation.relocate(None, wish(JANUARY))
    assert then(organisation) == [relocated(RIVER, on=AUGUST), relocated(None, on=JANUARY)]


def test_it_is_not_relocated_outside_its_life():
    organisation = given(organisation_founded(), ended("dissolution", on=MARCH))
    with refused(NotActive, "effective_on"):
        organisation.relocate(RIVER, wish(MARCH))


# Suspended activity


def test_its_activity_is_suspended_and_resumed_and_it_goes_on_to_exist():
    organisation = given(organisation_founded())
    organisation.suspend(wish(AUGUST))
    organisation.resume(wish(JANUARY))
    assert then(organisation) == [suspended(on=AUGUST), resumed(on=JANUARY)]
    assert organisation.is_suspended.at(SEPTEMBER)
    assert organisation.is_active_on(SEPTEMBER)
    assert not organisation.is_suspended.at(JANUARY)


def test_the_same_suspension_or_resumption_again_records_nothing():
    organisation = given(organisation_founded(), suspended(on=AUGUST), resumed(on=JANUARY))
    organisation.suspend(wish(AUGUST))
    organisation.resume(wish(JANUARY))
    assert then(organisation) == []


def test_a_second_suspension_stands_when_the_first_is_withdrawn():
    organisation = given(organisation_founded(), suspended(on=AUGUST))
    organisation.suspend(wish(SEPTEMBER))
    organisation.void(wish(AUGUST, voids=position(2)))
    assert not organisation.is_suspended.at(AUGUST)
    assert organisation.is_suspended.at(SEPTEMBER)


def test_what_was_never_suspended_is_not_resumed():
    with refused(RuleBroken, "effective_on"):
        given(organisation_founded()).resume(wish(AUGUST))
    with refused(RuleBroken, "effective_on"):
        given(organisation_founded(), suspended(on=JANUARY)).resume(wish(AUGUST))


def test_a_suspension_is_corrected_and_withdrawn():
    organisation = given(organisation_founded(), suspended(on=AUGUST))
    organisation.suspend(wish(SEPTEMBER, voids=position(2)))
    assert then(organisation) == [suspended(on=SEPTEMBER, voids=position(2))]
    assert not organisation.is_suspended.at(AUGUST)
    withdrawn = given(organisation_founded(), suspended(on=AUGUST), voided(position(2), on=AUGUST))
    assert not withdrawn.is_suspended.at(SEPTEMBER)


@pytest.mark.parametrize("command", ["suspend", "resume"])
@pytest.mark.parametrize("day", [JUNE, MARCH])
def test_activity_is_not_suspended_or_resumed_outside_its_life(command, day):
    organisation = given(organisation_founded(), ended("disbandment", on=MARCH))
    with refused(NotActive, "effective_on"):
        getattr(organisation, command)(wish(day))


# What the store keeps beside its events


def test_it_leaves_the_keys_of_all_it_must_not_collide_with():
    organisation = given(organisation_founded(), ended("merger", on=MARCH))
    superior, unit = organisation.superior_id.at(JULY), organisation.TOPIC
    assert organisation.keys(JULY) == {
        f"superior:{superior}",
        f"name:{unit}:{superior}:đảng bộ xã bình yên",
        f"unit:{organisation.unit_id.at(JULY)}",
    }
    assert organisation.keys(MARCH) == set()
