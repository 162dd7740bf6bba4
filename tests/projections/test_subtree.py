"""Laying out anew one place and all that ever stood below it, and nothing else."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest
from psycopg.sql import SQL, Identifier

from domain.evaluation.parts import DueDates, Subject
from domain.evaluation.review import Review
from domain.leadership import Leadership, leadership_id
from domain.leadership.values import Post
from domain.unit import AdministrativeUnit
from projections.catalogue import VIEWS
from projections.engine.following import ViewOutdated, follow
from projections.engine.marks import namespace
from projections.organisations import ORGANISATIONS
from projections.rebuilding import subtree
from projections.rebuilding.subtree import below, rebuild_subtree
from projections.units import UNITS
from services.rulebook import rule_book
from tests.logs import DAYS, PaperLog, envelope, established
from tests.logs import UNITS as IDS
from tests.members import COMMUNES, MEMBERS, PROVINCES, written
from tests.projections.test_engine import ALL, digests

ROOT, CHILD, LOST = IDS
STANDING_ON = ("holdings", "seats", "bodies", "assignments", "memberships", "rounds", "reviews")
GRANDCHILD, STRANGER = (uuid5(NAMESPACE_URL, name) for name in ("grandchild", "stranger"))


@pytest.fixture
def log(connection, home) -> PaperLog:
    """CHILD stands below ROOT, and GRANDCHILD below CHILD; LOST did so until it moved away."""
    log = PaperLog()
    for id_ in (ROOT, CHILD, LOST, GRANDCHILD, STRANGER):
        established(log, id_)
    for id_, superior, day in (
        (CHILD, ROOT, DAYS[1]),
        (LOST, ROOT, DAYS[1]),
        (LOST, None, DAYS[2]),
        (GRANDCHILD, CHILD, DAYS[3]),
    ):
        node = log.node(id_)
        node.resubordinate(superior, envelope(day))
        log.record(node)
    follow(connection, home, log.source(), ALL)
    return log


def altered(connection, home, table: str, change: str, *ids) -> None:
    view, _, name = table.partition(".")
    statement = SQL(f"UPDATE {{}} SET {change} = ANY(%s)")
    where = statement.format(Identifier(namespace(home, view), name))
    assert connection.execute(where, [list(ids)]).rowcount


def test_the_log_knows_who_ever_stood_below(log):
    assert below(log, ROOT) == sorted([ROOT, CHILD, LOST, GRANDCHILD])
    assert below(log, CHILD) == sorted([CHILD, GRANDCHILD])
    assert below(log, STRANGER) == [STRANGER]
    assert below(log, uuid5(NAMESPACE_URL, "nobody")) == []


@pytest.mark.parametrize("portion", [1, 1000])
def test_rows_altered_by_hand_are_laid_out_anew(connection, home, log, monkeypatch, portion):
    monkeypatch.setattr(subtree, "STREAMS", portion)
    before = digests(connection, home)
    altered(connection, home, "units.spans", "name = 'Sai' WHERE unit_id", GRANDCHILD)
    altered(connection, home, "audit.lines", "documents = ARRAY['1-QĐ/X'] WHERE stream", LOST)
    done = rebuild_subtree(connection, home, log.source(), ALL, ROOT)
    assert [(each.view, each.streams, each.equal) for each in done] == [
        (view.name, 4, view.name not in ("units", "audit"))
        for view in ALL
        if AdministrativeUnit in view.aggregates
    ]
    assert not rebuild_subtree(connection, home, log.source(), [ORGANISATIONS], ROOT)
    assert digests(connection, home) == before
    cited = Identifier(namespace(home, "audit"), "citations")
    found = connection.execute(SQL("SELECT count(*) FROM {}").format(cited)).fetchone()
    assert found == (log.position(),)
    assert all(each.equal for each in rebuild_subtree(connection, home, log.source(), ALL, ROOT))


def test_rows_of_others_stay_as_they_are(connection, home, log):
    altered(connection, home, "units.spans", "name = 'Sai' WHERE unit_id", ROOT, STRANGER)
    altogether = digests(connection, home)["units"]
    done = rebuild_subtree(connection, home, log.source(), [UNITS], CHILD)
    assert done[0].equal
    assert digests(connection, home)["units"] == altogether
    assert not rebuild_subtree(connection, home, log.source(), [UNITS], ROOT)[0].equal
    spans = Identifier(namespace(home, "units"), "spans")
    wrong = connection.execute(SQL("SELECT unit_id FROM {} WHERE name = 'Sai'").format(spans))
    assert wrong.fetchall() == [(STRANGER,)]


def test_a_view_that_lags_is_laid_out_up_to_its_mark(connection, home, log):
    before = digests(connection, home)
    node = log.node(CHILD)
    node.rename("Tên mới", envelope(DAYS[5]))
    log.record(node)
    assert all(each.equal for each in rebuild_subtree(connection, home, log.source(), ALL, ROOT))
    assert digests(connection, home) == before
    follow(connection, home, log.source(), ALL)
    assert digests(connection, home) != before


def test_of_whom_the_log_does_not_know_nothing_is_done(connection, home, log):
    nobody = uuid5(NAMESPACE_URL, "nobody")
    assert not rebuild_subtree(connection, home, log.source(), ALL, nobody)


def test_what_stands_on_the_organisations_is_laid_out_with_them(connection, home):
    """Leaderships with assignments, memberships, and rounds that judged one of them."""
    log = written([])
    within = {*below(log, PROVINCES[0])}
    inside = next(c for c in COMMUNES if c in within)
    outside = next(c for c in COMMUNES if c not in within)
    for commune in (inside, outside):
        _led(log, commune)
    review = _judged(log, inside)
    members = [m for m in MEMBERS[:4] if _cells(log.node_or_none(m)) & within]
    assert 0 < len(members) < 4
    follow(connection, home, log.source(), ALL)
    before = digests(connection, home)
    mine = [leadership_id(inside), *members, review]
    for name in STANDING_ON:
        view = VIEWS[name]
        rows = Identifier(namespace(home, name), view.table)
        lost = SQL("DELETE FROM {} WHERE {} = ANY(%s)").format(rows, Identifier(view.stream))
        connection.execute(lost, [mine])
    assert all(digests(connection, home)[name] != before[name] for name in STANDING_ON)
    done = rebuild_subtree(connection, home, log.source(), ALL, PROVINCES[0])
    assert {each.view for each in done if not each.equal} == {*STANDING_ON}
    assert {each.streams for each in done} == {len(within) + len(mine)}
    assert digests(connection, home) == before
    assert "units" not in {each.view for each in done}


def _led(log: PaperLog, organisation_id: UUID) -> None:
    """A secretary, who answers for a part of it."""
    leadership, rules = Leadership.of(organisation_id), rule_book().on(DAYS[0])
    post, who = Post("executive_committee", "secretary"), uuid5(NAMESPACE_URL, "secretary")
    leadership.set_seats(post.body, post.post, 1, envelope(), rules)
    leadership.start_term((post.body,), "2025-2030", None, envelope(), rules)
    leadership.appoint(who, post, "vacancy", envelope(), rules)
    leadership.assign_member(who, "area", envelope(), target="Tổ 1")
    log.append(leadership)


def _judged(log: PaperLog, organisation_id: UUID) -> UUID:
    """A round that judges it."""
    review = Review.open(
        period="2025",
        decider_id=None,
        group="các xã",
        subjects_are="organisation",
        due=DueDates(),
        envelope=envelope(DAYS[3]),
        rules=rule_book().on(DAYS[3]),
    )
    review.list_subjects((Subject(organisation_id),), envelope(DAYS[3]))
    log.append(review)
    return review.id


def _cells(member: Any) -> set[UUID]:
    return {cell_id for cell_id, _, _ in member.places(date.min)}


def test_rows_of_another_version_are_left_alone(connection, home, log):
    mark = Identifier(namespace(home, "units"), "mark")
    connection.execute(SQL("UPDATE {} SET version = 99").format(mark))
    with pytest.raises(ViewOutdated):
        rebuild_subtree(connection, home, log.source(), ALL, ROOT)
