"""What becomes of units and organisations on the day of a dossier, as plain rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from domain.lineage import Successor
from domain.node import Node
from domain.organisation import PartyOrganisation
from domain.unit import AdministrativeUnit
from services.work import Work

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Heir:
    """Who takes over, as one calls it on the day."""

    id: UUID
    code: str
    called: str
    extent: str
    is_default: bool
    population: int | None
    area: int | None


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is otherwise on the day than it was on the eve."""

    change: str  # one of CHANGES
    subject: str  # "unit", "organisation"
    id: UUID
    code: str | None  # on the eve; of what begins, on the day
    called: str
    sort: str | None  # type or kind, on the same day
    was: str | None = None
    is_: str | None = None
    way: str | None = None
    heirs: tuple[Heir, ...] = ()
    document: str | None = None  # number of the deciding document


CHANGES = ("begun", "ended", "renamed", "moved", "sort_changed", "recoded", "relocated", "ceded")


class Structure:
    """Reads nodes on the eve and on the day, within a unit of work where they stand decided."""

    def __init__(self, work: Work, nodes: Iterable[Node], day: date, scheme: str) -> None:
        self._work, self.day, self.eve, self._scheme = work, day, day - _DAY, scheme
        self.nodes = tuple(nodes)
        self._handed: dict[UUID, tuple[Heir, ...]] = {}
        work.load(self._around())

    def changes(self) -> tuple[Change, ...]:
        """Units before organisations, each by its code."""
        found = (change for node in self.nodes for change in self._of(node))
        return tuple(sorted(found, key=lambda c: (c.subject != "unit", c.code or "~", c.called)))

    def find(self, id_: UUID) -> Node | None:
        return self._work.find(id_)

    def called(self, id_: UUID | None, day: date) -> str | None:
        node = self._work.find(id_) if id_ else None
        return node.called(day) if node else None

    def code(self, node: Node, day: date) -> str | None:
        """Its own, in the scheme of the dossier; of an organisation that of its unit."""
        if isinstance(node, PartyOrganisation):
            unit_id = node.unit_id.at(day)
            unit = self._work.find(unit_id) if unit_id else None
            return self.code(unit, day) if unit else None
        return node.code(self._scheme).at(day) if self._scheme in node.codes else None

    def heirs(self, successors: Iterable[Successor]) -> tuple[Heir, ...]:
        return tuple(self._heir(each) for each in successors)

    def handed_over(self, node: Node) -> tuple[Heir, ...]:
        """To whom all or a part of it goes on the day."""
        if node.id not in self._handed:
            those = (each for on, some in node.hand_overs() if on == self.day for each in some)
            self._handed[node.id] = self.heirs(those)
        return self._handed[node.id]

    def _heir(self, heir: Successor) -> Heir:
        node = self._work.find(heir.id)
        code = self.code(node, self.day) if node else None
        called = self.called(heir.id, self.day) or str(heir.id)
        about = (heir.extent, heir.is_default, heir.population, heir.area)
        return Heir(heir.id, code or "", called, *about)

    def _around(self) -> set[UUID]:
        ids = {each.id for n in self.nodes for _, some in n.hand_overs() for each in some}
        for node in self.nodes:
            above = {node.superior_id.at(self.eve), node.superior_id.at(self.day)}
            ids |= {id_ for id_ in above if id_}
        self._work.load(ids)
        known = (self._work.find(id_) for id_ in ids | {node.id for node in self.nodes})
        organisations = [n for n in known if isinstance(n, PartyOrganisation)]
        units = {n.unit_id.at(on) for n in organisations for on in (self.eve, self.day)}
        return {id_ for id_ in units if id_}

    # One node

    def _of(self, node: Node) -> Iterator[Change]:
        was, is_ = node.is_active_on(self.eve), node.is_active_on(self.day)
        if is_ and not was:
            begun = node.standing_beginning()
            above = self.called(node.superior_id.at(self.day), self.day)
            yield self._change("begun", node, begun, on=self.day, way=begun.way, is_=above)
        elif was and not is_:
            end = node.standing_end()
            heirs = self.heirs(end.successors)
            yield self._change("ended", node, end, way=end.way, heirs=heirs)
        elif was and is_:
            yield from self._lived_on(node)

    def _lived_on(self, node: Node) -> Iterator[Change]:
        for change, was, is_ in self._compared(node):
            if was != is_:
                yield self._change(change, node, self._event(node, change), was=was, is_=is_)
        ceded = [fact for fact in node.ceded.facts() if fact.day == self.day]
        if ceded:
            event = node.events.get(ceded[-1].order)
            heirs = self.heirs(ceded[-1].value)
            yield self._change("ceded", node, event, heirs=heirs)

    def _compared(self, node: Node) -> Iterator[tuple[str, str | None, str | None]]:
        eve, day = self.eve, self.day
        yield "renamed", node.name.at(eve), node.name.at(day)
        above = (node.superior_id.at(eve), node.superior_id.at(day))
        if above[0] != above[1]:
            yield "moved", self.called(above[0], eve) or "-", self.called(above[1], day) or "-"
        yield "sort_changed", _sort(node, eve), _sort(node, day)
        if isinstance(node, AdministrativeUnit):
            yield "recoded", self.code(node, eve), self.code(node, day)
        if isinstance(node, PartyOrganisation):
            on = (node.unit_id.at(eve), node.unit_id.at(day))
            if on[0] != on[1]:
                yield "relocated", self.called(on[0], eve) or "-", self.called(on[1], day) or "-"

    def _event(self, node: Node, change: str) -> object:
        """The event of the day that says so."""
        acts = _ACTS[change]
        on_day = (e for e in node.events.values() if e.effective_on == self.day)
        found = [e for e in on_day if type(e).TOPIC.endswith(acts)]
        return found[-1] if found else None

    def _change(
        self,
        change: str,
        node: Node,
        event: object,
        *,
        on: date | None = None,
        was: str | None = None,
        is_: str | None = None,
        way: str | None = None,
        heirs: tuple[Heir, ...] = (),
    ) -> Change:
        on = on or self.eve
        subject = "unit" if isinstance(node, AdministrativeUnit) else "organisation"
        basis = getattr(event, "basis", ())
        return Change(
            change=change,
            subject=subject,
            id=node.id,
            code=self.code(node, on),
            called=node.called(on) or str(node.id),
            sort=_sort(node, on),
            was=was,
            is_=is_,
            way=way,
            heirs=heirs,
            document=basis[0].number if basis else None,
        )


_ACTS = {
    "renamed": (".renamed",),
    "moved": (".resubordinated",),
    "sort_changed": (".type-changed", ".kind-changed"),
    "recoded": (".code-assigned",),
    "relocated": (".relocated",),
}


def _sort(node: Node, on: date) -> str | None:
    if isinstance(node, AdministrativeUnit):
        return node.type.at(on)
    return node.kind.at(on) if isinstance(node, PartyOrganisation) else None
