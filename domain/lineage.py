"""What becomes of units and organisations: edges from the old to the new, and how sure one can be.

An edge says that the whole, a part, or an unknown share of one thing went to another on a day, and
may say how many people and how much land that was. A question like "what became of 10081?" is
answered `exact`, `split` or `ambiguous`, never by a silent pick.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from heapq import heappop, heappush
from operator import mul
from typing import Literal, NamedTuple
from uuid import UUID

from domain.errors import InvalidValue

EXTENTS = ("whole", "part", "unknown")  # the surest first
_DAY = timedelta(days=1)
_RANK = {extent: rank for rank, extent in enumerate(EXTENTS)}

Figure = Literal["population", "area"]


@dataclass(frozen=True, slots=True)
class Successor:
    """Who takes over, and how much: the whole, a part, or an unknown share."""

    id: UUID
    extent: str
    is_default: bool = False  # where a reader who must choose one should look first
    population: int | None = None  # people who go over; None: not said
    area: int | None = None  # square metres that go over; None: not said


def refuse_ill_formed(giver: UUID, successors: Sequence[Successor]) -> None:
    """Raises InvalidValue: a whole goes to one, nobody is its own successor, none comes twice."""
    ids = [successor.id for successor in successors]
    if any(s.extent not in EXTENTS for s in successors):
        raise InvalidValue(f"The extent is one of {', '.join(EXTENTS)}", field="successors.extent")
    if giver in ids:
        raise InvalidValue("Nothing is its own successor", field="successors.id")
    if len(set(ids)) != len(ids):
        raise InvalidValue("A successor is named twice", field="successors.id")
    if len(ids) > 1 and any(s.extent == "whole" for s in successors):
        raise InvalidValue("A whole goes to one successor only", field="successors.extent")
    if sum(s.is_default for s in successors) > 1:
        raise InvalidValue("One successor at most is the default", field="successors.is_default")
    for field in ("population", "area"):
        if any((getattr(s, field) or 0) < 0 for s in successors):
            raise InvalidValue("Nobody takes over less than nothing", field=f"successors.{field}")


def refuse_lone_part(successors: Sequence[Successor]) -> None:
    """Raises InvalidValue where an end would leave a part to one and the rest to nobody."""
    if len(successors) == 1 and successors[0].extent == "part":
        raise InvalidValue(
            "What goes to one successor goes there whole, or to an unknown extent",
            field="successors.extent",
        )


def total(successors: Iterable[Successor | Edge], figure: Figure) -> int | None:
    """People (square metres) that go over in all; None where it is not said of every one.

    Of an end that leaves no unknown extent this is all that the giver had.
    """
    said: list[int | None] = [getattr(successor, figure) for successor in successors]
    return sum(each for each in said if each is not None) if None not in said else None


class Edge(NamedTuple):
    """The extent of `giver` that went to `taker` on a day."""

    giver: UUID
    taker: UUID
    on: date
    order: int  # position of the event that says so
    extent: str
    is_default: bool
    ends: bool = False  # the giver is no more from that day on; else it ceded this, and lives on
    population: int | None = None  # people
    area: int | None = None  # square metres


class Certainty(StrEnum):
    """How far an answer about descent can be relied upon."""

    EXACT = "exact"  # everything went to (came from) one
    SPLIT = "split"  # it went to (came from) several, or in part to nobody (from nothing)
    AMBIGUOUS = "ambiguous"  # an extent on the way is unknown, or the question fits several
    NONE = "none"  # nothing took over (nothing came before)


class Share(NamedTuple):
    """How much of an older thing lies in a younger one: 1.0 is all of it, None is not known."""

    extent: str | None  # None: nothing of it
    population: float | None
    area: float | None
    is_computed: bool = False  # as if people and land were spread evenly over what was divided


_ALL = Share("whole", 1.0, 1.0)
_NOTHING = Share(None, 0.0, 0.0)


class Step(NamedTuple):
    """Something found at the end of the way, and how much of the older lies in the younger."""

    id: UUID
    share: Share
    is_default: bool  # the default of every edge on the way
    edges: tuple[Edge, ...]  # the first way that led there, from the start

    @property
    def extent(self) -> str:
        return self.share.extent or "unknown"


class Answer(NamedTuple):
    """What `follow` found; `steps` in the order of arrival."""

    certainty: Certainty
    steps: tuple[Step, ...]


def follow(
    start: UUID,
    begins: date,
    ends: date,
    network: Network,
    exists: Callable[[UUID, date], bool],
) -> Answer:
    """Where `start`, as it was on `begins`, is found on `ends`: later heirs, or earlier origins.

    Each hand-over is passed once, in the order of days and positions, and only what had arrived
    before it goes on with it; so changes of one day, and what is given and given back, are followed
    rightly. `network` holds at least all hand-overs of whatever is met on the way; `exists` says
    whether an id is active on a day.
    """
    ways = _Ways(start, begins, ends, network)
    met = [id_ for id_ in ways.edges if exists(id_, ends)]
    shares = ways.shares_of_start(met) if ways.is_onward else ways.shares_in_start()
    steps = tuple(Step(id_, shares[id_], id_ in ways.defaults, ways.edges[id_]) for id_ in met)
    return Answer(_certainty(steps, ways, exists), steps)


def _certainty(
    steps: Sequence[Step], ways: _Ways, exists: Callable[[UUID, date], bool]
) -> Certainty:
    if not steps:
        return Certainty.NONE
    if ways.is_onward and steps[0].extent == "whole":
        return Certainty.EXACT  # wherever parts of it were meanwhile
    if any(edge.extent == "unknown" for edge in ways.passed):
        return Certainty.AMBIGUOUS
    if len(steps) > 1 or ways.is_onward or ways.begin_from_nothing(exists):
        return Certainty.SPLIT
    return Certainty.EXACT


class _Ways:
    """All that is met from `start` between two days, by passing hand-overs in their order."""

    def __init__(self, start: UUID, begins: date, ends: date, network: Network) -> None:
        self.is_onward = begins <= ends
        self.edges: dict[UUID, tuple[Edge, ...]] = {start: ()}  # the first way to each
        self.defaults = {start}
        self.passed: list[Edge] = []
        self._hand_overs: list[HandOver] = []
        self._start, self._ends, self._network = start, ends, network
        self._window = network.between(min(begins, ends), max(begins, ends))
        self._go()

    def _go(self) -> None:
        """A place in the network counts backward, as -place, where the way goes back in time."""
        sign, at = (1, self._network.leaving) if self.is_onward else (-1, self._network.entering)
        first, after = self._window
        queue: list[int] = []
        arrived, place = [self._start], None
        while True:
            for id_ in arrived:
                for next_ in at.get(id_, ()):
                    if first <= next_ < after and (place is None or sign * next_ > place):
                        heappush(queue, sign * next_)
            if not queue:
                return
            if (further := heappop(queue)) == place:
                arrived = []  # led there by another taker as well
                continue
            place = further
            hand_over = self._network.hand_overs[sign * place]
            self._hand_overs.append(hand_over)
            arrived = list(self._pass(hand_over))

    def _pass(self, hand_over: HandOver) -> Iterator[UUID]:
        """Yields who is met for the first time."""
        for edge in hand_over.edges:
            origin, target = edge[:2] if self.is_onward else edge[1::-1]
            if origin not in self.edges:
                continue
            self.passed.append(edge)
            if edge.is_default and origin in self.defaults:
                self.defaults.add(target)
            if target not in self.edges:
                self.edges[target] = (*self.edges[origin], edge)
                yield target

    def shares_of_start(self, met: Iterable[UUID]) -> dict[UUID, Share]:
        """How much of `start` lies in each of these."""
        latest_first = self._hand_overs[::-1]
        return {id_: _lying_in(id_, latest_first).get(self._start, _NOTHING) for id_ in met}

    def shares_in_start(self) -> dict[UUID, Share]:
        """How much of each that is met lies in `start`; what they gave to others counts."""
        first, after = self._window
        places = {p for id_ in self.edges for p in self._network.leaving.get(id_, ())}
        latest_first = sorted((p for p in places if first <= p < after), reverse=True)
        return _lying_in(self._start, [self._network.hand_overs[p] for p in latest_first])

    def begin_from_nothing(self, exists: Callable[[UUID, date], bool]) -> bool:
        """Whether anything met on the way back began with nobody to come from."""
        founded = {e.taker for e in self.passed if not exists(e.taker, e.on - _DAY)}
        return any(not exists(id_, self._ends) and id_ not in founded for id_ in self.edges)


def _lying_in(goal: UUID, latest_first: Iterable[HandOver]) -> dict[UUID, Share]:
    """How much of each lies in `goal` after these hand-overs; what is not in it: nothing."""
    lying = {goal: _ALL}
    for hand_over in latest_first:
        went = [lying.get(edge.taker, _NOTHING) for edge in hand_over.edges]
        kept = _NOTHING if hand_over.ends else lying.get(hand_over.giver, _NOTHING)
        if kept is not _NOTHING or any(share is not _NOTHING for share in went):
            lying[hand_over.giver] = hand_over.share(went, kept)
    return lying


class HandOver(NamedTuple):
    """All that one giver gave at once: parts of it, or with its end everything."""

    giver: UUID
    ends: bool
    edges: tuple[Edge, ...]

    def share(self, went: Sequence[Share], kept: Share) -> Share:
        """How much of the giver lies in something, told how much of each taker and of the rest."""
        if len(went) == 1 and self.edges[0].extent == "whole":
            (share,) = went
            is_computed = share.is_computed or _is_fraction(share)
            return share if is_computed == share.is_computed else share._replace(is_computed=True)
        lying = went if self.ends else [*went, kept]
        return Share(
            self._extent(went, kept),
            self._mean("population", [share.population for share in lying]),
            self._mean("area", [share.area for share in lying]),
            any(share.is_computed or _is_fraction(share) for share in lying),
        )

    def _extent(self, went: Sequence[Share], kept: Share) -> str:
        """The whole where all of it met again, else the weakest on the surest way."""
        is_kept = self.ends or kept.extent == "whole"
        if is_kept and all(share.extent == "whole" for share in went) and not self._may_lose():
            return "whole"
        extents = [
            max(share.extent, edge.extent, key=_RANK.__getitem__)
            for share, edge in zip(went, self.edges, strict=True)
            if share.extent is not None
        ]
        if kept.extent is not None:
            extents.append(max(kept.extent, "part", key=_RANK.__getitem__))
        return min(extents, key=_RANK.__getitem__)

    def _mean(self, figure: Figure, lying: Sequence[float | None]) -> float | None:
        """Where all lies in it alike, that; else by the figures of an end that states them all."""
        if self._may_lose():
            return None
        if all(each == lying[0] for each in lying):
            return lying[0]
        whole = total(self.edges, figure) if self.ends else None
        known = [each for each in lying if each is not None]
        if not whole or len(known) < len(lying):
            return None
        went: Iterator[int] = (getattr(edge, figure) for edge in self.edges)
        return float(sum(map(mul, went, known)) / whole)

    def _may_lose(self) -> bool:
        """Whether some of it may have gone to nobody: it ended, and not everything is told."""
        return self.ends and any(edge.extent == "unknown" for edge in self.edges)


def _is_fraction(share: Share) -> bool:
    return share.population not in (0.0, 1.0, None) or share.area not in (0.0, 1.0, None)


class Network:
    """Hand-overs in the order of days and positions, and who gave and who took in each."""

    __slots__ = ("_days", "entering", "hand_overs", "leaving")

    def __init__(self, edges: Iterable[Edge]) -> None:
        together: dict[tuple[date, int, UUID], list[Edge]] = defaultdict(list)
        for edge in edges:
            together[edge.on, edge.order, edge.giver].append(edge)
        self.hand_overs: list[HandOver] = []
        self.leaving: dict[UUID, list[int]] = defaultdict(list)  # places in `hand_overs`
        self.entering: dict[UUID, list[int]] = defaultdict(list)
        self._days: list[date] = []
        for place, key in enumerate(sorted(together)):
            given = tuple(together[key])
            self.hand_overs.append(HandOver(key[2], given[0].ends, given))
            self._days.append(key[0])
            self.leaving[key[2]].append(place)
            for edge in given:
                self.entering[edge.taker].append(place)

    def between(self, begins: date, ends: date) -> tuple[int, int]:
        """(first place, place after the last) of the days after `begins`, up to `ends`."""
        return bisect_right(self._days, begins), bisect_right(self._days, ends)


def by_giver(edges: Iterable[Edge]) -> dict[UUID, list[Edge]]:
    """What leaves each id."""
    grouped: dict[UUID, list[Edge]] = {}
    for edge in edges:
        grouped.setdefault(edge.giver, []).append(edge)
    return grouped


def by_taker(edges: Iterable[Edge]) -> dict[UUID, list[Edge]]:
    """What enters each id."""
    grouped: dict[UUID, list[Edge]] = {}
    for edge in edges:
        grouped.setdefault(edge.taker, []).append(edge)
    return grouped
