"""Is the log whole, and do the columns and indexes beside it say what its bytes say?

Reads everything, changes nothing. Projections are compared with a replay by
projections.rebuilding.rebuild.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import orjson

from domain.aggregate import Aggregate, Event
from services.record import to_event
from services.store import Log, Recorded

PAGE = 5000  # events read at once
FINDINGS_MAX = 20  # told of each check; the rest is counted


@dataclass
class Check:
    """One claim about the log, how much was looked at, and what contradicts it."""

    claim: str
    looked_at: int = 0
    wrong: int = 0
    findings: list[str] = field(default_factory=list)

    def saw(self, right: bool, finding: str) -> None:
        self.looked_at += 1
        if not right:
            self.wrong += 1
            if len(self.findings) < FINDINGS_MAX:
                self.findings.append(finding)


Progress = Callable[[int, int], None]
"""Told now and then: events looked at, of how many."""


def verify_log(log: Log, progress: Progress = lambda done, of: None) -> list[Check]:
    """Every check of the log; it is whole when none has a finding."""
    head = log.position()
    heads: dict[UUID, int] = {}
    in_order = _in_order(log, head, heads, progress)
    return [*in_order, _heads(log, heads), *_by_stream(log, head, sorted(heads))]


def _in_order(log: Log, head: int, heads: dict[UUID, int], progress: Progress) -> list[Check]:
    """What can be seen in one passage along the positions; fills `heads`."""
    positions = Check("positions are 1, 2, 3 ... without a gap")
    times = Check("recorded times never run backwards")
    columns = Check("columns say what the bytes say")
    canonical = Check("bytes are canonical JSON")
    versions = Check("versions of each stream are 1, 2, 3 ... in the order of positions")
    expected, last = 0, datetime.min.replace(tzinfo=UTC)
    for recorded in log.scan(0, head):
        expected += 1
        here = recorded.id
        positions.saw(here == expected, f"expected {expected}, found {here}")
        expected = here
        times.saw(recorded.recorded_at >= last, f"position {here} is earlier than the one before")
        last = recorded.recorded_at
        _read_bytes(recorded, columns, canonical)
        stream = UUID(str(recorded.originator_id))
        follows = recorded.originator_version == heads.get(stream, 0) + 1
        versions.saw(follows, f"position {here} does not follow on in {stream}")
        heads[stream] = recorded.originator_version
        if here % PAGE == 0:
            progress(here, head)
    positions.saw(expected == head, f"the log says {head}, its last event is {expected}")
    return [positions, times, columns, canonical, versions]


def _read_bytes(recorded: Recorded, columns: Check, canonical: Check) -> None:
    here = recorded.id
    try:
        said: dict[str, Any] = orjson.loads(recorded.state)
    except orjson.JSONDecodeError:
        canonical.saw(False, f"position {here} is no JSON")
        return
    same = orjson.dumps(said, option=orjson.OPT_SORT_KEYS) == recorded.state
    canonical.saw(same, f"position {here} is written otherwise")
    wrong = [name for name, value in _columns(recorded).items() if said.get(name) != value]
    columns.saw(not wrong, f"position {here}: {', '.join(wrong)} differ")


def _columns(recorded: Recorded) -> dict[str, Any]:
    return {
        "stream": str(recorded.originator_id),
        "version": recorded.originator_version,
        "type": recorded.topic,
        "recorded_at": recorded.recorded_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }


def _heads(log: Log, seen: dict[UUID, int]) -> Check:
    check = Check("heads say the last version of each stream")
    for ids in _batches(list(seen)):
        heads = log.heads(ids)
        for id_ in ids:
            head = heads.get(id_)
            check.saw(head == seen[id_], f"{id_}: head {head}, log {seen[id_]}")
    return check


def _batches(ids: list[UUID]) -> Iterator[list[UUID]]:
    for start in range(0, len(ids), PAGE):
        yield ids[start : start + PAGE]


def _by_stream(log: Log, head: int, streams: list[UUID]) -> list[Check]:
    folds = Check("every stream can be replayed")
    voids = Check("what is taken back is an earlier event of the same stream, taken back once")
    keys = Check("every consistency key that the streams need is there")
    carried: dict[str, set[UUID]] = {}
    for id_, history in groupby(log.histories(streams, head), key=lambda r: r.originator_id):
        node = _replayed(list(history), folds)
        if node is not None:
            _look_at_voids(node, voids)
        for key in node.keys(date.min) if node else ():
            carried.setdefault(key, set()).add(UUID(str(id_)))
        if len(carried) >= PAGE:
            _compare_keys(log, head, carried, keys)
            carried = {}
    _compare_keys(log, head, carried, keys)
    return [folds, voids, keys]


def _look_at_voids(aggregate: Aggregate, check: Check) -> None:
    for version, event in aggregate.events.items():
        if event.envelope.voids is None:
            continue
        voided = aggregate.event_at(event.envelope.voids)
        right = (
            voided is not None
            and voided.originator_version < version
            and aggregate.voided_by.get(voided.originator_version) == version
        )
        check.saw(right, f"position {event.position} takes back {event.envelope.voids}")


def _compare_keys(log: Log, head: int, carried: dict[str, set[UUID]], check: Check) -> None:
    found = log.keyed(list(carried), head)
    for key, streams in carried.items():
        missing = streams - set(found.get(key, (0, []))[1])
        check.saw(not missing, f"{key} is not found for {len(missing)} streams")


def _replayed(history: list[Recorded], check: Check) -> Aggregate | None:
    first = history[0]
    try:
        events: list[Event] = [to_event(r.topic, r.state, r.id) for r in history]
        node = events[0].AGGREGATE.fold(events)
    except Exception as error:  # whatever is wrong with one stream, the others are to be looked at
        check.saw(False, f"stream {first.originator_id}: {type(error).__name__}: {error}")
        return None
    check.saw(True, "")
    return node
