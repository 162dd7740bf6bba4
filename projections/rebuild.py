"""Build a view beside the live one, compare the two, and switch; the old one stays for a return.

Readers and the follower go on meanwhile. Only the last stretch holds the follower: the new tables
are brought level with the live ones, digests are compared, and schemas change their names, in one
transaction. Killed anywhere, the live view is what it was; begin again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg import Connection
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from domain.catalogue import EVENTS
from projections import marks
from projections.digest import Counter, Digest, of_events, of_rows
from projections.engine import Target, follow_targets, write_rows
from projections.faults import EventFailed
from projections.layout import histories, lay_out
from projections.marks import Mark, namespace
from projections.sql import statement
from projections.view import Recorded, Row, Source, View

PAGE = 2000  # events
SAMPLES = 10  # rows shown of each side where two views differ
SWITCH_TRIES = 5
Progress = Callable[[int], None]


class CannotSwitch(Exception):
    """Readers hold the live view, another rebuild runs, or there is nothing to go back to."""


@dataclass(frozen=True)
class Comparison:
    """The rows of the live view and of the rebuilt one, at the same position.

    A live view that is ahead of the log, whose end is lost, is compared as it is.
    """

    position: int
    live: Digest
    rebuilt: Digest
    live_only: tuple[str, ...] = ()  # some rows as JSON
    rebuilt_only: tuple[str, ...] = ()

    @property
    def equal(self) -> bool:
        return self.live == self.rebuilt


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild came to."""

    view: str
    mark: Mark  # of the rebuilt view
    comparison: Comparison | None  # None: there was no live view
    switched: bool  # False: the rebuilt one waits beside the live one, or was only compared


def rebuild(
    dsn: str,
    schema: str,
    source: Source,
    view: View,
    *,
    accept: bool = False,
    compare_only: bool = False,
    progress: Progress | None = None,
) -> Rebuilt:
    """Build the view anew from the whole log and switch to it when it equals the live one.

    With `accept`, also when it differs: for a new layout, or after a fault. With `compare_only` the
    live view stays, a rebuilt one that waits beside it too, and nothing is left behind; whoever was
    killed in comparing is cleared away by the next. May be repeated. Raises CannotSwitch,
    EventFailed.
    """
    live = Target(view, namespace(schema, view.name))
    fresh = Target(view, namespace(schema, view.name, "_check" if compare_only else "_next"))
    with _connected(dsn) as builder, _connected(dsn) as switcher, ExitStack() as leaving:
        _refuse_second(switcher, fresh.home)
        if compare_only:
            leaving.callback(_drop, switcher, fresh.home)
        build(builder, source, fresh, _goal(switcher, source, live), progress)
        for attempt in range(SWITCH_TRIES):
            _bring_level(switcher, builder, source, live, fresh, progress)
            try:
                return _finish(switcher, builder, source, live, fresh, accept, compare_only)
            except psycopg.errors.LockNotAvailable:
                if attempt == SWITCH_TRIES - 1:
                    raise CannotSwitch(f"readers hold {live.home}") from None
    raise AssertionError("unreachable")


def back(connection: Connection[Any], schema: str, view: View) -> Mark:
    """Return to the view as it was before the last switch; this one stays for a return in turn.

    The mark it then has: followers bring it level. Raises CannotSwitch.
    """
    live, previous, spare = (
        namespace(schema, view.name, suffix) for suffix in ("", "_previous", "_spare")
    )
    with connection.transaction():
        marks.lock(connection, live)
        mark = marks.read(connection, previous)
        if mark is None:
            raise CannotSwitch(f"there is no {previous} to go back to")
        _hold_off_readers(connection, live)
        for old, new in ((live, spare), (previous, live), (spare, previous)):
            _rename(connection, old, new)
    return mark


def build(
    connection: Connection[Any],
    source: Source,
    target: Target,
    up_to: int,
    progress: Progress | None = None,
) -> None:
    """Fill new tables from the whole log up to a position, in one transaction."""
    counter = Counter()
    with connection.transaction():
        _drop(connection, target.home)
        marks.create_tables(connection, target.home, target.view)
        rows = _all_rows(source, target.view, up_to, counter, progress)
        write_rows(connection, target, rows)
        marks.create_indexes(connection, target.home, target.view)
        seen = counter.digest()
        marks.write(connection, target.home, up_to, seen, target.view.version)
    _tidy(connection, target.home)


def _tidy(connection: Connection[Any], home: str) -> None:
    with connection.cursor(row_factory=tuple_row) as cursor:
        tables = cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [home])
        names = [Identifier(home, table) for (table,) in tables]
    connection.execute(SQL("VACUUM ANALYZE {}").format(SQL(", ").join(names)))


