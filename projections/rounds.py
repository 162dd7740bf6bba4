"""Rounds of evaluation: open or closed, until when what is due, and by what they are judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from psycopg import Connection
from psycopg.rows import class_row, tuple_row
from psycopg.sql import SQL, Composable, Identifier, Placeholder

from domain.evaluation.period import Period
from domain.evaluation.review import Review
from domain.evaluation.terms import Terms
from projections.days import stretches_by_day
from projections.engine.marks import namespace
from projections.engine.view import View
from projections.known import Known, Stretch
from projections.point import Point
from projections.sql import statement


@dataclass(frozen=True, slots=True)
class Round:
    """A round on the days from `valid_from` up to, not including, `valid_to`."""

    review_id: UUID
    period: str
    year: int
    quarter: int | None
    decider_id: UUID | None  # None: the Centre
    group_name: str
    subjects_are: str
    status: str  # "open", "closed", "reopening_requested"
    self_evaluation_on: date | None
    appraisal_on: date | None
    decision_on: date | None
    terms: dict[str, Any]  # as `domain.evaluation.terms.Terms`
    stated: dict[str, Any] | None
    valid_from: date
    valid_to: date | None
    known_from: int
    known_to: int | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of one round have one outcome; a round without subjects has one with number 0."""

    review_id: UUID
    period: str
    decider_id: UUID | None
    group_name: str
    status: str  # of the round
    terms: dict[str, Any]
    stated: dict[str, Any] | None
    outcome: str | None  # "listed", "decided", "unreviewed"
    level: str | None
    number: int


def stretches(review: Review, since: date) -> Iterator[Stretch]:
    """The life of a round, as far as it reaches beyond `since`."""

    def row_on(day: date) -> tuple[Any, ...] | None:
        fact = review.is_active.fact_at(day)
        opening = review.events[fact.order] if fact else None
        if not isinstance(opening, Review.Opened):
            return None
        period, due, stated = Period.parse(opening.period), opening.due, review.stated.at(day)
        return (
            *(review.id, opening.period, period.year, period.quarter),
            *(opening.decider_id, opening.group, opening.subjects_are, review.status.at(day)),
            *(_day(due.self_evaluation_on), _day(due.appraisal_on), _day(due.decision_on)),
            _terms(opening.terms),
            orjson.dumps(stated).decode() if stated else None,
        )

    yield from stretches_by_day((review.is_active, review.status, review.stated), row_on, since)


@lru_cache(maxsize=64)
def _terms(terms: Terms) -> str:
    return orjson.dumps(terms).decode()


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


_KEPT = tuple(f.name for f in fields(Round) if not f.name.startswith(("valid_", "known_")))

ROUNDS = View(
    name="rounds",
    version=1,
    aggregates=(Review,),
    table="spans",
    stream="review_id",
    columns=(*_KEPT, "valid", "known"),
    begin=lambda reached: Known(stretches),
    key="valid",
)

_AT = SQL("(r.valid @> %(day)s::date AND r.known @> %(known)s::bigint) IS TRUE")
_COLUMNS = SQL(", ").join(
    [
        *(Identifier("r", name) for name in _KEPT),
        SQL("lower(r.valid) AS valid_from"),
        SQL("upper(r.valid) AS valid_to"),
        SQL("lower(r.known) AS known_from"),
        SQL("upper(r.known) AS known_to"),
    ]
)


@dataclass(frozen=True, slots=True)
class RoundFilters:
    """What a list is limited to; None: not by this."""

    period: str | None = None
    decider_id: UUID | None = None
    under: UUID | None = None  # decided by this one or by one below it on that day


class Rounds:
    """Questions about rounds: `Rounds(connection, schema)`."""

    def __init__(self, connection: Connection[Any], schema: str) -> None:
        self._connection = connection
        self._tables = {
            "rounds": Identifier(namespace(schema, "rounds"), "spans"),
            "levels": Identifier(namespace(schema, "reviews"), "levels"),
        }
        self._organisations = Identifier(namespace(schema, "organisations"), "spans")

    def one(self, review_id: UUID, point: Point) -> Round | None:
        """Its state at that point; None when it is not open yet, or not known."""
        where = SQL("r.review_id = %(id)s")
        return next(iter(self._rounds([where], point, {"id": review_id, "limit": 1})), None)

    def many(
        self,
        point: Point,
        filters: RoundFilters = RoundFilters(),
        after: tuple[str, UUID] | None = None,
        limit: int = 100,
    ) -> list[Round]:
        """Rounds in the order of periods, beyond (period, id)."""
        conditions, values = self._conditions(filters)
        if after:
            conditions.append(SQL("(r.period, r.review_id) > (%(after_period)s, %(after)s::uuid)"))
            values |= {"after_period": after[0], "after": after[1]}
        return self._rounds(conditions, point, values | {"limit": limit})

    def tallies(self, period: str, point: Point, under: UUID | None = None) -> list[Tally]:
        """How many have each outcome, by round, of one period; decided at or below `under`."""
        conditions, values = self._conditions(RoundFilters(under=under))
        query = statement("rounds_summary", **self._tables, within=_all(conditions))
        values |= _at(point) | {"period": period}
        with self._connection.cursor(row_factory=tuple_row) as cursor:
            return [Tally(*row) for row in cursor.execute(query, values)]

    def _conditions(self, filters: RoundFilters) -> tuple[list[Composable], dict[str, Any]]:
        conditions: list[Composable] = []
        values: dict[str, Any] = {}
        for column in ("period", "decider_id"):
            value = getattr(filters, column)
            if value is not None:
                conditions.append(
                    SQL("r.{0} = {1}").format(Identifier(column), Placeholder(column))
                )
                values[column] = value
        if filters.under is not None:
            below = statement(
                "nodes_ids_below", id=Identifier("organisation_id"), spans=self._organisations
            )
            among = SQL("r.decider_id = ANY(%(under)s::uuid || ARRAY({}))").format(below)
            conditions.append(among)
            values["under"] = filters.under
        return conditions, values

    def _rounds(
        self, conditions: Sequence[Composable], point: Point, values: dict[str, Any]
    ) -> list[Round]:
        query = SQL(
            "SELECT {} FROM {} r WHERE {} AND {} ORDER BY r.period, r.review_id LIMIT %(limit)s"
        ).format(_COLUMNS, self._tables["rounds"], _AT, _all(conditions))
        with self._connection.cursor(row_factory=class_row(Round)) as cursor:
            return cursor.execute(query, _at(point) | values).fetchall()


def _all(conditions: Sequence[Composable]) -> Composable:
    return SQL(" AND ").join([SQL("true"), *conditions])


def _at(point: Point) -> dict[str, Any]:
    return {"day": point.valid_at, "known": point.known_at}
