"""What a reorganisation changes: who begins, ends and becomes another. Pure: streams in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from api.pages import words
from api.pages.drawing import Drawing, drawn
from api.pages.subjects import ONE_DAY, path_of
from api.pages.words import Term
from domain.lineage import Edge, by_taker
from domain.names import sort_key
from domain.node import Node
from domain.organisation import PartyOrganisation
from domain.unit import AdministrativeUnit

DRAWN_MAX = 400  # families; beyond this a page is too heavy, and the tables have every line


@dataclass(frozen=True)
class State:
    """What one of them is on a day."""

    name: str
    type: Term
    superior: UUID | None
    code: str | None


@dataclass(frozen=True)
class Went:
    """Where something went, or where it came from."""

    id: UUID
    name: str
    extent: Term
    is_default: bool  # where one looks first; of what went over whole there is no choice


@dataclass(frozen=True)
class Change:
    """What becomes of one unit or organisation."""

    id: UUID
    path: str
    was: State | None  # None: it begins
    is_: State | None  # None: it ends
    gave: tuple[Went, ...] = ()
    took: tuple[Went, ...] = ()

    @property
    def name(self) -> str:
        state = self.is_ or self.was
        return state.name if state else ""

    @property
    def turns(self) -> tuple[str, ...]:
        """In which ways it changes: "renamed", "moved", "changed_kind", "recoded", "ceded"."""
        if self.was is None or self.is_ is None:
            return ()
        fields = {
            "renamed": "name",
            "moved": "superior",
            "changed_kind": "type",
            "recoded": "code",
        }
        turned = (t for t, f in fields.items() if getattr(self.was, f) != getattr(self.is_, f))
        return (*turned, *(["ceded"] if self.gave else []))


@dataclass(frozen=True)
class Changes:
    """All of one subject, in the order of the Vietnamese alphabet."""

    subject: str  # "unit", "organisation"
    begun: tuple[Change, ...]
    ended: tuple[Change, ...]
    changed: tuple[Change, ...]
    drawings: tuple[Drawing, ...]

    def turned(self, way: str) -> int:
        return sum(way in change.turns for change in self.changed)

    def __bool__(self) -> bool:
        return bool(self.begun or self.ended or self.changed)


def changes(
    subject: str,
    streams: Iterable[object],
    names: Callable[[UUID], str],
    day: date,
    scheme: str,
) -> Changes:
    """Of the units or organisations among these streams, as they would be or are."""
    of = AdministrativeUnit if subject == "unit" else PartyOrganisation
    nodes = [each for each in streams if isinstance(each, of)]
    edges = list(_edges(nodes, day))
    came = by_taker(edges)
    found = [_change(subject, node, came, names, day, scheme) for node in nodes]
    found.sort(key=lambda change: sort_key(change.name))
    new = {change.id for change in found if change.was is None}
    return Changes(
        subject,
        tuple(c for c in found if c.was is None and c.is_),
        tuple(c for c in found if c.was and c.is_ is None),
        tuple(c for c in found if c.turns),
        tuple(_drawings(subject, edges, names, new)),
    )


def _edges(nodes: Iterable[Node], day: date) -> Iterator[Edge]:
    for node in nodes:
        for on, successors in node.hand_overs():
            if on == day:
                for s in successors:
                    yield Edge(node.id, s.id, on, 0, s.extent, s.is_default)


def _change(
    subject: str,
    node: AdministrativeUnit | PartyOrganisation,
    came: Mapping[UUID, list[Edge]],
    names: Callable[[UUID], str],
    day: date,
    scheme: str,
) -> Change:
    was, is_ = (_state(node, on, scheme) for on in (day - ONE_DAY, day))
    gave = [each for on, successors in node.hand_overs() if on == day for each in successors]
    path = path_of(subject, node.id) if was else f"#u{node.id}"
    return Change(
        node.id,
        path,
        was,
        is_,
        tuple(_went(s.id, s.extent, s.is_default, names) for s in gave),
        tuple(_went(e.giver, e.extent, e.is_default, names) for e in came.get(node.id, ())),
    )


def _went(id_: UUID, extent: str, is_default: bool, names: Callable[[UUID], str]) -> Went:
    return Went(id_, names(id_), words.extent(extent), is_default and extent != "whole")


def _state(node: AdministrativeUnit | PartyOrganisation, on: date, scheme: str) -> State | None:
    if not node.is_active_on(on):
        return None
    if isinstance(node, AdministrativeUnit):
        type_ = words.unit_type(node.level, node.type.at(on) or "", on)
    else:
        type_ = words.kind(node.kind.at(on) or "", on)
    known: Any = node.codes.get(scheme)
    code = known.at(on) if known is not None else None
    return State(node.called(on) or "?", type_, node.superior_id.at(on), code)


def _drawings(
    subject: str, edges: list[Edge], names: Callable[[UUID], str], new: set[UUID]
) -> Iterator[Drawing]:
    """One around each that takes over, those who take from most first."""

    def path(id_: UUID) -> str:
        return f"#u{id_}" if id_ in new else path_of(subject, id_)

    families = sorted(by_taker(edges).items(), key=lambda f: (-len(f[1]), sort_key(names(f[0]))))
    for taker, came in families[:DRAWN_MAX]:
        called = {id_: names(id_) for edge in came for id_ in (edge.giver, edge.taker)}
        drawing = drawn(taker, came, called, path)
        if drawing is not None:
            yield drawing
