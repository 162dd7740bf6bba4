"""Members are judged where they are members: by the base committee above, or by their own place."""

from __future__ import annotations

import base64
from datetime import date

import pytest

from domain.award import Award, Grant
from domain.errors import InvalidValue, NotCompetent, NotFound
from domain.evaluation.chain import Chain, Year
from domain.evaluation.parts import Decision, DueDates, Subject
from domain.evaluation.recorded import recorded_chain
from domain.evaluation.review import Review
from domain.person import Person, Sealed
from services.rulebook import rule_book
from tests.domain.rounds import DECIDED, LATER, OPENED, B, C, Place, envelope, id_of

MEMBER, CELL = id_of("Đảng viên"), id_of("Cơ sở 1")
MET = ("all_tasks_done", "on_time_with_quality")
EMPTY = base64.b64encode(bytes(32)).decode()


@pytest.fixture
def place():
    place = Place(3)
    sealed = Sealed("none", 1, EMPTY, EMPTY, EMPTY)
    place.record(Person.register(MEMBER, sealed, envelope(OPENED)))
    return place


def opened_by(place, name):
    review = Review.open(
        period="2025",
        decider_id=id_of(name),
        group="đảng viên",
        subjects_are="person",
        due=DueDates(),
        envelope=envelope(OPENED, C, by=name),
        rules=rule_book().on(OPENED),
    )
    return place.checked(review)


def listed(place, name, subject=Subject(MEMBER, CELL)):  # noqa: B008
    review = opened_by(place, name)
    review.list_subjects([subject], envelope(OPENED, C, by=name))
    return place.checked(review)


@pytest.mark.parametrize("name", ["Xã", "Cơ sở 1"])
def test_the_committee_above_or_the_own_one_decides(place, name):
    review = listed(place, name)
    review.decide_levels([Decision(MEMBER, "good", 8000, MET)], envelope(by=name))
    assert place.checked(review).levels() == {MEMBER: "good"}


def test_another_committee_does_not(place):
    review = listed(place, "Cơ sở 2")
    review.decide_levels([Decision(MEMBER, "good", 8000, MET)], envelope(by="Cơ sở 2"))
    with pytest.raises(NotCompetent):
        place.checked(review)


def test_a_person_is_in_the_register_and_judged_somewhere(place):
    with pytest.raises(NotFound):
        listed(place, "Xã", Subject(id_of("Không có"), CELL))
    with pytest.raises(InvalidValue):
        opened_by(Place(1), "Xã").list_subjects([Subject(MEMBER)], envelope(OPENED, C))


def test_one_person_is_judged_in_each_place_where_it_has_a_post(place):
    listed(place, "Cơ sở 1")
    assert listed(place, "Cơ sở 2", Subject(MEMBER, id_of("Cơ sở 2"))).subjects()


def test_a_year_holds_when_every_place_gave_enough(place):
    enough, late = ["excellent", "good"], ("all_tasks_done", "few_tasks_late")

    def gaps():
        subject = Subject(MEMBER, CELL)
        return recorded_chain(subject, (2025,), "own-years", enough, LATER, place.around).gaps

    assert gaps() == (2025,)
    for name, level, met, still in (
        ("Cơ sở 1", "good", MET, ()),
        ("Cơ sở 2", "completed", late, (2025,)),
    ):
        review = listed(place, name, Subject(MEMBER, id_of(name)))
        review.decide_levels([Decision(MEMBER, level, 8000, met)], envelope(by=name))
        place.checked(review)
        assert gaps() == still


def test_a_members_own_base_committee_gives_a_certificate_and_no_flag(place):
    chain = Chain("own-years", "excellent", (Year(2025, True, (MEMBER,), ()),))

    def given(kind, by, on=DECIDED):
        grant = Grant(Subject(MEMBER, CELL), kind, "yearly", (2025,), None)
        rules = rule_book().on(on)
        return Award.decide_anew(
            id_of(f"{kind} {by}"), grant, chain, None, envelope(on, B, by=by), rules
        )

    assert place.checked(given("certificate", "Cơ sở 1")).state == "decided"
    assert place.checked(given("merit_certificate", "Tỉnh")).state == "decided"
    with pytest.raises(InvalidValue):
        given("flag", "Tỉnh")
    with pytest.raises(NotCompetent):
        place.checked(given("merit_certificate", "Cơ sở 1"))
    with pytest.raises(NotCompetent):
        place.checked(given("praise", "Tỉnh", date(2025, 12, 21)))
