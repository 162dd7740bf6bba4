"""What committee members answer for on every day: areas, organisations, cells, households."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.sql import SQL, Composable, Identifier

from domain.leadership import Leadership
from projections.engine.marks import namespace
from projections.engine.view import View
from projections.known import Stretch
from projections.leading import AT, LeadershipParts, assignments_touched, within
from projections.point import Point


@dataclass(frozen=True, slots=True)
class Assigned:
    """A member answers for something from `valid_from` up to, not including, `valid_to`."""

    organisation_id: UUID
    assignment_id: UUID
    person_id: UUID
    kind: str  # "area", "organisation", "cell", "household"
    target_id: UUID | None
    target: str | None  # in words
    duties: str | None
    position: int  # of the event by which it began
    valid_from: date
    valid_to: date | None
    known_from: int
    known_to: int | None


def stretches(assignment_id: UUID, leadership: Leadership) -> Iterator[Stretch]:
    """One assignment."""
    assignment = leadership.assignments.get(assignment_id)
    for served in leadership.served(assignment) if assignment else ():
        a = served.assignment
        target = (a.person_id, a.kind, a.target_id, a.target, a.duties)
        position = leadership.events[a.begun_by].position
        values = (leadership.id, a.id, leadership.organisation_id, *target, position)
        yield Stretch(values, served.first, served.after)


ASSIGNMENTS = View(
    name="assignments",
    version=1,
    aggregates=(Leadership,),
    table="spans",
    stream="leadership_id",
    columns=(
        "leadership_id",
        "assignment_id",
        "organisation_id",
        "person_id",
        "kind",
        "target_id",
        "target",
        "duties",
        "position",
        "valid",
        "known",
        "line",
    ),
    begin=lambda reached: LeadershipParts(assignments_touched, stretches),
    key="line",
)

_COLUMNS: LiteralString = (
    "s.organisation_id, s.assignment_id, s.person_id, s.kind, s.target_id, s.target, s.duties,"
    " s.position, lower(s.valid) AS valid_from, upper(s.valid) AS valid_to,"
    " lower(s.known) AS known_from, upper(s.known) AS known_to"
)


class Assignments:
    """Questions about assignments: `Assignments(connection, schema)`."""

    def __init__(self, connection: Connection[Any], schema: str) -> None:
        self._connection, self._schema = connection, schema

    def of_organisation(self, organisation_id: UUID, point: Point) -> list[Assigned]:
        """Of the members of its bodies, on that day."""
        return self._rows(SQL("s.organisation_id = %(id)s"), point, id=organisation_id)

    def of_person(self, person_id: UUID, point: Point) -> list[Assigned]:
        """Of one person, wherever."""
        return self._rows(SQL("s.person_id = %(id)s"), point, id=person_id)

    def under(self, superior_id: UUID | None, point: Point) -> list[Assigned]:
        """In an organisation and all below it; None: everywhere."""
        where = SQL("true") if superior_id is None else within(self._schema)
        return self._rows(where, point, under=superior_id)

    def _rows(self, where: Composable, point: Point, **more: Any) -> list[Assigned]:
        query = SQL(
            "SELECT {} FROM {} s WHERE {} AND {}"
            " ORDER BY s.organisation_id, s.person_id, lower(s.valid), s.assignment_id"
        ).format(
            SQL(_COLUMNS),
            Identifier(namespace(self._schema, ASSIGNMENTS.name), ASSIGNMENTS.table),
            where,
            SQL(AT),
        )
        values = {"day": point.valid_at, "known": point.known_at}
        with self._connection.cursor(row_factory=class_row(Assigned)) as cursor:
            return cursor.execute(query, values | more).fetchall()
