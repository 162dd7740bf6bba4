"""A report with the names of persons beside their ids, for who may see them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from uuid import UUID

from services.reading import Reading
from services.reports.frame import Column, Given, Report, Row

NamesOf = Callable[[Iterable[UUID], Reading], Mapping[UUID, str]]
PORTION = 10_000  # rows whose persons are named at once, which is one reading on record


def name_column(column: Column) -> Column:
    """The column that stands behind one of persons."""
    return Column(_named(column.name), "Họ và tên", "Name")


def with_names(report: Report, names_of: NamesOf) -> Report:
    """The same report; behind each column of persons one of their names."""
    of = [column.name for column in report.columns if column.type == "person"]
    columns = (
        each
        for column in report.columns
        for each in ([column, name_column(column)] if column.name in of else [column])
    )

    def rows(reading: Reading, given: Given) -> Iterator[Row]:
        left = iter(report.rows(reading, given))
        while portion := list(islice(left, PORTION)):
            ids = {row[name] for row in portion for name in of if row.get(name) is not None}
            names = names_of(ids, reading)
            for row in portion:
                yield {**row, **{_named(n): names.get(row[n]) for n in of if row.get(n)}}

    return replace(report, columns=tuple(columns), rows=rows)


def _named(column: str) -> str:
    return f"{column.removesuffix('_id')}_name"
