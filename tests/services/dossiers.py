"""A small province before a reorganisation, and dossiers about it. All of it is invented.

tỉnh An (60) ─ xã Đồng (60001) ─ cơ sở Đồng ─ chi bộ 1 (Một, Hai, Ba), chi bộ 2 (Tư)
             ├ xã Suối (60002) ─ cơ sở Suối ─ chi bộ 3 (Năm)
             ├ xã Núi (60003)
             └ phường Bến (60004)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from domain.codes import Code
from domain.dossier.dossier import Dossier
from domain.dossier.tables import (
    After,
    Before,
    Decision,
    Declared,
    Handover,
    Heading,
    Rule,
    Seats,
    Tables,
    Transfer,
)
from domain.envelope import Actor, Authority, Envelope
from domain.leadership.values import Post
from domain.legal_basis import LegalBasis
from services.commands import Command, EstablishOrganisation, EstablishUnit
from services.dossiers.commands import Approve, CarryOut, Check, DrawUp
from services.dossiers.rehearsing import Rehearsal, rehearse
from services.leadership import EnterHolders, StartTerm
from services.membership import TakeOver
from services.record import replayed
from services.work import Work

STOOD, DAY, TODAY = date(2025, 8, 1), date(2026, 3, 1), date(2026, 11, 21)
EVE = date(2026, 2, 28)
PAPER = (LegalBasis("15-QĐ/TU", date(2025, 6, 20), "Ban Thường vụ Tỉnh ủy"),)
CENTRE, STATE = Authority("Bộ Chính trị"), Authority("Ủy ban Thường vụ Quốc hội")
DRAFTER, APPROVER = Actor("office-1"), Actor("office-2")
COMMUNES = {
    "60001": ("Xã Đồng", "xa"),
    "60002": ("Xã Suối", "xa"),
    "60003": ("Xã Núi", "xa"),
    "60004": ("Phường Bến", "phuong"),
}
BELOW = {
    "cơ sở Đồng": ("base_committee", "đảng bộ 60001"),
    "cơ sở Suối": ("base_committee", "đảng bộ 60002"),
    "chi bộ 1": ("cell", "cơ sở Đồng"),
    "chi bộ 2": ("cell", "cơ sở Đồng"),
    "chi bộ 3": ("cell", "cơ sở Suối"),
}
MEMBERS = {"Một": "chi bộ 1", "Hai": "chi bộ 1", "Ba": "chi bộ 1", "Tư": "chi bộ 2"}
MEMBERS |= {"Năm": "chi bộ 3"}
LEADS = "người đứng đầu xã Suối"


def id_of(name: str) -> UUID:
    """Of a unit by its code, else of what is called so in the tree above."""
    return uuid5(NAMESPACE_URL, f"dossier-tests/{name}")


def by_province() -> Authority:
    return Authority("Ban Thường vụ Tỉnh ủy An", id_of("đảng bộ 60"))


def envelope(on: date, authority: Authority, actor: Actor = DRAFTER, **more: Any) -> Envelope:
    usual: dict[str, Any] = {"decided_on": None, "basis": PAPER}
    return Envelope(effective_on=on, authority=authority, actor=actor, **(usual | more))


def act(actor: Actor = DRAFTER, **more: Any) -> Envelope:
    """Of what is done with a dossier."""
    usual: dict[str, Any] = {"basis": ()}
    return envelope(TODAY, Authority("Văn phòng Tỉnh ủy"), actor, **(usual | more))


def country() -> Iterator[Command]:
    """The province as it stood."""
    yield _unit("60", "Tỉnh An", "province", "tinh", None)
    yield _organisation("đảng bộ 60", "Đảng bộ tỉnh An", "province", None, "60")
    for code, (name, type_) in COMMUNES.items():
        yield from commune(code, name, type_)
    for name, (kind, above) in BELOW.items():
        yield organisation(name, kind, above)


def commune(code: str, name: str, type_: str = "xa") -> Iterator[Command]:
    """A commune of the province and the organisation upon it, as they stood."""
    yield _unit(code, name, "commune", type_, "60")
    called = f"Đảng bộ {name[0].lower()}{name[1:]}"
    yield _organisation(f"đảng bộ {code}", called, "commune_upper", "đảng bộ 60", code)


def people() -> Iterator[Command]:
    """Members of the cells, and one who leads xã Suối."""
    for who, where in MEMBERS.items():
        yield TakeOver(
            id=id_of(f"đảng tịch {who}"),
            envelope=envelope(STOOD, by_province()),
            person_id=id_of(f"người {who}"),
            cell_id=id_of(where),
            degree="official",
            party_age_on=date(2010, 9, 2),
        )
    yield StartTerm(
        organisation_id=id_of("đảng bộ 60002"),
        envelope=envelope(STOOD, by_province()),
        bodies=("executive_committee",),
        name="2025-2030",
        until=date(2030, 8, 1),
    )
    posts = [Post("executive_committee", "member"), Post("executive_committee", "secretary")]
    yield EnterHolders(
        organisation_id=id_of("đảng bộ 60002"),
        envelope=envelope(STOOD, by_province()),
        holders=tuple((id_of(LEADS), post, None) for post in posts),
    )


def organisation(name: str, kind: str, above: str) -> Command:
    """One that stands on no territory, as it stood."""
    return _organisation(name, name, kind, above, None)


def _unit(code: str, name: str, level: str, type_: str, above: str | None) -> Command:
    return EstablishUnit(
        id=id_of(code),
        envelope=envelope(STOOD, STATE),
        way="entered",
        level=level,
        type=type_,
        name=name,
        superior_id=id_of(above) if above else None,
        codes=(Code("nso", code),),
    )


def _organisation(
    name: str, called: str, kind: str, above: str | None, unit: str | None
) -> Command:
    return EstablishOrganisation(
        id=id_of(name),
        envelope=envelope(STOOD, by_province() if above else CENTRE),
        way="entered",
        kind=kind,
        name=called,
        superior_id=id_of(above) if above else None,
        unit_id=id_of(unit) if unit else None,
        setting="territory" if unit else None,
    )


# Rows

DECISIONS = (
    Decision(
        1, "NQ", "1700/NQ-UBTVQH15", date(2026, 2, 10), "Ủy ban Thường vụ Quốc hội", "sắp xếp"
    ),
    Decision(
        2,
        "QĐ",
        "21-QĐ/TU",
        date(2026, 2, 12),
        "Ban Thường vụ Tỉnh ủy An",
        "tổ chức đảng",
        authority_of="60",
    ),
)


def was(code: str, **more: Any) -> Before:
    """A commune of the province, as the register knows it."""
    usual: dict[str, Any] = {"subject": "unit", "level": "commune", "decision": "NQ"}
    return Before(row=0, code=code, **(usual | more))


def becomes(code: str, **more: Any) -> After:
    usual: dict[str, Any] = {"subject": "unit", "level": "commune", "decision": "NQ"}
    return After(row=0, code=code, **(usual | more))


def went(old: str, new: str, extent: str = "whole", **more: Any) -> Transfer:
    return Transfer(
        row=0, subject=more.pop("subject", "unit"), old=old, new=new, extent=extent, **more
    )


NAMES: dict[type, str] = {
    Before: "before",
    After: "after",
    Transfer: "transfers",
    Declared: "declared",
    Rule: "rules",
    Handover: "handovers",
    Seats: "seats",
}


def tables(*rows: Any, decisions: tuple[Decision, ...] = DECISIONS) -> Tables:
    """Rows of all sorts, numbered within their tables."""
    made: dict[str, list[Any]] = {}
    for row in rows:
        those = made.setdefault(NAMES[type(row)], [])
        those.append(replace(row, row=len(those) + 1))
    return Tables(decisions=decisions, **{name: tuple(those) for name, those in made.items()})


FOLLOW = (
    Rule(0, "organisation_kind.commune", "commune_upper"),
    Rule(0, "organisation_decision.commune", "QĐ"),
)
"""What organisations need in order to follow their units."""


def merger(name: str = "Xã Đồng Suối") -> Tables:
    """Xã Đồng and xã Suối become one; their organisations follow."""
    return tables(
        was("60001", name="Xã Đồng"),
        was("60002", name="Xã Suối"),
        becomes("60001", name=name, type="xa", superior="60"),
        went("60001", "60001"),
        went("60002", "60001"),
        *FOLLOW,
    )


HEADING = Heading("Sắp xếp xã Đồng và xã Suối", DAY, key="an/1", scope="60")
DOSSIER = id_of("hồ sơ 1")

# Acts


def drawn_up(register: Any, of: Tables, heading: Heading = HEADING, id_: UUID = DOSSIER) -> UUID:
    register.execute(DrawUp(id=id_, envelope=act(), heading=heading, tables=of))
    return id_


def checked(register: Any, id_: UUID = DOSSIER) -> str:
    """The digest of what it passes its check with."""
    at = register.store.position()
    register.execute(Check(id=id_, envelope=act(), today=TODAY, at=at))
    digest: str = dossier(register, id_).check.outcome.digest
    return digest


def carried_out(register: Any, of: Tables, heading: Heading = HEADING, id_: UUID = DOSSIER) -> Any:
    drawn_up(register, of, heading, id_)
    digest = checked(register, id_)
    register.execute(Approve(id=id_, envelope=act(APPROVER), digest=digest))
    return register.execute(CarryOut(id=id_, envelope=act(APPROVER), today=TODAY))


def dossier(register: Any, id_: UUID = DOSSIER) -> Any:
    return stream(register, id_)


def stream(register: Any, id_: UUID) -> Any:
    """Whatever stream that is, folded."""
    return replayed(register.store.histories([id_]))


def rehearsed(register: Any, of: Tables, heading: Heading = HEADING) -> Rehearsal:
    """What it would come to, without a dossier in the log."""
    work = Work(register.store, register.rules)
    drawn = Dossier.drawn_up(DOSSIER, heading, of, act())
    return rehearse(work, drawn, DRAFTER, TODAY, register.store.position())


def errors(
    register: Any, of: Tables, heading: Heading = HEADING
) -> list[tuple[str, int, str, str]]:
    """(table, row, field, rule) of all that is wrong."""
    found = rehearsed(register, of, heading).errors
    return [(each.table, each.row, each.field, each.rule) for each in found]
