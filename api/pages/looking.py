"""Reads what the pages show from the read models, within one reading. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from api.pages import counting, searching, words
from api.pages.counting import EVE, REORGANISATION, Figure
from api.pages.descent import Descent, Family, descent
from api.pages.searching import FOUND_MAX, SHOWN_MAX, Result, Side
from api.pages.subjects import (
    Row,
    Shown,
    Stretch,
    id_of,
    nearest,
    row_on,
    shown,
    standing,
    stretches,
)
from api.pages.words import Term
from domain.errors import NotFound
from projections.audit import Audit, AuditFilters, Line
from projections.lineage import Lineage
from projections.nodes import Filters, Nodes
from projections.organisations import Organisation, Organisations
from projections.point import Point
from projections.units import Unit, Units
from services.crosswalk import NODES, answers_for
from services.documents import addresses
from services.reading import Reading
from services.telling import told

TRAIL_MAX = 200  # lines of the audit trail on a page; the JSON has them all


# The first page


@dataclass(frozen=True)
class Country:
    """The whole country in figures."""

    units: list[Figure]
    organisations: list[Figure]


def country(reading: Reading) -> Country:
    units = Units(reading.connection, reading.schema)
    organisations = Organisations(reading.connection, reading.schema)
    eve, day = _at(reading, EVE), _at(reading, REORGANISATION)
    return Country(
        counting.unit_figures(units.count(eve), units.count(day)),
        counting.organisation_figures(organisations.count(eve), organisations.count(day)),
    )


def _at(reading: Reading, day: date) -> Point:
    return Point(day, reading.point.known_at)


# Searching


def side(reading: Reading, category: str, query: str, day: date) -> Side:
    """What is found on one day, the nearest first."""
    nodes: Nodes[Row] = NODES[category](reading.connection, reading.schema)
    point = _at(reading, day)
    rows = searching.ranked(query, _candidates(nodes, query, point))
    results = rows[:SHOWN_MAX]
    above = _above(nodes, results, point)
    heirs = _heirs(reading, category, results) if day == EVE else {}
    told = [Result(shown(r), tuple(above[id_of(r)]), heirs.get(id_of(r), ())) for r in results]
    return Side(tuple(told), len(rows), searching.namesakes(query, rows))


def _candidates(nodes: Nodes[Row], query: str, point: Point) -> list[Row]:
    found: dict[UUID, Row] = {}
    if searching.is_code(query):
        found |= {id_of(r): r for r in nodes.many(point, Filters(code=query), limit=FOUND_MAX)}
    if searching.is_name(query):
        found |= {id_of(r): r for r in nodes.many(point, Filters(name=query), limit=FOUND_MAX)}
    return list(found.values())


def _above(nodes: Nodes[Row], rows: Sequence[Row], point: Point) -> dict[UUID, list[Shown]]:
    """Those above each, the nearest first; two steps are all there is between land and country."""
    first = _superiors(nodes, rows, point)
    second = _superiors(nodes, first.values(), point)
    above = {}
    for row in rows:
        nearest_one = first.get(row.superior_id) if row.superior_id else None
        next_one = second.get(nearest_one.superior_id) if nearest_one else None
        above[id_of(row)] = [shown(each) for each in (nearest_one, next_one) if each]
    return above


def _superiors(nodes: Nodes[Row], rows: Iterable[Row], point: Point) -> dict[UUID | None, Row]:
    ids = {row.superior_id for row in rows if row.superior_id is not None}
    return {id_of(row): row for row in nodes.named(list(ids), point)} if ids else {}


def _heirs(
    reading: Reading, category: str, rows: Sequence[Row]
) -> dict[UUID, tuple[tuple[Term, Shown], ...]]:
    """Who took over on the day of the reorganisation, where somebody else did."""
    ids = [id_of(row) for row in rows]
    answers = answers_for(reading, ids, EVE, REORGANISATION, category)
    nodes: Nodes[Row] = NODES[category](reading.connection, reading.schema)
    wanted = {step.id for answer in answers.values() for step in answer.steps}
    states = {id_of(r): shown(r) for r in nodes.named(list(wanted), _at(reading, REORGANISATION))}
    return {
        id_: tuple((words.extent(s.extent), states[s.id]) for s in answer.steps if s.id != id_)
        for id_, answer in answers.items()
    }


# One thing


@dataclass(frozen=True, slots=True)
class Card:
    """One of the two sides of the reorganisation."""

    day: date
    shown: Shown | None
    above: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A deciding document, and where it can be read."""

    number: str | None
    issued_on: date | None
    issuer: str | None
    title: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """One line of the audit trail in words."""

    position: int
    told: Term
    recorded_at: datetime
    by: str
    account: str
    reason: str | None
    stands: bool
    documents: tuple[Document, ...]


@dataclass(frozen=True)
class Sight:
    """All that the page of one unit or organisation shows."""

    category: str
    id: UUID
    shown: Shown
    level: Term | None
    on: date  # the day it is shown on: the one asked about, else the nearest of its life
    is_there: bool
    standing: Term
    above: tuple[Shown, ...]  # the nearest first
    below: tuple[Shown, ...]
    life: tuple[Stretch, ...]
    is_older: bool  # its life began before the first day on record
    eve: Card
    day: Card
    descent: Descent
    upon: tuple[Shown, ...]  # Party organisations on a unit; the unit of an organisation
    setting: str | None
    documents: tuple[Document, ...]
    trail: tuple[Recorded, ...]


