"""Verdicts as they are gathered in one pass, and what a source may be at most."""

from __future__ import annotations

from services.dossiers.verdicts import ERROR, WARNING, Verdict

FILE_BYTES_MAX = 64 * 1024 * 1024
UNPACKED_BYTES_MAX = 256 * 1024 * 1024  # of a workbook or archive, all parts together
ROWS_MAX = 200_000  # of a dossier; the whole country of 2025 has some 30,000
VERDICTS_MAX = 10_000  # more say nothing that these do not


class Unreadable(Exception):
    """Nothing more can be read of this file or sheet; by which rule, and why."""

    is_final = False  # nothing more is looked at, in no other file either

    def __init__(
        self, rule: str, words: str, file: str = "", table: str = "", row: int = 0
    ) -> None:
        super().__init__(words)
        self.rule, self.words = rule, words
        self.file, self.table, self.row = file, table, row


class Enough(Unreadable):
    """There is more than a dossier may hold, or more wrong than anybody would read."""

    is_final = True


class Gathered:
    """All verdicts so far, and the count of rows."""

    def __init__(self) -> None:
        self.verdicts: list[Verdict] = []
        self._rows = 0

    def error(self, file: str, table: str, row: int, field: str, rule: str, words: str) -> None:
        self._add(Verdict(ERROR, file, table, row, field, rule, words))

    def warning(self, file: str, table: str, row: int, field: str, rule: str, words: str) -> None:
        self._add(Verdict(WARNING, file, table, row, field, rule, words))

    def unreadable(self, error: Unreadable, file: str) -> None:
        """What stopped the reading of a file or sheet, whatever the number of verdicts before."""
        named = error.file or file
        self.verdicts.append(
            Verdict(ERROR, named, error.table, error.row, "file", error.rule, error.words)
        )

    def count_row(self) -> None:
        """Raises Enough at one row too many."""
        self._rows += 1
        if self._rows > ROWS_MAX:
            raise Enough("too-large", f"a dossier has at most {ROWS_MAX:,} rows")

    def _add(self, verdict: Verdict) -> None:
        self.verdicts.append(verdict)
        if len(self.verdicts) >= VERDICTS_MAX:
            raise Enough(
                "too-many", f"{VERDICTS_MAX:,} verdicts so far; what follows was not looked at"
            )
