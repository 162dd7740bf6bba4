"""The descent of one thing: the drawing, the table beside it, and how sure one can be. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from api.pages import words
from api.pages.counting import EVE, REORGANISATION
from api.pages.drawing import Drawing, drawn, related
from api.pages.subjects import ONE_DAY, path_of
from api.pages.words import Term
from domain.lineage import Answer, Edge, Network, follow
from domain.names import sort_key
from projections.nodes import Life


@dataclass(frozen=True, slots=True)
class End:
    """One end of a hand-over."""

    path: str
    name: str
    is_subject: bool


@dataclass(frozen=True, slots=True)
class HandedOver:
    """One line of the table of hand-overs."""

    giver: End
    taker: End
    on: date
    extent: str
    is_default: bool  # where a choice had to be made
    others: tuple[tuple[Term, End], ...]  # (extent, taker): where the rest of the giver went
    document: str | None  # number of the deciding document


@dataclass(frozen=True, slots=True)
class Found:
    """One that is there on the other day, and how much of it."""

    extent: Term
    end: End
    is_default: bool


@dataclass(frozen=True)
class Descent:
    """All that is known of where one thing came from and where it went."""

    drawing: Drawing | None
    lines: tuple[HandedOver, ...]
    origin: Term | None  # None: it has none to tell of
    fate: Term | None
    on_the_eve: tuple[Found, ...]  # what it came from, on the eve of the reorganisation
    after_it: tuple[Found, ...]  # what became of it, on the day


@dataclass(frozen=True)
class Family:
    """What the descent of `subject` is told from, as known at one position."""

    category: str  # "unit" or "organisation"
    subject: UUID
    edges: Sequence[Edge]  # on the ways to and from it, and what else its givers gave
    names: Mapping[UUID, str]
    lives: Mapping[UUID, Life]
    documents: Mapping[int, str | None]  # position -> number of the document

    def exists(self, id_: UUID, day: date) -> bool:
        life = self.lives.get(id_)
        return life is not None and life.includes(day)

    def path(self, id_: UUID) -> str:
        return path_of(self.category, id_)

    def end(self, id_: UUID) -> End:
        return End(self.path(id_), self.names.get(id_, "?"), id_ == self.subject)


def descent(family: Family, day: date) -> Descent:
    """The descent as told to a reader who asks about `day`."""
    lines = related(family.subject, family.edges)
    return Descent(
        drawing=drawn(family.subject, family.edges, family.names, family.path),
        lines=tuple(_line(family, edge) for edge in lines),
        origin=_origin(family),
        fate=_fate(family, day),
        on_the_eve=_found(family, REORGANISATION, EVE),
        after_it=_found(family, EVE, REORGANISATION),
    )


def _line(family: Family, edge: Edge) -> HandedOver:
    given = [e for e in family.edges if (e.giver, e.order) == (edge.giver, edge.order)]
    others = [e for e in given if e.taker != edge.taker]
    return HandedOver(
        giver=family.end(edge.giver),
        taker=family.end(edge.taker),
        on=edge.on,
        extent=edge.extent,
        is_default=edge.is_default and bool(others),
        others=tuple((words.extent(e.extent), family.end(e.taker)) for e in others),
        document=family.documents.get(edge.order),
    )


def _origin(family: Family) -> Term | None:
    entering = [e.on for e in family.edges if e.taker == family.subject]
    if not entering:
        return None
    eve = min(entering) - ONE_DAY
    answer = _followed(family, max(entering), eve)
    return words.origin(answer.certainty, _names(family, answer), eve)


def _fate(family: Family, day: date) -> Term | None:
    life = family.lives.get(family.subject)
    leaving = [e.on for e in family.edges if e.giver == family.subject]
    if life is not None and life.ended_on is not None:
        leaving.append(life.ended_on)
    if not leaving:
        return None
    until = max(day, *leaving)
    answer = _followed(family, min(leaving) - ONE_DAY, until)
    return words.fate(answer.certainty, _names(family, answer), until)


def _found(family: Family, begins: date, ends: date) -> tuple[Found, ...]:
    """What is there on `ends` of what it was on `begins`; empty when it was not there then."""
    if not family.exists(family.subject, begins):
        return ()
    answer = _followed(family, begins, ends)
    steps = [step for step in answer.steps if step.edges]  # the others are it itself
    return tuple(
        Found(words.extent(s.extent), family.end(s.id), s.is_default and len(answer.steps) > 1)
        for s in sorted(steps, key=_by_name(family))
    )


def _by_name(family: Family) -> Callable[..., str]:
    return lambda step: sort_key(family.names.get(step.id, "?"))


def _followed(family: Family, begins: date, ends: date) -> Answer:
    return follow(family.subject, begins, ends, Network(family.edges), family.exists)


def _names(family: Family, answer: Answer) -> list[str]:
    return [family.names.get(step.id, "?") for step in answer.steps]
