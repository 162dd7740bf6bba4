"""One batch: what is new in the log, told once to all views, and what it changes in their tables.

New positions -> the streams they touch, remembered or read -> rows that close and rows that come,
in all views -> marks: one transaction. What was there before stays untouched, but for streams that
somebody has decided about: those are told anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import Connection

from domain.catalogue import EVENTS
from projections.engine import decisions, parking
from projections.engine import marks as marked
from projections.engine.alone import Alone, tell_anew
from projections.engine.decisions import Decided
from projections.engine.digest import Digest, of_events
from projections.engine.faults import EventFailed, ViewOutdated
from projections.engine.garbage import uncollected
from projections.engine.layout import Telling, decoded, histories
from projections.engine.marks import Mark
from projections.engine.memory import Memory
from projections.engine.parking import Parked
from projections.engine.rows import Target, clear_rows, together, write, write_in_halves
from projections.engine.view import Changes, Recorded, Source, View


@dataclass(frozen=True)
class Taken:
    """What a batch came to."""

    reached: Mapping[Target, int]  # positions that the views have then
    events: int  # taken in now; what somebody else has taken in meanwhile is not counted
    parked: Sequence[tuple[Target, Parked]]  # streams that could not be taken in


def take_in(
    connection: Connection[Any],
    source: Source,
    targets: Sequence[Target],
    up_to: int | None,
    size: int,
    memory: Memory,
    *,
    careful: bool = False,
) -> Taken:
    """Take in what follows the lowest mark.

    A `careful` one parks streams whose rows the database refuses, else it fails with what the
    database says (rows.REFUSED). Raises ViewOutdated, EventUnreadable, RowsGone, RowsAhead,
    TooManyParked, psycopg.Error; nothing has happened then.
    """
    names = tuple(target.view.name for target in targets)
    with uncollected(), connection.transaction():
        for home in sorted(target.home for target in targets):
            marked.lock(connection, home)
        marks = {target: read_mark(connection, target) for target in targets}
        after = min(mark.position for mark in marks.values())
        fresh = source.log.feed(after, size, up_to)
        head = fresh[-1].id if fresh else after
        batch = _Batch(connection, source, marks, fresh, head)
        if batch.behind:
            batch.tell(names, memory)
            batch.write(careful)
            _move(connection, batch.behind, batch.decided, fresh)
    memory.keep(names, batch.remembered())
    reached = {target: max(mark.position, head) for target, mark in marks.items()}
    return Taken(reached, len(fresh) if batch.behind else 0, batch.parked)


def read_mark(connection: Connection[Any], target: Target) -> Mark:
    """Raises ViewOutdated unless this release laid the view out."""
    mark = marked.read(connection, target.home)
    if mark is None or mark.version != target.view.version:
        stored = mark.version if mark else None
        raise ViewOutdated(target.view.name, stored, target.view.version)
    return mark


class _Batch:
    """What is new, and whom it touches.

    A stream is told once to all views, but to those that hold it apart: it is parked there, or one
    of its events is left out, or somebody has just decided about it.
    """

    def __init__(
        self,
        connection: Connection[Any],
        source: Source,
        marks: Mapping[Target, Mark],
        fresh: Sequence[Recorded],
        head: int,
    ) -> None:
        """Raises EventUnreadable."""
        self._connection, self._source, self._head = connection, source, head
        self._marks = marks
        self.behind = {target: mark for target, mark in marks.items() if mark.position < head}
        said = decisions.decisions(fresh, source.decode)
        self.decided = {
            target: decisions.followed(target.view.name, Decided.of(mark), said)
            for target, mark in marks.items()
        }
        self._reached = {target.view: mark.position for target, mark in marks.items()}
        self._apart = {
            target.view: {*mark.parked, *self.decided[target].discarded.values()}
            | self.decided[target].anew
            for target, mark in marks.items()
        }
        self._nobodys = not any(self._apart.values())
        self._touched = _by_stream(fresh, self._reached)
        self._tellings: dict[UUID, Telling] = {}
        self._failed: set[UUID] = set()  # by an event, in one view at least
        self.parked: list[tuple[Target, Parked]] = []

    def remembered(self) -> Iterator[tuple[UUID, Telling]]:
        """What was told to all views alike, and has come to all of them."""
        parked = {each.stream for _, each in self.parked}
        for stream, telling in self._tellings.items():
            if self._views(stream) is self._reached and stream not in parked:
                yield stream, telling

    def _views(self, stream: UUID) -> Mapping[View, int]:
        """The marks of those that do not hold it apart."""
        if self._nobodys or not any(stream in apart for apart in self._apart.values()):
            return self._reached
        return {v: mark for v, mark in self._reached.items() if stream not in self._apart[v]}

    # Telling

    def tell(self, names: tuple[str, ...], memory: Memory) -> None:
        """Tell the streams that are touched, up to the batch's end. Raises EventUnreadable."""
        unknown: list[UUID] = []
        for stream, news in self._touched.items():
            views, before = self._views(stream), news[0].originator_version - 1
            if before == 0:
                self._tell(stream, Telling(views), news)
            elif telling := memory.take(names, stream, before) if views is self._reached else None:
                self._tell(stream, telling, news)
            elif views:
                unknown.append(stream)
        if unknown:
            for stream, history in histories(self._source.log.histories(unknown, self._head)):
                self._tell(stream, Telling(self._views(stream)), history)

    def _tell(self, stream: UUID, telling: Telling, recorded: Iterable[Recorded]) -> None:
        try:
            for each in recorded:
                telling.tell(decoded(each, self._source.decode))
        except EventFailed:
            self._failed.add(stream)
        else:
            self._tellings[stream] = telling

    # Writing

    def write(self, careful: bool) -> None:
        """What they change, in the views that are behind."""
        changes = self._changes()
        for target in self.behind:
            parts = changes[target.view]
            if careful:
                refused = write_in_halves(self._connection, target, parts)
            else:
                write(self._connection, target, together(changed for _, changed in parts))
                refused = []
            self._tell_alone(target, {*refused, *self._held_back(target)})
            self._tell_anew(target)

    def _changes(self) -> dict[View, list[tuple[UUID, Changes]]]:
        changes: dict[View, list[tuple[UUID, Changes]]] = {view: [] for view in self._reached}
        for stream, telling in [*self._tellings.items()]:
            try:
                for view, changed in telling.changes(self._reached).items():
                    changes[view].append((stream, changed))
            except EventFailed:
                del self._tellings[stream]
                self._failed.add(stream)
        return changes

    def _held_back(self, target: Target) -> Iterator[UUID]:
        """Streams that failed, or of which the view leaves something out."""
        yield from (s for s in self._failed if s not in self._apart[target.view])
        decided, parked = self.decided[target], self._marks[target].parked
        for stream in {*decided.discarded.values()} - decided.anew - parked:
            if stream in self._touched:
                yield stream

    def _tell_alone(self, target: Target, streams: Iterable[UUID]) -> None:
        since, left_out = self.behind[target].position, self.decided[target].discarded
        alone = Alone(self._connection, target, self._source.decode, since, left_out)
        if streams := list(streams):
            for stream, history in histories(self._source.log.histories(streams, self._head)):
                if parked := alone.tell(stream, history):
                    self.parked.append((target, parked))

    def _tell_anew(self, target: Target) -> None:
        """Those that were decided about: as if they had never been told to the view."""
        decided = self.decided[target]
        if streams := list(decided.anew):
            decisions.keep(self._connection, target.home, decided.discarded)
            parking.release(self._connection, target, streams)
            clear_rows(self._connection, target, streams)
            recorded = self._source.log.histories(streams, self._head)
            self.parked += tell_anew(self._connection, self._source, [target], recorded)


def _by_stream(fresh: Iterable[Recorded], views: Iterable[View]) -> dict[UUID, list[Recorded]]:
    """Events of streams that a view shows; of an unknown event, decoding will tell."""
    shown = {aggregate for view in views for aggregate in view.aggregates}
    found: dict[UUID, list[Recorded]] = {}
    for recorded in fresh:
        event = EVENTS.get(recorded.topic)
        if event is None or event.AGGREGATE in shown:
            stream = recorded.originator_id
            assert isinstance(stream, UUID)
            found.setdefault(stream, []).append(recorded)
    return found


def _move(
    connection: Connection[Any],
    behind: Mapping[Target, Mark],
    decided: Mapping[Target, Decided],
    fresh: Sequence[Recorded],
) -> None:
    """Views that stood at the same position have seen the same events since."""
    seen: dict[int, Digest] = {}
    for target, mark in behind.items():
        if mark.position not in seen:
            seen[mark.position] = of_events(e for e in fresh if e.id > mark.position)
        total = mark.seen + seen[mark.position]
        marked.move(connection, target.home, fresh[-1].id, total, decided[target].position)
