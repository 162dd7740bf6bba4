"""The lineage of a dossier as small drawings: old ones left, new ones right, ribbons between them.

What hangs together is drawn together, up to BOXES_MAX; what is larger is drawn around each new one,
so that a province with 150 communes stays readable. Pure: crossings in, coordinates out. Lengths
are in CSS pixels. (A page about one thing over many days is drawn in api/pages/drawing.py.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.names import sort_key

BOX_WIDTH, GAP, MARGIN = 176.0, 72.0, 2.0
ROW_MIN, BETWEEN = 24.0, 5.0
WIDTHS = {"whole": 14.0, "part": 8.0, "unknown": 8.0}
BOXES_MAX = 16
NAME_MAX = 27  # characters that fit into a box beside a code


@dataclass(frozen=True, slots=True)
class Box:
    code: str
    called: str
    text: str  # what fits of its name
    x: float
    y: float
    height: float
    elsewhere: int = 0  # hand-overs of it that are not in this drawing
    lives_on: bool = False


@dataclass(frozen=True, slots=True)
class Ribbon:
    extent: str
    path: str
    words: tuple[str, str]  # names of both ends
    mark: tuple[float, float] | None  # of a default, where there was a choice


@dataclass(frozen=True, slots=True)
class Drawing:
    title: str
    subject: str
    boxes: tuple[Box, ...]
    ribbons: tuple[Ribbon, ...]
    width: float
    height: float


def drawings(crossings: Iterable[Any]) -> tuple[Drawing, ...]:
    """Of all that comes together, is divided or goes over, by the codes of the new ones.

    What merely lives on, and an organisation that does as its unit does, needs no drawing.
    """
    rows = _without_followers(tuple(crossings))
    given = [row for row in rows if not row.lives_on]
    ends = {row.old_id for row in given} | {row.new_id for row in given}
    told = given + [row for row in rows if row.lives_on and row.old_id in ends]
    groups = sorted(_groups(told), key=_key)
    choices: dict[UUID, int] = defaultdict(int)
    for row in told:
        choices[row.old_id] += 1
    return tuple(_drawn(part, choices) for group in groups for part in _parts(group))


def _without_followers(rows: Sequence[Any]) -> list[Any]:
    """An organisation has the code of its unit: what repeats a hand-over of units is left out."""
    units = {(r.old_code, r.new_code) for r in rows if r.subject == "unit"}
    return [r for r in rows if r.subject == "unit" or (r.old_code, r.new_code) not in units]


def _groups(rows: Sequence[Any]) -> Iterator[list[Any]]:
    """Connected components."""
    of: dict[tuple[str, UUID], list[Any]] = defaultdict(list)
    for row in rows:
        for end in _ends(row):
            of[end].append(row)
    seen: set[int] = set()
    for row in rows:
        if id(row) in seen:
            continue
        group, left = [], [row]
        seen.add(id(row))
        while left:
            current = left.pop()
            group.append(current)
            near = [r for end in _ends(current) for r in of[end] if id(r) not in seen]
            seen.update(map(id, near))
            left += {id(r): r for r in near}.values()
        yield group


def _ends(row: Any) -> tuple[tuple[str, UUID], tuple[str, UUID]]:
    return ("old", row.old_id), ("new", row.new_id)


def _key(rows: Sequence[Any]) -> tuple[bool, bool, str]:
    of_communes = any(row.level == "commune" for row in rows)
    return rows[0].subject != "unit", of_communes, min(row.new_code or "~" for row in rows)


def _parts(rows: Sequence[Any]) -> Iterator[list[Any]]:
    """The group itself, or what leads to each new one where all of it would be too much."""
    if len({end for row in rows for end in _ends(row)}) <= BOXES_MAX:
        yield list(rows)
        return
    by_new: dict[UUID, list[Any]] = defaultdict(list)
    for row in sorted(rows, key=lambda r: r.new_code or "~"):
        by_new[row.new_id].append(row)
    yield from by_new.values()


def _drawn(rows: Sequence[Any], choices: Mapping[UUID, int]) -> Drawing:
    new = sorted({r.new_id: (r.new_code or "", r.new_called) for r in rows}.items(), key=_by_code)
    places = {id_: place for place, (id_, _) in enumerate(new)}
    old = sorted(
        {r.old_id: (r.old_code or "", r.old_called) for r in rows}.items(),
        key=lambda each: (_middle(each[0], rows, places), sort_key(each[1][1])),
    )
    out, into = _grouped(rows, "old_id"), _grouped(rows, "new_id")
    right = MARGIN + BOX_WIDTH + GAP
    left_boxes = _column(old, out, MARGIN)
    right_boxes = _column(new, into, right)
    height = max(_bottom(left_boxes), _bottom(right_boxes))
    left_boxes = _centred(left_boxes, height)
    right_boxes = _centred(right_boxes, height)
    kept = {row.old_id for row in rows if row.lives_on}
    shown = {id_: len(those) for id_, those in out.items()}
    boxes = [
        _with(box, elsewhere=choices[id_] - shown[id_], lives_on=id_ in kept)
        for id_, box in left_boxes.items()
    ] + list(right_boxes.values())
    called = [name for _, (_, name) in new]
    title = called[0] if len(called) == 1 else f"{called[0]} … {called[-1]}"
    return Drawing(
        title=title,
        subject=rows[0].subject,
        boxes=tuple(boxes),
        ribbons=tuple(_ribbons(rows, left_boxes, right_boxes, choices)),
        width=right + BOX_WIDTH + MARGIN,
        height=height + MARGIN,
    )


def _by_code(each: tuple[UUID, tuple[str, str]]) -> tuple[str, str]:
    return each[1]


def _middle(old_id: UUID, rows: Sequence[Any], places: Mapping[UUID, int]) -> float:
    """Where its heirs stand on the other side: so ribbons cross little."""
    mine = [places[row.new_id] for row in rows if row.old_id == old_id]
    return sum(mine) / len(mine)


def _grouped(rows: Sequence[Any], side: str) -> dict[UUID, list[Any]]:
    grouped: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[getattr(row, side)].append(row)
    return grouped


def _column(
    ends: Sequence[tuple[UUID, tuple[str, str]]], ribbons: Mapping[UUID, list[Any]], x: float
) -> dict[UUID, Box]:
    boxes, y = {}, MARGIN
    for id_, (code, called) in ends:
        height = max(ROW_MIN, sum(WIDTHS[row.extent] for row in ribbons[id_]) + 4)
        text = called if len(called) <= NAME_MAX else f"{called[: NAME_MAX - 1]}…"
        boxes[id_] = Box(code, called, text, x, y, height)
        y += height + BETWEEN
    return boxes


def _bottom(boxes: Mapping[UUID, Box]) -> float:
    return max(box.y + box.height for box in boxes.values())


def _centred(boxes: Mapping[UUID, Box], height: float) -> dict[UUID, Box]:
    down = (height - _bottom(boxes)) / 2
    return {id_: _with(box, y=round(box.y + down, 1)) for id_, box in boxes.items()}


def _with(box: Box, **changed: Any) -> Box:
    values = {name: getattr(box, name) for name in Box.__dataclass_fields__}
    return Box(**(values | changed))


def _ribbons(
    rows: Sequence[Any],
    left: Mapping[UUID, Box],
    right: Mapping[UUID, Box],
    choices: Mapping[UUID, int],
) -> Iterator[Ribbon]:
    starts = _ports(rows, "old_id", left, lambda r: right[r.new_id].y)
    stops = _ports(rows, "new_id", right, lambda r: left[r.old_id].y)
    for row in rows:
        (x1, y1), (x2, y2) = starts[id(row)], stops[id(row)]
        x1 += BOX_WIDTH
        path = _band(x1, y1, x2, y2, WIDTHS[row.extent])
        is_choice = row.is_default and choices[row.old_id] > 1
        mark = (x1 + 6, round(y1 + WIDTHS[row.extent] / 2, 1)) if is_choice else None
        extent = "stays" if row.lives_on else row.extent
        yield Ribbon(extent, path, (row.old_called, row.new_called), mark)


def _ports(rows: Sequence[Any], side: str, boxes: Mapping[UUID, Box], order: Any) -> dict[int, Any]:
    """(x, y) of the upper edge of each ribbon at its box, in the order of the other ends."""
    ports: dict[int, Any] = {}
    for id_, those in _grouped(rows, side).items():
        box = boxes[id_]
        y = box.y + (box.height - sum(WIDTHS[row.extent] for row in those)) / 2
        for row in sorted(those, key=order):
            ports[id(row)] = (box.x, y)
            y += WIDTHS[row.extent]
    return ports


def _band(x1: float, y1: float, x2: float, y2: float, width: float) -> str:
    """The `d` of a ribbon: there along its upper edge, back along its lower."""
    x = (x1 + x2) / 2
    there = f"M{x1:g} {y1:g}C{x:g} {y1:g} {x:g} {y2:g} {x2:g} {y2:g}"
    back = f"V{y2 + width:g}C{x:g} {y2 + width:g} {x:g} {y1 + width:g} {x1:g} {y1 + width:g}Z"
    return there + back
