"""The bodies of an organisation on every day: their term, and their working regulations."""

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
from domain.leadership.values import Establishment, Regulations
from domain.timeline import Timeline, together
from projections.engine.marks import namespace
from projections.engine.view import View
from projections.known import Stretch
from projections.leading import AT, LeadershipParts, bodies_touched, within
from projections.point import Point
from projections.sql import statement


@dataclass(frozen=True, slots=True)
class Body:
    """A body from `valid_from` up to, not including, `valid_to`."""

    organisation_id: UUID
    body: str
    term: str | None  # "2025-2030"; None: in no term
    regulations_term: str | None  # the term for which they were issued; None: there are none
    number: str | None  # of the regulations; None: not known
    issued_on: date | None
    title: str | None
    model: str | None  # the document they follow
    size: int | None  # of an inspection committee, as it was set up
    mode: str | None  # "elected", "appointed"
    valid_from: date
    valid_to: date | None
    known_from: int
    known_to: int | None

    @property
    def has_regulations(self) -> bool:
        """Whether there are working regulations for the term that runs."""
        return self.regulations_term is not None and self.regulations_term == self.term


def stretches(body: str, leadership: Leadership) -> Iterator[Stretch]:
    """One body."""
    closed = leadership.closed_on()
    lines = (
        _terms(body, leadership),
        leadership.regulations.get(body, Timeline()),
        leadership.established.get(body, Timeline()),
    )
    for (term, regulations, established), first, after in together(*lines):
        if closed is not None and first >= closed:
            return
        until = closed if closed and (after is None or after > closed) else after
        if term or regulations or established:
            said = (*_regulations(regulations), *_established(established))
            yield Stretch(
                (leadership.id, body, leadership.organisation_id, term, *said), first, until
            )


def _terms(body: str, leadership: Leadership) -> Timeline[str | None]:
    """The name of the term that runs."""
    line = Timeline[str | None]()
    for order, span in enumerate(leadership.term_spans(body)):
        if span.after is not None and span.after <= span.first:
            continue  # of no day: it was told rightly to begin after its end
        line.set(span.first, span.value, 2 * order + 1)
        if span.after is not None:
            line.set(span.after, None, 2 * order)  # another that begins on that day goes before
    return line


def _regulations(said: Regulations | None) -> tuple[Any, ...]:
    if said is None:
        return (None,) * 5
    document = said.document
    return said.term, document.number, document.issued_on, document.title, said.model


def _established(said: Establishment | None) -> tuple[Any, ...]:
    return (said.size, said.mode) if said else (None, None)


BODIES = View(
    name="bodies",
    version=1,
    aggregates=(Leadership,),
    table="spans",
    stream="leadership_id",
    columns=(
        "leadership_id",
        "body",
        "organisation_id",
        "term",
        "regulations_term",
        "number",
        "issued_on",
        "title",
        "model",
        "size",
        "mode",
        "valid",
        "known",
        "line",
    ),
    begin=lambda reached: LeadershipParts(bodies_touched, stretches),
    key="line",
)


@dataclass(frozen=True, slots=True)
class Covered:
    """Whether an organisation that has a body has working regulations for its term."""

    organisation_id: UUID
    name: str
    kind: str
    superior_id: UUID | None
    body: str
    term: str | None
    regulations_term: str | None
    number: str | None
    issued_on: date | None
    model: str | None
    is_missing: bool
    ended: list[UUID]  # the organisations that it succeeds, which are no more
    sort_key: str


@dataclass(frozen=True, slots=True)
class CoverageFilters:
    """What coverage is limited to; None: not by this."""

    under: UUID | None = None  # it, and all below it
    is_missing: bool | None = None
    is_successor: bool | None = None  # of an organisation that is no more


_COLUMNS: LiteralString = (
    "s.organisation_id, s.body, s.term, s.regulations_term, s.number, s.issued_on, s.title,"
    " s.model, s.size, s.mode, lower(s.valid) AS valid_from, upper(s.valid) AS valid_to,"
    " lower(s.known) AS known_from, upper(s.known) AS known_to"
)


class Bodies:
    """Questions about bodies: `Bodies(connection, schema)`."""

    def __init__(self, connection: Connection[Any], schema: str) -> None:
        self._connection, self._schema = connection, schema
        self._spans = Identifier(namespace(schema, BODIES.name), BODIES.table)

    def of_organisation(self, organisation_id: UUID, point: Point) -> list[Body]:
        """Its bodies on that day."""
        query = SQL("SELECT {} FROM {} s WHERE s.organisation_id = %(id)s AND {} ORDER BY s.body")
        values = {"id": organisation_id, "day": point.valid_at, "known": point.known_at}
        with self._connection.cursor(row_factory=class_row(Body)) as cursor:
            query_ = query.format(SQL(_COLUMNS), self._spans, SQL(AT))
            return cursor.execute(query_, values).fetchall()

    def coverage(
        self,
        point: Point,
        bodies: Mapping[str, Sequence[str]],
        filters: CoverageFilters = CoverageFilters(),
        after: tuple[str, UUID, str] | None = None,
        limit: int = 10_000_000,
    ) -> list[Covered]:
        """Each organisation with each of its bodies that needs working regulations.

        `bodies` are these by kind of organisation. By name, id and body, beyond those.
        """
        pairs = [(kind, body) for kind, of_kind in bodies.items() for body in of_kind]
        place: Composable = SQL("true")
        if after is not None:
            place = SQL(
                '(s.sort_key, s.organisation_id, n.body COLLATE "C") > (%(key)s, %(id)s, %(body)s)'
            )
        query = statement(
            "bodies_covered",
            organisations=Identifier(namespace(self._schema, "organisations"), "spans"),
            edges=Identifier(namespace(self._schema, "lineage"), "edges"),
            bodies=self._spans,
            within=SQL("true") if filters.under is None else within(self._schema),
            place=place,
        )
        key, id_, body = after or (None, None, None)
        values: dict[str, Any] = {
            "day": point.valid_at,
            "known": point.known_at,
            "under": filters.under,
        }
        values |= {"kinds": [kind for kind, _ in pairs], "bodies": [each for _, each in pairs]}
        values |= {"key": key, "id": id_, "body": body, "limit": limit}
        values |= {"missing": filters.is_missing, "successors": filters.is_successor}
        with self._connection.cursor(row_factory=class_row(Covered)) as cursor:
            return cursor.execute(query, values).fetchall()
