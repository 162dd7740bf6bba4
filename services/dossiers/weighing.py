"""What is allowed and yet worth a look before approving: sizes, and posts nobody will hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.aggregate import Aggregate
from domain.dossier.findings import WARNING, Finding
from domain.leadership import Leadership, leadership_id
from domain.membership import Membership
from domain.organisation import PartyOrganisation
from domain.unit import AdministrativeUnit
from services.work import Work


@dataclass(frozen=True)
class Vacancy:
    """A post of a touched organisation with seats that nobody holds on the day."""

    organisation_id: UUID
    called: str
    body: str
    post: str
    seats: int
    filled: int
    due_on: date | None


@dataclass(frozen=True)
class CodeChange:
    """A code that means something else from the day on: who reads by code is affected."""

    code: str
    was: str | None  # name of who bore it on the eve; None: nobody
    is_: str | None  # and of who bears it on the day
    change: str  # "retired", "reused" (another one bears it), "renamed", "new"


def weighed(streams: Iterable[Aggregate], work: Work, day: date) -> Iterator[Finding]:
    """Warnings: cells of too few or many members, new organisations without seats."""
    unseated: Counter[str] = Counter()
    organisations = [s for s in streams if isinstance(s, PartyOrganisation) and s.is_active_on(day)]
    work.look_up(f"on:{each.id}" for each in organisations)
    work.load(leadership_id(each.id) for each in organisations)
    for stream in organisations:
        yield from _sizes(stream, work, day)
        leadership = work.find_any(Leadership, leadership_id(stream.id))
        if stream.first_day() == day and (leadership is None or not leadership.seats):
            unseated[stream.kind.at(day) or ""] += 1
    for kind, number in sorted(unseated.items()):
        words = f"{number} of kind {kind} begin without seats: no vacancy will be shown"
        yield Finding("seats", 0, "kind", "seats-stated", words, severity=WARNING)


def _sizes(cell: PartyOrganisation, work: Work, day: date) -> Iterator[Finding]:
    members = [
        each
        for each in work.bearers(f"on:{cell.id}")
        if isinstance(each, Membership) and each.cell_on(day) == cell.id
    ]
    rules = work.rules.on(day)
    least, most = rules.rule("cell.official_members_min"), rules.rule("base_committee.members_min")
    official = sum(each.is_official_on(day) for each in members)
    if members and official < least.value:
        words = f"{cell.called(day)} has {official} official members, fewer than {least.value}"
        yield _warning("members", "R-SIZE-1", words, least.document)
    if len(members) >= most.value:
        words = f"{cell.called(day)} has {len(members)} members: {most.value} make a committee"
        yield _warning("members", "R-SIZE-3", words, most.document)


def _warning(field: str, rule: str, words: str, document: str) -> Finding:
    return Finding("dossier", 0, field, rule, words, document, WARNING)


def vacancies(streams: Iterable[Aggregate], work: Work, day: date) -> Iterator[Vacancy]:
    """Seats of touched organisations that nobody would hold on the day."""
    for stream in streams:
        if not isinstance(stream, Leadership) or stream.closed.at(day):
            continue
        organisation = work.find(stream.organisation_id)
        called = organisation.called(day) if organisation else None
        for (body, post), line in stream.seats.items():
            planned = line.at(day)
            filled = len(stream.holders(body, post, day))
            if planned is not None and filled < planned.number:
                about = (stream.organisation_id, called or str(stream.organisation_id))
                yield Vacancy(*about, body, post, planned.number, filled, planned.due_on)


def code_changes(streams: Iterable[Aggregate], eve: date, day: date) -> list[CodeChange]:
    """Codes of units that mean something else from the day on."""
    units = [each for each in streams if isinstance(each, AdministrativeUnit)]
    was, is_ = _bearers(units, eve), _bearers(units, day)
    changes = []
    for code in sorted(was.keys() | is_.keys()):
        before, after = was.get(code), is_.get(code)
        old = before.called(eve) if before else None
        new = after.called(day) if after else None
        if after is None:
            changes.append(CodeChange(code, old, new, "retired"))
        elif before is None:
            changes.append(CodeChange(code, old, new, "new"))
        elif before.id != after.id:
            changes.append(CodeChange(code, old, new, "reused"))
        elif old != new:
            changes.append(CodeChange(code, old, new, "renamed"))
    return changes


def _bearers(units: Iterable[AdministrativeUnit], on: date) -> dict[str, AdministrativeUnit]:
    return {
        value: unit
        for unit in units
        if unit.is_active_on(on)
        for line in unit.codes.values()
        if (value := line.at(on)) is not None
    }
