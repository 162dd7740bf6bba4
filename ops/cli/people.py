"""`sogoc people`: register persons, find and show them, hold and destroy what is known of them.

What is known of a person is read from a file or the standard input: the arguments of a command are
seen by everybody on the machine, and kept by shells.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, fields
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from api.ids import new_id
from domain.envelope import Actor, Authority, Envelope
from domain.errors import InvalidValue
from domain.legal_basis import LegalBasis
from domain.names import refuse_improper_text
from domain.person import Person
from ops.cli.app import As, app, register
from ops.cli.output import write
from ops.cli.points import KnownAt, ValidAt, read_day, read_time
from ops.wiring import today
from services.commands import Command, Void
from services.details import Details
from services.people import (
    DestroyKey,
    LiftHold,
    People,
    PlaceHold,
    RecordDetails,
    RegisterPerson,
    Shown,
)
from services.vault import PastReading, Reader

FIELDS = tuple(f.name for f in fields(Details))
PLAIN = ("id", "status", "holds", "destroyed_at")
RECORDED = ("event", "position", "person")
READINGS = tuple(f.name for f in fields(PastReading))
OFFICE = "Bộ phận vận hành Sổ Gốc"
PAGE = 1000  # persons

group = typer.Typer(no_args_is_help=True, help="Persons: sealed, and shown for a purpose.")
app.add_typer(group, name="people")

Id = Annotated[UUID, typer.Argument(metavar="ID")]
Source = Annotated[
    str, typer.Argument(metavar="FILE|-", help="JSON in UTF-8; -: the standard input.")
]
Names = Annotated[bool, typer.Option("--names", help="Show what is known; needs --purpose.")]
For = Annotated[
    str | None, typer.Option("--purpose", help="What it is needed for; kept on record.")
]
By = Annotated[str, typer.Option("--by", help="Office or account that does it, never a name.")]
On = Annotated[
    date | None, typer.Option("--on", parser=read_day, metavar="DAY", help="Today if left out.")
]
Decided = Annotated[str, typer.Option("--authority", help="The body that decided.")]
Numbers = Annotated[
    list[str] | None, typer.Option("--basis", metavar="NUMBER", help="Of a document: 05-QĐ/TU.")
]
Reason = Annotated[str | None, typer.Option(help="Why; kept in clear: it names nobody.")]
Case = Annotated[str, typer.Option(help="Number of the case.")]
Body = Annotated[str, typer.Option(help="The body that conducts it.")]
ReadFrom = Annotated[
    datetime | None, typer.Option(parser=read_time, metavar="TIME", help="Read then or later.")
]
ReadTo = Annotated[
    datetime | None, typer.Option(parser=read_time, metavar="TIME", help="Read before.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Decide, tell, and record nothing.")]


# Reading


@group.command("search", epilog="Example: sogoc people search 'nguyen thu' --names --purpose 07-VV")
def search(
    name: Annotated[str, typer.Argument(help="Words of the name; -: the standard input.")],
    names: Names = False,
    purpose: For = None,
    by: By = "operator",
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = PAGE,
    format_: As = None,
) -> None:
    """Find persons by words of their names, with or without tone marks. Needs --purpose."""
    if purpose is None:
        raise typer.BadParameter("Say what for: --purpose")
    wanted = sys.stdin.readline().strip() if name == "-" else name
    with register() as wiring:
        reader = _reader(purpose, by)
        _warn(reader)
        rows = [_row(each, names) for each in _found(wiring.people, wanted, reader, limit)]
    write(rows, format_, (*PLAIN, *FIELDS) if names else PLAIN)


@group.command("show", epilog="Example: sogoc people show ID --names --purpose '07-VV/UBKTTU'")
def show(
    id_: Id,
    names: Names = False,
    purpose: For = None,
    by: By = "operator",
    valid_at: ValidAt = None,
    known_at: KnownAt = None,
    format_: As = None,
) -> None:
    """Show a person: id and status, with --names what is known."""
    if names != (purpose is not None):
        raise typer.BadParameter("--names and --purpose go together")
    with register() as wiring:
        reader = _reader(purpose, by) if purpose else None
        if reader:
            _warn(reader)
        store = wiring.register.store
        up_to = known_at if isinstance(known_at, int | None) else store.position_at(known_at)
        shown = wiring.people.one(id_, reader, valid_at, up_to)
    write([_row(shown, names)], format_, (*PLAIN, *FIELDS) if names else PLAIN)


@group.command("readers", epilog="Example: sogoc people readers ID")
def readers(
    id_: Id, read_from: ReadFrom = None, read_to: ReadTo = None, format_: As = None
) -> None:
    """List who has read about a person: when, in which post, what for; the latest first."""
    with register() as wiring:
        wiring.people.one(id_)
        found = [asdict(each) for each in wiring.people.readers_of(id_, read_from, read_to)]
    write(found, format_, READINGS)


# Recording


@group.command("register", epilog="Example: sogoc people register list.ndjson --reason 'danh sách'")
def enter(
    source: Source,
    on: On = None,
    authority: Decided = OFFICE,
    basis: Numbers = None,
    reason: Reason = None,
    by: By = "operator",
    format_: As = None,
) -> None:
    """Register persons: a line of JSON for each, {"name": ..., "birth_date": ..., "id": ...}.

    Prints the ids in the order of the lines. Some hundreds go in one transaction; may be stopped,
    and repeated where the lines have ids.
    """
    envelope = _envelope(on, authority, basis, reason, by)
    wishes = [_entry(line, number, envelope) for number, line in enumerate(_lines(source), 1)]
    with register() as wiring:
        for _ in wiring.people.enter(wishes):
            pass
    write(({"line": n, "id": w.id} for n, w in enumerate(wishes, 1)), format_, ("line", "id"))


@group.command("record", epilog="Example: sogoc people record ID details.json --reason 'đổi thẻ'")
def record(
    id_: Id,
    source: Source,
    on: On = None,
    voids: Annotated[
        int | None, typer.Option(min=1, help="Position of the wrong record that this replaces.")
    ] = None,
    authority: Decided = OFFICE,
    basis: Numbers = None,
    reason: Reason = None,
    by: By = "operator",
    dry_run: DryRun = False,
    format_: As = None,
) -> None:
    """Record all that is known of a person from a day on; what is left out is not known."""
    lines = list(_lines(source))
    if len(lines) != 1:
        raise InvalidValue("One line of JSON for one person", field="FILE")
    said = _said(lines[0], 1)
    envelope = _envelope(on, authority, basis, reason, by, voids)
    details = _details(said, 1)
    _carry_out(RecordDetails(id=id_, envelope=envelope, details=details), dry_run, format_)


@group.command("hold")
def hold(
    id_: Id,
    case: Case,
    body: Body,
    reason: Annotated[str, typer.Option(help="Why; kept in clear: it names nobody.")],
    on: On = None,
    authority: Decided = OFFICE,
    basis: Numbers = None,
    by: By = "operator",
    dry_run: DryRun = False,
    format_: As = None,
) -> None:
    """Forbid the destruction of a person's key while a case needs what is known."""
    envelope = _envelope(on, authority, basis, reason, by)
    _carry_out(PlaceHold(id=id_, envelope=envelope, case=case, body=body), dry_run, format_)


