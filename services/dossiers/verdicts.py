"""What is said of one place in the files of a dossier: where, what is wrong, and by which rule."""

from __future__ import annotations

from dataclasses import dataclass

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One thing wrong, or to be looked at. `row` is as a person counts it in that file."""

    severity: str  # ERROR or WARNING
    file: str  # "after.csv", "ho-so.xlsx"
    table: str  # name of the sheet as it is written there, of the table elsewhere; "": the file
    row: int  # line of a CSV file, row of a sheet, index + 1 in JSON; 0: the table as a whole
    field: str  # name of the column as the schema has it; "row", "file": the whole of that
    rule: str  # the kind of slip, or the invariant or rule broken: "date-form"
    words: str
    document: str | None = None  # that sets the rule

    @property
    def is_error(self) -> bool:
        return self.severity == ERROR

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.table, self.row or "") if part)
        rests_on = f"{self.rule}, {self.document}" if self.document else self.rule
        return f"{where or 'dossier'}: {self.field}: {self.words} [{rests_on}]"
