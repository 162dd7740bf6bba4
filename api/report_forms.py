"""A report as JSON, NDJSON, CSV and XLSX, written row by row into a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from io import TextIOWrapper
from typing import IO, Any

from api.errors import AnswerTooLarge
from api.negotiation import CSV, JSON, NDJSON, XLSX
from api.render import to_json, write_csv
from services.reading import Reading
from services.reports.asked import in_words
from services.reports.frame import ROWS_MAX, Given, Heading, Report, Row
from services.reports.workbook import write_workbook

FORMS = {"json": JSON, "ndjson": NDJSON, "csv": CSV, "xlsx": XLSX}
_BOM = "\ufeff"


@dataclass(frozen=True)
class Told:
    """A report at a point, as it was asked for."""

    report: Report
    reading: Reading
    given: Given
    headings: Heading = "vi"  # of a table
    with_mark: bool = False  # whether CSV begins with a byte order mark

    def rows(self) -> Iterator[Row]:
        """Raises AnswerTooLarge."""
        for number, row in enumerate(self.report.rows(self.reading, self.given)):
            if number >= ROWS_MAX:
                words = f"A report has at most {ROWS_MAX} rows: ask for a part of the country"
                raise AnswerTooLarge(words, limit=ROWS_MAX)
            yield row


def write(out: IO[bytes], told: Told, form: str) -> None:
    """Write it in one of FORMS. Raises AnswerTooLarge, and whatever the report refuses."""
    match form:
        case "application/json":
            _write_json(out, told)
        case "application/x-ndjson":
            out.writelines(to_json(row) + b"\n" for row in _whole(told))
        case "text/csv":
            _write_csv(out, told)
        case _:
            words = list(in_words(told.report, told.reading, told.given))
            write_workbook(out, told.report, told.rows(), told.reading, words, told.headings)


def described(report: Report) -> dict[str, Any]:
    """What it is, and what it can be asked with."""
    return {
        "id": report.id,
        "title": report.title,
        "english": report.english,
        "href": f"/v1/reports/{report.id}",
        "note": report.note,
        "parameters": [asdict(parameter) for parameter in report.parameters],
        "columns": [asdict(column) for column in report.columns],
    }


def _whole(told: Told) -> Iterator[Mapping[str, Any]]:
    names = _names(told.report)
    for row in told.rows():
        yield {name: row.get(name) for name in names}


def _names(report: Report) -> Sequence[str]:
    return [column.name for column in report.columns]


def _write_json(out: IO[bytes], told: Told) -> None:
    point = told.reading.point
    said = {
        "valid_at": point.valid_at,
        "known_at": point.known_at,
        "report": described(told.report),
        "next": None,
    }
    out.write(to_json(said).removesuffix(b"}") + b',"items":[')
    for number, row in enumerate(_whole(told)):
        out.write((b"," if number else b"") + to_json(row))
    out.write(b"]}")


def _write_csv(out: IO[bytes], told: Told) -> None:
    text = TextIOWrapper(out, "utf-8", newline="", write_through=True)
    try:
        text.write(_BOM if told.with_mark else "")
        headings = [column.headed(told.headings) for column in told.report.columns]
        write_csv(text, headings, _names(told.report), told.rows())
    finally:
        text.detach()  # or it would close the file that it was given
