"""`sogoc leadership`, `posts`, `vacancies` and the reports of who leads."""

import json
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from domain.envelope import Authority
from domain.leadership.values import Post
from services.leadership import Appoint, SetSeats, StartTerm
from tests.services.test_register import envelope, id_of

JULY = date(2025, 7, 1)
PERSON = UUID("01980000-0000-7000-8000-00000000002a")
PROVINCE = "Đảng bộ tỉnh An"
MEMBER, SECRETARY = (Post("executive_committee", post) for post in ("member", "secretary"))


@pytest.fixture(scope="module")
def led(built):
    """The province's committee: a secretary since July, and one deputy's seat that is vacant."""
    centre = Authority("Bộ Chính trị")
    about: dict[str, Any] = {"organisation_id": id_of(PROVINCE), "envelope": envelope(JULY, centre)}
    seats: dict[str, Any] = {"body": MEMBER.body, "number": 1, "due_on": date(2025, 7, 25)}
    built.wiring.register.execute(
        StartTerm(bodies=(MEMBER.body,), name="2025-2030", **about),
        *(SetSeats(post=post, **seats, **about) for post in ("secretary", "deputy_secretary")),
        *(
            Appoint(person_id=PERSON, body=p.body, post=p.post, occasion="new", **about)
            for p in (MEMBER, SECRETARY)
        ),
    )
    return built


def test_who_leads_is_told_with_the_decision(led, town, sogoc):
    told = sogoc("leadership", "Đảng bộ tỉnh An Mới", "--valid-at", "2025-07-10")
    assert (told.code, told.err) == (0, "")
    secretary, member = told.rows  # by rank, not by the alphabet
    assert member["post"] == "member"
    assert (secretary["post_name"], secretary["person_id"]) == ("bí thư", str(PERSON))
    assert (secretary["authority"], secretary["held_from"]) == ("Bộ Chính trị", "2025-07-01")
    assert secretary["person_name"] == ""
    assert (secretary["recorded_by"], secretary["signatory"]) == ("tests", "")
    assert sogoc("leadership", PROVINCE, "--valid-at", "2025-06-30").rows == []


@pytest.mark.parametrize("post", ["secretary", "executive_committee.secretary"])
def test_one_post_on_a_day_and_whoever_held_it(led, town, sogoc, post):
    asked = ("leadership", PROVINCE, "--valid-at", "2025-06-30", "--post", post)
    assert sogoc(*asked).rows == []
    [held] = sogoc(*asked, "--ever").rows
    assert (held["post"], held["person_id"]) == ("secretary", str(PERSON))
    before = str(led.position - 5)
    assert sogoc(*asked, "--ever", "--known-at", before).rows == []


def test_a_post_that_there_is_not_is_refused(led, town, sogoc):
    told = sogoc("leadership", PROVINCE, "--post", "king")
    assert told.code == 1
    assert "No post is 'king'; there are executive_committee.secretary," in told.err


def test_the_trail_of_a_person_is_asked_for_by_id(led, town, sogoc):
    rows = sogoc("audit", "--subject", str(PERSON), "--format", "csv").rows
    assert [row["event_type"] for row in rows] == ["leadership.appointed"] * 2
    nobody = sogoc("audit", "--subject", str(UUID(int=5)))
    assert nobody.code == 1
    assert "Nothing bears the id" in nobody.err
    known = sogoc("audit", "--subject", str(PERSON), "--known-at", str(led.position - 5))
    assert known.code == 1


def test_posts_of_a_person(led, town, sogoc):
    rows = sogoc("posts", str(PERSON), "--valid-at", "2025-07-10").rows
    assert [row["post"] for row in rows] == ["member", "secretary"]
    assert sogoc("posts", str(PERSON), "--valid-at", "2025-06-10").rows == []
    assert len(sogoc("posts", str(PERSON), "--valid-at", "2025-06-10", "--ever").rows) == 2


def test_vacancies_below_one(led, town, sogoc):
    asked = ("vacancies", "--under", "Đảng bộ tỉnh An Mới", "--valid-at", "2025-07-30")
    [row] = sogoc(*asked).rows
    assert (row["post"], row["vacant"], row["overdue_days"]) == ("deputy_secretary", "1", "5")
    assert row["superior"] == ""  # nobody is above a province here
    before = led.position - 5
    assert sogoc(*asked, "--known-at", str(before)).rows == []


def test_a_report_names_persons_only_with_a_purpose(led, town, sogoc, monkeypatch, tmp_path):
    monkeypatch.setenv("SOGOC_DATA", str(tmp_path))
    assert sogoc("migrate").code == 0  # keys of persons, too
    name = json.dumps({"id": str(PERSON), "name": "Lê Thị Thử"})
    entered = ("--on", "2025-07-01", "--reason", "thử")
    assert sogoc("people", "register", "-", *entered, stdin=name).code == 0
    asked = ("report", "RP-08", "--valid-at", "2025-07-10", "--headings", "name")
    assert "person_name" not in sogoc(*asked).rows[0]
    told = sogoc(*asked, "--purpose", "07-VV")
    assert "put on record" in told.err
    assert told.rows[0]["person_name"] == "Lê Thị Thử"
