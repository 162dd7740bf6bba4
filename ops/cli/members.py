"""`sogoc members`: rolls, counts, who came and who went, one membership with its life."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, fields
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import typer

from domain.errors import InvalidValue, NotFound
from domain.membership import RollCount
from ops.cli.app import As, Limit, app
from ops.cli.asking import reading
from ops.cli.output import Record, write
from ops.cli.points import FromDay, KnownAt, ToDay, ValidAt
from ops.cli.subjects import subject
from projections.organisations import Organisations
from projections.rolls import Member, Rolls, Tally
from services.reading import Reading

ROLL = (
    *("cell", "person_id", "standing", "party_age_on", "badge_years", "came_by"),
    *("temporary_cell", "introduced_on", "valid_from", "valid_to", "cell_id", "membership_id"),
)
ROLL_SHOWN = ("cell", "person_id", "standing", "party_age_on", "valid_from")
LIFE = ("valid_from", "valid_to", "cell", "standing", "came_by", "introduced_on", "ended_by")
COUNTS = (*("cell", "members", *RollCount.__slots__, "entitled_min", "entitled_max", "cell_id"),)
MOVED = ("of", *(field.name for field in fields(Tally)), "recognised")

Which = Annotated[
    str,
    typer.Argument(metavar="CODE|ID|NAME", help="An organisation; tone marks may be left out."),
]

group = typer.Typer(no_args_is_help=True, help="Members of the Party: rolls and movements.")
app.add_typer(group, name="members")


@group.command("roll", epilog="Example: sogoc members roll 'chi bo to dan pho 1'")
def roll(
    which: Which,
    valid_at: ValidAt = None,
    known_at: KnownAt = None,
    limit: Limit = None,
    format_: As = None,
) -> None:
    """Who belongs to a cell, or to all cells below an organisation, on a day."""
    with reading(valid_at, known_at) as found:
        root = _organisation(found, which)
        members = _rolls(found).below(root, found.point, limit=limit or _ALL)
        write(_told(found, members), format_, ROLL, shown=ROLL_SHOWN)


@group.command("counts", epilog="Example: sogoc members counts 01 --valid-at 01/07/2025")
def counts(
    which: Which, valid_at: ValidAt = None, known_at: KnownAt = None, format_: As = None
) -> None:
    """How many belong to each cell of an organisation, and who is entitled to vote there."""
    with reading(valid_at, known_at) as found:
        counted = _rolls(found).counts(_organisation(found, which), found.point)
        names = _names(found, *counted)
        rows = (
            {"cell": names.get(id_), "cell_id": id_, **_counted(counted[id_])}
            for id_ in sorted(counted, key=lambda id_: str(names.get(id_)))
        )
        write(rows, format_, COUNTS)


@group.command(
    "movement", epilog="Example: sogoc members movement 01 --from 2025-07-01 --to 2026-01-01"
)
def movement(
    which: Which,
    begins: FromDay,
    ends: ToDay,
    known_at: KnownAt = None,
    format_: As = None,
) -> None:
    """Who came and who went, from one day on and before another: it balances."""
    if ends <= begins:
        raise InvalidValue("A period ends after it begins", field="--to")
    with reading(ends - timedelta(days=1), known_at) as found:
        root = _organisation(found, which)
        moved = _rolls(found).movement(root, begins, ends, found.point.known_at)
        tallies = (
            ("members", moved.members, 0),
            ("probationers", moved.probationers, moved.recognised),
        )
        rows = ({"of": of, **asdict(tally), "recognised": n} for of, tally, n in tallies)
        write(rows, format_, MOVED)


@group.command("show", epilog="Example: sogoc members show 0197c000-0000-8000-8000-0000000000b1")
def show(
    which: Annotated[UUID, typer.Argument(help="Id of a membership, or of a person.")],
    known_at: KnownAt = None,
    format_: As = None,
) -> None:
    """What a membership has been on every day; of a person, all memberships."""
    with reading(None, known_at) as found:
        rolls, known = _rolls(found), found.point.known_at
        lives = rolls.history(which, known) or rolls.of_person(which, known)
        if not lives:
            raise NotFound(f"Nothing was known of a membership or person {which} then")
        write(_told(found, lives), format_, (*LIFE, "membership_id", "person_id"), shown=LIFE)


_ALL = 10_000_000


def _rolls(found: Reading) -> Rolls:
    return Rolls(found.connection, found.schema)


def _organisation(found: Reading, text: str) -> UUID:
    return subject(found, text, ["organisations"]).id


def _names(found: Reading, *ids: UUID | None) -> dict[UUID, str]:
    wanted = list({id_ for id_ in ids if id_ is not None})
    return Organisations(found.connection, found.schema).names(wanted, found.point.known_at)


def _told(found: Reading, members: list[Member]) -> Iterator[Record]:
    names = _names(found, *(i for m in members for i in (m.cell_id, m.temporary_cell_id)))
    for member in members:
        row: dict[str, Any] = {field.name: getattr(member, field.name) for field in fields(member)}
        cells = (member.cell_id, member.temporary_cell_id)
        cell, away = (names.get(id_) if id_ else None for id_ in cells)
        yield row | {"cell": cell, "temporary_cell": away, "standing": member.standing}


def _counted(count: RollCount) -> dict[str, int]:
    names = [name for name in COUNTS if name not in ("cell", "cell_id")]
    return {name: getattr(count, name) for name in names}
