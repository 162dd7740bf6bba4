"""How a dossier is told of: what is wrong with it row by row, and what a rehearsal came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import timedelta
from enum import StrEnum
from typing import Any

import typer
from rich.markup import escape

from domain.aggregate import Aggregate
from domain.dossier.dossier import Dossier
from domain.dossier.findings import Finding
from domain.dossier.outcome import Balance
from domain.errors import DossierRefused, Moved
from ops.cli.app import As
from ops.cli.output import Record, console, in_prose, write
from ops.cli.points import official
from services.dossiers.files.reading import Read
from services.dossiers.rehearsals import Rehearsed
from services.dossiers.verdicts import Verdict
from services.dossiers.weighing import code_changes
from services.register import Register
from services.telling import term
from services.work import Work


class Part(StrEnum):
    """What a rehearsal lists."""

    FINDINGS = "findings"
    OPERATIONS = "operations"
    AFFECTED = "affected"
    BALANCES = "balances"
    VACANCIES = "vacancies"
    CODES = "codes"


COLUMNS: dict[Part, tuple[str, ...]] = {
    Part.FINDINGS: ("severity", "table", "row", "field", "rule", "words", "document"),
    Part.OPERATIONS: ("action", "called", "table", "row", "command", "id"),
    Part.AFFECTED: ("sort", "of_called", "called", "rule", "to_called", "of", "what", "to"),
    Part.BALANCES: (
        *("sort", "before", "begun", "ended", "changed_in", "changed_out", "after", "holds"),
    ),
    Part.VACANCIES: ("called", "body", "post", "seats", "filled", "due_on", "organisation_id"),
    Part.CODES: ("code", "was", "becomes", "change"),
}


# What is wrong


def tell(findings: Iterable[Finding], read: Read | None = None) -> None:
    """Each on a line of the standard error; with `read`, where it stands in those files."""
    say(_placed(each, read) for each in findings)


def say(verdicts: Iterable[Verdict]) -> None:
    for verdict in verdicts:
        typer.echo(str(verdict) if verdict.is_error else f"{verdict} (warning)", err=True)


def tell_refusal(error: DossierRefused | Moved) -> None:
    """All that it names; its own line is written by whoever ends the command."""
    facts: Mapping[str, Any] = error.facts
    tell(Finding(**each) for each in facts.get("findings", ()))
    for event in facts.get("moved", ()):
        typer.echo(f"{event['position']}: {event['type']} {event['id']}", err=True)


def _placed(finding: Finding, read: Read | None) -> Verdict:
    f = finding
    if read is None:
        return Verdict(f.severity, "", f.table, f.row, f.field, f.rule, f.words, f.document)
    return read.verdict(f.table, f.row, f.field, f.rule, f.words, f.document, f.severity)


# What it came to


def write_rehearsal(made: Rehearsed, part: Part | None, format_: As) -> None:
    """One part as a list; all in words, or as one record, when none is named."""
    if part is not None:
        write(_rows(made, part), format_, COLUMNS[part])
    elif in_prose(format_):
        console().print("\n".join(summary(made)), soft_wrap=True)
    else:
        record = {"id": made.dossier.id, **came_to(made)}
        record |= {str(each): list(_rows(made, each)) for each in Part}
        write([record], format_, tuple(record))


def _rows(made: Rehearsed, part: Part) -> Iterator[Record]:
    for each in getattr(made.rehearsal, part):
        match part:
            case Part.CODES:
                code = asdict(each)
                yield code | {"becomes": code.pop("is_")}
            case Part.BALANCES:
                yield asdict(each) | {"holds": each.holds}
            case _:
                yield asdict(each)


def came_to(made: Rehearsed) -> dict[str, Any]:
    """Numbers of a rehearsal."""
    found = made.rehearsal
    return {
        "passes": not found.errors,
        "errors": len(found.errors),
        "warnings": len(found.warnings),
        "operations": len(found.operations),
        "events": len(found.events),
        "at": found.at,
        "digest": found.outcome.digest,
        "took_s": round(made.took_s, 2),
        "estimate_s": round(made.estimate_s, 2),
    }


def summary(made: Rehearsed) -> Iterator[str]:
    """In words, for whoever reads it before approving."""
    heading, found = made.dossier.heading, made.rehearsal
    yield f"[bold]{escape(heading.title)}[/], {official(heading.effective_on)}"
    verdict = "does not pass" if found.errors else "passes"
    yield f"  {verdict}: {len(found.errors)} errors, {len(found.warnings)} warnings"
    yield f"  would record: {len(found.events):,} events, nothing is stored"
    yield f"  operations: {_counted(each.action for each in found.operations)}"
    yield f"  codes that mean something else: {_counted(each.change for each in found.codes)}"
    posts = [each for each in found.affected if each.sort == "posts"]
    others = _counted(each.sort for each in found.affected if each.sort != "posts")
    yield f"  posts that end: {len(posts):,}; other things that hang on what ends: {others}"
    vacant = Counter[str]()
    for each in found.vacancies:
        vacant[term("post", f"{each.body}.{each.post}")] += each.seats - each.filled
    yield f"  seats vacant on the day: {_told(vacant)}"
    yield from _balanced(found.balances)
    yield f"  rehearsed in {made.took_s:.1f} s; carrying out takes about {made.estimate_s:.1f} s"
    yield f"  as of position {found.at:,}, digest {found.outcome.digest}"


def completed(register: Register, dossier: Dossier) -> Iterator[str]:
    """In words, what a dossier that was carried out has done; from its own events in the log."""
    done = dossier.corrections[-1] if dossier.corrections else dossier.carrying
    blocks = list(dossier.own_positions())
    assert done is not None
    assert dossier.draft is not None
    assert dossier.approval is not None
    events = register.events_between(blocks[-1].start, blocks[-1].stop - 1) if blocks[-1] else ()
    work, day = Work(register.store, register.rules), dossier.heading.effective_on
    work.load({event.originator_id for event in events})
    streams = (work.find_any(Aggregate, event.originator_id) for event in events)
    touched = {stream.id: stream for stream in streams if stream is not None}
    codes = code_changes(touched.values(), day - timedelta(days=1), day)
    drafter, approver = dossier.draft.envelope.actor.id, dossier.approval.envelope.actor.id
    yield f"  {escape(dossier.heading.title)}, {official(day)}"
    yield f"  drawn up by {drafter}, approved by {approver}; {done.outcome.warnings} warnings"
    yield f"  {len(events):,} events: {_counted(event.TITLE for event in events)}"
    yield f"  codes that mean something else: {_counted(each.change for each in codes)}"
    yield from _balanced(done.outcome.balances)


def _balanced(balances: Iterable[Balance]) -> Iterator[str]:
    yield "  before + begun + became - ended - turned into others = after"
    for b in balances:
        sum_ = f"{b.before:,} + {b.begun:,} + {b.changed_in:,} - {b.ended:,} - {b.changed_out:,}"
        yield f"    {b.sort}: {sum_} = {b.after:,}" + ("" if b.holds else " [bold]does not hold[/]")


def _counted(words: Iterable[str]) -> str:
    return _told(Counter(words))


def _told(counted: Counter[str]) -> str:
    return ", ".join(f"{number:,} {word}" for word, number in counted.most_common()) or "none"
