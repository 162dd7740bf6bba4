"""The model check: nothing was skipped, doubled or halved, and whoever was told something was told
the truth.

Each check takes the evidence of a round and says what contradicts its claim; it must be able to
fail, and `test_checking` plants a fault for every one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC
from hashlib import sha256
from uuid import UUID

from projections.catalogue import VIEWS
from projections.engine.digest import Digest
from services.record import UNSTAMPED
from services.store import Recorded
from tests.chaos.evidence import Command, Evidence, said
from tests.chaos.history import Answered, Call, Told

FINDINGS_MAX = 5  # told of each check; the rest is counted


def faults(evidence: Evidence) -> dict[str, list[str]]:
    """What each check that failed has found, by its name."""
    found = {check.__name__: list(check(evidence)) for check in CHECKS}
    return {name: _few(words) for name, words in found.items() if words}


def _few(words: list[str]) -> list[str]:
    more = len(words) - FINDINGS_MAX
    return words[:FINDINGS_MAX] + [f"and {more} more"] * (more > 0)


# The log by itself


def positions(evidence: Evidence) -> Iterator[str]:
    """They are 1, 2, 3 ... up to the counter."""
    there = [event.id for event in evidence.events]
    for expected, found in enumerate(there, 1):
        if found != expected:
            yield f"position {found} stands where {expected} is expected"
            break
    if evidence.position != len(there):
        yield f"the counter stands at {evidence.position}, there are {len(there)} events"


def times(evidence: Evidence) -> Iterator[str]:
    """Recorded times never decrease along positions, and the bytes say the same."""
    before = None
    for event in evidence.events:
        if before and event.recorded_at < before:
            yield f"position {event.id} was recorded before the one before it"
        if said(event)["recorded_at"] != _stamp(event):
            yield f"position {event.id} says another time than its column"
        before = event.recorded_at
    if before and evidence.recorded_at < before:
        yield "the counter's time lies before the last event's"


def _stamp(event: Recorded) -> str:
    return f"{event.recorded_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def versions(evidence: Evidence) -> Iterator[str]:
    """Those of each stream follow each other from 1 in the order of positions; heads agree."""
    last: dict[UUID, int] = {}
    for event in evidence.events:
        stream = UUID(str(event.originator_id))
        if event.originator_version != last.get(stream, 0) + 1:
            yield f"version {event.originator_version} of {stream} follows {last.get(stream, 0)}"
        last[stream] = event.originator_version
    for stream in last.keys() | evidence.heads.keys():
        if evidence.heads.get(stream) != last.get(stream):
            yield f"the head of {stream} is not its last version"


def verification(evidence: Evidence) -> Iterator[str]:
    """The register's own verification finds nothing."""
    yield from evidence.verified


# The log and what callers were told


def asked_for(evidence: Evidence) -> Iterator[str]:
    """Every event was asked for by somebody."""
    for token, events in evidence.by_token.items():
        if token not in evidence.history.told:
            yield f"nobody asked for position {events[0].id} ({token})"


def acknowledged(evidence: Evidence) -> Iterator[str]:
    """What was said to be recorded is there once, where it was said to be, as it was sent."""
    for told in evidence.history.told.values():
        events = evidence.by_token.get(told.call.token, [])
        for answer in told.recorded:
            yield from _contradictions(told.call, answer, events)


def _contradictions(call: Call, answer: Answered, events: Sequence[Recorded]) -> Iterator[str]:
    promised = range(answer.first, answer.last + 1) if answer.last else range(0)
    if [event.id for event in events] != [*promised]:
        yield f"{call.token} was promised {promised}, has {[event.id for event in events]}"
    else:
        yield from _unlike(call, events)
    if any(event.recorded_at != answer.recorded_at for event in events):
        yield f"{call.token} was told another time than its events have"
    if answer.records is not None and [*answer.records] != [*map(unstamped, events)]:
        yield f"{call.token} was told other records than there are"


def refused(evidence: Evidence) -> Iterator[str]:
    """Of what was said not to be recorded there is nothing."""
    for token, told in evidence.history.told.items():
        if not told.recorded and not told.uncertain and token in evidence.by_token:
            yield f"{token} was told no ({told.answers[-1].why}), and is there"


def uncertain(evidence: Evidence) -> Iterator[str]:
    """Where nobody was told for certain it is there whole and once, or not at all."""
    for told in evidence.history.told.values():
        if told.uncertain and (events := evidence.by_token.get(told.call.token)):
            yield from _unlike(told.call, events)


def _unlike(call: Call, events: Sequence[Recorded]) -> Iterator[str]:
    """How events differ from those that the call asked for, whole and once."""
    first = events[0].id if events else 0
    if [event.id for event in events] != [*range(first, first + len(call.sent))]:
        yield f"{call.token} sent {len(call.sent)} events, has {[event.id for event in events]}"
    elif len({event.recorded_at for event in events}) > 1:
        yield f"{call.token} was recorded at several times"
    for event, sent in zip(events, call.sent, strict=False):
        if (event.originator_id, event.topic) != (sent.stream, sent.topic):
            yield f"position {event.id} is of another stream or topic than {call.token} sent"
        if sent.version not in (None, event.originator_version):
            yield f"position {event.id} has another version than {call.token} sent"
        if sent.record not in (None, unstamped(event)):
            yield f"position {event.id} has other bytes than {call.token} sent"


def unstamped(event: Recorded) -> str:
    """The record as it was before the store stamped it."""
    stamped = f'"recorded_at":"{_stamp(event)}"'
    return event.state.decode().replace(stamped, f'"recorded_at":"{UNSTAMPED}"')


