"""The decisions of a dossier as the envelopes of its events: who decided, on which documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from domain.dossier.findings import Finding, found
from domain.dossier.tables import SUPERIOR, Decision, Tables
from domain.envelope import Actor, Authority, Envelope
from domain.legal_basis import LegalBasis
from domain.organisation import PartyOrganisation
from services.dossiers.references import NotMeant, References
from services.patterns import COMMITTEE_WORDS, standing_board
from services.work import Work

PARTY_COMMITTEE = "Đảng ủy"
ORGANISATION_WORD = "Đảng bộ"


class Circumstances:
    """Makes envelopes; slips in the decisions go to `findings`, each once."""

    def __init__(
        self,
        tables: Tables,
        day: date,
        actor: Actor,
        correlation_id: str,
        findings: list[Finding],
    ) -> None:
        self._decisions: dict[str, Decision] = {}
        self._first = tables.decisions[0].ref if tables.decisions else None
        self._day, self._actor, self._correlation_id = day, actor, correlation_id
        self._findings = findings
        self._made: dict[tuple[str, Authority], Envelope] = {}
        for each in tables.decisions:
            if each.ref in self._decisions:
                findings.append(found("decisions", each, "ref", "ref-once", f"{each.ref!r} twice"))
            self._decisions.setdefault(each.ref, each)
        self._refuse_unknown_citations(tables.decisions)
        if not tables.decisions:
            words = "Nothing is decided: a dossier rests on one document at least"
            findings.append(Finding("decisions", 0, "ref", "basis-given", words))

    def _refuse_unknown_citations(self, decisions: Sequence[Decision]) -> None:
        for each in decisions:
            for ref in each.cites:
                if ref not in self._decisions:
                    words = f"No decision is called {ref!r}"
                    self._findings.append(found("decisions", each, "cites", "ref-known", words))

    def envelope(
        self, ref: str | None, references: References, work: Work, superior_id: UUID | None
    ) -> Envelope:
        """Of an event that rests on that decision; `superior_id` is of whom it concerns.

        Raises NotMeant where no such decision, or no authority, is known.
        """
        decision = self._decisions.get(ref or self._first or "")
        if decision is None:
            raise NotMeant(f"No decision is called {ref!r}")
        authority = self._authority(decision, references, work, superior_id)
        key = (decision.ref, authority)
        if key not in self._made:
            self._made[key] = self._envelope(decision, authority)
        return self._made[key]

    def _envelope(self, decision: Decision, authority: Authority) -> Envelope:
        cited = (self._decisions[ref] for ref in decision.cites if ref in self._decisions)
        return Envelope(
            effective_on=self._day,
            decided_on=decision.decided_on or decision.issued_on,
            actor=self._actor,
            authority=authority,
            basis=(_document(decision), *map(_document, cited)),
            reason=decision.reason,
            correlation_id=self._correlation_id,
        )

    def _authority(
        self,
        decision: Decision,
        references: References,
        work: Work,
        superior_id: UUID | None,
    ) -> Authority:
        if decision.authority == SUPERIOR:
            if superior_id is None:
                raise NotMeant(f"{decision.ref} is the superior's, and nothing is above it")
            return Authority(board(superior_id, self._day, work, references), superior_id)
        name = decision.authority or decision.issuer
        if decision.authority_of is not None:
            of = references.after("organisation", decision.authority_of)
            if of is None:
                raise NotMeant(f"Nobody is meant by {decision.authority_of!r}")
            return Authority(name or board(of, self._day, work, references), of)
        if name is None:
            raise NotMeant(f"{decision.ref} names neither an authority nor an issuer")
        return Authority(name)


def board(organisation_id: UUID, day: date, work: Work, references: References) -> str:
    """The standing board of an organisation, by the official pattern.

    "Đảng bộ tỉnh Lào Cai" gives "Ban Thường vụ Tỉnh ủy Lào Cai".
    """
    organisation = work.find_any(PartyOrganisation, organisation_id)
    if organisation is None:
        raise NotMeant(f"There is no organisation {organisation_id}")
    on = day if organisation.is_active_on(day) else references.eve
    name = organisation.called(on) or ""
    unit = references.unit_of(organisation, on)
    if unit is not None and unit.level != "commune":
        called, type_ = unit.called(on) or "", unit.type.at(on) or ""
        if type_ in COMMITTEE_WORDS:
            return standing_board(called, type_)
    return f"Ban Thường vụ {PARTY_COMMITTEE} {name.removeprefix(ORGANISATION_WORD).strip()}"


def _document(decision: Decision) -> LegalBasis:
    return LegalBasis(decision.number, decision.issued_on, decision.issuer, decision.title)
