"""The rows of a dossier as commands, in the order in which they must be decided.

The same code makes them for a rehearsal and for the carrying out. It reads the work while earlier
commands have been decided in it, so a later step sees what an earlier one did.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.codes import Code
from domain.dossier.findings import Finding
from domain.dossier.identity import Begins, Ends, Fate, LivesOn, steps
from domain.dossier.tables import NOBODY, After, Before, Heading, Tables, Transfer
from domain.envelope import Actor, Envelope
from domain.leadership import leadership_id
from domain.lineage import Successor
from domain.names import same_name
from domain.node import Node
from domain.organisation import PartyOrganisation
from domain.unit import AdministrativeUnit
from services.commands import (
    AssignCode,
    CedePart,
    ChangeKind,
    ChangeUnitType,
    Command,
    CorrectOrganisation,
    CorrectUnit,
    End,
    EstablishOrganisation,
    EstablishUnit,
    Relocate,
    Rename,
    Resubordinate,
)
from services.dossiers.circumstances import Circumstances
from services.dossiers.following import Follows
from services.dossiers.references import OF, TERRITORY, NotMeant, References
from services.work import Work


@dataclass(frozen=True)
class Planned:
    """One command, and the row that wishes it."""

    command: Command
    table: str
    row: int
    action: str  # "establish", "rename", "end", ...


class Compiler:
    """Makes the commands of one dossier within one unit of work."""

    def __init__(
        self, work: Work, dossier_id: UUID, heading: Heading, tables: Tables, actor: Actor
    ) -> None:
        self.findings: list[Finding] = []
        self.named: dict[UUID, Node] = {}  # all that stood before and that rows name
        self.references = References(work, dossier_id, heading.scheme, heading.effective_on)
        self._work, self._heading, self._tables = work, heading, tables
        about = f"dossier/{dossier_id}"
        self.circumstances = Circumstances(
            tables, heading.effective_on, actor, about, self.findings
        )
        self._stood_on = self.references.eve  # the day on which it stood as before the step
        self._follows = Follows(work, self.references, tables, heading.effective_on)

    def planned(self) -> Iterator[Planned]:
        """All of them. What cannot be made into a command goes to `findings`."""
        self.references.prepare(self._tables)
        self._prepare_new()
        for subject, fates in self._steps():
            self._try_to_begin(subject, fates)
            for fate in in_order(fates):
                yield from self._of(subject, fate)
            self.references.finish()

    def _steps(self) -> Iterator[tuple[str, Sequence[Fate]]]:
        """Each with what follows from it: organisations after the units they stand on."""
        all_ = {
            (step.number, step.subject): step.fates for step in steps(self._tables, self.findings)
        }
        for number in sorted({number for number, _ in all_}):
            units = all_.get((number, "unit"), ())
            stated = all_.get((number, "organisation"), ())
            follow = self._follows.of(units, stated, self._stood_on, self.findings)
            if units:
                yield "unit", units
            if stated or follow:
                yield "organisation", (*follow, *stated)
            self._stood_on = self._heading.effective_on  # as the next step finds it
        self._refuse_unknown_scope()

    def _refuse_unknown_scope(self) -> None:
        """Its province is there on the eve, or on the day."""
        scope = self._heading.scope
        for meant in (self.references.on_eve, self.references.after) if scope else ():
            try:
                if meant("unit", scope or ""):
                    return
            except NotMeant:
                continue
        if scope:
            words = f"No unit bears the code {scope!r} on the eve or on the day"
            self.findings.append(Finding("dossier", 0, "scope", "code-known", words))

    def _prepare_new(self) -> None:
        """Read at once what the ids of new ones stand for: nothing, or what was taken back."""
        new = {
            self.references.id_of_new(subject, after.code)
            for after in self._tables.after
            for subject in ("unit", "organisation")
        }
        self._work.load(new)

    def _try_to_begin(self, subject: str, fates: Sequence[Fate]) -> None:
        for fate in fates:
            if not isinstance(fate, Begins):
                before = fate.before
                try:
                    self.references.before(subject, before.code, before.level)
                except NotMeant as error:
                    self._find("before", before, "code", str(error))
        known = [f for f in fates if isinstance(f, Begins) or self._is_meant(subject, f.before)]
        ended = (self._node(subject, f.before).id for f in known if isinstance(f, Ends))
        self._work.load([leadership_id(id_) for id_ in ended])  # the posts that end with them
        self.references.begin(subject, known)

    def _is_meant(self, subject: str, before: Before) -> bool:
        try:
            self.references.before(subject, before.code, before.level)
        except NotMeant:
            return False
        return True

    # One fate

    def _of(self, subject: str, fate: Fate) -> Iterator[Planned]:
        try:
            if isinstance(fate, Begins):
                yield from self._begun(subject, fate)
            elif self._is_meant(subject, fate.before):
                if isinstance(fate, LivesOn):
                    yield from self._lived_on(subject, fate)
                else:
                    yield from self._ended(subject, fate)
        except NotMeant as error:
            table, row = _place(fate)
            self._find(table, row, "row", str(error))

    def _begun(self, subject: str, fate: Begins) -> Iterator[Planned]:
        after = fate.after
        missing = [n for n in ("name", "type", "superior") if getattr(after, n) is None]
        if subject == "unit" and after.level is None:
            missing.append("level")
        for name in missing:
            self._find("after", after, name, "What begins needs this", rule="value-given")
        if missing:
            return
        superior_id = self._superior(subject, after)
        common: dict[str, Any] = {
            "id": self.references.id_of_new(subject, after.code),
            "envelope": self._envelope(after.decision, superior_id),
            "way": fate.way,
            "name": after.name,
            "superior_id": superior_id,
        }
        again = self._work.find(common["id"]) is not None  # it began before, and that is taken back
        command: Command
        if subject == "unit":
            common |= {"type": after.type or "", "codes": self._codes(after)}
            level = after.level or ""
            command = CorrectUnit(**common) if again else EstablishUnit(level=level, **common)
        else:
            common |= {
                "kind": after.type or "",
                "unit_id": self._unit(after),
                "setting": after.setting or (None if ":" in after.code else TERRITORY),
                "codes": self._codes(after, ownly=True),
            }
            command = CorrectOrganisation(**common) if again else EstablishOrganisation(**common)
        yield Planned(command, "after", after.row, "establish")

    def _ended(self, subject: str, fate: Ends) -> Iterator[Planned]:
        before = fate.before
        node = self._node(subject, before)
        self._compare(subject, before, node)
        envelope = self._envelope(before.decision, node.superior_id.at(self._stood_on))
        command = End(
            of=OF[subject],
            id=node.id,
            envelope=envelope,
            way=fate.way,
            successors=self._successors(subject, fate.heirs),
        )
        yield Planned(command, "before", before.row, "end")

    def _lived_on(self, subject: str, fate: LivesOn) -> Iterator[Planned]:
        before, after = fate.before, fate.after
        node = self._node(subject, before)
        self._compare(subject, before, node)
        if isinstance(node, AdministrativeUnit) and after.level not in {None, node.level}:
            words = f"It is a {node.level} for life: what is a {after.level} begins anew"
            self._find("after", after, "level", words, rule="level-for-life")
            return
        superior_id = node.superior_id.at(self._stood_on)
        if after.superior is not None:
            superior_id = self._superior(subject, after)
        envelope = self._envelope(after.decision, superior_id)
        for action, command in self._changes(subject, node, after, superior_id, envelope):
            yield Planned(command, "after", after.row, action)
        if fate.ceded:
            heirs = self._successors(subject, fate.ceded)
            ceding = CedePart(of=OF[subject], id=node.id, envelope=envelope, successors=heirs)
            yield Planned(ceding, "after", after.row, "cede")

    def _changes(
        self,
        subject: str,
        node: Node,
        after: After,
        superior_id: UUID | None,
        envelope: Envelope,
    ) -> Iterator[tuple[str, Command]]:
        """What the row says otherwise than it would be on the day without it."""
        day, of = self._heading.effective_on, OF[subject]
        about: dict[str, Any] = {"id": node.id, "envelope": envelope}
        if node.superior_id.at(day) != superior_id:
            yield "resubordinate", Resubordinate(of=of, superior_id=superior_id, **about)
        if after.name is not None and node.name.at(day) != after.name:
            yield "rename", Rename(of=of, name=after.name, **about)
        if isinstance(node, AdministrativeUnit):
            if after.type is not None and node.type.at(day) != after.type:
                yield "change_type", ChangeUnitType(type=after.type, **about)
        elif isinstance(node, PartyOrganisation):
            if after.type is not None and node.kind.at(day) != after.type:
                yield "change_kind", ChangeKind(kind=after.type, **about)
            if after.unit is not None and node.unit_id.at(day) != self._unit(after):
                yield "relocate", Relocate(unit_id=self._unit(after), **about)
        for code in self._codes(after, ownly=subject == "organisation"):
            if node.code(code.scheme).at(day) != code.value:
                yield "assign_code", AssignCode(of=of, code=code, **about)

    # Parts

    def _node(self, subject: str, before: Before) -> Node:
        id_ = self.references.before(subject, before.code, before.level)
        node = self._work.find_any(OF[subject], id_)
        assert node is not None
        self.named[id_] = node
        return node

    def _superior(self, subject: str, after: After) -> UUID | None:
        assert after.superior is not None
        return self.references.after(subject, after.superior)

    def _unit(self, after: After) -> UUID | None:
        if after.unit == NOBODY:
            return None
        if after.unit is None and ":" in after.code:
            return None
        return self.references.after("unit", after.unit or after.code)

    def _codes(self, after: After, *, ownly: bool = False) -> tuple[Code, ...]:
        """Codes of its own; `ownly` where a bare code is that of the unit it stands on."""
        scheme, colon, value = after.code.partition(":")
        if not ownly:
            return (Code(self._heading.scheme, after.code),)
        return (Code(scheme, value),) if colon and scheme not in {"id", "new"} else ()

    def _envelope(self, decision: str | None, superior_id: UUID | None) -> Envelope:
        return self.circumstances.envelope(decision, self.references, self._work, superior_id)

    def _successors(self, subject: str, heirs: Sequence[Transfer]) -> tuple[Successor, ...]:
        alone = len(heirs) == 1
        return tuple(
            Successor(id_, each.extent, alone or each.is_default, each.population, each.area)
            for each in heirs
            if (id_ := self.references.after(subject, each.new)) is not None
        )

    def _compare(self, subject: str, before: Before, node: Node) -> None:
        """What the row says stood must be so: else the drafter knew another register."""
        on = self._stood_on
        said: list[tuple[str, str | None, str | None]] = [
            ("name", before.name, node.name.at(on)),
        ]
        if isinstance(node, AdministrativeUnit):
            said += [("level", before.level, node.level), ("type", before.type, node.type.at(on))]
        elif isinstance(node, PartyOrganisation):
            said += [("type", before.type, node.kind.at(on))]
        for field, stated, known in said:
            if stated is not None and same_name(stated) != same_name(known or ""):
                words = f"The register says {known!r} on {on:%d/%m/%Y}, not {stated!r}"
                self._find("before", before, field, words, rule="register-says")
        if before.superior is not None:
            self._compare_superior(subject, before, node)

    def _compare_superior(self, subject: str, before: Before, node: Node) -> None:
        assert before.superior is not None
        try:
            stated = None
            if before.superior != NOBODY:
                stated = self.references.before(subject, before.superior)
        except NotMeant as error:
            self._find("before", before, "superior", str(error))
            return
        known = node.superior_id.at(self._stood_on)
        if stated != known:
            above = self._work.find_any(OF[subject], known) if known else None
            called = above.called(self._stood_on) if above else "nothing"
            words = f"The register has it under {called!r}, not {before.superior}"
            self._find("before", before, "superior", words, rule="register-says")

    def _find(self, table: str, row: Any, field: str, words: str, rule: str = "code-known") -> None:
        finding = Finding(table, row.row, field, rule, words)
        if finding not in self.findings:
            self.findings.append(finding)


def in_order(fates: Sequence[Fate]) -> Iterator[Fate]:
    """Those that begin, each after what it stands under; those that live on; those that end."""
    begun = {fate.after.code: fate for fate in fates if isinstance(fate, Begins)}
    told: set[str] = set()
    for fate in begun.values():
        above: list[Begins] = []
        current: Begins | None = fate
        while current is not None and current.after.code not in told:
            told.add(current.after.code)
            above.append(current)
            current = begun.get(current.after.superior or "")
        yield from reversed(above)
    yield from (fate for fate in fates if isinstance(fate, LivesOn))
    yield from (fate for fate in fates if isinstance(fate, Ends))


def _place(fate: Fate) -> tuple[str, Before | After]:
    return ("before", fate.before) if isinstance(fate, Ends) else ("after", fate.after)
