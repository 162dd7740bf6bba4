"""The law of the two times, in one place.

The state on day V as known at K is the fold of the events recorded at or before K, not voided by
an event recorded at or before K, with effective_on <= V, in the order (effective_on, position).

A `Timeline` keeps the facts of one value in that order. "As known at K" needs nothing here: whoever
folds only the events up to K has the timeline of K. Days are days in Asia/Ho_Chi_Minh, intervals
are half-open everywhere, and `order` is anything that grows along a stream as positions do (the
version of the event in its stream).
"""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import date
from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Fact(NamedTuple, Generic[T]):
    """`value` holds from `day` on, says the event of that `order`."""

    day: date
    order: int
    value: T


class Span(NamedTuple, Generic[T]):
    """`value` holds from `first` up to, not including, `after` (None: open)."""

    value: T
    first: date
    after: date | None


class Timeline(Generic[T]):
    """A value that changes on known days; it holds from its day up to the next."""

    __slots__ = ("_facts", "_keys")

    def __init__(self) -> None:
        self._keys: list[tuple[date, int]] = []
        self._facts: list[Fact[T]] = []

    def set(self, day: date, value: T, order: int) -> None:
        """Let `value` hold from `day`; of two for the same day, the last recorded wins."""
        key, keys = (day, order), self._keys
        index = len(keys) if not keys or keys[-1] < key else bisect_right(keys, key)
        keys.insert(index, key)
        self._facts.insert(index, Fact(day, order, value))

    def void(self, order: int) -> None:
        """Forget what the event of that order said; nothing happens if it said nothing here."""
        for index in range(len(self._facts) - 1, -1, -1):
            if self._facts[index].order == order:
                del self._keys[index], self._facts[index]

    def fact_at(self, day: date) -> Fact[T] | None:
        """The fact that decides on `day`; None before the first."""
        index = self._reach(day)
        return self._facts[index - 1] if index else None

    def at(self, day: date) -> T | None:
        """The value on `day`; None before the first."""
        index = self._reach(day)
        return self._facts[index - 1].value if index else None

    def change(self, day: date, order: int) -> tuple[T | None, T | None] | None:
        """(the value on `day` but for the fact of that order, and with it).

        None when that fact does not decide on `day`. Of the last order, it does on its own day.
        """
        index = self._reach(day) - 1
        if index < 0 or self._facts[index].order != order:
            return None
        return self._facts[index - 1].value if index else None, self._facts[index].value

    def spans(self, since: date = date.min) -> Iterator[Span[T]]:
        """Spans without a break in the order of days, neighbours differing in value.

        Only those that reach beyond `since`, each with its true first day.
        """
        if len(self._facts) == 1:  # as most are
            fact = self._facts[0]
            yield Span(fact.value, fact.day, None)
            return
        current: Span[T] | None = None
        for fact in self._deciding(self._start_of_value(since)):
            if current is None:
                current = Span(fact.value, fact.day, None)
            elif fact.value != current.value:
                yield Span(current.value, current.first, fact.day)
                current = Span(fact.value, fact.day, None)
        if current is not None:
            yield current

    def facts(self) -> tuple[Fact[T], ...]:
        """All facts that stand, in the order (day, order)."""
        return tuple(self._facts)

    def days(self) -> list[date]:
        """The days on which a fact begins, ascending, with repetitions."""
        return [day for day, _ in self._keys]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timeline) and self._facts == other._facts

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Timeline({self._facts!r})"

    def _reach(self, day: date) -> int:
        return bisect_right(self._keys, (day, sys.maxsize))

    def _deciding(self, start: int) -> Iterator[Fact[T]]:
        """From that index on, the last fact of each day: the one that decides."""
        for index in range(start, len(self._facts)):
            if index + 1 == len(self._facts) or self._keys[index + 1][0] > self._keys[index][0]:
                yield self._facts[index]

    def _start_of_value(self, since: date) -> int:
        """Where the span that holds on `since` begins: back over days that repeat its value."""
        start = before = max(self._reach(since) - 1, 0)
        while before >= 0 and self._facts and self._facts[before].value == self._facts[start].value:
            start, before = before, bisect_left(self._keys, (self._keys[before][0],)) - 1
        return start


def together(
    *timelines: Timeline[Any], since: date = date.min
) -> Iterator[tuple[tuple[Any, ...], date, date | None]]:
    """(values, first day, day after the last; None: open) of each span in which none changes.

    Spans that end on or before `since` are left out. Before its first fact a timeline says None;
    but for a fact that says None too, neighbours differ in at least one value.
    """
    begun = _begun_at_once(timelines)
    if begun is not None:
        yield *begun, None
        return
    spans = [list(timeline.spans(since)) for timeline in timelines]
    days = sorted({span.first for each in spans for span in each})
    reached = [-1] * len(spans)
    for index, day in enumerate(days):
        after = days[index + 1] if index + 1 < len(days) else None
        for n, each in enumerate(spans):
            while reached[n] + 1 < len(each) and each[reached[n] + 1].first <= day:
                reached[n] += 1
        if after is None or after > since:
            values = tuple(
                e[r].value if r >= 0 else None for e, r in zip(spans, reached, strict=True)
            )
            yield values, day, after


def _begun_at_once(timelines: tuple[Timeline[Any], ...]) -> tuple[tuple[Any, ...], date] | None:
    """(values, day) when nothing was said but on one day, once of each: as of most beginnings."""
    begun: date | None = None
    values: list[Any] = []
    for timeline in timelines:
        facts = timeline._facts
        if not facts:
            values.append(None)
            continue
        fact = facts[0]
        if len(facts) > 1 or fact.day != (begun or fact.day):
            return None
        begun = fact.day
        values.append(fact.value)
    return (tuple(values), begun) if begun else None
