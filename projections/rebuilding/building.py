"""Fill fresh tables of several views from one reading of the log, and go on after a stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
from psycopg import Connection
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from projections.engine import decisions, marks, parking
from projections.engine.digest import Digest, of_events
from projections.engine.faults import EventUnreadable, ViewStopped
from projections.engine.rows import REFUSED, Target
from projections.engine.view import Source
from projections.rebuilding import ranges
from projections.rebuilding.at_once import at_once
from projections.rebuilding.helpers import Crew, Helpers, at_work
from projections.rebuilding.progress import Meter, Progress, Tell
from projections.rebuilding.ranges import Done, Plan, Range
from projections.rebuilding.sweep import work
from projections.rebuilding.switching import CannotSwitch, drop

SLICE_S = 0.1  # how often one looks at helpers that are at the last ranges
PAGE = 2000  # events


class RebuildStopped(Exception):
    """It was asked to stop, and has at the border of a range; the next one goes on from there."""

    def __init__(self, views: Sequence[str], done: int, of: int) -> None:
        super().__init__(
            f"stopped with {done:,} of {of:,} events laid out for {', '.join(views)};"
            " the next rebuild goes on from there"
        )
        self.done, self.of = done, of


@dataclass(frozen=True)
class Place:
    """The log, where its views live, who helps, who is told, and who may stop it."""

    dsn: str
    schema: str  # of the log
    source: Source
    helpers: Helpers | None
    progress: Tell
    stop: Callable[[], bool]


def build(
    place: Place,
    connection: Connection[Any],
    pairs: Sequence[tuple[Target, Target]],
    size: int,
    anew: bool,
) -> None:
    """Fill the second of each pair, as far as the first one is or the log goes.

    Views that stand at the same position share a reading; `size` is in streams a range. With
    `anew`, what an earlier one has left is thrown away. Raises ViewStopped, RebuildStopped.
    """
    groups = _begun(place.source, connection, pairs, size, anew)
    for goal, targets in groups.items():
        _lay_out(place, connection, goal, targets)
    for live, fresh in pairs:
        if fresh.view.in_sql and not _was_read(place.source, connection, live, fresh):
            _tell_all(place, connection, fresh)
    _complete(place, [fresh for _, fresh in pairs if not marks.read(connection, fresh.home)])


def goal_of(connection: Connection[Any], source: Source, live: Target) -> int:
    """How far to go: as far as the live view, but never beyond the log's end."""
    mark, head = marks.read(connection, live.home), source.log.position()
    return min(mark.position, head) if mark else head


# Beginning, or going on


def _begun(
    source: Source,
    connection: Connection[Any],
    pairs: Sequence[tuple[Target, Target]],
    size: int,
    anew: bool,
) -> dict[int, list[Target]]:
    """The fresh views by the position to which they are laid out, each with its list of ranges."""
    epoch, plans, groups = source.log.epoch(), dict[Target, Plan](), dict[int, list[Target]]()
    with connection.transaction():  # marks that moved together are seen together
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        for live, fresh in pairs:
            goal = goal_of(connection, source, live)
            found = None if anew else _left(connection, fresh, epoch, goal)
            plans[fresh] = found or Plan(epoch, goal, fresh.view.version)
            groups.setdefault(plans[fresh].goal, []).append(fresh)
    for targets in groups.values():
        left = {} if anew else {t: ranges.planned(connection, t.home) for t in targets}
        agreed = next(filter(None, left.values()), None) or _cut(source, size)
        for target in targets:
            if left.get(target) != agreed or ranges.plan(connection, target.home) != plans[target]:
                _begin(source, connection, target, plans[target], agreed)
    return groups


def _left(connection: Connection[Any], fresh: Target, epoch: UUID, goal: int) -> Plan | None:
    """What an earlier rebuild has left that can be gone on with."""
    found, mark = ranges.plan(connection, fresh.home), marks.read(connection, fresh.home)
    if found is None or max(found.goal, mark.position if mark else 0) > goal:
        return None
    if parking.held(connection, fresh.home, fresh.view.name):  # what is mended since must be told
        drop(connection, fresh.home)
        return None
    return found if found == Plan(epoch, found.goal, fresh.view.version) else None


def _cut(source: Source, size: int) -> list[Range]:
    return ranges.between(source.log.borders(size))


def _begin(
    source: Source,
    connection: Connection[Any],
    target: Target,
    plan: Plan,
    agreed: Sequence[Range],
) -> None:
    decided = decisions.decided_at(source, target.view.name, plan.goal)
    with connection.transaction():
        drop(connection, target.home)
        ranges.begin(connection, target, plan, agreed)
        decisions.keep(connection, target.home, decided.discarded)


# Laying out


