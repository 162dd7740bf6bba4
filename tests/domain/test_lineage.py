"""What became of it, and where it came from: over invented histories of mergers and divisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as whenever
from hypothesis import strategies as st

from domain.errors import InvalidValue
from domain.lineage import (
    Answer,
    Certainty,
    Edge,
    Network,
    Successor,
    follow,
    refuse_ill_formed,
    refuse_lone_part,
    total,
)

FIRST = date(2025, 1, 1)
DAYS = [FIRST + timedelta(days=n) for n in range(7)]
LAST = DAYS[-1]

Heir = tuple[Any, ...]  # id, extent, people, square metres; figures may be left out


@dataclass
class History:
    """Lives and hand-overs, as the register would have recorded them."""

    lives: dict[UUID, tuple[date, date | None]] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    order: int = 0

    def found(self, on: date = FIRST) -> UUID:
        id_ = UUID(int=len(self.lives) + 1)
        self.lives[id_] = (on, None)
        return id_

    def end(self, giver: UUID, on: date, *heirs: Heir) -> None:
        self.lives[giver] = (self.lives[giver][0], on)
        self._give(giver, on, heirs, ends=True)

    def cede(self, giver: UUID, on: date, *heirs: Heir) -> None:
        self._give(giver, on, heirs, ends=False)

    def _give(self, giver: UUID, on: date, heirs: Sequence[Heir], ends: bool) -> None:
        self.order += 1
        for heir, extent, *figures in heirs:
            self.edges.append(Edge(giver, heir, on, self.order, extent, False, ends, *figures))

    def exists(self, id_: UUID, day: date) -> bool:
        first, after = self.lives[id_]
        return first <= day and (after is None or day < after)

    def on(self, day: date) -> list[UUID]:
        return [id_ for id_ in self.lives if self.exists(id_, day)]

    def ask(self, start: UUID, begins: date, ends: date) -> Answer:
        return follow(start, begins, ends, Network(self.edges), self.exists)

    def found_by(self, start: UUID, begins: date, ends: date) -> set[UUID]:
        return ids(self.ask(start, begins, ends))


def ids(answer: Answer) -> set[UUID]:
    return {step.id for step in answer.steps}


def extents(answer: Answer) -> dict[UUID, str]:
    return {step.id: step.extent for step in answer.steps}


# A few histories told by hand

A_DAY, NEXT_DAY, THIRD_DAY = DAYS[1], DAYS[2], DAYS[3]


def test_a_merger_is_exact_forward_and_split_backward():
    history = History()
    hill, river = history.found(), history.found()
    merged = history.found(A_DAY)
    history.end(hill, A_DAY, (merged, "whole"))
    history.end(river, A_DAY, (merged, "whole"))
    forward = history.ask(hill, FIRST, LAST)
    assert (forward.certainty, extents(forward)) == (Certainty.EXACT, {merged: "whole"})
    backward = history.ask(merged, LAST, FIRST)
    assert (backward.certainty, ids(backward)) == (Certainty.SPLIT, {hill, river})


def test_a_division_is_split_forward_and_exact_backward():
    history = History()
    whole = history.found()
    east, west = history.found(A_DAY), history.found(A_DAY)
    history.end(whole, A_DAY, (east, "part"), (west, "part"))
    forward = history.ask(whole, FIRST, LAST)
    assert forward.certainty is Certainty.SPLIT
    assert extents(forward) == {east: "part", west: "part"}
    backward = history.ask(east, LAST, FIRST)
    assert (backward.certainty, extents(backward)) == (Certainty.EXACT, {whole: "part"})


def test_what_was_split_and_merged_again_is_exact():
    history = History()
    whole = history.found()
    east, west, again = history.found(A_DAY), history.found(A_DAY), history.found(NEXT_DAY)
    history.end(whole, A_DAY, (east, "part"), (west, "part"))
    history.end(east, NEXT_DAY, (again, "whole"))
    history.end(west, NEXT_DAY, (again, "whole"))
    answer = history.ask(whole, FIRST, LAST)
    assert (answer.certainty, extents(answer)) == (Certainty.EXACT, {again: "whole"})


def test_an_unknown_extent_is_ambiguous_even_where_a_surer_way_leads_there_too():
    history = History()
    whole = history.found()
    east, west, again = history.found(A_DAY), history.found(A_DAY), history.found(NEXT_DAY)
    history.end(whole, A_DAY, (east, "part"), (west, "part"))
    history.end(east, NEXT_DAY, (again, "unknown"))
    assert history.ask(whole, FIRST, LAST).certainty is Certainty.AMBIGUOUS
    history.end(west, NEXT_DAY, (again, "whole"))
    assert history.ask(whole, FIRST, LAST).certainty is Certainty.AMBIGUOUS
    assert history.ask(again, LAST, FIRST).certainty is Certainty.AMBIGUOUS


def test_a_part_that_went_to_nobody_makes_the_rest_no_exact_answer():
    history = History()
    whole = history.found()
    east, west = history.found(A_DAY), history.found(A_DAY)
    history.end(whole, A_DAY, (east, "part"), (west, "part"))
    history.end(west, NEXT_DAY)
    answer = history.ask(whole, FIRST, LAST)
    assert (answer.certainty, extents(answer)) == (Certainty.SPLIT, {east: "part"})


def test_the_rest_of_it_went_to_nobody_after_a_part_was_ceded():
    history = History()
    giver, taker = history.found(), history.found()
    history.cede(giver, A_DAY, (taker, "part"))
    history.end(giver, NEXT_DAY)
    answer = history.ask(giver, FIRST, LAST)
    assert (answer.certainty, extents(answer)) == (Certainty.SPLIT, {taker: "part"})


def test_what_came_in_part_from_nothing_did_not_come_from_one_alone():
    history = History()
    old = history.found()
    founded, merged = history.found(A_DAY), history.found(NEXT_DAY)
    history.end(old, NEXT_DAY, (merged, "whole"))
    history.end(founded, NEXT_DAY, (merged, "whole"))
    answer = history.ask(merged, LAST, FIRST)
    assert (answer.certainty, ids(answer)) == (Certainty.SPLIT, {old})


def test_what_was_dissolved_has_no_heirs():
    history = History()
    gone = history.found()
    history.end(gone, A_DAY)
    assert history.ask(gone, FIRST, LAST) == Answer(Certainty.NONE, ())


def test_what_gave_a_part_lives_on_as_the_rest():
    history = History()
    giver, taker = history.found(), history.found()
    history.cede(giver, A_DAY, (taker, "part"))
    answer = history.ask(giver, FIRST, LAST)
    assert answer.certainty is Certainty.SPLIT
    assert extents(answer) == {giver: "part", taker: "part"}


def test_the_rest_goes_on_as_a_part():
    history = History()
    giver, taker, heir = history.found(), history.found(), history.found(NEXT_DAY)
    history.cede(giver, A_DAY, (taker, "part"))
    history.end(giver, NEXT_DAY, (heir, "whole"))
    assert extents(history.ask(giver, FIRST, LAST)) == {taker: "part", heir: "part"}


def test_what_is_given_and_given_back_is_followed_both_ways():
    history = History()
    giver, taker = history.found(), history.found()
    history.cede(giver, A_DAY, (taker, "part"))
    history.cede(taker, NEXT_DAY, (giver, "part"))
    assert history.found_by(giver, FIRST, LAST) == {giver, taker}
    assert history.found_by(taker, A_DAY, LAST) == {giver, taker}
    assert history.found_by(giver, FIRST, A_DAY) == {giver, taker}
    assert history.found_by(giver, LAST, FIRST) == {giver, taker}
    history.end(taker, THIRD_DAY, (giver, "whole"))
    answer = history.ask(giver, FIRST, LAST)
    assert (answer.certainty, extents(answer)) == (Certainty.EXACT, {giver: "whole"})


def test_what_arrives_after_a_hand_over_has_no_part_in_it():
    history = History()
    early, late, hub, far = (history.found() for _ in range(4))
    history.cede(early, A_DAY, (hub, "part"))
    history.cede(hub, NEXT_DAY, (far, "part"))
    history.cede(late, THIRD_DAY, (hub, "part"))
    assert history.found_by(early, FIRST, LAST) == {early, hub, far}
    assert history.found_by(late, FIRST, LAST) == {late, hub}
    assert history.found_by(far, LAST, FIRST) == {far, hub, early}


@pytest.mark.parametrize("first_merged", [True, False])
def test_changes_of_one_day_are_passed_in_the_order_of_their_recording(first_merged):
    history = History()
    hill, hub, far = history.found(), history.found(), history.found()
    if first_merged:
        history.end(hill, A_DAY, (hub, "whole"))
        history.cede(hub, A_DAY, (far, "part"))
    else:
        history.cede(hub, A_DAY, (far, "part"))
        history.end(hill, A_DAY, (hub, "whole"))
    reached = {hub, far} if first_merged else {hub}
    assert history.found_by(hill, FIRST, LAST) == reached
    assert (hill in history.found_by(far, LAST, FIRST)) == first_merged


def test_the_way_is_told_edge_by_edge():
    history = History()
    hill, middle, end = history.found(), history.found(A_DAY), history.found(NEXT_DAY)
    history.end(hill, A_DAY, (middle, "whole"))
    history.end(middle, NEXT_DAY, (end, "whole"))
    (step,) = history.ask(hill, FIRST, LAST).steps
    assert [(edge.giver, edge.taker) for edge in step.edges] == [(hill, middle), (middle, end)]


def test_the_default_is_where_every_edge_on_the_way_says_so():
    giver, one, other = (UUID(int=n) for n in (1, 2, 3))
    edges = [
        Edge(giver, one, A_DAY, 1, "part", True, ends=True),
        Edge(giver, other, A_DAY, 1, "part", False, ends=True),
    ]
    answer = follow(giver, FIRST, LAST, Network(edges), lambda id_, _: id_ != giver)
    assert {step.id for step in answer.steps if step.is_default} == {one}


# Any history


@st.composite
def histories(draw: Any) -> History:
    """Acyclic: every day, some of those alive cede a part, merge, divide or are dissolved."""
    history = History()
    for _ in range(draw(st.integers(2, 5))):
        history.found()
    for day in DAYS[1:]:
        for _ in range(draw(st.integers(0, 3))):
            change(draw, history, day)
    return history


def change(draw: Any, history: History, day: date) -> None:
    alive = [id_ for id_ in history.on(day) if history.lives[id_][0] < day]
    if not alive:
        return
    giver = draw(st.sampled_from(alive))
    others = [id_ for id_ in history.on(day) if id_ != giver]
    match draw(st.sampled_from(["merge", "cede", "divide", "dissolve", "found", "unknown"])):
        case "merge" if others:
            history.end(giver, day, (draw(st.sampled_from(others)), "whole"))
        case "merge" | "unknown":
            history.end(giver, day, (history.found(day), draw(st.sampled_from(EXTENTS))))
        case "cede" if others:
            history.cede(giver, day, (draw(st.sampled_from(others)), "part"))
        case "divide":
            heirs = [history.found(day), draw(st.sampled_from(others or [history.found(day)]))]
            history.end(giver, day, *((heir, "part") for heir in heirs))
        case "dissolve":
            history.end(giver, day)
        case _:
            history.found(day)


EXTENTS = ["whole", "unknown"]
days = st.sampled_from(DAYS)


@whenever(histories(), days)
def test_on_one_day_everything_is_itself(history, day):
    for id_ in history.on(day):
        answer = history.ask(id_, day, day)
        assert (answer.certainty, extents(answer)) == (Certainty.EXACT, {id_: "whole"})


@whenever(histories(), st.lists(days, min_size=3, max_size=3).map(sorted))
def test_the_way_over_three_days_is_the_way_over_two_and_then_the_third(history, three):
    for first, middle, last in (three, three[::-1]):
        for start in history.on(first):
            further = [
                history.found_by(i, middle, last) for i in ids(history.ask(start, first, middle))
            ]
            assert history.found_by(start, first, last) == set().union(*further)


@whenever(histories(), days, days)
def test_forward_and_then_backward_contains_the_start(history, one, other):
    for start in history.on(one):
        for id_ in history.found_by(start, one, other):
            assert start in history.found_by(id_, other, one)


@whenever(histories(), days, days)
def test_an_answer_holds_what_exists_once_each_with_a_way_that_leads_there(history, one, other):
    for start in history.on(one):
        answer = history.ask(start, one, other)
        assert len(ids(answer)) == len(answer.steps)
        for step in answer.steps:
            assert history.exists(step.id, other)
            assert all(edge.giver != edge.taker for edge in step.edges)
            assert way_leads(start, step.edges, one <= other) == step.id


def way_leads(start: UUID, edges: Sequence[Edge], forward: bool) -> UUID:
    at = start
    for edge in edges:
        assert at == (edge.giver if forward else edge.taker)
        at = edge.taker if forward else edge.giver
    return at


@whenever(histories(), days, days)
def test_exact_is_said_only_of_one_and_of_nothing_unknown(history, one, other):
    for start in history.on(one):
        answer = history.ask(start, one, other)
        unknown = any(step.extent == "unknown" for step in answer.steps)
        assert (answer.certainty is Certainty.NONE) == (not answer.steps)
        assert not unknown or answer.certainty is Certainty.AMBIGUOUS
        assert answer.certainty is not Certainty.EXACT or len(answer.steps) == 1


@whenever(histories())
def test_exact_means_that_nobody_else_and_nothing_lost_can_hold_a_share(history):
    for start in history.on(FIRST):
        if history.ask(start, FIRST, LAST).certainty is Certainty.EXACT:
            assert holders(history, start) == history.found_by(start, FIRST, LAST)


NOBODY = UUID(int=0)


def holders(history: History, start: UUID) -> set[UUID]:
    """Who holds a share on the last day, asked in the order of the log; NOBODY: what was lost."""
    holding = {start}
    for edge in history.edges:
        if edge.giver in holding:
            holding.add(edge.taker)
    gone = {id_ for id_ in holding if not history.exists(id_, LAST)}
    handed_over = {(edge.giver, edge.on) for edge in history.edges}
    lost = any((id_, history.lives[id_][1]) not in handed_over for id_ in gone)
    return holding - gone | ({NOBODY} if lost else set())


# What may be said


def heirs(*told: tuple[int, str]) -> list[Successor]:
    return [Successor(UUID(int=n), extent) for n, extent in told]


@pytest.mark.parametrize(
    ("successors", "field"),
    [
        (heirs((2, "most")), "successors.extent"),
        (heirs((1, "whole")), "successors.id"),
        (heirs((2, "part"), (2, "part")), "successors.id"),
        (heirs((2, "whole"), (3, "part")), "successors.extent"),
        (
            [Successor(UUID(int=n), "part", is_default=True) for n in (2, 3)],
            "successors.is_default",
        ),
        ([Successor(UUID(int=2), "part", population=-1)], "successors.population"),
        ([Successor(UUID(int=2), "part", area=-1)], "successors.area"),
    ],
)
def test_nobody_succeeds_itself_or_twice_and_a_whole_goes_to_one(successors, field):
    with pytest.raises(InvalidValue) as refusal:
        refuse_ill_formed(UUID(int=1), successors)
    assert refusal.value.facts["field"] == field


def test_what_goes_over_in_all_is_known_where_every_heir_says_it():
    both = [Successor(UUID(int=n), "part", population=n, area=None) for n in (2, 3)]
    assert (total(both, "population"), total(both, "area")) == (5, None)
    assert total([*both, Successor(UUID(int=4), "part")], "population") is None


def test_an_end_leaves_no_lone_part():
    with pytest.raises(InvalidValue):
        refuse_lone_part(heirs((2, "part")))
    refuse_lone_part(heirs((2, "part"), (3, "part")))
    refuse_lone_part(heirs((2, "unknown")))
    refuse_lone_part([])
