"""Reads what the page of one unit or organisation shows, within one reading. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from api.pages import words
from api.pages.counting import EVE, REORGANISATION
from api.pages.descent import Descent, Family, descent
from api.pages.subjects import (
    Row,
    Shown,
    Stretch,
    id_of,
    nearest,
    on_day,
    row_on,
    shown,
    standing,
    stretches,
)
from api.pages.trail import Document, Recorded, documents, ending, enters, trail
from api.pages.words import Term
from domain.errors import NotFound
from projections.lineage import Lineage
from projections.nodes import Filters, Nodes
from projections.organisations import Organisation, Organisations
from projections.point import Point
from projections.units import Unit, Units
from services.crosswalk import NODES, answers_for
from services.reading import Reading


@dataclass(frozen=True, slots=True)
class Card:
    """One of the two sides of the reorganisation."""

    day: date
    shown: Shown | None
    above: tuple[Shown, ...]


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
    ending: Document | None  # the document by which it ended
    left: tuple[Shown, ...]  # nobody took over: where those below it were from that day on
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
    lines, recorded = trail(reading, id_)
    superiors = {r.superior_id for r in history if r.superior_id is not None}
    came_and_went = descent(_family(reading, nodes, category, id_), day)
    eve, after = (_card(reading, nodes, history, each) for each in (EVE, REORGANISATION))
    is_orphaning = eve.shown and not after.shown and not came_and_went.after_it
    return Sight(
        category=category,
        id=id_,
        shown=shown(row),
        level=words.level(row.level) if isinstance(row, Unit) else None,
        on=on,
        is_there=is_there,
        standing=said,
        above=_ancestors(nodes, id_, on_day(reading, on)),
        below=tuple(shown(r) for r in nodes.children(id_, on_day(reading, on))),
        life=tuple(stretches(history, nodes.names(list(superiors), known_at))),
        is_older=any(enters(line) for line in lines),
        eve=eve,
        day=after,
        descent=came_and_went,
        ending=ending(lines),
        left=_left(reading, nodes, category, id_) if is_orphaning else (),
        upon=_upon(reading, row, on),
        setting=words.setting(row.setting, on)
        if isinstance(row, Organisation) and row.setting
        else None,
        documents=documents(recorded),
        trail=recorded,
    )


def _ancestors(nodes: Nodes[Row], id_: UUID, point: Point) -> tuple[Shown, ...]:
    return tuple(shown(row) for row in nodes.ancestors(id_, point))


def _card(reading: Reading, nodes: Nodes[Row], history: Sequence[Row], day: date) -> Card:
    row = row_on(history, day)
    if row is None:
        return Card(day, None, ())
    return Card(day, shown(row), _ancestors(nodes, id_of(row), on_day(reading, day)))


def _left(reading: Reading, nodes: Nodes[Row], category: str, id_: UUID) -> tuple[Shown, ...]:
    """What those directly below it on the eve had become on the day, by the alphabet."""
    below = [id_of(row) for row in nodes.children(id_, on_day(reading, EVE))]
    answers = answers_for(reading, below, EVE, REORGANISATION, category)
    heirs = {step.id for answer in answers.values() for step in answer.steps}
    found = nodes.named(list(heirs), on_day(reading, REORGANISATION))
    return tuple(shown(row) for row in sorted(found, key=lambda row: row.sort_key))


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
            organisations.many(on_day(reading, on), Filters(unit_id=row.unit_id), limit=50)
        )
    else:
        units = Units(reading.connection, reading.schema)
        wanted = [row.unit_id] if row.unit_id else []
        found = list(units.named(wanted, on_day(reading, on)))
    return tuple(map(shown, found))
