"""Logs that a year of clerks might have written, for property tests.

Clerks wish for this and that; what the domain refuses is skipped. The log is kept on paper: a list
that offers what the projections ask of the real one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from hypothesis import strategies as st

from domain.aggregate import Aggregate, Event
from domain.codes import Code
from domain.envelope import Actor, Authority, Envelope
from domain.errors import RegisterError
from domain.legal_basis import LegalBasis
from domain.lineage import Successor
from domain.node import Node
from domain.organisation import PartyOrganisation
from domain.unit import AdministrativeUnit
from projections.engine.view import Source
from services.record import UNSTAMPED, to_event, to_record
from services.rulebook import rule_book
from services.store import Recorded

A = TypeVar("A", bound=Aggregate)
EPOCH = uuid5(NAMESPACE_URL, "epoch")
UNITS = [uuid5(NAMESPACE_URL, f"unit/{n}") for n in range(3)]
ORGANISATIONS = [uuid5(NAMESPACE_URL, f"organisation/{n}") for n in range(3)]
EVERYBODY = UNITS + ORGANISATIONS
BUSY = [*EVERYBODY, *3 * [UNITS[0], ORGANISATIONS[0]]]
DAYS = [date(2025, 7, 1) + timedelta(days=15 * n) for n in range(12)]
NAMES = ["Ba Đình", "Hoàn Kiếm", "Đặc khu Cô Tô"]
BASIS = (LegalBasis("12-QĐ/TU", date(2025, 6, 30), "Ban Thường vụ Tỉnh ủy"),)
TYPES = ["xa", "phuong", "dac_khu"]
POPULATIONS = [None, 0, 812]
KINDS = ["commune_upper", "commune_base", "cell"]


@contextmanager
def opened(events: list[Recorded]) -> Iterator[Source]:
    """The same log in another process."""
    yield PaperLog(events).source()


@dataclass
class PaperLog:
    """A log on paper."""

    events: list[Recorded] = field(default_factory=list)
    epoch_id: UUID = EPOCH

    def record(self, aggregate: A) -> A:
        """Record what is pending; the stream as it is then read from the log."""
        self.append(aggregate)
        found: A = self.node_or_none(aggregate.id)
        return found

    def append(self, aggregate: Aggregate) -> None:
        """Record what is pending."""
        for event in aggregate.collect_events():
            assert isinstance(event, Event)
            position = len(self.events) + 1
            recorded_at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=position // 3)
            stamp = recorded_at.isoformat(timespec="microseconds").replace("+00:00", "Z")
            state = to_record(event).replace(UNSTAMPED.encode(), stamp.encode(), 1)
            fields = (event.originator_id, event.originator_version, event.TOPIC, state)
            self.events.append(Recorded(*fields, id=position, recorded_at=recorded_at))

    def node(self, id_: UUID, up_to: int | None = None) -> Node:
        node = self.node_or_none(id_, up_to)
        assert isinstance(node, Node)
        return node

    def node_or_none(self, id_: UUID, up_to: int | None = None) -> Any:
        history = [to_event(r.topic, r.state, r.id) for r in self.histories([id_], up_to)]
        return history[0].AGGREGATE.fold(history) if history else None

    def position(self) -> int:
        return len(self.events)

    def recorded_at(self, position: int) -> datetime | None:
        return self.events[position - 1].recorded_at if 0 < position <= len(self.events) else None

    def feed(self, after: int, limit: int, up_to: int | None = None) -> list[Recorded]:
        end = len(self.events) if up_to is None else up_to
        return self.events[after : min(after + limit, end)]

    def histories(self, streams: Sequence[UUID], up_to: int | None = None) -> Iterator[Recorded]:
        wanted = {*streams}
        within = self.events if up_to is None else self.events[:up_to]
        found = [r for r in within if r.originator_id in wanted]
        return iter(sorted(found, key=lambda r: (str(r.originator_id), r.originator_version)))

    def sweep(self, first: UUID, after: UUID | None, up_to: int) -> Iterator[Recorded]:
        ids = {UUID(str(each.originator_id)) for each in self.events}
        return self.histories(
            [i for i in ids if first <= i and (after is None or i < after)], up_to
        )

    def borders(self, size: int) -> list[UUID]:
        ids = sorted({UUID(str(each.originator_id)) for each in self.events})
        return ids[size::size]

    def keyed(
        self, keys: Sequence[str], up_to: int | None = None
    ) -> dict[str, tuple[int, list[UUID]]]:
        found: dict[str, tuple[int, list[UUID]]] = {}
        for each in self.events[:up_to]:
            node = self.node_or_none(UUID(str(each.originator_id)), each.id)
            for key in node.keys(date.min) & {*keys}:
                _, streams = found.get(key, (0, []))
                found[key] = each.id, sorted({*streams, node.id})
        return found

    def epoch(self) -> UUID:
        return self.epoch_id

    def source(self) -> Source:
        return Source(self, to_event)


def envelope(on: date = DAYS[0], voids: int | None = None, **more: Any) -> Envelope:
    given = {
        "effective_on": on,
        "decided_on": None,
        "actor": Actor("clerk-1", "văn thư"),
        "authority": Authority("Ban Thường vụ Tỉnh ủy"),
        "basis": BASIS,
        "voids": voids,
    }
    return Envelope(**(given | more))


@dataclass(frozen=True)
class Wish:
    """What a clerk wants recorded."""

    who: UUID
    what: str
    on: date
    choice: int  # of name, type, superior, code ...
    voids: int | None  # the how-many-eth event of that stream is taken back; None: nothing


WHATS = [
    "establish",
    "rename",
    "rename",
    "resubordinate",
    "retype",
    "code",
    "cede",
    "end",
    "void",
    "relocate",
    "suspend",
    "resume",
]
wishes = st.builds(
    Wish,
    who=st.sampled_from(BUSY),
    what=st.sampled_from(WHATS),
    on=st.sampled_from(DAYS),
    choice=st.integers(0, 2),
    voids=st.none() | st.integers(0, 5),
)


def established(log: PaperLog, id_: UUID, on: date = DAYS[0], choice: int = 0) -> Node:
    """It comes into being, as unit or as organisation."""
    rules = rule_book().on(on)
    facts: dict[str, Any] = {
        "way": "entered",
        "name": NAMES[choice],
        "superior_id": None,
        "codes": (Code("nso", f"1000{EVERYBODY.index(id_) if id_ in EVERYBODY else 9}"),),
        "envelope": envelope(on),
        "rules": rules,
    }
    if id_ in ORGANISATIONS:
        facts |= {"kind": KINDS[choice], "unit_id": UNITS[0], "setting": None}
        return log.record(PartyOrganisation.establish(id_, **facts))
    facts |= {"level": "commune", "type": TYPES[choice]}
    return log.record(AdministrativeUnit.establish(id_, **facts))


def wish(log: PaperLog, wished: Wish) -> None:
    """Record it, unless the domain refuses."""
    node = log.node_or_none(wished.who)
    try:
        if node is None:
            established(log, wished.who, wished.on, wished.choice)
        else:
            _carry_out(node, wished)
            log.record(node)
    except RegisterError:
        return


def _carry_out(node: Any, wished: Wish) -> None:
    rules = rule_book().on(wished.on)
    given = envelope(wished.on, _voids(node, wished))
    choice = wished.choice
    family = UNITS if node.id in UNITS else ORGANISATIONS
    others = [id_ for id_ in family if id_ != node.id]
    match wished.what:
        case "establish":
            _correct(node, given, choice, rules)
        case "rename":
            node.rename(NAMES[choice], given)
        case "resubordinate":
            node.resubordinate([None, *others][choice % 3], given)
        case "retype" if isinstance(node, AdministrativeUnit):
            node.change_type(TYPES[choice], given, rules)
        case "retype":
            node.change_kind(KINDS[choice], given, rules)
        case "code":
            code = Code(("nso", "home", "nso")[choice], f"2000{choice}")
            node.assign_code(code, given)
        case "cede":
            heir = Successor(others[choice % 2], "part", population=POPULATIONS[choice])
            node.cede_part([heir], given)
        case "end":
            node.end("merger", [Successor(others[choice % 2], "whole", True)], given)
        case "void":
            node.void(given)
        case "relocate" if isinstance(node, PartyOrganisation):
            node.relocate(UNITS[choice], given)
        case "suspend" if isinstance(node, PartyOrganisation):
            node.suspend(given)
        case "resume" if isinstance(node, PartyOrganisation):
            node.resume(given)


def _correct(node: Any, given: Envelope, choice: int, rules: Any) -> None:
    facts: dict[str, Any] = {
        "way": "new",
        "name": NAMES[choice],
        "superior_id": None,
        "codes": (),
        "envelope": given,
        "rules": rules,
    }
    if isinstance(node, PartyOrganisation):
        facts |= {"kind": KINDS[choice], "unit_id": None, "setting": None}
    else:
        facts |= {"type": TYPES[choice]}
    node.correct_establishment(**facts)


def _voids(node: Any, wished: Wish) -> int | None:
    positions = [event.position for event in node.events.values()]
    if wished.voids is None or (wished.what not in ("void", "establish") and wished.choice):
        return None
    position: int = positions[wished.voids % len(positions)]
    return position


def written(wished: Sequence[Wish]) -> PaperLog:
    """The log after these wishes."""
    log = PaperLog()
    for id_ in EVERYBODY[1:]:  # the first one comes into being when somebody wishes so
        established(log, id_)
    for each in wished:
        wish(log, each)
    return log


logs = st.integers(0, 50).flatmap(lambda n: st.lists(wishes, min_size=n, max_size=n)).map(written)


def crowd(count: int, wishes: int = 60) -> PaperLog:
    """A written log, and that many units besides: renamed, ceding parts, ended, taken back."""
    log = written_log(wishes)
    ids = [uuid5(NAMESPACE_URL, f"crowd/{n}") for n in range(count)]
    for n, id_ in enumerate(ids):
        node: Any = established(log, id_, choice=n % 3)
        heir = ids[n - 1] if n else UNITS[1]
        if n % 2:
            node.rename(NAMES[(n + 1) % 3], envelope(DAYS[3]))
        if n % 3 == 0:
            node.cede_part([Successor(heir, "part")], envelope(DAYS[4]))
        if n % 5 == 0:
            node.end("merger", [Successor(heir, "whole", True)], envelope(DAYS[5]))
        node = log.record(node)
        if n % 10 == 0:
            node.void(envelope(DAYS[5], voids=log.position()))
            log.record(node)
    return log


def growing(times: int, id_: UUID = UNITS[0]) -> list[Any]:
    """The events of one long stream, as read from a log: a new name every day."""
    log = PaperLog()
    node = established(log, id_)
    for n in range(times - 1):
        node.rename(f"Tên thứ {n}", envelope(DAYS[0] + timedelta(days=n + 1)))
    log.record(node)
    return [to_event(r.topic, r.state, r.id) for r in log.events]


def written_log(wishes: int = 60) -> PaperLog:
    """A log that is the same each time, of as many wishes, some refused."""
    drawn = random.Random(2025)
    return written(
        [
            Wish(
                drawn.choice(BUSY),
                drawn.choice(WHATS),
                drawn.choice(DAYS),
                drawn.randrange(3),
                drawn.choice([None, None, *range(6)]),
            )
            for _ in range(wishes)
        ]
    )
