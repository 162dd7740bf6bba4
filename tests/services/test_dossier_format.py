"""docs/dossier-format.md: its columns are the schema's, its examples are files, and they work.

`python -m tests.services.test_dossier_format` writes the columns and the examples into it anew.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from domain.dossier.identity import steps
from services.dossiers.files import guide
from services.dossiers.files.reading import read_bytes, read_path
from services.dossiers.files.schema import ALL
from services.dossiers.files.to_json import json_document
from services.dossiers.files.to_workbook import workbook
from tests.services.dossiers import TODAY, country, people, rehearsed

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "dossier-format.md"
EXAMPLES = ROOT / "tests" / "dossiers"
_BLOCK = re.compile(r"(<!-- (columns|words|example):? ?(\S*) -->\n).*?(<!-- end -->)", re.DOTALL)

FATES = {  # what becomes of whom: code before > code after, "+": begins, the way it ends
    "merger": {"+60001 merger", "60001 merger", "60002 merger"},
    "division": {"+60005 division", "+60006 division", "60003 division"},
    "absorption": {"60004 > 60004", "60002 merger"},
    "ceding": {"60001 > 60001 ceding to 60002", "60002 > 60002"},
    "n-to-m": {
        "+60011 merger",
        "+60012 merger",
        "60001 merger",
        "60002 division",
        "60003 merger",
    },
    "rename-recode": {"60003 > 60013"},
    "re-subordinate": {"id > id"},
    "dissolution": {"id dissolution"},
    "two-steps": {"+60001 merger", "60001 merger", "60002 merger", "60001 > 60014"},
    "by-hand": {"60004 > 60004", "60002 merger"},
}


def filled(text: str) -> str:
    """The document with its generated blocks as they are to be."""
    return _BLOCK.sub(lambda block: block[1] + _made(block[2], block[3]) + block[4], text)


def _made(what: str, name: str) -> str:
    if what == "words":
        return f"\n{guide.markdown_of_words()}\n"
    if what == "columns":
        [table] = [each for each in ALL if each.name == name]
        return f"\n{guide.markdown_of(table)}\n"
    shown = "".join(
        f"{table.name}.csv\n{_indented(file)}\n"
        for table in ALL
        if (file := EXAMPLES / name / f"{table.name}.csv").exists()
        and (name == "merger" or table.name not in ("dossier", "decisions", "rules"))
    )
    return f"\n```text\n{shown.rstrip()}\n```\n\n"


def _indented(file: Path) -> str:
    return "".join(f"  {line}\n" for line in file.read_text("utf-8").splitlines())


def test_the_document_says_what_the_schema_and_the_examples_say():
    text = DOCUMENT.read_text("utf-8")
    assert text == filled(text)
    named = {(block[2], block[3]) for block in _BLOCK.finditer(text)}
    assert {name for what, name in named if what == "columns"} == {table.name for table in ALL}
    assert {name for what, name in named if what == "example"} == set(FATES)
    assert ("words", "") in named


def test_every_example_is_told_of():
    assert {folder.name for folder in EXAMPLES.iterdir()} == set(FATES)


@pytest.mark.parametrize("name", FATES)
def test_an_example_states_what_it_says(name):
    read = read_path(EXAMPLES / name)
    assert read.verdicts == ()
    assert read.heading is not None
    slips: list[object] = []
    found = {_told(fate) for step in steps(read.tables, slips) for fate in step.fates}  # type: ignore[arg-type]
    assert slips == []
    assert found == FATES[name]


@pytest.mark.parametrize("name", FATES)
def test_an_example_is_the_same_in_every_form(name):
    read = read_path(EXAMPLES / name)
    assert read.heading is not None
    for form, write in (("xlsx", workbook), ("json", json_document)):
        again = read_bytes(f"x.{form}", write(read.heading, read.tables))
        assert (again.verdicts, again.digest) == ((), read.digest)


@pytest.mark.parametrize("name", FATES)
def test_an_example_passes_its_check(register, name):
    register.execute(*country())
    register.execute(*people())
    register.today = lambda: TODAY
    read = read_path(EXAMPLES / name)
    assert read.heading is not None
    rehearsal = rehearsed(register, read.tables, read.heading)
    placed = [read.verdict(f.table, f.row, f.field, f.rule, f.words) for f in rehearsal.errors]
    assert [str(verdict) for verdict in placed] == []


def _told(fate: object) -> str:
    before, after = getattr(fate, "before", None), getattr(fate, "after", None)
    if before is None:
        return f"+{_code(after)} {getattr(fate, 'way')}"  # noqa: B009
    if after is None:
        return f"{_code(before)} {getattr(fate, 'way')}"  # noqa: B009
    ceded = [_code(transfer, "new") for transfer in getattr(fate, "ceded")]  # noqa: B009
    return f"{_code(before)} > {_code(after)}" + (f" ceding to {', '.join(ceded)}" if ceded else "")


def _code(row: object, field: str = "code") -> str:
    return str(getattr(row, field)).split(":")[0]


if __name__ == "__main__":
    DOCUMENT.write_text(filled(DOCUMENT.read_text("utf-8")), "utf-8")
