"""Party organisations: what each is on every day, under whom, and on which unit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from psycopg.sql import SQL, Identifier

from domain.names import folded, sort_key
from domain.organisation import PartyOrganisation
from domain.timeline import together
from projections.engine.marks import namespace
from projections.engine.view import View
from projections.known import Known, Stretch
from projections.nodes import Nodes
from projections.point import Point
from projections.sql import statement
from projections.units import UNITS, as_json


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


@dataclass(frozen=True, slots=True)
class Numbered:
    """How many organisations of a kind stand directly under one, on units of one type."""

    superior_id: UUID | None  # None: under nobody
    kind: str
    level: str | None  # of the unit; None: they stand on none
    type: str | None
    number: int


class Organisations(Nodes[Organisation]):
    """Questions about organisations: `Organisations(connection, schema)`."""

    view, row, id = "organisations", Organisation, "organisation_id"
    kinds = ("kind", "status")

    def numbers(self, point: Point, under: UUID | None = None) -> list[Numbered]:
        """Of all, or of those anywhere below one, itself left out; in no order."""
        below = SQL("s.organisation_id = ANY(ARRAY({}))").format(self._statement("nodes_ids_below"))
        query = statement(
            "organisations_numbers",
            spans=self._spans,
            units=Identifier(namespace(self._schema, UNITS.name), UNITS.table),
            within=SQL("true") if under is None else below,
        )
        values = {"day": point.valid_at, "known": point.known_at, "under": under}
        return [Numbered(*row) for row in self._tuples(query, values)]
