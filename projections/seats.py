"""The seats of each post on every day: how many there are, are filled, and since when some are not.

Who is suspended keeps the seat; who acts has none (docs/adr/0013). A seat is vacant without a break
since the first day on which fewer held the post than there are seats.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.sql import SQL, Composable, Identifier

from domain.leadership import Leadership
from domain.leadership.values import ACTING, Seats
from projections.engine.marks import namespace
from projections.engine.view import View
from projections.known import Stretch
from projections.leading import AT, LeadershipParts, seats_touched, within
from projections.point import Point


@dataclass(frozen=True, slots=True)
class Seating:
    """The seats of a post from `valid_from` up to, not including, `valid_to`."""

    organisation_id: UUID
    body: str
    post: str
    number: int
    filled: int  # those suspended among them
    acting: int  # people who do the work without a seat
    due_on: date | None  # by that day the seats are to be filled
    surplus_until: date | None
    vacant_since: date | None  # None: none is vacant
    valid_from: date
    valid_to: date | None
    known_from: int
    known_to: int | None

    @property
    def vacant(self) -> int:
        return max(self.number - self.filled, 0)

    def overdue_days(self, day: date) -> int:
        """Days since the seats were to be filled; 0: not overdue, or no day was set."""
        return max((day - self.due_on).days, 0) if self.vacant and self.due_on else 0


class _Kept(NamedTuple):
    """What the seats of a post are on some days."""

    seats: Seats
    filled: int
    acting: int
    vacant_since: date | None


def stretches(part: str, leadership: Leadership) -> Iterator[Stretch]:
    """The seats of one post."""
    body, _, post = part.partition(".")
    about = (leadership.id, part, leadership.organisation_id, body, post)
    for kept, first, after in _merged(_daily(body, post, leadership)):
        seats = kept.seats
        numbers = (seats.number, kept.filled, kept.acting)
        values = (*about, *numbers, seats.due_on, seats.surplus_until, kept.vacant_since)
        yield Stretch(values, first, after)


_Days = tuple[_Kept, date, date | None]


def _daily(body: str, post: str, leadership: Leadership) -> Iterator[_Days]:
    """What the seats are between each two days on which anything changes."""
    plan = leadership.seats.get((body, post))
    if plan is None or not plan.facts():
        return
    filled, acting = _coming_and_going(body, post, leadership)
    closed = leadership.closed_on()
    changes = {*plan.days(), *filled, *acting} - {date.max}
    days = sorted(day for day in changes if closed is None or day < closed)
    number_filled = number_acting = 0
    vacant_since: date | None = None
    for day, after in zip(days, [*days[1:], closed], strict=False):  # without days: nothing
        number_filled, number_acting = number_filled + filled[day], number_acting + acting[day]
        seats = plan.at(day)
        is_vacant = seats is not None and number_filled < seats.number
        vacant_since = (vacant_since or day) if is_vacant else None
        if seats is not None:
            yield _Kept(seats, number_filled, number_acting, vacant_since), day, after


def _coming_and_going(
    body: str, post: str, leadership: Leadership
) -> tuple[Counter[date], Counter[date]]:
    """By how many those who fill a seat, and those who act, change on a day; open: date.max."""
    filled, acting = Counter[date](), Counter[date]()
    for holding in leadership.holdings.values():
        if holding.seat == (body, post):
            for tenure in leadership.tenures(holding):
                counter = acting if tenure.state == ACTING else filled
                counter[tenure.first] += 1
                counter[tenure.after or date.max] -= 1
    return filled, acting


def _merged(days: Iterator[_Days]) -> Iterator[_Days]:
    """Neighbours that say the same in one."""
    last: _Days | None = None
    for kept, first, after in days:
        if last is not None and last[0] == kept and last[2] == first:
            last = (kept, last[1], after)
            continue
        if last is not None:
            yield last
        last = (kept, first, after)
    if last is not None:
        yield last


SEATS = View(
    name="seats",
    version=1,
    aggregates=(Leadership,),
    table="spans",
    stream="leadership_id",
    columns=(
        "leadership_id",
        "seat",
        "organisation_id",
        "body",
        "post",
        "number",
        "filled",
        "acting",
        "due_on",
        "surplus_until",
        "vacant_since",
        "valid",
        "known",
        "line",
    ),
    begin=lambda reached: LeadershipParts(seats_touched, stretches),
    key="line",
)

_COLUMNS: LiteralString = (
    "s.organisation_id, s.body, s.post, s.number, s.filled, s.acting, s.due_on, s.surplus_until,"
    " s.vacant_since, lower(s.valid) AS valid_from, upper(s.valid) AS valid_to,"
    " lower(s.known) AS known_from, upper(s.known) AS known_to"
)
_VACANT: LiteralString = "s.vacant_since IS NOT NULL"


class SeatPlans:
    """Questions about seats: `SeatPlans(connection, schema)`."""

    def __init__(self, connection: Connection[Any], schema: str) -> None:
        self._connection, self._schema = connection, schema

    def of_organisation(self, organisation_id: UUID, point: Point) -> list[Seating]:
        """The seats of all its posts on that day."""
        return self._rows(SQL("s.organisation_id = %(id)s"), point, id=organisation_id)

    def vacancies(
        self,
        point: Point,
        under: UUID | None = None,
        after: tuple[UUID, str, str] | None = None,
        limit: int = 10_000_000,
    ) -> list[Seating]:
        """Posts with vacant seats in an organisation and all below it; None: everywhere.

        By organisation, body and post, beyond those.
        """
        conditions: list[Composable] = [SQL(_VACANT)]
        if under is not None:
            conditions.append(within(self._schema))
        if after is not None:
            conditions.append(
                SQL("(s.organisation_id, s.body, s.post) > (%(after)s, %(body)s, %(post)s)")
            )
        organisation_id, body, post = after or (None, None, None)
        values = {"under": under, "after": organisation_id, "body": body, "post": post}
        return self._rows(SQL(" AND ").join(conditions), point, limit, **values)

    def _rows(
        self, where: Composable, point: Point, limit: int = 10_000_000, **more: Any
    ) -> list[Seating]:
        query = SQL(
            "SELECT {} FROM {} s WHERE {} AND {}"
            " ORDER BY s.organisation_id, s.body, s.post LIMIT %(limit)s"
        ).format(
            SQL(_COLUMNS),
            Identifier(namespace(self._schema, SEATS.name), SEATS.table),
            where,
            SQL(AT),
        )
        values = {"day": point.valid_at, "known": point.known_at, "limit": limit}
        with self._connection.cursor(row_factory=class_row(Seating)) as cursor:
            return cursor.execute(query, values | more).fetchall()
