"""Levels: what each subject was given in each round, by which decision, and what it said itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from psycopg import Connection
from psycopg.rows import class_row
from psycopg.sql import SQL, Composable, Identifier

from domain.aggregate import Event
from domain.evaluation.events import UNREVIEWED, decision_in
from domain.evaluation.period import Period
from domain.evaluation.review import Review
from domain.timeline import Timeline
from projections.days import stretches_by_day
from projections.engine.marks import namespace
from projections.engine.view import View
from projections.known import KnownParts, Stretch
from projections.point import Point


@dataclass(frozen=True, slots=True)
class Level:
    """One subject in one round, on the days from `valid_from` up to, not including, `valid_to`."""

    review_id: UUID
    subject_id: UUID
    organisation_id: UUID | None  # where a person is judged; None: the subject is an organisation
    period: str
    year: int
    quarter: int | None
    decider_id: UUID | None
    group_name: str
    status: str  # "listed", "decided", "unreviewed"
    own_level: str | None
    own_hundredths: int | None
    level: str | None
    hundredths: int | None
    conditions: list[str]
    override: str | None  # why it departs from points and conditions
    because: str | None  # why it was changed, or left unreviewed
    set_at: int | None  # position of the event that decides
    authority_name: str | None
    document: str | None
    actor_id: str | None
    valid_from: date
    valid_to: date | None
    known_from: int
    known_to: int | None


def parts_of(event: Event) -> Sequence[UUID]:
    """The subjects of whom an event tells something that is shown."""
    shown = (
        Review.SubjectsListed,
        Review.SelfEvaluated,
        Review.LevelsDecided,
        Review.LeftUnreviewed,
        Review.LevelChanged,
    )
    return event.mentions() if isinstance(event, shown) else ()


def stretches(subject_id: UUID, review: Review, since: date) -> Iterator[Stretch]:
    """What stands of one subject in a round, as far as it reaches beyond `since`."""
    listed, own = review.line("subject", subject_id), review.line("own", subject_id)
    level = review.level_of(subject_id)
    opening = review.events[1]  # its period, decider and group make the round what it is
    assert isinstance(opening, Review.Opened)
    period = Period.parse(opening.period)
    of_round = (opening.period, period.year, period.quarter, opening.decider_id, opening.group)

    def row_on(day: date) -> tuple[Any, ...] | None:
        subject = listed.at(day)
        if subject is None:
            return None
        place = (review.id, subject_id, subject.organisation_id)
        said = _own(review, own, day)
        return (*place, *of_round, *_outcome(review, level, subject_id, day, said))

    yield from stretches_by_day((listed, own, level), row_on, since)


def _own(review: Review, own: Timeline[str], day: date) -> tuple[str | None, int | None]:
    """The level that the subject proposes, and its points in all."""
    fact = own.fact_at(day)
    event = review.events[fact.order] if fact else None
    if not isinstance(event, Review.SelfEvaluated):
        return None, None
    return event.level, sum(points.hundredths for points in event.points)


def _outcome(
    review: Review,
    level: Timeline[str],
    subject_id: UUID,
    day: date,
    own: tuple[str | None, int | None],
) -> tuple[Any, ...]:
    fact = level.fact_at(day)
    if fact is None:
        return ("listed", *own, None, None, "[]", None, None, None, None, None, None)
    event = review.events[fact.order]
    decision = decision_in(event, subject_id)
    because = event.because if isinstance(event, Review.LeftUnreviewed) else event.envelope.reason
    status = "unreviewed" if fact.value == UNREVIEWED else "decided"
    return (
        status,
        *own,
        decision and decision.level,
        decision and decision.hundredths,
        orjson.dumps(decision.conditions).decode() if decision else "[]",
        decision and decision.override and decision.override.reason,
        because,
        event.position,
        event.envelope.authority.name,
        event.basis[0].number if event.basis else None,
        event.envelope.actor.id,
    )


_KEPT = tuple(f.name for f in fields(Level) if not f.name.startswith(("valid_", "known_")))

REVIEWS = View(
    name="reviews",
    version=1,
    aggregates=(Review,),
    table="levels",
    stream="review_id",
    columns=(*_KEPT, "valid", "known", "line"),
    begin=lambda reached: KnownParts(parts_of, stretches),
    key="line",
)

_AT = SQL("(l.valid @> %(day)s::date AND l.known @> %(known)s::bigint) IS TRUE")
_KNOWN = SQL("(l.known @> %(known)s::bigint) IS TRUE")
_COLUMNS = SQL(", ").join(
    [
        *(Identifier("l", name) for name in _KEPT),
        SQL("lower(l.valid) AS valid_from"),
        SQL("upper(l.valid) AS valid_to"),
        SQL("lower(l.known) AS known_from"),
        SQL("upper(l.known) AS known_to"),
    ]
)


class Reviews:
    """Questions about levels: `Reviews(connection, schema)`."""

    def __init__(self, connection: Connection[Any], schema: str) -> None:
        self._connection = connection
        self._levels = Identifier(namespace(schema, "reviews"), "levels")

    def of_subject(self, subject_id: UUID, point: Point) -> list[Level]:
        """What one was given, in the order of periods: a year after its quarters."""
        where = SQL("l.subject_id = %(id)s")
        order = SQL("l.year, l.quarter NULLS LAST, l.review_id")
        return self._run([where, _AT], order, _at(point) | {"id": subject_id})

    def of_years(
        self, subject_ids: Sequence[UUID], years: Sequence[int], point: Point
    ) -> list[Level]:
        """The levels that these were given for whole years; in no order."""
        where = SQL(
            "l.subject_id = ANY(%(ids)s) AND l.year = ANY(%(years)s) AND l.quarter IS NULL"
            " AND l.status = 'decided'"
        )
        values = _at(point) | {"ids": list(subject_ids), "years": list(years)}
        return self._run([where, _AT], SQL("l.subject_id, l.year, l.review_id"), values)

    def in_round(
        self, review_id: UUID, point: Point, after: UUID | None = None, limit: int = 1_000_000
    ) -> list[Level]:
        """All who are listed in it, beyond the id `after`."""
        where = SQL(
            "l.review_id = %(id)s AND (%(after)s::uuid IS NULL OR l.subject_id > %(after)s)"
        )
        values = _at(point) | {"id": review_id, "after": after, "limit": limit}
        return self._run([where, _AT], SQL("l.subject_id LIMIT %(limit)s"), values)

    def rated(self, period: str, level: str, point: Point) -> list[Level]:
        """All who have that level in that period."""
        where = SQL("l.period = %(period)s AND l.level = %(level)s")
        values = _at(point) | {"period": period, "level": level}
        return self._run([where, _AT], SQL("l.subject_id, l.review_id"), values)

    def history(
        self, review_id: UUID, subject_id: UUID, known_at: int, superseded: bool = False
    ) -> list[Level]:
        """What one was given in one round, day by day: who changed it, from what to what, and why.

        With `superseded`, also what was believed before, in the order in which it came to be.
        """
        where = SQL("l.review_id = %(review)s AND l.subject_id = %(subject)s")
        known = SQL("lower(l.known) <= %(known)s") if superseded else _KNOWN
        order = SQL("lower(l.known), lower(l.valid)" if superseded else "lower(l.valid)")
        values = {"review": review_id, "subject": subject_id, "known": known_at}
        return self._run([where, known], order, values)

    def _run(
        self, conditions: Sequence[Composable], order: Composable, values: dict[str, Any]
    ) -> list[Level]:
        query = SQL("SELECT {} FROM {} l WHERE {} ORDER BY {}").format(
            _COLUMNS, self._levels, SQL(" AND ").join(conditions), order
        )
        with self._connection.cursor(row_factory=class_row(Level)) as cursor:
            return cursor.execute(query, values).fetchall()


def _at(point: Point) -> dict[str, Any]:
    return {"day": point.valid_at, "known": point.known_at}
