"""`sogoc dossier report`: a report on a dossier, to read on the screen or to hand out as a file."""

from __future__ import annotations

from dataclasses import asdict, fields
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api.render import to_json
from domain.dossier.dossier import DONE, OPEN, Dossier
from domain.errors import InvalidValue, WrongState
from ops.cli.app import As, register
from ops.cli.dossiers import OLD_TO_NEW, OLD_TO_NEW_SHOWN, Which, group
from ops.cli.output import write
from ops.wiring import Wiring
from services.dossiers.impact import Impact, impact_of_corrections
from services.dossiers.old_to_new import old_to_new
from services.dossiers.rehearsals import dossier_named, rehearsed
from services.dossiers.reporting.completion import (
    completion_report,
    crosswalk_report,
    impact_report,
)
from services.dossiers.reporting.frame import DossierReport, Language
from services.dossiers.reporting.page import html
from services.dossiers.reporting.rehearsal import rehearsal_report
from services.dossiers.reporting.writing import csv_archive, plain, workbook

BALANCE = ("sort", "before", "begun", "ended", "changed_in", "changed_out", "after", "holds")
IMPACT = tuple(f.name for f in fields(Impact))


class Of(StrEnum):
    """Which report."""

    REHEARSAL = "rehearsal"
    COMPLETION = "completion"
    CROSSWALK = "crosswalk"
    IMPACT = "impact"


class In(StrEnum):
    VI = "vi"
    EN = "en"


_TO = Annotated[
    Path | None,
    typer.Argument(metavar="[TO]", help="A file .html, .xlsx, .json or .zip (of CSV)."),
]
_OF = Annotated[
    Of,
    typer.Option(
        help="What it would come to, what it did, which codes became which, or which answers its "
        "corrections changed."
    ),
]


@group.command("report", epilog="Example: sogoc dossier report vn2025/25 phu-tho.html")
def report(
    which: Which,
    to: _TO = None,
    of: _OF = Of.COMPLETION,
    language: Annotated[In, typer.Option(help="Of the file.")] = In.VI,
    format_: As = None,
) -> None:
    """Write a report on a dossier: as a file, or its main table to the standard output."""
    with register() as wiring:
        dossier = dossier_named(wiring.register, which)
        if to is None:
            _shown(wiring, dossier, of, format_)
        else:
            _write_file(to, _made(wiring, dossier, of), language.value)


def _made(wiring: Wiring, dossier: Dossier, of: Of) -> DossierReport:
    log, rules = wiring.register.store, wiring.register.rules
    match of:
        case Of.REHEARSAL:
            dossier.refuse_unless_open()
            made = rehearsed(wiring.register, dossier, wiring.register.today())
            return rehearsal_report(made.work, dossier, made.rehearsal, made.estimate_s)
        case Of.COMPLETION:
            return completion_report(log, rules, dossier.id, wiring.register.today())
        case Of.CROSSWALK:
            return crosswalk_report(log, rules, dossier.id)
    return impact_report(log, dossier.id)


def _write_file(to: Path, made: DossierReport, language: Language) -> None:
    match to.suffix.lower():
        case ".html":
            content = html(made, language).encode()
        case ".xlsx":
            content = workbook(made, language)
        case ".zip":
            content = csv_archive(made, language)
        case ".json":
            content = to_json(plain(made))
        case other:
            raise InvalidValue(f"{other!r} is none of .html, .xlsx, .json, .zip", field="TO")
    try:
        to.write_bytes(content)
    except OSError as error:
        raise InvalidValue(f"{to}: {error.strerror or error}", field="TO") from None
    typer.echo(f"Written to {to}.", err=True)


def _shown(wiring: Wiring, dossier: Dossier, of: Of, format_: As) -> None:
    match of:
        case Of.IMPACT:
            write(map(vars, impact_of_corrections(wiring.register.store, dossier)), format_, IMPACT)
        case Of.CROSSWALK:
            rows = map(asdict, old_to_new(dossier.tables()))
            write(rows, format_, OLD_TO_NEW, shown=OLD_TO_NEW_SHOWN)
        case Of.REHEARSAL:
            raise InvalidValue("Name a file, or use `sogoc dossier rehearse`", field="TO")
        case Of.COMPLETION:
            _write_balances(_carried_out(dossier), format_)


def _carried_out(dossier: Dossier) -> Dossier.CarriedOut:
    done = dossier.corrections[-1] if dossier.corrections else dossier.carrying
    if done is None or dossier.state not in DONE:
        hint = "; `sogoc dossier rehearse` tells what it would come to"
        words = f"It is {dossier.state}, not carried out{hint if dossier.state in OPEN else ''}"
        raise WrongState(words, field="state")
    return done


def _write_balances(done: Dossier.CarriedOut, format_: As) -> None:
    title = f"{done.outcome.operations:,} operations, {done.outcome.events:,} events"
    rows = [asdict(each) | {"holds": each.holds} for each in done.outcome.balances]
    write(rows, format_, BALANCE, title=title)
