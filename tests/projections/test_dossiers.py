"""Dossiers as the views tell them: how far each has come, and a line for each act."""

from __future__ import annotations

from datetime import date
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest

from domain.dossier.dossier import PORTION, Dossier
from domain.dossier.outcome import Outcome, Settled
from domain.dossier.tables import Before, Decision, Heading, Tables
from domain.envelope import Actor
from projections.audit import Audit, AuditFilters
from projections.catalogue import VIEWS
from projections.dossiers import DossierFilters, Dossiers
from projections.engine.following import follow
from projections.rebuilding.rebuild import rebuild
from projections.words import sentence
from tests.logs import DAYS, PaperLog, envelope
from tests.projections.test_engine import digests

ID, OTHER = (uuid5(NAMESPACE_URL, f"dossier/{n}") for n in range(2))
DAY = DAYS[5]
MANY = 2 * PORTION + 7
HEADING = Heading("Hồ sơ sắp xếp Bình Yên", DAY, "thu/1", scope="25", parts=("thu/2", "thu/3"))
TABLES = Tables(
    decisions=(Decision(1, "nq"),),
    before=tuple(Before(row, "unit", f"{row:05}") for row in range(1, MANY + 1)),
)
OUTCOME = Outcome(3, "5d" * 32, 2, 1, ())
MATTERS = (
    Settled("members", UUID(int=1), UUID(int=2), None, "default_successor", UUID(int=3)),
    Settled("members", UUID(int=1), UUID(int=4), None, "default_successor", UUID(int=3)),
    Settled("cases", UUID(int=1), None, "số 4/2025", "by_hand", UUID(int=3)),
)
APPROVER = envelope(actor=Actor("chief-1", "trưởng ban"))


@pytest.fixture
def log(connection, home) -> PaperLog:
    """Drawn up (1 to 4), checked (5), approved (6), scheduled (7); another one drawn up (8, 9)."""
    log = PaperLog()
    dossier = Dossier.drawn_up(ID, HEADING, TABLES, envelope())
    dossier.pass_check(4, OUTCOME, envelope())
    dossier.approve(OUTCOME.digest, APPROVER)
    dossier.set_due(DAYS[4], APPROVER)
    log.append(dossier)
    other = Heading("Đề án Bình An", DAYS[6], "thu/2")
    log.append(Dossier.drawn_up(OTHER, other, Tables(decisions=(Decision(1, "nq"),)), envelope()))
    tell(connection, home, log)
    return log


def tell(connection, home, log) -> None:
    follow(connection, home, log.source(), list(VIEWS.values()))


def test_a_rebuild_says_of_dossiers_what_following_said(postgres, connection, home, log):
    before = digests(connection, home)["dossiers"]
    assert before.count > 7  # a state for each act of the first, one of the other
    rebuilt = rebuild(postgres.dsn, home, log.source(), VIEWS["dossiers"])
    assert rebuilt.switched
    assert digests(connection, home)["dossiers"] == before


@pytest.fixture
def dossiers(connection, home, log) -> Dossiers:
    return Dossiers(connection, home)


@pytest.fixture
def audit(connection, home, log) -> Audit:
    return Audit(connection, home)


def carried_out(connection, home, log) -> None:
    """Handed over (10), carried out (11): the three events before these are its own."""
    dossier = log.node_or_none(ID)
    dossier.carry_out(OUTCOME, MATTERS, envelope())
    log.append(dossier)
    tell(connection, home, log)


@pytest.mark.parametrize(
    ("known", "state"),
    [(1, "drafted"), (4, "drafted"), (5, "checked"), (6, "approved"), (7, "scheduled")],
)
def test_a_dossier_is_in_the_state_that_was_known(dossiers, known, state):
    found = dossiers.one(ID, known)
    assert (found.state, found.title, found.key) == (state, HEADING.title, "thu/1")
    assert found.approver_id == ("chief-1" if known > 5 else None)
    assert found.digest == (OUTCOME.digest if known > 4 else None)


def test_it_says_what_it_is_about_and_what_it_comes_to(dossiers):
    found = dossiers.one(ID, 9)
    assert (found.effective_on, found.scope, found.parts) == (DAY, "25", ["thu/2", "thu/3"])
    assert (found.rows, found.drafter_id, found.due_on) == (MANY + 1, "clerk-1", DAYS[4])
    assert (found.checked_at, found.operations, found.events, found.warnings) == (4, 2, 3, 1)
    assert (found.carried_out_at, found.first_position, found.corrections) == (None, None, 0)
    assert (found.known_from, found.known_to) == (7, None)


def test_nothing_is_known_before_it_is_drawn_up_nor_of_another(dossiers):
    assert dossiers.one(ID, 0) is None
    assert dossiers.one(UUID(int=9), 9) is None


