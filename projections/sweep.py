"""Lay out the log range by range: each is read, decoded and folded once, for all views.

The rows of a range, its digest and the word that it is done are one transaction. Any number of
workers may be at it, in any number of processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from psycopg import Connection

from projections import in_sql, ranges
from projections.batch import Target, write_rows
from projections.digest import Counter, Digest
from projections.faults import EventFailed
from projections.garbage import uncollected
from projections.layout import histories, lay_out
from projections.ranges import Range
from projections.view import Recorded, Row, Source

ROWS_MAX = 20_000  # of all views, held at once; some 2 kB each


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

    `told` is called after each. Raises EventFailed; the range is free again then.
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
    rows: dict[Target, list[Row]] = {target: [] for target in targets}
    by_view = {target.view: held for target, held in rows.items()}
    reached = dict.fromkeys(by_view, 0)
    try:
        for history in histories(recorded, source.decode):
            for view, changes in lay_out(history, reached).items():
                by_view[view].extend(changes.added)
            if sum(map(len, rows.values())) > ROWS_MAX:
                _write(connection, rows)
    except EventFailed as error:
        raise error.of(", ".join(view.name for view in by_view)) from error.__cause__
    _write(connection, rows)
    return counter.digest()


def _counted(recorded: Iterable[Recorded], counter: Counter) -> Iterator[Recorded]:
    for each in recorded:
        counter.add(each)
        yield each


def _write(connection: Connection[Any], rows: dict[Target, list[Row]]) -> None:
    for target, held in rows.items():
        if held:
            write_rows(connection, target, held)
            held.clear()
