"""Organisations whose territory is a unit follow it: they live on, begin and end as it does.

That is the rule "organisations: follow", and it is the default; rows about an organisation go
before it. Names go by the official pattern ("Phường Ba Đình": "Đảng bộ phường Ba Đình"); the kind
is the only one that the rule book knows on that level, or the one that the dossier's rules name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from domain.dossier.findings import Finding
from domain.dossier.identity import Begins, Ends, Fate, LivesOn
from domain.dossier.tables import After, Before, Tables, Transfer
from domain.organisation import PartyOrganisation
from domain.unit import AdministrativeUnit
from services.dossiers.references import TERRITORY, NotMeant, References, SeveralMeant
from services.patterns import TYPE_WORDS, organisation_name
from services.work import Work

SORT = "organisations"
FOLLOW, LISTED = "follow", "listed"
KIND, DECISION = "organisation_kind", "organisation_decision"


class Follows:
    """What becomes of organisations by what becomes of their units."""

    def __init__(self, work: Work, references: References, tables: Tables, day: date) -> None:
        self._work, self._references, self._day = work, references, day
        self._rules = {rule.sort: rule.rule for rule in tables.rules}
        self._stood_on = references.eve

    def of(
        self, units: Sequence[Fate], stated: Sequence[Fate], on: date, findings: list[Finding]
    ) -> list[Fate]:
        """The fates of those that are not stated; `on`: the day on which all stood as before."""
        self._stood_on = on
        if self._rules.get(SORT, FOLLOW) != FOLLOW:
            return []
        before = {f.before.code for f in stated if not isinstance(f, Begins)}
        after = {f.after.code for f in stated if not isinstance(f, Ends)}
        following: list[Fate] = []
        for fate in units:
            if not isinstance(fate, Begins) and fate.before.code in before:
                continue
            if not isinstance(fate, Ends) and fate.after.code in after:
                continue
            mirrored = self._mirrored(fate, findings)
            if mirrored is not None:
                following.append(mirrored)
        return following

    def _mirrored(self, fate: Fate, findings: list[Finding]) -> Fate | None:
        if isinstance(fate, Begins):
            return Begins(self._after(fate.after, None, findings), fate.way, fate.origins)
        upon = self._upon(fate.before, findings)
        if upon is None:
            return None
        if isinstance(fate, Ends):
            level = self._level(fate.before)
            before = Before(
                row=fate.before.row,
                subject="organisation",
                code=fate.before.code,
                step=fate.before.step,
                way=fate.before.way,
                decision=self._rules.get(f"{DECISION}.{level}", fate.before.decision),
            )
            return Ends(before, fate.way, _unsure(fate.heirs))
        before = Before(row=fate.before.row, subject="organisation", code=fate.before.code)
        after = self._after(fate.after, self._unit(fate.before), findings)
        return LivesOn(before, after, _unsure(fate.ceded))

    def _after(self, unit: After, was: AdministrativeUnit | None, findings: list[Finding]) -> After:
        """The row of the organisation, for one that stands on `unit`; `was`: it lives on."""
        on = self._stood_on
        level = unit.level or (was.level if was else "")
        name = unit.name or (was.called(on) if was else None) or ""
        type_ = unit.type or (was.type.at(on) if was else None) or ""
        same = was is not None and (was.called(on), was.type.at(on)) == (name, type_)
        called = None if same or type_ not in TYPE_WORDS else organisation_name(name, type_)
        return replace(
            unit,
            subject="organisation",
            level=None,
            name=called,
            type=self._kind(level, unit, findings),
            keeps=None,
            unit=unit.code,
            setting=TERRITORY,
            decision=self._rules.get(f"{DECISION}.{level}", unit.decision),
        )

    def _kind(self, level: str, unit: After, findings: list[Finding]) -> str | None:
        stated = self._rules.get(f"{KIND}.{level}")
        if stated is not None:
            return stated
        kinds = self._work.rules.on(self._day).kinds().values()
        of_level = [kind.code for kind in kinds if kind.level == level]
        if len(of_level) != 1:
            words = f"Say by a rule '{KIND}.{level}' which kind: {', '.join(of_level) or 'none'}"
            findings.append(Finding("after", unit.row, "type", "kind-given", words))
            return None
        return of_level[0]

    def _unit(self, before: Before) -> AdministrativeUnit | None:
        try:
            id_: UUID = self._references.before("unit", before.code, before.level)
        except NotMeant:
            return None
        return self._work.find_any(AdministrativeUnit, id_)

    def _upon(self, before: Before, findings: list[Finding]) -> PartyOrganisation | None:
        """The organisation whose territory the unit is, one of an earlier step included."""
        try:
            id_ = self._references.before("organisation", before.code)
        except SeveralMeant as error:
            findings.append(Finding("before", before.row, "code", "one-organisation", str(error)))
            return None
        except NotMeant:
            return None
        return self._work.find_any(PartyOrganisation, id_)

    def _level(self, before: Before) -> str:
        unit = self._unit(before)
        return before.level or (unit.level if unit else "")


def _unsure(heirs: Sequence[Transfer]) -> tuple[Transfer, ...]:
    """Of an organisation that was divided the extents are not known, only the heirs."""
    if len(heirs) < 2 and all(each.extent == "whole" for each in heirs):
        return tuple(heirs)
    return tuple(replace(h, extent="unknown", population=None, area=None) for h in heirs)