def test_what_it_did_stands_between_two_positions(connection, home, log, dossiers):
    carried_out(connection, home, log)
    found = dossiers.one(ID, 11)
    assert (found.state, found.carried_out_at, found.first_position) == ("carried_out", 11, 7)
    [done] = log.node_or_none(ID).own_positions()
    assert done == range(7, 10)
    assert dossiers.one(ID, 10).carried_out_at is None


def test_a_correction_stands_in_its_own_place(connection, home, log, dossiers):
    carried_out(connection, home, log)
    dossier, right = log.node_or_none(ID), Outcome(2, "6e" * 32, 2, 0, ())
    dossier.draw_up_anew(HEADING, Tables(decisions=(Decision(1, "nq"),)), envelope())
    dossier.pass_check(11, right, envelope())
    dossier.approve(right.digest, APPROVER)
    dossier.carry_out(right, (), envelope(reason="sai số liệu"))
    log.append(dossier)  # 12 to 16
    tell(connection, home, log)
    found = dossiers.one(ID, 16)
    assert (found.state, found.corrections, found.rows) == ("corrected", 1, 1)
    assert (found.first_position, found.carried_out_at) == (14, 16)
    assert dossiers.one(ID, 13).carried_out_at == 11


def test_a_key_is_borne_until_its_dossier_is_withdrawn(connection, home, log, dossiers):
    assert dossiers.by_key("thu/2", 9).dossier_id == OTHER
    other = log.node_or_none(OTHER)
    other.withdraw(DAYS[0], envelope(reason="chưa đủ hồ sơ"))
    log.append(other)
    tell(connection, home, log)
    assert dossiers.by_key("thu/2", 10) is None
    assert dossiers.by_key("thu/2", 9).state == "drafted"
    assert dossiers.counts(10) == {"scheduled": 1, "withdrawn": 1}


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (DossierFilters(), [ID, OTHER]),
        (DossierFilters(state="scheduled"), [ID]),
        (DossierFilters(state="checked"), []),
        (DossierFilters(effective_on=DAYS[6]), [OTHER]),
        (DossierFilters(scope="25"), [ID]),
        (DossierFilters(q="binh"), [ID, OTHER]),
        (DossierFilters(q="DE AN"), [OTHER]),
        (DossierFilters(q="Bình Yên", effective_on=DAYS[6]), []),
    ],
)
def test_dossiers_can_be_asked_for(dossiers, filters, found):
    assert [each.dossier_id for each in dossiers.many(9, filters)] == found


def test_a_page_goes_on_where_the_last_one_ended(dossiers):
    [first] = dossiers.many(9, limit=1)
    [second] = dossiers.many(9, after=(first.effective_on, first.dossier_id))
    assert (first.dossier_id, second.dossier_id) == (ID, OTHER)
    assert dossiers.many(9, after=(second.effective_on, OTHER)) == []


# In the trail


def test_thousands_of_rows_are_one_line_that_counts_them(audit):
    line = audit.lines(AuditFilters(positions=[2]))[0]
    counts = {"decisions": 1, "before": PORTION - 1}
    told = {"field": "tables", "from": None, "to": counts, "on": DAYS[0].isoformat()}
    assert line.changes == [told]
    assert line.name == HEADING.title
    assert "ghi nội dung hồ sơ; số dòng: trước sắp xếp 1499, quyết định 1 " in sentence(line, "vi")


def test_every_act_is_told(connection, home, log, audit):
    carried_out(connection, home, log)
    lines = {line.position: line for line in audit.lines(AuditFilters(subject=ID))}
    assert list(lines) == [1, 2, 3, 4, 5, 6, 7, 10, 11]
    assert "lập hồ sơ sắp xếp; hồ sơ: ký hiệu hồ sơ thu/1, " in told(lines[1])
    came_to = f"mã kết quả {OUTCOME.digest}, bản ghi 3, cảnh báo 1, thao tác 2 "
    assert f"kiểm tra hồ sơ; đối chiếu tại bản ghi số: 4; kết quả: {came_to}" in told(lines[5])
    assert "phê duyệt hồ sơ; mã kết quả" in told(lines[6])
    assert f"lên lịch thực hiện; thời hạn: {date(2025, 8, 30):%d/%m/%Y}" in told(lines[7])
    assert "bàn giao; đã bàn giao: vụ việc 1, đảng viên 2 " in told(lines[10])
    assert lines[10].mentions == [UUID(int=n) for n in (1, 3)]
    assert "carried out; outcome: digest" in sentence(lines[11], "en")


def told(line) -> str:
    return sentence(line, "vi")
