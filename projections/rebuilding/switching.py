"""Let a view that was built and the live one change places.

In one transaction that holds the follower of the live view schemas change their names. Readers see
one of them, never both.
"""

from __future__ import annotations

from typing import Any

from psycopg import Connection
from psycopg.sql import SQL, Identifier

from projections.engine import marks
from projections.engine.marks import Mark, namespace
from projections.engine.view import View

READERS_S = 1  # to wait for readers while the follower is held


class CannotSwitch(Exception):
    """Readers hold the live view, another rebuild runs, or there is nothing to go back to."""


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
    connection.execute(SQL("SET LOCAL lock_timeout TO {}").format(f"{READERS_S}s"))
    mark = Identifier(home, "mark")
    connection.execute(SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(mark))


def _rename(connection: Connection[Any], old: str, new: str) -> None:
    names = map(Identifier, (old, new))
    connection.execute(SQL("ALTER SCHEMA {} RENAME TO {}").format(*names))


def drop(connection: Connection[Any], home: str) -> None:
    if marks.exists(connection, home):
        connection.execute(SQL("DROP SCHEMA {} CASCADE").format(Identifier(home)))
