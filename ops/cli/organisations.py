"""`sogoc organisations`: Party organisations on a day, one with its life, and trees of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import typer

from ops.cli import nodes
from ops.cli.app import As, Limit, app
from ops.cli.asking import reading
from ops.cli.nodes import Trade
from ops.cli.points import KnownAt, ValidAt
from ops.cli.subjects import subject
from projections.organisations import Organisation, Organisations
from projections.point import Point
from projections.units import Unit, Units
from services.reading import Reading

COLUMNS = (
    "name",
    "kind",
    "status",
    "superior_name",
    "unit_code",
    "unit_name",
    "setting",
    "valid_from",
    "valid_to",
    "id",
    "superior_id",
    "unit_id",
    "codes",
)
SHOWN = ("name", "kind", "status", "superior_name", "unit_code", "valid_from", "valid_to")
SPAN = ("valid_from", "valid_to", "name", "kind", "status", "superior_name", "unit_name")


class Status(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"


def told(
    reading: Reading, organisations: Sequence[Organisation], point: Point
) -> list[dict[str, Any]]:
    """Organisations with their superior and the unit they stand on."""
    asking = Organisations(reading.connection, reading.schema)
    superiors = {o.superior_id for o in organisations if o.superior_id}
    units = {o.unit_id for o in organisations if o.unit_id}
    above = {o.organisation_id: o for o in asking.named(list(superiors), point)}
    places = Units(reading.connection, reading.schema).named(list(units), point)
    on = {unit.unit_id: unit for unit in places}
    return [_told(organisation, above, on) for organisation in organisations]


def _told(
    organisation: Organisation, above: Mapping[UUID, Organisation], on: Mapping[UUID, Unit]
) -> dict[str, Any]:
    o = organisation
    superior = above.get(o.superior_id) if o.superior_id else None
    unit = on.get(o.unit_id) if o.unit_id else None
    return {
        "name": o.name,
        "kind": o.kind,
        "status": o.status,
        "superior_name": superior and superior.name,
        "unit_code": unit and unit.code,
        "unit_name": unit and unit.name,
        "setting": o.setting,
        "valid_from": o.valid_from,
        "valid_to": o.valid_to,
        "id": o.organisation_id,
        "superior_id": o.superior_id,
        "unit_id": o.unit_id,
        "codes": o.codes,
    }


TRADE = Trade("organisations", Organisations, COLUMNS, told, SHOWN, SPAN)

group = typer.Typer(
    invoke_without_command=True,
    epilog="Example: sogoc organisations --kind commune_upper --superior 01 --format csv",
)
app.add_typer(group, name="organisations")


@group.callback()
def organisations(
    context: typer.Context,
    kind: Annotated[
        list[str] | None, typer.Option(help="province, commune_upper ...; may be repeated.")
    ] = None,
    status: Annotated[list[Status] | None, typer.Option(help="May be repeated.")] = None,
    superior: Annotated[
        str | None, typer.Option(metavar="CODE|ID|NAME", help="Directly under this one.")
    ] = None,
    under: Annotated[
        str | None, typer.Option(metavar="CODE|ID|NAME", help="Anywhere below this one.")
    ] = None,
    unit: Annotated[
        str | None, typer.Option(metavar="CODE|ID|NAME", help="Stands on this unit.")
    ] = None,
    code: Annotated[str | None, typer.Option(help="Bears this code, of any scheme.")] = None,
    name: Annotated[
        str | None, typer.Option(help="A part of the name, with or without tone marks.")
    ] = None,
    valid_at: ValidAt = None,
    known_at: KnownAt = None,
    limit: Limit = None,
    format_: As = None,
) -> None:
    """List Party organisations as they were on a day, in the order of the alphabet."""
    if context.invoked_subcommand:
        nodes.refuse_lost_options(context)
        return
    nodes.refuse_unknown("--kind", kind or [], "organisation.kind.")
    kinds = {"kind": kind or [], "status": [str(each) for each in status or []]}
    with reading(valid_at, known_at) as found:
        filters = nodes.filters(
            found,
            TRADE,
            superior,
            under,
            code,
            name,
            kinds,
            unit_id=subject(found, unit, ["units"], active_only=True).id if unit else None,
        )
        nodes.write_list(found, TRADE, filters, limit, format_)


nodes.add_commands(
    group,
    TRADE,
    one="organisation",
    show="sogoc organisations show 'dang bo phuong ba dinh'",
    tree="sogoc organisations tree 01 --depth 1",
)
