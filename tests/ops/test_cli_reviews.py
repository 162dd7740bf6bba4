"""`sogoc reviews` and `sogoc awards`: a year of three base organisations, on the command line."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.evaluation import round_id
from tests.services.test_evaluation import (
    decide,
    founded,
    give,
    id_of,
    open_round,
)

BASES = ("Đảng bộ cơ sở Một", "Đảng bộ cơ sở Hai")
ROUND = round_id("2024", id_of("Đảng bộ huyện Nam"), "các tổ chức cơ sở đảng")


@pytest.fixture(scope="module")
def judged(built):
    """One excellent, one good in 2024; a certificate for the first."""
    head, on = "Đảng bộ huyện Nam", date(2024, 12, 1)
    register = built.wiring.register
    register.execute(
        founded("Đảng bộ tỉnh Nam", "province", None),
        founded(head, "district", "Đảng bộ tỉnh Nam"),
        *(founded(name, "base_committee", head) for name in BASES),
    )
    register.execute(*open_round(head, on, "2024", "các tổ chức cơ sở đảng", *BASES))
    names = [name.replace(" ", "_") for name in BASES]
    levels = dict(zip(names, ("excellent", "good"), strict=True))
    register.execute(decide(head, date(2025, 1, 10), "2024", **levels))
    grant: dict[str, Any] = {
        "name": BASES[0],
        "kind": "certificate",
        "form": "yearly",
        "years": (2024,),
    }
    register.execute(give(by=head, **grant))


def test_rounds_are_listed(town, judged, sogoc):
    [row] = sogoc("reviews", "--period", "2024").rows
    assert (row["decider"], row["status"]) == ("Đảng bộ huyện Nam", "open")
    assert row["rules"] == "124-QĐ/TW"
    assert sogoc("reviews", "--period", "2023").rows == []
    assert len(sogoc("reviews", "--under", "dang bo tinh nam").rows) == 1
    assert sogoc("reviews", "--period", "soon").code == 1


def test_levels_are_listed_by_round_and_by_organisation(town, judged, sogoc):
    rows = sogoc("reviews", "levels", str(ROUND)).rows
    assert {row["subject"]: row["level"] for row in rows} == {
        BASES[0]: "excellent",
        BASES[1]: "good",
    }
    [row] = sogoc("reviews", "of", BASES[0], "--valid-at", "2024-12-31").rows
    assert (row["status"], row["level"]) == ("listed", "")
    missing = sogoc("reviews", "levels", str(id_of("nobody")))
    assert (missing.code, "Nothing was known" in missing.err) == (1, True)


def test_a_history_tells_day_by_day(town, judged, sogoc):
    rows = sogoc("reviews", "history", str(ROUND), str(id_of(BASES[0]))).rows
    assert [(r["status"], r["valid_from"]) for r in rows] == [
        ("listed", "2024-12-01"),
        ("decided", "2025-01-10"),
    ]


def test_years_in_a_row_show_their_gaps(town, judged, sogoc):
    rows = sogoc("reviews", "chain", BASES[0], "--year", "2024", "--years", "2").rows
    assert [(row["year"], row["holds"]) for row in rows] == [("2023", "false"), ("2024", "true")]
    assert "excellent (07-QĐ/TU)" in rows[1]["levels"]


def test_other_rules_can_be_asked(town, judged, sogoc):
    rows = sogoc("reviews", "rejudge", str(ROUND), "--rules-on", "2026-01-01").rows
    assert [row["differs"] for row in rows] == ["false", "false"]


def test_awards_and_candidates_are_listed(town, judged, sogoc):
    [row] = sogoc("awards", "--kind", "certificate").rows
    assert (row["subject"], row["status"], row["last_year"]) == (BASES[0], "decided", "2024")
    assert sogoc("awards", "--kind", "cup").code == 1
    [row] = sogoc("awards", "candidates", "--year", "2024", "--form", "yearly").rows
    assert (row["subject"], row["eligible"], row["awards"]) == (BASES[0], "true", '["decided"]')
    assert sogoc("awards", "candidates", "--year", "2024").rows == []
