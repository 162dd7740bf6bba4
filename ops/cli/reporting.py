"""`sogoc report`: which reports there are, and each with its own options."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from inspect import Parameter as Argument
from inspect import Signature
from pathlib import Path
from typing import Annotated, Any, cast
from uuid import UUID

import typer

from api.report_forms import FORMS, Told, described, write
from domain.errors import InvalidValue
from ops.cli.app import As, app
from ops.cli.asking import asked
from ops.cli.output import Format, is_for_people, quiet_when_nobody_reads
from ops.cli.output import write as write_rows
from ops.cli.people import By, For, reader_for
from ops.cli.points import KnownAt, ValidAt, read_day
from ops.cli.subjects import subject
from ops.wiring import Wiring
from services.groups import Groups
from services.reading import Reading
from services.reports.catalogue import REPORTS
from services.reports.frame import Parameter, Report
from services.reports.groups import with_groups
from services.reports.naming import with_names
from services.vault import Reader

LISTED = ("id", "title", "english", "options")


class Form(StrEnum):
    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    XLSX = "xlsx"


class Headings(StrEnum):
    VI = "vi"
    EN = "en"
    NAME = "name"


_OUTPUT = Annotated[
    Path | None, typer.Option(help="Write it there; to the standard output if left out.")
]
_FORM = Annotated[
    Form | None,
    typer.Option("--format", help="As the file's name ends; else a table to a terminal, or csv."),
]
_HEADINGS = Annotated[Headings, typer.Option(help="Of csv and xlsx.")]
_MARK = Annotated[bool, typer.Option("--bom", help="Begin csv with a byte order mark.")]

group = typer.Typer(
    invoke_without_command=True,
    epilog="Example: sogoc report RP-01 --superior 01 --valid-at 2025-07-01 --output rp01.xlsx",
)
app.add_typer(group, name="report")


@group.callback()
def reports(context: typer.Context, format_: As = None) -> None:
    """Write a report; alone: list which there are."""
    if context.invoked_subcommand is None:
        rows = [described(report) | {"options": _options(report)} for report in REPORTS.values()]
        write_rows(rows, format_, LISTED)


def _options(report: Report) -> str:
    return " ".join(f"--{parameter.name}" for parameter in report.parameters)


def add_report(report: Report) -> None:
    """A command of its own, with the options that it can be asked with."""

    def run(**said: Any) -> None:
        reader = reader_for(said["purpose"], said["by"])
        with asked(said["valid_at"], said["known_at"]) as (wiring, found):
            given = {each.name: _meant(found, each, said) for each in report.parameters}
            shown = _named(report, wiring, reader) if reader else report
            told = Told(shown, found, given, cast(Any, str(said["headings"])), said["bom"])
            _write(told, said["format_"], said["output"])

    usual = (
        _option("valid_at", ValidAt, None),
        _option("known_at", KnownAt, None),
        _option("format_", _FORM, None),
        _option("output", _OUTPUT, None),
        _option("headings", _HEADINGS, Headings.VI),
        _option("bom", _MARK, False),
        _option("purpose", For, None),
        _option("by", By, "operator"),
    )
    own = [_option(_argument(each), *_asked(each)) for each in report.parameters]
    run.__signature__ = Signature([*own, *usual])  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in (*own, *usual)}
    run.__doc__ = ". ".join(filter(None, (f"{report.english} ({report.title})", report.note)))
    group.command(report.id)(run)


def _named(report: Report, wiring: Wiring, reader: Reader) -> Report:
    """With the names of persons and the groups they belong to, which goes on record."""

    def names_of(ids: Iterable[UUID], reading: Reading) -> dict[UUID, str]:
        point = reading.point
        return wiring.people.names_of(ids, reader, point.valid_at, point.known_at)

    def groups_of(ids: Iterable[UUID], reading: Reading, on: date) -> dict[UUID, Groups]:
        return wiring.people.groups_of(ids, reader, on, reading.point.known_at)

    return with_groups(with_names(report, names_of), groups_of)


def _argument(parameter: Parameter) -> str:
    return f"asked_{parameter.name}"  # `from` is a word of Python


def _option(name: str, annotation: Any, default: Any) -> Argument:
    return Argument(name, Argument.KEYWORD_ONLY, default=default, annotation=annotation)


def _asked(parameter: Parameter) -> tuple[Any, Any]:
    """Its annotation and what it is when it is not given."""
    default = Argument.empty if parameter.is_required else None
    option = typer.Option(
        f"--{parameter.name}",
        help=parameter.english,
        parser=read_day if parameter.type == "day" else None,
        metavar={"day": "DAY", "organisation": "CODE|ID|NAME"}.get(parameter.type),
        min=parameter.least,
        max=parameter.most,
    )
    type_: Any = {"number": int, "flag": bool}.get(parameter.type, str)
    return Annotated[type_ if parameter.is_required else type_ | None, option], default


def _meant(reading: Reading, parameter: Parameter, said: dict[str, Any]) -> Any:
    """What was typed, as the report wants it. Raises NotFound, InvalidValue."""
    value = said[_argument(parameter)]
    if value is None:
        return None
    match parameter.type:
        case "organisation":
            return subject(reading, value, ["organisations"]).id
        case "person":
            return _person(value)
        case "word" if parameter.choices and value not in parameter.choices:
            words = f"{value!r} is none of {', '.join(parameter.choices)}"
            raise InvalidValue(words, field=f"--{parameter.name}")
    return value


def _person(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidValue(f"{text!r} is no id of a person", field="--person") from None


def _write(told: Told, form: Form | None, output: Path | None) -> None:
    chosen = form or _form_of(output)
    if chosen is Form.TABLE:
        columns = {column.name: column.headed(told.headings) for column in told.report.columns}
        rows = ({columns[n]: v for n, v in row.items() if n in columns} for row in told.rows())
        write_rows(rows, Format.TABLE, list(columns.values()), told.report.title)
        return
    with quiet_when_nobody_reads():
        if output is None:
            _refuse_terminal(chosen)
            write(sys.stdout.buffer, told, FORMS[chosen])
            sys.stdout.flush()
        else:
            with output.open("wb") as out:
                write(out, told, FORMS[chosen])


def _form_of(output: Path | None) -> Form:
    if output is None:
        return Form.TABLE if is_for_people(None) else Form.CSV
    ending = output.suffix.removeprefix(".").lower()
    if ending not in FORMS:
        raise InvalidValue("Say --format: the file's name does not tell", field="--output")
    return Form(ending)


def _refuse_terminal(form: Form) -> None:
    if form is Form.XLSX and sys.stdout.isatty():
        raise InvalidValue("A workbook is not for a terminal: say --output FILE", field="--output")


for _report in REPORTS.values():
    add_report(_report)
