"""`sogoc members`: a base with two cells, on the command line."""

from __future__ import annotations

from datetime import date

import pytest

from services.membership import Leave, Move
from tests.services.membership import about, entered, id_of, organisations


@pytest.fixture(scope="module")
def base(built):
    """Three members of cell 1, one of cell 2; one moves in August, one leaves in September."""
    register = built.wiring.register
    register.execute(*organisations())
    register.execute(*(entered(who, "chi bộ 1") for who in ("Một", "Hai", "Ba")))
    register.execute(entered("Tư", "chi bộ 2", degree="probationary"))
    register.execute(Move(**about("Hai", date(2025, 8, 1)), cell_id=id_of("chi bộ 2")))
    register.execute(Leave(**about("Ba", date(2025, 9, 1))))
    return built


@pytest.fixture
def cells(base, monkeypatch):
    for name, value in base.environment.items():
        monkeypatch.setenv(name, value)
    return base


def test_the_roll_of_a_cell_on_any_day(cells, sogoc):
    july = sogoc("members", "roll", "chi bo 1", "--valid-at", "2025-07-01")
    assert (july.code, july.err) == (0, "")
    assert len(july.rows) == 3
    [left] = sogoc("members", "roll", str(id_of("chi bộ 1")), "--valid-at", "2025-10-01").rows
    assert (left["cell"], left["standing"]) == ("chi bộ 1", "official")
    assert len(sogoc("members", "roll", "co so 1", "--valid-at", "01/10/2025").rows) == 3


def test_counts_say_who_is_entitled_to_vote(cells, sogoc):
    rows = sogoc("members", "counts", "co so 1", "--valid-at", "2025-10-01").rows
    told = [
        (row["cell"], row["official"], row["probationary"], row["entitled_max"]) for row in rows
    ]
    assert told == [("chi bộ 1", "1", "0", "1"), ("chi bộ 2", "1", "1", "1")]


def test_the_movement_balances(cells, sogoc):
    asked = ("--from", "2025-08-01", "--to", "2025-10-01")
    members, probationers = sogoc("members", "movement", "co so 1", *asked).rows
    assert (members["opening"], members["left"], members["closing"]) == ("4", "1", "3")
    assert (probationers["opening"], probationers["closing"]) == ("1", "1")
    cell = sogoc("members", "movement", "chi bo 1", *asked).rows[0]
    assert (cell["transferred_near"], cell["left"], cell["closing"]) == ("1", "1", "1")
    backwards = sogoc(
        "members", "movement", "co so 1", "--from", "2025-10-01", "--to", "2025-08-01"
    )
    assert backwards.code == 1


def test_a_life_is_shown_by_membership_and_by_person(cells, sogoc):
    by_membership = sogoc("members", "show", str(id_of("đảng tịch Hai")))
    assert [row["cell"] for row in by_membership.rows] == ["chi bộ 1", "chi bộ 2"]
    assert sogoc("members", "show", str(id_of("người Hai"))).out == by_membership.out
    assert sogoc("members", "show", str(id_of("không ai"))).code == 1
