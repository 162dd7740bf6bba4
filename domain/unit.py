"""Administrative units: provinces, districts, communes, and what each has been on every day."""

from __future__ import annotations

from uuid import UUID

from domain import node
from domain.aggregate import Event
from domain.codes import Code
from domain.envelope import Envelope
from domain.names import proper_name
from domain.node import Node
from domain.rulebook import RuleSet
from domain.timeline import Timeline


class AdministrativeUnit(Node):
    """An administrative unit (đơn vị hành chính) and what it has been on every day of its life."""

    TOPIC = "unit"

    class Established(node.Established):
        """Came into being (thành lập), or was taken into the register as it stood."""

        TOPIC = "unit.established"
        level: str  # "province", "district", "commune": for life
        type: str  # "phuong"

        def apply(self, aggregate: AdministrativeUnit) -> None:
            super().apply(aggregate)
            aggregate.level = self.level
            aggregate.type.set(self.effective_on, self.type, self.originator_version)

    class EstablishmentCorrected(Established):
        """The record of its beginning was wrong; this is the right one (đính chính)."""

        TOPIC = "unit.establishment-corrected"
        TITLE = "đính chính việc thành lập"

    class Renamed(node.Renamed):
        TOPIC = "unit.renamed"

    class TypeChanged(Event):
        """Became a unit of another type on the same level: a commune a ward (chuyển loại hình)."""

        TOPIC = "unit.type-changed"
        TITLE = "chuyển loại hình"
        type: str

        def apply(self, aggregate: AdministrativeUnit) -> None:
            aggregate.type.set(self.effective_on, self.type, self.originator_version)

    class Resubordinated(node.Resubordinated):
        TOPIC = "unit.resubordinated"

    class CodeAssigned(node.CodeAssigned):
        TOPIC = "unit.code-assigned"

    class PartCeded(node.PartCeded):
        TOPIC = "unit.part-ceded"

    class Ended(node.Ended):
        TOPIC = "unit.ended"

    class Voided(node.Voided):
        TOPIC = "unit.voided"

    beginning, voiding = Established, Voided

    def __init__(self) -> None:
        super().__init__()
        self.level = ""
        self.type: Timeline[str] = self.timeline("type")

    @classmethod
    def establish(
        cls,
        id_: UUID,
        *,
        way: str,
        level: str,
        type: str,
        name: str,
        superior_id: UUID | None,
        codes: tuple[Code, ...],
        envelope: Envelope,
        rules: RuleSet,
    ) -> AdministrativeUnit:
        """Found it, or enter it as it stands. Raises KindNotAllowed, InvalidValue."""
        rules.unit_type(level, type)
        node.refuse_unless_founded(way, codes)
        facts = {"way": way, "level": level, "type": type, "name": proper_name(name)}
        return cls.begin(id_, envelope, **facts, superior_id=superior_id, codes=codes)

    def correct_establishment(
        self,
        *,
        way: str,
        type: str,
        name: str,
        superior_id: UUID | None,
        codes: tuple[Code, ...],
        envelope: Envelope,
        rules: RuleSet,
    ) -> None:
        """Record its beginning rightly; `envelope.voids` is the position of the wrong record."""
        rules.unit_type(self.level, type)
        node.refuse_unless_founded(way, codes)
        self.refuse_unless_beginning(envelope)
        facts = {"way": way, "level": self.level, "type": type, "name": proper_name(name)}
        self.happen(
            self.EstablishmentCorrected, envelope, **facts, superior_id=superior_id, codes=codes
        )

    def change_type(self, type: str, envelope: Envelope, rules: RuleSet) -> None:
        """Make it a unit of another type; the same from the same day again records nothing.

        Raises NotActive, KindNotAllowed.
        """
        self.refuse_unless_active(envelope.effective_on)
        rules.unit_type(self.level, type)
        if self.says_something_new(self.type, type, envelope):
            self.happen(self.TypeChanged, envelope, type=type)
