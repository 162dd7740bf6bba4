"""Administrative units: what each is on every day, and who stands under whom."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from uuid import UUID

from domain.names import folded, sort_key
from domain.timeline import together
from domain.unit import AdministrativeUnit
from projections.engine.view import View
from projections.known import Known, Stretch
from projections.nodes import Nodes


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit on the days from `valid_from` up to, not including, `valid_to`."""

    unit_id: UUID
    level: str
    type: str
    name: str
    sort_key: str
    code: str | None  # in the scheme "nso"
    codes: dict[str, str]  # by scheme
    superior_id: UUID | None
    valid_from: date
    valid_to: date | None
    known_from: int  # position
    known_to: int | None  # position at which it gave way; None: it stands


def stretches(unit: AdministrativeUnit, since: date) -> Iterator[Stretch]:
    """The active life of a unit, as far as it reaches beyond `since`."""
    schemes = tuple(sorted(unit.codes))
    lines = (unit.is_active, unit.name, unit.type, unit.superior_id)
    borne = (unit.codes[scheme] for scheme in schemes)
    for (active, name, type_, superior_id, *values), first, after in together(
        *lines, *borne, since=since
    ):
        if active:
            code = values[schemes.index("nso")] if "nso" in schemes else None
            named = (unit.id, unit.level, type_, name, folded(name), sort_key(name))
            codes = as_json(schemes, tuple(values))
            yield Stretch((*named, code, codes, superior_id), first, after)


@lru_cache(maxsize=65536)
def as_json(schemes: tuple[str, ...], values: tuple[str | None, ...]) -> str:
    """The codes that are borne, by scheme."""
    borne = zip(schemes, values, strict=True)
    return json.dumps({scheme: value for scheme, value in borne if value is not None})


UNITS = View(
    name="units",
    version=1,
    aggregates=(AdministrativeUnit,),
    table="spans",
    stream="unit_id",
    columns=(
        "unit_id",
        "level",
        "type",
        "name",
        "folded",
        "sort_key",
        "code",
        "codes",
        "superior_id",
        "valid",
        "known",
    ),
    begin=lambda reached: Known(stretches),
    key="valid",
)


class Units(Nodes[Unit]):
    """Questions about units: `Units(connection, schema)`."""

    view, row, id = "units", Unit, "unit_id"
    kinds = ("level", "type")
