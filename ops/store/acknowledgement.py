"""Whether the database has truly done what it was asked to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.errors import Diagnostic

from ops.store.conflicts import conflict
from services.store import InDoubt

WARNING = "01000"


class ConnectionLost(InDoubt):
    """The connection broke before the answer came."""


@contextmanager
def acknowledged(connection: Connection[Any]) -> Iterator[None]:
    """Let pass only what the database has truly done, and say in our words what it refused.

    A wait for a synchronous standby that is cancelled ends in success with a warning, although
    the standby may not have the commit. Nothing else in an append warns, and the words of the
    warning depend on the server's language: so any of that class counts.
    """
    warnings: list[str | None] = []

    def note(diagnostic: Diagnostic) -> None:
        if diagnostic.sqlstate == WARNING:
            warnings.append(diagnostic.message_primary)

    connection.add_notice_handler(note)
    try:
        yield
    except psycopg.Error as error:
        if connection.broken:
            raise ConnectionLost(f"the connection broke: {error}") from error
        if refused := conflict(error):
            raise refused from error
        raise
    finally:
        connection.remove_notice_handler(note)
    if warnings:
        raise InDoubt(f"recorded, but perhaps on this server only: {warnings[0]}")
