"""Who is meant by a code in a dossier: before a step and after it.

A code means whoever bears it on the eve, until a step gives it to another or sets it free.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from domain.dossier.identity import Begins, Fate, LivesOn
from domain.dossier.tables import NOBODY, Tables
from domain.ids import derived_id
from domain.node import Node
from domain.organisation import PartyOrganisation
from domain.unit import AdministrativeUnit
from services.work import Work

TERRITORY = "territory"
OF: dict[str, type[Node]] = {"unit": AdministrativeUnit, "organisation": PartyOrganisation}


class NotMeant(LookupError):
    """Nobody is meant by that code, or several are; the words say so."""


class SeveralMeant(NotMeant):
    """Several are meant by that code."""


class References:
    """Reads what the codes of a dossier mean in one unit of work."""

    def __init__(self, work: Work, dossier_id: UUID, scheme: str, day: date) -> None:
        self._work, self._scheme = work, scheme
        self._day, self.eve = day, day - timedelta(days=1)
        self._dossier_id = dossier_id
        self._eve: dict[tuple[str, str, str | None], UUID | None] = {}
        self._now: dict[tuple[str, str], UUID | None] = {}  # given or freed by steps so far
        self._next: dict[tuple[str, str], UUID | None] = {}  # and by the step under way

    # Reading many at once

    def prepare(self, tables: Tables) -> None:
        """Read all that the rows name, in a few statements."""
        codes = set(_codes(tables))
        self._work.look_up(self._code_key("unit", code) for code in codes)
        units = {id_ for code in codes if (id_ := self._unit_on_eve(code, None, quietly=True))}
        self._work.look_up(f"unit:{unit_id}" for unit_id in units)

    # Steps

    def begin(self, subject: str, fates: Iterable[Fate]) -> None:
        """What the codes will mean after this step."""
        kept: dict[tuple[str, str], UUID | None] = {}
        for fate in fates:
            if isinstance(fate, Begins):
                kept[subject, fate.after.code] = self.id_of_new(subject, fate.after.code)
                continue
            id_ = self.before(subject, fate.before.code, fate.before.level)
            self._next.setdefault((subject, fate.before.code), None)
            if isinstance(fate, LivesOn):
                kept[subject, fate.after.code] = id_
        self._next |= kept

    def finish(self) -> None:
        """The step is done."""
        self._now |= self._next
        self._next = {}

    def id_of_new(self, subject: str, code: str) -> UUID:
        """Of one that begins in this dossier; the same each time it is asked."""
        midnight = datetime.combine(self._day, time(), UTC)
        return derived_id(f"dossier/{self._dossier_id}/{subject}/{code}", midnight)

    # Asking

    def before(self, subject: str, code: str, level: str | None = None) -> UUID:
        """Who bears it before the step under way. Raises NotMeant."""
        if (subject, code) in self._now:
            return _given(self._now[subject, code], code)
        return _given(self._on_eve(subject, code, level), code)

    def after(self, subject: str, code: str) -> UUID | None:
        """Who bears it after the step under way; None for NOBODY. Raises NotMeant."""
        if code == NOBODY:
            return None
        for given in (self._next, self._now):
            if (subject, code) in given:
                return _given(given[subject, code], code)
        return _given(self._on_eve(subject, code, None), code)

    def upon(self, unit_id: UUID, day: date) -> PartyOrganisation | None:
        """The organisation whose territory that unit is."""
        found = [
            each
            for each in self._work.bearers(f"unit:{unit_id}")
            if isinstance(each, PartyOrganisation)
            and each.is_active_on(day)
            and each.unit_id.at(day) == unit_id
            and each.setting.at(day) == TERRITORY
        ]
        if len(found) > 1:
            raise SeveralMeant(f"{len(found)} organisations have that unit as their territory")
        return found[0] if found else None

    def unit_of(self, organisation: PartyOrganisation, day: date) -> AdministrativeUnit | None:
        """The unit on which an organisation stands on a day."""
        unit_id = organisation.unit_id.at(day)
        return self._work.find_any(AdministrativeUnit, unit_id) if unit_id else None

    def on_eve(self, subject: str, code: str) -> UUID:
        """Who bore it on the eve, whatever steps did since. Raises NotMeant."""
        return _given(self._on_eve(subject, code, None), code)

    def _on_eve(self, subject: str, code: str, level: str | None) -> UUID | None:
        key = (subject, code, level)
        if key not in self._eve:
            if subject == "unit":
                self._eve[key] = self._unit_on_eve(code, level)
            else:
                self._eve[key] = self._organisation_on_eve(code)
        return self._eve[key]

    def _unit_on_eve(self, code: str, level: str | None, *, quietly: bool = False) -> UUID | None:
        if code.startswith("id:"):
            return self._by_id(AdministrativeUnit, code)
        found = self._bearing("unit", self._scheme, code)
        if level is not None:
            found = [n for n in found if isinstance(n, AdministrativeUnit) and n.level == level]
        if len(found) > 1 and not quietly:
            raise SeveralMeant(
                f"{code} is borne by {len(found)} on {self.eve:%d/%m/%Y}: say the level"
            )
        return found[0].id if found else None

    def _organisation_on_eve(self, code: str) -> UUID | None:
        if code.startswith("id:"):
            return self._by_id(PartyOrganisation, code)
        scheme, colon, value = code.partition(":")
        if colon:
            found = self._bearing("organisation", scheme, value)
            return found[0].id if len(found) == 1 else None
        unit_id = self._unit_on_eve(code, None)
        upon = self.upon(unit_id, self.eve) if unit_id else None
        return upon.id if upon else None

    def _by_id(self, of: type[Node], code: str) -> UUID | None:
        try:
            id_ = UUID(code.removeprefix("id:"))
        except ValueError:
            raise NotMeant(f"{code} is no id") from None
        return id_ if self._work.find_any(of, id_) else None

    def _bearing(self, subject: str, scheme: str, value: str) -> Sequence[Node]:
        bearers = self._work.bearers(f"code:{OF[subject].TOPIC}:{scheme}:{value}")
        return [
            each
            for each in bearers
            if isinstance(each, Node)
            and each.is_active_on(self.eve)
            and each.code(scheme).at(self.eve) == value
        ]

    def _code_key(self, subject: str, code: str) -> str:
        return f"code:{OF[subject].TOPIC}:{self._scheme}:{code}"


def _given(id_: UUID | None, code: str) -> UUID:
    if id_ is None:
        raise NotMeant(f"Nobody is meant by {code!r} here")
    return id_


def _codes(tables: Tables) -> Iterable[str]:
    """Every code that rows refer to by."""
    rows: tuple[Any, ...] = (*tables.before, *tables.after)
    for row in rows:
        yield row.code
        yield from (code for code in (row.superior, getattr(row, "unit", None)) if code)
    for decision in tables.decisions:
        if decision.authority_of:
            yield decision.authority_of
    for handover in tables.handovers:
        yield from (code for code in (handover.of, handover.to) if code)
