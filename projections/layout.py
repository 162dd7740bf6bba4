"""Fold whole histories once, and let every view lay them out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from uuid import UUID

from domain.aggregate import Aggregate, Event
from projections.view import Decode, Layout, Recorded, Row, View


class EventFailed(Exception):
    """A view cannot take an event in; nothing was skipped, and nothing after it is shown."""

    def __init__(self, view: str, position: int, stream: UUID | str, cause: object) -> None:
        super().__init__(f"{view} stopped at position {position}, stream {stream}: {cause}")
        self.view, self.position, self.stream = view, position, stream


def histories(recorded: Iterable[Recorded], decode: Decode) -> Iterator[list[Event]]:
    """Decoded streams, one after the other. Raises EventFailed."""
    for _, stream in groupby(recorded, key=lambda each: each.originator_id):
        yield [_decoded(each, decode) for each in stream]


def _decoded(recorded: Recorded, decode: Decode) -> Event:
    try:
        return decode(recorded.topic, recorded.state, recorded.id)
    except Exception as error:
        raise EventFailed("Decoding", recorded.id, recorded.originator_id, error) from error


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
        aggregate = _folded(event, aggregate, layouts)
    return {view: list(layout.rows()) for view, layout in layouts.items()}


def _folded(event: Event, aggregate: Aggregate | None, layouts: Mapping[View, Layout]) -> Aggregate:
    at = "Folding"
    try:
        for view, layout in layouts.items():
            at = view.name
            layout.before(event, aggregate)
        after: Aggregate = event.mutate(aggregate)
        for view, layout in layouts.items():
            at = view.name
            layout.after(event, after)
    except Exception as error:
        raise EventFailed(at, event.position or 0, event.originator_id, error) from error
    return after
