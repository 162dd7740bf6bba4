"""Invented leaders: everybody who leads is in the right place, and nothing of it breaks a rule."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.evaluation.review import Review
from domain.leadership import Leadership, leadership_id
from projections.rolls import Rolls
from services.dossiers.rehearsals import dossier_named, rehearsed
from services.dossiers.rehearsing import Rehearsal
from services.invented import localities
from services.invented.evaluation import rounds
from services.invented.leaders import COMMITTEE, SECRETARY, Leaders
from services.invented.members import fill
from services.invented.recording import record_leaders_of_the_day, record_leaders_of_the_eve
from services.leadership import SetSeats
from services.record import to_event
from services.reorganisation import carry_out_dossiers, checked, record, record_opening
from tests.services.country import Country
from tests.vaults import people_of

DAY = date(2025, 7, 1)
EVE = DAY - timedelta(days=1)


@pytest.fixture
def people(register, postgres, schema):
    with people_of(register, postgres.dsn, schema) as opened:
        yield opened


@pytest.fixture
def country(tmp_path, register, level):
    record(register, checked(Country(tmp_path).folder), lambda *_: None)
    level()


def lead(register, people, readings):
    """How many organisations, and how many new people."""
    place = (register, people, readings, DAY, lambda *_: None)
    entered = (record_leaders_of_the_eve(*place), record_leaders_of_the_day(*place))
    return sum(each.organisations for each in entered), sum(each.people for each in entered)


def led(readings):
    with readings.at(DAY) as reading:
        leaders = Leaders(reading, DAY)
        before = leaders.before()
        return leaders, before, leaders.after(before)


def leadership(register, organisation_id):
    history = register.store.histories([leadership_id(organisation_id)])
    return Leadership.fold(to_event(r.topic, r.state, r.id) for r in history)


def secretary(register, organisation_id, day):
    return [
        tenure.holding.person_id
        for tenure in leadership(register, organisation_id).holders(COMMITTEE, SECRETARY, day)
    ]


def test_each_province_and_commune_is_led_on_both_days(register, people, readings, country):
    entered = lead(register, people, readings)
    _, before, after = led(readings)
    assert (len(before), len(after)) == (9, 7)
    assert entered[0] == 16
    for each in before:
        assert secretary(register, each.organisation.organisation_id, EVE) == [each.people[0]]
    for each in after:
        assert secretary(register, each.organisation.organisation_id, DAY) == [each.people[0]]
    ended = {e.organisation.organisation_id for e in before} - {
        e.organisation.organisation_id for e in after
    }
    assert ended
    assert all(secretary(register, id_, DAY) == [] for id_ in ended)


def test_dossiers_tell_who_loses_a_post_of_those_who_led_on_the_eve(
    register, people, readings, tmp_path, level
):
    lists = checked(Country(tmp_path).folder)
    record_opening(register, lists)
    level()
    record_leaders_of_the_eve(register, people, readings, DAY, lambda *_: None)
    made: list[Rehearsal] = []

    def before_it_is_carried_out(_done, _total, words):
        if words.startswith("checking") and not made:
            made.append(rehearsed(register, dossier_named(register, "vn2025/12"), DAY).rehearsal)

    carry_out_dossiers(register, lists, before_it_is_carried_out)
    [rehearsal] = made
    losing = {each.of for each in rehearsal.affected if each.sort == "posts"}
    assert losing
    for organisation_id in losing:
        assert secretary(register, organisation_id, EVE)
        assert secretary(register, organisation_id, DAY) == []
    [posts] = [each for each in rehearsal.balances if each.sort == "posts"]
    assert posts.ended == sum(each.sort == "posts" for each in rehearsal.affected)
    level()
    record_leaders_of_the_day(register, people, readings, DAY, lambda *_: None)
    for each in led(readings)[2]:
        assert secretary(register, each.organisation.organisation_id, DAY) == [each.people[0]]


def test_who_leads_is_taken_from_those_who_led_what_went_over(readings, country):
    _, before, after = led(readings)
    leading = {id_ for each in before for id_ in each.people[:3]}
    heirs = [id_ for each in after for id_ in each.people if id_ in leading]
    assert heirs
    assert len(heirs) == len(set(heirs))
    assert all(len(each.people) == len(set(each.people)) == 27 for each in after)


def test_the_same_again_records_nothing(register, people, readings, country, level):
    lead(register, people, readings)
    head = register.store.position()
    level()
    again = lead(register, people, readings)
    assert again == (0, 0)
    assert register.store.position() == head


def test_what_was_loaded_unasked_breaks_no_rule(register, people, readings, country):
    """A later wish is judged with all that stands: nothing of it may be wrong already."""
    lead(register, people, readings)
    leaders, before, after = led(readings)
    going_on = {each.organisation.organisation_id for each in after}
    for each in before:
        if each.organisation.organisation_id in going_on:
            continue
        wish = SetSeats(
            organisation_id=each.organisation.organisation_id,
            envelope=leaders.entering(each)[0].envelope,
            body=COMMITTEE,
            post="member",
            number=len(each.people),
        )
        assert register.execute(wish, dry_run=True).events


def test_a_round_of_each_province_is_closed_within_its_ceiling(register, people, readings, country):
    lead(register, people, readings)
    _, _, after = led(readings)
    for opening, *_ in rounds(after):
        review = register.store.histories([opening.id])
        found = Review.fold(to_event(r.topic, r.state, r.id) for r in review)
        assert found is not None
        assert found.state == "closed"


def test_names_are_sealed_and_known_to_who_may_see_them(register, people, readings, country):
    lead(register, people, readings)
    _, before, after = led(readings)
    named = {id_ for each in [*before, *after] for id_ in each.new}
    assert len(people.vault.keys(list(named))) == len(named)
    boards = [id_ for each in after for id_ in each.people[:9]]
    assert set(boards) <= named


def test_a_commune_is_filled_with_cells_and_members(
    register, people, readings, country, level, monkeypatch
):
    monkeypatch.setattr(localities, "CELLS", 3 * localities.COMMUNES)
    monkeypatch.setattr(localities, "BASES", 8 * localities.COMMUNES)
    [commune, *_] = [
        each.organisation for each in led(readings)[2] if each.organisation.superior_id
    ]
    filled = fill(register, people, commune)
    level()
    again = fill(register, people, commune)
    assert (again.organisations, again.members) == (0, 0)
    assert filled.events == filled.organisations + 2 * filled.members
    with readings.at(DAY) as reading:
        rolls = Rolls(reading.connection, reading.schema)
        count = rolls.count(commune.organisation_id, reading.point)
    assert count.official + count.probationary == filled.members > 100
