"""From a view that is built to one that is compared, and perhaps switched.

The follower of the live view is held for moments: to bring both to one position when snapshots of
them are begun, and when they change places, to look once more at what has changed since.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from psycopg import Connection

from projections.engine import marks
from projections.engine.following import follow_targets
from projections.engine.marks import Mark
from projections.engine.rows import Target
from projections.rebuilding import ranges
from projections.rebuilding.building import Place, goal_of
from projections.rebuilding.comparing import (
    Comparison,
    Pair,
    Stand,
    moved,
    samples,
    snapshots,
    stand,
)
from projections.rebuilding.progress import Progress
from projections.rebuilding.switching import CannotSwitch, switch

SWITCH_TRIES = 20  # each lets the follower go on before the next one
PAUSE_S = 0.2
NEARBY = 2000  # events, of which the streams are compared while the follower is held


@dataclass(frozen=True)
class Rebuilt:
    """What the rebuild of a view came to."""

    view: str
    mark: Mark  # of the rebuilt view
    comparison: Comparison | None  # None: there was no live view
    switched: bool  # False: the rebuilt one waits beside the live one, or was only compared


class _OtherwiseMeanwhile(Exception):
    """They were equal, and are not any more: whatever it is, all of it is to be compared again."""


@dataclass(frozen=True)
class LastStretch:
    """Of one view, from `fresh` to `live`. `builder` and `switcher` are in autocommit."""

    place: Place
    builder: Connection[Any]
    switcher: Connection[Any]
    live: Target
    fresh: Target

    def run(self, *, accept: bool, compare_only: bool) -> Rebuilt:
        """Raises CannotSwitch, ViewStopped."""
        if not marks.read(self.switcher, self.live.home):
            return self._take_the_place()
        while True:
            with snapshots(self.place.dsn) as begin:
                found, compared = self._compared(begin)
                if compare_only or not (compared.equal or accept):
                    return self._leave_beside(compared)
                try:
                    return self._change_places(begin, found, compared)
                except _OtherwiseMeanwhile:
                    continue

    # Comparing

    def _compared(self, begin: Callable[[], Pair]) -> tuple[Stand, Comparison]:
        """All rows of both; nobody is held up meanwhile."""
        self._bring_level()
        self._tell("comparing")
        with self._held() as reached:
            pair = begin()
            parked = (self._mark(self.live).parked, reached.parked)
        found = stand(pair, self._views, reached.position)
        only = ((), ()) if found.equal else samples(found, self._views)
        return found, Comparison(found.position, found.live, found.rebuilt, *only, *parked)

    def _bring_level(self) -> None:
        """Near to the live view without holding it."""
        goal = goal_of(self.switcher, self.place.source, self.live)
        views = (self.live.view.name,)

        def tell(position: int) -> None:
            self.place.progress(Progress(views, "following", position, goal))

        follow_targets(self.builder, self.place.source, [self.fresh], goal, progress=tell)

    @contextmanager
    def _held(self) -> Iterator[Mark]:
        """Hold the follower of the live view, with the rebuilt one level: its mark."""
        with self.switcher.transaction():
            marks.lock(self.switcher, self.live.home)
            goal = goal_of(self.switcher, self.place.source, self.live)
            follow_targets(self.builder, self.place.source, [self.fresh], goal)
            reached = self._mark(self.fresh)
            if reached.position != goal:
                raise CannotSwitch(f"{self.fresh.home} is at {reached.position}, not at {goal}")
            yield reached

    # What becomes of it

    def _leave_beside(self, compared: Comparison) -> Rebuilt:
        with self.switcher.transaction():
            ranges.forget(self.switcher, self.fresh.home)
        return Rebuilt(self.live.view.name, self._mark(self.fresh), compared, switched=False)

    def _take_the_place(self) -> Rebuilt:
        """Where no live view is."""
        with self.switcher.transaction():
            marks.lock(self.switcher, self.live.home)
            if marks.read(self.switcher, self.live.home):
                raise CannotSwitch(f"{self.live.home} has come to be there meanwhile; try again")
            return self._switched(self._mark(self.fresh), None)

    def _change_places(
        self, begin: Callable[[], Pair], found: Stand, compared: Comparison
    ) -> Rebuilt:
        """Raises CannotSwitch; _OtherwiseMeanwhile."""
        self._tell("switching")
        for attempt in range(SWITCH_TRIES):
            self._bring_level()
            found = self._nearer(begin, found)
            try:
                with self._held() as reached:
                    if compared.equal:
                        compared = self._confirmed(found, compared, reached.position)
                    return self._switched(reached, compared)
            except psycopg.errors.LockNotAvailable:
                if attempt < SWITCH_TRIES - 1:
                    time.sleep(PAUSE_S)
        raise CannotSwitch(f"readers hold {self.live.home}")

    def _nearer(self, begin: Callable[[], Pair], found: Stand) -> Stand:
        """The same of late, when much has come since: who holds the follower has little to do."""
        near = self._mark(self.fresh).position - found.position <= NEARBY
        if near or not found.equal:
            return found
        with self._held() as reached:
            pair = begin()
        return moved(found, pair, self._views, reached.position, self.place.source)

    def _confirmed(self, found: Stand, compared: Comparison, position: int) -> Comparison:
        here = (self.switcher, self.builder)
        now = moved(found, here, self._views, position, self.place.source)
        if not now.equal:
            raise _OtherwiseMeanwhile
        return replace(compared, position=position, live=now.live, rebuilt=now.rebuilt)

    def _switched(self, reached: Mark, compared: Comparison | None) -> Rebuilt:
        ranges.forget(self.switcher, self.fresh.home)
        switch(self.switcher, self.live.home, self.fresh.home)
        return Rebuilt(self.live.view.name, reached, compared, switched=True)

    @property
    def _views(self) -> tuple[Target, Target]:
        return self.live, self.fresh

    def _mark(self, target: Target) -> Mark:
        mark = marks.read(self.switcher, target.home)
        assert mark is not None
        return mark

    def _tell(self, step: str) -> None:
        self.place.progress(Progress((self.live.view.name,), step, 0, 0))
