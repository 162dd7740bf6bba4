"""Taking back what a dossier did: before its day, or to put something right."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from domain.aggregate import Aggregate, Event
from domain.dossier.dossier import Dossier
from domain.envelope import Actor, Envelope
from services.commands import Void
from services.work import Work


def retract(work: Work, dossier: Dossier, actor: Actor, because: Envelope | None = None) -> None:
    """Take back every event that it recorded and that stands; the last of a stream first.

    `because` gives reason and documents; without it those of each event count again. Raises
    RegisterError where something that came later rests on it.
    """
    own = [event for some in dossier.own_positions() for event in work.recorded(some)]
    work.load({UUID(str(event.originator_id)) for event in own})
    for event in reversed(own):
        if _stands(work, event):
            envelope = _taking_back(event, dossier, actor, because)
            stream = _stream(work, event)
            Void(of=type(stream), id=stream.id, envelope=envelope).decide(work)


def _stream(work: Work, event: Event) -> Aggregate:
    stream = work.find_any(Aggregate, UUID(str(event.originator_id)))
    assert stream is not None
    return stream


def _stands(work: Work, event: Event) -> bool:
    stream = _stream(work, event)
    taken_back = event.originator_version in stream.voided_by
    return not taken_back and not isinstance(event, stream.voiding)


def _taking_back(
    event: Event, dossier: Dossier, actor: Actor, because: Envelope | None
) -> Envelope:
    """The authority that decided takes back; whoever records may be another."""
    envelope = replace(
        event.envelope,
        voids=event.position,
        actor=actor,
        correlation_id=f"dossier/{dossier.id}",
        causation_id=None,
    )
    if because is None:
        return envelope
    return replace(
        envelope,
        reason=because.reason,
        basis=because.basis or envelope.basis,
        decided_on=because.decided_on or envelope.decided_on,
    )


def leave_out_restored(work: Work) -> None:
    """Streams to which the same happens again as was taken back from them need no events."""
    for stream in work.changed:
        pending: list[Any] = list(stream.pending_events)
        taken_back = [e for e in pending if isinstance(e, stream.voiding)]
        if taken_back and _as_before(stream, pending, taken_back):
            work.leave_out(stream)


def _as_before(stream: Aggregate, pending: list[Any], taken_back: list[Any]) -> bool:
    voided = [stream.event_at(e.envelope.voids) for e in reversed(taken_back)]
    anew = [e for e in pending if e not in taken_back]
    return list(map(_fact, filter(None, voided))) == list(map(_fact, anew))


def _fact(event: Event) -> tuple[Any, ...]:
    envelope = event.envelope
    said = {
        name: value
        for name, value in vars(event).items()
        if name not in {"originator_id", "originator_version", "timestamp", "envelope", "position"}
    }
    said.pop("level", None)  # of a unit, for life: a corrected beginning says it again
    about = (envelope.effective_on, envelope.authority, envelope.basis, envelope.decided_on)
    return (type(event).TOPIC.replace("establishment-corrected", "established"), said, *about)
