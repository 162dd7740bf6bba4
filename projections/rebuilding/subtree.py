"""Lay out anew, in the live tables, one place of the tree and all that ever stood below it.

Of organisations also what ever stood on them: leaderships with their assignments, memberships, and
the rounds in which they were judged. All that is asked of the log, by the keys that it keeps: the
view may be wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import Connection

from domain.catalogue import EVENTS
from domain.organisation import PartyOrganisation
from projections.engine import marks, parking
from projections.engine.alone import shows, tell_anew
from projections.engine.batch import read_mark
from projections.engine.digest import Digest, of_rows
from projections.engine.marks import namespace
from projections.engine.rows import Target, clear_rows
from projections.engine.view import Log, Recorded, Source, View

STREAMS = 1000  # a transaction
_RELATIONS = ("on", "judged")


@dataclass(frozen=True)
class Repaired:
    """The rows of these streams in one view, before and after."""

    view: str
    streams: int
    before: Digest
    after: Digest

    @property
    def equal(self) -> bool:
        return self.before == self.after


def below(log: Log, root: UUID) -> list[UUID]:
    """It, and all that ever stood below it as far as the log knows; ascending, empty: no such."""
    if not any(True for _ in log.histories([root])):
        return []
    found, layer = {root}, {root}
    while layer:
        nearer: set[UUID] = set()
        for _, streams in log.keyed([f"superior:{id_}" for id_ in layer]).values():
            nearer.update(streams)
        layer = nearer - found
        found |= layer
    return sorted(found)


def beside(log: Log, places: Sequence[UUID]) -> list[UUID]:
    """Whatever ever stood on one of these organisations, as far as the log knows; ascending."""
    found: set[UUID] = set()
    for start in range(0, len(places), STREAMS):
        portion = places[start : start + STREAMS]
        keys = [f"{relation}:{id_}" for relation in _RELATIONS for id_ in portion]
        for _, streams in log.keyed(keys).values():
            found.update(streams)
    return sorted(found.difference(places))


def rebuild_subtree(
    connection: Connection[Any],
    schema: str,
    source: Source,
    views: Sequence[View],
    root: UUID,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> list[Repaired]:
    """Replace the rows of these streams by what the log says up to each view's mark.

    A thousand streams a transaction, in which followers of the views wait: each is exact by itself,
    so it may be stopped and repeated. `progress`: streams done, of how many.
    `connection` is in autocommit. Views that show nothing of these are left out, and all are where
    the log has no stream `root`. What was parked is tried again.
    Raises ViewOutdated, EventUnreadable, TooManyParked.
    """
    streams = below(source.log, root)
    history = list(source.log.histories([root]))
    targets = [Target(view, namespace(schema, view.name)) for view in views]
    of_its_kind = {target for target in targets if history and shows(target, history)}
    if history and _is_organisation(history[0]):
        streams = sorted({*streams, *beside(source.log, streams)})
    else:
        targets = [target for target in targets if target in of_its_kind]
    before, after = (dict.fromkeys(targets, Digest()) for _ in range(2))
    for start in range(0, len(streams), STREAMS):
        portion = streams[start : start + STREAMS]
        with connection.transaction():
            for target, old, new in _replaced(connection, source, targets, portion):
                before[target] += old
                after[target] += new
        progress(start + len(portion), len(streams))
    done = {t: Repaired(t.view.name, len(streams), before[t], after[t]) for t in targets}
    return [r for t, r in done.items() if t in of_its_kind or r.before.count or r.after.count]


def _is_organisation(recorded: Recorded) -> bool:
    event = EVENTS.get(recorded.topic)
    return event is not None and event.AGGREGATE is PartyOrganisation


def _replaced(
    connection: Connection[Any],
    source: Source,
    targets: Sequence[Target],
    streams: Sequence[UUID],
) -> Iterator[tuple[Target, Digest, Digest]]:
    """Each view with the digest of their rows before and after."""
    for home in sorted(target.home for target in targets):
        marks.lock(connection, home)
    by_mark: dict[int, list[Target]] = {}
    for target in targets:
        by_mark.setdefault(read_mark(connection, target).position, []).append(target)
    for position, group in by_mark.items():
        old = {target: _digest(connection, target, streams) for target in group}
        for target in group:
            parking.release(connection, target, streams)
            clear_rows(connection, target, streams)
        tell_anew(connection, source, group, source.log.histories(streams, position))
        for target in group:
            yield target, old[target], _digest(connection, target, streams)


def _digest(connection: Connection[Any], target: Target, streams: Sequence[UUID]) -> Digest:
    view = target.view
    return of_rows(connection, target.home, view.table, {view.stream: streams})
