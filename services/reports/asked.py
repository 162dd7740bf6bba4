"""With what a report was asked, in words: for the head of a sheet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from projections.organisations import Organisations
from services.reading import Reading
from services.reports.frame import Given, Parameter, Report


def in_words(report: Report, reading: Reading, given: Given) -> Iterator[tuple[str, str]]:
    """(what, which) for each parameter that was given, in Vietnamese."""
    for parameter in report.parameters:
        value = given[parameter.name]
        if value is not None:
            yield parameter.words, _word(parameter, value, reading)


def _word(parameter: Parameter, value: Any, reading: Reading) -> str:
    match parameter.type, value:
        case "organisation", id_:
            organisations = Organisations(reading.connection, reading.schema)
            return organisations.names([id_], reading.point.known_at).get(id_, str(id_))
        case "day", date():
            return f"{value:%d/%m/%Y}"
        case "flag", bool():
            return "có" if value else "không"
    return str(value)
