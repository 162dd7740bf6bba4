"""Since which position each row has been known, and until which.

A layout speaks of days only. After each event it is asked again, from the earliest day on which
that event can have changed anything; what has gone gives way at the event's position, what has come
is known from there. So a stream that grows at its end costs what changed, not what it is long.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import partial
from typing import Any, NamedTuple

from domain.aggregate import Aggregate, Event
from projections.engine.view import Changes, Closing, Row, day_range, position_range

_ONE_DAY = timedelta(days=1)


class Stretch(NamedTuple):
    """`values` hold from `first` up to, not including, `after` (None: open)."""

    values: tuple[Any, ...]  # hashable; the stream's id first
    first: date
    after: date | None


Stretches = Callable[[Any, date], Iterable[Stretch]]
"""(aggregate, since) -> what stands of its life and reaches beyond that day.

In the order of days, not overlapping, each with its true first day.
"""


PartStretches = Callable[[Any, Any, date], Iterable[Stretch]]
"""(part, aggregate, since) -> the stretches of one part of a stream, as above.

The stream's id is their first value, the part their second.
"""

PartsOf = Callable[[Event], Iterable[Any]]
"""Parts of its stream that an event speaks of: hashable, and each with a text of its own."""


class Known:
    """The rows of one stream in both times."""

    __slots__ = ("_gone", "_standing", "_stretches")

    def __init__(self, stretches: Stretches) -> None:
        self._stretches = stretches
        self._standing: list[tuple[Stretch, int]] = []  # with the position it is known from
        self._gone: list[tuple[Stretch, int, int]] = []

    def before(self, event: Event, aggregate: Aggregate | None) -> None:
        pass

    def after(self, event: Event, aggregate: Aggregate) -> None:
        assert event.position is not None
        # What ends on the first day that may have changed can come to last longer: look at it too.
        self.renew(event.position, aggregate, aggregate.since(event) - _ONE_DAY)

    def renew(self, position: int, aggregate: Aggregate, since: date) -> None:
        """What reaches beyond that day is now as the aggregate says, known from that position."""
        start = bisect_right(self._standing, since, key=_last_day)
        before = dict(self._standing[start:])
        now = list(self._stretches(aggregate, since))
        self._standing[start:] = [(s, before.pop(s, position)) for s in now]
        self._gone += [(s, known, position) for s, known in before.items()]

    def changes(self, since: int) -> Changes:
        added = [_row(s, known, until) for s, known, until in self._gone if known > since]
        added += [_row(s, known, None) for s, known in self._standing if known > since]
        closed = [(s, until) for s, known, until in self._gone if known <= since < until]
        self._gone.clear()
        return Changes([_closing(stretch, until) for stretch, until in closed], added)


class KnownParts:
    """The rows of one stream that has parts side by side: the holders of posts, for instance.

    An event is asked which parts it speaks of, and one that takes another back speaks of what that
    one spoke of. The rows end in a text that tells them apart: what the view's key holds.
    """

    __slots__ = ("_parts", "_parts_of", "_stretches")

    def __init__(self, parts_of: PartsOf, stretches: PartStretches) -> None:
        self._parts_of, self._stretches = parts_of, stretches
        self._parts: dict[Any, Known] = {}

    def before(self, event: Event, aggregate: Aggregate | None) -> None:
        pass

    def after(self, event: Event, aggregate: Aggregate) -> None:
        voided = aggregate.event_at(event.envelope.voids or 0)
        touched = dict.fromkeys(self._parts_of(event))
        if voided is not None:
            touched |= dict.fromkeys(self._parts_of(voided))
        for part in touched:
            self.part(part).after(event, aggregate)

    def part(self, part: Any) -> Known:
        """The rows of one part."""
        if part not in self._parts:
            self._parts[part] = Known(partial(self._stretches, part))
        return self._parts[part]

    def changes(self, since: int) -> Changes:
        closed: list[Closing] = []
        added: list[Row] = []
        for part, known in self._parts.items():
            changes = known.changes(since)
            closed += [each._replace(key=f"{part} {each.key}") for each in changes.closed]
            added += [(*row, f"{part} {row[-2]}") for row in changes.added]
        return Changes(closed, added)


def _last_day(known: tuple[Stretch, int]) -> date:
    return known[0].after or date.max


def _row(stretch: Stretch, known: int, until: int | None) -> Row:
    days = day_range(stretch.first, stretch.after)
    return (*stretch.values, days, position_range(known, until))


def _closing(stretch: Stretch, until: int) -> Closing:
    return Closing(stretch.values[0], day_range(stretch.first, stretch.after), until)