@group.command("lift")
def lift(
    id_: Id,
    case: Case,
    body: Body,
    on: On = None,
    authority: Decided = OFFICE,
    basis: Numbers = None,
    reason: Reason = None,
    by: By = "operator",
    dry_run: DryRun = False,
    format_: As = None,
) -> None:
    """Lift a hold: the case needs what is known no more."""
    envelope = _envelope(on, authority, basis, reason, by)
    _carry_out(LiftHold(id=id_, envelope=envelope, case=case, body=body), dry_run, format_)


@group.command("destroy", epilog="Example: sogoc people destroy ID --basis 05-QĐ/TU --authority X")
def destroy(
    id_: Id,
    basis: Annotated[list[str], typer.Option("--basis", metavar="NUMBER", help="The order.")],
    authority: Annotated[str, typer.Option("--authority", help="The body that ordered it.")],
    on: On = None,
    reason: Reason = None,
    by: By = "operator",
    dry_run: DryRun = False,
    format_: As = None,
) -> None:
    """Destroy a person's key: nobody reads what is known any more, anywhere. There is no way back.

    The event is the receipt. Who is stopped in the middle repeats it.
    """
    envelope = _envelope(on, authority, basis, reason, by)
    _carry_out(DestroyKey(id=id_, envelope=envelope), dry_run, format_)


