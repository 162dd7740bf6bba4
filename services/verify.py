"""Is the log whole, and do the columns and indexes beside it say what its bytes say?

Reads everything, changes nothing. The projections are compared with a replay by projections.rebuild.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import orjson

from domain.aggregate import Aggregate, Event
from domain.errors import RegisterError
from domain.node import Node
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

    def saw(self, right: bool, finding: Callable[[], str]) -> None:
        self.looked_at += 1
        if not right:
            self.wrong += 1
            if len(self.findings) < FINDINGS_MAX:
                self.findings.append(finding())


def verify_log(log: Log, progress: Callable[[int, int], None] = lambda done, of: None) -> list[Check]:
    """Every check of the log; whole when none has a finding. Takes about a minute a million events."""
    head = log.position()
    order = _in_order(log, head, progress)
    return [*order, *_by_stream(log, head)]


def _in_order(log: Log, head: int, progress: Callable[[int, int], None]) -> list[Check]:
    positions = Check("positions are 1, 2, 3 ... without a gap")
    times = Check("recorded times never run backwards")
    columns = Check("columns say what the bytes say")
    canonical = Check("bytes are canonical JSON")
    versions = Check("versions of each stream are 1, 2, 3 ... in the order of positions")
    expected, last, heads = 0, datetime.min, dict[UUID, int]()
    for recorded in _feed(log, head):
        expected += 1
        here = recorded.id
        positions.saw(here == expected, lambda e=expected, h=here: f"expected {e}, found {h}")
        expected = here
        at = recorded.recorded_at.replace(tzinfo=None)
        times.saw(at >= last, lambda h=here: f"position {h} is earlier than the one before it")
        last = at
        _read_bytes(recorded, columns, canonical)
        stream = UUID(str(recorded.originator_id))
        follows = recorded.originator_version == heads.get(stream, 0) + 1
        versions.saw(follows, lambda h=here, s=stream: f"position {h} does not follow on in {s}")
        heads[stream] = recorded.originator_version
        if here % PAGE == 0:
            progress(here, head)
    positions.saw(expected == head, lambda: f"the log says {head}, its last event is {expected}")
    return [positions, times, columns, canonical, versions, _heads(log, heads)]


def _feed(log: Log, head: int) -> Iterator[Recorded]:
    after = 0
    while after < head and (page := log.feed(after, PAGE, head)):
        yield from page
        after = page[-1].id


def _read_bytes(recorded: Recorded, columns: Check, canonical: Check) -> None:
    here = recorded.id
    try:
        said: dict[str, Any] = orjson.loads(recorded.state)
    except orjson.JSONDecodeError:
        canonical.saw(False, lambda: f"position {here} is no JSON")
        return
    same = orjson.dumps(said, option=orjson.OPT_SORT_KEYS) == recorded.state
    canonical.saw(same, lambda: f"position {here} is written otherwise")
    wrong = [name for name, value in _columns(recorded).items() if said.get(name) != value]
    columns.saw(not wrong, lambda: f"position {here}: {', '.join(wrong)} differ")


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
            check.saw(head == seen[id_], lambda i=id_, h=head: f"{i}: head {h}, log {seen[i]}")
    return check


def _batches(ids: list[UUID]) -> Iterator[list[UUID]]:
    for start in range(0, len(ids), PAGE):
        yield ids[start : start + PAGE]


def _by_stream(log: Log, head: int) -> list[Check]:
    folds = Check("every stream can be replayed")
    keys = Check("consistency keys say what the streams say")
    for ids in _batches(log.streams()):
        carried: dict[str, set[UUID]] = {}
        for id_, history in groupby(log.histories(ids, head), key=lambda r: r.originator_id):
            node = _replayed(list(history), folds)
            if isinstance(node, Node):
                for key in node.keys(date.min):
                    carried.setdefault(key, set()).add(UUID(str(id_)))
        found = log.keyed(list(carried), head)
        for key, streams in carried.items():
            missing = streams - set(found.get(key, (0, []))[1])
            keys.saw(not missing, lambda k=key, m=missing: f"{k} is not found for {len(m)} streams")
    return [folds, keys]


def _replayed(history: list[Recorded], check: Check) -> Aggregate | None:
    first = history[0]
    try:
        events: list[Event] = [to_event(r.topic, r.state, r.id) for r in history]
        node = events[0].AGGREGATE.fold(events)
    except (RegisterError, ValueError) as error:
        words = f"stream {first.originator_id}: {error}"
        check.saw(False, lambda: words)
        return None
    check.saw(True, lambda: "")
    return node
