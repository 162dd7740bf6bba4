"""Whom a command is about: an id, a code, or a name with or without tone marks.

What fits several is listed and refused; nothing is ever picked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import typer

from domain.errors import InvalidValue, NotFound
from domain.names import folded, same_name
from ops.cli.points import official
from projections.nodes import Filters, Nodes
from projections.organisations import Organisations
from projections.units import Units
from services.diff import Category
from services.reading import Reading

NODES: dict[Category, type[Nodes[Any]]] = {"units": Units, "organisations": Organisations}
BOTH: tuple[Category, ...] = ("units", "organisations")
FETCHED_MAX = 1000  # rows; of more than one candidate none is taken, so none can be missed
LISTED_MAX = 20


@dataclass(frozen=True)
class Subject:
    """Who was meant, and its spans that were looked at."""

    category: Category
    id: UUID
    spans: tuple[Any, ...]

    @property
    def name(self) -> str:
        return str(self.spans[-1].name)


Look = Callable[[Category, Filters], Sequence[Any]]


def subject(
    reading: Reading,
    text: str,
    categories: Sequence[Category] = BOTH,
    *,
    active_only: bool = False,
) -> Subject:
    """The one that bears this id, code or name on the day of the reading.

    When nobody does, the one that does on any day, unless `active_only`. Raises NotFound;
    InvalidValue when several fit, after these were listed on the standard error.
    """
    found = _on_the_day(reading, text, categories)
    if not found:
        ever = _on_any_day(reading, text, categories)
        if active_only or not ever:
            raise NotFound(_missing(reading, text, ever))
        found = ever
    if len(found) > 1:
        _list(found)
        raise InvalidValue(
            f"{text!r} fits {_number(found)}: ask with the id, a code or the whole name",
            field="subject",
        )
    return found[0]


def _number(found: Sequence[Subject]) -> str:
    return "very many" if sum(len(each.spans) for each in found) >= FETCHED_MAX else str(len(found))


def _on_the_day(reading: Reading, text: str, categories: Sequence[Category]) -> list[Subject]:
    def look(category: Category, filters: Filters) -> Sequence[Any]:
        return _nodes(reading, category).many(reading.point, filters, limit=FETCHED_MAX)

    def by_id(category: Category, id_: UUID) -> Sequence[Any]:
        return _nodes(reading, category).named([id_], reading.point)

    return _first(text, categories, look, by_id)


def _on_any_day(reading: Reading, text: str, categories: Sequence[Category]) -> list[Subject]:
    known_at = reading.point.known_at

    def look(category: Category, filters: Filters) -> Sequence[Any]:
        return _nodes(reading, category).ever(known_at, filters, FETCHED_MAX)

    def by_id(category: Category, id_: UUID) -> Sequence[Any]:
        return _nodes(reading, category).history(id_, known_at)

    return _first(text, categories, look, by_id)


def _first(
    text: str,
    categories: Sequence[Category],
    look: Look,
    by_id: Callable[[Category, UUID], Sequence[Any]],
) -> list[Subject]:
    """What is found by the first way of naming that finds anything."""
    if (id_ := as_id(text)) is not None:
        return [s for c in categories for s in _subjects(c, by_id(c, id_))]
    ways = [
        lambda c: look(c, Filters(code=text.strip())),
        lambda c: _on_units(text, look) if list(categories) == ["organisations"] else (),
        *_names(text, look),
    ]
    for way in ways:
        if found := [s for c in categories for s in _subjects(c, way(c))]:
            return found
    return []


def _on_units(text: str, look: Look) -> list[Any]:
    """Organisations on the unit of that code."""
    ids = {unit.unit_id for unit in look("units", Filters(code=text.strip()))}
    return [row for id_ in ids for row in look("organisations", Filters(unit_id=id_))]


def _names(text: str, look: Look) -> Iterator[Callable[[Category], Sequence[Any]]]:
    """The whole name before a part of it; with tone marks, when they were given, before without."""
    plain, marked = folded(text), " ".join(same_name(text).split())
    if not plain:
        return
    fits: list[Callable[[str], bool]] = [
        lambda name: same_name(name) == marked,
        lambda name: folded(name) == plain,
        lambda name: marked in same_name(name),
        lambda name: True,
    ]
    for fit in fits[:] if marked != plain else fits[1::2]:
        yield lambda c, fit=fit: [r for r in look(c, Filters(name=plain)) if fit(r.name)]  # type: ignore[misc]


def _subjects(category: Category, rows: Sequence[Any]) -> list[Subject]:
    id_ = NODES[category].id
    spans: dict[UUID, list[Any]] = {}
    for row in rows:
        spans.setdefault(getattr(row, id_), []).append(row)
    return [Subject(category, each, tuple(found)) for each, found in spans.items()]


def _nodes(reading: Reading, category: Category) -> Nodes[Any]:
    return NODES[category](reading.connection, reading.schema)


def as_id(text: str) -> UUID | None:
    """None for what is no id."""
    try:
        return UUID(text.strip()) if len(text.strip()) >= 32 else None
    except ValueError:
        return None


def _missing(reading: Reading, text: str, ever: Sequence[Subject]) -> str:
    words = f"Nothing bears the id, code or name {text!r} on {official(reading.point.valid_at)}"
    if not ever:
        return f"{words}, nor on any other day that is known"
    days = {_days(each.spans[0].valid_from, each.spans[-1].valid_to) for each in ever}
    return f"{words}, but {ever[0].name!r} did {', '.join(sorted(days)[:3])}: ask with --valid-at"


def _list(found: Sequence[Subject]) -> None:
    for each in found[:LISTED_MAX]:
        typer.echo(f"  {_line(each)}", err=True)
    if len(found) > LISTED_MAX:
        typer.echo(f"  ... and {len(found) - LISTED_MAX} more", err=True)


def _line(subject: Subject) -> str:
    last = subject.spans[-1]
    kind = last.kind if subject.category == "organisations" else f"{last.level} {last.type}"
    codes = ", ".join(last.codes.values()) or "no code"
    days = _days(subject.spans[0].valid_from, last.valid_to)
    return f"{subject.id}  {last.name} ({codes}), {kind}, {days}"


def _days(first: date, after: date | None) -> str:
    return f"from {official(first)}" + (f" until before {official(after)}" if after else "")
