"""Fold a history once, and let every view lay it out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from uuid import UUID

from domain.aggregate import Aggregate, Event
from domain.errors import EventFromTheFuture
from projections.engine.faults import EventFailed, EventUnreadable
from projections.engine.view import Changes, Decode, Layout, Recorded, View


def histories(recorded: Iterable[Recorded]) -> Iterator[tuple[UUID, list[Recorded]]]:
    """Streams with their events, one after the other."""
    for stream, history in groupby(recorded, key=lambda each: each.originator_id):
        assert isinstance(stream, UUID)
        yield stream, list(history)


def decoded(recorded: Recorded, decode: Decode) -> Event:
    """Raises EventFailed, EventUnreadable."""
    try:
        return decode(recorded.topic, recorded.state, recorded.id)
    except EventFromTheFuture as error:
        raise EventUnreadable(recorded.id, recorded.originator_id, error) from error
    except Exception as error:
        place = (recorded.id, recorded.originator_id, recorded.originator_version)
        raise EventFailed("decoding", *place, error) from error


def lay_out(
    history: Iterable[Recorded], decode: Decode, reached: Mapping[View, int]
) -> dict[View, Changes]:
    """What one stream changes in each view that shows its kind; `reached` are the views' marks.

    Raises EventFailed, EventUnreadable.
    """
    telling = Telling(reached)
    for recorded in history:
        telling.tell(decoded(recorded, decode))
    return telling.changes(reached)


class Telling:
    """One stream, told event by event to the layouts of all views that show its kind."""

    __slots__ = ("_last", "_layouts", "_reached", "aggregate")

    def __init__(self, reached: Mapping[View, int]) -> None:
        self._reached = reached
        self._layouts: dict[View, Layout] = {}
        self._last: Event | None = None
        self.aggregate: Aggregate | None = None

    @property
    def version(self) -> int:
        """Of the last event told; 0: none yet."""
        return self._last.originator_version if self._last else 0

    def tell(self, event: Event) -> None:
        """Raises EventFailed; nothing more may be told then."""
        if self.aggregate is None:
            shown = [view for view in self._reached if event.AGGREGATE in view.aggregates]
            self._layouts = {view: view.begin(self._reached[view]) for view in shown}
        layouts = self._layouts.values()
        step = "laying out"
        try:
            for layout in layouts:
                layout.before(event, self.aggregate)
            step = "folding"
            after: Aggregate = event.mutate(self.aggregate)
            step = "laying out"
            for layout in layouts:
                layout.after(event, after)
        except Exception as error:
            raise _failed(step, event, error) from error
        self.aggregate, self._last = after, event

    def changes(self, reached: Mapping[View, int]) -> dict[View, Changes]:
        """What it changes in tables that stand there. Raises EventFailed."""
        try:
            return {view: layout.changes(reached[view]) for view, layout in self._layouts.items()}
        except Exception as error:
            assert self._last is not None
            raise _failed("laying out", self._last, error) from error


def _failed(step: str, event: Event, error: Exception) -> EventFailed:
    place = (event.position or 0, event.originator_id, event.originator_version)
    return EventFailed(step, *place, error)
