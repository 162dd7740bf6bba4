"""What the register promises over several streams, also when many write at once."""

import threading
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid5

import pytest
from eventsourcing.persistence import OperationalError

from domain.codes import Code
from domain.envelope import Actor, Authority, Envelope
from domain.errors import (
    AlreadyExists,
    Circular,
    CodeTaken,
    CommandReused,
    ConcurrentChange,
    InvalidValue,
    NameTaken,
    NotCompetent,
    NotFound,
    OutcomeUnknown,
    RuleBroken,
    SubordinatesLeft,
    SuccessorNotActive,
    SuperiorNotActive,
    SuperiorNotAllowed,
)
from domain.legal_basis import LegalBasis
from domain.lineage import Successor
from domain.organisation import PartyOrganisation
from domain.unit import AdministrativeUnit
from services.commands import (
    AssignCode,
    ChangeKind,
    CorrectUnit,
    End,
    EstablishOrganisation,
    EstablishUnit,
    Merge,
    Rename,
    Resubordinate,
    Split,
    Void,
)
from services.register import Register
from services.store import CommandKey, InDoubt

OPENING, JULY, AUGUST = date(2025, 4, 1), date(2025, 7, 1), date(2025, 8, 1)
SPACE = UUID("01980000-0000-8000-8000-000000000000")
STATE = Authority("Ủy ban Thường vụ Quốc hội")
CENTRE = Authority("Bộ Chính trị")
BASIS = (LegalBasis("1656/NQ-UBTVQH15", date(2025, 6, 16)),)


def id_of(name):
    return uuid5(SPACE, name)


def envelope(on=JULY, authority=STATE, **more):
    return Envelope(on, None, Actor("tests"), authority, BASIS, **more)


def unit(name, level="province", superior=None, on=OPENING, way="entered", code=None):
    type_ = {"province": "tinh", "district": "huyen", "commune": "xa"}[level]
    return EstablishUnit(
        id=id_of(name),
        envelope=envelope(on),
        way=way,
        level=level,
        type=type_,
        name=name,
        superior_id=superior and id_of(superior),
        codes=(Code("nso", code),) if code else (),
    )


def organisation(name, kind="province", superior=None, on=OPENING, way="entered"):
    return EstablishOrganisation(
        id=id_of(name),
        envelope=envelope(on),
        way=way,
        kind=kind,
        name=name,
        superior_id=superior and id_of(superior),
    )


def rename(name, to, on=JULY, of=AdministrativeUnit, **more):
    return Rename(id=id_of(name), envelope=envelope(on, **more), of=of, name=to)


def end(name, *heirs, way="merger", on=JULY, of=AdministrativeUnit, **more):
    successors = tuple(Successor(id_of(heir), extent) for heir, extent in heirs)
    return End(id=id_of(name), envelope=envelope(on, **more), of=of, way=way, successors=successors)


@pytest.fixture
def country(register):
    """One province, one district, two communes, as they stood in April 2025."""
    register.execute(
        unit("Tỉnh An"),
        unit("Huyện Bình", "district", "Tỉnh An"),
        unit("Xã Một", "commune", "Huyện Bình", code="00001"),
        unit("Xã Hai", "commune", "Huyện Bình", code="00002"),
    )
    return register


def test_what_is_recorded_is_read_back_and_says_its_rule_set(country):
    outcome = country.execute(rename("Xã Một", "Xã  Mới"))
    [event] = outcome.events
    assert (event.name, event.position, event.envelope.rule_set) == ("Xã Mới", 5, "294-QĐ/TW/1")
    assert country.node(AdministrativeUnit, id_of("Xã Một")).name.at(JULY) == "Xã Mới"
    assert country.node(AdministrativeUnit, id_of("Xã Một"), known_at=4).name.at(JULY) == "Xã Một"


def test_the_same_wish_twice_records_once(country):
    assert country.execute(rename("Xã Một", "Xã Mới")).events
    assert country.execute(rename("Xã Một", "Xã Mới")).events == ()
    assert country.execute(unit("Tỉnh An")).events == ()


def test_an_id_is_not_taken_twice(country):
    with pytest.raises(AlreadyExists):
        country.execute(replace(unit("Tỉnh An"), name="Tỉnh Khác"))


