"""Lay out the log range by range: each is read, decoded and folded once, for all views.

The rows of a range, its digest and the word that it is done are one transaction. Any number of
workers may be at it, in any number of processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from psycopg import Connection

from projections.engine import decisions
from projections.engine.alone import tell_anew
from projections.engine.digest import Counter, Digest
from projections.engine.garbage import uncollected
from projections.engine.rows import Target
from projections.engine.view import Recorded, Source
from projections.rebuilding import in_sql, ranges
from projections.rebuilding.ranges import Range


def work(
    connection: Connection[Any],
    schema: str,
    source: Source,
    targets: Sequence[Target],
    goal: int,
    stop: Callable[[], bool],
    told: Callable[[], None] = lambda: None,
) -> None:
    """Lay out ranges up to a position as long as there is one to take, and `stop` does not say so.

    `told` is called after each. Raises ViewStopped; the range is free again then.
    """
    # Durable with the next commit that is: until then, rows and what says so are lost together.
    connection.execute("SET synchronous_commit TO off")
    while not stop():
        with connection.transaction():
            taken = ranges.take(connection, targets, goal)
            if taken is None:
                return
            within, lacking = taken
            seen = _laid_out(connection, schema, source, lacking, within, goal)
            for target in lacking:
                ranges.finish(connection, target.home, within.number, seen)
        told()


def _laid_out(
    connection: Connection[Any],
    schema: str,
    source: Source,
    targets: Sequence[Target],
    within: Range,
    goal: int,
) -> Digest:
    if not any(decisions.kept(connection, target.home) for target in targets):
        seen = in_sql.laid_out(connection, schema, targets, within, goal)
        if seen is not None:
            return seen
    with uncollected():
        return _told(connection, source, targets, within, goal)


def _told(
    connection: Connection[Any],
    source: Source,
    targets: Sequence[Target],
    within: Range,
    goal: int,
) -> Digest:
    counter = Counter()
    recorded = _counted(source.log.sweep(within.first, within.after, goal), counter)
    tell_anew(connection, source, targets, recorded)
    return counter.digest()


def _counted(recorded: Iterable[Recorded], counter: Counter) -> Iterator[Recorded]:
    for each in recorded:
        counter.add(each)
        yield each
