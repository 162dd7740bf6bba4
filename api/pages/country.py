"""The whole country in figures, for the first page."""

from __future__ import annotations

from dataclasses import dataclass

from api.pages import counting
from api.pages.counting import EVE, REORGANISATION, Figure
from api.pages.subjects import on_day
from projections.organisations import Organisations
from projections.units import Units
from services.reading import Reading


@dataclass(frozen=True)
class Country:
    """The whole country in figures."""

    units: list[Figure]
    organisations: list[Figure]


def country(reading: Reading) -> Country:
    units = Units(reading.connection, reading.schema)
    organisations = Organisations(reading.connection, reading.schema)
    eve, day = on_day(reading, EVE), on_day(reading, REORGANISATION)
    return Country(
        counting.unit_figures(units.count(eve), units.count(day)),
        counting.organisation_figures(organisations.count(eve), organisations.count(day)),
    )
