"""`sogoc audit`: who recorded what, when, on whose authority and basis, and what it changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, cast
from uuid import UUID

import typer

from domain.catalogue import EVENTS
from domain.errors import InvalidValue, NotFound
from ops.cli.app import Limit, app
from ops.cli.asking import reading
from ops.cli.output import Format, quiet_when_nobody_reads, write
from ops.cli.points import KnownAt, ValidAt, read_day, read_time
from ops.cli.subjects import as_id, subject
from projections.audit import Audit, AuditFilters, Line
from projections.words import Language, entry
from services.reading import Reading
from services.telling import told

PAGE = 2000  # lines
COLUMNS = (*(field.name for field in fields(Line)), "sentence")


class Words(StrEnum):
    VI = "vi"
    EN = "en"


Of = Annotated[
    str | None,
    typer.Option(
        "--subject",
        metavar="CODE|ID|NAME",
        help="Of this one; by id also of a person, a round, a membership, an award.",
    ),
]
Under = Annotated[
    str | None,
    typer.Option(metavar="CODE|ID|NAME", help="Of this one and what stood below it then."),
]
By = Annotated[str | None, typer.Option(help="Recorded by this account or office.")]
Document = Annotated[
    str | None, typer.Option(help="On the basis of this number: 1656/NQ-UBTVQH15.")
]
NumberUnknown = Annotated[
    bool | None,
    typer.Option(
        "--number-unknown/--number-known",
        help="On a document whose number is still to be found, or on none such.",
        show_default=False,
    ),
]
Types = Annotated[
    list[str] | None,
    typer.Option("--type", help="unit.renamed, or renamed for both; may be repeated."),
]
EffectiveFrom = Annotated[
    date | None,
    typer.Option("--from", parser=read_day, metavar="DAY", help="Effective on it or later."),
]
EffectiveTo = Annotated[
    date | None, typer.Option("--to", parser=read_day, metavar="DAY", help="Effective before it.")
]
RecordedFrom = Annotated[
    datetime | None, typer.Option(parser=read_time, metavar="TIME", help="Recorded then or later.")
]
RecordedTo = Annotated[
    datetime | None, typer.Option(parser=read_time, metavar="TIME", help="Recorded before.")
]
NewestFirst = Annotated[bool, typer.Option("--newest-first", help="The last first.")]
Lang = Annotated[Words, typer.Option(help="Language of the sentences.")]
InSentences = Annotated[Format, typer.Option("--format", help="table is a sentence a line.")]


@app.command(epilog="Example: sogoc audit --subject 00007 --lang en")
def audit(
    subject_: Of = None,
    under: Under = None,
    actor: By = None,
    document: Document = None,
    number_unknown: NumberUnknown = None,
    type_: Types = None,
    effective_from: EffectiveFrom = None,
    effective_to: EffectiveTo = None,
    recorded_from: RecordedFrom = None,
    recorded_to: RecordedTo = None,
    newest_first: NewestFirst = False,
    limit: Limit = None,
    lang: Lang = Words.VI,
    valid_at: ValidAt = None,
    known_at: KnownAt = None,
    format_: InSentences = Format.TABLE,
) -> None:
    """Tell the audit trail: a line for each event, in the order of recording.

    --valid-at is the day on which the codes and names of --subject and --under are meant. A line
    calls its subject by its name on that day, others by the last name known at --known-at.
    """
    with reading(valid_at, known_at) as found:
        filters = AuditFilters(
            subject=_whom(found, subject_),
            under=_id(found, under),
            actor_id=actor,
            document=document,
            number_unknown=number_unknown,
            event_types=_types(type_ or []) or None,
            recorded_from=recorded_from,
            recorded_to=recorded_to,
            effective_from=effective_from,
            effective_to=effective_to,
            known_at=found.point.known_at,
        )
        rows = _rows(found, filters, limit, newest_first, cast(Language, str(lang)))
        _write(rows, format_)


def _write(rows: Iterator[dict[str, Any]], format_: Format) -> None:
    if format_ is not Format.TABLE:
        write(rows, format_, COLUMNS)
        return
    with quiet_when_nobody_reads():
        for row in rows:
            print(row["sentence"])


def _rows(
    reading: Reading,
    filters: AuditFilters,
    limit: int | None,
    newest_first: bool,
    language: Language,
) -> Iterator[dict[str, Any]]:
    trail, after, left = Audit(reading.connection, reading.schema), None, limit
    while left is None or left > 0:
        wanted = PAGE if left is None else min(PAGE, left)
        lines = trail.lines(filters, after, wanted, newest_first)
        names = trail.names(lines, reading.point.known_at)
        for line in lines:
            values = {field.name: getattr(line, field.name) for field in fields(line)}
            sentence = told(line, language, names, filters.subject)
            yield values | {"sentence": entry(line, language, sentence)}
        if len(lines) < wanted:
            return
        after = lines[-1].position
        left = None if left is None else left - wanted


def _whom(reading: Reading, text: str | None) -> UUID | None:
    """A unit or organisation; by its id anything of which the trail tells, such as a person."""
    try:
        return _id(reading, text)
    except NotFound:
        if text is None or (id_ := as_id(text)) is None or not _is_told_of(reading, id_):
            raise
        return id_


def _is_told_of(reading: Reading, id_: UUID) -> bool:
    filters = AuditFilters(subject=id_, known_at=reading.point.known_at)
    return bool(Audit(reading.connection, reading.schema).lines(filters, limit=1))


def _id(reading: Reading, text: str | None) -> UUID | None:
    return None if text is None else subject(reading, text).id


def _types(given: list[str]) -> list[str]:
    """Whole names of types. Raises InvalidValue for one that does not exist."""
    found: list[str] = []
    for word in given:
        fits = [topic for topic in EVENTS if word in (topic, topic.rpartition(".")[2])]
        if not fits:
            known = ", ".join(sorted({topic.rpartition(".")[2] for topic in EVENTS}))
            raise InvalidValue(f"{word!r} is no type of event; there are {known}", field="--type")
        found += fits
    return found
