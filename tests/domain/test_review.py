"""Rounds of evaluation: points, conditions, ceiling, totals, two persons, the deciding body."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.errors import (
    AlreadyExists,
    CannotVoid,
    CeilingExceeded,
    InvalidValue,
    LevelNotEarned,
    NotCompetent,
    NotFound,
    RuleBroken,
    SecondPersonNeeded,
    TotalsDoNotSum,
)
from domain.evaluation.parts import (
    DueDates,
    LevelCount,
    LevelVotes,
    Override,
    Points,
    Roll,
    Subject,
)
from domain.evaluation.period import Period
from domain.evaluation.review import Review, review_id
from domain.evaluation.stated import StatedNumber, StatedTotals
from services.rulebook import rule_book
from tests.domain.rounds import (
    CLOSED,
    COMPLETED,
    DECIDED,
    EXCELLENT,
    GOOD,
    LATER,
    OPENED,
    PAPER,
    A,
    B,
    C,
    Place,
    all_decided,
    envelope,
    id_of,
    level,
    opened,
)

TEN = ("excellent", "excellent", *("good",) * 8)


@pytest.fixture
def place():
    return Place()


def refused(error, rule=None):
    return pytest.raises(error, check=lambda e: rule is None or e.facts.get("rule") == rule)


def of(review: Review, version: int | None = None) -> Any:
    """The event of that version; the last one where none is named."""
    return review.events[version or review.version]


# Opening


def test_a_round_is_the_same_whoever_opens_it_with_the_same_words(place):
    review = opened(place)
    assert review.id == review_id(Period(2025), id_of("Xã"), "Các  Tổ chức cơ sở đảng")
    assert review.id != review_id(Period(2025, 4), id_of("Xã"), "các tổ chức cơ sở đảng")
    assert review_id(Period(2025), None, "tỉnh") == review_id(Period(2025), None, "Tỉnh")


def test_a_round_keeps_the_terms_of_the_day_on_which_it_was_opened(place):
    terms = opened(place).opened.terms
    assert (terms.document, terms.points_max) == ("366-QĐ/TW, Điều 11", 100)
    assert [(each.code, each.points_min) for each in terms.levels] == [
        ("excellent", 90),
        ("good", 70),
        ("completed", 50),
        ("not_completed", 0),
    ]
    assert terms.ceiling is not None
    assert (terms.ceiling.percent, terms.ceiling.verified) == (20, False)
    before = opened(place, date(2025, 6, 1), "2024").opened.terms
    assert (before.document, before.points_max, before.by_points) == ("124-QĐ/TW", 0, False)


def test_rounds_by_quarter_came_with_366(place):
    assert opened(place, period="2025-Q4").period == Period(2025, 4)
    with refused(RuleBroken, "evaluation.periods"):
        opened(place, on=date(2025, 4, 1), period="2025-Q1")


@pytest.mark.parametrize("period", ["25", "2025-Q5", "2025/Q1", "1800", ""])
def test_a_period_is_a_year_or_a_quarter(place, period):
    with refused(InvalidValue):
        opened(place, period=period)


def test_a_round_is_opened_by_the_body_that_decides_in_it(place):
    with refused(NotCompetent, "INV-REV-4"):
        opened(place, envelope=envelope(OPENED, C, by="Tỉnh"))


def test_a_wrong_opening_is_corrected_and_stays_the_same_round(place):
    review = place.checked(
        Review.open(
            period="2025",
            decider_id=id_of("Xã"),
            group="các chi bộ",
            subjects_are="organisation",
            due=DueDates(),
            envelope=envelope(OPENED),
            rules=rule_book().on(OPENED),
        )
    )
    due = DueDates(decision_on=CLOSED)
    voids = review.opening.position
    review.correct_opening(
        subjects_are="person",
        due=due,
        envelope=envelope(OPENED, voids=voids),
        rules=rule_book().on(OPENED),
    )
    review = place.checked(review)
    assert (review.opened.due, review.opened.subjects_are) == (due, "person")
    assert review.opened.group == "các chi bộ"


# Steps


def test_a_self_evaluation_gives_points_for_every_criterion(place):
    review, base = opened(place), id_of("Cơ sở 1")
    points = [Points("general", 2850), Points("results", 6500)]
    review.evaluate_self(base, points, "excellent", envelope())
    review = place.checked(review)
    review.evaluate_self(base, points, "excellent", envelope())
    assert not review.pending_events
    for wrong in ([points[0]], [points[0], Points("results", 7001)], [*points, points[0]]):
        with refused(InvalidValue, "evaluation.criteria"):
            review.evaluate_self(base, wrong, "excellent", envelope())


def test_the_denominator_of_a_vote_is_20_and_not_17():
    """R-VOTE-2: 23 summoned, two elsewhere, one exempt and away; three absent stay in it."""
    roll = Roll(summoned=23, moved_out=2, exempt_absent=1, present=17)
    roll.refuse_ill_formed()
    assert roll.denominator == 20
    with refused(InvalidValue, "R-VOTE-2"):
        replace(roll, present=21).refuse_ill_formed()


def test_votes_are_never_more_than_those_who_count(place):
    review, base = opened(place), id_of("Cơ sở 1")
    roll = Roll(summoned=23, moved_out=2, exempt_absent=1, present=17)
    votes = [LevelVotes("excellent", 14), LevelVotes("good", 3)]
    review.record_vote(base, roll, votes, envelope())
    review = place.checked(review)
    with refused(InvalidValue, "INV-REV-7"):
        review.record_vote(base, roll, [*votes, LevelVotes("completed", 1)], envelope(LATER))
    with refused(InvalidValue):
        review.record_vote(base, replace(roll, moved_out=23), votes, envelope(LATER))


def test_an_appraisal_is_by_a_body_that_advises(place):
    review, base, rules = opened(place), id_of("Cơ sở 1"), rule_book().on(DECIDED)
    review.appraise(base, "inspection", "good", envelope(), rules)
    assert place.checked(review).line("appraisal.inspection", base).at(DECIDED) == "good"
    with refused(InvalidValue, "evaluation.appraisers"):
        review.appraise(base, "neighbours", "good", envelope(), rules)


# Levels


@pytest.mark.parametrize(
    ("hundredths", "conditions", "given"),
    [
        (9000, "EXCELLENT", "excellent"),
        (8999, "EXCELLENT", "good"),
        (9500, "GOOD", "good"),
        (7000, "GOOD", "good"),
        (6999, "COMPLETED", "completed"),
        (8000, "COMPLETED", "completed"),
        (5000, "COMPLETED", "completed"),
        (4999, "COMPLETED", "not_completed"),
        (9900, "NONE", "not_completed"),
    ],
)
def test_points_and_conditions_give_the_level(place, hundredths, conditions, given):
    met = {"EXCELLENT": EXCELLENT, "GOOD": GOOD, "COMPLETED": COMPLETED, "NONE": ()}[conditions]
    earned = opened(place).opened.terms.earned(hundredths, met, collective=True)
    assert earned is not None
    assert earned.code == given


def test_organisations_answer_for_their_units_and_leaders_persons_do_not(place):
    terms = opened(place).opened.terms
    alone = list(terms.levels[0].asks_for(collective=False))
    assert "nobody_disciplined" not in alone
    assert terms.earned(9500, alone, collective=False) == terms.levels[0]
    assert terms.earned(9500, alone, collective=True) == terms.levels[1]


def test_a_level_that_was_not_earned_needs_an_override_with_its_document(place):
    review = opened(place)
    better = level(1, "completed", 6900, conditions=(*GOOD, "few_tasks_late"))
    wished = replace(better, level="good")
    with refused(LevelNotEarned, "INV-REV-2"):
        review.decide_levels([wished], envelope())
    override = Override("Hoàn thành nhiệm vụ đột xuất", PAPER)
    review.decide_levels([replace(wished, override=override)], envelope())
    assert place.checked(review).levels() == {id_of("Cơ sở 1"): "good"}


def test_who_earned_the_best_level_may_be_given_the_next_for_the_ceiling(place):
    review = opened(place)
    review.decide_levels([replace(level(1, "excellent"), level="good")], envelope())
    assert place.checked(review).levels() == {id_of("Cơ sở 1"): "good"}
    with refused(LevelNotEarned):
        review.decide_levels([replace(level(2, "excellent"), level="completed")], envelope())


def test_a_decision_says_points_that_its_rules_ask_for_and_conditions_they_know(place):
    review = opened(place)
    for wrong in ({"hundredths": None}, {"hundredths": 10001}, {"conditions": ("lucky",)}):
        with refused(InvalidValue):
            review.decide_levels([replace(level(1, "good"), **wrong)], envelope())


def test_before_366_levels_were_a_matter_of_judgement(place):
    review = opened(place, date(2025, 1, 5), "2024")
    plain = replace(level(1, "completed"), hundredths=None, conditions=())
    review.decide_levels([plain], envelope(date(2025, 1, 10)))
    assert place.checked(review).levels() == {id_of("Cơ sở 1"): "completed"}


def test_who_is_not_on_the_list_gets_no_level(place):
    review = opened(place)
    with refused(NotFound):
        review.decide_levels([level(99, "good")], envelope())


def test_the_same_decision_again_records_nothing_and_another_is_refused(place):
    review = all_decided(place, *TEN)
    review.decide_levels([level(n, code) for n, code in enumerate(TEN)], envelope())
    assert not review.pending_events
    with refused(RuleBroken, "INV-REV-1"):
        review.decide_levels([level(9, "completed")], envelope(LATER, B))


# The ceiling


def test_the_ceiling_is_checked_over_the_whole_group_and_kept_with_the_decision(place):
    review = all_decided(place, *TEN)
    applied = of(review, 3).applied
    assert (applied.base, applied.allowed, applied.rated) == (10, 2, 2)
    assert (applied.ceiling.rounding, applied.ceiling.base) == ("down", "good_or_better")
    with refused(CeilingExceeded, "INV-REV-3"):
        all_decided(Place(), *("excellent",) * 3, *("good",) * 7)


def test_the_share_is_taken_of_those_rated_good_or_better(place):
    with refused(CeilingExceeded):
        all_decided(place, "excellent", "excellent", *("good",) * 7, "completed")


def test_a_change_that_lowers_the_base_is_refused_too(place):
    review = all_decided(place, *TEN)
    change = envelope(LATER, B, by="Tỉnh", reason="Kết luận kiểm tra")
    with refused(CeilingExceeded):
        review.change_level(level(9, "completed"), change)
    review = place.again(review)
    review.change_level(level(1, "completed"), change)
    assert place.checked(review).levels()[id_of("Cơ sở 1")] == "completed"


def test_what_is_taken_back_is_checked_over_the_whole_group(place):
    review = opened(place)
    review.decide_levels([level(n, "good") for n in range(2, 10)], envelope())
    review = place.checked(review)
    review.decide_levels([level(0, "excellent"), level(1, "excellent")], envelope(LATER))
    review = place.checked(review)
    review.void(envelope(DECIDED, B, voids=review.events[3].position))
    with refused(CeilingExceeded):
        place.checked(review)


def test_a_late_decision_is_checked_on_every_later_day(place):
    review = opened(place)
    review.decide_levels([level(n, "good") for n in range(2, 7)], envelope())
    review = place.checked(review)
    review.decide_levels([level(0, "excellent")], envelope(LATER))
    review = place.checked(review)
    review.decide_levels([level(1, "excellent")], envelope(DECIDED))
    with refused(CeilingExceeded):
        place.checked(review)


# Two persons


def test_a_decision_is_corrected_by_another_person(place):
    review = all_decided(place, *TEN)
    wrong = review.events[3].position
    right = [level(n, "good") for n in range(10)]
    with refused(SecondPersonNeeded, "INV-REV-6"):
        review.decide_levels(right, envelope(DECIDED, A, voids=wrong))
    review.decide_levels(right, envelope(DECIDED, B, voids=wrong))
    assert set(place.checked(review).levels().values()) == {"good"}


def test_a_decision_is_voided_by_another_person(place):
    review = all_decided(place, *TEN)
    wrong = review.events[3].position
    with refused(SecondPersonNeeded):
        review.void(envelope(DECIDED, A, voids=wrong))
    review.void(envelope(DECIDED, B, voids=wrong))
    assert place.checked(review).levels() == {}


@pytest.mark.parametrize("actor", [A, C])
def test_who_opened_the_round_or_recorded_the_level_does_not_change_it(place, actor):
    review = all_decided(place, *TEN)
    with refused(SecondPersonNeeded):
        review.change_level(level(1, "good"), envelope(LATER, actor, by="Tỉnh", reason="Vì sao"))


def test_a_change_is_the_superiors_and_says_why(place):
    review = all_decided(place, *TEN)
    with refused(InvalidValue):
        review.change_level(level(1, "good"), envelope(LATER, B, by="Tỉnh"))
    review.change_level(level(1, "good"), envelope(LATER, B, by="Xã", reason="Vì sao"))
    with refused(NotCompetent, "INV-REV-4"):
        place.checked(review)


# Closing


def test_a_round_is_closed_when_its_totals_sum(place):
    review = opened(place)
    review.decide_levels([level(n, "good") for n in range(9)], envelope())
    review = place.checked(review)
    with refused(TotalsDoNotSum, "INV-REV-5"):
        review.close(envelope(CLOSED))
    review.leave_unreviewed([id_of("Cơ sở 9")], "Mới thành lập", envelope())
    review = place.checked(review)
    review.close(envelope(CLOSED))
    review = place.checked(review)
    assert review.state == "closed"
    assert of(review).unreviewed == 1
    assert of(review).counts[:2] == (
        LevelCount("excellent", 0),
        LevelCount("good", 9),
    )
    review.close(envelope(CLOSED))
    assert not review.pending_events


def closed(place):
    review = all_decided(place, *TEN)
    review.close(envelope(CLOSED))
    return place.checked(review)


def test_nothing_is_decided_in_a_closed_round(place):
    review = closed(place)
    wrong = review.events[3].position
    for wish in (
        lambda: review.decide_levels([level(1, "good")], envelope(LATER, B)),
        lambda: review.void(envelope(LATER, B, voids=wrong)),
        lambda: review.list_subjects([Subject(id_of("Cơ sở 11"))], envelope(LATER)),
        lambda: review.leave_unreviewed([id_of("Cơ sở 1")], "x", envelope(LATER)),
    ):
        with refused(RuleBroken, "INV-REV-5"):
            wish()
    with refused(CannotVoid):
        review.void(envelope(LATER, B, voids=review.events[4].position))


def test_it_is_reopened_by_two_persons_on_the_word_of_a_higher_authority(place):
    review = closed(place)
    higher: dict[str, Any] = {"by": "Tỉnh", "reason": "Phát hiện sai sót"}
    with refused(SecondPersonNeeded):
        review.reopen(envelope(LATER, A, **higher))
    with refused(InvalidValue):
        review.request_reopening(envelope(LATER, A, by="Tỉnh"))
    review.request_reopening(envelope(LATER, A, by="Xã", reason="Phát hiện sai sót"))
    with refused(NotCompetent):
        place.checked(review)
    review = place.again(review)
    review.request_reopening(envelope(LATER, A, **higher))
    review = place.checked(review)
    with refused(SecondPersonNeeded):
        review.reopen(envelope(LATER, A, **higher))
    review.reopen(envelope(LATER, B, **higher))
    review = place.checked(review)
    assert review.state == "open"
    review.decide_levels(
        [level(n, "good") for n in range(10)],
        envelope(DECIDED, B, voids=review.events[3].position),
    )
    assert place.checked(review).state == "open"


def test_a_superior_may_change_a_level_of_a_closed_round(place):
    review = closed(place)
    review.change_level(level(1, "good"), envelope(LATER, B, by="Tỉnh", reason="Kết luận kiểm tra"))
    review = place.checked(review)
    base = id_of("Cơ sở 1")
    assert (review.levels(CLOSED)[base], review.levels(LATER)[base]) == ("excellent", "good")


# Others


def test_the_deciding_body_is_the_direct_superior_on_that_day(place):
    review = opened(place)
    place.found("Xã khác", "district", "Tỉnh")
    base = place.streams[id_of("Cơ sở 1")]
    base.resubordinate(id_of("Xã khác"), envelope(DECIDED, by="Tỉnh"))
    place.record(base)
    review.decide_levels([level(1, "good")], envelope())
    with refused(NotCompetent, "INV-REV-4"):
        place.checked(review)
    review = place.again(review)
    review.decide_levels([level(1, "good")], envelope(date(2025, 12, 19)))
    assert place.checked(review).levels()


def test_a_subject_is_judged_in_one_round_a_period(place):
    review = opened(place)
    with refused(AlreadyExists, "INV-REV-1"):
        opened(place, group="nhóm khác")
    review.leave_unreviewed([id_of(f"Cơ sở {n}") for n in range(10)], "Chuyển nhóm", envelope())
    place.checked(review)
    assert opened(place, group="nhóm khác").subjects()
    assert opened(place, period="2025-Q4").subjects()


def test_only_those_who_are_in_the_register_are_listed(place):
    review = opened(place)
    review.list_subjects([Subject(id_of("Không có"))], envelope())
    with refused(NotFound):
        place.checked(review)


def test_who_has_a_level_stays_on_the_list(place):
    review = all_decided(place, *TEN)
    review.void(envelope(OPENED, B, voids=review.events[2].position))
    with refused(RuleBroken):
        place.checked(review)


# Totals as they were stated


def test_stated_totals_that_cannot_be_true_are_not_kept(place):
    review = opened(place)
    wrong = (StatedNumber("excellent", 132), StatedNumber("good", 600))
    with refused(TotalsDoNotSum):
        review.state_totals(StatedTotals(638, 0, wrong), envelope())


def test_a_round_is_not_closed_beside_other_stated_totals(place):
    review = all_decided(place, *TEN)
    said = (StatedNumber("excellent", 2), StatedNumber("good", 9, or_better=True))
    review.state_totals(StatedTotals(10, 0, said), envelope())
    review = place.checked(review)
    with refused(TotalsDoNotSum, "INV-REV-5"):
        review.close(envelope(CLOSED))
    position = review.events[review.version].position
    right = StatedTotals(10, 0, (StatedNumber("good", 10, or_better=True),))
    review.state_totals(right, envelope(voids=position))
    review = place.checked(review)
    review.close(envelope(CLOSED))
    assert place.checked(review).state == "closed"
