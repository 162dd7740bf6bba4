"""What a read model is to the engine: a pure layout of one stream, and a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from uuid import UUID

from domain.aggregate import Aggregate, Event

if TYPE_CHECKING:
    from projections.rebuilding.in_sql import InSql

Row = tuple[Any, ...]
"""One row, in the order of the view's columns; values are what COPY takes as text."""

Decode = Callable[[str, bytes, int], Event]
"""(topic, record, position) -> the event as today's code knows it."""


class Closing(NamedTuple):
    """A row of the table gives way: its `known` ends."""

    stream: UUID
    key: str  # what the view's key column holds, as PostgreSQL writes it
    until: int  # position


class Changes(NamedTuple):
    """What some events change in the rows of one stream: first these close, then those come."""

    closed: list[Closing]
    added: list[Row]


class Layout(Protocol):
    """One stream's rows in the making: told of each event, before and after it is folded."""

    def before(self, event: Event, aggregate: Aggregate | None) -> None:
        """`aggregate` is as it was before `event`; None: this one begins it."""

    def after(self, event: Event, aggregate: Aggregate) -> None:
        """`aggregate` has taken `event` in."""

    def changes(self, since: int) -> Changes:
        """What the events told beyond that position change; from 0: all rows.

        `since` is where the table stands: never lower than the time before, and what lies at or
        before the last event told may be forgotten then.
        """


@dataclass(frozen=True, eq=False)  # it is the key of many small tables: itself, not its fields
class View:
    """A read model of one table.

    `begin(reached)` starts the layout of one stream, told from its beginning; `reached` is the
    view's mark: nothing at or before it will be asked for, but for what closes. Rows come at a
    position and may give way at a later one; nothing else ever happens to them.
    """

    name: str  # "units"; its tables live in the schema "<schema>_units"
    version: int  # of the layout: a view built by another version must be rebuilt
    aggregates: tuple[type[Aggregate], ...]  # whose streams it shows
    table: str
    stream: str  # the column that holds the id of the stream
    columns: tuple[str, ...]
    begin: Callable[[int], Layout]
    key: str | None = None
    """The column that tells the standing rows of one stream apart; None: its rows never close."""

    package: str = "projections.sql"  # holds <name>.sql and <name>_indexes.sql
    in_sql: InSql | None = None  # the same rows, said for a whole range at once
    module: str | None = None
    """Where another process finds it under the name in capitals; None: in the catalogue."""


class Recorded(Protocol):
    """An event as stored."""

    @property
    def id(self) -> int: ...  # its position
    @property
    def originator_id(self) -> UUID | str: ...
    @property
    def originator_version(self) -> int: ...
    @property
    def topic(self) -> str: ...
    @property
    def state(self) -> bytes: ...


class Log(Protocol):
    """What is read of the log. `up_to` is a position, the last one that counts."""

    def position(self) -> int: ...

    def recorded_at(self, position: int) -> datetime | None: ...

    def feed(self, after: int, limit: int, up_to: int | None = None) -> Sequence[Recorded]: ...

    def histories(self, streams: Sequence[UUID], up_to: int | None = None) -> Iterable[Recorded]:
        """Whole streams, ordered by stream and version."""

    def sweep(self, first: UUID, after: UUID | None, up_to: int) -> Iterable[Recorded]:
        """All streams from `first` on and before `after` (None: to the end), ordered likewise."""

    def borders(self, size: int) -> Sequence[UUID]:
        """Ids that cut the streams there are now into ranges of so many."""

    def keyed(
        self, keys: Sequence[str], up_to: int | None = None
    ) -> Mapping[str, tuple[int, Sequence[UUID]]]:
        """For each key that any event carries: its last position, and the streams under it."""

    def epoch(self) -> UUID: ...


@dataclass(frozen=True)
class Source:
    """A log and how its records are read."""

    log: Log
    decode: Decode


def day_range(first: date, after: date | None) -> str:
    """A half-open daterange as PostgreSQL writes it."""
    return f"[{first.isoformat()},{after.isoformat() if after else ''})"


def position_range(first: int, after: int | None) -> str:
    """A half-open int8range as PostgreSQL writes it."""
    return f"[{first},{'' if after is None else after})"
