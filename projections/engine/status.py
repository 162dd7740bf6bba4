"""Where each view stands to the log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from projections.engine import marks as marked
from projections.engine.marks import Mark, namespace
from projections.engine.view import Source, View


@dataclass(frozen=True)
class Status:
    """How a view stands to the log."""

    view: str
    mark: Mark | None  # None: never built
    version: int  # of this release
    head: int  # of the log
    lag_s: float  # since the oldest event it has not seen was recorded; 0 when there is none

    @property
    def lag(self) -> int:
        """Events recorded and not seen."""
        return self.head - (self.mark.position if self.mark else 0)

    @property
    def parked(self) -> int:
        """Streams that it could not take in."""
        return len(self.mark.parked) if self.mark else 0

    @property
    def is_ahead(self) -> bool:
        """It has seen more than the log holds: the log's end is lost, or it is another log."""
        return self.lag < 0

    @property
    def must_be_rebuilt(self) -> bool:
        """The layout is not this release's, events were skipped, or it is ahead of the log."""
        mark = self.mark
        skipped = mark is None or mark.seen.count != mark.position
        return mark is None or mark.version != self.version or skipped or self.is_ahead


def status(
    connection: Connection[Any], schema: str, source: Source, views: Iterable[View]
) -> list[Status]:
    """Where each view stands. Writes nothing."""
    marks = [(view, marked.read(connection, namespace(schema, view.name))) for view in views]
    head = source.log.position()  # after the marks: what they have seen was there then
    now = datetime.now(UTC)
    return [
        Status(
            view.name,
            mark,
            view.version,
            head,
            _lag_s(source, mark.position if mark else 0, head, now),
        )
        for view, mark in marks
    ]


def _lag_s(source: Source, reached: int, head: int, now: datetime) -> float:
    recorded_at = source.log.recorded_at(reached + 1) if reached < head else None
    return max((now - recorded_at).total_seconds(), 0.0) if recorded_at else 0.0
