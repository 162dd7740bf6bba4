"""`sogoc units`: administrative units on a day, one with its life, and trees of them."""

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
from projections.point import Point
from projections.units import Unit, Units
from services.reading import Reading

COLUMNS = (
    "code",
    "name",
    "type",
    "province_code",
    "level",
    "superior_code",
    "superior_name",
    "valid_from",
    "valid_to",
    "id",
)
SHOWN = ("code", "name", "type", "superior_name", "valid_from", "valid_to")
SPAN = ("valid_from", "valid_to", "name", "type", "code", "superior_name")


class Level(StrEnum):
    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"


def told(reading: Reading, units: Sequence[Unit], point: Point) -> list[dict[str, Any]]:
    """Units with their superior and the code of their province."""
    above = Units(reading.connection, reading.schema).all_above(units, point)
    return [_told(unit, above) for unit in units]


def _told(unit: Unit, above: Mapping[UUID, Unit]) -> dict[str, Any]:
    superior = above.get(unit.superior_id) if unit.superior_id else None
    province = _province(unit, above)
    return {
        "code": unit.code,
        "name": unit.name,
        "type": unit.type,
        "province_code": province and province.code,
        "level": unit.level,
        "superior_code": superior and superior.code,
        "superior_name": superior and superior.name,
        "valid_from": unit.valid_from,
        "valid_to": unit.valid_to,
        "id": unit.unit_id,
    }


def _province(unit: Unit, above: Mapping[UUID, Unit]) -> Unit | None:
    """The province it lies in, or itself; superiors are never a circle."""
    while unit.level != Level.PROVINCE:
        superior = above.get(unit.superior_id) if unit.superior_id else None
        if superior is None:
            return None
        unit = superior
    return unit


TRADE = Trade("units", Units, COLUMNS, told, SHOWN, SPAN)

group = typer.Typer(
    invoke_without_command=True,
    epilog="Example: sogoc units --level commune --valid-at 2025-06-30 --format csv",
)
app.add_typer(group, name="units")


@group.callback()
def units(
    context: typer.Context,
    level: Annotated[list[Level] | None, typer.Option(help="May be repeated.")] = None,
    type_: Annotated[
        list[str] | None, typer.Option("--type", help="phuong, xa ...; may be repeated.")
    ] = None,
    superior: Annotated[
        str | None, typer.Option(metavar="CODE|ID|NAME", help="Directly under this one.")
    ] = None,
    under: Annotated[
        str | None, typer.Option(metavar="CODE|ID|NAME", help="Anywhere below this one.")
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
    """List administrative units as they were on a day, in the order of the alphabet."""
    if context.invoked_subcommand:
        nodes.refuse_lost_options(context)
        return
    nodes.refuse_unknown("--type", type_ or [], "unit.type.")
    kinds = {"level": [str(each) for each in level or []], "type": type_ or []}
    with reading(valid_at, known_at) as found:
        filters = nodes.filters(
            found,
            TRADE,
            superior,
            under,
            code,
            name,
            kinds,
        )
        nodes.write_list(found, TRADE, filters, limit, format_)


nodes.add_commands(
    group,
    TRADE,
    one="unit",
    show="sogoc units show 00007 --valid-at 30/06/2025",
    tree="sogoc units tree 01 --depth 1",
)
