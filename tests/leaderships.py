"""Leaderships on paper: commands are decided, checked and recorded without a store.

A small country: a province, two communes under it, and a cell elsewhere. The n-th event recorded
stands at position n. All people are made of numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import pytest

from domain import structure
from domain.aggregate import Aggregate, Event
from domain.envelope import Authority, Envelope
from domain.errors import NotFound, RegisterError
from domain.leadership import Leadership, leadership_id
from domain.leadership.values import Ballot
from domain.node import Node
from domain.rulebook import RuleSet
from domain.structure.neighbourhood import Neighbourhood
from services import leadership as commands
from services.commands import Command, EstablishOrganisation, Void
from services.rulebook import rule_book
from tests.facts import JULY, PROVINCE, at_position, wish

A = TypeVar("A", bound=Aggregate)

COMMUNE, OTHER, CELL = (UUID(int=PROVINCE.int + n) for n in (0x10, 0x20, 0x30))
JUNE = date(2025, 6, 30)
TERM_END = date(2030, 7, 1)
COMMITTEE, BOARD, INSPECTION = "executive_committee", "standing_board", "inspection_committee"
BODIES = (COMMITTEE, BOARD, INSPECTION)

CENTRE = Authority("Ban Bí thư")
PROVINCES_BOARD = Authority("Ban Thường vụ Tỉnh ủy", PROVINCE)
CONGRESS = Authority("Đại hội đảng bộ xã", COMMUNE)
COUNCIL = Authority("Hội đồng nhân dân xã")


def person(number: int) -> UUID:
    return UUID(int=0x0197C3488800_7A01_8000_000000000000 + number)


SECRETARY, DEPUTY, CHAIR, MEMBER = map(person, range(4))


class Paper:
    """A register on paper: what `services.work.Work` is to commands, and it remembers."""

    def __init__(self) -> None:
        self.rules = rule_book()
        self.log: list[Event] = []
        self.told: list[Event] = []  # by the last transaction
        self._streams: dict[UUID, Aggregate] = {}
        self._touched: dict[UUID, Aggregate] = {}

    # What commands ask of a unit of work

    def find_any(self, of: type[A], id_: UUID) -> A | None:
        found = self._streams.get(id_)
        return found if isinstance(found, of) else None

    def find(self, id_: UUID) -> Node | None:
        return self.find_any(Node, id_)

    def get(self, of: type[A], id_: UUID, expected_version: int | None = None) -> A:
        found = self.find_any(of, id_)
        if found is None:
            raise NotFound(f"There is no {of.TOPIC} {id_}")
        self._touched[id_] = found
        return found

    def add(self, aggregate: Aggregate) -> None:
        self._streams[aggregate.id] = self._touched[aggregate.id] = aggregate

    def bearers(self, key: str) -> list[Aggregate]:
        return [each for each in self._streams.values() if key in each.keys(date.min)]

    # Recording

    def record(self, *wishes: Command) -> list[Event]:
        """What these commands record in one transaction. Raises what the domain refuses."""
        self._touched.clear()
        try:
            for each in wishes:
                each.decide(self)  # type: ignore[arg-type]
            changed = [s for s in self._touched.values() if s.pending_events]
            self._check(changed)
        except RegisterError:
            for id_ in [*self._touched]:
                self._refold(id_)
            raise
        self.told = [e for s in changed for e in s.collect_events() if isinstance(e, Event)]
        for event in self.told:
            stamp = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=len(self.log))
            object.__setattr__(event, "timestamp", stamp)
            self.log.append(at_position(event, len(self.log) + 1))
        for stream in changed:
            self._refold(stream.id)
        return self.told

    def _check(self, changed: Sequence[Aggregate]) -> None:
        around = Neighbourhood(partial(self.find_any, Aggregate), self.bearers, self.rules)
        for each in changed:
            events: list[Any] = [*each.pending_events]
            since = structure.touched_since(each, events)
            if isinstance(each, Node):
                structure.refuse_breaches(each, since, around)
            each.refuse_breaches(since, events, around)
            for other in around.bearers(f"on:{each.id}"):
                other.refuse_change_of(each, since, around)

    def _refold(self, id_: UUID) -> None:
        events = [event for event in self.log if event.originator_id == id_]
        if events:
            folded = events[0].AGGREGATE.fold(events)
            assert folded is not None
            self._streams[id_] = folded
        else:
            self._streams.pop(id_, None)

    # Asking

    def leadership(self, organisation_id: UUID = COMMUNE) -> Leadership:
        found = self.find_any(Leadership, leadership_id(organisation_id))
        assert found is not None
        return found

    def holding(self, person_id: UUID, post: str, body: str = COMMITTEE) -> UUID:
        """What the person holds or held last in that post; an id of nothing when there is none."""
        found = [
            holding.id
            for stream in self._streams.values()
            if isinstance(stream, Leadership)
            for holding in stream.holdings.values()
            if (holding.person_id, *holding.seat) == (person_id, body, post)
        ]
        return found[-1] if found else UUID(int=0)

    def position(self, topic: str) -> int:
        """Of the last event of that kind."""
        return max(e.position for e in self.log if topic == e.TOPIC and e.position)

    def void(self, position: int, by: Authority = PROVINCES_BOARD) -> list[Event]:
        wrong = self.log[position - 1]
        about = wish(wrong.effective_on, voids=position, authority=by)
        return self.record(Void(of=wrong.AGGREGATE, id=wrong.originator_id, envelope=about))


def country() -> Paper:
    """The province, its communes and a cell, founded on 1 July 2025; nobody leads them yet."""
    paper = Paper()
    founded(paper, PROVINCE, "province", None)
    founded(paper, COMMUNE, "commune_upper", PROVINCE)
    founded(paper, OTHER, "commune_upper", PROVINCE)
    base = UUID(int=CELL.int + 1)
    founded(paper, base, "base_committee", PROVINCE)
    founded(paper, CELL, "cell", base)
    return paper


def founded(paper: Paper, id_: UUID, kind: str, superior_id: UUID | None) -> None:
    facts: dict[str, Any] = {"way": "new", "kind": kind, "name": f"Đảng bộ {id_.int % 1000}"}
    above: dict[str, Any] = {"superior_id": superior_id, "envelope": wish(JULY, authority=CENTRE)}
    paper.record(EstablishOrganisation(id=id_, **facts, **above))


def in_term(paper: Paper | None = None, organisation_id: UUID = COMMUNE) -> Paper:
    """The country, with the term 2025-2030 of the commune's bodies begun."""
    paper = paper or country()
    paper.record(term(organisation_id))
    return paper