def test_the_beginning_that_stands_is_what_counts_as_the_same(country):
    first = country.node(AdministrativeUnit, id_of("Xã Một")).standing_beginning().position
    right = unit("Xã Một", "commune", "Huyện Bình", on=date(2025, 5, 1), code="00001")
    country.execute(
        CorrectUnit(
            id=right.id,
            envelope=envelope(date(2025, 5, 1), voids=first),
            way="entered",
            type="xa",
            name="Xã Một",
            superior_id=right.superior_id,
            codes=right.codes,
        )
    )
    assert country.execute(right).events == ()
    with pytest.raises(AlreadyExists):
        country.execute(unit("Xã Một", "commune", "Huyện Bình", code="00001"))


def test_what_is_not_there_is_not_found(country):
    with pytest.raises(NotFound):
        country.execute(rename("Xã Ba", "Xã Mới"))
    with pytest.raises(NotFound):
        country.execute(rename("Xã Một", "Xã Mới", of=PartyOrganisation))


def test_a_dry_run_says_what_would_be_written_and_stores_nothing(country):
    outcome = country.execute(rename("Xã Một", "Xã Mới"), dry_run=True)
    assert [event.TOPIC for event in outcome.events] == ["unit.renamed"]
    assert country.store.position() == 4


def test_all_of_a_transaction_or_nothing(country):
    with pytest.raises(NotFound):
        country.execute(rename("Xã Một", "Xã Mới"), rename("Xã Ba", "Xã Bốn"))
    assert country.store.position() == 4


def test_a_superior_is_active_on_every_day_of_the_life_below(country):
    with pytest.raises(SuperiorNotActive):
        country.execute(unit("Xã Ba", "commune", "Huyện Không"))
    with pytest.raises(SuperiorNotActive):
        country.execute(unit("Xã Ba", "commune", "Huyện Bình", on=date(2025, 3, 1)))
    with pytest.raises(SubordinatesLeft):
        country.execute(end("Huyện Bình", way="dissolution"))


def test_a_district_ends_when_its_communes_go_with_it_in_one_transaction(country):
    country.execute(
        end("Huyện Bình", way="dissolution"),
        *(
            Resubordinate(
                id=id_of(name),
                envelope=envelope(),
                of=AdministrativeUnit,
                superior_id=id_of("Tỉnh An"),
            )
            for name in ("Xã Một", "Xã Hai")
        ),
    )
    assert not country.node(AdministrativeUnit, id_of("Huyện Bình")).is_active_on(JULY)


def test_voiding_an_end_is_refused_while_it_would_break_a_rule(country):
    """Its name was taken over meanwhile, on days on which it would live again."""
    country.execute(unit("Xã Ba", "commune", "Huyện Bình"))
    ended = country.execute(end("Xã Một", ("Xã Hai", "whole"), on=date(2025, 5, 1)))
    country.execute(rename("Xã Ba", "Xã Một", on=date(2025, 6, 1)))
    void = Void(id=id_of("Xã Một"), envelope=envelope(voids=ended.position), of=AdministrativeUnit)
    with pytest.raises(NameTaken):
        country.execute(void)
    country.execute(rename("Xã Ba", "Xã Tư", on=date(2025, 6, 1)))
    country.execute(void)
    assert country.node(AdministrativeUnit, id_of("Xã Một")).is_active_on(JULY)


def test_siblings_do_not_share_a_name_nor_anybody_a_code(country):
    with pytest.raises(NameTaken):
        country.execute(rename("Xã Một", "XÃ HAI", on=date(2025, 5, 1)))
    with pytest.raises(CodeTaken):
        country.execute(
            AssignCode(
                id=id_of("Xã Một"),
                envelope=envelope(date(2025, 5, 1)),
                of=AdministrativeUnit,
                code=Code("nso", "00002"),
            )
        )


def test_a_code_and_a_name_may_pass_on_from_the_day_their_bearer_ends(country):
    outcome = country.execute(
        end("Xã Hai", ("Xã Một", "whole"), on=date(2025, 5, 1)),
        rename("Xã Một", "Xã Hai", on=date(2025, 5, 1)),
    )
    assert [event.TOPIC for event in outcome.events] == ["unit.ended", "unit.renamed"]


def test_a_superior_must_be_of_a_level_that_the_law_of_the_day_knows(country):
    with pytest.raises(SuperiorNotAllowed) as refusal:
        country.execute(unit("Xã Ba", "commune", "Tỉnh An"))
    assert refusal.value.facts["document"] == "77/2015/QH13"
    country.execute(unit("Xã Ba", "commune", "Tỉnh An", on=JULY))


