"""A small language of facts: what a clerk could say aloud, for tests to give and to expect.

    organisation = given(organisation_founded(on=JULY), renamed("Đảng bộ xã Bình Yên", on=MARCH))
    organisation.rename("Đảng bộ xã Bình An", wish(AUGUST))
    assert then(organisation) == [renamed("Đảng bộ xã Bình An", on=AUGUST)]

The n-th given fact stands at position 100 + n of the log. All names and documents are invented.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from domain.aggregate import Event
from domain.codes import Code
from domain.envelope import Actor, Authority, Envelope
from domain.legal_basis import LegalBasis
from domain.lineage import Successor
from domain.node import Node
from domain.organisation import PartyOrganisation
from domain.rulebook import RuleSet
from domain.unit import AdministrativeUnit
from services.rulebook import rule_book

JULY, AUGUST, SEPTEMBER = date(2025, 7, 1), date(2025, 8, 1), date(2025, 9, 1)
JANUARY, MARCH = date(2026, 1, 1), date(2026, 3, 1)

BINH_YEN = UUID("0197c000-0000-8000-8000-000000000001")
HILL, RIVER = UUID(int=BINH_YEN.int + 1), UUID(int=BINH_YEN.int + 2)
PROVINCE, OTHER_PROVINCE = UUID(int=BINH_YEN.int + 3), UUID(int=BINH_YEN.int + 4)

CLERK = Actor("office-17", "chuyên viên Ban Tổ chức")
STANDING_BOARD = Authority("Ban Thường vụ Tỉnh ủy", PROVINCE)
DECISION = LegalBasis("12-QĐ/TU", date(2025, 6, 20), "Ban Thường vụ Tỉnh ủy", "về tổ chức xã")

_BOOKKEEPING = {"originator_id", "originator_version", "timestamp", "envelope"}
_BEFORE = 100  # positions taken by other streams before the given facts


@dataclass(frozen=True)
class Fact:
    """One thing said: which event, from which day on, with which payload, taking back what."""

    what: str
    on: date
    says: dict[str, Any]
    voids: int | None = None


def wish(on: date, voids: int | None = None, **circumstances: Any) -> Envelope:
    """The envelope of a command that takes effect on that day."""
    usual: dict[str, Any] = {
        "decided_on": date(2025, 6, 20),
        "actor": CLERK,
        "authority": STANDING_BOARD,
        "basis": (DECISION,),
    }
    return Envelope(effective_on=on, voids=voids, **(usual | circumstances))


def rules(on: date) -> RuleSet:
    return rule_book().on(on)


def position(number: int) -> int:
    """Where the n-th given fact stands in the log, counted from 1."""
    return _BEFORE + number


# Beginnings


def unit_founded(on: date = JULY, what: str = "Established", **other: Any) -> Fact:
    usual = {
        "way": "new",
        "level": "commune",
        "type": "xa",
        "name": "Xã Bình Yên",
        "superior_id": PROVINCE,
        "codes": (Code("nso", "10081"),),
    }
    return _fact(what, on, usual | other)


def organisation_founded(on: date = JULY, what: str = "Established", **other: Any) -> Fact:
    usual = {
        "way": "new",
        "kind": "commune_upper",
        "name": "Đảng bộ xã Bình Yên",
        "superior_id": PROVINCE,
        "unit_id": HILL,
        "setting": "territory",
        "codes": (),
    }
    return _fact(what, on, usual | other)


def _fact(what: str, on: date, says: dict[str, Any]) -> Fact:
    voids = says.pop("voids", None)
    return Fact(what, on, says, voids)


# What happens in a life


def renamed(name: str, on: date, voids: int | None = None) -> Fact:
    return Fact("Renamed", on, {"name": name}, voids)


def type_changed(type: str, on: date, voids: int | None = None) -> Fact:
    return Fact("TypeChanged", on, {"type": type}, voids)


def kind_changed(kind: str, on: date, voids: int | None = None) -> Fact:
    return Fact("KindChanged", on, {"kind": kind}, voids)


def resubordinated(superior_id: UUID | None, on: date, voids: int | None = None) -> Fact:
    return Fact("Resubordinated", on, {"superior_id": superior_id}, voids)


def relocated(unit_id: UUID | None, on: date, voids: int | None = None) -> Fact:
    return Fact("Relocated", on, {"unit_id": unit_id}, voids)


def code_assigned(scheme: str, value: str, on: date, voids: int | None = None) -> Fact:
    return Fact("CodeAssigned", on, {"code": Code(scheme, value)}, voids)


def suspended(on: date, voids: int | None = None) -> Fact:
    return Fact("ActivitySuspended", on, {}, voids)


def resumed(on: date, voids: int | None = None) -> Fact:
    return Fact("ActivityResumed", on, {}, voids)


def part_ceded(*heirs: Successor, on: date, voids: int | None = None) -> Fact:
    return Fact("PartCeded", on, {"successors": heirs}, voids)


def ended(way: str, *heirs: Successor, on: date, voids: int | None = None) -> Fact:
    return Fact("Ended", on, {"way": way, "successors": heirs}, voids)


def voided(what: int, on: date) -> Fact:
    return Fact("Voided", on, {}, what)


def whole(to: UUID) -> Successor:
    return Successor(to, "whole", is_default=True)


def part(to: UUID) -> Successor:
    return Successor(to, "part")


def unknown(to: UUID) -> Successor:
    return Successor(to, "unknown")


# Given, then


def given(*facts: Fact) -> Any:
    """The unit or organisation to which these things happened, all of them on record."""
    node = _kind_of(facts[0]).fold(recorded(facts))
    assert node is not None
    return node


def recorded(facts: Sequence[Fact]) -> list[Event]:
    """The events of a stream as they are read from the log."""
    of = _kind_of(facts[0])
    return [_event(getattr(of, fact.what), fact, n) for n, fact in enumerate(facts, start=1)]


def _kind_of(fact: Fact) -> type[Node]:
    return AdministrativeUnit if "level" in fact.says else PartyOrganisation


def _event(event_class: Any, fact: Fact, number: int) -> Event:
    event: Event = event_class(
        originator_id=BINH_YEN,
        originator_version=number,
        timestamp=datetime(2025, 7, 2, tzinfo=UTC) + timedelta(hours=number),
        envelope=wish(fact.on, fact.voids),
        **fact.says,
    )
    return at_position(event, position(number))


def at_position(event: Event, place: int) -> Event:
    """The event as read from that position."""
    object.__setattr__(event, "position", place)
    return event


def then(node: Node) -> list[Fact]:
    """What it would have recorded now."""
    return [as_fact(event) for event in node.pending_events]


def as_fact(event: Any) -> Fact:
    says = {f.name: getattr(event, f.name) for f in fields(event) if f.name not in _BOOKKEEPING}
    return Fact(type(event).__name__, event.effective_on, says, event.envelope.voids)
