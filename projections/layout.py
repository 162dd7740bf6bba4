"""Fold whole histories once, and let every view lay them out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from domain.aggregate import Aggregate, Event
from projections.faults import EventFailed
from projections.view import Decode, Layout, Recorded, Row, View


def histories(recorded: Iterable[Recorded], decode: Decode) -> Iterator[list[Event]]:
    """Decoded streams, one after the other. Raises EventFailed."""
    for _, stream in groupby(recorded, key=lambda each: each.originator_id):
        yield [_decoded(each, decode) for each in stream]


def _decoded(recorded: Recorded, decode: Decode) -> Event:
    try:
        return decode(recorded.topic, recorded.state, recorded.id)
    except Exception as error:
        raise EventFailed("decoding", recorded.id, recorded.originator_id, error) from error


def lay_out(history: Iterable[Event], reached: Mapping[View, int]) -> dict[View, list[Row]]:
    """The rows of one stream in each view that shows its kind; `reached` are the views' marks.

    Raises EventFailed.
    """
    layouts: dict[View, Layout] = {}
    aggregate: Aggregate | None = None
    for event in history:
        if aggregate is None:
            shown = (view for view in reached if event.AGGREGATE in view.aggregates)
            layouts = {view: view.begin(reached[view]) for view in shown}
        aggregate = _folded(event, aggregate, layouts.values())
    try:
        return {view: list(layout.rows()) for view, layout in layouts.items()}
    except Exception as error:
        raise _failed("laying out", event, error) from error


def _folded(event: Event, aggregate: Aggregate | None, layouts: Iterable[Layout]) -> Aggregate:
    step = "laying out"
    try:
        for layout in layouts:
            layout.before(event, aggregate)
        step = "folding"
        after: Aggregate = event.mutate(aggregate)
        step = "laying out"
        for layout in layouts:
            layout.after(event, after)
    except Exception as error:
        raise _failed(step, event, error) from error
    return after


def _failed(step: str, event: Event, error: Exception) -> EventFailed:
    return EventFailed(step, event.position or 0, event.originator_id, error)
