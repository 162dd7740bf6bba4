"""`sogoc dossier`: the acts about reorganisation dossiers, from the draft to the correction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from api.ids import new_id
from domain.dossier.dossier import DONE, Dossier
from domain.envelope import Actor, Authority, Envelope
from domain.errors import DossierRefused, InvalidValue, Moved, WrongState
from ops.cli.app import As, Prose, register
from ops.cli.asking import refuse_empty
from ops.cli.dossier_told import Part, say, tell, tell_refusal, write_rehearsal
from ops.cli.dossiers import Which, group
from ops.cli.output import write
from ops.cli.points import read_day
from ops.cli.progress import bar
from ops.wiring import Wiring, today
from services.dossiers import commands
from services.dossiers.files.reading import Read, read_path
from services.dossiers.rehearsals import (
    Rehearsed,
    dossier_named,
    dossier_of,
    drawn_up_aside,
    rehearsed,
)
from services.dossiers.rehearsing import Progress
from services.work import Work

ACTED = ("act", "key", "title", "state", "position", "events", "digest", "id")
ACTED_SHOWN = ACTED[:6]
ROWS = (Dossier.Stated, Dossier.HandedOver)  # part of an act, none by themselves

Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE...", help="A folder of CSV files, .zip, .xlsx or .json."),
]
WhichOrFile = Annotated[
    str, typer.Argument(metavar="ID|KEY|FILE", help="A dossier, or files of one not drawn up.")
]
By = Annotated[str, typer.Option("--by", help="Office or account that does it, never a name.")]
Post = Annotated[str | None, typer.Option(help="The post in which it is done.")]
On = Annotated[
    str | None,
    typer.Option("--authority", help="The body on whose authority; the post if left out."),
]
Why = Annotated[str | None, typer.Option("--reason", help="Why; kept in clear: it names nobody.")]


@group.command("draft", epilog="Example: sogoc dossier draft phu-tho.xlsx --by office-25")
def draft(
    files: Files,
    by: By = "operator",
    post: Post = None,
    authority: On = None,
    reason: Why = None,
    format_: As = None,
) -> None:
    """Draw dossiers up from files; one that has a key and is there is drawn up anew.

    Everything that is wrong with their form is told at once; then nothing is recorded.
    """
    stated = _sound(files)
    envelope = _envelope(by, post, authority, reason)
    with register() as wiring, bar("Drawing up") as show:
        rows = []
        for done, read in enumerate(stated):
            show(done, len(stated))
            rows.append(_drawn_up(wiring, read, envelope))
        wiring.project()
    write(rows, format_, ACTED, shown=ACTED_SHOWN)


@group.command("correct", epilog="Example: sogoc dossier correct vn2025/25 phu-tho-2.xlsx")
def correct(
    which: Which,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="As for draft.")],
    by: By = "operator",
    post: Post = None,
    authority: On = None,
    reason: Why = None,
    format_: As = None,
) -> None:
    """Draw a dossier that was carried out up anew, with the right rows.

    It is then checked, approved and carried out again: what it did is taken back in the same
    transaction in which the right is recorded.
    """
    [read] = _sound([file])
    with register() as wiring:
        dossier = dossier_named(wiring.register, which)
        if dossier.state not in DONE:
            raise WrongState(f"It is {dossier.state}, not carried out: use draft", field="state")
        envelope = _envelope(by, post, authority, reason)
        row = _act(wiring, commands.DrawUp(id=dossier.id, envelope=envelope, **_stated(read)))
    write([row], format_, ACTED, shown=ACTED_SHOWN)


@group.command("check", epilog="Example: sogoc dossier check vn2025/25 --by office-25")
def check(
    which: WhichOrFile,
    by: By = "operator",
    post: Post = None,
    authority: On = None,
    format_: As = None,
) -> None:
    """Hold a dossier against every rule; that it passes is recorded, with what it comes to.

    All that is wrong is told, row by row, with exit code 1. Files that are no dossier yet are
    checked in the same way, and nothing is recorded of them.
    """
    if Path(which).exists():
        _check_files(Path(which), format_)
        return
    with register() as wiring, _telling():
        at, dossier = wiring.register.store.position(), dossier_named(wiring.register, which)
        about: dict[str, Any] = {"id": dossier.id, "envelope": _envelope(by, post, authority)}
        with _decided(dossier, "Checking") as progress:
            command = commands.Check(today=today(), at=at, progress=progress, **about)
            row = _act(wiring, command)
    write([row], format_, ACTED, shown=("key", "state", "events", "digest"))


@group.command("rehearse", epilog="Example: sogoc dossier rehearse vn2025/25 --list affected")
def rehearse(
    which: WhichOrFile,
    part: Annotated[
        Part | None, typer.Option("--list", help="List one part of it; else it is summed up.")
    ] = None,
    format_: Prose = None,
) -> None:
    """Decide all that a dossier would do, and store nothing.

    Exit code 1 when it would not pass its check; what is wrong is told row by row.
    """
    path = Path(which)
    read = _sound([path])[0] if path.exists() else None
    with register() as wiring:
        refuse_empty(wiring)
        made = _rehearsed(wiring, which, read)
    tell(made.rehearsal.findings, read)
    if part is not None or made.rehearsal.operations:
        write_rehearsal(made, part, format_)
    if made.rehearsal.errors:
        raise typer.Exit(1)


@group.command("approve", epilog="Example: sogoc dossier approve vn2025/25 --digest 9c1f... --by b")
def approve(
    which: Which,
    digest: Annotated[str, typer.Option(help="Of the outcome that was read; check tells it.")],
    by: By = "operator",
    post: Post = None,
    authority: On = None,
    reason: Why = None,
    format_: As = None,
) -> None:
    """Approve the outcome that was read; not by who drew it up."""
    with register() as wiring:
        about = _about(wiring, which, _envelope(by, post, authority, reason))
        row = _act(wiring, commands.Approve(digest=digest, **about))
    write([row], format_, ACTED, shown=ACTED_SHOWN)


@group.command("schedule", epilog="Example: sogoc dossier schedule vn2025/25 --on 30/06/2025")
def schedule(
    which: Which,
    on: Annotated[
        date, typer.Option(parser=read_day, metavar="DAY", help="Then or later, not before.")
    ],
    by: By = "operator",
    post: Post = None,
    authority: On = None,
    format_: As = None,
) -> None:
    """Say on which day an approved dossier is to be carried out."""
    with register() as wiring:
        about = _about(wiring, which, _envelope(by, post, authority))
        row = _act(wiring, commands.Schedule(due_on=on, **about))
    write([row], format_, ACTED, shown=ACTED_SHOWN)


@group.command("carry-out", epilog="Example: sogoc dossier carry-out vn2025/25")
def carry_out(
    which: Annotated[list[str], typer.Argument(metavar="ID|KEY...", help="Of dossiers.")],
    by: By = "operator",
    post: Post = None,
    authority: On = None,
    format_: As = None,
) -> None:
    """Do all that was approved, each dossier in one transaction or not at all.

    What was carried out already records nothing again. May be stopped at any moment.
    """
    envelope, rows = _envelope(by, post, authority), []
    with register() as wiring, _telling():
        for each in which:
            dossier = dossier_named(wiring.register, each)
            with _decided(dossier, "Carrying out") as progress:
                about: dict[str, Any] = {"id": dossier.id, "envelope": envelope}
                rows.append(
                    _act(wiring, commands.CarryOut(today=today(), progress=progress, **about))
                )
    write(rows, format_, ACTED, shown=ACTED_SHOWN)


@group.command("withdraw", epilog="Example: sogoc dossier withdraw vn2025/25 --reason 'hoãn'")
def withdraw(
    which: Which,
    reason: Annotated[str, typer.Option(help="Why; kept in clear: it names nobody.")],
    by: By = "operator",
    post: Post = None,
    authority: On = None,
    format_: As = None,
) -> None:
    """Let a dossier have no effect, before its day; its trace stays."""
    with register() as wiring:
        about = _about(wiring, which, _envelope(by, post, authority, reason))
        row = _act(wiring, commands.Withdraw(today=today(), **about))
    write([row], format_, ACTED, shown=ACTED_SHOWN)


# Files


def _sound(files: Sequence[Path]) -> list[Read]:
    """All of them, read; when anything is wrong in any it is told, and the command ends."""
    found = [read_path(each) for each in files]
    say(verdict for read in found for verdict in read.verdicts)
    wrong = sum(verdict.is_error for read in found for verdict in read.verdicts)
    if wrong or not all(read.is_sound for read in found):
        raise InvalidValue(f"{commands.so_many_wrong(wrong)}; nothing was recorded", field="FILE")
    return found


def _stated(read: Read) -> dict[str, Any]:
    assert read.heading is not None
    return {"heading": read.heading, "tables": read.tables}


def _id(wiring: Wiring, read: Read) -> UUID:
    """Of the dossier that these files are about: one without a key is a new one each time."""
    key = read.heading.key if read.heading else None
    work = Work(wiring.register.store, wiring.register.rules)
    return commands.id_by_key(work, key) if key else new_id()


def _check_files(path: Path, format_: As) -> None:
    [read] = _sound([path])
    with register() as wiring:
        refuse_empty(wiring)
        made = _rehearsed(wiring, str(path), read)
    tell(made.rehearsal.findings, read)
    if errors := len(made.rehearsal.errors):
        raise InvalidValue(commands.so_many_wrong(errors), field="FILE")
    write_rehearsal(made, None, format_)


def _rehearsed(wiring: Wiring, which: str, read: Read | None) -> Rehearsed:
    """Of a dossier, or of files as if they had been drawn up."""
    if read is None:
        dossier = dossier_named(wiring.register, which)
        dossier.refuse_unless_open()
    else:
        envelope = _envelope("rehearsal", None, None)
        stated = {**_stated(read), "envelope": envelope}
        dossier = drawn_up_aside(wiring.register, _id(wiring, read), **stated)
    with _decided(dossier, "Rehearsing") as progress:
        return rehearsed(wiring.register, dossier, today(), progress=progress)


# Acts


def _envelope(
    by: str, post: str | None, authority: str | None, reason: str | None = None
) -> Envelope:
    """What is done with a dossier takes effect on the day on which it is done."""
    place = (today(), None, Actor(by, post), Authority(authority or post or by), ())
    return Envelope(*place, reason=reason)


def _about(wiring: Wiring, which: str, envelope: Envelope) -> dict[str, Any]:
    return {"id": dossier_named(wiring.register, which).id, "envelope": envelope}


def _drawn_up(wiring: Wiring, read: Read, envelope: Envelope) -> dict[str, Any]:
    command = commands.DrawUp(id=_id(wiring, read), envelope=envelope, **_stated(read))
    return _act(wiring, command, projecting=False)


def _act(wiring: Wiring, command: Any, *, projecting: bool = True) -> dict[str, Any]:
    """Record it, bring the read models level, and tell how the dossier stands then."""
    outcome = wiring.register.execute(command)
    if projecting:
        wiring.project()
    dossier = dossier_of(wiring.register.store, command.id)
    done = dossier.corrections[-1] if dossier.corrections else dossier.carrying
    came_to = done if dossier.state in DONE else dossier.check
    own = (event for event in outcome.events if event.AGGREGATE is Dossier)
    acts = [event.TITLE for event in own if not isinstance(event, ROWS)]
    return {
        "act": acts[-1] if acts else None,
        "key": dossier.heading.key,
        "title": dossier.heading.title,
        "state": dossier.state,
        "position": outcome.position,
        "events": len(outcome.events),
        "digest": came_to.outcome.digest if came_to else None,
        "id": dossier.id,
    }


@contextmanager
def _decided(dossier: Dossier, what: str) -> Iterator[Progress]:
    """A bar of the operations decided; of how many is known from the last check."""
    total = dossier.check.outcome.operations if dossier.check else 0
    with bar(what) as show:
        yield lambda done: show(done, max(total, done))


@contextmanager
def _telling() -> Iterator[None]:
    """What a dossier is refused for is told in full before the line that ends the command."""
    try:
        yield
    except (DossierRefused, Moved) as error:
        tell_refusal(error)
        raise