def _lay_out(
    place: Place, connection: Connection[Any], goal: int, targets: Sequence[Target]
) -> None:
    """Until no range is left; takes over those of helpers that are gone."""
    found = _done(connection, goal, targets)
    open_ranges = max(each.of - each.ranges for each in found)
    meter = Meter([t.view.name for t in targets], min(each.events for each in found), goal)
    try:
        with at_work(
            place.helpers, place.dsn, place.schema, targets, goal, open_ranges - 1
        ) as crew:
            told = partial(_tell, place, connection, targets, meter, crew)
            told()
            while not _all_done(connection, goal, targets):
                terms = (place.schema, place.source, targets, goal, place.stop, told)
                work(connection, *terms)
                if place.stop():
                    break
                crew.wait(SLICE_S)
                told()
    except ViewStopped as fault:
        for target in targets:  # only another release can go on, and it may lay out otherwise
            drop(connection, target.home)
        if isinstance(fault, EventUnreadable):
            raise fault.of(", ".join(target.view.name for target in targets)) from fault
        raise
    found = _done(connection, goal, targets)
    if not all(each.is_all for each in found):
        done = min(each.events for each in found)
        raise RebuildStopped([target.view.name for target in targets], done, goal)


def _tell(
    place: Place, connection: Connection[Any], targets: Sequence[Target], meter: Meter, crew: Crew
) -> None:
    done = min(each.events for each in _done(connection, meter.goal, targets))
    place.progress(meter.at(done, 1 + crew.number))


def _all_done(connection: Connection[Any], goal: int, targets: Sequence[Target]) -> bool:
    return all(each.is_all for each in _done(connection, goal, targets))


def _done(connection: Connection[Any], goal: int, targets: Sequence[Target]) -> list[Done]:
    """How far each is. Raises CannotSwitch when they are not ours any more.

    One rebuild keeps others away as long as its session lasts; should the server end that, while
    our other one goes on, another rebuild may have begun here.
    """
    return [_done_of(connection, goal, target) for target in targets]


def _done_of(connection: Connection[Any], goal: int, target: Target) -> Done:
    with suppress(psycopg.errors.UndefinedTable), connection.transaction():
        plan = ranges.plan(connection, target.home)
        if plan is not None and plan.goal == goal:  # reading it has locked it
            return ranges.done(connection, target.home)
    raise CannotSwitch(
        f"another rebuild of {target.view.name} has begun anew in {target.home}:"
        " leave it to that one, or begin again when it is done"
    )


def _was_read(source: Source, connection: Connection[Any], live: Target, fresh: Target) -> bool:
    """Whether the events that were laid out are those that the live view has seen."""
    plan, mark = ranges.plan(connection, fresh.home), marks.read(connection, live.home)
    if plan is None:
        return True  # it was done before, and this was asked then
    if mark is None or mark.position < plan.goal:
        return False
    since, after = Digest(), plan.goal
    while after < mark.position and (page := source.log.feed(after, PAGE, mark.position)):
        since, after = since + of_events(page), page[-1].id
    return ranges.seen(connection, fresh.home) + since == mark.seen


def _tell_all(place: Place, connection: Connection[Any], fresh: Target) -> None:
    """Once more, event by event: one that was altered and cannot be read parks its stream."""
    told = Target(replace(fresh.view, in_sql=None), fresh.home)
    with connection.transaction():
        goal = ranges.reopen(connection, told)
    _lay_out(place, connection, goal, [told])


# Completing


def _complete(place: Place, targets: Sequence[Target]) -> None:
    """Indexes and the mark, for all views at once: it is the database that works."""
    if not targets:
        return
    place.progress(Progress(tuple(target.view.name for target in targets), "indexing", 0, 0))
    with ExitStack() as leaving:
        connections = [leaving.enter_context(connected(place.dsn)) for _ in targets]
        at_once(partial(_index, place), connections, targets)


def _index(place: Place, connection: Connection[Any], target: Target) -> None:
    try:
        with connection.transaction():
            marks.create_indexes(connection, target.home, target.view)
            _mark(place, connection, target)
    except REFUSED:
        _index_first(place, connection, target)
    tables = [Identifier(target.home, name) for name in _tables(connection, target.home)]
    connection.execute(SQL("VACUUM ANALYZE {}").format(SQL(", ").join(tables)))


def _index_first(place: Place, connection: Connection[Any], target: Target) -> None:
    """Once more, where rows stand against each other: with the keys there, they say which ones."""
    with connection.transaction():
        goal = ranges.reopen(connection, target)
        marks.create_indexes(connection, target.home, target.view)
        work(connection, place.schema, place.source, [target], goal, lambda: False)
        _mark(place, connection, target)


def _mark(place: Place, connection: Connection[Any], target: Target) -> None:
    home, plan = target.home, ranges.plan(connection, target.home)
    assert plan is not None
    seen = ranges.seen(connection, home)
    decided = decisions.decided_at(place.source, target.view.name, plan.goal).position
    marks.write(connection, home, plan.goal, seen, decided, plan.version)


def _tables(connection: Connection[Any], home: str) -> list[str]:
    with connection.cursor(row_factory=tuple_row) as cursor:
        found = cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [home])
        return [name for (name,) in found]


def connected(dsn: str) -> Connection[Any]:
    """In autocommit."""
    return psycopg.connect(dsn, autocommit=True)
