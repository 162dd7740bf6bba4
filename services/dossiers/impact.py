"""What a correction changed: which answers are other than they were before it.

One row for each field of each entity and each interval of days on which what was known before the
correction and what is known after it differ. Whoever has used such an answer can be told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from domain.aggregate import Aggregate
from domain.dossier.dossier import Dossier
from domain.timeline import Timeline, together
from services.record import replayed
from services.store import Log


@dataclass(frozen=True)
class Impact:
    """A field that is answered otherwise from `first` up to, not including, `after`."""

    id: UUID
    of: str  # topic of the stream: "unit", "party-organisation", ...
    called: str | None
    field: str
    first: date
    after: date | None  # None: open
    old: Any  # None: nothing was known
    new: Any


def impact_of_corrections(log: Log, dossier: Dossier) -> list[Impact]:
    """Of all its corrections together: between what was first recorded and what stands now."""
    blocks = list(dossier.own_positions())
    if len(blocks) < 2:
        return []
    return impact(log, blocks[1].start - 1, blocks[-1].stop - 1, blocks[1:])


def impact(log: Log, before: int, after: int, blocks: list[range]) -> list[Impact]:
    """Between two positions, of the streams with events in these blocks."""
    ids = {
        UUID(str(stored.originator_id))
        for block in blocks
        for stored in log.feed(block.start - 1, len(block))
    }
    old, new = _folded(log, ids, before), _folded(log, ids, after)
    rows = [row for id_ in ids for row in _differences(id_, old.get(id_), new.get(id_))]
    return sorted(
        rows, key=lambda row: (row.of, row.called or "", str(row.id), row.field, row.first)
    )


def _folded(log: Log, ids: set[UUID], known_at: int) -> dict[UUID, Aggregate]:
    histories = groupby(log.histories(list(ids), known_at), key=lambda r: r.originator_id)
    return {UUID(str(id_)): replayed(history) for id_, history in histories}


def _differences(id_: UUID, old: Aggregate | None, new: Aggregate | None) -> Iterator[Impact]:
    known = new or old
    assert known is not None
    fields = dict.fromkeys((*(old.fields() if old else ()), *(new.fields() if new else ())))
    for field in fields:
        lines = (_line(old, field), _line(new, field))
        for (was, is_), first, after in together(*lines):
            if was != is_:
                called = known.called(first)
                yield Impact(id_, known.TOPIC, called, field, first, after, was, is_)


def _line(aggregate: Aggregate | None, field: str) -> Timeline[Any]:
    line = aggregate.fields().get(field) if aggregate else None
    return line if line is not None else Timeline()
