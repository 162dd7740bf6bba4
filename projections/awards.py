"""Awards: who was proposed for or given what, for which years, and what was counted then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from psycopg import Connection
from psycopg.rows import class_row
from psycopg.sql import SQL, Composable, Identifier, Placeholder

from domain.award import Award
from projections.days import stretches_by_day
from projections.engine.marks import namespace
from projections.engine.view import View
from projections.known import Known, Stretch
from projections.point import Point


@dataclass(frozen=True, slots=True)
class Given:
    """An award on the days from `valid_from` up to, not including, `valid_to`."""

    award_id: UUID
    subject_id: UUID
    organisation_id: UUID | None  # of a person; None: the subject is an organisation
    kind: str
    form: str
    first_year: int | None
    last_year: int | None
    merit: str | None
    status: str  # "registered", "proposed", "reviewed", "decided", "presented", "revoked"
    policy: str | None
    chain: dict[str, Any] | None  # as `domain.evaluation.chain.Chain`
    gaps: list[int]  # years that did not hold when it was given all the same
    override: str | None
    decided_on: date | None  # first day of effect of the decision
    decided_at: int | None  # position of the decision
    authority_name: str | None
    authority_id: UUID | None
    document: str | None
    valid_from: date
    valid_to: date | None
    known_from: int
    known_to: int | None


def stretches(award: Award, since: date) -> Iterator[Stretch]:
    """The life of an award, as far as it reaches beyond `since`."""

    def row_on(day: date) -> tuple[Any, ...] | None:
        grant, status = award.grant_on(day), award.status.at(day)
        if grant is None or status is None:
            return None
        years = grant.years
        return (
            *(award.id, grant.subject.id, grant.subject.organisation_id, grant.kind, grant.form),
            *(years[0] if years else None, years[-1] if years else None, grant.merit, status),
            *_decided(award.decision_on(day)),
        )

    yield from stretches_by_day((award.status, award.subject_id), row_on, since)


def _decided(decision: Award.Decided | None) -> tuple[Any, ...]:
    if decision is None:
        return (None, None, "{}", None, None, None, None, None, None)
    counted, authority = decision.chain, decision.envelope.authority
    gaps = ",".join(map(str, counted.gaps)) if counted else ""
    return (
        counted and counted.policy,
        orjson.dumps(counted).decode() if counted else None,
        f"{{{gaps}}}",
        decision.override and decision.override.reason,
        decision.effective_on.isoformat(),
        decision.position,
        authority.name,
        authority.organisation_id,
        decision.basis[0].number if decision.basis else None,
    )


_KEPT = tuple(f.name for f in fields(Given) if not f.name.startswith(("valid_", "known_")))

AWARDS = View(
    name="awards",
    version=1,
    aggregates=(Award,),
    table="spans",
    stream="award_id",
    columns=(*_KEPT, "valid", "known"),
    begin=lambda reached: Known(stretches),
    key="valid",
)

_AT = SQL("(a.valid @> %(day)s::date AND a.known @> %(known)s::bigint) IS TRUE")
_KNOWN = SQL("(a.known @> %(known)s::bigint) IS TRUE")
_COLUMNS = SQL(", ").join(
    [
        *(Identifier("a", name) for name in _KEPT),
        SQL("lower(a.valid) AS valid_from"),
        SQL("upper(a.valid) AS valid_to"),
        SQL("lower(a.known) AS known_from"),
        SQL("upper(a.known) AS known_to"),
    ]
)


@dataclass(frozen=True, slots=True)
class AwardFilters:
    """What a list is limited to; None: not by this."""

    subject_id: UUID | None = None
    authority_id: UUID | None = None
    last_year: int | None = None
    form: str | None = None
    kinds: Sequence[str] = ()  # none: of any
    statuses: Sequence[str] = ()


_EQUAL = ("subject_id", "authority_id", "last_year", "form")


class Awards:
    """Questions about awards: `Awards(connection, schema)`."""

    def __init__(self, connection: Connection[Any], schema: str) -> None:
        self._connection = connection
        self._spans = Identifier(namespace(schema, "awards"), "spans")

    def one(self, award_id: UUID, point: Point) -> Given | None:
        """Its state at that point; None when nothing is said of it then, or known."""
        where = SQL("a.award_id = %(id)s")
        found = self._run([where, _AT], SQL("a.award_id"), _at(point) | {"id": award_id})
        return next(iter(found), None)

    def many(
        self,
        point: Point,
        filters: AwardFilters = AwardFilters(),
        after: UUID | None = None,
        limit: int = 100,
    ) -> list[Given]:
        """Awards at that point, in the order of their ids, beyond `after`."""
        one = {name: getattr(filters, name) for name in _EQUAL}
        any_of = {"kind": list(filters.kinds), "status": list(filters.statuses)}
        one = {name: value for name, value in one.items() if value is not None}
        any_of = {name: values for name, values in any_of.items() if values}
        conditions: list[Composable] = [
            *(SQL("a.{} = {}").format(Identifier(n), Placeholder(n)) for n in one),
            *(SQL("a.{} = ANY({})").format(Identifier(n), Placeholder(n)) for n in any_of),
        ]
        if after is not None:
            conditions.append(SQL("a.award_id > %(after)s::uuid"))
        values = _at(point) | one | any_of | {"after": after, "limit": limit}
        return self._run([*conditions, _AT], SQL("a.award_id LIMIT %(limit)s"), values)

    def history(self, award_id: UUID, known_at: int) -> list[Given]:
        """Its steps, in the order of days."""
        where = SQL("a.award_id = %(id)s")
        values = {"id": award_id, "known": known_at}
        return self._run([where, _KNOWN], SQL("lower(a.valid)"), values)

    def _run(
        self, conditions: Sequence[Composable], order: Composable, values: dict[str, Any]
    ) -> list[Given]:
        query = SQL("SELECT {} FROM {} a WHERE {} ORDER BY {}").format(
            _COLUMNS, self._spans, SQL(" AND ").join(conditions), order
        )
        with self._connection.cursor(row_factory=class_row(Given)) as cursor:
            return cursor.execute(query, values).fetchall()


def _at(point: Point) -> dict[str, Any]:
    return {"day": point.valid_at, "known": point.known_at}
