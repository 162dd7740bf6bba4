"""Hold a view that was built against the live one, and let them change places.

In one transaction that holds the follower of the live view: the two stand at the same position,
digests are compared, schemas change their names. Readers see one of them, never both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from projections.engine import marks
from projections.engine.digest import Digest, of_rows
from projections.engine.marks import Mark, namespace
from projections.engine.rows import Target
from projections.engine.view import View
from projections.rebuilding.at_once import at_once
from projections.sql import statement

SAMPLES = 10  # rows shown of each side where two views differ


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
    live_parked: frozenset[UUID] = frozenset()  # streams
    rebuilt_parked: frozenset[UUID] = frozenset()

    @property
    def equal(self) -> bool:
        return self.live == self.rebuilt


def compare(
    connection: Connection[Any],
    helper: Connection[Any],
    live: Target,
    fresh: Target,
    position: int,
) -> Comparison:
    """Both must stand at that position, and stay there. The helper, in autocommit, digests one.

    A live view whose table somebody has dropped has no rows.
    """
    table = live.view.table
    if not marks.has(connection, live.home, table):
        return Comparison(position, Digest(), of_rows(connection, fresh.home, table))
    digests = _digests((connection, helper), live, fresh)
    only: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    if digests[0] != digests[1]:
        there, here = Identifier(live.home, table), Identifier(fresh.home, table)
        only = (_only(connection, there, here), _only(connection, here, there))
    parked = (_parked(connection, live), _parked(connection, fresh))
    return Comparison(position, *digests, *only, *parked)


def _digests(
    connections: tuple[Connection[Any], Connection[Any]], live: Target, fresh: Target
) -> tuple[Digest, Digest]:
    """Both at once: whoever holds the follower meanwhile does so for half the time."""
    live_rows, fresh_rows = at_once(_rows, connections, (live, fresh))
    return live_rows, fresh_rows


def _rows(connection: Connection[Any], target: Target) -> Digest:
    return of_rows(connection, target.home, target.view.table)


def _parked(connection: Connection[Any], target: Target) -> frozenset[UUID]:
    mark = marks.read(connection, target.home)
    return mark.parked if mark else frozenset()


def _only(connection: Connection[Any], here: Identifier, there: Identifier) -> tuple[str, ...]:
    query = statement("rows_only_here", here=here, there=there)
    with connection.cursor(row_factory=tuple_row) as cursor:
        return tuple(text for (text,) in cursor.execute(query, {"limit": SAMPLES}))


def switch(connection: Connection[Any], live: str, fresh: str) -> None:
    """Within a transaction. Raises psycopg.errors.LockNotAvailable while readers are there."""
    if marks.exists(connection, live):
        previous = live + "_previous"
        _hold_off_readers(connection, live)
        drop(connection, previous)
        _rename(connection, live, previous)
    _rename(connection, fresh, live)


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


def _hold_off_readers(connection: Connection[Any], home: str) -> None:
    """Wait for readers that have read the mark: in one snapshot they see one view only."""
    connection.execute("SET LOCAL lock_timeout TO '4s'")
    mark = Identifier(home, "mark")
    connection.execute(SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(mark))


def _rename(connection: Connection[Any], old: str, new: str) -> None:
    names = map(Identifier, (old, new))
    connection.execute(SQL("ALTER SCHEMA {} RENAME TO {}").format(*names))


def drop(connection: Connection[Any], home: str) -> None:
    if marks.exists(connection, home):
        connection.execute(SQL("DROP SCHEMA {} CASCADE").format(Identifier(home)))