def sight(reading: Reading, category: str, id_: UUID) -> Sight:
    """Raises NotFound when nothing is known of it at that point."""
    nodes: Nodes[Row] = NODES[category](reading.connection, reading.schema)
    known_at, day = reading.point.known_at, reading.point.valid_at
    history = nodes.history(id_, known_at)
    if not history:
        raise NotFound(f"Sổ không biết {id_}. / Nothing is known of {id_}.", id=str(id_))
    row, on = nearest(history, day)
    is_there, said = standing(history, day)
    lines, trail = _trail(reading, id_)
    superiors = {r.superior_id for r in history if r.superior_id is not None}
    return Sight(
        category=category,
        id=id_,
        shown=shown(row),
        level=words.level(row.level) if isinstance(row, Unit) else None,
        on=on,
        is_there=is_there,
        standing=said,
        above=_ancestors(nodes, id_, _at(reading, on)),
        below=tuple(shown(r) for r in nodes.children(id_, _at(reading, on))),
        life=tuple(stretches(history, nodes.names(list(superiors), known_at))),
        is_older=any(_enters(line) for line in lines),
        eve=_card(reading, nodes, history, EVE),
        day=_card(reading, nodes, history, REORGANISATION),
        descent=descent(_family(reading, nodes, category, id_), day),
        upon=_upon(reading, row, on),
        setting=words.setting(row.setting, on)
        if isinstance(row, Organisation) and row.setting
        else None,
        documents=_documents(trail),
        trail=trail,
    )


def _ancestors(nodes: Nodes[Row], id_: UUID, point: Point) -> tuple[Shown, ...]:
    return tuple(shown(row) for row in nodes.ancestors(id_, point))


def _card(reading: Reading, nodes: Nodes[Row], history: Sequence[Row], day: date) -> Card:
    row = row_on(history, day)
    if row is None:
        return Card(day, None, ())
    return Card(day, shown(row), _ancestors(nodes, id_of(row), _at(reading, day)))


def _family(reading: Reading, nodes: Nodes[Row], category: str, id_: UUID) -> Family:
    lineage, known_at = Lineage(reading.connection, reading.schema), reading.point.known_at
    backward = lineage.backward([id_], known_at, category)
    edges = {*backward, *lineage.forward([id_], known_at, category)}
    givers = {edge.giver for edge in backward}
    if givers:
        edges |= set(lineage.edges_from(list(givers), known_at, category))
    ids = list({id_, *(e.giver for e in edges), *(e.taker for e in edges)})
    handed = lineage.hand_overs(id_, known_at) if edges else []
    return Family(
        category=category,
        subject=id_,
        edges=sorted(edges, key=lambda e: (e.on, e.order, e.taker)),
        names=nodes.names(ids, known_at),
        lives=nodes.lives(ids, known_at),
        documents={each.position: each.document for each in handed},
    )


def _upon(reading: Reading, row: Row, on: date) -> tuple[Shown, ...]:
    if isinstance(row, Unit):
        organisations = Organisations(reading.connection, reading.schema)
        found: list[Row] = list(
            organisations.many(_at(reading, on), Filters(unit_id=row.unit_id), limit=50)
        )
    else:
        units = Units(reading.connection, reading.schema)
        wanted = [row.unit_id] if row.unit_id else []
        found = list(units.named(wanted, _at(reading, on)))
    return tuple(map(shown, found))


def _trail(reading: Reading, id_: UUID) -> tuple[list[Line], tuple[Recorded, ...]]:
    audit, known_at = Audit(reading.connection, reading.schema), reading.point.known_at
    wanted = AuditFilters(subject=id_, known_at=known_at)
    lines = audit.lines(wanted, limit=TRAIL_MAX, newest_first=True)
    names = audit.names(lines, known_at)
    return lines, tuple(_recorded(line, names) for line in lines)


def _enters(line: Line) -> bool:
    """Whether it says, and nobody took it back, that the subject was there already."""
    said = [change["to"] for change in line.changes if change["field"] == "way"]
    return line.voided_by is None and "entered" in said


def _recorded(line: Line, names: dict[str, str]) -> Recorded:
    return Recorded(
        position=line.position,
        told=Term(told(line, "vi", names), told(line, "en", names)),
        recorded_at=line.recorded_at,
        by=line.actor_post or line.actor_id,
        account=line.actor_id,
        reason=line.reason,
        stands=line.voided_by is None,
        documents=tuple(_document(each) for each in line.basis),
    )


def _document(basis: dict[str, str | None]) -> Document:
    number, issued_on = basis["number"], basis["issued_on"]
    return Document(
        number=number,
        issued_on=date.fromisoformat(issued_on) if issued_on else None,
        issuer=basis["issuer"],
        title=basis["title"],
        url=addresses().get(number) if number else None,
    )


def _documents(trail: Sequence[Recorded]) -> tuple[Document, ...]:
    """Each once, the latest first; those without a number last."""
    found = dict.fromkeys(d for line in trail if line.stands for d in line.documents)
    return tuple(sorted(found, key=lambda d: d.number is None))