def _all_rows(
    source: Source, view: View, up_to: int, counter: Counter, progress: Progress | None
) -> Iterator[Row]:
    """Each stream where it begins; so neither the streams nor their ids are ever held at once."""
    after = 0
    while page := source.log.feed(after, PAGE, up_to):
        for recorded in page:
            counter.add(recorded)
        born = [UUID(str(each.originator_id)) for each in page if _begins(each, view)]
        try:
            for history in histories(source.log.histories(born, up_to), source.decode):
                for changes in lay_out(history, {view: 0}).values():
                    yield from changes.added
        except EventFailed as error:
            raise error.of(view.name) from error.__cause__
        after = page[-1].id
        if progress:
            progress(after)


def _begins(recorded: Recorded, view: View) -> bool:
    """Whether a stream that the view shows begins here; of an unknown event, decoding will tell."""
    event = EVENTS.get(recorded.topic)
    shown = event is None or event.AGGREGATE in view.aggregates
    return shown and recorded.originator_version == 1


def _goal(connection: Connection[Any], source: Source, live: Target) -> int:
    """How far to go: as far as the live view, but never beyond the log's end."""
    mark, head = marks.read(connection, live.home), source.log.position()
    return min(mark.position, head) if mark else head


def _bring_level(
    switcher: Connection[Any],
    builder: Connection[Any],
    source: Source,
    live: Target,
    fresh: Target,
    progress: Progress | None,
) -> None:
    """Near to the live view without holding it."""
    if marks.read(switcher, live.home):
        goal = _goal(switcher, source, live)
        follow_targets(builder, source, [fresh], goal, progress=progress)


def _finish(
    switcher: Connection[Any],
    builder: Connection[Any],
    source: Source,
    live: Target,
    fresh: Target,
    accept: bool,
    compare_only: bool,
) -> Rebuilt:
    """Hold the follower of the live view, compare, and switch when that is right."""
    with switcher.transaction():
        marks.lock(switcher, live.home)
        mark = marks.read(switcher, live.home)
        goal = _goal(switcher, source, live)
        if mark:
            follow_targets(builder, source, [fresh], goal)
        reached = marks.read(switcher, fresh.home)
        assert reached is not None
        if mark and reached.position != goal:
            raise CannotSwitch(f"{fresh.home} is at {reached.position}, not at {goal}")
        compared = _compare(switcher, live, fresh, goal) if mark else None
        switched = not compare_only and (compared is None or compared.equal or accept)
        if switched:
            _switch(switcher, live.home, fresh.home, live.home + "_previous")
    return Rebuilt(live.view.name, reached, compared, switched)


def _compare(connection: Connection[Any], live: Target, fresh: Target, position: int) -> Comparison:
    table = live.view.table
    digests = (of_rows(connection, live.home, table), of_rows(connection, fresh.home, table))
    if digests[0] == digests[1]:
        return Comparison(position, *digests)
    there, here = Identifier(live.home, table), Identifier(fresh.home, table)
    only = (_only(connection, there, here), _only(connection, here, there))
    return Comparison(position, *digests, *only)


def _only(connection: Connection[Any], here: Identifier, there: Identifier) -> tuple[str, ...]:
    query = statement("rows_only_here", here=here, there=there)
    with connection.cursor(row_factory=tuple_row) as cursor:
        return tuple(text for (text,) in cursor.execute(query, {"limit": SAMPLES}))


def _switch(connection: Connection[Any], live: str, fresh: str, previous: str) -> None:
    if marks.exists(connection, live):
        _hold_off_readers(connection, live)
        _drop(connection, previous)
        _rename(connection, live, previous)
    _rename(connection, fresh, live)


def _hold_off_readers(connection: Connection[Any], home: str) -> None:
    """Wait for readers that have read the mark: in one snapshot they see one view only."""
    connection.execute("SET LOCAL lock_timeout TO '4s'")
    mark = Identifier(home, "mark")
    connection.execute(SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(mark))


def _rename(connection: Connection[Any], old: str, new: str) -> None:
    names = map(Identifier, (old, new))
    connection.execute(SQL("ALTER SCHEMA {} RENAME TO {}").format(*names))


def _drop(connection: Connection[Any], home: str) -> None:
    if marks.exists(connection, home):
        connection.execute(SQL("DROP SCHEMA {} CASCADE").format(Identifier(home)))


def _refuse_second(connection: Connection[Any], home: str) -> None:
    """One rebuild of a view at a time, for as long as this session lasts."""
    query = "SELECT pg_try_advisory_lock(hashtextextended(%s, 5007))"
    with connection.cursor(row_factory=tuple_row) as cursor:
        if cursor.execute(query, [home]).fetchall() != [(True,)]:
            raise CannotSwitch(f"{home} is being built already")


def _connected(dsn: str) -> Connection[Any]:
    return psycopg.connect(dsn, autocommit=True)


def seen_by(source: Source, up_to: int) -> Digest:
    """What a view at `up_to` must have seen: reads the whole log up to there."""
    digest, after = Digest(), 0
    while found := source.log.feed(after, PAGE, up_to):
        digest, after = digest + of_events(found), found[-1].id
    return digest