@group.command("void")
def void(
    id_: Id,
    position: Annotated[int, typer.Argument(min=1, help="Of the event that is taken back.")],
    on: On = None,
    authority: Decided = OFFICE,
    basis: Numbers = None,
    reason: Reason = None,
    by: By = "operator",
    dry_run: DryRun = False,
    format_: As = None,
) -> None:
    """Take a record about a person back; it is final."""
    envelope = _envelope(on, authority, basis, reason, by, position)
    _carry_out(Void(of=Person, id=id_, envelope=envelope), dry_run, format_)


def _carry_out(command: Command, dry_run: bool, format_: Any) -> None:
    with register() as wiring:
        done = wiring.people.execute(command, dry_run=dry_run)
    rows = [
        {"event": event.TOPIC, "position": event.position, "person": event.originator_id}
        for event in done.events
    ]
    write(rows, format_, RECORDED)


def _found(people: People, name: str, reader: Reader, limit: int) -> Iterator[Shown]:
    after: UUID | None = None
    while limit > 0:
        page, after = people.search(name, reader, after, min(limit, PAGE))
        yield from page
        limit -= len(page)
        if after is None:
            return


def reader_for(purpose: str | None, by: str) -> Reader | None:
    """Who is to see names, and is told that this goes on record; None: nobody has asked to."""
    if purpose is None:
        return None
    reader = _reader(purpose, by)
    _warn(reader)
    return reader


def _reader(purpose: str, by: str) -> Reader:
    refuse_improper_text(purpose, "--purpose")
    return Reader(Actor(by), purpose)


def _warn(reader: Reader) -> None:
    words = f"Personal data: what is read here is put on record as read by {reader.actor.id!r}."
    typer.echo(words, err=True)


def _row(shown: Shown, names: bool) -> dict[str, Any]:
    gone = shown.destruction
    row = {
        "id": shown.id,
        "status": shown.status,
        "holds": [f"{case} ({body})" for case, body in shown.holds],
        "destroyed_at": gone and gone.recorded_at,
    }
    return row | (asdict(shown.details) if names and shown.details else {})


def _envelope(
    on: date | None,
    authority: str,
    basis: list[str] | None,
    reason: str | None,
    by: str,
    voids: int | None = None,
) -> Envelope:
    documents = tuple(LegalBasis(number) for number in basis or ())
    place = (on or today(), None, Actor(by), Authority(authority), documents)
    return Envelope(*place, reason=reason, voids=voids)


def _lines(source: str) -> Iterator[str]:
    """The lines that are not blank. Raises InvalidValue."""
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise InvalidValue("The file cannot be read as text in UTF-8", field="FILE") from None
    return (line for line in text.splitlines() if line.strip())


def _entry(line: str, number: int, envelope: Envelope) -> RegisterPerson:
    said = _said(line, number)
    id_ = _converted(said.pop("id"), UUID, "id", number) if "id" in said else new_id()
    return RegisterPerson(id=id_, envelope=envelope, details=_details(said, number))


def _said(line: str, number: int) -> dict[str, Any]:
    """What is wrong is told by its line, and never quoted. Raises InvalidValue."""
    try:
        said = json.loads(line)
    except ValueError:
        said = None
    if not isinstance(said, dict) or not isinstance(said.get("name"), str):
        raise InvalidValue(f"Line {number} is no JSON object with a name", field="FILE")
    return said


def _details(said: Mapping[str, Any], number: int) -> Details:
    if unknown := said.keys() - set(FIELDS):
        words = f"Line {number} has {len(unknown)} names beside {', '.join(FIELDS)}"
        raise InvalidValue(words, field="FILE")
    facts = {name: value for name, value in said.items() if value is not None}
    for name, value in facts.items():
        wanted = bool if name in ("of_minority", "has_religion") else str
        if not isinstance(value, wanted):
            raise InvalidValue(f"Line {number}: {name} is no {wanted.__name__}", field="FILE")
    if "birth_date" in facts:
        born = _converted(facts["birth_date"], date.fromisoformat, "birth_date", number)
        facts = facts | {"birth_date": born}
    try:
        return Details.of(**facts)
    except InvalidValue as error:
        raise InvalidValue(f"Line {number}: {error.detail}", **error.facts) from None


def _converted(value: Any, convert: Callable[[str], Any], name: str, number: int) -> Any:
    try:
        return convert(str(value))
    except ValueError:
        raise InvalidValue(f"Line {number}: {name} is not well formed", field="FILE") from None
