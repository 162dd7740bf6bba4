"""Party organisations, and what each has been on every day of its life."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from domain import node
from domain.aggregate import Event
from domain.codes import Code
from domain.envelope import Envelope
from domain.errors import InvalidValue, RuleBroken
from domain.names import proper_name
from domain.node import Node
from domain.rulebook import RuleSet
from domain.timeline import Timeline, together


class PartyOrganisation(Node):
    """A Party organisation (tổ chức đảng) and what it has been on every day of its life."""

    TOPIC = "party-organisation"

    class Established(node.Established):
        """Founded by the body with the power to (thành lập), or entered as it stood."""

        TOPIC = "party-organisation.established"
        kind: str  # code of the rule book: "commune_upper"
        unit_id: UUID | None  # the administrative unit on which it stands; None: on none
        setting: str | None  # what it is formed in (loại hình): village, school, agency ...

        def apply(self, aggregate: PartyOrganisation) -> None:
            super().apply(aggregate)
            day, order = self.effective_on, self.originator_version
            aggregate.kind.set(day, self.kind, order)
            aggregate.unit_id.set(day, self.unit_id, order)
            aggregate.setting.set(day, self.setting, order)

    class EstablishmentCorrected(Established):
        """The record of its beginning was wrong; this is the right one (đính chính)."""

        TOPIC = "party-organisation.establishment-corrected"
        TITLE = "đính chính việc thành lập"

    class Renamed(node.Renamed):
        TOPIC = "party-organisation.renamed"

    class KindChanged(Event):
        """Became an organisation of another kind: a base one above the base (chuyển loại hình)."""

        TOPIC = "party-organisation.kind-changed"
        TITLE = "chuyển loại hình"
        kind: str

        def apply(self, aggregate: PartyOrganisation) -> None:
            aggregate.kind.set(self.effective_on, self.kind, self.originator_version)

    class Resubordinated(node.Resubordinated):
        TOPIC = "party-organisation.resubordinated"

    class Relocated(Event):
        """Stands on another administrative unit from a day on (chuyển địa bàn)."""

        TOPIC = "party-organisation.relocated"
        TITLE = "chuyển địa bàn"
        unit_id: UUID | None

        def apply(self, aggregate: PartyOrganisation) -> None:
            aggregate.unit_id.set(self.effective_on, self.unit_id, self.originator_version)

    class CodeAssigned(node.CodeAssigned):
        TOPIC = "party-organisation.code-assigned"

    class ActivitySuspended(Event):
        """Its activity is suspended (đình chỉ hoạt động); it goes on to exist."""

        TOPIC = "party-organisation.activity-suspended"
        TITLE = "đình chỉ hoạt động"

        def apply(self, aggregate: PartyOrganisation) -> None:
            aggregate.is_suspended.set(self.effective_on, True, self.originator_version)

    class ActivityResumed(Event):
        """Its activity begins again (hoạt động trở lại)."""

        TOPIC = "party-organisation.activity-resumed"
        TITLE = "hoạt động trở lại"

        def apply(self, aggregate: PartyOrganisation) -> None:
            aggregate.is_suspended.set(self.effective_on, False, self.originator_version)

    class PartCeded(node.PartCeded):
        TOPIC = "party-organisation.part-ceded"

    class Ended(node.Ended):
        TOPIC = "party-organisation.ended"

    class Voided(node.Voided):
        TOPIC = "party-organisation.voided"

    beginning, voiding = Established, Voided

    def __init__(self) -> None:
        super().__init__()
        self.kind: Timeline[str] = self.timeline("kind")
        self.unit_id: Timeline[UUID | None] = self.timeline("unit_id")
        self.setting: Timeline[str | None] = self.timeline("setting")
        self.is_suspended: Timeline[bool] = self.timeline("is_suspended")

    def keys(self, since: date) -> set[str]:
        """Besides those of every node, the units on which it stands."""
        stands = together(self.is_active, self.unit_id, since=since)
        on = {unit_id for (active, unit_id), _, _ in stands if active and unit_id}
        return super().keys(since) | {f"unit:{unit_id}" for unit_id in on}

    @classmethod
    def establish(
        cls,
        id_: UUID,
        *,
        way: str,
        kind: str,
        name: str,
        superior_id: UUID | None,
        unit_id: UUID | None,
        setting: str | None,
        codes: tuple[Code, ...],
        envelope: Envelope,
        rules: RuleSet,
    ) -> PartyOrganisation:
        """Found it, or enter it as it stands. Raises KindNotAllowed, InvalidValue."""
        facts = _founding(way, kind, name, setting, codes, rules)
        return cls.begin(
            id_, envelope, **facts, superior_id=superior_id, unit_id=unit_id, codes=codes
        )

    def correct_establishment(
        self,
        *,
        way: str,
        kind: str,
        name: str,
        superior_id: UUID | None,
        unit_id: UUID | None,
        setting: str | None,
        codes: tuple[Code, ...],
        envelope: Envelope,
        rules: RuleSet,
    ) -> None:
        """Record its beginning rightly; `envelope.voids` is the position of the wrong record."""
        facts = _founding(way, kind, name, setting, codes, rules)
        self.refuse_unless_beginning(envelope)
        facts |= {"superior_id": superior_id, "unit_id": unit_id, "codes": codes}
        self.happen(self.EstablishmentCorrected, envelope, **facts)

    def change_kind(self, kind: str, envelope: Envelope, rules: RuleSet) -> None:
        """Make it an organisation of another kind. Raises NotActive, KindNotAllowed."""
        self.refuse_unless_active(envelope.effective_on)
        rules.kind(kind)
        if self.says_something_new(self.kind, kind, envelope):
            self.happen(self.KindChanged, envelope, kind=kind)

    def relocate(self, unit_id: UUID | None, envelope: Envelope) -> None:
        """Let it stand on another unit from a day on. Raises NotActive."""
        self.refuse_unless_active(envelope.effective_on)
        if self.says_something_new(self.unit_id, unit_id, envelope):
            self.happen(self.Relocated, envelope, unit_id=unit_id)

    def suspend(self, envelope: Envelope) -> None:
        """Suspend its activity from a day on. Raises NotActive."""
        self.refuse_unless_active(envelope.effective_on)
        if self.says_something_new(self.is_suspended, True, envelope):
            self.happen(self.ActivitySuspended, envelope)

    def resume(self, envelope: Envelope) -> None:
        """Let its activity begin again. Raises NotActive, RuleBroken when it is not suspended."""
        self.refuse_unless_active(envelope.effective_on)
        if not self.says_something_new(self.is_suspended, False, envelope):
            return
        if envelope.voids is None and not self.is_suspended.at(envelope.effective_on):
            raise RuleBroken("Its activity is not suspended on that day", field="effective_on")
        self.happen(self.ActivityResumed, envelope)


def _founding(
    way: str,
    kind: str,
    name: str,
    setting: str | None,
    codes: tuple[Code, ...],
    rules: RuleSet,
) -> dict[str, Any]:
    rules.kind(kind)
    node.refuse_unless_founded(way, codes)
    if setting is not None:
        settings = rules.value("organisation.settings")
        if setting not in settings:
            raise InvalidValue(
                f"The setting is one of {', '.join(sorted(settings))}",
                field="setting",
                rule="organisation.settings",
            )
    return {"way": way, "kind": kind, "name": proper_name(name), "setting": setting}
