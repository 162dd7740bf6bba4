"""Reports about members, over HTTP, at points in both times."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import House
from tests.api.test_memberships import AUGUST, JULY, OCTOBER, Base

YEAR = "from=2025-08-01&to=2026-08-01"


@pytest.fixture(scope="module")
def base(house: House) -> Base:
    """Two cells: three official members of long standing, one probationer; two others."""
    base = Base(house, "Đảng bộ Báo cáo")
    for who in ("Một", "Hai", "Ba"):
        base.member(who, party_age_on="1995-09-02")
    base.member("Bốn", degree="probationary", ceremony_on="2025-06-15")
    for who in ("Năm", "Sáu"):
        base.member(who, 1, party_age_on="2010-05-19", badge_years=None)
    return base


def report(base: Base, id_: str, asked: str) -> list[dict[str, Any]]:
    read = base.house.get(f"/v1/reports/{id_}?superior={base.id}&{asked}&headings=name")
    assert read.status_code == 200, read.text
    rows: list[dict[str, Any]] = read.json()["items"]
    return rows


def test_organisations_are_counted_with_their_members(base):
    rows = report(base, "RP-01", f"valid_at={AUGUST}")
    [cells] = [row for row in rows if row["kind"] == "cell"]
    assert (cells["official"], cells["probationary"]) == (5, 1)
    assert (cells["small_cells"], cells["large_cells"]) == (1, 0)


def test_who_is_due_for_recognition_is_told_with_the_days_left(base):
    [row] = report(base, "RP-04", "valid_at=2026-06-05")
    assert (row["due_on"], row["days_left"], row["is_late"]) == ("2026-06-15", 10, False)
    assert row["considered_by"] == "2026-07-27"
    [late] = report(base, "RP-04", "valid_at=2026-08-01&within_days=0")
    assert late["is_late"] is True
    assert report(base, "RP-04", "valid_at=2025-08-01&within_days=30") == []


def test_a_badge_is_due_on_an_occasion(base):
    assert report(base, "RP-26", f"valid_at={JULY}&occasion=2025-05-19") == []
    rows = report(base, "RP-26", f"valid_at={AUGUST}")
    assert [(row["badge"], row["occasion"]) for row in rows] == [(30, "2025-09-02")] * 3


def test_organisations_of_the_wrong_size_are_listed(base):
    rows = report(base, "RP-28", f"valid_at={AUGUST}")
    assert {(row["organisation"], row["what"]) for row in rows} == {
        ("Đảng bộ Báo cáo cơ sở", "committee_too_small"),
        ("Đảng bộ Báo cáo chi bộ 2", "too_few_official"),
    }


def test_who_left_who_moved_and_who_is_on_the_way(base):
    before = base.house.register.store.position()
    other = Base(base.house, "Đảng bộ Khác")
    moving, leaving, waiting = (base.member(f"đi {n}") for n in range(3))
    goal = {"to_id": other.cells[0]}
    base.record(f"/v1/memberships/{moving}/introductions", AUGUST, **goal)
    base.record(f"/v1/memberships/{moving}/receptions", OCTOBER, cell_id=other.cells[0])
    base.record(f"/v1/memberships/{leaving}/leavings", OCTOBER)
    base.record(f"/v1/memberships/{waiting}/introductions", AUGUST, **goal)
    rows = report(base, "RP-05", f"valid_at=2026-02-01&{YEAR}")
    assert {(r["membership_id"], r["what"], r["is_late"]) for r in rows} == {
        (moving, "transferred_near", None),
        (waiting, "in_transit", True),
    }
    [left] = report(base, "RP-06", YEAR)
    assert (left["membership_id"], left["what"], left["on"]) == (leaving, "left", OCTOBER)
    members, probationers, *_ = report(base, "RP-03", YEAR)
    assert (members["opening"], members["left"], members["transferred_near"]) == (9, 1, 1)
    assert (members["closing"], probationers["closing"]) == (7, 1)
    then = report(base, "RP-03", f"{YEAR}&known_at={before}")
    assert (then[0]["opening"], then[0]["closing"]) == (6, 6)
    each = report(base, "RP-03", f"{YEAR}&each=true")
    assert len(each) == 3 * 6
