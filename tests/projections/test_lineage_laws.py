"""The laws of descent, over histories that the domain let happen and the view laid out as edges.

Every day some of those alive cede parts, merge, divide or are dissolved, several on one day; with
or without figures; some join again what they once gave.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import isclose
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given as whenever
from hypothesis import strategies as st

from domain.aggregate import Event
from domain.errors import RegisterError
from domain.lineage import Answer, Certainty, Edge, Network, Step, Successor, follow, total
from domain.unit import AdministrativeUnit
from projections.lineage import Edges
from services.rulebook import rule_book
from tests.logs import EPOCH, envelope

FIRST = date(2025, 7, 1)
DAYS = [FIRST + timedelta(days=n) for n in range(7)]
LAST = DAYS[-1]
RULES = rule_book().on(FIRST)


@dataclass
class Country:
    """Real units in memory; positions are given as they are recorded."""

    units: dict[UUID, AdministrativeUnit] = field(default_factory=dict)
    position: int = 0
    given: dict[UUID, Edges] = field(default_factory=lambda: defaultdict(Edges))

    def found(self, on: date) -> UUID:
        id_ = uuid5(EPOCH, f"unit/{len(self.units)}")
        self.units[id_] = AdministrativeUnit.establish(
            id_,
            way="entered",
            level="commune",
            type="xa",
            name=f"Xã {len(self.units)}",
            superior_id=None,
            codes=(),
            envelope=envelope(on),
            rules=RULES,
        )
        self.record(id_)
        return id_

    def record(self, id_: UUID) -> None:
        unit = self.units[id_]
        for event in unit.collect_events():
            assert isinstance(event, Event)
            self.position += 1
            object.__setattr__(event, "position", self.position)
            self.given[id_].after(event, unit)

    def end(self, id_: UUID, way: str, heirs: Sequence[Successor], on: date) -> None:
        self.units[id_].end(way, heirs, envelope(on))
        self.record(id_)

    def cede(self, id_: UUID, heirs: Sequence[Successor], on: date) -> None:
        self.units[id_].cede_part(heirs, envelope(on))
        self.record(id_)

    def exists(self, id_: UUID, day: date) -> bool:
        return self.units[id_].is_active_on(day)

    def on(self, day: date) -> list[UUID]:
        return [id_ for id_ in self.units if self.exists(id_, day)]

    def edges(self) -> list[Edge]:
        """As the view lays them out and gives them back."""
        rows = [row for edges in self.given.values() for row in edges.changes(0).added]
        return [
            Edge(giver, taker, date.fromisoformat(on), order, extent, default, way != "cession", *n)
            for _, giver, taker, on, order, way, extent, default, *n, _, _ in rows
        ]


@dataclass
class Asked:
    """A history at rest."""

    country: Country
    network: Network

    def ask(self, start: UUID, begins: date, ends: date) -> Answer:
        return follow(start, begins, ends, self.network, self.country.exists)

    def found(self, start: UUID, begins: date, ends: date) -> dict[UUID, Step]:
        return {step.id: step for step in self.ask(start, begins, ends).steps}


@st.composite
def histories(draw: Any, figures: bool | None = None, losses: bool = True) -> Asked:
    """`figures`: whether every end of a division states all; None: as it comes."""
    country = Country()
    for _ in range(draw(st.integers(2, 4))):
        country.found(FIRST)
    for day in DAYS[1:]:
        for _ in range(draw(st.integers(0, 3))):
            _change(draw, country, day, figures, losses)
    return Asked(country, Network(country.edges()))


def _change(draw: Any, country: Country, day: date, figures: bool | None, losses: bool) -> None:
    """Something that the domain allows; who takes over today does not end today as well."""
    takers = {edge.taker for edge in country.edges() if edge.on == day}
    alive = [id_ for id_ in country.on(day) if country.exists(id_, day - timedelta(days=1))]
    ending = [id_ for id_ in alive if id_ not in takers]
    whats = ["merge", "divide", "divide", "divide and merge"]
    if losses:
        whats += ["cede", "cede", "dissolve", "unknown"]
    what = draw(st.sampled_from(whats))
    givers = alive if what == "cede" else ending
    if not givers:
        return
    giver = draw(st.sampled_from(givers))
    others = [id_ for id_ in country.on(day) if id_ != giver] or [country.found(day)]
    one, other = draw(st.sampled_from(others)), country.found(day)
    known = figures if figures is not None else draw(st.booleans())
    heirs = [_heir(draw, one, known), _heir(draw, other, known)]
    match what:
        case "merge":
            country.end(giver, "merger", [Successor(one, "whole", True)], day)
        case "unknown":
            country.end(giver, "merger", [Successor(one, "unknown", True)], day)
        case "divide":
            country.end(giver, "division", heirs, day)
        case "divide and merge":
            country.end(giver, "division", [heirs[1], _heir(draw, country.found(day), known)], day)
        case "dissolve":
            country.end(giver, "dissolution", [], day)
        case _:
            country.cede(giver, heirs[: draw(st.integers(1, 2))], day)


def _heir(draw: Any, id_: UUID, known: bool) -> Successor:
    if not known:
        return Successor(id_, "part")
    people, metres = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    return Successor(id_, "part", False, people, metres)


days = st.sampled_from(DAYS)


@whenever(histories(), days)
def test_on_one_day_everything_is_itself_and_nothing_else(asked, day):
    for id_ in asked.country.on(day):
        answer = asked.ask(id_, day, day)
        assert answer.certainty is Certainty.EXACT
        assert [(s.id, s.share) for s in answer.steps] == [(id_, ("whole", 1.0, 1.0, False))]


@whenever(histories(), st.lists(days, min_size=3, max_size=3).map(sorted))
def test_over_three_days_the_same_are_found_as_over_two_and_then_the_third(asked, three):
    for first, middle, last in (three, three[::-1]):
        for start in asked.country.on(first):
            further = [asked.found(i, middle, last) for i in asked.found(start, first, middle)]
            assert set(asked.found(start, first, last)) == set().union(*further)


@whenever(histories(), days, days)
def test_forward_and_then_backward_contains_the_start(asked, one, other):
    for start in asked.country.on(one):
        for id_ in asked.found(start, one, other):
            assert start in asked.found(id_, other, one)


@whenever(histories(), days, days)
def test_nobody_is_its_own_successor(asked, one, other):
    for start in asked.country.on(one):
        for step in asked.ask(start, one, other).steps:
            assert all(edge.giver != edge.taker for edge in step.edges)
            assert (step.id == start) == (not step.edges)


@whenever(histories(), days, days)
def test_both_directions_measure_the_same(asked, one, other):
    older, younger = sorted((one, other))
    for start in asked.country.on(older):
        for id_, step in asked.found(start, older, younger).items():
            back = asked.found(id_, younger, older)[start]
            assert step.share.extent == back.share.extent
            assert step.share.is_computed == back.share.is_computed
            for there, here in zip(step.share[1:3], back.share[1:3], strict=True):
                assert there == here or isclose(there, here)


@whenever(histories(), days, days)
def test_shares_of_one_start_are_no_more_than_all_of_it(asked, one, other):
    older, younger = sorted((one, other))
    for start in asked.country.on(older):
        shares = [step.share for step in asked.ask(start, older, younger).steps]
        for figure in ("population", "area"):
            known = [each for s in shares if (each := getattr(s, figure)) is not None]
            assert all(0.0 <= each <= 1.0 + 1e-9 for each in known)
            assert sum(known) <= 1.0 + 1e-9


@whenever(histories(figures=True, losses=False), days, days)
def test_where_everything_is_known_and_nothing_lost_shares_are_all_of_it(asked, one, other):
    older, younger = sorted((one, other))
    for start in asked.country.on(older):
        shares = [step.share for step in asked.ask(start, older, younger).steps]
        assert isclose(sum(share.population for share in shares), 1.0)
        assert isclose(sum(share.area for share in shares), 1.0)


@whenever(histories(figures=True, losses=False))
def test_people_and_land_are_conserved(asked):
    """What a division states goes, by shares over any number of steps, all to what is there."""
    for hand_over in asked.network.hand_overs:
        if len(hand_over.edges) < 2:
            continue
        for figure in ("population", "area"):
            whole = total(hand_over.edges, figure) or 0
            eve = hand_over.edges[0].on - timedelta(days=1)
            if not asked.country.exists(hand_over.giver, eve):
                continue
            steps = asked.ask(hand_over.giver, eve, LAST).steps
            went = sum(getattr(step.share, figure) * whole for step in steps)
            assert isclose(went, whole)


@whenever(histories(), days, days)
def test_exact_is_said_forward_of_the_whole_in_one_place_alone(asked, one, other):
    older, younger = sorted((one, other))
    for start in asked.country.on(older):
        answer = asked.ask(start, older, younger)
        is_whole = [step.share.extent == "whole" for step in answer.steps]
        assert (answer.certainty is Certainty.EXACT) == (is_whole == [True])
        assert any(is_whole) <= (len(is_whole) == 1)


@whenever(histories())
def test_the_domain_refuses_what_would_break_these_laws(asked):
    country = asked.country
    for id_ in country.on(LAST):
        with pytest.raises(RegisterError):
            country.units[id_].cede_part([Successor(id_, "part")], envelope(LAST))
