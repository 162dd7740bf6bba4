"""Ratios are taken within a round, the median of the rounds is told, and goals are judged by it."""

from __future__ import annotations

import json
from contextlib import contextmanager

import pytest

from ops.bench.contest import Goal, Ground, Results, Work, as_json, report, run
from ops.bench.sizes import QUICK

RATES = {"ours": [10.0, 30.0, 20.0], "theirs": [20.0, 10.0, 10.0]}  # in three rounds
TWICE = Goal("A", "ours", "theirs", least=2)
SLOW = Goal("A", "ours", None, most=5)
NOBODY = Goal("A", "ours", "a peer that is not here", least=1)


def work(*goals: Goal, rates=RATES) -> Work:
    left = {name: iter(of) for name, of in rates.items()}

    def do(ground, name):
        rate = next(left[name])
        if rate < 0:
            raise ValueError("it broke")
        return {"A": {"rate": rate}}

    return Work("A", "as told", tuple(rates), do, goals)


def contest(*works: Work, names=("ours", "theirs"), rounds=3) -> Results:
    return run(works, names, Ground("", None, QUICK), rounds)  # type: ignore[arg-type]


def test_the_ratio_is_the_median_of_the_rounds_own_ratios():
    results = contest(work(TWICE))
    assert results.medians()["A"] == {"ours": {"rate": 20}, "theirs": {"rate": 10}}
    assert results.value(TWICE) == 2  # of 0.5, 3 and 2


def test_a_goal_may_be_a_number():
    assert contest(work(SLOW)).value(SLOW) == 20
    assert not SLOW.is_met_by(20)
    assert SLOW.is_met_by(5)


def test_a_goal_may_be_a_difference():
    more = Goal("A", "ours", "theirs", most=5, is_difference=True)
    assert contest(work(more)).value(more) == 10  # of -10, 20 and 10
    assert str(more) == "<= 5 more than theirs"


def test_works_in_a_row_that_share_an_arena_find_it_open():
    opened = []

    @contextmanager
    def arena(ground):
        opened.append("opened")
        yield 7
        opened.append("closed")

    works = [
        Work(name, "", ("ours",), lambda seven, _: {"A": {"rate": seven}}, arena=arena)
        for name in ("A", "B")
    ]
    assert contest(*works, rounds=1).medians()["A"]["ours"] == {"rate": 7}
    assert opened == ["opened", "closed"]


def test_a_goal_may_compare_two_figures():
    results = Results()
    results.note(0, "ours", {"by two": {"rate": 6}})
    results.note(0, "theirs", {"alone": {"rate": 8}})
    goal = Goal("by two", "ours", "theirs", least=0.65, figure_against="alone")
    assert results.value(goal) == 0.75
    assert str(goal) == ">= 0.65 of theirs (alone)"


def test_who_fails_once_is_named_and_its_other_rounds_still_count():
    results = contest(work(TWICE, rates=RATES | {"theirs": [20.0, -1, 10.0]}))
    assert results.failures == ["A, theirs, round 2: ValueError('it broke')"]
    assert results.value(TWICE) == pytest.approx(1.25)  # of 0.5 and 2


def test_who_is_not_chosen_has_no_figures():
    results = contest(work(TWICE), names=["ours"])
    assert list(results.rounds["A"]) == ["ours"]
    assert results.value(TWICE) is None


def test_the_report_tells_figures_and_verdicts():
    works = [work(TWICE, SLOW, NOBODY)]
    said = report(works, contest(*works))
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in said.splitlines()]
    assert ["A", "20/s", "10/s"] in rows
    assert ["A", "ours", "2.00", ">= 2 of theirs", "met"] in rows
    assert ["A", "ours", "20.00", "<= 5", "NOT MET"] in rows
    assert ["A", "ours", "–", f">= 1 of {NOBODY.against}", "not measured"] in rows


def test_the_json_holds_every_round_and_every_goal():
    works = [work(TWICE, NOBODY)]
    told = json.loads(json.dumps(as_json(works, contest(*works), {"cores": 2})))
    assert told["cores"] == 2
    assert told["figures"]["A"]["ours"]["median"] == {"rate": 20}
    assert [each["rate"] for each in told["figures"]["A"]["theirs"]["rounds"]] == RATES["theirs"]
    assert [(goal["measured"], goal["met"]) for goal in told["goals"]] == [(2, True), (None, None)]
    assert told["failures"] == []
