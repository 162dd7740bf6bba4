"""`sogoc crosswalk`: what codes or names of one day have become on another, and how sure it is."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from ops.cli.app import As, app
from ops.cli.asking import reading
from ops.cli.descent import Numbers, documents, numbers
from ops.cli.output import write
from ops.cli.points import FromDay, KnownAt, ToDay, official
from services.crosswalk import CODES_MAX, CrosswalkLine, Found, crosswalk, rounded
from services.reading import Reading

STDIN = "-"
COLUMNS = (
    "code",
    "name",
    "certainty",
    "found_code",
    "found_name",
    "found_type",
    "extent",
    "is_default",
    "document",
    "steps",
    "population_share",
    "area_share",
    "is_computed",
    "population",
    "area",
    "id",
    "found_id",
)
SHOWN = COLUMNS[:9]
NAMED_MAX = 10  # unknown codes and names told in the last line


@app.command(
    "crosswalk",
    epilog="Example: sogoc crosswalk 00007 00008 --from 30/06/2025 --to 01/07/2025."
    " From a list, first column: sogoc crosswalk --file codes.csv --from ... --to ...",
)
def crosswalk_(
    begins: FromDay,
    ends: ToDay,
    codes: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="CODE...",
            help='Codes, or names such as "P.12, Q. Gò Vấp"; - reads them from stdin.',
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            allow_dash=True,
            help="More codes or names, the first column of each line of a CSV; - is stdin.",
        ),
    ] = None,
    scheme: Annotated[str, typer.Option(help="Scheme of the codes.")] = "nso",
    known_at: KnownAt = None,
    format_: As = None,
) -> None:
    """Tell what became of codes: exact, split, ambiguous or none, never a silent pick.

    A line for each unit found. Codes and names that nobody bore on the first day have a line as
    well, with certainty "none", and make the exit code 1. A name that fits several units leads from
    each of them. Shares of people and land (1 is all) are there where every hand-over on the way
    says them; "is_computed": as if they were spread evenly over what was divided.
    """
    asked = list(_codes(codes or [], file))
    if not asked:
        raise typer.BadParameter("No codes were given")
    unknown: list[str] = []
    with reading(ends, known_at) as found:
        rows = _rows(found, asked, begins, ends, scheme, unknown)
        write(rows, format_, COLUMNS, shown=SHOWN)
    if unknown:
        _tell(unknown, begins)
        raise typer.Exit(1)


def _tell(unknown: Sequence[str], day: date) -> None:
    named = ", ".join(unknown[:NAMED_MAX])
    more = f" and {len(unknown) - NAMED_MAX} more" if len(unknown) > NAMED_MAX else ""
    typer.echo(f"sogoc: nobody bore these on {official(day)}: {named}{more}", err=True)


# In


def _codes(given: Sequence[str], file: Path | None) -> Iterator[str]:
    for code in given:
        if code == STDIN:
            yield from _listed(sys.stdin)
        else:
            yield code.strip()
    if file is not None:
        opened = nullcontext(sys.stdin) if str(file) == STDIN else file.open(encoding="utf-8-sig")
        with opened as lines:
            yield from _listed(lines)


def _listed(lines: TextIO) -> Iterator[str]:
    """The first column; blank lines and a header "code" are passed over."""
    for number, row in enumerate(csv.reader(lines)):
        code = row[0].strip().removeprefix("\ufeff") if row else ""
        if code and not (number == 0 and code.casefold() == "code"):
            yield code


# Out


def _rows(
    reading: Reading,
    codes: Sequence[str],
    begins: date,
    ends: date,
    scheme: str,
    unknown: list[str],
) -> Iterator[dict[str, Any]]:
    """Fills `unknown` on the way."""
    left = iter(codes)
    while portion := list(islice(left, CODES_MAX)):
        lines = crosswalk(reading, portion, begins, ends, scheme)
        unknown += [line.code for line in lines if not line.crossings]
        founds = [found for line in lines for c in line.crossings for found in c.found]
        known = numbers(reading, (position for found in founds for position in found.documents))
        for line in lines:
            yield from _told(line, scheme, known)


def _told(line: CrosswalkLine, scheme: str, known: Numbers) -> Iterator[dict[str, Any]]:
    blank = dict.fromkeys(COLUMNS) | {"code": line.code, "certainty": str(line.certainty)}
    if not line.crossings:
        yield blank
    for crossing in line.crossings:
        asked = blank | {"name": crossing.asked.name, "id": crossing.asked.unit_id}
        if not crossing.found:
            yield asked
        yield from (asked | _found(found, scheme, known) for found in crossing.found)


def _found(found: Found, scheme: str, known: Numbers) -> dict[str, Any]:
    return {
        "found_code": found.unit.codes.get(scheme),
        "found_name": found.unit.name,
        "found_type": found.unit.type,
        "extent": found.extent,
        "is_default": found.is_default,
        "document": documents(known, found.documents),
        "steps": found.steps,
        "population_share": rounded(found.share.population),
        "area_share": rounded(found.share.area),
        "is_computed": found.share.is_computed,
        "population": found.population,
        "area": found.area,
        "found_id": found.unit.unit_id,
    }
