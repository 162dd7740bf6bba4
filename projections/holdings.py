"""Who holds which post of which organisation, on every day: a row for each state of a holding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
from projections.leading import AT, KNOWN, LeadershipParts, holdings_touched, within
from projections.point import Point


@dataclass(frozen=True, slots=True)
class Held:
    """A person in a post, in one state, from `valid_from` up to, not including, `valid_to`."""

    organisation_id: UUID
    person_id: UUID
    holding_id: UUID
    body: str
    post: str
    act: str  # "elected", "appointed", "recognised", "concurrent", "acting"
    place: str | None
    state: str  # "held", "acting", "suspended"
    approval: str | None  # "pending", "approved"; None: the act needs none
    held_from: date  # the day on which the holding began, in whichever state
    position: int  # of the event by which it began
    valid_from: date
    valid_to: date | None
    known_from: int
    known_to: int | None


def stretches(holding_id: UUID, leadership: Leadership) -> Iterator[Stretch]:
    """One holding."""
    holding = leadership.holdings.get(holding_id)
    if holding is None:
        return
    begun, position = None, leadership.events[holding.begun_by].position
    for tenure in leadership.tenures(holding):
        begun = begun or tenure.first
        post = (holding.body, holding.post, holding.act, holding.place)
        who = (leadership.id, holding.id, leadership.organisation_id, holding.person_id)
        values = (*who, *post, tenure.state, tenure.approval, begun.isoformat(), position)
        yield Stretch(values, tenure.first, tenure.after)


HOLDINGS = View(
    name="holdings",
    version=1,
    aggregates=(Leadership,),
    table="spans",
    stream="leadership_id",
    columns=(
        "leadership_id",
        "holding_id",
        "organisation_id",
        "person_id",
        "body",
        "post",
        "act",
        "place",
        "state",
        "approval",
        "held_from",
        "position",
        "valid",
        "known",
        "line",
    ),
    begin=lambda reached: LeadershipParts(holdings_touched, stretches),
    key="line",
)

_COLUMNS: LiteralString = (
    "s.organisation_id, s.person_id, s.holding_id, s.body, s.post, s.act, s.place, s.state,"
    " s.approval, s.held_from, s.position, lower(s.valid) AS valid_from,"
    " upper(s.valid) AS valid_to, lower(s.known) AS known_from, upper(s.known) AS known_to"
)
_OF_POST: LiteralString = "s.organisation_id = %(id)s AND s.body = %(body)s AND s.post = %(post)s"


class Holdings:
    """Questions about who holds what: `Holdings(connection, schema)`."""

    def __init__(self, connection: Connection[Any], schema: str) -> None:
        self._connection, self._schema = connection, schema

    def of_organisation(self, organisation_id: UUID, point: Point) -> list[Held]:
        """Who holds posts there on that day, those acting and suspended among them."""
        where = SQL("s.organisation_id = %(id)s AND ") + SQL(AT)
        return self._rows(
            where, "s.body, s.post, s.held_from, s.position, s.holding_id", point, organisation_id
        )

    def of_person(self, person_id: UUID, point: Point) -> list[Held]:
        """All posts a person holds on that day, wherever."""
        where = SQL("s.person_id = %(id)s AND ") + SQL(AT)
        return self._rows(where, "s.held_from, s.position, s.holding_id", point, person_id)

    def of_people(self, person_ids: Sequence[UUID], point: Point) -> list[Held]:
        """As `of_person`, of many."""
        where = SQL("s.person_id = ANY(%(ids)s) AND ") + SQL(AT)
        return self._rows(
            where, "s.held_from, s.position, s.holding_id", point, ids=list(person_ids)
        )

    def history_of_post(
        self, organisation_id: UUID, body: str, post: str, known_at: int
    ) -> list[Held]:
        """Who ever held a post, as known at that position, in the order of days."""
        where, point = SQL(_OF_POST) + SQL(" AND ") + SQL(KNOWN), Point(date.min, known_at)
        order: LiteralString = "lower(s.valid), s.position, s.holding_id"
        return self._rows(where, order, point, organisation_id, body=body, post=post)

    def history_of_organisation(self, organisation_id: UUID, known_at: int) -> list[Held]:
        """Who ever held any post there, as known at that position, in the order of days."""
        where = SQL("s.organisation_id = %(id)s AND ") + SQL(KNOWN)
        order: LiteralString = "lower(s.valid), s.position, s.holding_id"
        return self._rows(where, order, Point(date.min, known_at), organisation_id)

    def history_of_person(self, person_id: UUID, known_at: int) -> list[Held]:
        """What a person ever held, as known at that position, in the order of days."""
        where, point = SQL("s.person_id = %(id)s AND ") + SQL(KNOWN), Point(date.min, known_at)
        return self._rows(where, "lower(s.valid), s.position, s.holding_id", point, person_id)

    def under(self, superior_id: UUID | None, point: Point) -> list[Held]:
        """Who holds posts in an organisation and all below it; None: everywhere."""
        where = SQL("true") if superior_id is None else within(self._schema)
        order: LiteralString = (
            "s.organisation_id, s.body, s.post, s.held_from, s.position, s.holding_id"
        )
        return self._rows(where + SQL(" AND ") + SQL(AT), order, point, under=superior_id)

    def _rows(
        self,
        where: Composable,
        order: LiteralString,
        point: Point,
        id_: UUID | None = None,
        **more: Any,
    ) -> list[Held]:
        query = SQL("SELECT {} FROM {} s WHERE {} ORDER BY {}").format(
            SQL(_COLUMNS),
            Identifier(namespace(self._schema, HOLDINGS.name), HOLDINGS.table),
            where,
            SQL(order),
        )
        values: Mapping[str, Any] = {"day": point.valid_at, "known": point.known_at, "id": id_}
        with self._connection.cursor(row_factory=class_row(Held)) as cursor:
            return cursor.execute(query, {**values, **more}).fetchall()
