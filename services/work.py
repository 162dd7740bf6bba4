"""One transaction's worth of deciding: what was read, what was decided, and what must still hold.

Everything that a decision looked at is remembered, with the version or position at which it was
looked at; those go with the append as guards and conditions, and the store refuses when one moved.
So invariants over several streams hold under concurrency without locks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import TypeVar
from uuid import UUID

from domain.aggregate import Aggregate, Event
from domain.errors import ConcurrentChange, NotFound, RegisterError
from domain.node import Node
from domain.rulebook import RuleBook
from domain.structure import (
    Neighbourhood,
    ids_around,
    refuse_breaches,
    refuse_incompetent,
    touched_since,
)
from services.record import read_event, replayed
from services.store import CommandKey, Log, Terms

A = TypeVar("A", bound=Aggregate)
MUST_NOT_COLLIDE = ("name:", "code:", "only:")  # what keys begin with that ask who else bears them


class Work:
    """A unit of work over streams, mostly of nodes; made afresh for every attempt."""

    def __init__(self, log: Log, rules: RuleBook) -> None:
        self.rules = rules
        self._log = log
        self._streams: dict[UUID, Aggregate | None] = {}
        self._versions: dict[UUID, int] = {}  # as read; 0: there was no such stream
        self._touched: dict[UUID, Aggregate] = {}  # by commands, in their order
        self._carriers: dict[str, set[UUID]] = {}
        self._seen_under: dict[str, int] = {}  # key -> last position under it when looked at

    def aside(self) -> Work:
        """Another one over the same log: what is decided there is not recorded here."""
        return Work(self._log, self.rules)

    # Reading

    def load(self, ids: Iterable[UUID]) -> None:
        """Read these streams, those not read yet, in one statement. Raises StreamUnreadable."""
        missing = {id_ for id_ in ids if id_ not in self._streams}
        if not missing:
            return
        for id_ in missing:
            self._streams[id_], self._versions[id_] = None, 0
        recorded = self._log.histories(list(missing))
        for id_, history in groupby(recorded, key=lambda r: r.originator_id):
            aggregate = replayed(history)
            self._streams[UUID(str(id_))] = aggregate
            self._versions[aggregate.id] = aggregate.version

    def find(self, id_: UUID) -> Node | None:
        """The node of that id, as it stands in this work; None when there is none."""
        return self.find_any(Node, id_)

    def find_any(self, of: type[A], id_: UUID) -> A | None:
        """The stream of that id, when it is one of these."""
        if id_ not in self._streams:
            self.load([id_])
        found = self._streams[id_]
        return found if isinstance(found, of) else None

    def get(self, of: type[A], id_: UUID, expected_version: int | None = None) -> A:
        """Raises NotFound; ConcurrentChange when it is not at `expected_version`."""
        found = self.find_any(of, id_)
        if found is None:
            raise NotFound(f"There is no {of.TOPIC} {id_}", id=str(id_))
        if expected_version is not None and self._versions[id_] != expected_version:
            raise ConcurrentChange(
                f"It is at version {self._versions[id_]}, not {expected_version}",
                id=str(id_),
                version=self._versions[id_],
                missed=[
                    event.position
                    for version, event in found.events.items()
                    if version > expected_version and event.position
                ],
            )
        self._touched[id_] = found
        return found

    def add(self, aggregate: Aggregate) -> None:
        """One that begins in this work."""
        self._streams[aggregate.id] = self._touched[aggregate.id] = aggregate

    def look_up(self, keys: Iterable[str]) -> None:
        """Find who carries these keys, those not looked up yet, in one statement."""
        missing = [key for key in set(keys) if key not in self._carriers]
        if not missing:
            return
        found = self._log.keyed(missing)
        for key in missing:
            position, streams = found.get(key, (0, []))
            self._seen_under[key], self._carriers[key] = position, set(streams)
        self.load({id_ for key in missing for id_ in self._carriers[key]})

    def bearers(self, key: str) -> list[Aggregate]:
        """All streams that carry or carried `key`, those of this work included."""
        if key not in self._carriers:
            self.look_up([key])
        found = (self._streams.get(id_) for id_ in sorted(self._carriers[key]))
        return [each for each in found if each is not None]

    def recorded(self, positions: range) -> list[Event]:
        """The events at these positions of the log."""
        return [read_event(r) for r in self._log.feed(positions.start - 1, len(positions))]

    # Checking

    @property
    def changed(self) -> list[Aggregate]:
        """Those with something to record, in the order in which commands came to them."""
        return [each for each in self._touched.values() if each.pending_events]

    def move_to_end(self, aggregate: Aggregate) -> None:
        """Record what is pending of it after everything else."""
        self._touched[aggregate.id] = self._touched.pop(aggregate.id)

    def leave_out(self, aggregate: Aggregate) -> None:
        """Record nothing of it after all; what it is in this work must be what it was before."""
        self._touched.pop(aggregate.id, None)

    def check(self) -> None:
        """Raises the first RuleBroken of all that was decided, taken together."""
        for _, breach in self.breaches():
            raise breach

    def breaches(self) -> Iterator[tuple[Aggregate, RegisterError]]:
        """Of each stream that was decided about, the first rule that it would break."""
        changed = [(each, _pending(each)) for each in self.changed]
        self.load({id_ for each, events in changed for id_ in _ids_around(each, events)})
        self._look_around(changed)
        around = Neighbourhood(partial(self.find_any, Aggregate), self.bearers, self.rules)
        for each, events in changed:
            try:
                _refuse_breaches(each, events, around)
            except RegisterError as breach:
                yield each, breach

    def moved_since(self, position: int) -> list[Event]:
        """Events that stand beyond that position in any stream that was read, in their order."""
        read = (each for id_, each in self._streams.items() if each and self._versions.get(id_))
        later = (e for each in read for e in each.events.values() if (e.position or 0) > position)
        return sorted(later, key=lambda event: event.position or 0)

    def _look_around(self, changed: Sequence[tuple[Aggregate, list[Event]]]) -> None:
        """Look up all that the rules will ask for, and put this work's own streams among it."""
        own = {each.id: each.keys(touched_since(each, events)) for each, events in changed}
        asked = {k for keys in own.values() for k in keys if k.startswith(MUST_NOT_COLLIDE)}
        for each, events in changed:
            asked |= each.keys_around(touched_since(each, events))
            about = {f"{relation}:{each.id}" for relation in ("superior", "successor", "on")}
            if self._versions.get(each.id):
                asked |= about
            else:  # nobody can have named an id that was not there
                self._carriers |= {key: set() for key in about}
        self.look_up(asked)
        for id_, keys in own.items():
            for key in keys & self._carriers.keys():
                self._carriers[key].add(id_)

    # Storing

    def terms(self, command: CommandKey | None) -> Terms:
        """What the append relies on, and the keys it leaves behind."""
        changed = self.changed
        writing = {each.id for each in changed}
        keys: list[tuple[int, str]] = []
        index = -1
        for each in changed:
            events = _pending(each)
            index += len(events)
            keys += [(index, key) for key in sorted(each.keys(touched_since(each, events)))]
        return Terms(
            guards={id_: v for id_, v in self._versions.items() if id_ not in writing},
            keys=keys,
            conditions=dict(self._seen_under),
            command=command,
        )


def _refuse_breaches(each: Aggregate, events: Sequence[Event], around: Neighbourhood) -> None:
    since = touched_since(each, events)
    if isinstance(each, Node):
        refuse_breaches(each, since, around)
        for event in events:
            refuse_incompetent(each, event, around)
    each.refuse_breaches(since, events, around)
    for other in around.bearers(f"on:{each.id}"):
        other.refuse_change_of(each, since, around)


def _ids_around(each: Aggregate, events: Sequence[Event]) -> set[UUID]:
    nearby = ids_around(each, events) if isinstance(each, Node) else set()
    return nearby | each.ids_around(events)


def _pending(aggregate: Aggregate) -> list[Event]:
    return list(aggregate.pending_events)  # type: ignore[arg-type]
