"""Why a view, or one stream in it, cannot go on.

What a view shows is true up to its mark, but for the streams that are parked in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID


class ViewStopped(Exception):
    """A view cannot go on."""

    view: str  # its name; names with commas where several have stopped


class EventFailed(Exception):
    """A view cannot take an event in: its stream is parked there. No fault of the view's."""

    def __init__(
        self,
        step: str,  # "decoding", "folding", "laying out", "writing"
        position: int,
        stream: UUID | str,
        version: int,
        cause: BaseException,
    ) -> None:
        super().__init__(f"position {position}, stream {stream}, {step}: {cause}")
        self.step, self.position, self.version, self.cause = step, position, version, cause


class EventUnreadable(ViewStopped):
    """An event that concerns more than its stream cannot be read.

    It is newer than this release, or decides about parked streams. Nothing was skipped, and nothing
    after it is shown in that view.
    """

    def __init__(
        self,
        position: int,
        stream: UUID | str,
        cause: object,
        view: str = "",  # empty: not known yet whose fault it is
    ) -> None:
        place = f"position {position}, stream {stream}"
        super().__init__(f"{view or 'The view'} stopped at {place}: {cause}")
        self.position, self.stream, self.cause, self.view = position, stream, cause, view

    def of(self, view: str) -> EventUnreadable:
        """The same, with the name of the view that stopped."""
        return EventUnreadable(self.position, self.stream, self.cause, view)


class TooManyParked(ViewStopped):
    """So many streams cannot be taken in that the fault must lie elsewhere than in their events."""

    def __init__(self, view: str, limit: int, last: str) -> None:
        super().__init__(
            f"{view} would have more than {limit} streams parked: the fault is not in single"
            f" events; the last one was {last}"
        )
        self.view, self.limit = view, limit


class TablesAltered(ViewStopped):
    """The view's tables are not those that this release has made."""

    def __init__(self, view: str, cause: object) -> None:
        super().__init__(f"{view} has other tables than it was laid out in; rebuild it: {cause}")
        self.view = view


class ViewOutdated(ViewStopped):
    """Another version laid these rows out, or none: the view must be rebuilt."""

    def __init__(self, view: str, stored: int | None, version: int) -> None:
        found = "was never built" if stored is None else f"was laid out by version {stored}"
        super().__init__(f"{view} {found}, this release has version {version}: rebuild it")
        self.view, self.stored, self.version = view, stored, version


class RowsGone(ViewStopped):
    """A row that is to give way is not there: somebody else has altered the table."""

    def __init__(self, view: str, stream: UUID, key: str) -> None:
        super().__init__(
            f"{view} has no standing row {key} of stream {stream}, though it was laid out:"
            " its table was altered; rebuild the view"
        )
        self.view, self.stream, self.key = view, stream, key


class RowsAhead(ViewStopped):
    """The table holds rows that the mark knows nothing of: one of them was altered."""

    def __init__(self, view: str, stream: UUID, since: int) -> None:
        super().__init__(
            f"{view} has rows of stream {stream} from beyond its mark {since}:"
            " its table or its mark was altered; rebuild the view"
        )
        self.view, self.stream = view, stream


class ViewAhead(ViewStopped):
    """The view has seen more than the log holds: the log's end is lost, or it is another log."""

    def __init__(self, view: str, position: int, head: int) -> None:
        super().__init__(
            f"{view} has seen events up to position {position}, but the log ends at {head}:"
            " it has lost its end, or is another log; rebuild the view once that is settled"
        )
        self.view, self.position, self.head = view, position, head


class ViewsStopped(ViewStopped):
    """Several views cannot go on, each for a reason of its own."""

    def __init__(self, faults: Sequence[ViewStopped]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = tuple(faults)
        self.view = ", ".join(fault.view for fault in faults)


def in_one(faults: Iterable[ViewStopped]) -> ViewStopped | None:
    """One error that names all views; None when there is no fault."""
    told = list(_told_once(faults))
    return ViewsStopped(told) if len(told) > 1 else next(iter(told), None)


def _told_once(faults: Iterable[ViewStopped]) -> Iterator[ViewStopped]:
    """The faults; one for all views that the same event has stopped."""
    stopped_by: dict[object, list[ViewStopped]] = {}
    for fault in faults:
        event = fault.position if isinstance(fault, EventUnreadable) else fault
        stopped_by.setdefault(event, []).append(fault)
    for first, *more in stopped_by.values():
        views = ", ".join(fault.view for fault in (first, *more))
        yield first.of(views) if more and isinstance(first, EventUnreadable) else first
