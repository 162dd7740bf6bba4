"""One membership by itself: dates by rule, transfers, ends, badges, votes and rolls."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from domain.calendar import months_after, working_day_after
from domain.errors import InvalidValue, LaterFacts, NotActive, RuleBroken
from domain.membership import Membership, Vote, roll_on
from domain.membership.terms import badge_due, ceremony_due, is_above_age
from tests.facts import AUGUST, JULY, MARCH, SEPTEMBER, at_position, rules, wish

CELL, OTHER, BASE = (UUID(int=0x0197C0000000_8000_8000_000000000000 + n) for n in range(3))
NOBODY: dict[str, Any] = {"introducer_ids": [OTHER, BASE], "is_endorsed_by_union": False}


def standing(membership: Membership) -> Membership:
    """The same, with all that was pending on record."""
    for event in list(membership.pending_events):
        at_position(event, 100 + event.originator_version)  # type: ignore[arg-type]
        membership._versions[100 + event.originator_version] = event.originator_version
    membership.pending_events.clear()
    return membership


def admitted(on: date = JULY, born_on: date | None = None, **more: Any) -> Membership:
    usual: dict[str, Any] = {"person_id": UUID(int=7), "cell_id": CELL, "cell_decided_on": on}
    usual |= NOBODY | {"vote": None, "former_id": None, "born_on": born_on}
    return standing(
        Membership.admit(UUID(int=8), **(usual | more), envelope=wish(on), rules=rules(on))
    )


def member(number: int = 8, **more: Any) -> Membership:
    usual: dict[str, Any] = {"person_id": UUID(int=number + 100), "cell_id": CELL, "place": None}
    usual |= {"degree": "official", "party_age_on": date(1995, 9, 2)}
    usual |= dict.fromkeys(("ceremony_on", "official_on", "badge_years"))
    return standing(Membership.take_over(UUID(int=number), **(usual | more), envelope=wish(JULY)))


def said(membership: Membership) -> list[str]:
    return [type(event).__name__ for event in membership.pending_events]


# Days


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2025, 8, 20), 12, date(2026, 8, 20)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 12, 31), 2, date(2026, 2, 28)),
    ],
)
def test_months_end_on_the_same_day_or_the_last(day, months, expected):
    assert months_after(day, months) == expected


def test_working_days_leave_out_weekends_and_holidays():
    assert working_day_after(date(2025, 8, 29), 1, rules(JULY)) == date(2025, 9, 3)
    assert working_day_after(date(2025, 4, 25), 1, rules(JULY)) == date(2025, 4, 26), "worked"
    assert working_day_after(date(2025, 1, 24), 1, rules(JULY)) == date(2025, 2, 3), "Tết"
    assert working_day_after(date(2026, 12, 30), 5, rules(JULY)) is None, "nobody can say"


def test_the_ceremony_is_due_from_receipt_and_later_from_issue():
    decided, received = date(2025, 8, 1), date(2025, 8, 15)
    before, after = rules(AUGUST), rules(date(2026, 8, 3))
    assert ceremony_due(decided, received, before)[0] == date(2025, 9, 30)
    assert ceremony_due(decided, None, before)[0] is None
    assert ceremony_due(decided, received, after)[0] == date(2025, 9, 16)


def test_age_is_counted_by_months_on_the_day_of_the_cells_decision():
    with pytest.raises(RuleBroken) as refusal:
        admitted(born_on=date(2007, 8, 1))
    assert refusal.value.facts["rule"] == "membership.age"
    assert not is_above_age(date(2007, 7, 31), JULY, rules(JULY))
    assert not is_above_age(date(1965, 7, 31), JULY, rules(JULY))
    assert is_above_age(date(1965, 6, 1), JULY, rules(JULY))
    assert admitted(born_on=date(1960, 1, 1)).events[1].is_above_age  # type: ignore[attr-defined]


# From probationer to official member


def test_recognition_takes_effect_when_the_probation_ends():
    life = admitted()
    life.hold_ceremony(None, wish(AUGUST), rules(AUGUST))
    late = date(2026, 11, 20)
    with pytest.raises(RuleBroken) as refusal:
        life.recognise(None, None, wish(late), rules(late))
    assert refusal.value.facts["due_on"] == date(2026, 8, 1)
    due = wish(date(2026, 8, 1), decided_on=late)
    life.recognise(late, Vote(3, 2, 1), due, rules(late))
    assert said(life) == ["CeremonyHeld", "Recognised"]
    assert not life.is_official_on(date(2026, 7, 31))
    assert life.is_official_on(date(2026, 8, 1))


def test_nobody_recognises_before_the_ceremony_or_the_end_of_the_probation():
    life, due = admitted(), date(2026, 8, 1)
    with pytest.raises(RuleBroken, match="ceremony"):
        life.recognise(None, None, wish(due), rules(due))
    life.hold_ceremony(None, wish(AUGUST), rules(AUGUST))
    early = wish(due, decided_on=date(2026, 7, 1))
    with pytest.raises(RuleBroken, match="nobody decides before"):
        life.recognise(None, None, early, rules(due))


def test_a_late_ceremony_needs_a_reason():
    life, late = admitted(), date(2025, 12, 1)
    with pytest.raises(RuleBroken) as refusal:
        life.hold_ceremony(AUGUST, wish(late), rules(late))
    assert refusal.value.facts["due_on"] == date(2025, 9, 16)
    life.hold_ceremony(AUGUST, wish(late, reason="bão lụt"), rules(late))
    assert said(life) == ["CeremonyHeld"]


def test_two_official_members_introduce_or_one_and_the_union():
    with pytest.raises(RuleBroken):
        admitted(introducer_ids=[OTHER])
    assert admitted(introducer_ids=[OTHER], is_endorsed_by_union=True)
    with pytest.raises(InvalidValue):
        admitted(introducer_ids=[OTHER, OTHER])


def test_a_vote_needs_two_thirds_and_no_more_than_are_entitled():
    with pytest.raises(RuleBroken):
        admitted(vote=Vote(10, 6, 0))
    with pytest.raises(InvalidValue):
        admitted(vote=Vote(10, 9, 2))
    assert admitted(vote=Vote(9, 6, 3))


# Transfers


def test_in_transit_he_belongs_to_the_sender():
    life = member()
    life.introduce(OTHER, None, wish(AUGUST))
    assert (life.cell_on(SEPTEMBER), life.introduced_on.at(SEPTEMBER)) == (CELL, AUGUST)
    life.receive(OTHER, wish(SEPTEMBER))
    assert (life.cell_on(SEPTEMBER), life.introduced_on.at(SEPTEMBER)) == (OTHER, None)
    life.receive(OTHER, wish(SEPTEMBER))
    assert said(life) == ["TransferIntroduced", "TransferReceived"], "the same again is nothing"


def test_a_transfer_lapses_after_its_time_only():
    life = member()
    life.introduce(OTHER, None, wish(AUGUST))
    with pytest.raises(RuleBroken) as refusal:
        life.let_transfer_lapse(wish(SEPTEMBER), rules(SEPTEMBER))
    assert refusal.value.facts["due_on"] == date(2025, 10, 28)
    life.let_transfer_lapse(wish(MARCH), rules(MARCH))
    assert life.cell_on(MARCH) == CELL
    with pytest.raises(RuleBroken):
        life.receive(OTHER, wish(MARCH))


def test_who_goes_outside_the_register_stays_a_member_and_may_come_back():
    life = member()
    life.introduce(None, "Đảng bộ nơi khác", wish(AUGUST))
    with pytest.raises(RuleBroken):
        life.receive(OTHER, wish(AUGUST))
    life.receive(None, wish(AUGUST))
    assert life.is_official_on(SEPTEMBER)
    assert life.cell_on(SEPTEMBER) is None
    life.introduce(OTHER, None, wish(SEPTEMBER))
    life.receive(OTHER, wish(MARCH))
    assert life.cell_on(MARCH) == OTHER


def test_a_transfer_that_is_sent_back_says_why():
    life = member()
    life.introduce(OTHER, None, wish(AUGUST))
    with pytest.raises(RuleBroken):
        life.introduce(BASE, None, wish(SEPTEMBER))
    with pytest.raises(InvalidValue):
        life.return_transfer(wish(SEPTEMBER))
    life.return_transfer(wish(SEPTEMBER, reason="hồ sơ chưa đủ"))
    assert life.introduced_on.at(SEPTEMBER) is None


# Ends


def test_a_probationer_is_struck_off_as_such():
    life = admitted()
    life.strike_off(None, wish(MARCH), rules(MARCH))
    assert said(life) == ["ProbationerStruckOff"]
    official = member()
    official.strike_off(None, wish(MARCH), rules(MARCH))
    assert said(official) == ["StruckOff"]


def test_nothing_is_on_record_after_the_end():
    life = member()
    life.start_temporary(OTHER, None, wish(SEPTEMBER))
    with pytest.raises(LaterFacts):
        life.leave(wish(AUGUST))
    life.die(wish(MARCH))
    with pytest.raises(NotActive):
        life.move(OTHER, "internal", wish(MARCH))
    assert life.ended_by.at(MARCH) == "died"


def test_only_a_membership_that_a_decision_ended_is_restored():
    life = member()
    with pytest.raises(RuleBroken):
        life.restore(CELL, "official", wish(AUGUST))
    life.expel(None, wish(AUGUST), rules(AUGUST))
    life.restore(OTHER, "official", wish(MARCH))
    assert not life.is_active_on(SEPTEMBER)
    assert (life.cell_on(MARCH), life.begun_by.at(MARCH)) == (OTHER, "restored")


# Standing, rolls, badges


def test_a_standing_covers_the_one_beneath_and_gives_it_back():
    life = member()
    life.exempt("age_or_health", None, wish(AUGUST), rules(AUGUST))
    life.suspend(wish(SEPTEMBER))
    days = (JULY, AUGUST, SEPTEMBER)
    assert [life.standing(day) for day in days] == ["official", "exempt", "suspended"]
    life.lift_suspension(wish(MARCH))
    life.end_exemption(wish(MARCH))
    assert life.standing(MARCH) == "official"
    with pytest.raises(RuleBroken):
        life.lift_suspension(wish(date(2026, 4, 1)))
    with pytest.raises(InvalidValue):
        life.exempt("weather", None, wish(MARCH), rules(MARCH))


def test_the_denominator_leaves_out_who_is_away_and_lets_the_exempt_come():
    """Twenty on the roll: two away, one exempt, one on probation besides (R-VOTE-2)."""
    members = [member(n) for n in range(20)]
    for away in members[:2]:
        away.start_temporary(OTHER, None, wish(AUGUST))
    members[2].exempt("maternity", None, wish(AUGUST), rules(AUGUST))
    members[3].suspend(wish(AUGUST))
    roll = roll_on(AUGUST, CELL, [*members, admitted()])
    assert (roll.official, roll.probationary, roll.members) == (20, 1, 21)
    assert (roll.away, roll.exempt, roll.suspended) == (2, 1, 1)
    assert (roll.entitled_min, roll.entitled_max) == (16, 17)
    assert roll_on(AUGUST, OTHER, members).guests == 2


def test_a_badge_follows_from_the_party_age():
    life, november = member(), date(2025, 11, 7)
    life.award_badge(30, "regular", wish(november), rules(november))
    assert said(life) == ["BadgeAwarded"]
    with pytest.raises(RuleBroken):
        life.award_badge(40, "regular", wish(MARCH), rules(MARCH))
    with pytest.raises(InvalidValue):
        life.award_badge(33, "regular", wish(MARCH), rules(MARCH))
    young = member(party_age_on=date(1996, 5, 1))
    with pytest.raises(RuleBroken, match="01/05/2026"):
        young.award_badge(30, "regular", wish(november), rules(november))
    young.award_badge(30, "early", wish(november), rules(november))
    assert said(young) == ["BadgeAwarded"]


def test_the_highest_badge_that_is_reached_is_due():
    on = date(2025, 9, 2)
    assert badge_due(date(1995, 9, 2), None, on, rules(on)) == 30
    assert badge_due(date(1995, 9, 3), None, on, rules(on)) is None
    assert badge_due(date(1984, 9, 2), 30, on, rules(on)) == 40
    assert badge_due(date(1984, 9, 2), 40, on, rules(on)) is None


def test_a_beginning_that_cannot_have_been_so_is_refused():
    for wrong in (
        {"degree": "honorary"},
        {"party_age_on": AUGUST},
        {"party_age_on": JULY, "official_on": date(2020, 1, 1)},
        {"degree": "probationary", "official_on": JULY},
    ):
        with pytest.raises(InvalidValue):
            member(**wrong)


def test_a_voided_transfer_puts_back_what_lies_beneath():
    life = member()
    life.move(OTHER, "internal", wish(AUGUST))
    life = standing(life)
    life.void(replace(wish(AUGUST), voids=102))
    assert life.cell_on(AUGUST) == CELL
