"""What units and organisations share: a name, a superior, codes, a life, and heirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.aggregate import Aggregate, Event
from domain.codes import Code
from domain.envelope import Envelope
from domain.errors import CannotVoid, InvalidValue, RuleBroken
from domain.history.descent import Succeeded
from domain.lineage import Successor, refuse_ill_formed, refuse_lone_part
from domain.names import proper_name, same_name
from domain.timeline import Timeline, together

FOUNDINGS = ("entered", "new", "merger", "division", "conversion")
"""How a life began. `entered`: it existed already and is taken into the register from that day."""

ENDINGS = ("merger", "division", "conversion", "dissolution", "disbandment")
"""How a life ended; disbandment (giải tán) is disciplinary."""


class Established(Event):
    """Came into being (thành lập), or was taken into the register as it stood."""

    TITLE = "thành lập"
    way: str  # one of FOUNDINGS
    name: str  # full official name: "Phường Ba Đình"
    superior_id: UUID | None
    codes: tuple[Code, ...]

    def apply(self, aggregate: Any) -> None:
        day, order = self.effective_on, self.originator_version
        aggregate.is_active.set(day, True, order)
        aggregate.name.set(day, self.name, order)
        aggregate.superior_id.set(day, self.superior_id, order)
        for code in self.codes:
            aggregate.code(code.scheme).set(day, code.value, order)


class Renamed(Event):
    """Took a new official name (đổi tên)."""

    TITLE = "đổi tên"
    name: str

    def apply(self, aggregate: Any) -> None:
        aggregate.name.set(self.effective_on, self.name, self.originator_version)


class Resubordinated(Event):
    """Came under another superior (chuyển về trực thuộc)."""

    TITLE = "chuyển về trực thuộc"
    superior_id: UUID | None

    def apply(self, aggregate: Any) -> None:
        aggregate.superior_id.set(self.effective_on, self.superior_id, self.originator_version)


class CodeAssigned(Event):
    """Bears an official code from a day on (cấp mã số)."""

    TITLE = "cấp mã số"
    code: Code

    def apply(self, aggregate: Any) -> None:
        codes = aggregate.code(self.code.scheme)
        codes.set(self.effective_on, self.code.value, self.originator_version)


class PartCeded(Succeeded, Event):
    """Gave a part of itself to others and lives on (điều chỉnh, chuyển một phần)."""

    TITLE = "chuyển một phần"
    successors: tuple[Successor, ...]

    def apply(self, aggregate: Any) -> None:
        aggregate.ceded.set(self.effective_on, self.successors, self.originator_version)


class Ended(Succeeded, Event):
    """Ceased to exist (kết thúc hoạt động): merged, divided, converted, dissolved or disbanded."""

    TITLE = "kết thúc hoạt động"
    way: str  # one of ENDINGS
    successors: tuple[Successor, ...]

    def apply(self, aggregate: Any) -> None:
        aggregate.is_active.set(self.effective_on, False, self.originator_version)
        aggregate.successors.set(self.effective_on, self.successors, self.originator_version)


class Voided(Event):
    """An earlier record is taken back (thu hồi, hủy bỏ); the envelope says which."""

    TITLE = "hủy bỏ nội dung đã ghi"


class Node(Aggregate):
    """One place in a tree, on every day of its life."""

    if TYPE_CHECKING:  # each kind of node has its own, with a topic
        Renamed, Resubordinated, CodeAssigned = Renamed, Resubordinated, CodeAssigned
        PartCeded, Ended = PartCeded, Ended

    def __init__(self) -> None:
        super().__init__()
        self.name: Timeline[str] = self.timeline("name")
        self.superior_id: Timeline[UUID | None] = self.timeline("superior_id")
        self.ceded: Timeline[tuple[Successor, ...]] = self.timeline("ceded")
        self.successors: Timeline[tuple[Successor, ...]] = self.timeline("successors")
        self.codes: dict[str, Timeline[str]] = {}

    def code(self, scheme: str) -> Timeline[str]:
        """The codes of one scheme, on every day."""
        if scheme not in self.codes:
            self.codes[scheme] = self.timeline(f"code.{scheme}")
        return self.codes[scheme]

    def called(self, day: date) -> str | None:
        """Its name on a day; before the first, the first one. None when it has none at all."""
        facts = self.name.facts()
        return (self.name.at(day) or facts[0].value) if facts else None

    def lives(self, since: date = date.min) -> Iterator[tuple[UUID | None, str, date, date | None]]:
        """(superior, name, first day, day after) of each span of its active life."""
        for (active, superior, name), first, after in together(
            self.is_active, self.superior_id, self.name, since=since
        ):
            if active:
                yield superior, name, first, after

    def keys(self, since: date) -> set[str]:
        """Superiors it stands under, names it bears among siblings, codes, and heirs."""
        keys: set[str] = set()
        for superior, name, _, _ in self.lives(since):
            if superior is not None:
                keys.add(f"superior:{superior}")
            keys.add(f"name:{self.TOPIC}:{superior}:{same_name(name)}")
        for scheme, codes in self.codes.items():
            keys.update(f"code:{self.TOPIC}:{scheme}:{span.value}" for span in codes.spans(since))
        for day, successors in self.hand_overs():
            if day >= since:
                keys.update(f"successor:{successor.id}" for successor in successors)
        return keys

    def hand_overs(self) -> Iterator[tuple[date, tuple[Successor, ...]]]:
        """(day, who took over) of each cession and of the end, where they stand."""
        for fact in self.ceded.facts():
            yield fact.day, fact.value
        end = self.standing_end()
        if end is not None and end.successors:
            yield end.effective_on, end.successors

    # Commands: each decides, and may refuse

    def rename(self, name: str, envelope: Envelope) -> None:
        """Give it a name from a day on; the same from the same day again records nothing.

        Raises NotActive, InvalidValue.
        """
        self.refuse_unless_active(envelope.effective_on)
        name = proper_name(name)
        if self.says_something_new(self.name, name, envelope):
            self.happen(self.Renamed, envelope, name=name)

    def resubordinate(self, superior_id: UUID | None, envelope: Envelope) -> None:
        """Put it under another superior from a day on. Raises NotActive."""
        self.refuse_unless_active(envelope.effective_on)
        if self.says_something_new(self.superior_id, superior_id, envelope):
            self.happen(self.Resubordinated, envelope, superior_id=superior_id)

    def assign_code(self, code: Code, envelope: Envelope) -> None:
        """Let it bear a code of a scheme from a day on. Raises NotActive."""
        code.refuse_ill_formed()
        self.refuse_unless_active(envelope.effective_on)
        if self.says_something_new(self.code(code.scheme), code.value, envelope):
            self.happen(self.CodeAssigned, envelope, code=code)

    def cede_part(self, successors: Sequence[Successor], envelope: Envelope) -> None:
        """Give parts of it to others; it lives on. The same again on that day records nothing.

        Raises NotActive, InvalidValue.
        """
        self.refuse_unless_active(envelope.effective_on)
        if not successors:
            raise InvalidValue("Say who takes over the part", field="successors")
        if any(s.extent == "whole" for s in successors):
            raise InvalidValue("It gives parts, and lives on", field="successors.extent")
        refuse_ill_formed(self.id, successors)
        if envelope.voids is not None or not self._ceded_so_already(successors, envelope):
            self.happen(self.PartCeded, envelope, successors=tuple(successors))

    def end(self, way: str, successors: Sequence[Successor], envelope: Envelope) -> None:
        """Let it be no more from a day on.

        The same ending again records nothing. Raises NotActive, InvalidValue, LaterFacts.
        """
        if way not in ENDINGS:
            raise InvalidValue(f"The way is one of {', '.join(ENDINGS)}", field="way")
        if (way == "dissolution") == bool(successors) and way != "disbandment":
            raise InvalidValue("A dissolution has no successor, all else has", field="successors")
        refuse_ill_formed(self.id, successors)
        refuse_lone_part(successors)
        if not self._ends_so_already(way, tuple(successors), envelope):
            self._refuse_second_end(envelope)
            self.refuse_later_facts(envelope.effective_on, envelope.voids)
            self.happen(self.Ended, envelope, way=way, successors=tuple(successors))

    def void(self, envelope: Envelope) -> None:
        """Take an event back. Its beginning goes last: raises LaterFacts while others stand."""
        if envelope.voids is not None:
            taken_back = self.refuse_unless_voidable(envelope.voids)
            if isinstance(taken_back, Established):
                self.refuse_later_facts(date.min, envelope.voids)
        super().void(envelope)

    # What the commands ask

    def standing_end(self) -> Any:
        """The event that ended it and stands; None while no end is known."""
        fact = next((f for f in reversed(self.is_active.facts()) if not f.value), None)
        return self.events[fact.order] if fact else None

    def standing_beginning(self) -> Any:
        """The event that is the record of its beginning; None when that was voided."""
        fact = next((f for f in self.is_active.facts() if f.value), None)
        return self.events[fact.order] if fact else None

    def refuse_unless_beginning(self, envelope: Envelope) -> None:
        """Raises CannotVoid unless the envelope voids the record of its beginning that stands.

        Where that was voided before, none stands, and the envelope voids nothing.
        """
        standing = self.standing_beginning()
        if envelope.voids is None:
            if standing is not None:
                raise CannotVoid("Say which record of its beginning is wrong", field="voids")
        elif self.refuse_unless_voidable(envelope.voids) is not standing:
            raise CannotVoid("That event is not its beginning", field="voids")
        self._refuse_facts_before(envelope, standing)

    def _refuse_facts_before(self, envelope: Envelope, wrong: Event | None) -> None:
        version = wrong.originator_version if wrong else 0
        facts = [f for line in self.fields().values() for f in line.facts() if f.order != version]
        end = self.standing_end()
        early = end is not None and end.effective_on <= envelope.effective_on
        if early or any(fact.day < envelope.effective_on for fact in facts):
            raise RuleBroken(
                f"Facts are on record for days before {envelope.effective_on:%d/%m/%Y}",
                field="effective_on",
                id=str(self.id),
            )

    def _ceded_so_already(self, successors: Sequence[Successor], envelope: Envelope) -> bool:
        wished = (envelope.effective_on, tuple(successors))
        return any((fact.day, fact.value) == wished for fact in self.ceded.facts())

    def _ends_so_already(
        self, way: str, successors: tuple[Successor, ...], envelope: Envelope
    ) -> bool:
        end = self.standing_end()
        same = end and (end.way, end.successors) == (way, successors)
        return bool(same and envelope.voids is None and end.effective_on == envelope.effective_on)

    def _refuse_second_end(self, envelope: Envelope) -> None:
        end, first = self.standing_end(), self.first_day()
        if end is None:
            self.refuse_unless_active(envelope.effective_on)
        elif end.position is None or end.position != envelope.voids:
            raise RuleBroken(
                f"It ended on {end.effective_on:%d/%m/%Y} by the event at position "
                f"{end.position}: void that first, or name it in `voids`",
                field="effective_on",
                id=str(self.id),
                position=end.position,
            )
        if first is None or envelope.effective_on <= first:
            raise InvalidValue("It ends after its first day", field="effective_on")


def refuse_unless_founded(way: str, codes: Sequence[Code]) -> None:
    """What every beginning must have right in itself. Raises InvalidValue."""
    for code in codes:
        code.refuse_ill_formed()
    if len({code.scheme for code in codes}) != len(codes):
        raise InvalidValue("One code a scheme", field="codes.scheme")
    if way not in FOUNDINGS:
        raise InvalidValue(f"The way is one of {', '.join(FOUNDINGS)}", field="way")
