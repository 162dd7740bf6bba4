"""What one was made of and what became of it, with how sure it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from domain.lineage import Step
from domain.names import sort_key
from ops.cli.subjects import NODES
from projections.lineage import Lineage
from projections.point import Point
from services.crosswalk import answers_for
from services.diff import Category
from services.reading import Reading

CATEGORY: dict[Category, str] = {"units": "unit", "organisations": "organisation"}
NOTHING: dict[str, Any] = {"on": None, "certainty": None, "found": []}
Numbers = Mapping[int, str | None]
_DAY = timedelta(days=1)


def descent(reading: Reading, category: Category, id_: UUID) -> dict[str, dict[str, Any]]:
    """Who was there before it last took from others, and where it is after all it gave.

    Hand-overs that are known to come count as well: who asks for the eve sees what follows.
    """
    day, known_at = reading.point.valid_at, reading.point.known_at
    handed = Lineage(reading.connection, reading.schema).hand_overs(id_, known_at)
    gave = [each.on_day for each in handed if each.giver == id_]
    took = [each.on_day for each in handed if each.taker == id_]
    return {
        "predecessors": _told(reading, category, id_, max(took), max(took) - _DAY)
        if took
        else NOTHING,
        "successors": _told(reading, category, id_, min(gave) - _DAY, max(day, *gave))
        if gave
        else NOTHING,
    }


def _told(
    reading: Reading, category: Category, id_: UUID, begins: date, ends: date
) -> dict[str, Any]:
    answer = answers_for(reading, [id_], begins, ends, CATEGORY[category])[id_]
    nodes = NODES[category](reading.connection, reading.schema)
    point = Point(ends, reading.point.known_at)
    states = {
        getattr(row, NODES[category].id): row
        for row in nodes.named([step.id for step in answer.steps], point)
    }
    known = numbers(reading, (edge.order for step in answer.steps for edge in step.edges))
    found = [_step(step, states[step.id], known) for step in answer.steps]
    found.sort(key=lambda each: (not each["is_default"], sort_key(each["name"])))
    return {"on": ends, "certainty": str(answer.certainty), "found": found}


def _step(step: Step, row: Any, known: Numbers) -> dict[str, Any]:
    return {
        "name": row.name,
        "codes": row.codes,
        "id": step.id,
        "extent": step.extent,
        "is_default": step.is_default,
        "document": documents(known, (edge.order for edge in step.edges)),
    }


def numbers(reading: Reading, positions: Iterable[int]) -> Numbers:
    """The numbers of the documents behind the hand-overs at these positions."""
    lineage = Lineage(reading.connection, reading.schema)
    return lineage.documents(list(set(positions)))


def documents(known: Numbers, way: Iterable[int]) -> str | None:
    """The documents along one way, each once; None where none is known."""
    return "; ".join(dict.fromkeys(n for position in way if (n := known.get(position)))) or None
