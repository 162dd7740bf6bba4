"""One stream, told to one view by itself: as far as it goes, and parked where it does not.

So are streams of which an event fails, of which one is left out, and those that are told anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import Connection

from domain.catalogue import EVENTS
from projections.engine import decisions, parking
from projections.engine.faults import EventFailed
from projections.engine.layout import Telling, decoded, histories, lay_out
from projections.engine.parking import Parked
from projections.engine.rows import REFUSED, Target, refuse_ahead, write, write_in_halves
from projections.engine.view import Changes, Decode, Recorded, Source

ROWS_MAX = 20_000  # of all views, held at once; some 2 kB each


@dataclass(frozen=True)
class Alone:
    """What to tell to one view, of which stream."""

    connection: Connection[Any]
    target: Target
    decode: Decode
    since: int  # the table holds what comes before and at this position; 0: nothing of the stream
    left_out: Mapping[int, UUID]  # positions, with their streams

    def tell(self, stream: UUID, history: Sequence[Recorded]) -> Parked | None:
        """Write what its events change beyond `since`; park it at the first that fails.

        Within a transaction. Raises EventUnreadable, RowsGone, RowsAhead, TooManyParked.
        """
        if not shows(self.target, history):
            return None
        told = [recorded for recorded in history if self.left_out.get(recorded.id) != stream]
        try:
            with self.connection.transaction():
                self._at_once(told)
        except (EventFailed, *REFUSED):
            refuse_ahead(self.connection, self.target, stream, self.since)
            return self._step_by_step(stream, told)
        return None

    def _at_once(self, told: Sequence[Recorded]) -> None:
        view = self.target.view
        for changes in lay_out(told, self.decode, {view: self.since}).values():
            write(self.connection, self.target, changes)

    def _step_by_step(self, stream: UUID, told: Sequence[Recorded]) -> Parked | None:
        """Each event in a savepoint of its own: those before the failing one stay written."""
        telling, reached = Telling({self.target.view: self.since}), self.since
        for recorded in told:
            try:
                with self.connection.transaction():
                    self._step(telling, recorded, reached)
            except EventFailed as failed:
                return self._park(Parked.of(stream, failed))
            except REFUSED as error:
                place = (recorded.id, stream, recorded.originator_version)
                return self._park(Parked.of(stream, EventFailed("writing", *place, error)))
            reached = max(recorded.id, reached)
        return None

    def _step(self, telling: Telling, recorded: Recorded, reached: int) -> None:
        telling.tell(decoded(recorded, self.decode))
        if recorded.id > reached:
            for changes in telling.changes({self.target.view: reached}).values():
                write(self.connection, self.target, changes)

    def _park(self, parked: Parked) -> Parked:
        parking.park(self.connection, self.target, parked)
        return parked


def shows(target: Target, history: Sequence[Recorded]) -> bool:
    """Whether the view shows streams of this kind; of an unknown event, decoding will tell."""
    event = EVENTS.get(history[0].topic)
    return event is None or event.AGGREGATE in target.view.aggregates


def tell_anew(
    connection: Connection[Any],
    source: Source,
    targets: Sequence[Target],
    recorded: Iterable[Recorded],
) -> list[tuple[Target, Parked]]:
    """Fill tables that hold nothing of these streams; parks those that fail.

    `recorded` are whole streams up to one position. Within a transaction. Raises as Alone.tell.
    """
    return _Anew(connection, source, targets).run(recorded)


class _Anew:
    """Many streams at once, and each that fails or has an event left out by itself."""

    def __init__(
        self, connection: Connection[Any], source: Source, targets: Sequence[Target]
    ) -> None:
        self._connection, self._source = connection, source
        self._left_out = {t: decisions.kept(connection, t.home) for t in targets}
        self._apart = {stream for kept in self._left_out.values() for stream in kept.values()}
        self._reached = {target.view: 0 for target in targets}
        self._held: dict[Target, list[tuple[UUID, Changes]]] = {target: [] for target in targets}
        self._parked: list[tuple[Target, Parked]] = []
        self._rows = self._last = 0

    def run(self, recorded: Iterable[Recorded]) -> list[tuple[Target, Parked]]:
        for stream, history in histories(recorded):
            self._last = max(self._last, history[-1].id)
            changes = None if stream in self._apart else self._laid_out(history)
            for target, held in self._held.items():
                if changes is None:
                    self._alone(target, stream, history)
                elif target.view in changes:
                    held.append((stream, changes[target.view]))
                    self._rows += len(changes[target.view].added)
            if self._rows > ROWS_MAX:
                self._write()
        self._write()
        return self._parked

    def _laid_out(self, history: Sequence[Recorded]) -> Mapping[Any, Changes] | None:
        try:
            return lay_out(history, self._source.decode, self._reached)
        except EventFailed:
            return None

    def _alone(self, target: Target, stream: UUID, history: Sequence[Recorded]) -> None:
        terms = (self._connection, target, self._source.decode, 0, self._left_out[target])
        if parked := Alone(*terms).tell(stream, history):
            self._parked.append((target, parked))

    def _write(self) -> None:
        for target, held in self._held.items():
            refused = write_in_halves(self._connection, target, held)
            if refused:
                again = self._source.log.histories(refused, self._last)
                for stream, history in histories(again):
                    self._alone(target, stream, history)
            held.clear()
        self._rows = 0
