"""`sogoc diff`, `sogoc why`, `sogoc rules`: what differs, why it is so, and by which rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, cast
from uuid import UUID

import typer

from domain.aggregate import Event
from domain.errors import NotFound
from domain.rulebook import RuleValue
from ops.cli.app import As, Limit, app
from ops.cli.asking import asked
from ops.cli.output import is_for_people, write
from ops.cli.points import KnownAt, TypedPoint, ValidAt, read_day, read_point
from ops.cli.subjects import BOTH, NODES, subject
from ops.wiring import Wiring, today
from projections.point import Point
from services.diff import OF, Category, Difference, differences
from services.reading import Reading
from services.rulebook import rule_book
from services.why import Statement
from services.why import why as asked_why

PAGE = 500  # nodes
DIFFERENT = (
    "category",
    "name",
    "field",
    "before",
    "after",
    "cause",
    "effective_on",
    "event_type",
    "document",
    "position",
    "recorded_at",
    "id",
)
REASONS = (
    "standing",
    "value",
    "effective_on",
    "event_type",
    "authority",
    "document",
    "position",
    "recorded_at",
    "actor_id",
    "reason",
    "voided_by",
)
RULES = ("key", "value", "valid_from", "valid_to", "document", "verified", "source", "rule_set")


class Categories(StrEnum):
    UNITS = "units"
    ORGANISATIONS = "organisations"


OneCategory = Annotated[
    Categories | None, typer.Option("--category", help="These only; both if left out.")
]
POINT = "DAY[@POSITION|TIME]"


def _categories(chosen: Categories | None) -> Sequence[Category]:
    return BOTH if chosen is None else [cast(Category, str(chosen))]


# diff


@app.command(epilog="Example: sogoc diff --from 2025-06-30 --to 2025-07-01 --category units")
def diff(
    begins: Annotated[
        TypedPoint,
        typer.Option(
            "--from", parser=read_point, metavar=POINT, help="A day, and what was known of it."
        ),
    ],
    ends: Annotated[
        TypedPoint,
        typer.Option(
            "--to", parser=read_point, metavar=POINT, help="Knowledge left out: all there is."
        ),
    ],
    category: OneCategory = None,
    format_: As = None,
) -> None:
    """Tell what differs between two points, and whether it happened, was learned or corrected.

    A row for each field that differs. Without a position, a day is looked at as known now.
    """
    with asked(ends.day, ends.known_at) as (wiring, reading):
        everything = reading.basis.position
        known_at = everything if begins.known_at is None else begins.known_at
        with wiring.readings.at(begins.day, known_at) as other:
            a = other.point
        rows = _differing(wiring, reading, _categories(category), a, is_for_people(format_))
        write(rows, format_, DIFFERENT, shown=DIFFERENT[1:10])


def _differing(
    wiring: Wiring, reading: Reading, categories: Sequence[Category], a: Point, in_words: bool
) -> Iterator[dict[str, Any]]:
    b = reading.point
    for category in categories:
        after: UUID | None = None
        while True:
            found, after = differences(wiring.register, reading, category, a, b, after, PAGE)
            yield from _pages(reading, category, found, max(a.known_at, b.known_at), in_words)
            if after is None:
                break


def _pages(
    reading: Reading, category: Category, found: list[Difference], known_at: int, in_words: bool
) -> Iterator[dict[str, Any]]:
    names = _names(reading, [d.id for d in found], known_at)
    if in_words:
        names |= _names(reading, [v for d in found for v in (d.before, d.after)], known_at)
    for each in found:
        row = {
            "category": category,
            "id": each.id,
            "name": names.get(each.id),
            "field": each.field,
            "before": names.get(each.before, each.before) if in_words else each.before,
            "after": names.get(each.after, each.after) if in_words else each.after,
            "cause": str(each.cause),
        }
        yield row | _because(each.event)


def _names(reading: Reading, values: Sequence[Any], known_at: int) -> dict[Any, str]:
    """The names of those among these values that are ids."""
    ids = [value for value in set(values) if isinstance(value, UUID)]
    asking = [NODES[category](reading.connection, reading.schema) for category in BOTH]
    return {id_: name for nodes in asking for id_, name in nodes.names(ids, known_at).items()}


def _because(event: Event | None) -> dict[str, Any]:
    if event is None:
        names = ("position", "event_type", "effective_on", "recorded_at", "document")
        return dict.fromkeys(names)
    return {
        "position": event.position,
        "event_type": event.TOPIC,
        "effective_on": event.effective_on,
        "recorded_at": event.recorded_at,
        "document": _document(event),
    }


def _document(event: Event) -> str | None:
    """The number of the deciding document."""
    return event.basis[0].number if event.basis else None


# why


@app.command(epilog="Example: sogoc why 00007 is_active --valid-at 01/07/2025")
def why(
    who: Annotated[str, typer.Argument(metavar="CODE|ID|NAME", help="A unit or organisation.")],
    field: Annotated[str, typer.Argument(help="name, superior_id, type, code.nso ...")],
    valid_at: ValidAt = None,
    known_at: KnownAt = None,
    category: OneCategory = None,
    format_: As = None,
) -> None:
    """Tell why a value is what it is: what decides, gave way, was taken back, and comes later."""
    with asked(valid_at, known_at) as (wiring, reading):
        found = subject(reading, who, _categories(category))
        point = reading.point
        answer = asked_why(wiring.register, OF[found.category], found.id, field, point)
        rows = [_reason(*each) for each in answer.statements()]
        if is_for_people(format_):
            names = _names(reading, [row["value"] for row in rows], point.known_at)
            rows = [row | {"value": names.get(row["value"], row["value"])} for row in rows]
        title = f"{found.name}: {field} on {point.valid_at:%d/%m/%Y}"
        write(rows, format_, REASONS, title, REASONS[:9])


def _reason(standing: str, said: Statement) -> dict[str, Any]:
    event, envelope = said.event, said.event.envelope
    return {
        "standing": standing,
        "value": said.value,
        "authority": envelope.authority.name,
        "actor_id": envelope.actor.id,
        "reason": envelope.reason,
        "voided_by": said.voided_by,
    } | _because(event)


# rules


@app.command(epilog="Example: sogoc rules --on 2025-07-01 organisation.kind")
def rules(
    key: Annotated[
        str | None, typer.Argument(help="One rule, or the beginning of several; all if left out.")
    ] = None,
    on: Annotated[
        date | None,
        typer.Option(parser=read_day, metavar="DAY", help="In force on that day; today if not."),
    ] = None,
    limit: Limit = None,
    format_: As = None,
) -> None:
    """Show the rules in force on a day, each with the document that sets it."""
    found = rule_book().on(on or today())
    chosen = [found.values[k] for k in sorted(found.values) if _is_asked(k, key)][:limit]
    if not chosen:
        raise NotFound(f"No rule of {found.day:%d/%m/%Y} sets {key}", rule=key, document=found.id)
    rows = ({"rule_set": found.id} | _values(rule) for rule in chosen)
    write(rows, format_, RULES, f"{found.id} on {found.day:%d/%m/%Y}", RULES[:6])


def _is_asked(key: str, asked: str | None) -> bool:
    return asked is None or key == asked or key.startswith(asked.rstrip(".") + ".")


def _values(rule: RuleValue) -> dict[str, Any]:
    return {field.name: getattr(rule, field.name) for field in fields(rule)}
