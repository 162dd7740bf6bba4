"""The years of a chain, from the rounds and hand-overs on record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from domain.evaluation.chain import Chain, Origin, Rated, chain
from domain.evaluation.events import UNREVIEWED
from domain.evaluation.parts import Subject
from domain.evaluation.review import Review
from domain.lineage import Edge, Network, follow
from domain.structure.neighbourhood import Neighbourhood


def recorded_chain(
    subject: Subject,
    years: Sequence[int],
    policy: str,
    enough: Sequence[str],
    day: date,
    around: Neighbourhood,
) -> Chain:
    """The chain of `subject` as it stood on `day`. Raises InvalidValue for an unknown policy."""

    def origins_in(year: int) -> list[Origin]:
        if subject.organisation_id is not None:
            return [Origin(subject.id, is_default=True, by_lineage=False)]
        return list(_origins(subject.id, day, min(day, date(year, 12, 31)), around))

    def rated_in(id_: UUID, year: int) -> list[Rated]:
        return list(_rated(id_, year, around))

    return chain(years, policy, enough, origins_in, rated_in)


def _origins(id_: UUID, day: date, then: date, around: Neighbourhood) -> Iterator[Origin]:
    """Who `id_` was on an earlier day."""

    def exists(each: UUID, on: date) -> bool:
        node = around.find(each)
        return node is not None and node.is_active_on(on)

    answer = follow(id_, day, then, Network(_edges_into(id_, around)), exists)
    for step in answer.steps:
        yield Origin(step.id, step.is_default, bool(step.edges))


def _edges_into(id_: UUID, around: Neighbourhood) -> Iterator[Edge]:
    """Every edge on the ways that lead to it; circles end. Of a hand-over not what else went."""
    seen, waiting = {id_}, [id_]
    while waiting:
        taker = waiting.pop()
        for giver in around.carriers(f"successor:{taker}"):
            for day, successors in giver.hand_overs():
                for order, s in enumerate(s for s in successors if s.id == taker):
                    yield Edge(giver.id, taker, day, order, s.extent, s.is_default)
            if giver.id not in seen:
                seen.add(giver.id)
                waiting.append(giver.id)


def _rated(id_: UUID, year: int, around: Neighbourhood) -> Iterator[Rated]:
    """The levels that rounds gave it for a whole year."""
    for review in around.bearers(f"judged:{id_}"):
        if not isinstance(review, Review) or review.opening is None:
            continue
        fact = review.level_of(id_).fact_at(date.max)
        if review.opened.period == str(year) and fact and fact.value != UNREVIEWED:
            event = review.events[fact.order]
            number = event.basis[0].number if event.basis else None
            yield Rated(id_, fact.value, review.id, event.position, number)
