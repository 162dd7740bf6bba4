"""Questions about memberships: rolls, counts, who came and went, on any day as known at any time.

What stands below an organisation is that of the day asked about; of a period, that of each day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row, tuple_row
from psycopg.sql import SQL, Composable, Composed, Identifier

from domain.membership import PROBATIONARY, RollCount
from projections.engine.marks import namespace
from projections.nodes import DEPTH_MAX
from projections.point import Point
from projections.sql import statement

_DAY = timedelta(days=1)
_AT = SQL("(m.valid @> %(day)s::date AND m.known @> %(known)s::bigint) IS TRUE")
_RANGES = {
    "valid_from": SQL("lower(m.valid) AS valid_from"),
    "valid_to": SQL("upper(m.valid) AS valid_to"),
    "known_from": SQL("lower(m.known) AS known_from"),
    "known_to": SQL("upper(m.known) AS known_to"),
}
ROWS_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class Member:
    """A membership on the days from `valid_from` up to, not including, `valid_to`."""

    membership_id: UUID
    person_id: UUID
    cell_id: UUID | None  # where he officially belongs; None: outside this register
    temporary_cell_id: UUID | None  # where he takes part for a time
    degree: str  # "probationary", "official"
    is_exempt: bool
    is_suspended: bool
    begun_by: str  # how this life began: "admitted", "readmitted", "entered", "arrived", "restored"
    came_by: str  # how he came to this cell: as he began, or "received", "internal" …
    introduced_on: date | None  # in transit since then
    introduced_to_id: UUID | None
    ceremony_on: date | None
    official_on: date | None
    party_age_on: date | None
    badge_years: int | None
    ended_by: str | None  # how it ends on `valid_to`; None: it goes on, in another state
    valid_from: date
    valid_to: date | None
    known_from: int
    known_to: int | None

    @property
    def standing(self) -> str:
        """ "probationary", "official", "exempt" or "suspended"."""
        if self.is_suspended:
            return "suspended"
        return "exempt" if self.is_exempt else self.degree


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody came under an organisation, or went, on a day."""

    day: date
    membership_id: UUID
    is_in: bool
    how: str
    """Coming: as a life begins; "transfer", "reorganisation". Going: as a life ends, or those."""

    degree: str
    other_id: UUID | None  # the cell he came from or went to; None: none of this register
    is_near: bool  # of a transfer: that cell and the organisation have one top organisation


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the members of an organisation in a period (RP-03), of all or of some.

    `near`: from and to others under the same top organisation (in the province); `far`: beyond it.
    A change of the organisations themselves (merger, another superior) stands apart.
    """

    opening: int
    entered: int  # taken into the register as they stood
    admitted: int
    readmitted: int
    restored: int
    received_far: int
    received_near: int
    reorganised_in: int
    transferred_far: int
    transferred_near: int
    reorganised_out: int
    left: int
    struck_off: int
    expelled: int
    died: int
    closing: int

    @property
    def come(self) -> int:
        return sum(getattr(self, name) for name in _COMING)

    @property
    def gone(self) -> int:
        return sum(getattr(self, name) for name in _GOING)

    @property
    def is_balanced(self) -> bool:
        """INV-MEM-7."""
        return self.opening + self.come - self.gone == self.closing


_NAMES = [field.name for field in fields(Tally)]
_COMING = _NAMES[1 : _NAMES.index("transferred_far")]
_GOING = _NAMES[_NAMES.index("transferred_far") : -1]


@dataclass(frozen=True, slots=True)
class Movement:
    """RP-03 of one organisation: of all members, and of those on probation.

    Of the probationers, `recognised` became official within the organisation.
    """

    organisation_id: UUID
    begins: date
    ends: date  # the day after the last
    members: Tally
    probationers: Tally
    recognised: int

    @property
    def is_balanced(self) -> bool:
        p = self.probationers
        return self.members.is_balanced and (
            p.opening + p.come - p.gone - self.recognised == p.closing
        )


class Rolls:
    """`Rolls(connection, schema)`; `schema` is that of the log."""

    def __init__(self, connection: Connection[Any], schema: str) -> None:
        self._connection, self._events = connection, Identifier(schema, "events")
        self._parts = {
            "spans": Identifier(namespace(schema, "memberships"), "spans"),
            "organisations": Identifier(namespace(schema, "organisations"), "spans"),
        }

    # One

    def one(self, membership_id: UUID, point: Point) -> Member | None:
        """Its state at that point; None when it is not active then, or not known."""
        where = SQL("m.membership_id = ANY(ARRAY[%(id)s]::uuid[]) AND {}").format(_AT)
        return next(iter(self._members(where, point, id=membership_id)), None)

    def history(self, membership_id: UUID, known_at: int, superseded: bool = False) -> list[Member]:
        """All that is known of it; with `superseded`, also what was believed before."""
        return self._lives("membership_id", membership_id, known_at, superseded)

    def of_person(self, person_id: UUID, known_at: int) -> list[Member]:
        """All memberships of a person, in the order of days."""
        return self._lives("person_id", person_id, known_at, False)

    def people(self, ids: Sequence[UUID], known_at: int) -> dict[UUID, UUID]:
        """Whose memberships these are, by their ids."""
        where = SQL("m.membership_id = ANY(%(ids)s) AND (m.known @> %(known)s::bigint) IS TRUE")
        rows = self._members(where, Point(date.min, known_at), ids=list(ids))
        return {row.membership_id: row.person_id for row in rows}

    def _lives(self, column: str, id_: UUID, known_at: int, superseded: bool) -> list[Member]:
        known: LiteralString = (
            "lower(m.known) <= %(known)s"
            if superseded
            else ("(m.known @> %(known)s::bigint) IS TRUE")
        )
        order: LiteralString = "lower(m.known), lower(m.valid)" if superseded else "lower(m.valid)"
        where = SQL("m.{} = ANY(ARRAY[%(id)s]::uuid[]) AND {} ORDER BY {}").format(
            Identifier(column), SQL(known), SQL(order)
        )
        return self._members(where, Point(date.min, known_at), id=id_)

    # Rolls

    def version(self, membership_id: UUID, known_at: int) -> int:
        """The version of its stream as known there: what If-Match compares; 0: none."""
        query = SQL("SELECT max(version) FROM {} WHERE stream = %s AND position <= %s")
        with self._connection.cursor(row_factory=tuple_row) as cursor:
            cursor.execute(query.format(self._events), [membership_id, known_at])
            row = cursor.fetchone()
            return row[0] if row and row[0] else 0

    def roll(
        self, cell_id: UUID, point: Point, after: UUID | None = None, limit: int = ROWS_MAX
    ) -> list[Member]:
        """Who officially belongs to a cell, by id, beyond `after`."""
        further = SQL("AND m.membership_id > %(after)s ") if after else SQL("")
        where = SQL(
            "m.cell_id = %(cell)s AND {} {}ORDER BY m.membership_id LIMIT %(limit)s"
        ).format(_AT, further)
        return self._members(where, point, cell=cell_id, after=after, limit=limit)

    def below(
        self,
        root: UUID,
        point: Point,
        after: tuple[UUID, UUID] | None = None,
        limit: int = ROWS_MAX,
    ) -> list[Member]:
        """Who belongs to any cell of a tree, by cell and id, beyond (cell, id)."""
        if after is None:
            return self._below(root, point, "true", limit)
        further: LiteralString = "(m.cell_id, m.membership_id) > (%(cell)s::uuid, %(id)s::uuid)"
        return self._below(root, point, further, limit, cell=after[0], id=after[1])

    def guests(self, cell_id: UUID, point: Point) -> list[Member]:
        """Who takes part there for a time, and belongs elsewhere."""
        where = SQL("m.temporary_cell_id = %(cell)s AND {} ORDER BY m.membership_id").format(_AT)
        return self._members(where, point, cell=cell_id)

    def counts(self, root: UUID, point: Point) -> dict[UUID, RollCount]:
        """The counts of each cell of a tree that has anybody, by its id."""
        query = statement("members_counted", **self._parts)
        with self._connection.cursor(row_factory=tuple_row) as cursor:
            found = cursor.execute(query, {"root": root} | _at(point))
            return {id_: RollCount(*counted) for id_, *counted in found}

    def count(self, root: UUID, point: Point) -> RollCount:
        """The count of a whole tree; guests of its cells may belong to others of them."""
        counts = self.counts(root, point).values()
        return RollCount(*(sum(getattr(c, n) for c in counts) for n in RollCount.__slots__))

    def on_probation(self, root: UUID, point: Point, limit: int = ROWS_MAX) -> list[Member]:
        """Probationers of a tree, cell by cell."""
        return self._below(root, point, "m.degree = 'probationary'", limit)

    def in_transit(self, root: UUID, point: Point, limit: int = ROWS_MAX) -> list[Member]:
        """Who was introduced elsewhere and not received yet, or is away for a time."""
        also: LiteralString = "(m.introduced_on IS NOT NULL OR m.temporary_cell_id IS NOT NULL)"
        return self._below(root, point, also, limit)

    def exempted(self, root: UUID, point: Point, limit: int = ROWS_MAX) -> list[Member]:
        return self._below(root, point, "m.is_exempt", limit)

    def long_standing(self, root: UUID, point: Point, counting_from: date) -> list[Member]:
        """Official members of a tree whose Party age counts from that day or before."""
        also: LiteralString = "m.degree = 'official' AND m.party_age_on <= %(counting_from)s"
        return self._below(root, point, also, ROWS_MAX, counting_from=counting_from)

    def ended(
        self, root: UUID, begins: date, ends: date, known_at: int
    ) -> list[tuple[Member, date]]:
        """Who ceased to be a member while under an organisation, with the first day he was none.

        The members as they were the day before.
        """
        moves = self.moves(root, begins, ends, known_at)
        gone = [m for m in moves if not m.is_in and m.how not in ("transfer", "reorganisation")]
        where = SQL("m.membership_id = ANY(%(ids)s) AND (m.known @> %(known)s::bigint) IS TRUE")
        ids = [move.membership_id for move in gone]
        rows = self._members(where, Point(begins, known_at), ids=ids)
        lasting = {(row.membership_id, row.valid_to): row for row in rows}
        return [(lasting[m.membership_id, m.day], m.day) for m in gone]

    # Who came and went

    def moves(self, root: UUID, begins: date, ends: date, known_at: int) -> list[Move]:
        """Everybody who came under an organisation or went, from `begins` on and before `ends`.

        Somebody who goes from cell to cell within it does neither.
        """
        query = statement("members_moved", **self._parts)
        with self._connection.cursor(row_factory=class_row(Move)) as cursor:
            return cursor.execute(query, _during(root, begins, ends, known_at)).fetchall()

    def movement(self, root: UUID, begins: date, ends: date, known_at: int) -> Movement:
        """RP-03 of an organisation, from `begins` on and before `ends`."""
        moves = self.moves(root, begins, ends, known_at)
        days = (begins - _DAY, ends - _DAY)
        before, after = (self.count(root, Point(day, known_at)) for day in days)
        on_probation = [move for move in moves if move.degree == PROBATIONARY]
        return Movement(
            root,
            begins,
            ends,
            tally(moves, before.members, after.members),
            tally(on_probation, before.probationary, after.probationary),
            self._recognised(root, begins, ends, known_at),
        )

    def _recognised(self, root: UUID, begins: date, ends: date, known_at: int) -> int:
        query = statement("members_recognised", **self._parts)
        with self._connection.cursor(row_factory=tuple_row) as cursor:
            row = cursor.execute(query, _during(root, begins, ends, known_at)).fetchone()
            assert row is not None
            return int(row[0])

    # How

    def _below(
        self, root: UUID, point: Point, also: LiteralString, limit: int, **more: Any
    ) -> list[Member]:
        query = statement("members_below", **self._parts, columns=_COLUMNS, also=SQL(also))
        return self._run(query, {"root": root, "limit": limit} | _at(point) | more)

    def _members(self, where: Composable, point: Point, **values: Any) -> list[Member]:
        query = SQL("SELECT {} FROM {} m WHERE {}").format(_COLUMNS, self._parts["spans"], where)
        return self._run(query, _at(point) | values)

    def _run(self, query: Composed, values: Mapping[str, Any]) -> list[Member]:
        with self._connection.cursor(row_factory=class_row(Member)) as cursor:
            return cursor.execute(query, values).fetchall()


_COLUMNS = SQL(", ").join(
    _RANGES.get(field.name, Identifier("m", field.name)) for field in fields(Member)
)


def tally(moves: Sequence[Move], opening: int, closing: int) -> Tally:
    """RP-03 of those who moved so, and how many of them there were before and after."""
    found = Counter(_column(move) for move in moves)
    between = {name: found[name] for name in (*_COMING, *_GOING)}
    return Tally(opening=opening, closing=closing, **between)


def _column(move: Move) -> str:
    """The column of RP-03 in which somebody is counted."""
    far = "near" if move.is_near else "far"
    match move.how:
        case "arrived":
            return "received_far"
        case "transfer":
            return f"received_{far}" if move.is_in else f"transferred_{far}"
        case "reorganisation":
            return "reorganised_in" if move.is_in else "reorganised_out"
    return move.how


def _at(point: Point) -> dict[str, Any]:
    return {"day": point.valid_at, "known": point.known_at}


def _during(root: UUID, begins: date, ends: date, known_at: int) -> dict[str, Any]:
    period = {"before": begins - _DAY, "after": ends}
    return {"root": root, "known": known_at, "depth": DEPTH_MAX} | period
