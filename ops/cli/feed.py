"""`sogoc events`: the record itself, in the order of positions."""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Annotated, Any

import orjson
import typer

from ops.cli.app import Limit, app, register
from ops.cli.asking import refuse_empty
from ops.cli.output import Format, quiet_when_nobody_reads, write
from services.store import Log, Recorded

PAGE = 2000  # events
POLL_S = 0.5
COLUMNS = (
    "position",
    "stream",
    "version",
    "type",
    "schema",
    "recorded_at",
    "effective_on",
    "decided_on",
    "actor",
    "authority",
    "basis",
    "reason",
    "voids",
    "rule_set",
    "correlation_id",
    "causation_id",
    "data",
)


@app.command(
    epilog="Example: sogoc events --after 49000 --format ndjson | head -1 | tr -d '\\n' | sha256sum"
)
def events(
    after: Annotated[int, typer.Option(min=0, help="Those beyond this position.")] = 0,
    limit: Limit = None,
    follow: Annotated[bool, typer.Option("--follow", help="Wait for more until Ctrl-C.")] = False,
    format_: Annotated[
        Format | None,
        typer.Option(
            "--format", help="ndjson: the stored records, byte for byte; table: a line each."
        ),
    ] = None,
) -> None:
    """Show events in the order in which they were recorded."""
    chosen = format_ or (Format.TABLE if sys.stdout.isatty() else Format.NDJSON)
    if follow and chosen is Format.JSON:
        raise typer.BadParameter("one JSON document never ends with --follow: take ndjson")
    with register() as wiring:
        if not follow:
            refuse_empty(wiring)
        pages = _pages(wiring.register.store, after, limit, follow)
        with suppress(KeyboardInterrupt):
            _write(pages, chosen)


def _pages(log: Log, after: int, limit: int | None, follow: bool) -> Iterator[list[Recorded]]:
    """Without `follow`, up to the end that the log has now."""
    head, left = None if follow else log.position(), limit
    while left is None or left > 0:
        page = log.feed(after, PAGE if left is None else min(PAGE, left), head)
        if page:
            yield page
            after, left = page[-1].id, None if left is None else left - len(page)
        elif not follow or _nobody_reads():
            return
        else:
            time.sleep(POLL_S)


def _nobody_reads() -> bool:
    """Whether the other end of a pipe is closed; one would notice at the next event only."""
    try:
        descriptor = sys.stdout.fileno()
    except OSError:
        return False
    watched = select.poll()
    watched.register(descriptor, 0)
    return any(seen & (select.POLLERR | select.POLLNVAL) for _, seen in watched.poll(0))


def _write(pages: Iterator[list[Recorded]], format_: Format) -> None:
    match format_:
        case Format.NDJSON:
            _write_bytes(pages)
        case Format.TABLE:
            _write_lines(pages)
        case _:
            write((_row(each) for page in pages for each in page), format_, COLUMNS)


def _write_bytes(pages: Iterator[list[Recorded]]) -> None:
    sys.stdout.flush()
    with quiet_when_nobody_reads():
        for page in pages:
            sys.stdout.buffer.writelines(each.state + b"\n" for each in page)
            sys.stdout.buffer.flush()


def _write_lines(pages: Iterator[list[Recorded]]) -> None:
    with quiet_when_nobody_reads():
        for page in pages:
            sys.stdout.writelines(f"{_line(_row(each))}{os.linesep}" for each in page)
            sys.stdout.flush()


def _row(recorded: Recorded) -> dict[str, Any]:
    said: dict[str, Any] = orjson.loads(recorded.state)
    return {"position": recorded.id} | {name: said.get(name) for name in COLUMNS[1:]}


def _line(row: dict[str, Any]) -> str:
    """What one sees at a glance; the other formats hold everything."""
    data = {n: v for n, v in row["data"].items() if v not in (None, [], "")}
    said = ", ".join(f"{name} {_word(value)}" for name, value in data.items())
    number = next((d["number"] for d in row["basis"] if d["number"]), "no number")
    voids = f"; takes back {row['voids']}" if row["voids"] else ""
    return (
        f"{row['position']:>8}  {row['recorded_at'][:19]}Z  {row['effective_on']}"
        f"  {row['type']}  {row['stream']}: {said}{voids} ({number}, {row['authority']['name']})"
    )


def _word(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