def repeats(evidence: Evidence) -> Iterator[str]:
    """The same call again gets the first answer, whoever asks."""
    for token, told in evidence.history.told.items():
        answers = {(a.first, a.last, a.recorded_at) for a in told.recorded}
        if len(answers) > 1:
            yield f"{token} was given {len(answers)} different answers"
        if answers and any(answer.verdict == "refused" for answer in told.answers):
            yield f"{token} was recorded and refused"


def real_time(evidence: Evidence) -> Iterator[str]:
    """What was asked for after another thing was recorded stands after it."""
    recorded = [told for told in evidence.history.told.values() if told.recorded]
    calls = [told for told in recorded if told.recorded[0].last]
    answered = sorted((min(a.at for a in told.recorded), told.recorded[0].last) for told in calls)
    passed, highest = 0, 0
    for told in sorted(calls, key=lambda told: told.begun):
        while passed < len(answered) and answered[passed][0] < told.begun:
            highest = max(highest, answered[passed][1])
            passed += 1
        if told.recorded[0].first <= highest:
            yield f"{told.call.token} stands before {highest}, which was answered before it began"


# The tables beside the events


def commands(evidence: Evidence) -> Iterator[str]:
    """Each idempotency key leads to what its call recorded, if only "nothing"; no other is kept."""
    owned = set()
    for token, told in evidence.history.told.items():
        command = told.call.command
        row = evidence.commands.get(command.key) if command else None
        if command and row and row.fingerprint == command.fingerprint:
            owned.add(command.key)
        else:
            row = None
        events = evidence.by_token.get(token)
        if command and not _leads_right(row, told, events or []):
            yield f"{token}: its key {command.key} leads to {row}"
    yield from (f"nobody asked under the key {key}" for key in evidence.commands.keys() - owned)


def _leads_right(row: Command | None, told: Told, events: Sequence[Recorded]) -> bool:
    if events:
        found = (events[0].id, events[-1].id, events[0].recorded_at)
        return row is not None and (row.first, row.last, row.recorded_at) == found
    if told.recorded:
        return row is not None and row.last is None
    return row is None or (told.uncertain and not told.call.sent and row.last is None)


def event_keys(evidence: Evidence) -> Iterator[str]:
    """Appended keys lead to their events and to no others; all lead to their event's stream."""
    streams = {event.id: event.originator_id for event in evidence.events}
    for key, position, stream in evidence.event_keys:
        if streams.get(position) != stream:
            yield f"{key} leads to position {position}, which is not of {stream}"
    expected, appended = set(), set()
    for token, told in evidence.history.told.items():
        if not told.call.wishes and (events := evidence.by_token.get(token)):
            appended |= {event.id for event in events}
            named = [(key, events[i]) for i, key in told.call.keys if i < len(events)]
            expected |= {(key, event.id, event.originator_id) for key, event in named}
    found = {row for row in evidence.event_keys if row[1] in appended}
    if found != expected:
        yield f"missing: {sorted(expected - found)[:3]}, too many: {sorted(found - expected)[:3]}"


# Who reads the log


def views(evidence: Evidence) -> Iterator[str]:
    """Each has seen every event once and taken it in; its rows are those of a fresh rebuild."""
    whole = evidence.digests[-1]
    yield from (f"{name} was not looked at" for name in VIEWS.keys() - evidence.views.keys())
    for name, shown in evidence.views.items():
        if shown.mark is None or shown.mark.position != len(evidence.events):
            yield f"{name} is not level with the log: {shown.mark}"
        elif shown.mark.seen != whole:
            yield f"{name} has seen {shown.mark.seen}, the log is {whole}"
        if shown.parked:
            yield f"{name} has parked {shown.parked} streams"
        if shown.rebuilt.seen != whole:
            yield f"a rebuild of {name} has seen {shown.rebuilt.seen}, the log is {whole}"
        if not shown.equal:
            yield f"{name} differs from its rebuild"


def glimpses(evidence: Evidence) -> Iterator[str]:
    """Whenever somebody looked, a view had seen each event up to its mark once."""
    digests = dict(enumerate(evidence.digests))
    for seen in evidence.history.glimpses:
        if digests.get(seen.position) != Digest(seen.count, int(seen.sum)):
            yield f"{seen.view} at {seen.position} had seen {seen.count} events, or others"


def readers(evidence: Evidence) -> Iterator[str]:
    """Each was given every event once, in order, as it stands."""
    whole = [(event.id, fingerprint(event.state)) for event in evidence.events]
    if not evidence.history.seen:
        yield "nobody has read anything"
    for reader, seen in evidence.history.seen.items():
        if seen != whole:
            pairs = zip(seen, whole, strict=False)
            at = next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(seen), len(whole)))
            yield f"{reader} saw {seen[at : at + 3]} where {whole[at : at + 3]} stand"


def fingerprint(record: bytes) -> str:
    """What a reader notes of a record."""
    return sha256(record).hexdigest()[:16]


def troubles(evidence: Evidence) -> Iterator[str]:
    """No process met what it could not have foreseen."""
    yield from evidence.history.troubles


CHECKS: tuple[Callable[[Evidence], Iterator[str]], ...] = (
    positions,
    times,
    versions,
    verification,
    asked_for,
    acknowledged,
    refused,
    uncertain,
    repeats,
    real_time,
    commands,
    event_keys,
    views,
    glimpses,
    readers,
    troubles,
)
