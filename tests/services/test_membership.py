"""What the register promises about members: one cell each, and nobody lost when cells change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.errors import (
    AlreadyExists,
    AlreadyMember,
    InvalidValue,
    MembersLeft,
    NotActive,
    NotCompetent,
    NotFound,
    RuleBroken,
)
from domain.lineage import Successor
from domain.membership import Membership, Vote
from domain.organisation import PartyOrganisation
from projections.rolls import Rolls
from services.commands import End, Resubordinate, Void
from services.membership import (
    Admit,
    Expel,
    HoldCeremony,
    Introduce,
    Leave,
    MergeCells,
    Move,
    Receive,
    Recognise,
    StartTemporary,
)
from tests.services.membership import (
    JULY,
    about,
    by,
    cell,
    entered,
    envelope,
    id_of,
    organisations,
)

AUGUST, SEPTEMBER, OCTOBER = date(2025, 8, 1), date(2025, 9, 1), date(2025, 10, 1)


@pytest.fixture
def province(register):
    """The tree of tests/services/membership.py: two members in each cell of xã Đông, one in 4."""
    register.execute(*organisations())
    people = [("Một", "chi bộ 1"), ("Hai", "chi bộ 1"), ("Ba", "chi bộ 2"), ("Tư", "chi bộ 2")]
    people += [("Năm", "chi bộ 3"), ("Sáu", "chi bộ 3"), ("Bảy", "chi bộ 4")]
    register.execute(*(entered(who, where) for who, where in people))
    return register


def admit(who, where="chi bộ 1", on=AUGUST, **more):
    usual = {
        "person_id": id_of(f"người {who}"),
        "cell_id": id_of(where),
        "cell_decided_on": on,
        "introducer_ids": (id_of("người Một"), id_of("người Hai")),
    }
    return Admit(**about(who, on), **(usual | more))


def membership(register, who):
    recorded = register.events_between(1, register.store.position())
    mine = [e for e in recorded if e.originator_id == id_of(f"đảng tịch {who}")]
    return Membership.fold(mine)


def test_somebody_is_admitted_and_recognised_as_of_the_end_of_the_probation(province):
    province.execute(admit("Mới"))
    province.execute(HoldCeremony(**about("Mới", date(2025, 8, 20))))
    decided = date(2026, 10, 30)
    late = about("Mới", date(2026, 8, 20), decided_on=decided)
    wrongly = Recognise(**about("Mới", decided, decided_on=decided))
    with pytest.raises(RuleBroken, match="20/08/2026") as refusal:
        province.execute(wrongly)
    assert refusal.value.facts["rule"] == "INV-MEM-3"
    province.execute(Recognise(**late))
    member = membership(province, "Mới")
    assert not member.is_official_on(date(2026, 8, 19))
    assert member.is_official_on(date(2026, 8, 20))


def test_the_same_wish_twice_records_once(province):
    assert province.execute(admit("Mới")).events
    assert province.execute(admit("Mới")).events == ()
    introduce = Introduce(**about("Một", AUGUST), to_id=id_of("chi bộ 4"))
    assert province.execute(introduce).events
    assert province.execute(introduce).events == ()
    with pytest.raises(AlreadyExists):
        province.execute(replace(admit("Mới"), cell_id=id_of("chi bộ 2")))


def test_a_person_has_one_membership_at_a_time(province):
    others = (id_of("người Ba"), id_of("người Hai"))
    again = admit("Một khác", person_id=id_of("người Một"), introducer_ids=others)
    with pytest.raises(AlreadyMember):
        province.execute(again)


def test_introducers_are_official_members_on_the_day_of_the_cells_decision(province):
    province.execute(Leave(**about("Hai", AUGUST)))
    with pytest.raises(RuleBroken) as refusal:
        province.execute(admit("Mới", on=AUGUST))
    assert refusal.value.facts["rule"] == "INV-MEM-4"
    assert province.execute(admit("Mới", on=AUGUST, cell_decided_on=date(2025, 7, 31))).events


def test_a_vote_is_counted_on_the_roll_of_that_day(province):
    with pytest.raises(RuleBroken) as refusal:
        province.execute(admit("Mới", vote=Vote(3, 3, 0)))
    assert refusal.value.facts["rule"] == "INV-MEM-5"
    away = StartTemporary(**about("Hai", JULY), cell_id=id_of("chi bộ 4"))
    province.execute(away)
    with pytest.raises(RuleBroken):
        province.execute(admit("Mới", vote=Vote(2, 2, 0)))
    assert province.execute(admit("Mới", vote=Vote(1, 1, 0))).events


def test_a_transfer_is_received_once_and_only_where_it_was_introduced(province):
    receive = Receive(**about("Một", OCTOBER), cell_id=id_of("chi bộ 4"))
    with pytest.raises(RuleBroken) as refusal:
        province.execute(receive)
    assert refusal.value.facts["rule"] == "INV-MEM-2"
    province.execute(Introduce(**about("Một", AUGUST), to_id=id_of("xã Tây")))
    member = membership(province, "Một")
    assert member.cell_on(SEPTEMBER) == id_of("chi bộ 1"), "the sender stays responsible"
    with pytest.raises(RuleBroken, match="introduced to another"):
        province.execute(replace(receive, cell_id=id_of("chi bộ 3")))
    assert province.execute(receive).events
    assert membership(province, "Một").cell_on(OCTOBER) == id_of("chi bộ 4")
    with pytest.raises(RuleBroken):
        province.execute(Receive(**about("Một", date(2025, 10, 2)), cell_id=id_of("chi bộ 4")))


def test_an_internal_transfer_stays_within_the_base(province):
    assert province.execute(Move(**about("Một", AUGUST), cell_id=id_of("chi bộ 2"))).events
    with pytest.raises(RuleBroken):
        province.execute(Move(**about("Hai", AUGUST), cell_id=id_of("chi bộ 4")))


def test_who_has_no_power_over_the_cell_decides_nothing(province):
    with pytest.raises(NotCompetent):
        province.execute(Leave(**about("Một", AUGUST, by("xã Tây"))))
    with pytest.raises(NotCompetent):
        province.execute(Leave(**about("Một", AUGUST, by("chi bộ 1"))))
    assert province.execute(Leave(**about("Một", AUGUST, by("cơ sở 1")))).events


def test_a_cell_does_not_end_while_members_belong_to_it(province):
    heirs = (Successor(id_of("chi bộ 2"), "whole", is_default=True),)
    ending = End(
        of=PartyOrganisation,
        id=id_of("chi bộ 1"),
        envelope=envelope(SEPTEMBER),
        way="merger",
        successors=heirs,
    )
    with pytest.raises(MembersLeft) as refusal:
        province.execute(ending)
    assert refusal.value.facts["rule"] == "INV-ORG-1"
    moves = [
        Move(**about(who, SEPTEMBER), cell_id=id_of("chi bộ 2"), way="reorganisation")
        for who in ("Một", "Hai")
    ]
    assert province.execute(ending, *moves).events


def test_cells_merge_into_a_new_one_with_all_their_members(province):
    province.execute(StartTemporary(**about("Bảy", AUGUST), cell_id=id_of("chi bộ 2")))
    merger = MergeCells(
        id=id_of("chi bộ mới"),
        envelope=envelope(SEPTEMBER),
        sources=(id_of("chi bộ 1"), id_of("chi bộ 2")),
        founding=cell("chi bộ mới", "cơ sở 1", SEPTEMBER),
        allocation={id_of("đảng tịch Tư"): id_of("chi bộ 3")},
    )
    outcome = province.execute(merger)
    assert [type(e).__name__ for e in outcome.events].count("Moved") == 4
    places = {who: membership(province, who).cell_on(SEPTEMBER) for who in ("Một", "Ba", "Tư")}
    assert places == {
        "Một": id_of("chi bộ mới"),
        "Ba": id_of("chi bộ mới"),
        "Tư": id_of("chi bộ 3"),
    }
    assert membership(province, "Bảy").temporary_cell_id.at(SEPTEMBER) == id_of("chi bộ mới")
    assert membership(province, "Ba").cell_on(AUGUST) == id_of("chi bộ 2")


def test_an_allocation_names_members_of_these_cells(province):
    merger = MergeCells(
        id=id_of("chi bộ 2"),
        envelope=envelope(SEPTEMBER),
        sources=(id_of("chi bộ 1"),),
        allocation={id_of("đảng tịch Năm"): id_of("chi bộ 3")},
    )
    with pytest.raises(NotFound):
        province.execute(merger)


def test_members_belong_to_a_cell_that_is_active(province):
    with pytest.raises(NotActive):
        province.execute(entered("Tám", "chi bộ 1", on=date(2025, 6, 1)))
    with pytest.raises(RuleBroken, match="base_committee"):
        province.execute(entered("Tám", "cơ sở 1"))


def test_who_was_expelled_is_admitted_again_after_three_years_at_the_earliest(province):
    province.execute(Expel(**about("Bảy", AUGUST)))
    again = admit("Bảy lại", "chi bộ 4", on=date(2026, 8, 1), former_id=id_of("đảng tịch Bảy"))
    again = replace(again, person_id=id_of("người Bảy"))
    with pytest.raises(RuleBroken, match="01/08/2028"):
        province.execute(again)
    province.today = lambda: date(2028, 8, 1)
    later = replace(again, envelope=envelope(date(2028, 8, 1)), cell_decided_on=date(2028, 8, 1))
    assert province.execute(later).events


def test_nobody_is_entered_with_a_badge_that_there_is_not(province):
    with pytest.raises(InvalidValue) as refused:
        province.execute(entered("Mới", "chi bộ 1", badge_years=33))
    assert refused.value.facts["field"] == "badge_years"
    assert refused.value.facts["rule"] == "membership.badges"
    assert province.execute(entered("Mới", "chi bộ 1", badge_years=30)).events


def test_the_roll_of_a_cell_on_any_day_as_known_on_any_day(province, read):
    then = province.store.position()
    province.execute(Introduce(**about("Một", AUGUST), to_id=id_of("chi bộ 4")))
    late = province.execute(Receive(**about("Một", SEPTEMBER), cell_id=id_of("chi bộ 4")))
    position = late.position
    with read(valid_at=SEPTEMBER) as reading:
        rolls = Rolls(reading.connection, reading.schema)
        here = {m.membership_id for m in rolls.roll(id_of("chi bộ 4"), reading.point)}
        assert here == {id_of("đảng tịch Một"), id_of("đảng tịch Bảy")}
        assert len(rolls.roll(id_of("chi bộ 1"), reading.point)) == 1
        as_known_then = reading.point_at(SEPTEMBER, then)
        assert len(rolls.roll(id_of("chi bộ 1"), as_known_then)) == 2
    province.execute(Void(of=Membership, **about("Một", SEPTEMBER, voids=position)))
    with read(valid_at=SEPTEMBER) as reading:
        rolls = Rolls(reading.connection, reading.schema)
        assert len(rolls.roll(id_of("chi bộ 1"), reading.point)) == 2
        [in_transit] = rolls.in_transit(id_of("tỉnh An"), reading.point)
        assert in_transit.introduced_on == AUGUST


def test_the_members_of_a_tree_are_counted_by_standing(province, read):
    province.execute(
        admit("Mới"),
        StartTemporary(**about("Hai", AUGUST), cell_id=id_of("chi bộ 4")),
        entered("Xa", "chi bộ 5"),
    )
    with read(valid_at=SEPTEMBER) as reading:
        rolls = Rolls(reading.connection, reading.schema)
        counted = rolls.count(id_of("xã Đông"), reading.point)
        assert (counted.official, counted.probationary, counted.away) == (6, 1, 1)
        assert rolls.count(id_of("tỉnh An"), reading.point).members == 8
        assert rolls.counts(id_of("tỉnh An"), reading.point)[id_of("chi bộ 4")].guests == 1


def test_the_movement_of_members_balances_for_every_organisation(province, read):
    province.execute(
        admit("Mới"),
        Introduce(**about("Một", AUGUST), to_id=id_of("chi bộ 4")),
        Leave(**about("Tư", SEPTEMBER)),
    )
    province.execute(Receive(**about("Một", SEPTEMBER), cell_id=id_of("chi bộ 4")))
    moved_base = Resubordinate(
        of=PartyOrganisation,
        id=id_of("cơ sở 2"),
        envelope=envelope(SEPTEMBER),
        superior_id=id_of("xã Tây"),
    )
    province.execute(moved_base)
    with read(valid_at=OCTOBER) as reading:
        rolls = Rolls(reading.connection, reading.schema)
        east = rolls.movement(id_of("xã Đông"), AUGUST, date(2025, 10, 2), reading.point.known_at)
        west = rolls.movement(id_of("xã Tây"), AUGUST, date(2025, 10, 2), reading.point.known_at)
        whole = rolls.movement(id_of("tỉnh An"), AUGUST, date(2025, 10, 2), reading.point.known_at)
    members = east.members
    assert (members.opening, members.admitted, members.left, members.closing) == (6, 1, 1, 3)
    assert (members.transferred_near, members.reorganised_out) == (1, 2)
    assert (west.members.received_near, west.members.reorganised_in) == (1, 2)
    assert (whole.members.opening, whole.members.closing) == (7, 7)
    assert whole.members.come == whole.members.gone == 1
    assert east.is_balanced
    assert west.is_balanced
    assert whole.is_balanced