# Wishes: each a command with the usual circumstances


def _about(
    on: date, organisation_id: UUID, by: Authority, voids: int | None = None
) -> dict[str, Any]:
    about: Envelope = replace(wish(on, voids=voids), authority=by)
    return {"organisation_id": organisation_id, "envelope": about}


def term(organisation_id: UUID = COMMUNE, on: date = JULY, **other: Any) -> Command:
    usual: dict[str, Any] = {"bodies": BODIES, "name": "2025-2030", "until": TERM_END}
    by = other.pop("by", PROVINCES_BOARD)
    about = _about(on, organisation_id, by, other.pop("voids", None))
    return commands.StartTerm(**(usual | other), **about)


def appoint(
    person_id: UUID,
    *posts: str,
    on: date = JULY,
    to: UUID = COMMUNE,
    by: Authority = PROVINCES_BOARD,
    voids: int | None = None,
) -> list[Command]:
    """To posts of the committee, or "body.post" of another body."""
    return [
        commands.Appoint(
            person_id=person_id,
            occasion="new",
            **_seat(post),
            **_about(on, to, by, voids),
        )
        for post in posts
    ]


def _seat(post: str) -> dict[str, Any]:
    body, _, code = post.rpartition(".")
    return {"body": body or COMMITTEE, "post": code}


def elect(
    person_id: UUID, post: str, on: date = JULY, votes: int | None = None, **other: Any
) -> Command:
    by = other.pop("authority", CONGRESS)
    ballot = Ballot(other.pop("held_on", on), 100, 100, 100, 99 if votes is None else votes)
    usual: dict[str, Any] = {
        "person_id": person_id,
        "by": "congress",
        "ballot": ballot,
        **_seat(post),
    }
    about = _about(on, other.pop("to", COMMUNE), by, other.pop("voids", None))
    return commands.Elect(**(usual | other), **about)


def leave(
    how: type[commands.LeavingCommand],
    person_id: UUID,
    *holding_ids: UUID,
    on: date,
    **other: Any,
) -> Command:
    by = other.pop("by", PROVINCES_BOARD)
    about = _about(on, other.pop("to", COMMUNE), by, other.pop("voids", None))
    return how(person_id=person_id, holding_ids=holding_ids, **other, **about)


def about(of: type[commands.LeadershipCommand], **facts: Any) -> Command:
    """Any other command; `on`, `by`, `to` and `voids` are its circumstances."""
    on, to = facts.pop("on", JULY), facts.pop("to", COMMUNE)
    by, voids = facts.pop("by", PROVINCES_BOARD), facts.pop("voids", None)
    return of(**facts, **_about(on, to, by, voids))


def committee(paper: Paper, size: int, on: date = JULY, first: int = 100) -> list[UUID]:
    """So many members of the commune's committee."""
    people = [person(first + n) for n in range(size)]
    paper.record(*(command for each in people for command in appoint(each, "member", on=on)))
    return people


def rules(on: date) -> RuleSet:
    return rule_book().on(on)


def topics(events: Iterable[Event]) -> list[str]:
    return [event.TOPIC.partition(".")[2] for event in events]


@contextmanager
def refused(kind: type[RegisterError], field: str | None = None) -> Iterator[Any]:
    """What happens inside is refused so, and the refusal names the field (None: whichever)."""
    with pytest.raises(kind) as refusal:
        yield refusal
    assert refusal.type is kind
    assert field is None or refusal.value.facts["field"] == field
