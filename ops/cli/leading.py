"""`sogoc leadership`, `sogoc posts`, `sogoc vacancies`: who leads, and which seats are vacant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any
from uuid import UUID

import typer

from ops.cli.app import As, app
from ops.cli.asking import asked, reading
from ops.cli.output import write
from ops.cli.people import By, For, reader_for
from ops.cli.points import KnownAt, ValidAt
from ops.cli.subjects import subject
from ops.wiring import Wiring
from projections.holdings import Held, Holdings
from projections.seats import SeatPlans
from services import leading
from services.reading import Reading
from services.vault import Reader

LEADERS = (
    *("organisation", "body_name", "post_name", "person_id", "person_name", "state", "act"),
    *("approval", "place", "held_from", "valid_from", "valid_to", "decision", "authority"),
    *("decided_on", "recorded_by", "recorded_at", "position", "body", "post", "organisation_id"),
)
SHOWN = ("body_name", "post_name", "person_id", "person_name", "state", "held_from", "decision")
SEATS = (
    *("organisation", "body_name", "post_name", "number", "filled", "vacant", "acting"),
    *("vacant_since", "due_on", "overdue_days", "body", "post", "organisation_id"),
)
VACANT = ("organisation", "post_name", "number", "vacant", "vacant_since", "due_on", "overdue_days")

Which = Annotated[
    str, typer.Argument(metavar="CODE|ID|NAME", help="An organisation; tone marks may be left out.")
]
Under = Annotated[
    str | None, typer.Option(metavar="CODE|ID|NAME", help="This organisation and all below it.")
]


@app.command("leadership", epilog="Example: sogoc leadership 'dang bo phuong ba dinh'")
def leadership(
    which: Which,
    purpose: For = None,
    by: By = "operator",
    valid_at: ValidAt = None,
    known_at: KnownAt = None,
    format_: As = None,
) -> None:
    """Tell who leads an organisation on a day, by which decisions; names with --purpose."""
    reader = reader_for(purpose, by)
    with asked(valid_at, known_at) as (wiring, found):
        id_ = subject(found, which, ["organisations"]).id
        held = Holdings(found.connection, found.schema).of_organisation(id_, found.point)
        write(_told(wiring, found, held, reader), format_, LEADERS, shown=SHOWN)


@app.command("posts", epilog="Example: sogoc posts 01980000-0000-7000-8000-00000000002a --ever")
def posts(
    person: Annotated[UUID, typer.Argument(metavar="ID", help="Of a person.")],
    ever: Annotated[bool, typer.Option("--ever", help="All that was ever held.")] = False,
    purpose: For = None,
    by: By = "operator",
    valid_at: ValidAt = None,
    known_at: KnownAt = None,
    format_: As = None,
) -> None:
    """Tell which posts a person holds on a day, inside and outside the Party."""
    reader = reader_for(purpose, by)
    with asked(valid_at, known_at) as (wiring, found):
        holdings = Holdings(found.connection, found.schema)
        if ever:
            held = holdings.history_of_person(person, found.point.known_at)
        else:
            held = holdings.of_person(person, found.point)
        write(_told(wiring, found, held, reader), format_, LEADERS, shown=("organisation", *SHOWN))


@app.command("vacancies", epilog="Example: sogoc vacancies --under 01 --valid-at 2025-07-25")
def vacancies(
    under: Under = None,
    valid_at: ValidAt = None,
    known_at: KnownAt = None,
    format_: As = None,
) -> None:
    """List the posts with vacant seats on a day, since when, and how long overdue."""
    with reading(valid_at, known_at) as found:
        root = subject(found, under, ["organisations"], active_only=True).id if under else None
        plans = SeatPlans(found.connection, found.schema)
        rows = leading.seats(found, plans.vacancies(found.point, root))
        write(rows, format_, SEATS, shown=VACANT)


def _told(
    wiring: Wiring, reading: Reading, held: list[Held], reader: Reader | None
) -> Iterable[dict[str, Any]]:
    """With the names of persons, where somebody has said what for."""
    names: dict[UUID, str] = {}
    if reader is not None:
        ids, point = [each.person_id for each in held], reading.point
        names = wiring.people.names_of(ids, reader, point.valid_at, point.known_at)
    rows = leading.leaders(reading, held)
    return [row | {"person_name": names.get(row["person_id"])} for row in rows]
