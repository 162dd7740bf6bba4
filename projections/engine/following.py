"""Bring the views level with the log: many events to a transaction, each told once to all views.

A view's rows and its mark move together, so whoever is killed in between begins again where the
mark stands. A stream that cannot be taken in is parked in that view, and the others go on; a view
that cannot go on stops where it is, and the other views go on without it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import Connection

from projections.engine.batch import read_mark, take_in
from projections.engine.faults import (
    EventUnreadable,
    TablesAltered,
    ViewAhead,
    ViewOutdated,
    ViewsStopped,
    ViewStopped,
    in_one,
)
from projections.engine.marks import create, marks, namespace
from projections.engine.memory import Memory
from projections.engine.parking import Parked
from projections.engine.rows import REFUSED, Target
from projections.engine.status import Status, status
from projections.engine.view import Source, View

__all__ = [
    "EventUnreadable",
    "Followed",
    "Memory",
    "Parked",
    "Status",
    "Target",
    "ViewAhead",
    "ViewOutdated",
    "ViewStopped",
    "ViewsStopped",
    "attend",
    "create",
    "follow",
    "follow_targets",
    "marks",
    "status",
]

_ALTERED = (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn)


class Pace:
    """How many events to a batch: few at first, more as long as they are soon done.

    A batch is what a reader waits for at worst, and what is lost when it fails.
    """

    LEAST, MOST = 100, 10_000
    SOON_S, LATE_S = 0.2, 0.8

    def __init__(self, fixed: int | None = None) -> None:
        self._fixed = fixed
        self.size = fixed or 500

    def took(self, seconds: float) -> None:
        if self._fixed:
            return
        if seconds < self.SOON_S:
            self.size = min(2 * self.size, self.MOST)
        elif seconds > self.LATE_S:
            self.size = max(self.size // 2, self.LEAST)


@dataclass(frozen=True)
class Followed:
    """How far views have come, by name; `stopped`: those that cannot go on, and why."""

    reached: Mapping[str, int]  # those that go on
    stopped: Mapping[str, ViewStopped]
    parked: Sequence[tuple[str, Parked]]  # views with streams that were parked there now

    @property
    def fault(self) -> ViewStopped | None:
        """Why views cannot go on, in one error that names them all; None: all go on."""
        return in_one(self.stopped.values())


def follow(
    connection: Connection[Any],
    schema: str,
    source: Source,
    views: Sequence[View],
    *,
    up_to: int | None = None,
    batch: int | None = None,
    progress: Callable[[int], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> int:
    """Bring the views level with the log (with `up_to`); return the position all have reached.

    `connection` is in autocommit. `batch` is in events; None: as many as are soon done.
    `progress` is told the position after each batch; `stop` is asked before each. Several may
    follow at once: they take turns.
    Raises EventUnreadable, ViewOutdated, ViewAhead, TooManyParked, TablesAltered, RowsGone,
    RowsAhead, ViewsStopped: after the other views have been brought level.
    """
    done = attend(
        connection, schema, source, views, up_to=up_to, batch=batch, progress=progress, stop=stop
    )
    if done.fault:
        raise done.fault
    return min(done.reached.values())


def attend(
    connection: Connection[Any],
    schema: str,
    source: Source,
    views: Sequence[View],
    *,
    up_to: int | None = None,
    batch: int | None = None,
    progress: Callable[[int], None] | None = None,
    stop: Callable[[], bool] | None = None,
    memory: Memory | None = None,
    took: Callable[[int, float], None] | None = None,
) -> Followed:
    """`follow`, which tells of the views that cannot go on instead of raising.

    Whoever follows for long keeps a `memory` from one call to the next. `took` is told of each
    batch: its events, and the seconds it took.
    """
    targets = [Target(view, namespace(schema, view.name)) for view in views]
    course = _Course(connection, source, up_to, Pace(batch), stop, memory, took)
    return course.run(targets, progress)


def follow_targets(
    connection: Connection[Any],
    source: Source,
    targets: Sequence[Target],
    up_to: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> None:
    """`follow`, for tables anywhere."""
    done = _Course(connection, source, up_to, Pace(), None, None).run(targets, progress)
    if done.fault:
        raise done.fault


class _Course:
    """Views on their way. Those with the same mark go together, the one ahead goes first.

    So who stands still, or has far to go, delays nobody by more than a batch.
    """

    def __init__(
        self,
        connection: Connection[Any],
        source: Source,
        up_to: int | None,
        pace: Pace,
        stop: Callable[[], bool] | None,
        memory: Memory | None,
        took: Callable[[int, float], None] | None = None,
    ) -> None:
        assert connection.autocommit, "each batch is a transaction of its own"
        self._connection, self._source, self._up_to = connection, source, up_to
        self._pace, self._memory = pace, memory or Memory()
        self._stop = stop or (lambda: False)
        self._took = took or (lambda events, seconds: None)
        self._reached: dict[Target, int] = {}
        self._stopped: dict[Target, ViewStopped] = {}
        self._parked: list[tuple[str, Parked]] = []

    def run(self, targets: Iterable[Target], progress: Callable[[int], None] | None) -> Followed:
        self._enter(targets)
        while self._round():
            if progress and self._reached:
                progress(min(self._reached.values()))
        reached = {target.view.name: position for target, position in self._reached.items()}
        stopped = {target.view.name: fault for target, fault in self._stopped.items()}
        return Followed(reached, stopped, self._parked)

    def _enter(self, targets: Iterable[Target]) -> None:
        for target in targets:
            try:
                self._reached[target] = read_mark(self._connection, target).position
            except ViewOutdated as fault:
                self._stopped[target] = fault
        head = self._source.log.position()  # after the marks: what they have seen was there then
        for target, position in [*self._reached.items()]:
            if position > head:
                self._stopped[target] = ViewAhead(target.view.name, position, head)
                del self._reached[target]

    def _round(self) -> bool:
        """A batch of each group; False when nobody has moved, or all are to stop."""
        before, up_to = dict(self._reached), self._up_to
        for position in sorted({*before.values()}, reverse=True):
            if self._stop():
                return False
            group = [target for target, reached in before.items() if reached == position]
            self._together(group, up_to)
            ahead = max(self._reached.get(target, position) for target in group)
            up_to = ahead if up_to is None else min(up_to, ahead)
        return self._reached != before

    def _together(self, group: Sequence[Target], up_to: int | None) -> None:
        """A batch of views; when it fails, each by itself, so that only who must stop does."""
        try:
            self._take_in(group, up_to)
        except (ViewStopped, *REFUSED, *_ALTERED):
            for target in group:
                self._alone(target, up_to)

    def _alone(self, target: Target, up_to: int | None) -> None:
        """A careful batch of one view; when it fails, the view stops."""
        name = target.view.name
        try:
            self._take_in([target], up_to, careful=True)
        except EventUnreadable as fault:
            if fault.position - 1 > self._reached[target]:
                self._alone(target, fault.position - 1)  # there it stops in the next round
            else:
                self._stop_at(target, fault.of(name))
        except ViewStopped as fault:
            self._stop_at(target, fault)
        except _ALTERED as error:
            self._stop_at(target, TablesAltered(name, error))

    def _stop_at(self, target: Target, fault: ViewStopped) -> None:
        self._stopped[target] = fault
        del self._reached[target]

    def _take_in(
        self, group: Sequence[Target], up_to: int | None, *, careful: bool = False
    ) -> None:
        begun = time.monotonic()
        terms = (self._connection, self._source, group, up_to, self._pace.size, self._memory)
        taken = take_in(*terms, careful=careful)
        seconds = time.monotonic() - begun
        self._reached |= taken.reached
        self._parked += [(target.view.name, parked) for target, parked in taken.parked]
        self._pace.took(seconds)
        if taken.events:
            self._took(taken.events, seconds)
