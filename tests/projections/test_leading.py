"""Holders and seats as rows: what folding the stream by hand says, on every day as known then."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as whenever
from hypothesis import strategies as st

from domain.leadership import Leadership, leadership_id
from projections.assignments import ASSIGNMENTS, Assignments
from projections.bodies import BODIES, Bodies
from projections.catalogue import VIEWS
from projections.engine.following import follow
from projections.engine.layout import lay_out
from projections.holdings import HOLDINGS, Holdings
from projections.point import Point
from projections.seats import SEATS, SeatPlans
from services.record import to_event
from tests.leading import ORGANISATION, PEOPLE, POSTS, leadership_at, logs, written_log
from tests.logs import DAYS, PaperLog
from tests.projections.test_known import within

ASKED = [day + timedelta(days=n) for day in DAYS for n in (-1, 0, 1)]
BEFORE_ALL = DAYS[0] - timedelta(days=2)


def rows(log: PaperLog, view: Any) -> list[dict[str, Any]]:
    history = log.histories([leadership_id(ORGANISATION)])
    laid = lay_out(history, to_event, {view: 0})
    return [dict(zip(view.columns, row, strict=True)) for c in laid.values() for row in c.added]


def at(found: list[dict[str, Any]], day: date, known_at: int) -> list[dict[str, Any]]:
    return [
        row
        for row in found
        if within(row["valid"], day.isoformat()) and within(row["known"], str(known_at))
    ]


def holders(leadership: Leadership, day: date) -> set[tuple[Any, ...]]:
    """By hand: each holding's tenures, and whether the day lies in one."""
    return {
        (t.holding.id, t.holding.person_id, t.holding.body, t.holding.post, t.state, t.approval)
        for holding in leadership.holdings.values()
        for t in leadership.tenures(holding)
        if t.first <= day and (t.after is None or day < t.after)
    }


def seats(leadership: Leadership, body: str, post: str, day: date) -> tuple[int, int] | None:
    """By hand: (seats, those filled) on a day."""
    plan = leadership.seats.get((body, post))
    closed = leadership.closed_on()
    planned = plan.at(day) if plan else None
    if planned is None or (closed is not None and closed <= day):
        return None
    filled = [t for t in leadership.holders(body, post, day) if t.state != "acting"]
    return planned.number, len(filled)


def vacant_since(leadership: Leadership, body: str, post: str, day: date) -> date | None:
    """By hand: back day by day as long as a seat was vacant."""
    since = None
    while day > BEFORE_ALL:
        found = seats(leadership, body, post, day)
        if found is None or found[1] >= found[0]:
            return since
        since, day = day, day - timedelta(days=1)
    return since


@whenever(log=logs, day=st.sampled_from(ASKED))
def test_rows_say_of_every_day_and_position_who_holds_what(log, day):
    found = rows(log, HOLDINGS)
    for known_at in range(log.position() + 1):
        said = {
            (r["holding_id"], r["person_id"], r["body"], r["post"], r["state"], r["approval"])
            for r in at(found, day, known_at)
        }
        assert said == holders(leadership_at(log, known_at), day)


@whenever(log=logs, day=st.sampled_from(ASKED))
def test_rows_say_of_every_day_and_position_which_seats_are_vacant_and_since_when(log, day):
    found = rows(log, SEATS)
    for known_at in range(log.position() + 1):
        leadership = leadership_at(log, known_at)
        for body, post in POSTS:
            told = [r for r in at(found, day, known_at) if (r["body"], r["post"]) == (body, post)]
            expected = seats(leadership, body, post, day)
            assert [(r["number"], r["filled"]) for r in told] == ([expected] if expected else [])
            since = vacant_since(leadership, body, post, day)
            assert [r["vacant_since"] for r in told] == ([since] if expected else [])