def test_who_takes_over_is_there_on_the_day_and_of_the_same_level(country):
    with pytest.raises(NotFound):
        country.execute(end("Xã Một", ("Xã Ba", "whole")))
    with pytest.raises(RuleBroken, match="conversion"):
        country.execute(end("Xã Một", ("Tỉnh An", "whole")))
    with pytest.raises(SuccessorNotActive):
        country.execute(
            end("Xã Một", ("Xã Ba", "whole"), on=date(2025, 5, 1)),
            unit("Xã Ba", "commune", "Huyện Bình", on=date(2025, 6, 1), way="merger"),
        )


def test_the_beginning_of_one_that_took_over_cannot_move_behind_it(country):
    founded = country.execute(
        unit("Xã Ba", "commune", "Huyện Bình", on=date(2025, 5, 1), way="merger"),
        end("Xã Một", ("Xã Ba", "whole"), on=date(2025, 5, 1)),
    )
    correct = CorrectUnit(
        id=id_of("Xã Ba"),
        envelope=envelope(date(2025, 6, 1), voids=founded.events[0].position),
        way="merger",
        type="xa",
        name="Xã Ba",
        superior_id=id_of("Huyện Bình"),
    )
    with pytest.raises(SuccessorNotActive):
        country.execute(correct)


def test_merging_and_splitting_are_one_transaction(country):
    merged = Merge(
        id=id_of("Xã Gộp"),
        envelope=envelope(date(2025, 5, 1)),
        of=AdministrativeUnit,
        sources=(id_of("Xã Một"), id_of("Xã Hai")),
        founding=unit("Xã Gộp", "commune", "Huyện Bình", on=date(2025, 5, 1), way="merger"),
    )
    assert len(country.execute(merged).events) == 3
    split = Split(
        id=id_of("Xã Gộp"),
        envelope=envelope(date(2025, 6, 1)),
        of=AdministrativeUnit,
        successors=(Successor(id_of("Xã A"), "part"), Successor(id_of("Xã B"), "part")),
        foundings=tuple(
            unit(name, "commune", "Huyện Bình", on=date(2025, 6, 1), way="division")
            for name in ("Xã A", "Xã B")
        ),
    )
    assert len(country.execute(split).events) == 3


def test_only_a_body_with_the_power_decides(register):
    register.execute(organisation("Đảng bộ tỉnh An"), organisation("Đảng bộ tỉnh Bình"))
    of_an = Authority("Ban Thường vụ Tỉnh ủy An", id_of("Đảng bộ tỉnh An"))
    of_binh = Authority("Ban Thường vụ Tỉnh ủy Bình", id_of("Đảng bộ tỉnh Bình"))
    founding = replace(
        organisation("Đảng bộ xã Một", "commune_upper", "Đảng bộ tỉnh An", JULY, "new"),
        envelope=envelope(authority=of_binh),
    )
    with pytest.raises(NotCompetent):
        register.execute(founding)
    with pytest.raises(NotCompetent):
        register.execute(replace(founding, envelope=envelope(authority=STATE)))
    register.execute(replace(founding, envelope=envelope(authority=of_an)))
    register.execute(
        rename("Đảng bộ xã Một", "Đảng bộ phường Một", of=PartyOrganisation, authority=CENTRE)
    )


def test_an_entry_is_attested_by_a_body_that_keeps_the_list(register):
    nobody = replace(unit("Tỉnh Bịa"), envelope=envelope(authority=Authority("Quán cà phê")))
    with pytest.raises(NotCompetent):
        register.execute(nobody)
    register.execute(replace(nobody, envelope=envelope(authority=Authority("Cục Thống kê"))))
    with pytest.raises(NotCompetent):
        register.execute(rename("Tỉnh Bịa", "Tỉnh Khác", authority=Authority("Cục Thống kê")))


def test_a_voiding_needs_the_power_that_the_voided_event_needed(register):
    register.execute(organisation("Đảng bộ tỉnh An"), organisation("Đảng bộ tỉnh Bình"))
    of_an = Authority("Ban Thường vụ Tỉnh ủy An", id_of("Đảng bộ tỉnh An"))
    of_binh = Authority("Ban Thường vụ Tỉnh ủy Bình", id_of("Đảng bộ tỉnh Bình"))
    founded = register.execute(
        replace(
            organisation("Đảng bộ xã Một", "commune_upper", "Đảng bộ tỉnh An", JULY, "new"),
            envelope=envelope(authority=of_an),
        )
    )

    def void(authority):
        taken_back = envelope(AUGUST, authority=authority, voids=founded.position)
        return Void(id=id_of("Đảng bộ xã Một"), envelope=taken_back, of=PartyOrganisation)

    for stranger in (of_binh, STATE, Authority("Quán cà phê")):
        with pytest.raises(NotCompetent):
            register.execute(void(stranger))
    register.execute(void(of_an))


