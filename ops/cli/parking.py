"""`sogoc parked`: streams that a read model could not take in, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

import typer

from domain.envelope import Actor, Authority, Envelope
from domain.errors import InvalidValue, NotFound
from ops.cli.app import As, app, register
from ops.cli.nodes import refuse_lost_options
from ops.cli.output import write
from ops.wiring import Wiring, today
from projections.catalogue import VIEWS
from projections.engine.marks import namespace, read
from projections.engine.parking import Held, held
from services.parking import DiscardEvent, ParkedCommand, RetryParked
from services.store import CommandKey, KeyReused

COLUMNS = ("view", "stream", "position", "step", "reason", "parked_at", "version")
DECIDED = ("view", "stream", "event_position", "decision", "position", "outcome")
ALL = "all"
Place = tuple[str, UUID, int]  # view, stream, position of the event
OPERATORS = Authority("Bộ phận vận hành Sổ Gốc")

group = typer.Typer(invoke_without_command=True, epilog="Example: sogoc parked --view units")
app.add_typer(group, name="parked")

Which = Annotated[str, typer.Argument(metavar="VIEW|all", help=", ".join([*VIEWS, ALL]))]
Stream = Annotated[
    UUID | None, typer.Argument(metavar="[STREAM]", help="All that are parked there if left out.")
]
Reason = Annotated[str, typer.Option(help="Why; it is kept on record.")]
By = Annotated[str, typer.Option("--by", help="Office or account that decides, never a name.")]
Key = Annotated[
    str | None, typer.Option(help="The same decision again under this key is recorded once.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Decide, tell, and record nothing.")]


@group.callback()
def parked(
    context: typer.Context,
    view: Annotated[str | None, typer.Option(help=", ".join(VIEWS))] = None,
    format_: As = None,
) -> None:
    """List the streams that are parked: an event of theirs could not be taken in.

    Their rows stay as they were before that event; what came later waits.
    """
    if context.invoked_subcommand:
        refuse_lost_options(context)
        return
    with register() as wiring:
        found = [each for name in _views(view or ALL) for each in _held(wiring, name)]
    write(({c: getattr(each, c) for c in COLUMNS} for each in found), format_, COLUMNS)


@group.command(epilog='Example: sogoc parked retry units --reason "mended in release 1.4"')
def retry(
    view: Which,
    reason: Reason,
    stream: Stream = None,
    event: Annotated[
        int | None,
        typer.Option(min=1, help="A discarded event that is to count again; needs STREAM."),
    ] = None,
    by: By = "operator",
    key: Key = None,
    dry_run: DryRun = False,
    format_: As = None,
) -> None:
    """Tell the read model a parked stream anew, from its beginning, once the fault is mended.

    Records the decision, and brings the read models level; exit code 1 when it is parked again.
    """
    if event is not None and stream is None:
        raise typer.BadParameter("--event needs STREAM")
    envelope = _envelope(reason, by)

    def decided(wiring: Wiring) -> Iterator[RetryParked]:
        if stream and event:
            places = _discarded(wiring, view, stream, event)
        else:
            places = _parked(wiring, view, stream)
        for name, id_, position in places:
            yield RetryParked(id=id_, view=name, event_position=position, envelope=envelope)

    said = ("retry", view, stream, event, reason)
    _carry_out(decided, _key(key, said), dry_run, format_)


@group.command(epilog='Example: sogoc parked discard units STREAM --reason "recorded again at 812"')
def discard(
    view: Which,
    stream: Annotated[UUID, typer.Argument(metavar="STREAM")],
    reason: Reason,
    by: By = "operator",
    key: Key = None,
    dry_run: DryRun = False,
    format_: As = None,
) -> None:
    """Leave the event that failed out of a read model, for good, and go on with its stream.

    The event stays in the log, and other read models show it. Records the decision, and brings the
    read models level; exit code 1 when the stream is parked again, for another event.
    """
    envelope = _envelope(reason, by)

    def decided(wiring: Wiring) -> Iterator[DiscardEvent]:
        for name, id_, position in _parked(wiring, view, stream):
            yield DiscardEvent(id=id_, view=name, event_position=position, envelope=envelope)

    said = ("discard", view, stream, reason)
    _carry_out(decided, _key(key, said), dry_run, format_)


def _views(which: str) -> list[str]:
    if which != ALL and which not in VIEWS:
        raise InvalidValue(f"{which!r} is none of {', '.join([*VIEWS, ALL])}", field="VIEW")
    return [name for name in VIEWS if which in (ALL, name)]


def _held(wiring: Wiring, view: str) -> list[Held]:
    home = namespace(wiring.settings.schema, view)
    with wiring.connection() as connection:
        return held(connection, home, view) if read(connection, home) else []


def _parked(wiring: Wiring, which: str, stream: UUID | None) -> list[Place]:
    """Raises NotFound when nothing is parked there."""
    found = [each for name in _views(which) for each in _held(wiring, name)]
    places = [(e.view, e.stream, e.position) for e in found if stream in (None, e.stream)]
    if not places:
        raise NotFound(f"{f'Stream {stream} is not' if stream else 'Nothing is'} parked in {which}")
    return places


def _discarded(wiring: Wiring, which: str, stream: UUID, event: int) -> list[Place]:
    """Where this event is left out. Raises NotFound when that is nowhere."""
    places = []
    for view in _views(which):
        with wiring.connection() as connection:
            mark = read(connection, namespace(wiring.settings.schema, view))
        if mark and mark.discarded.get(event) == stream:
            places.append((view, stream, event))
    if not places:
        raise NotFound(f"Event {event} of stream {stream} is not left out of {which}")
    return places


def _envelope(reason: str, by: str) -> Envelope:
    return Envelope(today(), None, Actor(by), OPERATORS, (), reason=reason)


def _key(key: str | None, said: tuple[object, ...]) -> CommandKey | None:
    digest = sha256(repr([str(each) for each in said]).encode()).digest()
    return CommandKey(f"parked {key}", digest) if key else None


def _carry_out(
    decided: Callable[[Wiring], Iterable[ParkedCommand]],
    key: CommandKey | None,
    dry_run: bool,
    format_: As,
) -> None:
    """Record the decisions, follow them, and tell what became of each."""
    with register() as wiring:
        commands = () if _is_known(wiring, key) and not dry_run else decided(wiring)
        done = wiring.register.execute(*commands, key=key, dry_run=dry_run)
        if not dry_run:
            wiring.project()
        rows = [_told(wiring, event, dry_run) for event in done.events]
        write(rows, format_, DECIDED)
    if any(row["outcome"] == "parked" for row in rows):
        raise typer.Exit(1)


def _is_known(wiring: Wiring, key: CommandKey | None) -> bool:
    """Whether it was used already: what it decided about may be parked no longer."""
    try:
        return key is not None and wiring.register.store.outcome(key) is not None
    except KeyReused:
        return True  # the register says so


def _told(wiring: Wiring, event: Any, dry_run: bool) -> dict[str, Any]:
    still = {each.stream for each in _held(wiring, event.view)}
    outcome = "parked" if event.stream_id in still else "followed"
    return {
        "view": event.view,
        "stream": event.stream_id,
        "event_position": event.event_position,
        "decision": event.TOPIC.rpartition(".")[2],
        "position": event.position,
        "outcome": "none: a dry run" if dry_run else outcome,
    }