@whenever(log=logs, day=st.sampled_from(ASKED))
def test_rows_say_of_every_day_and_position_what_term_and_regulations_a_body_has(log, day):
    found = rows(log, BODIES)
    for known_at in range(log.position() + 1):
        leadership = leadership_at(log, known_at)
        closed = leadership.closed_on()
        expected = {}
        for body in {body for body, _ in POSTS} if closed is None or day < closed else ():
            term, line = leadership.term_on(body, day), leadership.regulations.get(body)
            issued = line.at(day) if line else None
            if term or issued:
                expected[body] = (term and term.value, issued and issued.document.number)
        told = {
            r["body"]: (r["term"], r["number"])
            for r in at(found, day, known_at)
            if r["term"] or r["number"]
        }
        assert told == expected


@whenever(log=logs, day=st.sampled_from(ASKED))
def test_rows_say_of_every_day_and_position_what_members_answer_for(log, day):
    found = rows(log, ASSIGNMENTS)
    for known_at in range(log.position() + 1):
        leadership = leadership_at(log, known_at)
        expected = {
            (a.id, a.person_id, a.target)
            for a in leadership.assignments.values()
            for served in leadership.served(a)
            if served.first <= day and (served.after is None or day < served.after)
        }
        told = at(found, day, known_at)
        assert {(r["assignment_id"], r["person_id"], r["target"]) for r in told} == expected


@pytest.fixture(params=[1, 2, 3])
def led(request, connection, home):
    """A log of 120 wishes, followed a few events at a time."""
    log = written_log(seed=request.param)
    follow(connection, home, log.source(), list(VIEWS.values()), batch=7)
    return log


def test_questions_to_the_views_are_answered_as_folding_answers(connection, home, led):
    asking, plans = Holdings(connection, home), SeatPlans(connection, home)
    vacancies = 0
    for known_at in range(0, led.position() + 1, 5):
        leadership = leadership_at(led, known_at)
        for day in DAYS:
            point = Point(day, known_at)
            held = asking.of_organisation(ORGANISATION, point)
            expected = holders(leadership, day)
            assert {
                (h.holding_id, h.person_id, h.body, h.post, h.state, h.approval) for h in held
            } == expected
            by_people = [h for person in PEOPLE for h in asking.of_person(person, point)]
            assert sorted(by_people, key=repr) == sorted(held, key=repr)
            vacant = {(v.body, v.post): v.vacant_since for v in plans.vacancies(point)}
            vacancies += len(vacant)
            assert vacant == {
                seat: since
                for seat in POSTS
                if (since := vacant_since(leadership, *seat, day)) is not None
            }
    assert vacancies


def test_bodies_and_assignments_are_answered_as_folding_answers(connection, home, led):
    bodies, assigned = Bodies(connection, home), Assignments(connection, home)
    for known_at in range(0, led.position() + 1, 9):
        leadership = leadership_at(led, known_at)
        for day in DAYS:
            point = Point(day, known_at)
            terms = {b.body: b.term for b in bodies.of_organisation(ORGANISATION, point) if b.term}
            closed = leadership.closed_on()
            running = {body: leadership.term_on(body, day) for body, _ in POSTS}
            stands = closed is None or day < closed
            assert terms == {body: t.value for body, t in running.items() if t and stands}
            found = {a.assignment_id for a in assigned.of_organisation(ORGANISATION, point)}
            everyone = [a for person in PEOPLE for a in assigned.of_person(person, point)]
            assert found == {a.assignment_id for a in everyone}


def test_a_post_has_a_history(connection, home, led):
    asking = Holdings(connection, home)
    known_at = led.position()
    for body, post in POSTS:
        told = asking.history_of_post(ORGANISATION, body, post, known_at)
        assert [h.valid_from for h in told] == sorted(h.valid_from for h in told)
        for day in DAYS:
            on_day = {h.holding_id for h in told if h.valid_from <= day and _reaches(h, day)}
            point = Point(day, known_at)
            at_day = asking.of_organisation(ORGANISATION, point)
            assert on_day == {h.holding_id for h in at_day if (h.body, h.post) == (body, post)}


def _reaches(held: Any, day: date) -> bool:
    return held.valid_to is None or day < held.valid_to


def test_nobody_is_known_where_nothing_was_recorded(connection, home, led):
    stranger, point = UUID(int=5), Point(DAYS[-1], led.position())
    assert Holdings(connection, home).of_organisation(stranger, point) == []
    assert SeatPlans(connection, home).vacancies(point, under=stranger) == []
