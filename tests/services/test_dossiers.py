"""What a dossier promises: whole or not at all, nobody left over, two persons, and a way back."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.dossier.tables import Declared, Handover, Heading, Rule, Seats
from domain.errors import (
    AlreadyExists,
    DossierRefused,
    InvalidValue,
    Moved,
    NotCheckedSo,
    SecondPersonNeeded,
    WrongState,
)
from domain.evaluation.parts import Subject
from domain.leadership import leadership_id
from domain.lineage import Successor
from domain.organisation import PartyOrganisation
from domain.person import Person, Sealed
from domain.unit import AdministrativeUnit
from services.commands import ChangeUnitType, Rename
from services.dossiers.commands import Approve, CarryOut, Schedule, Withdraw
from services.dossiers.impact import impact_of_corrections
from services.evaluation import ListSubjects, OpenRound, round_id
from tests.services.dossiers import (
    APPROVER,
    DAY,
    DOSSIER,
    DRAFTER,
    EVE,
    FOLLOW,
    HEADING,
    LEADS,
    STATE,
    TODAY,
    act,
    becomes,
    by_province,
    carried_out,
    checked,
    country,
    dossier,
    drawn_up,
    envelope,
    errors,
    id_of,
    merger,
    organisation,
    people,
    rehearsed,
    stream,
    tables,
    was,
    went,
)

AHEAD = date(2027, 3, 1)


@pytest.fixture
def province(register):
    register.execute(*country())
    register.execute(*people())
    register.today = lambda: TODAY
    return register


def new_one(register, subject="unit", code="60001"):
    """The one that began in the dossier with that code."""
    topic = {"unit": AdministrativeUnit, "organisation": PartyOrganisation}[subject].TOPIC
    [begun] = [
        event.originator_id
        for event in register.events_between(1, register.store.position())
        if f"{topic}.established" == event.TOPIC and event.way in {"merger", "division"}
    ]
    return stream(register, begun)


# Carrying out


def test_two_communes_become_one_and_everything_on_them_goes_along(province):
    outcome = carried_out(province, merger())
    unit, organisation = new_one(province), new_one(province, "organisation")
    assert (unit.name.at(DAY), unit.code("nso").at(DAY)) == ("Xã Đồng Suối", "60001")
    assert organisation.name.at(DAY) == "Đảng bộ xã Đồng Suối"
    assert (organisation.kind.at(DAY), organisation.unit_id.at(DAY)) == ("commune_upper", unit.id)
    for code in ("60001", "60002"):
        for old, heir in ((id_of(code), unit), (id_of(f"đảng bộ {code}"), organisation)):
            end = stream(province, old).standing_end()
            assert (end.way, end.effective_on) == ("merger", DAY)
            assert end.successors == (Successor(heir.id, "whole", is_default=True),)
    for base in ("cơ sở Đồng", "cơ sở Suối"):
        assert stream(province, id_of(base)).superior_id.at(DAY) == organisation.id
    leadership = stream(province, leadership_id(id_of("đảng bộ 60002")))
    assert leadership.closed.at(DAY)
    assert leadership.held_by(id_of(LEADS), DAY) == []
    assert outcome.events[-1].TOPIC == "dossier.carried-out"


def test_its_events_rest_on_its_decisions_and_name_it(province):
    carried_out(province, merger())
    unit, organisation = new_one(province), new_one(province, "organisation")
    assert [d.number for d in unit.standing_beginning().basis] == ["1700/NQ-UBTVQH15"]
    assert unit.standing_beginning().envelope.authority == STATE
    assert [d.number for d in organisation.standing_beginning().basis] == ["21-QĐ/TU"]
    assert organisation.standing_beginning().envelope.authority == by_province()
    assert unit.standing_beginning().envelope.correlation_id == f"dossier/{DOSSIER}"


def test_its_events_stand_right_before_the_one_that_says_so(province):
    before = province.store.position()
    carried_out(province, merger())
    done = dossier(province)
    [own] = done.own_positions()
    first = before + 4  # drawn up in two events, checked, approved
    assert (own.start, own.stop) == (first + 1, done.carrying.position - done.carrying.before)
    events = province.events_between(own.start, own.stop - 1)
    assert len(events) == done.carrying.outcome.events
    assert {event.TOPIC.partition(".")[0] for event in events} == {
        "unit",
        "party-organisation",
        "leadership",
    }


def test_archives_of_the_ended_are_handed_to_their_heirs(province):
    carried_out(province, merger())
    heir = new_one(province, "organisation").id
    settled = {(s.sort, s.of, s.rule, s.to) for s in dossier(province).settled}
    assert settled == {
        ("archives", id_of(f"đảng bộ {code}"), "default_successor", heir)
        for code in ("60001", "60002")
    }


def test_carrying_out_again_records_nothing(province):
    carried_out(province, merger())
    before = province.store.position()
    again = province.execute(CarryOut(id=DOSSIER, envelope=act(APPROVER), today=TODAY))
    assert again.events == ()
    assert province.store.position() == before


def test_a_rehearsal_stores_nothing_and_tells_what_the_carrying_out_does(province):
    before = province.store.position()
    rehearsal = rehearsed(province, merger())
    assert province.store.position() == before
    outcome = carried_out(province, merger())
    own = outcome.events[: len(rehearsal.events)]
    assert [(e.TOPIC, e.originator_id) for e in rehearsal.events] == [
        (e.TOPIC, e.originator_id) for e in own
    ]
    assert dossier(province).carrying.outcome.digest == rehearsal.outcome.digest


def test_a_rehearsal_tells_who_loses_a_post_and_which_codes_change_their_meaning(province):
    rehearsal = rehearsed(province, merger())
    posts = [(a.of, a.what, a.called) for a in rehearsal.affected if a.sort == "posts"]
    suoi = id_of("đảng bộ 60002")
    assert sorted(posts, key=lambda post: post[2]) == [
        (suoi, id_of(LEADS), "executive_committee.member"),
        (suoi, id_of(LEADS), "executive_committee.secretary"),
    ]
    assert [(c.code, c.was, c.is_, c.change) for c in rehearsal.codes] == [
        ("60001", "Xã Đồng", "Xã Đồng Suối", "reused"),
        ("60002", "Xã Suối", None, "retired"),
    ]


def test_counts_before_and_after_balance(province):
    balances = {b.sort: b for b in rehearsed(province, merger()).balances}
    communes = balances["unit.commune.xa"]
    assert (communes.before, communes.begun, communes.ended, communes.after) == (2, 1, 2, 1)
    posts = balances["posts"]
    assert (posts.before, posts.ended, posts.after) == (2, 2, 0)
    assert all(balance.holds for balance in balances.values())


def test_something_else_that_takes_effect_on_that_day_unbalances_it(province):
    about = envelope(DAY, STATE)
    province.execute(ChangeUnitType(id=id_of("60003"), envelope=about, type="phuong"))
    rows = merger()
    touched = replace(
        rows,
        before=(*rows.before, replace(was("60003"), row=3)),
        after=(*rows.after, replace(becomes("60003"), row=2)),
    )
    assert ("dossier", 0, "balances", "INV-DOS-5") in errors(province, touched)
    assert errors(province, rows) == []


def test_counts_of_a_correction_are_those_of_the_whole_dossier(province):
    declared = (Declared(1, "unit", "commune", before=2, after=1),)
    carried_out(province, replace(merger(), declared=declared))
    carried_out(province, replace(merger(), declared=declared, rules=merger().rules[::-1]))
    assert dossier(province).state == "corrected"


def test_counts_that_are_declared_must_come_out(province):
    declared = Declared(0, "unit", "commune", before=2, after=1)
    rows = merger()
    good = replace(rows, declared=(replace(declared, row=1),))
    assert errors(province, good) == []
    wrong = replace(rows, declared=(replace(declared, row=1, after=2),))
    assert errors(province, wrong) == [("declared", 1, "after", "INV-DOS-5")]


# Identity


def test_one_that_only_changes_lives_on(province):
    change = becomes("60103", name="Phường Núi", type="phuong")
    carried_out(province, tables(was("60003"), change, went("60003", "60103"), *FOLLOW))
    unit = stream(province, id_of("60003"))
    assert unit.is_active_on(DAY)
    assert (unit.name.at(EVE), unit.name.at(DAY)) == ("Xã Núi", "Phường Núi")
    assert (unit.type.at(DAY), unit.code("nso").at(DAY)) == ("phuong", "60103")
    organisation = stream(province, id_of("đảng bộ 60003"))
    assert organisation.name.at(DAY) == "Đảng bộ phường Núi"


def test_one_that_absorbs_another_lives_on_if_the_dossier_says_so(province):
    rows = tables(
        was("60001"),
        was("60002"),
        becomes("60001", keeps="60001"),
        went("60001", "60001"),
        went("60002", "60001"),
        *FOLLOW,
    )
    carried_out(province, rows)
    assert stream(province, id_of("60001")).is_active_on(DAY)
    assert stream(province, id_of("đảng bộ 60001")).is_active_on(DAY)
    ended = stream(province, id_of("60002")).standing_end()
    assert (ended.way, ended.successors[0].id) == ("merger", id_of("60001"))


def test_a_division_ends_one_and_begins_several(province):
    rows = tables(
        was("60003"),
        becomes("60003", name="Xã Núi Cao", type="xa", superior="60"),
        becomes("60013", name="Xã Núi Thấp", type="xa", superior="60"),
        went("60003", "60003", "part", is_default=True),
        went("60003", "60013", "part"),
        *FOLLOW,
    )
    carried_out(province, rows)
    end = stream(province, id_of("60003")).standing_end()
    assert end.way == "division"
    assert [(s.extent, s.is_default) for s in end.successors] == [("part", True), ("part", False)]
    organisation_end = stream(province, id_of("đảng bộ 60003")).standing_end()
    assert {s.extent for s in organisation_end.successors} == {"unknown"}


def test_a_part_is_ceded_by_one_that_lives_on(province):
    rows = tables(
        was("60003"),
        was("60004"),
        becomes("60003", keeps="60003"),
        becomes("60004", keeps="60004"),
        went("60003", "60004", "part"),
        Rule(0, "organisations", "listed"),
    )
    carried_out(province, rows)
    ceding = stream(province, id_of("60003"))
    assert ceding.is_active_on(DAY)
    assert ceding.ceded.at(DAY) == (Successor(id_of("60004"), "part", is_default=True),)


def test_steps_of_one_day_follow_each_other(province):
    rows = tables(
        was("60001", step=1),
        was("60002", step=1),
        becomes("60001", step=1, keeps="60001"),
        went("60001", "60001", step=1),
        went("60002", "60001", step=1),
        was("60001", step=2),
        becomes("60099", step=2, name="Xã Mới"),
        went("60001", "60099", step=2),
        Rule(0, "organisations", "listed"),
        Rule(0, "organisation_decision.commune", "QĐ"),
        Handover(0, "standing", "60002", to="60099"),
    )
    carried_out(province, rows)
    unit = stream(province, id_of("60001"))
    assert (unit.name.at(DAY), unit.code("nso").at(DAY)) == ("Xã Mới", "60099")
    assert stream(province, id_of("60002")).standing_end().successors[0].id == unit.id


def test_a_later_step_may_say_what_an_earlier_one_began(province):
    rows = tables(
        was("60001"),
        was("60002"),
        becomes("60001", name="Xã Gộp", type="xa", superior="60"),
        went("60001", "60001"),
        went("60002", "60001"),
        was("60001", step=2, name="Xã Gộp", type="xa", superior="60"),
        becomes("60001", step=2, type="phuong", name="Phường Gộp"),
        *FOLLOW,
    )
    carried_out(province, rows)
    unit = new_one(province)
    assert (unit.name.at(DAY), unit.type.at(DAY)) == ("Phường Gộp", "phuong")
    assert unit.superior_id.at(DAY) == id_of("60")
    assert new_one(province, "organisation").name.at(DAY) == "Đảng bộ phường Gộp"


# What hangs on those that end


def cells_merge(*more):
    """Chi bộ 2 goes into chi bộ 1."""
    one, two = f"id:{id_of('chi bộ 1')}", f"id:{id_of('chi bộ 2')}"
    about = {"subject": "organisation", "level": None, "decision": "QĐ"}
    return tables(
        was(one, **about),
        was(two, **about),
        becomes(one, keeps=one, **about),
        went(two, one, subject="organisation"),
        *more,
    )


def test_members_go_to_the_cell_that_takes_over(province):
    carried_out(province, cells_merge())
    assert stream(province, id_of("đảng tịch Tư")).cell_on(DAY) == id_of("chi bộ 1")
    assert stream(province, id_of("đảng tịch Tư")).cell_on(EVE) == id_of("chi bộ 2")


def test_a_member_may_go_elsewhere_by_hand(province):
    who = str(id_of("đảng tịch Tư"))
    two, three = f"id:{id_of('chi bộ 2')}", f"id:{id_of('chi bộ 3')}"
    carried_out(province, cells_merge(Handover(0, "members", two, who, to=three)))
    assert stream(province, id_of("đảng tịch Tư")).cell_on(DAY) == id_of("chi bộ 3")


def test_members_without_a_cell_to_go_to_stop_the_dossier(province):
    three = f"id:{id_of('chi bộ 3')}"
    rows = tables(was(three, subject="organisation", level=None, decision="QĐ"))
    assert ("before", 1, "members", "INV-ORG-1") in errors(province, rows)


def test_subordinates_that_nobody_takes_over_stop_the_dossier(province):
    rows = tables(
        was("60001"),
        Rule(0, "organisations", "follow"),
        Rule(0, "organisation_decision.commune", "QĐ"),
    )
    assert ("before", 1, "subordinates", "INV-ORG-1") in errors(province, rows)


def opened(subjects_are, *subjects):
    """A round of 2025 in which these are to be judged, by the province."""
    id_ = round_id("2025", id_of("đảng bộ 60"), subjects_are)
    about: Any = {"id": id_, "envelope": envelope(date(2025, 11, 1), by_province())}
    facts: Any = {"period": "2025", "decider_id": id_of("đảng bộ 60"), "group": subjects_are}
    return id_, (
        OpenRound(subjects_are=subjects_are, **facts, **about),
        ListSubjects(subjects=subjects, **about),
    )


def registered(person_id):
    """A person of whom nothing can be read."""
    nothing = b64encode(bytes(32)).decode()
    about = envelope(date(2025, 8, 1), by_province())
    sealed = Sealed("none", 1, nothing, nothing, nothing)
    return Person.begin(person_id, about, sealed=sealed)


@pytest.mark.parametrize("subjects_are", ["organisation", "person"])
def test_who_is_still_to_be_judged_in_what_ends_is_left_out(province, subjects_are):
    cell, other = id_of("chi bộ 2"), id_of("chi bộ 3")
    if subjects_are == "person":
        subjects = (Subject(id_of("người Tư"), cell), Subject(id_of("người Năm"), other))
        province.record(*(registered(subject.id) for subject in subjects))
    else:
        subjects = (Subject(cell), Subject(other))
    id_, commands = opened(subjects_are, *subjects)
    province.execute(*commands)
    carried_out(province, cells_merge())
    assert stream(province, id_).outcomes() == {subjects[0].id: "unreviewed"}


def test_open_matters_are_handed_over_by_hand(province):
    cases = Handover(0, "cases", "60002", "vụ 12/2026", to="60001")
    rows = merger()
    carried_out(province, replace(rows, handovers=(replace(cases, row=1),)))
    heir = new_one(province, "organisation").id
    [case] = [s for s in dossier(province).settled if s.sort == "cases"]
    assert (case.called, case.rule, case.to) == ("vụ 12/2026", "by_hand", heir)


def test_a_matter_of_something_that_goes_on_is_a_slip(province):
    cases = Handover(1, "cases", "60003", "vụ 12/2026", to="60001")
    found = errors(province, replace(merger(), handovers=(cases,)))
    assert found == [("handovers", 1, "of", "handover-used")]


def test_seats_of_those_that_begin_are_open_until_their_day(province):
    due = date(2026, 4, 1)
    seats = Seats(1, "commune_upper", "executive_committee", "secretary", 1, due)
    rehearsal = rehearsed(province, replace(merger(), seats=(seats,)))
    assert rehearsal.errors == ()
    [vacancy] = rehearsal.vacancies
    assert (vacancy.post, vacancy.seats, vacancy.filled, vacancy.due_on) == ("secretary", 1, 0, due)
    assert rehearsal.warnings == ()


# What is wrong is told, all of it at once


def test_every_slip_is_told_in_one_pass(province):
    rows = tables(
        was("60001", name="Xã Khác"),
        was("69999"),
        was("60002"),
        becomes("60001", name="Xã Đồng Suối", type="xa", superior="61"),
        went("60001", "60001"),
        went("60002", "60055"),
    )
    found = set(errors(province, rows))
    assert {
        ("before", 1, "name", "register-says"),
        ("before", 2, "code", "code-known"),
        ("transfers", 2, "new", "code-known"),
    } <= found
    assert any(table == "after" and row == 1 for table, row, _, _ in found)


def test_a_dossier_is_about_a_province_that_is_there(province):
    about = replace(HEADING, scope="99")
    assert errors(province, merger(), about) == [("dossier", 0, "scope", "code-known")]


def test_a_name_that_a_sibling_bears_is_told_with_its_row(province):
    found = errors(province, merger("Xã Núi"))
    assert ("after", 1, "name", "INV-ORG-6") in found


def test_a_refused_dossier_leaves_nothing_behind(province):
    drawn_up(province, merger("Xã Núi"))
    before = province.store.position()
    with pytest.raises(DossierRefused) as refused:
        checked(province)
    assert refused.value.facts["rule"] == "INV-ORG-6"
    findings: Any = refused.value.facts["findings"]
    assert {finding["table"] for finding in findings} == {"after"}
    assert province.store.position() == before


# Its life


def test_another_person_approves(province):
    drawn_up(province, merger())
    digest = checked(province)
    with pytest.raises(SecondPersonNeeded):
        province.execute(Approve(id=DOSSIER, envelope=act(DRAFTER), digest=digest))
    province.execute(Approve(id=DOSSIER, envelope=act(APPROVER), digest=digest))
    assert dossier(province).state == "approved"


def test_what_was_not_checked_is_not_approved(province):
    drawn_up(province, merger())
    checked(province)
    with pytest.raises(NotCheckedSo):
        province.execute(Approve(id=DOSSIER, envelope=act(APPROVER), digest="0" * 64))


def test_what_was_not_approved_is_not_carried_out(province):
    drawn_up(province, merger())
    checked(province)
    with pytest.raises(WrongState):
        province.execute(CarryOut(id=DOSSIER, envelope=act(APPROVER), today=TODAY))


def test_an_approval_and_its_day_outlive_a_check_that_comes_to_the_same(province):
    drawn_up(province, merger())
    province.execute(Approve(id=DOSSIER, envelope=act(APPROVER), digest=checked(province)))
    province.execute(
        Rename(
            of=AdministrativeUnit,
            id=id_of("60001"),
            envelope=envelope(EVE, STATE),
            name="Xã Đồng Cao",
        ),
        Rename(
            of=AdministrativeUnit, id=id_of("60001"), envelope=envelope(EVE, STATE), name="Xã Đồng"
        ),
    )
    with pytest.raises(Moved):
        province.execute(CarryOut(id=DOSSIER, envelope=act(APPROVER), today=TODAY))
    checked(province)
    assert dossier(province).state == "approved"
    province.execute(Schedule(id=DOSSIER, envelope=act(), due_on=EVE))
    checked(province)
    assert (dossier(province).state, dossier(province).schedule.due_on) == ("scheduled", EVE)
    province.execute(CarryOut(id=DOSSIER, envelope=act(APPROVER), today=TODAY))
    assert dossier(province).state == "carried_out"


def test_drawing_it_up_anew_ends_the_approval(province):
    drawn_up(province, merger())
    province.execute(Approve(id=DOSSIER, envelope=act(APPROVER), digest=checked(province)))
    drawn_up(province, merger())
    assert dossier(province).state == "approved"  # the same again is nothing
    drawn_up(province, merger("Xã Đồng Xuân"))
    assert dossier(province).state == "drafted"
    assert dossier(province).tables() == merger("Xã Đồng Xuân")


def test_a_scheduled_one_waits_for_its_day(province):
    drawn_up(province, merger(), replace(HEADING, effective_on=AHEAD))
    province.execute(Approve(id=DOSSIER, envelope=act(APPROVER), digest=checked(province)))
    due = date(2027, 2, 1)
    province.execute(Schedule(id=DOSSIER, envelope=act(), due_on=due))
    with pytest.raises(WrongState):
        province.execute(CarryOut(id=DOSSIER, envelope=act(), today=TODAY))
    with pytest.raises(InvalidValue):
        province.execute(Schedule(id=DOSSIER, envelope=act(), due_on=date(2027, 3, 2)))
    province.execute(CarryOut(id=DOSSIER, envelope=act(), today=due))
    assert dossier(province).state == "carried_out"


@pytest.mark.parametrize("day", [date(1925, 1, 1), date(2200, 1, 1)])
def test_a_day_in_no_year_of_the_register_is_refused_as_it_is_drawn_up(province, day):
    with pytest.raises(InvalidValue, match="1930 to 2199") as refused:
        drawn_up(province, merger(), replace(HEADING, effective_on=day))
    assert refused.value.facts["field"] == "effective_on"


def test_two_dossiers_do_not_bear_one_key(province):
    drawn_up(province, merger())
    with pytest.raises(AlreadyExists):
        drawn_up(province, merger(), id_=id_of("hồ sơ 2"))


def test_what_changed_since_the_check_stops_it_and_is_named(province):
    drawn_up(province, merger())
    province.execute(Approve(id=DOSSIER, envelope=act(APPROVER), digest=checked(province)))
    about = envelope(date(2026, 1, 1), STATE)
    province.execute(
        Rename(of=AdministrativeUnit, id=id_of("60002"), envelope=about, name="Xã Suối Trong")
    )
    moved_at = province.store.position()
    with pytest.raises(Moved) as refused:
        province.execute(CarryOut(id=DOSSIER, envelope=act(APPROVER), today=TODAY))
    moved: Any = refused.value.facts["moved"]
    assert [(m["position"], m["type"]) for m in moved] == [(moved_at, "unit.renamed")]
    assert province.store.position() == moved_at


def test_a_new_subordinate_since_the_check_stops_it(province):
    drawn_up(province, merger())
    province.execute(Approve(id=DOSSIER, envelope=act(APPROVER), digest=checked(province)))
    province.execute(organisation("cơ sở mới", "base_committee", "đảng bộ 60002"))
    with pytest.raises(Moved):
        province.execute(CarryOut(id=DOSSIER, envelope=act(APPROVER), today=TODAY))


def test_a_change_elsewhere_does_not_stop_it(province):
    drawn_up(province, merger())
    province.execute(Approve(id=DOSSIER, envelope=act(APPROVER), digest=checked(province)))
    about = envelope(date(2026, 1, 1), STATE)
    province.execute(
        Rename(of=AdministrativeUnit, id=id_of("60003"), envelope=about, name="Xã Núi Xanh")
    )
    province.execute(CarryOut(id=DOSSIER, envelope=act(APPROVER), today=TODAY))
    assert dossier(province).state == "carried_out"


# The way back


def test_withdrawn_before_its_day_it_has_no_effect_and_leaves_a_trace(province):
    ahead = replace(HEADING, effective_on=AHEAD)
    carried_out(province, merger(), ahead)
    province.execute(Withdraw(id=DOSSIER, envelope=act(reason="hoãn"), today=TODAY))
    assert dossier(province).state == "withdrawn"
    for code in ("60001", "60002"):
        assert stream(province, id_of(code)).is_active_on(AHEAD)
        assert stream(province, id_of(f"đảng bộ {code}")).is_active_on(AHEAD)
    base = stream(province, id_of("cơ sở Suối"))
    assert base.superior_id.at(AHEAD) == id_of("đảng bộ 60002")
    leadership = stream(province, leadership_id(id_of("đảng bộ 60002")))
    assert len(leadership.held_by(id_of(LEADS), AHEAD)) == 2
    assert not new_one(province).is_active_on(AHEAD)


def test_on_its_day_it_is_withdrawn_no_more(province):
    carried_out(province, merger())
    with pytest.raises(WrongState):
        province.execute(Withdraw(id=DOSSIER, envelope=act(reason="hoãn"), today=TODAY))


def test_withdrawing_needs_a_reason(province):
    drawn_up(province, merger())
    with pytest.raises(InvalidValue):
        province.execute(Withdraw(id=DOSSIER, envelope=act(reason=None), today=TODAY))


def test_one_that_was_withdrawn_may_be_drawn_up_again_under_another_id(province):
    ahead = replace(HEADING, effective_on=AHEAD)
    carried_out(province, merger(), ahead)
    province.execute(Withdraw(id=DOSSIER, envelope=act(reason="hoãn"), today=TODAY))
    carried_out(province, merger(), ahead, id_of("hồ sơ 2"))
    assert dossier(province, id_of("hồ sơ 2")).state == "carried_out"


# Corrections


def test_a_correction_takes_back_and_records_anew_only_what_differs(province):
    carried_out(province, merger())
    unit_id, before = new_one(province).id, province.store.position()
    carried_out(province, merger("Xã Đồng Xuân"))
    corrected = dossier(province)
    assert corrected.state == "corrected"
    own = list(corrected.own_positions())[1]
    events = province.events_between(own.start, own.stop - 1)
    unit = stream(province, unit_id)
    assert unit.name.at(DAY) == "Xã Đồng Xuân"
    assert {e.originator_id for e in events} == {unit_id, new_one(province, "organisation").id}
    assert all(e.position > before for e in events)


def test_the_impact_of_a_correction_names_every_answer_that_changed(province):
    carried_out(province, merger())
    carried_out(province, merger("Xã Đồng Xuân"))
    rows = impact_of_corrections(province.store, dossier(province))
    assert [(r.of, r.field, r.first, r.after, r.old, r.new) for r in rows] == [
        ("party-organisation", "name", DAY, None, "Đảng bộ xã Đồng Suối", "Đảng bộ xã Đồng Xuân"),
        ("unit", "name", DAY, None, "Xã Đồng Suối", "Xã Đồng Xuân"),
    ]


def test_a_correction_may_leave_one_out_that_was_merged_by_mistake(province):
    carried_out(province, merger())
    only_renamed = tables(was("60001"), becomes("60001", name="Xã Đồng Suối"), *FOLLOW)
    carried_out(province, only_renamed)
    assert stream(province, id_of("60001")).name.at(DAY) == "Xã Đồng Suối"
    assert stream(province, id_of("60002")).is_active_on(DAY)
    assert not new_one(province).is_active_on(DAY)
    fields = {(r.field, r.new) for r in impact_of_corrections(province.store, dossier(province))}
    assert ("is_active", True) in fields


def test_a_correction_needs_two_persons_as_well(province):
    carried_out(province, merger())
    drawn_up(province, merger("Xã Đồng Xuân"))
    digest = checked(province)
    with pytest.raises(SecondPersonNeeded):
        province.execute(Approve(id=DOSSIER, envelope=act(DRAFTER), digest=digest))


# A dossier over dossiers


def test_a_national_dossier_waits_for_its_parts_and_sums_them(province):
    whole = Heading("Cả nước", DAY, key="cả-nước", parts=("an/1",))
    national = tables(Declared(0, "unit", "commune", before=2, after=1))
    id_ = drawn_up(province, national, whole, id_of("hồ sơ cả nước"))
    with pytest.raises(DossierRefused):
        checked(province, id_)
    drawn_up(province, merger())
    part = checked(province)
    province.execute(Approve(id=id_, envelope=act(APPROVER), digest=checked(province, id_)))
    with pytest.raises(WrongState) as refused:
        province.execute(CarryOut(id=id_, envelope=act(APPROVER), today=TODAY))
    assert refused.value.facts["rule"] == "INV-DOS-6"
    province.execute(Approve(id=DOSSIER, envelope=act(APPROVER), digest=part))
    province.execute(CarryOut(id=DOSSIER, envelope=act(APPROVER), today=TODAY))
    province.execute(CarryOut(id=id_, envelope=act(APPROVER), today=TODAY))
    done = dossier(province, id_)
    assert (done.state, done.carrying.outcome.events) == ("carried_out", 0)
