"""A small province with communes, bases and cells, and what clerks say about its members.

    tỉnh An ─ xã Đông ─ cơ sở 1 ─ chi bộ 1, chi bộ 2
            │         └ cơ sở 2 ─ chi bộ 3
            └ xã Tây ── cơ sở 3 ─ chi bộ 4
    tỉnh Bắc ─ xã Xa ── cơ sở 4 ─ chi bộ 5

All persons, organisations and documents are invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from domain.envelope import Actor, Authority, Envelope
from domain.legal_basis import LegalBasis
from services.commands import Command, EstablishOrganisation
from services.membership import TakeOver

JULY = date(2025, 7, 1)
DECISION = (LegalBasis("15-QĐ/TU", date(2025, 6, 20), "Ban Thường vụ Tỉnh ủy"),)
CENTRE = Authority("Bộ Chính trị")

TREE: dict[str, tuple[str, str | None]] = {
    "tỉnh An": ("province", None),
    "tỉnh Bắc": ("province", None),
    "xã Đông": ("commune_upper", "tỉnh An"),
    "xã Tây": ("commune_upper", "tỉnh An"),
    "xã Xa": ("commune_upper", "tỉnh Bắc"),
    "cơ sở 1": ("base_committee", "xã Đông"),
    "cơ sở 2": ("base_committee", "xã Đông"),
    "cơ sở 3": ("base_committee", "xã Tây"),
    "cơ sở 4": ("base_committee", "xã Xa"),
    "chi bộ 1": ("cell", "cơ sở 1"),
    "chi bộ 2": ("cell", "cơ sở 1"),
    "chi bộ 3": ("cell", "cơ sở 2"),
    "chi bộ 4": ("cell", "cơ sở 3"),
    "chi bộ 5": ("cell", "cơ sở 4"),
}
CELLS = [name for name, (kind, _) in TREE.items() if kind == "cell"]


def id_of(name: str) -> UUID:
    """Of an organisation, a person or a membership, by its name in the test."""
    return uuid5(NAMESPACE_URL, name)


def province_of(name: str) -> str:
    above = TREE[name][1]
    return name if above is None else province_of(above)


def by(name: str = "tỉnh An") -> Authority:
    """The body of that organisation decides."""
    return Authority(f"Ban Thường vụ {name}", id_of(name))


def envelope(on: date, authority: Authority | None = None, **more: Any) -> Envelope:
    usual = {"decided_on": None, "actor": Actor("tests"), "basis": DECISION}
    return Envelope(effective_on=on, authority=authority or by(), **(usual | more))


def about(who: str, on: date, authority: Authority | None = None, **more: Any) -> dict[str, Any]:
    """What every command about a membership has."""
    return {"id": id_of(f"đảng tịch {who}"), "envelope": envelope(on, authority, **more)}


def organisations(on: date = JULY) -> Iterator[Command]:
    """The tree above, as it stood on that day."""
    for name, (kind, above) in TREE.items():
        authority = CENTRE if above is None else by(province_of(name))
        yield EstablishOrganisation(
            id=id_of(name),
            envelope=envelope(on, authority),
            way="entered" if above is None else "new",
            kind=kind,
            name=name,
            superior_id=id_of(above) if above else None,
        )


def cell(name: str, above: str, on: date) -> EstablishOrganisation:
    """A new cell."""
    return EstablishOrganisation(
        id=id_of(name),
        envelope=envelope(on, by(province_of(above))),
        way="new",
        kind="cell",
        name=name,
        superior_id=id_of(above),
    )


def entered(who: str, where: str, on: date = JULY, **more: Any) -> TakeOver:
    """A member of before, taken in as it stood."""
    usual: dict[str, Any] = {"degree": "official", "party_age_on": date(2010, 9, 2)}
    if more.get("degree") == "probationary":
        usual["party_age_on"] = date(2025, 5, 19)
    return TakeOver(
        **about(who, on, by(province_of(where))),
        person_id=id_of(f"người {who}"),
        cell_id=id_of(where),
        **(usual | more),
    )


def voiding(command: Command, position: int) -> Command:
    """The same wish, taking back the event at that position."""
    return replace(command, envelope=replace(command.envelope, voids=position))
