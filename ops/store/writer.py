"""Appends of many callers in few transactions; one caller alone waits for nobody.

There is no thread that writes. Who finds nobody at it leads: takes what waits, writes it in one
transaction, tells each its own outcome, and hands the lead to the first who came meanwhile.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from threading import Condition, Lock
from typing import Any, TypeVar, cast

import psycopg

from ops.store.conflicts import Busy, in_words
from ops.store.line import ConnectionLost, Line
from ops.store.observer import Observer, Unobserved
from ops.store.request import Append, Request, Statements, write_together
from services.store import Appended, InDoubt

# What one transaction takes at most. Others wait for it, and it must not grow without end.
REQUESTS_MAX = 512
EVENTS_MAX = 2_000
BYTES_MAX = 1_000_000

LINGER = 0.5  # of the time that the last transaction took
LINGER_MAX_S = 0.02  # who was just answered comes again sooner than that, or not at all

T = TypeVar("T")


class Apart(Exception):
    """A transaction of several failed as a whole, by the fault of one: each is to try by itself."""


class Place:
    """A request in the queue."""

    __slots__ = ("leads", "outcome", "request", "told", "woken")

    def __init__(self, request: Request[Any]) -> None:
        self.request = request
        self.leads = False
        self.told = False
        self.outcome: Any = None  # an exception: to be raised
        self.woken = Lock()
        self.woken.acquire()


class Writer:
    """Writes the log of one schema over one line. Safe to share between threads."""

    def __init__(self, line: Line, schema: str) -> None:
        self.observer: Observer = Unobserved()
        self._line = line
        self._statements = Statements(schema)
        self._mutex = Lock()  # guards all below, and the `leads` of all places
        self._waiting: deque[Place] = deque()
        self._gathered = Condition(self._mutex)
        self._led = False
        self._around = 1  # callers, when the last transaction ended
        self._until = 0.0  # when it is no use any more to wait for them

    def write(self, request: Request[T], until: float) -> T:
        """Record it; `until` (time.monotonic) its caller waits.

        Raises what the database refuses in our words; ConnectionLost, InDoubt; Busy when its turn
        did not come in time.
        """
        try:
            return self._write(request, until)
        except Apart:
            request.alone = True
            return self._write(request, until)

    @property
    def waiting(self) -> int:
        """How many requests wait for their turn, besides those that are being written."""
        return len(self._waiting)

    @property
    def led(self) -> bool:
        """Whether somebody is writing."""
        return self._led

    def close(self) -> None:
        """Give the connection back."""
        self._line.close()

    def _write(self, request: Request[T], until: float) -> T:
        outcome = (self._alone(request) or self._in_turn(request, until))[0]
        if isinstance(outcome, Exception):
            raise outcome
        said: T = outcome
        return said

    def _alone(self, request: Request[Any]) -> Sequence[Any]:
        """Write it if nobody else is about: then it needs no place in the queue."""
        leads = False
        try:
            with self._mutex:
                if self._led or self._around > 1:
                    return ()
                leads = self._led = True  # in this order: an interrupt in between leaves no trace
            began = time.monotonic()
            outcomes = self._recorded([request])
            self._count(outcomes, began)
            return outcomes
        finally:
            if leads:
                with self._mutex:
                    self._pass_on()

    def _in_turn(self, request: Request[Any], until: float) -> Sequence[Any]:
        place = Place(request)
        try:
            with self._mutex:
                self._waiting.append(place)
                place.leads, self._led = not self._led, True
                if len(self._waiting) == self._around:
                    self._gathered.notify()
            if not place.leads:
                self._wait(place, until)
            if place.leads:
                self._lead()
        finally:
            with self._mutex:
                if not place.told and place in self._waiting:
                    self._waiting.remove(place)
                if place.leads:
                    place.leads = False
                    self._pass_on()
        return (place.outcome,)

    def _wait(self, place: Place, until: float) -> None:
        """Until its outcome is told, or it is to lead. Then there is time left to be answered."""
        until_sent = until - self._line.silence_s
        if place.woken.acquire(timeout=max(0, until_sent - time.monotonic())):
            return
        with self._mutex:
            if place in self._waiting:
                raise Busy
        if not place.woken.acquire(timeout=max(0, until - time.monotonic())):
            raise InDoubt("no answer came in time")

    def _pass_on(self) -> None:
        """The lead, to the first who waits."""
        self._led = bool(self._waiting)
        if self._led:
            heir = self._waiting[0]
            heir.leads = True
            heir.woken.release()

    def _lead(self) -> None:
        """Write one transaction and tell everybody in it, whatever happens."""
        batch: list[Place] = []
        try:
            with self._mutex:
                self._gather()
                self._take(batch)
            began = time.monotonic()
            outcomes = self._recorded([place.request for place in batch])
            for place, outcome in zip(batch, outcomes, strict=True):
                place.outcome, place.told = outcome, True
            self._count(outcomes, began)
        finally:
            for place in batch:
                if not place.told:
                    place.outcome = ConnectionLost("whoever wrote it was stopped")
                if not place.leads:
                    place.woken.release()

    def _gather(self) -> None:
        """Wait a little for those who were just answered: mostly they come again at once.

        In a transaction of their own they would wait for longer. One caller alone waits for nobody.
        """
        left = self._until - time.monotonic()
        if left > 0 and not self._waiting[0].request.alone:
            self._gathered.wait_for(lambda: len(self._waiting) >= self._around, left)

    def _take(self, batch: list[Place]) -> None:
        """The first that waits, and those behind it that go with it, in their order."""
        batch.append(self._waiting.popleft())
        first = batch[0].request
        events, weight = first.size, first.weight
        while self._waiting and not first.alone and len(batch) < REQUESTS_MAX:
            request = self._waiting[0].request
            events, weight = events + request.size, weight + request.weight
            if request.alone or events > EVENTS_MAX or weight > BYTES_MAX:
                return
            batch.append(self._waiting.popleft())

    def _recorded(self, requests: Sequence[Request[Any]]) -> Sequence[Any]:
        """One transaction; the outcome of each."""
        try:
            self._line.rest()
            if len(requests) == 1:
                return [requests[0].write(self._line, self._statements)]
            together = cast(Sequence[Append], requests)
            return write_together(self._line, self._statements, together)
        except psycopg.OperationalError as error:  # the server's trouble, and nobody's fault
            return [in_words(error) for _ in requests]
        except psycopg.Error as error:
            return [in_words(error)] if len(requests) == 1 else [Apart() for _ in requests]
        except InDoubt as doubt:
            return [type(doubt)(*doubt.args) for _ in requests]

    def _count(self, outcomes: Sequence[Any], began: float) -> None:
        took = time.monotonic() - began
        with self._mutex:
            self._around = len(outcomes) + len(self._waiting)
            self._until = began + took + min(LINGER * took, LINGER_MAX_S)
        done = [o for o in outcomes if isinstance(o, Appended)]
        if done:
            events = sum(o.last - o.first + 1 for o in done if o.first)
            self.observer.appended(len(done), events, took)
