"""A lineage as a drawing: columns of boxes from old to new, and a line for each hand-over.

Pure: edges and names in, coordinates out; the template turns them into SVG. Lengths are in CSS
pixels. Two columns are narrow enough for a phone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

from domain.lineage import EXTENTS, Edge, by_giver, by_taker
from domain.names import sort_key

BOX_WIDTH, BOX_HEIGHT = 156, 44
ROW, COLUMN, MARGIN = 54, 232, 4
LINE_LENGTH_MAX = 18  # characters that fit into a box
BOXES_MAX = 80  # beyond this a drawing says nothing; the table still has every line


@dataclass(frozen=True, slots=True)
class Box:
    """One unit or organisation."""

    id: UUID
    path: str  # of its page
    lines: tuple[str, ...]  # its name, one or two lines
    name: str
    x: float
    y: float
    is_subject: bool

    @property
    def middle(self) -> float:
        return self.y + BOX_HEIGHT / 2


@dataclass(frozen=True, slots=True)
class Line:
    """One hand-over, from the right side of its giver to the left side of its taker."""

    edge: Edge
    path: str  # the `d` of an SVG path
    mark: tuple[float, float] | None  # where the mark of a default stands; None: no choice to make


@dataclass(frozen=True, slots=True)
class Drawing:
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    width: float
    height: float
    columns: int

    @property
    def has_default(self) -> bool:
        """Whether any line has the mark of a default."""
        return any(line.mark for line in self.lines)


def related(start: UUID, edges: Iterable[Edge]) -> list[Edge]:
    """Every hand-over that led to `start`, over any number of steps, and every one from it."""
    edges = list(edges)
    found = _reachable(start, by_taker(edges), lambda e: e.giver)
    found |= _reachable(start, by_giver(edges), lambda e: e.taker)
    return sorted(found, key=lambda e: (e.on, e.order, str(e.taker)))


def _reachable(
    start: UUID, edges: Mapping[UUID, Sequence[Edge]], target: Callable[[Edge], UUID]
) -> set[Edge]:
    found: set[Edge] = set()
    queue = deque([start])
    while queue:
        for edge in edges.get(queue.popleft(), ()):
            if edge not in found:
                found.add(edge)
                queue.append(target(edge))
    return found


def drawn(
    start: UUID, edges: Iterable[Edge], names: Mapping[UUID, str], path_of: Callable[[UUID], str]
) -> Drawing | None:
    """The drawing around `start`; None when there is nothing to draw, or too much."""
    lines = related(start, edges)
    columns = _columns(start, lines)
    if not lines or len(columns) > BOXES_MAX:
        return None
    boxes = _boxes(start, _in_order(columns, lines, names), names, path_of)
    choices = {giver: len(each) for giver, each in by_giver(lines).items()}
    return Drawing(
        boxes=tuple(boxes.values()),
        lines=tuple(_line(edge, boxes, choices[edge.giver]) for edge in lines),
        width=max(box.x for box in boxes.values()) + BOX_WIDTH + MARGIN,
        height=max(box.y for box in boxes.values()) + BOX_HEIGHT + MARGIN,
        columns=len({box.x for box in boxes.values()}),
    )


def _columns(start: UUID, edges: Sequence[Edge]) -> dict[UUID, int]:
    """How many steps each is away: below zero before `start`, above zero after it."""
    columns = {start: 0}
    _spread(columns, start, by_taker(edges), -1, lambda e: e.giver)
    _spread(columns, start, by_giver(edges), 1, lambda e: e.taker)
    return columns


def _spread(
    columns: dict[UUID, int],
    start: UUID,
    edges: Mapping[UUID, Sequence[Edge]],
    step: int,
    target: Callable[[Edge], UUID],
) -> None:
    queue = deque([start])
    while queue:
        here = queue.popleft()
        for edge in edges.get(here, ()):
            if target(edge) not in columns:
                columns[target(edge)] = columns[here] + step
                queue.append(target(edge))


def _in_order(
    columns: Mapping[UUID, int], edges: Iterable[Edge], names: Mapping[UUID, str]
) -> dict[UUID, int]:
    """Within a column: first what was handed over whole, then by name."""
    extents: dict[UUID, int] = {}
    for edge in edges:
        for id_ in (edge.giver, edge.taker):
            extent = EXTENTS.index(edge.extent)
            extents[id_] = min(extent, extents.get(id_, extent))
    order = sorted(columns, key=lambda id_: (extents.get(id_, 0), sort_key(names.get(id_, ""))))
    return {id_: columns[id_] for id_ in order}


def _boxes(
    start: UUID,
    columns: Mapping[UUID, int],
    names: Mapping[UUID, str],
    path_of: Callable[[UUID], str],
) -> dict[UUID, Box]:
    members: dict[int, list[UUID]] = {}
    for id_, column in columns.items():
        members.setdefault(column, []).append(id_)
    tallest, first = max(map(len, members.values())), min(members)
    boxes = {}
    for column, ids in members.items():
        top = MARGIN + (tallest - len(ids)) * ROW / 2
        for row, id_ in enumerate(ids):
            name = names.get(id_, "?")
            x, y = MARGIN + (column - first) * COLUMN, top + row * ROW
            boxes[id_] = Box(id_, path_of(id_), broken(name), name, x, y, id_ == start)
    return boxes


def _line(edge: Edge, boxes: Mapping[UUID, Box], siblings: int) -> Line:
    """`siblings`: how many lines leave its giver; where they fan out the mark stands further on."""
    giver, taker = boxes[edge.giver], boxes[edge.taker]
    x1, y1, x2, y2 = giver.x + BOX_WIDTH, giver.middle, taker.x, taker.middle
    bend = max(abs(x2 - x1) / 2, 24)
    path = f"M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}"
    is_choice = edge.is_default and (siblings > 1 or edge.extent != "whole")
    mark = _at(0.65 if siblings > 1 else 0.24, (x1, y1), (x1 + bend, y1), (x2 - bend, y2), (x2, y2))
    return Line(edge, path, mark if is_choice else None)


def _at(t: float, *points: tuple[float, float]) -> tuple[float, float]:
    """The point of a Bézier curve, by de Casteljau; so marks of crossing lines stay apart."""
    while len(points) > 1:
        pairs = pairwise(points)
        points = tuple((a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])) for a, b in pairs)
    return (round(points[0][0], 1), round(points[0][1], 1))


def broken(name: str) -> tuple[str, ...]:
    """A name in at most two lines of like length; what does not fit ends in an ellipsis."""
    words = name.split()
    if len(name) <= LINE_LENGTH_MAX or len(words) == 1:
        return (_cut(name),)
    ways = [(" ".join(words[:n]), " ".join(words[n:])) for n in range(1, len(words))]
    first, second = min(ways, key=lambda way: (max(map(len, way)), -len(way[0])))
    return (_cut(first), _cut(second))


def _cut(text: str) -> str:
    return text if len(text) <= LINE_LENGTH_MAX else f"{text[: LINE_LENGTH_MAX - 1]}…"
