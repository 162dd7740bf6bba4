"""What a clerk, a program or an import can ask of the register: one frozen dataclass each.

A command decides in a unit of work (get, decide); the register saves. Commands of one transaction
stand or fall together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from domain.aggregate import Aggregate
from domain.codes import Code
from domain.envelope import Envelope
from domain.errors import AlreadyExists
from domain.leadership import Leadership, leadership_id
from domain.lineage import Successor
from domain.node import Node
from domain.organisation import PartyOrganisation
from domain.rulebook import RuleSet
from domain.unit import AdministrativeUnit
from services.following import take_back_what_followed
from services.work import Work


@dataclass(frozen=True, kw_only=True)
class Command:
    """A wish about one node, in the circumstances that its event will record."""

    id: UUID
    envelope: Envelope
    expected_version: int | None = None  # refuse when the node is at another version

    def decide(self, work: Work) -> None:
        """Let the node decide. Raises RegisterError; nothing is stored here."""
        raise NotImplementedError

    def touches(self) -> Iterator[UUID]:
        """Ids that deciding will read, so that many commands can read them at once."""
        yield self.id

    def ruled(self, work: Work) -> tuple[RuleSet, Envelope]:
        """The rule set of the day of effect, and the envelope that says so."""
        rules = work.rules.on(self.envelope.effective_on)
        return rules, replace(self.envelope, rule_set=rules.id)


@dataclass(frozen=True, kw_only=True)
class NodeCommand(Command):
    """A wish that units and organisations share; `of` says which is meant."""

    of: type[Node]

    def node(self, work: Work) -> Node:
        return work.get(self.of, self.id, self.expected_version)


# Units


@dataclass(frozen=True, kw_only=True)
class UnitBeginning(Command):
    """What is said of a unit's beginning, at first or rightly."""

    way: str
    type: str
    name: str
    superior_id: UUID | None = None
    codes: tuple[Code, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EstablishUnit(UnitBeginning):
    """Found an administrative unit, or enter one as it stands. The same again records nothing."""

    level: str

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        facts = _facts(self)
        unit = AdministrativeUnit.establish(self.id, envelope=envelope, rules=rules, **facts)
        _add(unit, work)

    def touches(self) -> Iterator[UUID]:
        yield from _present(self.id, self.superior_id)


@dataclass(frozen=True, kw_only=True)
class CorrectUnit(UnitBeginning):
    """Record a unit's beginning rightly; the envelope's `voids` names the wrong record."""

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        unit = work.get(AdministrativeUnit, self.id, self.expected_version)
        unit.correct_establishment(envelope=envelope, rules=rules, **_facts(self))


@dataclass(frozen=True, kw_only=True)
class ChangeUnitType(Command):
    type: str

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        unit = work.get(AdministrativeUnit, self.id, self.expected_version)
        unit.change_type(self.type, envelope, rules)


# Party organisations


@dataclass(frozen=True, kw_only=True)
class OrganisationBeginning(Command):
    """What is said of an organisation's beginning, at first or rightly."""

    way: str
    kind: str
    name: str
    superior_id: UUID | None = None
    unit_id: UUID | None = None
    setting: str | None = None
    codes: tuple[Code, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EstablishOrganisation(OrganisationBeginning):
    """Found a Party organisation, or enter one as it stands. The same again records nothing."""

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        facts = _facts(self)
        founded = PartyOrganisation.establish(self.id, envelope=envelope, rules=rules, **facts)
        _add(founded, work)

    def touches(self) -> Iterator[UUID]:
        yield from _present(self.id, self.superior_id, self.unit_id)


@dataclass(frozen=True, kw_only=True)
class CorrectOrganisation(OrganisationBeginning):
    """Record an organisation's beginning rightly; `voids` names the wrong record."""

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        organisation = work.get(PartyOrganisation, self.id, self.expected_version)
        organisation.correct_establishment(envelope=envelope, rules=rules, **_facts(self))


@dataclass(frozen=True, kw_only=True)
class ChangeKind(Command):
    kind: str

    def decide(self, work: Work) -> None:
        rules, envelope = self.ruled(work)
        organisation = work.get(PartyOrganisation, self.id, self.expected_version)
        organisation.change_kind(self.kind, envelope, rules)


@dataclass(frozen=True, kw_only=True)
class Relocate(Command):
    """Let an organisation stand on another administrative unit."""

    unit_id: UUID | None

    def decide(self, work: Work) -> None:
        _, envelope = self.ruled(work)
        work.get(PartyOrganisation, self.id, self.expected_version).relocate(self.unit_id, envelope)


@dataclass(frozen=True, kw_only=True)
class SuspendActivity(Command):
    def decide(self, work: Work) -> None:
        _, envelope = self.ruled(work)
        work.get(PartyOrganisation, self.id, self.expected_version).suspend(envelope)


@dataclass(frozen=True, kw_only=True)
class ResumeActivity(Command):
    def decide(self, work: Work) -> None:
        _, envelope = self.ruled(work)
        work.get(PartyOrganisation, self.id, self.expected_version).resume(envelope)


# Both


@dataclass(frozen=True, kw_only=True)
class Rename(NodeCommand):
    name: str

    def decide(self, work: Work) -> None:
        self.node(work).rename(self.name, self.ruled(work)[1])


@dataclass(frozen=True, kw_only=True)
class Resubordinate(NodeCommand):
    superior_id: UUID | None

    def decide(self, work: Work) -> None:
        self.node(work).resubordinate(self.superior_id, self.ruled(work)[1])

    def touches(self) -> Iterator[UUID]:
        yield from _present(self.id, self.superior_id)


@dataclass(frozen=True, kw_only=True)
class AssignCode(NodeCommand):
    code: Code

    def decide(self, work: Work) -> None:
        self.node(work).assign_code(self.code, self.ruled(work)[1])


@dataclass(frozen=True, kw_only=True)
class CedePart(NodeCommand):
    """Give parts to others and live on."""

    successors: tuple[Successor, ...]

    def decide(self, work: Work) -> None:
        self.node(work).cede_part(self.successors, self.ruled(work)[1])

    def touches(self) -> Iterator[UUID]:
        yield from (self.id, *(s.id for s in self.successors))


@dataclass(frozen=True, kw_only=True)
class End(NodeCommand):
    """Let it be no more; who takes over, and how much, is said with it."""

    way: str
    successors: tuple[Successor, ...] = ()

    def decide(self, work: Work) -> None:
        end_node(self.node(work), self.way, self.successors, self.ruled(work)[1], work)

    def touches(self) -> Iterator[UUID]:
        yield from (self.id, leadership_id(self.id), *(s.id for s in self.successors))


@dataclass(frozen=True, kw_only=True)
class Void(Command):
    """Take an event back: withdraw what was scheduled, or strike what was recorded wrongly.

    What other streams recorded because of it is taken back with it (services.following). The rules
    of the day on which that event took effect are applied.
    """

    of: type[Aggregate]

    def decide(self, work: Work) -> None:
        stream = work.get(self.of, self.id, self.expected_version)
        voided = stream.event_at(self.envelope.voids or 0)
        day = (voided or self).envelope.effective_on
        envelope = replace(self.envelope, rule_set=work.rules.on(day).id)
        stream.void(envelope)
        if voided is not None:
            take_back_what_followed(stream, voided, envelope, work)


@dataclass(frozen=True, kw_only=True)
class Merge(NodeCommand):
    """Several become one (hợp nhất, sáp nhập): `id` takes over the whole of the `sources`.

    With `founding` a new one is founded to take over; without, `id` is there already.
    """

    sources: tuple[UUID, ...]
    founding: EstablishUnit | EstablishOrganisation | None = None

    def decide(self, work: Work) -> None:
        if self.founding is not None:
            self.founding.decide(work)
        else:
            self.node(work)
        for source in self.sources:
            heirs = (Successor(self.id, "whole", is_default=True),)
            end_node(work.get(self.of, source), "merger", heirs, self.ruled(work)[1], work)

    def touches(self) -> Iterator[UUID]:
        yield from (self.id, *self.sources, *map(leadership_id, self.sources))


@dataclass(frozen=True, kw_only=True)
class Split(NodeCommand):
    """One becomes several (chia, tách): `id` ends, `foundings` and others take over parts of it."""

    successors: tuple[Successor, ...]
    foundings: tuple[EstablishUnit | EstablishOrganisation, ...] = ()

    def decide(self, work: Work) -> None:
        source = self.node(work)
        for founding in self.foundings:
            founding.decide(work)
        end_node(source, "division", self.successors, self.ruled(work)[1], work)

    def touches(self) -> Iterator[UUID]:
        yield from (self.id, leadership_id(self.id))
        yield from (*(s.id for s in self.successors), *(f.id for f in self.foundings))


def end_node(
    node: Node, way: str, successors: tuple[Successor, ...], envelope: Envelope, work: Work
) -> None:
    """End it, and with it all posts that are held in it (INV-POST-6)."""
    node.end(way, successors, envelope)
    id_ = leadership_id(node.id)
    if work.find_any(Leadership, id_) is None:
        return
    leadership = work.get(Leadership, id_)
    closing = leadership.closing() if envelope.voids is not None else None
    leadership.close(replace(envelope, voids=closing.position if closing else None))


def _facts(command: Command) -> dict[str, Any]:
    common = {"id", "envelope", "expected_version"}
    return {name: value for name, value in vars(command).items() if name not in common}


def _present(*ids: UUID | None) -> Iterator[UUID]:
    return (id_ for id_ in ids if id_ is not None)


def _add(node: Node, work: Work) -> None:
    """Add a new node; nothing when it is there with the same beginning. Raises AlreadyExists."""
    known = work.find(node.id)
    if known is None:
        work.add(node)
    elif not _same_beginning(known, node):
        again = "correct its beginning instead"
        if known.standing_beginning() is None:
            again = "its beginning was taken back: found it again under a new id"
        raise AlreadyExists(f"The id {node.id} is taken: {again}", field="id", id=str(node.id))


def _same_beginning(known: Node, wished: Node) -> bool:
    """Whether the record of its beginning that stands says what is wished."""
    stands, wish = known.standing_beginning(), wished.standing_beginning()
    if (
        stands is None
        or stands.effective_on != wish.effective_on
        or type(known) is not type(wished)
    ):
        return False
    ignored = {"originator_version", "timestamp", "position", "envelope"}
    then, now = vars(stands), vars(wish)
    return all(then[name] == now[name] for name in now.keys() - ignored)