def test_a_body_is_known_however_its_name_is_spelt_but_not_by_the_id_of_another(register):
    register.execute(organisation("Đảng bộ tỉnh An"))
    spelt = Authority("Bộ  chính trị")
    register.execute(rename("Đảng bộ tỉnh An", "Đảng bộ An", of=PartyOrganisation, authority=spelt))
    mixed = Authority("Bộ Chính trị", id_of("Đảng bộ tỉnh An"))
    founding = organisation("Đảng bộ xã Một", "commune_upper", "Đảng bộ tỉnh An", JULY, "new")
    with pytest.raises(NotCompetent):
        register.execute(replace(founding, envelope=envelope(authority=mixed)))


def test_what_is_to_come_is_not_entered_as_it_stands(register):
    with pytest.raises(InvalidValue, match="to come"):
        register.execute(unit("Tỉnh An", on=date(2199, 1, 1)))


def test_nobody_comes_to_stand_under_himself(register):
    """Two re-subordinations of different days that close a circle only together."""
    register.execute(
        organisation("Đảng bộ tỉnh An"),
        organisation("Đảng bộ Quân sự", "military", "Đảng bộ tỉnh An"),
        organisation("Đảng bộ cơ sở Một", "base_committee", "Đảng bộ Quân sự"),
    )
    change = ChangeKind(
        id=id_of("Đảng bộ Quân sự"),
        envelope=envelope(authority=CENTRE),
        kind="commune_upper",
    )
    register.execute(change)
    with pytest.raises((Circular, SuperiorNotAllowed)):
        register.execute(
            Resubordinate(
                id=id_of("Đảng bộ tỉnh An"),
                envelope=envelope(authority=CENTRE),
                of=PartyOrganisation,
                superior_id=id_of("Đảng bộ Quân sự"),
            )
        )


def test_an_expected_version_that_has_passed_is_refused_with_what_was_missed(country):
    country.execute(rename("Xã Một", "Xã Mới"))
    with pytest.raises(ConcurrentChange) as refusal:
        country.execute(replace(rename("Xã Một", "Xã Khác"), expected_version=1))
    assert refusal.value.facts["version"] == 2
    assert refusal.value.facts["missed"] == [5]


def test_a_command_that_comes_again_gets_the_first_answer(country):
    key = CommandKey("k-1", b"1" * 32)
    first = country.execute(rename("Xã Một", "Xã Mới"), key=key)
    again = country.execute(rename("Xã Một", "Xã Mới"), key=key)
    assert again.repeated
    assert again.events == first.events
    nothing = CommandKey("k-2", b"2" * 32)
    assert country.execute(rename("Xã Một", "Xã Mới"), key=nothing).events == ()
    country.execute(rename("Xã Một", "Xã Khác"))
    assert country.execute(rename("Xã Một", "Xã Mới"), key=nothing).events == ()
    with pytest.raises(CommandReused):
        country.execute(rename("Xã Một", "Xã Mới"), key=CommandKey("k-1", b"3" * 32))


def in_threads(*works):
    """Run all at once; what each returned or raised."""
    results: list[Any] = [None] * len(works)
    start = threading.Barrier(len(works))

    def run(n):
        start.wait()
        try:
            results[n] = works[n]()
        except Exception as error:
            results[n] = error

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_many_who_found_the_same_name_at_once_one_succeeds(country):
    same = [replace(unit("Xã Ba", "commune", "Huyện Bình"), id=id_of(f"Ba {n}")) for n in range(6)]
    results = in_threads(*(lambda c=c: country.execute(c) for c in same))
    assert sorted(type(r).__name__ for r in results) == ["NameTaken"] * 5 + ["Outcome"]


def test_a_child_founded_while_its_superior_ends_is_never_left_alone(register):
    """Whoever is quicker wins; an active child under an ended superior never comes about."""
    register.execute(unit("Tỉnh An"))
    for n in range(8):
        district, commune = f"Huyện {n}", f"Xã {n}"
        register.execute(unit(district, "district", "Tỉnh An"))
        results = in_threads(
            lambda d=district: register.execute(end(d, way="dissolution", on=date(2025, 5, 1))),
            lambda c=commune, d=district: register.execute(unit(c, "commune", d)),
        )
        assert sum(isinstance(r, Exception) for r in results) == 1
        child = register.node(AdministrativeUnit, id_of(commune))
        superior = register.node(AdministrativeUnit, id_of(district))
        assert child is None or superior.is_active_on(AUGUST)


