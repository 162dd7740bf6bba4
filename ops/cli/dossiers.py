"""`sogoc dossier`: what can be read of reorganisation dossiers, and their files.

The acts about them are in dossier_acts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, fields
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from api.dossier_reads import shown
from domain.dossier.dossier import STATES
from domain.dossier.tables import Heading, Tables
from domain.errors import InvalidValue
from ops.cli.app import As, Limit, Prose, app, register
from ops.cli.asking import reading
from ops.cli.output import console, in_prose, write
from ops.cli.points import KnownAt, official, read_day
from projections.dossiers import DossierFilters, Dossiers
from services.dossiers.files.to_csv import csv_files, csv_template, write_folder, zipped
from services.dossiers.files.to_json import json_document, json_template
from services.dossiers.files.to_workbook import workbook, workbook_template
from services.dossiers.old_to_new import OldToNew, old_to_new
from services.dossiers.rehearsals import dossier_named

STANDING = (
    *("key", "title", "state", "effective_on", "operations", "events", "warnings", "drafter_id"),
    *("approver_id", "due_on", "carried_out_at", "corrections", "dossier_id"),
)
STANDING_SHOWN = ("key", "title", "state", "effective_on", "events", "carried_out_at")
OLD_TO_NEW = tuple(f.name for f in fields(OldToNew))
OLD_TO_NEW_SHOWN = ("subject", "old", "old_name", "new", "new_name", "extent", "is_default")
ALL = 1_000_000

Which = Annotated[str, typer.Argument(metavar="ID|KEY", help="Of the dossier.")]
To = Annotated[
    Path,
    typer.Argument(
        metavar="TO", help="A file .xlsx, .json or .zip (of CSV); else a folder of CSV files."
    ),
]

group = typer.Typer(
    no_args_is_help=True, help="Reorganisations: prepare, rehearse, approve, carry out, correct."
)
app.add_typer(group, name="dossier")


# Files


@group.command("template", epilog="Example: sogoc dossier template ho-so.xlsx")
def template(to: To) -> None:
    """Write empty tables with their headings, to fill in; never over what is there."""
    if to.is_file() or (to.is_dir() and any(to.iterdir())):
        raise InvalidValue(f"{to} is there already: name another, or move it away", field="TO")
    _write_files(to, workbook_template, json_template, csv_template)


@group.command("export", epilog="Example: sogoc dossier export vn2025/25 phu-tho.xlsx")
def export(which: Which, to: To) -> None:
    """Write the rows of a dossier as files, as they were drawn up; they can be read in again."""
    with register() as wiring:
        dossier = dossier_named(wiring.register, which)
        heading, rows = dossier.heading, dossier.tables()
    write_dossier(to, heading, rows)


def write_dossier(to: Path, heading: Heading, rows: Tables) -> None:
    """In the form that the name of the file says. Raises InvalidValue."""
    _write_files(
        to,
        lambda: workbook(heading, rows),
        lambda: json_document(heading, rows),
        lambda: csv_files(heading, rows),
    )


def _write_files(
    to: Path,
    as_workbook: Callable[[], bytes],
    as_json: Callable[[], bytes],
    as_csv: Callable[[], Iterator[tuple[str, bytes]]],
) -> None:
    try:
        match to.suffix.lower():
            case ".xlsx":
                to.write_bytes(as_workbook())
            case ".json":
                to.write_bytes(as_json())
            case ".zip":
                to.write_bytes(zipped(as_csv()))
            case "":
                to.mkdir(parents=True, exist_ok=True)
                write_folder(to, as_csv())
            case other:
                words = f"{other!r} is none of .xlsx, .json, .zip; a folder has no ending"
                raise InvalidValue(words, field="TO")
    except OSError as error:
        raise InvalidValue(f"{to}: {error.strerror or error}", field="TO") from None
    typer.echo(f"Written to {to}.", err=True)


# Reading


@group.command("list", epilog="Example: sogoc dossier list --state approved")
def list_(
    state: Annotated[str | None, typer.Option(help=", ".join(STATES))] = None,
    on: Annotated[
        date | None, typer.Option(parser=read_day, metavar="DAY", help="That take effect then.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="A part of the title.")] = None,
    known_at: KnownAt = None,
    limit: Limit = None,
    format_: As = None,
) -> None:
    """List dossiers, in the order of the days on which they take effect."""
    if state is not None and state not in STATES:
        raise InvalidValue(f"{state!r} is none of {', '.join(STATES)}", field="--state")
    with reading(None, known_at) as found:
        asking = Dossiers(found.connection, found.schema)
        filters = DossierFilters(state=state, effective_on=on, q=title)
        rows = asking.many(found.point.known_at, filters, limit=limit or ALL)
    told = ({name: getattr(row, name) for name in STANDING} for row in rows)
    write(told, format_, STANDING, shown=STANDING_SHOWN)


@group.command("show", epilog="Example: sogoc dossier show vn2025/25")
def show(which: Which, format_: Prose = None) -> None:
    """Show what a dossier says of itself, how far it has come, and who did what with it."""
    with register() as wiring:
        told = shown(dossier_named(wiring.register, which))
    if in_prose(format_):
        console().print("\n".join(_in_words(told)), soft_wrap=True)
    else:
        write([told], format_, tuple(told))


def _in_words(told: Mapping[str, Any]) -> Iterator[str]:
    rows = ", ".join(f"{number:,} {name}" for name, number in told["rows"].items() if number)
    yield f"[bold]{escape(told['title'])}[/]"
    yield f"  {told['key'] or 'no key'}, {told['id']}, version {told['version']}"
    yield f"  {told['state']}; takes effect on {official(told['effective_on'])}"
    yield f"  rows: {rows or 'none'}"
    for name in ("check", "carried_out"):
        if came_to := told[name]:
            yield (
                f"  {name.replace('_', ' ')}: {came_to['operations']:,} operations,"
                f" {came_to['events']:,} events, {came_to['warnings']} warnings,"
                f" at position {came_to['at']:,}"
            )
            yield f"    digest {came_to['digest']}"
    if told["due_on"]:
        yield f"  to be carried out on {official(told['due_on'])}"
    yield "Acts"
    for act in told["acts"]:
        post = f" ({act['post']})" if act["post"] else ""
        reason = f": {act['reason']}" if act["reason"] else ""
        words = f"  {act['position']:>9,}  {act['title']}, {act['actor']}{post}{reason}"
        yield escape(words)


@group.command("crosswalk", epilog="Example: sogoc dossier crosswalk vn2025/25 --format csv")
def crosswalk(which: Which, format_: As = None) -> None:
    """List which codes become which, as the rows of a dossier say."""
    with register() as wiring:
        tables = dossier_named(wiring.register, which).tables()
    write(map(asdict, old_to_new(tables)), format_, OLD_TO_NEW, shown=OLD_TO_NEW_SHOWN)
