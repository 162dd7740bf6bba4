"""Opening the register for a question: its read models level with the log, in one snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from domain.errors import NotFound
from ops.cli.app import EMPTY, register
from ops.cli.progress import bar
from ops.wiring import Wiring
from projections.engine.following import status
from services.reading import Reading

MANY = 5000  # events to be projected from which on one wants to see that something happens


@contextmanager
def asked(
    valid_at: date | None = None, known_at: int | datetime | None = None
) -> Iterator[tuple[Wiring, Reading]]:
    """The register, and its read models at a point in both times.

    Raises NotFound when nothing was ever recorded.
    """
    with register() as wiring:
        refuse_empty(wiring)
        _bring_level(wiring)
        with wiring.readings.at(valid_at, known_at) as reading:
            yield wiring, reading


@contextmanager
def reading(
    valid_at: date | None = None, known_at: int | datetime | None = None
) -> Iterator[Reading]:
    """The read models alone."""
    with asked(valid_at, known_at) as (_, found):
        yield found


def refuse_empty(wiring: Wiring) -> None:
    if not wiring.register.store.position():
        raise NotFound(EMPTY)


def _bring_level(wiring: Wiring) -> None:
    with wiring.connection() as connection:
        found = status(connection, wiring.settings.schema, wiring.source, wiring.views)
    if all(each.lag < MANY for each in found):
        wiring.project()
        return
    head = wiring.register.store.position()
    with bar("Projecting") as show:
        wiring.project(lambda position: show(position, head))
