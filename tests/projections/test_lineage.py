"""Edges as recorded, voided, and followed over many steps."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.lineage import Certainty, Network, Successor
from domain.lineage import follow as descend
from projections.engine.following import follow
from projections.lineage import LINEAGE, HandOver, Lineage
from tests.logs import BASIS, DAYS, ORGANISATIONS, UNITS, PaperLog, envelope, established

A, B, C = UNITS


@pytest.fixture
def log(connection, home):
    """A merges into B (4), B cedes a part to C (5) and then merges into it (6)."""
    log = PaperLog()
    for id_ in UNITS:
        established(log, id_)
    a, b = log.node(A), log.node(B)
    a.end("merger", [Successor(B, "whole", True)], envelope(DAYS[1]))
    log.record(a)
    b.cede_part([Successor(C, "part")], envelope(DAYS[2]))
    b = log.record(b)
    b.end("merger", [Successor(C, "whole", True)], envelope(DAYS[3]))
    log.record(b)
    follow(connection, home, log.source(), [LINEAGE])
    return log


@pytest.fixture
def lineage(connection, home, log):
    return Lineage(connection, home)


def ways(edges):
    return [(edge.giver, edge.taker, edge.order) for edge in edges]


def test_edges_out_and_in(lineage):
    assert ways(lineage.edges_from([A, B], 6)) == [(A, B, 4), (B, C, 5), (B, C, 6)]
    assert ways(lineage.edges_into([B], 6)) == [(A, B, 4)]
    assert ways(lineage.edges_from([A, B], 5)) == [(A, B, 4), (B, C, 5)]
    assert lineage.edges_from([A], 6, "organisation") == []
    assert ways(lineage.edges_from([A], 6, "unit")) == [(A, B, 4)]


def test_what_is_reached_over_many_steps(lineage):
    assert ways(lineage.forward([A], 6)) == [(A, B, 4), (B, C, 5), (B, C, 6)]
    assert ways(lineage.backward([C], 6)) == [(A, B, 4), (B, C, 5), (B, C, 6)]
    assert ways(lineage.forward([C], 6)) == []


def test_the_domain_decides_on_these_edges(lineage):
    begins, ends = DAYS[0], DAYS[3]
    answer = descend(A, begins, ends, Network(lineage.forward([A], 6)), lambda id_, _: id_ == C)
    assert (answer.certainty, [step.id for step in answer.steps]) == (Certainty.EXACT, [C])
    origins = Network(lineage.backward([C], 6))
    answer = descend(C, ends, begins, origins, lambda id_, _: True)
    assert {step.id for step in answer.steps} == {A, B, C}


def test_a_voided_ending_is_an_edge_no_more_but_was_one(connection, home, lineage, log):
    a = log.node(A)
    a.void(envelope(DAYS[1], voids=4))
    log.record(a)
    follow(connection, home, log.source(), [LINEAGE])
    assert ways(lineage.edges_from([A], 6)) == [(A, B, 4)]
    assert lineage.edges_from([A], 7) == []


def test_what_is_given_back_is_no_trap(connection, home, lineage, log):
    c = log.node(C)
    c.cede_part([Successor(A, "part")], envelope(DAYS[3] + timedelta(days=1)))
    log.record(c)
    follow(connection, home, log.source(), [LINEAGE])
    assert len(lineage.forward([B], 7)) == 4
    assert len(lineage.backward([B], 7)) == 4


def test_hand_overs_are_told_with_their_document(lineage):
    told = lineage.hand_overs(A, 6)
    expected = HandOver(
        "unit", A, B, DAYS[1], 4, "merger", "whole", True, None, None, BASIS[0].number
    )
    assert told == [expected]
    assert [each.way for each in lineage.hand_overs(B, 6)] == ["merger", "cession", "merger"]
    assert lineage.hand_overs(ORGANISATIONS[0], 6) == []


def test_the_documents_behind_hand_overs(lineage):
    number = BASIS[0].number
    assert lineage.documents([4, 6, 99]) == {4: number, 6: number}