def test_many_who_rename_one_thing_at_once_all_come_through(country):
    """Each decides anew, a little later each time; nobody stated a version, nobody is refused."""
    results = in_threads(
        *(lambda n=n: country.execute(rename("Xã Một", f"Xã {n}")) for n in range(10))
    )
    assert not [r for r in results if isinstance(r, Exception)]
    assert country.store.position() == 14


@pytest.mark.parametrize(
    ("field", "circumstances"),
    [
        ("decided_on", {"decided_on": date(2199, 1, 1)}),
        ("basis.issued_on", {"basis": (LegalBasis("01-QĐ/TU", date(2199, 1, 1)),)}),
    ],
)
def test_what_nobody_has_decided_yet_is_not_recorded(country, field, circumstances):
    wish = rename("Xã Một", "Xã Mới", on=date(2199, 2, 1))
    with pytest.raises(InvalidValue) as refusal:
        country.execute(replace(wish, envelope=replace(wish.envelope, **circumstances)))
    assert refusal.value.facts["field"] == field


def test_a_voiding_applies_the_rules_of_the_day_that_it_takes_back(country):
    renamed = country.execute(rename("Xã Một", "Xã Mới", on=JULY))
    void = Void(
        id=id_of("Xã Một"),
        envelope=envelope(date(2026, 9, 1), voids=renamed.position),
        of=AdministrativeUnit,
    )
    [voided] = country.execute(void).events
    assert voided.envelope.rule_set == renamed.events[0].envelope.rule_set == "294-QĐ/TW/1"


def test_different_children_of_one_superior_do_not_hinder_each_other(country):
    results = in_threads(
        *(
            lambda n=n: country.execute(unit(f"Xã Số {n}", "commune", "Huyện Bình"))
            for n in range(8)
        )
    )
    assert not [r for r in results if isinstance(r, Exception)]
    assert country.store.position() == 12


class Interrupted(Register):
    """The connection is lost once, at one of its steps."""

    step = ""

    def _lost(self, step, error):
        if step == self.step:
            self.step = ""
            raise error

    def _earlier(self, key):
        self._lost("asking for an earlier answer", InDoubt("lost"))
        return super()._earlier(key)

    def _stored(self, work, key):
        outcome = super()._stored(work, key)
        self._lost("storing", InDoubt("lost"))
        return outcome

    def events_between(self, first, last):
        self._lost("reading back", OperationalError("lost"))
        return super().events_between(first, last)


def interrupted(country, step, of=Interrupted):
    register = of(country.env)
    register.step = step
    return register


@pytest.mark.parametrize("step", ["asking for an earlier answer", "storing", "reading back"])
def test_who_asks_under_a_key_gets_the_answer_though_the_connection_was_lost(country, step):
    with interrupted(country, step) as register:
        outcome = register.execute(rename("Xã Một", "Xã Mới"), key=CommandKey("k", b"1"))
    assert [event.name for event in outcome.events] == ["Xã Mới"]
    assert (outcome.position, country.store.position()) == (5, 5)


@pytest.mark.parametrize("step", ["storing", "reading back"])
def test_without_a_key_a_lost_connection_leaves_in_doubt_what_was_recorded(country, step):
    with interrupted(country, step) as register, pytest.raises(OutcomeUnknown):
        register.execute(rename("Xã Một", "Xã Mới"))
    assert country.store.position() == 5


class LostForLong(Interrupted):
    """After that, nothing can be read any more."""

    def decided(self, commands):
        if not self.step:
            raise OperationalError("gone")
        return super().decided(commands)

    def _earlier(self, key):
        return None


def test_a_doubt_stays_one_when_nothing_can_be_read_any_more(country):
    with interrupted(country, "storing", LostForLong) as register, pytest.raises(OutcomeUnknown):
        register.execute(rename("Xã Một", "Xã Mới"), key=CommandKey("k", b"1"))
    with interrupted(country, "", LostForLong) as register, pytest.raises(OperationalError):
        register.execute(rename("Xã Một", "Xã Mới"), key=CommandKey("k", b"1"))
