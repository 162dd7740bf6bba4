"""`sogoc leadership`, `sogoc posts`, `sogoc vacancies`: who leads, and which seats are vacant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any
from uuid import UUID

import typer

from domain.errors import InvalidValue
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
    *("signatory", "decided_on", "recorded_by", "recorded_post", "recorded_at", "position"),
    *("body", "post", "organisation_id"),
)
SHOWN = (
    *("post_name", "person_id", "person_name", "state", "held_from", "valid_to", "decision"),
    *("signatory", "recorded_by", "recorded_at"),
)
SEATS = (
    *("organisation", "superior", "body_name", "post_name", "number", "filled", "vacant"),
    *("acting", "vacant_since", "due_on", "overdue_days", "body", "post", "organisation_id"),
)
VACANT = (
    "organisation",
    "superior",
    "post_name",
    "number",
    "vacant",
    "vacant_since",
    "due_on",
    "overdue_days",
)

Which = Annotated[
    str, typer.Argument(metavar="CODE|ID|NAME", help="An organisation; tone marks may be left out.")
]
Post = Annotated[
    str | None,
    typer.Option(metavar="POST", help="This alone: secretary, inspection_committee.chair ..."),
]
Under = Annotated[
    str | None, typer.Option(metavar="CODE|ID|NAME", help="This organisation and all below it.")
]


@app.command(
    "leadership", epilog="Example: sogoc leadership 'dang bo phuong ba dinh' --post secretary"
)
def leadership(
    which: Which,
    post: Post = None,
    ever: Annotated[
        bool, typer.Option("--ever", help="All who ever held one, not on that day alone.")
    ] = False,
    purpose: For = None,
    by: By = "operator",
    valid_at: ValidAt = None,
    known_at: KnownAt = None,
    format_: As = None,
) -> None:
    """Tell who leads an organisation on a day, by which decisions, recorded by whom and when.

    The secretary comes first. Names are shown with --purpose.
    """
    _refuse_unknown(post)
    reader = reader_for(purpose, by)
    with asked(valid_at, known_at) as (wiring, found):
        id_ = subject(found, which, ["organisations"]).id
        holdings = Holdings(found.connection, found.schema)
        if ever:
            held = holdings.history_of_organisation(id_, found.point.known_at)
        else:
            held = leading.by_rank(holdings.of_organisation(id_, found.point))
        wanted = [each for each in held if post in (None, each.post, f"{each.body}.{each.post}")]
        write(_told(wiring, found, wanted, reader), format_, LEADERS, shown=SHOWN)


def _refuse_unknown(post: str | None) -> None:
    """Raises InvalidValue."""
    known = leading.posts()
    if post is not None and post not in {*known, *(each.partition(".")[2] for each in known)}:
        there_are = ", ".join(known)
        raise InvalidValue(f"No post is {post!r}; there are {there_are}", field="--post")


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
