"""A decision may take effect ahead; what happens on its day is recorded once it has happened."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from domain.errors import InvalidValue
from domain.evaluation.parts import Decision, LevelVotes, Roll
from domain.leadership.values import Ballot
from services.evaluation import DecideLevels, RecordVote, round_id
from services.leadership import Appoint, Elect, StartTerm
from services.membership import Admit, Expel, HoldCeremony, RecordDeath
from tests.services import membership
from tests.services import test_evaluation as evaluation

TODAY = date(2026, 3, 2)
TOMORROW = TODAY + timedelta(days=1)
SEAT: dict[str, Any] = {
    "person_id": membership.id_of("người Một"),
    "body": "executive_committee",
    "post": "member",
}


@pytest.fixture
def province(register):
    register.execute(*membership.organisations())
    register.execute(*(membership.entered(who, "chi bộ 1") for who in ("Một", "Hai", "Ba")))
    register.execute(
        StartTerm(
            organisation_id=membership.id_of("xã Đông"),
            envelope=membership.envelope(membership.JULY),
            bodies=("executive_committee",),
            name="2025-2030",
        )
    )
    register.today = lambda: TODAY
    return register


def refused(register, command, field="effective_on"):
    before = register.store.position()
    with pytest.raises(InvalidValue, match="has not come yet") as told:
        register.execute(command)
    assert told.value.facts["field"] == field
    assert register.store.position() == before


def elected(on):
    by = membership.by("xã Đông")
    of: dict[str, Any] = {
        "organisation_id": membership.id_of("xã Đông"),
        "by": "congress",
        "ballot": Ballot(on, 9, 9, 9, 9),
    }
    return Elect(envelope=membership.envelope(on, by), **SEAT, **of)


def test_nobody_was_elected_tomorrow(province):
    refused(province, elected(TOMORROW))
    assert province.execute(elected(TODAY)).events


def test_nobody_died_tomorrow(province):
    refused(province, RecordDeath(**membership.about("Một", TOMORROW)))
    assert province.execute(RecordDeath(**membership.about("Một", TODAY))).events


def test_who_is_expelled_or_appointed_may_be_so_from_tomorrow_on(province):
    of: dict[str, Any] = {"organisation_id": membership.id_of("xã Đông"), "occasion": "new"}
    ahead = Appoint(envelope=membership.envelope(TOMORROW), **SEAT, **of)
    assert province.execute(ahead).events
    assert province.execute(Expel(**membership.about("Hai", TOMORROW))).events


def test_the_cell_has_voted_before_somebody_is_admitted_and_the_ceremony_was_held(province):
    introducers = tuple(membership.id_of(f"người {who}") for who in ("Một", "Hai"))
    new: dict[str, Any] = {
        "person_id": membership.id_of("người Mới"),
        "cell_id": membership.id_of("chi bộ 1"),
    }

    def admitted(on, cell_decided_on):
        facts: dict[str, Any] = {"cell_decided_on": cell_decided_on, "introducer_ids": introducers}
        return Admit(**membership.about("Mới", on), **new, **facts)

    refused(province, admitted(date(2026, 4, 1), TOMORROW), "cell_decided_on")
    assert province.execute(admitted(date(2026, 3, 1), TODAY - timedelta(days=9))).events
    refused(province, HoldCeremony(**membership.about("Mới", TOMORROW)))


def test_nobody_voted_or_decided_on_a_level_tomorrow(register):
    base, group = evaluation.id_of(evaluation.BASES[0]), evaluation.GROUP
    register.execute(
        evaluation.founded("Tỉnh", "province", None),
        evaluation.founded("Huyện", "district", "Tỉnh"),
        evaluation.founded(evaluation.BASES[0], "base_committee", "Huyện"),
    )
    opening = (date(2025, 12, 1), "2025", group, evaluation.BASES[0])
    register.execute(*evaluation.open_round("Huyện", *opening))
    register.today = lambda: TODAY
    round_ = round_id("2025", evaluation.id_of("Huyện"), group)

    def by(on):
        return {"id": round_, "envelope": evaluation.envelope(on, "Huyện")}

    roll, votes = Roll(10, 0, 0, 10), (LevelVotes("good", 10),)
    refused(register, RecordVote(**by(TOMORROW), subject_id=base, roll=roll, votes=votes))
    levels = (Decision(base, "not_completed", hundredths=1000),)
    refused(register, DecideLevels(**by(TOMORROW), decisions=levels))
    assert register.execute(DecideLevels(**by(TODAY), decisions=levels)).events
