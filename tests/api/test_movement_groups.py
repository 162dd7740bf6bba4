"""RP-03 by groups that are personal details: counted for whoever may see them, else withheld."""

from __future__ import annotations

from typing import Any
from uuid import uuid5

import pytest

from tests.api.conftest import BEARER, House
from tests.api.test_memberships import OCTOBER, Base
from tests.api.test_people import PURPOSE, told_of
from tests.services.membership import id_of

YEAR = "from=2025-08-01&to=2026-01-01"
GROUPS = ("women", "youth", "minority", "religious")
COMING = [
    "entered",
    "admitted",
    "readmitted",
    "restored",
    "received_far",
    "received_near",
    "reorganised_in",
]
GOING = [
    "transferred_far",
    "transferred_near",
    "reorganised_out",
    "left",
    "struck_off",
    "expelled",
    "died",
]


@pytest.fixture(scope="module")
def base(house: House) -> Base:
    """Four members, one of whom nothing is known of; one leaves in the period, one comes."""
    base = Base(house, "Đảng bộ Nhóm")
    known(base, "Một", sex="female", birth_date="1989-12-31", of_minority=False)
    known(base, "Hai", sex="female", birth_date="1990-01-01", of_minority=True)
    known(base, "Ba", sex="male", birth_date="1960-01-01", of_minority=True, has_religion=True)
    ids = {who: base.member(who) for who in ("Một", "Hai", "Ba", "Bốn")}
    base.record(f"/v1/memberships/{ids['Hai']}/leavings", OCTOBER)
    known(base, "Năm", sex="female", birth_date="2000-05-19")
    facts = {"person_id": str(person(base, "Năm")), "cell_id": base.cells[0], "degree": "official"}
    base.record("/v1/memberships", OCTOBER, **facts)
    return base


def person(base: Base, who: str) -> Any:
    return uuid5(id_of(base.id), who)


def known(base: Base, who: str, **details: Any) -> None:
    body = told_of(id=str(person(base, who)), details={"name": f"Lê {who}"} | details)
    assert base.house.post("/v1/people", body).status_code in (200, 201)


def rows(base: Base, **headers: str) -> dict[str, dict[str, Any]]:
    """By what they are of."""
    url = f"/v1/reports/RP-03?superior={base.id}&{YEAR}&headings=name"
    read = base.house.client.get(url, headers=headers)
    assert read.status_code == 200, read.text
    assert "Lê" not in read.text
    return {row["of"]: row for row in read.json()["items"]}


def test_without_a_purpose_groups_are_withheld_and_not_nought(base):
    base.house.get("/v1/reports/RP-03?superior=" + base.id + "&" + YEAR)  # the views are level
    found = rows(base)
    assert (found["members"]["closing"], found["members"]["is_withheld"]) == (4, False)
    for of in GROUPS:
        assert found[of]["is_withheld"] is True
        assert {found[of][name] for name in ("opening", *COMING, *GOING, "closing")} == {None}


def test_for_a_purpose_each_group_is_counted_and_balances(base):
    found = rows(base, **BEARER, **PURPOSE)
    counted = {
        of: (found[of]["opening"], found[of]["closing"], found[of]["unknown"]) for of in GROUPS
    }
    assert counted == {
        "women": (2, 2, 1),
        "youth": (1, 1, 1),  # on the last day: 36 years, 35, 65, and 25
        "minority": (2, 1, 2),
        "religious": (1, 1, 3),
    }
    assert (found["women"]["left"], found["minority"]["left"], found["religious"]["left"]) == (
        1,
        1,
        0,
    )
    assert found["women"]["entered"] == found["youth"]["entered"] == 1
    for row in found.values():
        assert not row["is_withheld"]
        came, went = (sum(row[name] for name in names) for names in (COMING, GOING))
        assert row["opening"] + came - went - (row["recognised"] or 0) == row["closing"]


def test_whoever_counts_groups_is_on_record_with_each_person(base):
    rows(base, **BEARER, **PURPOSE)
    for who in ("Một", "Hai", "Ba", "Năm"):
        path = f"/v1/people/{person(base, who)}/readings"
        [last, *_] = base.house.client.get(path, headers=BEARER).json()["items"]
        assert (last["purpose"], last["people"]) == ("vụ việc 07-VV/UBKTTU", 4)
