"""Rounds of evaluation for tests: a commune and the cells and base organisations under it.

Everything is invented. Clerk A opens and decides, clerk B is the second person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

from domain.aggregate import Aggregate
from domain.envelope import Actor, Authority, Envelope
from domain.evaluation.parts import Decision, DueDates, Subject
from domain.evaluation.review import Review
from domain.legal_basis import LegalBasis
from domain.organisation import PartyOrganisation
from domain.structure import Neighbourhood, touched_since
from services.rulebook import rule_book
from tests.facts import at_position

SPACE = UUID("0197c000-0000-8000-8000-00000000e000")
FOUNDED, OPENED = date(2020, 1, 1), date(2025, 11, 20)
DECIDED, CLOSED, LATER = date(2025, 12, 20), date(2025, 12, 31), date(2026, 1, 15)
A, B, C = Actor("office-1"), Actor("office-2"), Actor("office-3")
PAPER = LegalBasis("07-QĐ/ĐU", date(2025, 12, 19), "Ban Thường vụ Đảng ủy")
EXCELLENT = (
    "all_tasks_done",
    "on_time_with_quality",
    "beyond_requirement",
    "shortcomings_corrected",
    "nobody_disciplined",
)
GOOD = ("all_tasks_done", "on_time_with_quality")
COMPLETED = ("all_tasks_done", "few_tasks_late")


def id_of(name: str) -> UUID:
    return uuid5(SPACE, name)


@dataclass
class Place:
    """A province, a commune under it and base organisations under that, with the rounds on them."""

    bases: int = 10
    streams: dict[UUID, Aggregate] = field(default_factory=dict)
    head: int = 0

    def __post_init__(self) -> None:
        for name, kind, above in (
            ("Tỉnh", "province", None),
            ("Xã", "district", "Tỉnh"),
            *((f"Cơ sở {n}", "base_committee", "Xã") for n in range(self.bases)),
        ):
            self.found(name, kind, above)

    def found(self, name: str, kind: str, above: str | None, on: date = FOUNDED) -> None:
        organisation = PartyOrganisation.establish(
            id_of(name),
            way="entered",
            kind=kind,
            name=name,
            superior_id=id_of(above) if above else None,
            unit_id=None,
            setting=None,
            codes=(),
            envelope=envelope(on),
            rules=rule_book().on(on),
        )
        self.record(organisation)

    def record(self, aggregate: Aggregate) -> Any:
        """Put what is pending on record; the stream as it is then read from the log."""
        events = [*aggregate.events.values()]
        for event in events:
            if event.position is None:
                self.head += 1
                at_position(event, self.head)
                object.__setattr__(event, "timestamp", datetime(2026, 11, 1, tzinfo=UTC))
        aggregate.collect_events()
        stored = type(aggregate).fold(events)
        assert stored is not None
        self.streams[stored.id] = stored
        return type(aggregate).fold(events)  # what a test does to it must not touch the record

    @property
    def around(self) -> Neighbourhood:
        def bearers(key: str) -> Iterable[Aggregate]:
            return [each for each in self.streams.values() if key in each.keys(date.min)]

        return Neighbourhood(self.streams.get, bearers, rule_book())

    def checked(self, aggregate: Any) -> Any:
        """As a transaction does: refused by the rules between streams, or recorded."""
        events = list(aggregate.pending_events)
        if events:
            since = touched_since(aggregate, events)
            aggregate.refuse_breaches(since, events, self.around)
        return self.record(aggregate)

    def again(self, review: Review) -> Review:
        """The round as it is on record: what was refused in between is forgotten."""
        found = Review.fold(self.streams[review.id].events.values())
        assert found is not None
        return found


def envelope(
    on: date = DECIDED,
    actor: Actor = A,
    by: str | None = "Xã",
    voids: int | None = None,
    reason: str | None = None,
) -> Envelope:
    authority = Authority(f"Ban Thường vụ {by}", id_of(by)) if by else Authority("Bộ Chính trị")
    return Envelope(on, None, actor, authority, (PAPER,), reason, voids=voids)


def opened(place: Place, on: date = OPENED, period: str = "2025", **more: Any) -> Review:
    """A round of all base organisations of the commune, opened by clerk C, all listed."""
    usual: dict[str, Any] = {
        "period": period,
        "decider_id": id_of("Xã"),
        "group": "các tổ chức cơ sở đảng",
        "subjects_are": "organisation",
        "due": DueDates(),
        "envelope": envelope(on, C),
        "rules": rule_book().on(on),
    }
    review: Review = place.checked(Review.open(**(usual | more)))
    bases = tuple(Subject(id_of(f"Cơ sở {n}")) for n in range(place.bases))
    review.list_subjects(bases, envelope(on, C))
    found: Review = place.checked(review)
    return found


def level(n: int, code: str, hundredths: int | None = None, **more: Any) -> Decision:
    """The decision on base n, with points and conditions that give that level."""
    usual = {"excellent": 9500, "good": 8000, "completed": 6000, "not_completed": 3000}
    met = {"excellent": EXCELLENT, "good": GOOD, "completed": COMPLETED, "not_completed": ()}
    facts: dict[str, Any] = {
        "hundredths": hundredths or usual[code],
        "conditions": met[code],
    } | more
    return Decision(id_of(f"Cơ sở {n}"), code, **facts)


def all_decided(place: Place, *codes: str) -> Review:
    """A round of as many bases, each with its level by one decision of clerk A."""
    review = opened(place)
    review.decide_levels([level(n, code) for n, code in enumerate(codes)], envelope())
    found: Review = place.checked(review)
    return found
