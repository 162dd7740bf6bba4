"""Party organisations: what each is on every day, under whom, and on which unit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.names import folded, sort_key
from domain.organisation import PartyOrganisation
from domain.timeline import together
from projections.engine.view import View
from projections.known import Known, Stretch
from projections.nodes import Nodes
from projections.units import as_json


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation on the days from `valid_from` up to, not including, `valid_to`."""

    organisation_id: UUID
    kind: str
    name: str
    sort_key: str
    superior_id: UUID | None
    unit_id: UUID | None
    setting: str | None
    status: str  # "active", "suspended"
    codes: dict[str, str]  # by scheme
    valid_from: date
    valid_to: date | None
    known_from: int  # position
    known_to: int | None  # position at which it gave way; None: it stands


def stretches(organisation: PartyOrganisation, since: date) -> Iterator[Stretch]:
    """The active life of an organisation, as far as it reaches beyond `since`."""
    o = organisation
    schemes = tuple(sorted(o.codes))
    lines = (o.is_active, o.name, o.kind, o.superior_id, o.unit_id, o.setting, o.is_suspended)
    borne = (o.codes[scheme] for scheme in schemes)
    for values, first, after in together(*lines, *borne, since=since):
        active, name, kind, superior_id, unit_id, setting, suspended, *codes = values
        if active:
            row = (
                *(o.id, kind, name, folded(name), sort_key(name), superior_id, unit_id, setting),
                "suspended" if suspended else "active",
                as_json(schemes, tuple(codes)),
            )
            yield Stretch(row, first, after)


ORGANISATIONS = View(
    name="organisations",
    version=1,
    aggregates=(PartyOrganisation,),
    table="spans",
    stream="organisation_id",
    columns=(
        "organisation_id",
        "kind",
        "name",
        "folded",
        "sort_key",
        "superior_id",
        "unit_id",
        "setting",
        "status",
        "codes",
        "valid",
        "known",
    ),
    begin=lambda reached: Known(stretches),
    key="valid",
)


class Organisations(Nodes[Organisation]):
    """Questions about organisations: `Organisations(connection, schema)`."""

    view, row, id = "organisations", Organisation, "organisation_id"
    kinds = ("kind", "status")
