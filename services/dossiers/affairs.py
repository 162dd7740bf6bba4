"""What hangs on units and organisations that end, and what becomes of each: nothing is left over.

INV-ORG-1: an organisation ends only when whoever stands under it, belongs to it, is judged in it,
and what it keeps, is assigned in the same decision. Each thing is settled by hand where a row says
so, else by the rule of its sort; what neither settles is told, and the dossier does not pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from domain.aggregate import Aggregate
from domain.dossier.findings import Finding
from domain.dossier.outcome import Settled
from domain.dossier.tables import Handover, Tables
from domain.envelope import Envelope
from domain.evaluation.review import Review
from domain.leadership import Leadership, leadership_id
from domain.membership import Membership
from domain.node import Ended, Node
from domain.organisation import PartyOrganisation
from services.commands import Relocate, Resubordinate
from services.dossiers.compiling import Compiler, Planned
from services.dossiers.following import DECISION
from services.dossiers.references import NotMeant
from services.evaluation import LeaveUnreviewed
from services.membership import EndTemporary, Move, StartTemporary
from services.work import Work

HEIR, SUPERIOR, LEAVE_OUT, END, BY_HAND = (
    "default_successor",
    "superior",
    "leave_out",
    "end",
    "by_hand",
)
RULES: dict[str, tuple[str, ...]] = {  # sort -> rules it may have, the first by default
    "subordinates": (HEIR, SUPERIOR),  # organisations and units that stand under it
    "standing": (HEIR,),  # organisations that stand on a unit
    "members": (HEIR,),
    "guests": (HEIR, END),  # members of elsewhere who take part for a time
    "posts": (END,),  # INV-POST-6: posts end with the organisation
    "evaluations": (LEAVE_OUT,),  # it is judged in a round that is still open
    "archives": (HEIR, SUPERIOR),  # documents in custody; without an heir the superior has them
}
MATTERS = ("cases", "tasks", "documents")  # kept elsewhere, stated by hand
SORTS = (*RULES, *MATTERS)
TOLD_HERE = ("archives", *MATTERS)
"""Sorts that no event of another stream tells of, so that the dossier itself must."""
UNREVIEWED_BECAUSE = "Tổ chức kết thúc hoạt động do sắp xếp"


@dataclass(frozen=True)
class Affected:
    """One thing that hangs on something that ends, and what becomes of it."""

    sort: str
    of: UUID  # on which it hangs
    of_called: str
    what: UUID | None
    called: str  # what it is; of people no name, only the id of their record
    rule: str | None  # None: nothing settles it
    to: UUID | None
    to_called: str | None

    @property
    def settled(self) -> Settled:
        assert self.rule is not None
        outside = self.called if self.what is None else None
        return Settled(self.sort, self.of, self.what, outside, self.rule, self.to)


class Affairs:
    """Everything that hangs on what ends in this work, after its commands have decided."""

    def __init__(self, work: Work, compiler: Compiler, tables: Tables, day: date) -> None:
        self._work, self._references = work, compiler.references
        self._circumstances = compiler.circumstances
        self._day, self._findings = day, compiler.findings
        self._decisions = {rule.sort: rule.rule for rule in tables.rules}
        self._rules = {rule.sort: rule.rule for rule in tables.rules if rule.sort in RULES}
        self._by_hand = self._stated(tables.handovers)
        self.affected: list[Affected] = []
        self._refuse_unknown_rules(tables)

    def planned(self, ended: Sequence[tuple[Node, int]]) -> Iterator[Planned]:
        """Commands that settle what hangs on these, each with the row of `before` that ends it."""
        self._look_up([node for node, _ in ended])
        for node, row in ended:
            end = node.standing_end()
            if end is None:
                continue
            try:
                yield from self._of(node, end, row)
            except NotMeant as error:
                finding = Finding("before", row, "decision", "ref-known", str(error))
                self._findings.append(finding)
        self._tell_unused()

    def _look_up(self, nodes: Sequence[Node]) -> None:
        about = ("superior", "unit", "on", "judged", "judged_in")
        self._work.look_up(f"{each}:{node.id}" for node in nodes for each in about)
        self._work.load(leadership_id(node.id) for node in nodes)

    # Each sort

    def _of(self, node: Node, end: Ended, row: int) -> Iterator[Planned]:
        yield from self._subordinates(node, end, row)
        if not isinstance(node, PartyOrganisation):
            yield from self._standing(node, end, row)
            return
        yield from self._members(node, end, row)
        yield from self._evaluations(node, end, row)
        self._posts(node)
        self._archives(node, row)
        self._matters(node)

    def _subordinates(self, node: Node, end: Ended, row: int) -> Iterator[Planned]:
        for child in self._bearers(f"superior:{node.id}", Node):
            if child.is_active_on(self._day) and child.superior_id.at(self._day) == node.id:
                to = self._settle("subordinates", node, child.id, self._called(child), row)
                if to is not None:
                    about: dict[str, Any] = {"of": type(child), "id": child.id}
                    envelope = end.envelope
                    command = Resubordinate(superior_id=to.id, envelope=envelope, **about)
                    yield Planned(command, "before", row, "resubordinate")

    def _standing(self, unit: Node, end: Ended, row: int) -> Iterator[Planned]:
        for each in self._bearers(f"unit:{unit.id}", PartyOrganisation):
            if each.is_active_on(self._day) and each.unit_id.at(self._day) == unit.id:
                to = self._settle("standing", unit, each.id, self._called(each), row)
                if to is not None:
                    envelope = self._of_organisation(unit, each, end)
                    command = Relocate(id=each.id, unit_id=to.id, envelope=envelope)
                    yield Planned(command, "before", row, "relocate")

    def _of_organisation(self, unit: Node, organisation: Node, end: Ended) -> Envelope:
        """The State ends units; what organisations do about it their own superiors decide."""
        ref = self._decisions.get(f"{DECISION}.{getattr(unit, 'level', '')}")
        if ref is None:
            return end.envelope
        superior_id = organisation.superior_id.at(self._references.eve)
        return self._circumstances.envelope(ref, self._references, self._work, superior_id)

    def _members(self, cell: Node, end: Ended, row: int) -> Iterator[Planned]:
        envelope = end.envelope
        for each in self._bearers(f"on:{cell.id}", Membership):
            if each.is_active_on(self._day) and each.cell_on(self._day) == cell.id:
                to = self._settle("members", cell, each.id, str(each.id), row)
                if to is not None:
                    move = Move(id=each.id, cell_id=to.id, way="reorganisation", envelope=envelope)
                    yield Planned(move, "before", row, "move_member")
            elif each.is_active_on(self._day) and each.temporary_cell_id.at(self._day) == cell.id:
                to = self._settle("guests", cell, each.id, str(each.id), row)
                if to is None or each.cell_on(self._day) == to.id:
                    back = EndTemporary(id=each.id, envelope=envelope)
                    yield Planned(back, "before", row, "end_temporary")
                else:
                    on = StartTemporary(id=each.id, cell_id=to.id, envelope=envelope)
                    yield Planned(on, "before", row, "start_temporary")

    def _evaluations(self, node: Node, end: Ended, row: int) -> Iterator[Planned]:
        keys = (f"judged:{node.id}", f"judged_in:{node.id}")
        found = {review.id: review for key in keys for review in self._bearers(key, Review)}
        for review in found.values():
            ids = tuple(
                id_
                for id_, subject in review.subjects().items()
                if node.id in {id_, subject.organisation_id} and review.outcome(id_) is None
            )
            if review.state != "open" or not ids:
                continue
            called = review.called(self._day) or str(review.id)
            self._add("evaluations", node, review.id, called, LEAVE_OUT, None)
            command = LeaveUnreviewed(
                id=review.id,
                subject_ids=ids,
                because=UNREVIEWED_BECAUSE,
                envelope=end.envelope,
            )
            yield Planned(command, "before", row, "leave_out")

    def _posts(self, node: Node) -> None:
        """They end with it: the command that ends it sees to that. Here they are told."""
        leadership = self._work.find_any(Leadership, leadership_id(node.id))
        eve = self._references.eve
        for tenure in leadership.all_tenures() if leadership else ():
            if tenure.first <= eve and (tenure.after is None or tenure.after > eve):
                holding = tenure.holding
                seat = f"{holding.body}.{holding.post}"
                self._add("posts", node, holding.person_id, seat, END, None)

    def _archives(self, node: Node, row: int) -> None:
        self._settle("archives", node, None, "tài liệu lưu trữ", row)

    def _matters(self, node: Node) -> None:
        for sort in MATTERS:
            for what, handover in self._by_hand.get((sort, node.id), {}).items():
                to = self._meant(handover)
                self._add(sort, node, None, what, BY_HAND, to)

    # Settling

    def _settle(
        self, sort: str, node: Node, what: UUID | None, called: str, row: int
    ) -> Node | None:
        """Who takes it over; told among the affected, and among the findings if nobody does."""
        stated = self._by_hand.get((sort, node.id), {})
        handover = stated.get(str(what)) or stated.get("*")
        if handover is not None:
            to = self._meant(handover)
            self._add(sort, node, what, called, BY_HAND if to else END, to)
            return to
        rule = self._rules.get(sort, RULES[sort][0])
        to = self._heir(node) if rule == HEIR else None
        if to is None and (rule == SUPERIOR or sort == "archives"):
            rule, to = SUPERIOR, self._above(node)
        if to is None and rule == END:
            self._add(sort, node, what, called, END, None)
            return None
        self._add(sort, node, what, called, rule if to else None, to)
        if to is None:
            words = f"{self._called(node)} ends, and nobody takes over {called} ({sort})"
            self._findings.append(Finding("before", row, sort, "INV-ORG-1", words))
        return to

    def _heir(self, node: Node) -> Node | None:
        """Who takes over by default, on the day: the heir of the heir if that ends, too."""
        seen = {node.id}
        current: Node | None = node
        while current is not None:
            if current.is_active_on(self._day):
                return current if current is not node else None
            end = current.standing_end()
            heirs = end.successors if end else ()
            first = next((h for h in heirs if h.is_default or len(heirs) == 1), None)
            if first is None or first.id in seen:
                return None
            seen.add(first.id)
            current = self._work.find(first.id)
        return None

    def _above(self, node: Node) -> Node | None:
        """What stood above it on the eve, or who takes over from that."""
        superior_id = node.superior_id.at(self._references.eve)
        superior = self._work.find(superior_id) if superior_id else None
        if superior is None or superior.is_active_on(self._day):
            return superior
        return self._heir(superior) or self._above(superior)

    def _meant(self, handover: Handover) -> Node | None:
        if handover.to is None:
            return None
        subject = "unit" if handover.sort == "standing" else "organisation"
        try:
            id_ = self._references.after(subject, handover.to)
        except NotMeant as error:
            self._find(handover, "to", str(error))
            return None
        return self._work.find(id_) if id_ else None

    def _add(
        self,
        sort: str,
        node: Node,
        what: UUID | None,
        called: str,
        rule: str | None,
        to: Node | None,
    ) -> None:
        to_called = to.called(self._day) if to else None
        of = (node.id, self._called(node))
        to_id = to.id if to else None
        self.affected.append(Affected(sort, *of, what, called, rule, to_id, to_called))

    # Rows

    def _stated(self, handovers: Sequence[Handover]) -> dict[tuple[str, UUID], dict[str, Handover]]:
        stated: dict[tuple[str, UUID], dict[str, Handover]] = {}
        for each in handovers:
            if each.sort not in SORTS:
                words = f"The sort is one of {', '.join(SORTS)}"
                self._find(each, "sort", words, rule="sort-known")
                continue
            subject = "unit" if each.sort == "standing" else "organisation"
            try:
                of = self._references.on_eve(subject, each.of)
            except NotMeant as error:
                self._find(each, "of", str(error))
                continue
            if each.sort in MATTERS and each.to is None:
                words = "A matter that is open is handed to somebody"
                self._find(each, "to", words, rule="INV-ORG-1")
            stated.setdefault((each.sort, of), {})[each.what] = each
        return stated

    def _tell_unused(self) -> None:
        """A hand-over of something that does not end would be lost without a word."""
        used = {(each.sort, each.of) for each in self.affected}
        for (sort, of), rows in self._by_hand.items():
            if (sort, of) not in used:
                for each in rows.values():
                    words = f"{each.of} does not end here, or has nothing of the sort {sort}"
                    self._find(each, "of", words, rule="handover-used")

    def _refuse_unknown_rules(self, tables: Tables) -> None:
        for rule in tables.rules:
            allowed = RULES.get(rule.sort)
            if allowed is not None and rule.rule not in allowed:
                words = f"Of {rule.sort} the rule is one of {', '.join(allowed)}"
                self._findings.append(Finding("rules", rule.row, "rule", "rule-known", words))

    def _find(self, handover: Handover, field: str, words: str, rule: str = "code-known") -> None:
        self._findings.append(Finding("handovers", handover.row, field, rule, words))

    # Parts

    def _bearers(self, key: str, of: type[Any]) -> list[Any]:
        found: list[Aggregate] = self._work.bearers(key)
        return [each for each in found if isinstance(each, of)]

    def _called(self, node: Node) -> str:
        return node.called(self._references.eve) or str(node.id)
