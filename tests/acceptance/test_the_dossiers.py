"""The dossiers of 2025 and what they did: all carried out, adding up to what the decisions say."""

import pytest

from domain.dossier.dossier import Dossier
from domain.errors import NotFound
from projections.dossiers import DossierFilters, Dossiers
from services.dossiers.commands import CarryOut
from services.dossiers.rehearsals import dossier_named
from services.reorganisation import dossiers as made
from services.reorganisation.importing import APPROVER


def outcome(country, key):
    carrying = dossier_named(country.register, key).carrying
    assert carrying is not None
    return carrying.outcome


def test_34_dossiers_and_the_national_one_are_carried_out(reading, lists):
    asking = Dossiers(reading.connection, reading.schema)
    done = asking.many(reading.point.known_at, DossierFilters(state="carried_out"), limit=100)
    keys = {made.key_of(row["code"]) for row in lists.rows("provinces_after")}
    assert {each.key for each in done} == keys | {made.COUNTRY}
    assert len(done) == 35
    assert {each.approver_id for each in done} == {APPROVER.id}
    assert APPROVER.id not in {each.drafter_id for each in done}
    [country] = [each for each in done if each.key == made.COUNTRY]
    assert set(country.parts) == keys
    assert (country.events, country.carried_out_at) == (0, reading.basis.position)


def test_the_national_dossier_adds_up_to_the_official_figures(country):
    balances = {each.sort: each for each in outcome(country, made.COUNTRY).balances}
    assert all(each.holds for each in balances.values())
    sums = {}
    for level in ("province", "district", "commune"):
        of = [each for sort, each in balances.items() if sort.startswith(f"unit.{level}.")]
        sums[level] = (sum(each.before for each in of), sum(each.after for each in of))
    assert sums == {"province": (63, 34), "district": (696, 0), "commune": (10_035, 3_321)}
    organisations = [each for sort, each in balances.items() if sort.startswith("organisation.")]
    assert sum(each.before for each in organisations) == 10_794
    assert sum(each.after for each in organisations) == 3_355


def test_the_events_of_a_dossier_stand_right_before_it_and_are_told_as_its_own(country):
    dossier = dossier_named(country.register, made.key_of("25"))
    [block] = dossier.own_positions()
    events = country.register.events_between(block.start, block.stop - 1)
    assert len(events) == outcome(country, made.key_of("25")).events == len(block)
    assert {e.envelope.correlation_id for e in events} == {f"dossier/{dossier.id}"}
    assert not any(event.AGGREGATE is Dossier for event in events)


def test_carrying_out_again_changes_nothing(country):
    register = country.register
    position, dossier = register.store.position(), dossier_named(register, made.key_of("01"))
    assert dossier.carrying is not None
    envelope = dossier.carrying.envelope
    again = CarryOut(id=dossier.id, envelope=envelope, today=register.today())
    assert register.execute(again).position is None
    assert register.store.position() == position
    with pytest.raises(NotFound):
        dossier_named(register, made.key_of("02"))  # Hà Giang is a province no more
