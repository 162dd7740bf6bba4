"""A consistent look at the read models: one snapshot, one point in both times, one basis.

Every answer is taken in one read-only snapshot, and says what it rests on, so that it can be quoted
and asked for again. What is asked a thousand times a second is asked without a thread, in one
statement (docs/adr/0010-hot-reads.md).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg import AsyncConnection, Connection, IsolationLevel, errors
from psycopg.rows import TupleRow, args_row, dict_row, scalar_row, tuple_row
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from domain.errors import InvalidValue, TryAgain
from projections.catalogue import VIEWS
from projections.engine.marks import namespace, read
from projections.point import Point
from projections.question import Question
from projections.seen import COLUMNS, Seen, asking, basis, basis_and_row, settled
from services.together import Together

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
ALL = tuple(VIEWS)
REMEMBERED_S = 1.0
WAIT_S = 2.0
_PAUSE_S = 0.02

R = TypeVar("R")
HotPool = AsyncConnectionPool[AsyncConnection[Any]]
_Kind = tuple[bytes, date, int | datetime | None, tuple[str, ...]]
"""What is asked of whatever thing: statement, day, up to where one may know, and its views."""

_Told = tuple[Seen, "Basis", Mapping[UUID, TupleRow]]
"""The basis as it was seen and as it is judged, and the rows of what was asked about, by id."""

_CHANGED = (errors.UndefinedTable, errors.UndefinedColumn, errors.FeatureNotSupported)


class NotYetThere(TryAgain):
    """The read models have not reached the position that the reader wants to see."""

    code, title = "not-yet-there", "The read models have not reached that position yet"


class NotYetSettled(TryAgain):
    """Somebody is recording, and what he records may turn out to have been known by then."""

    code, title = "not-yet-settled", "What was known then is not settled yet"


@dataclass(frozen=True)
class Basis:
    """What an answer rests on."""

    epoch: UUID
    position: int  # of the read models it needs: everything up to it is in them
    head: int  # of the log, in the same snapshot
    now: datetime  # of the database, when the answer was begun
    versions: dict[str, int]  # of the layouts of these read models
    decided: Mapping[str, int] = field(default_factory=dict)
    """Positions of the last decisions about parked streams; of read models that follow any."""

    parked: Mapping[UUID, int] = field(default_factory=dict)
    """Streams of which these read models hold events back, with the position of the first one."""

    @property
    def lag(self) -> int:
        """Events recorded and not yet in the read models."""
        return self.head - self.position


@dataclass(frozen=True)
class Footing:
    """Where an answer stands: on which basis, at which point."""

    point: Point
    basis: Basis


@dataclass(frozen=True)
class Reading(Footing):
    """A snapshot: the connection sees one state of log and read models until it is closed."""

    connection: Connection[dict[str, Any]]
    schema: str

    def point_at(self, valid_at: date, known_at: int | None) -> Point:
        """Another point in the same snapshot; None: all that the read models know.

        Raises InvalidValue for what the log has not reached, NotYetThere for what they have not.
        """
        _refuse_unknown(known_at, self.basis)
        known = self.basis.position if known_at is None else known_at
        if known > self.basis.position:
            raise _behind(known, self.basis)
        return Point(valid_at, known)


@dataclass(frozen=True)
class _Wish:
    """What a reader wants to see, and until when it waits for that."""

    known_at: int | datetime | None
    min_position: int
    deadline: float

    def is_granted(self, is_settled: bool, known: int, basis: Basis) -> bool:
        """Whether the read models are there; raises when waiting is of no use any more.

        `known` is the position that is asked for, and `is_settled` whether it stays that one.
        """
        _refuse_unknown(self.known_at, basis)
        _refuse_unreached(self.min_position, basis, "min_position")
        position = max(self.min_position, known)
        if is_settled and position <= basis.position:
            return True
        if time.monotonic() > self.deadline:
            raise _behind(position, basis) if is_settled else _unsettled()
        return False


class Readings:
    """Opens readings. `today` tells the day in Asia/Ho_Chi_Minh that "now" means.

    `hot_pool` makes the pool of an event loop, whose connections are in autocommit; see `hot`.
    """

    def __init__(
        self,
        pool: ConnectionPool[Connection[Any]],
        schema: str,
        today: Callable[[], date],
        hot_pool: Callable[[], HotPool],
    ) -> None:
        self._pool, self._schema, self._today = pool, schema, today
        self._hot_pool = hot_pool
        self._hot: HotPool | None = None
        self._together: Together[_Kind, UUID | None, _Told] | None = None
        self._remembered: dict[tuple[str, ...], tuple[float, Basis]] = {}

    @property
    def schema(self) -> str:
        """The schema of the log."""
        return self._schema

    @asynccontextmanager
    async def hot(self) -> AsyncIterator[None]:
        """Let `ask` be used, within this event loop."""
        async with self._hot_pool() as self._hot:
            self._together = Together(self._fetch)
            yield

    @contextmanager
    def at(
        self,
        valid_at: date | None = None,
        known_at: int | datetime | None = None,
        min_position: int = 0,
        wait_s: float = WAIT_S,
        views: tuple[str, ...] = ALL,
    ) -> Iterator[Reading]:
        """A reading at that point; None: today, and all that the read models know.

        It rests on these `views` and on no other: where others stand does not matter to it. Waits
        up to `wait_s` seconds until they have reached `min_position` and `known_at`, and until
        nobody records any more what will have been known at that time. Readings are not nested: one
        holds one connection of the pool. Raises NotYetThere, NotYetSettled; InvalidValue for a
        position or a time that the log has not reached.
        """
        wish = _Wish(known_at, min_position, time.monotonic() + wait_s)
        while True:
            is_settled = self._is_settled(known_at)
            with self._snapshot() as connection:
                seen = self._look(connection, known_at, views)
                found = self._judged(seen, views)
                if wish.is_granted(is_settled, seen.known, found):
                    point = Point(valid_at or self._today(), seen.known)
                    yield Reading(point, found, connection, self._schema)
                    return
            time.sleep(_PAUSE_S)

    def remembered(
        self,
        valid_at: date | None,
        known_at: int | datetime | None,
        min_position: int = 0,
        views: tuple[str, ...] = ALL,
    ) -> Footing | None:
        """Where an answer would stand, without asking the database; None: that must be asked.

        It is known for a position that these views had reached when this process looked last, if
        that is no longer ago than REMEMBERED_S: a new epoch is noticed so much later.
        """
        remembered = self._remembered.get(views)
        if remembered is None or not isinstance(known_at, int):
            return None
        looked, basis = remembered
        is_fresh = time.monotonic() - looked <= REMEMBERED_S
        if not is_fresh or not 0 <= max(known_at, min_position) <= basis.position:
            return None
        return Footing(Point(valid_at or self._today(), known_at), basis)

    async def look(
        self,
        valid_at: date | None = None,
        known_at: int | datetime | None = None,
        min_position: int = 0,
        views: tuple[str, ...] = ALL,
    ) -> Footing:
        """Where a reading would stand, in one statement; waits as `at` does. Only within `hot`."""
        statement = basis(self._schema, views)
        footing, _ = await self._hot_rows(statement, None, valid_at, known_at, min_position, views)
        return footing

    async def ask(
        self,
        question: Question[R],
        valid_at: date | None = None,
        known_at: int | datetime | None = None,
        min_position: int = 0,
        views: tuple[str, ...] = ALL,
    ) -> tuple[Footing, R | None]:
        """As `look`, with the question answered in the same statement.

        Who asks the same question about something else at this moment may share the statement.
        """
        statement, id_ = basis_and_row(self._schema, views, question.statement), question.id
        footing, rows = await self._hot_rows(
            statement, id_, valid_at, known_at, min_position, views
        )
        return footing, question.row(*rows[id_]) if id_ in rows else None

    async def _hot_rows(
        self,
        statement: bytes,
        id_: UUID | None,
        valid_at: date | None,
        known_at: int | datetime | None,
        min_position: int,
        views: tuple[str, ...],
    ) -> tuple[Footing, Mapping[UUID, TupleRow]]:
        """Where it stands, and the columns beyond the basis, by their first one."""
        assert self._together is not None, "not within hot()"
        wish = _Wish(known_at, min_position, time.monotonic() + WAIT_S)
        day = valid_at or self._today()
        while True:
            is_settled = await self._is_settled_hot(known_at)
            seen, found, rows = await self._together.ask((statement, day, known_at, views), id_)
            if wish.is_granted(is_settled, seen.known, found):
                return Footing(Point(day, seen.known), found), rows
            await asyncio.sleep(_PAUSE_S)

    def _is_settled(self, known_at: int | datetime | None) -> bool:
        """In a transaction before the snapshot. A position is: nothing comes between others."""
        if not isinstance(known_at, datetime):
            return True
        with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=scalar_row) as cursor,
        ):
            return bool(cursor.execute(settled(self._schema), {"time": known_at}).fetchone())

    async def _is_settled_hot(self, known_at: int | datetime | None) -> bool:
        if not isinstance(known_at, datetime):
            return True
        assert self._hot is not None, "not within hot()"
        async with self._hot.connection() as connection:
            cursor = connection.cursor(row_factory=scalar_row)
            await cursor.execute(settled(self._schema), {"time": known_at}, prepare=True)
            return bool(await cursor.fetchone())

    @contextmanager
    def _snapshot(self) -> Iterator[Connection[dict[str, Any]]]:
        with self._pool.connection() as connection:
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            connection.row_factory = dict_row
            connection.prepare_threshold = None  # questions say themselves which hold for any day
            yield connection

    def _look(
        self,
        connection: Connection[Any],
        known_at: int | datetime | None,
        views: tuple[str, ...],
    ) -> Seen:
        try:
            with (
                connection.pipeline(),  # BEGIN goes along
                connection.cursor(binary=True, row_factory=args_row(Seen)) as cursor,
            ):
                cursor.execute(basis(self._schema, views), asking(known_at), prepare=True)
                return cursor.fetchall()[0]
        except _CHANGED:
            connection.rollback()
            self._refuse_missing(connection, views)
            raise

    async def _fetch(self, kind: _Kind, ids: Sequence[UUID | None]) -> _Told:
        statement, day, known_at, views = kind
        assert self._hot is not None
        try:
            async with self._hot.connection() as connection:
                cursor = connection.cursor(binary=True, row_factory=tuple_row)
                given = {"ids": ids, "day": day, **asking(known_at)}
                await cursor.execute(statement, given, prepare=True)
                rows = await cursor.fetchall()
        except _CHANGED:
            await asyncio.to_thread(self._refuse, views)
            raise
        seen = Seen(*rows[0][:COLUMNS])
        asked = [row[COLUMNS + 1 :] for row in rows if row[COLUMNS:] and row[COLUMNS]]
        return seen, self._judged(seen, views), {row[0]: row for row in asked}

    def _refuse(self, views: tuple[str, ...]) -> None:
        """Raises NotYetThere when a view is missing or of another layout."""
        with self.at(views=views):
            pass

    def _refuse_missing(self, connection: Connection[Any], views: Sequence[str]) -> None:
        for view in views:
            if read(connection, namespace(self._schema, view)) is None:
                raise _unbuilt(view)

    def _judged(self, seen: Seen, views: tuple[str, ...]) -> Basis:
        """Raises NotYetThere when a view has no mark, or its layout is not of this release."""
        versions: dict[str, int] = {}
        for view, version in zip(views, seen.versions, strict=True):
            if version is None or version != VIEWS[view].version:
                raise _unbuilt(view)
            versions[view] = version
        reached = [position for position in seen.positions if position is not None]
        decided = {view: at for view, at in zip(views, seen.decided, strict=True) if at}
        parked = {UUID(stream): at for stream, at in (seen.parked or {}).items()}
        place = (seen.epoch, min(reached), seen.head, seen.now)
        found = Basis(*place, versions, decided, parked)
        self._remembered[views] = time.monotonic(), found
        return found


def _refuse_unknown(known_at: int | datetime | None, basis: Basis) -> None:
    """Raises InvalidValue for a knowledge that there is not yet, or never."""
    if isinstance(known_at, datetime) and known_at > basis.now:
        raise InvalidValue("Nobody knows yet what will be known then", field="known_at")
    if isinstance(known_at, int) and known_at < 0:
        raise InvalidValue("Positions begin at 1", field="known_at")
    if isinstance(known_at, int):
        _refuse_unreached(known_at, basis, "known_at")


def _refuse_unreached(wanted: int, basis: Basis, field: str) -> None:
    if wanted > basis.head:
        raise InvalidValue(
            f"The log has not reached position {wanted}", field=field, position=basis.head
        )


def _behind(wanted: int, basis: Basis) -> NotYetThere:
    return NotYetThere(
        f"The read models are at {basis.position}, not yet at {wanted}", position=basis.position
    )


def _unsettled() -> NotYetSettled:
    return NotYetSettled(
        "Somebody is recording what may count as known then; ask again, or for a time before it"
    )


def _unbuilt(view: str) -> NotYetThere:
    return NotYetThere(f"The read model {view} must be rebuilt first", position=0)
