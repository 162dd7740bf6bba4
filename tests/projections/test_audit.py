"""The trail: a line for every event, whom it can be asked for, and its words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from domain.leadership import Leadership, leadership_id
from domain.legal_basis import LegalBasis
from domain.lineage import Successor
from projections.audit import Audit, AuditFilters
from projections.catalogue import VIEWS
from projections.engine.following import follow
from projections.words import entry, sentence
from services.record import to_event
from services.rulebook import rule_book
from tests.logs import (
    BASIS,
    DAYS,
    ORGANISATIONS,
    UNITS,
    PaperLog,
    envelope,
    established,
    written_log,
)
from tests.projections.test_engine import emptied

A, B, C = ORGANISATIONS
PERSON = UUID("01980000-0000-7000-8000-00000000002a")
UNNUMBERED = (
    (LegalBasis(None, issuer="Tỉnh ủy"),),
    (*BASIS, LegalBasis(None, title="Về việc đổi tên")),
    BASIS,
)


@pytest.fixture
def log(connection, home):
    """A, B, C come to be (1-3); A goes under B (4) and is renamed (5); that was wrong (6)."""
    log = PaperLog()
    for id_ in ORGANISATIONS:
        established(log, id_)
    a = log.node(A)
    a.resubordinate(B, envelope(DAYS[1], correlation_id="sắp xếp 2025"))
    a.rename("Đảng bộ Bình Minh", envelope(DAYS[2], actor=envelope().actor))
    a = log.record(a)
    a.rename("Đảng bộ Bình An", envelope(DAYS[3], voids=5))
    log.record(a)
    follow(connection, home, log.source(), list(VIEWS.values()))
    return log


@pytest.fixture
def audit(connection, home, log):
    return Audit(connection, home)


def positions(lines):
    return [line.position for line in lines]


def test_every_event_has_its_line_in_order(connection, home):
    log = written_log(120)
    follow(connection, home, log.source(), list(VIEWS.values()), batch=7)
    lines = Audit(connection, home).lines(limit=10_000)
    assert positions(lines) == list(range(1, log.position() + 1))
    for line, recorded in zip(lines, log.events, strict=True):
        event = to_event(recorded.topic, recorded.state, recorded.id)
        assert (line.stream, line.event_type) == (event.originator_id, recorded.topic)
        assert (line.effective_on, line.voids) == (event.effective_on, event.envelope.voids)
        assert line.recorded_at == recorded.recorded_at
        for language in ("vi", "en"):
            assert sentence(line, language).endswith(f"({BASIS[0].number}, {line.authority_name}).")
    voided = {line.position: line.voided_by for line in lines if line.voided_by}
    assert voided == {line.voids: line.position for line in lines if line.voids}


def test_a_line_says_what_changed(audit):
    line = audit.lines(AuditFilters(subject=A))[1]
    change = {"field": "superior_id", "from": None, "to": str(B), "on": DAYS[1].isoformat()}
    assert line.changes == [change]


def test_a_correction_says_what_it_takes_back_and_what_the_values_became(audit):
    line = audit.lines(after=5)[0]
    assert line.voids == 5
    back = {"field": "name", "from": "Đảng bộ Bình Minh", "to": "Ba Đình", "on": str(DAYS[2])}
    right = {
        "field": "name",
        "from": "Đảng bộ Bình Minh",
        "to": "Đảng bộ Bình An",
        "on": str(DAYS[3]),
    }
    assert line.changes == [back, right]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (AuditFilters(subject=A), [1, 4, 5, 6]),
        (AuditFilters(correlation_id="sắp xếp 2025"), [4]),
        (AuditFilters(event_types=["party-organisation.renamed"]), [5, 6]),
        (AuditFilters(actor_id="clerk-1", known_at=2), [1, 2]),
        (AuditFilters(actor_id="clerk-2"), []),
        (AuditFilters(document=BASIS[0].number, known_at=1), [1]),
        (AuditFilters(document="13-QĐ/TU"), []),
        (AuditFilters(categories=["unit"]), []),
        (AuditFilters(effective_from=DAYS[1], effective_to=DAYS[3]), [4, 5]),
        (AuditFilters(recorded_from=datetime(2026, 1, 1, 0, 2, tzinfo=UTC)), [6]),
        (AuditFilters(recorded_to=datetime(2026, 1, 1, 0, 1, tzinfo=UTC)), [1, 2]),
        (AuditFilters(under=B), [2, 4, 5, 6]),
        (AuditFilters(under=C), [3]),
    ],
)
def test_lines_can_be_asked_for(audit, filters, found):
    assert positions(audit.lines(filters)) == found
    assert positions(audit.lines(filters, newest_first=True)) == found[::-1]
    if found:
        assert positions(audit.lines(filters, after=found[0])) == found[1:]
        assert positions(audit.lines(filters, after=found[-1], newest_first=True)) == found[-2::-1]


def test_what_is_taken_back_altogether_stays_in_the_trail_of_its_superior(
    connection, home, audit, log
):
    a = log.node(A)
    a.void(envelope(DAYS[1], voids=4))
    log.record(a)
    follow(connection, home, log.source(), list(VIEWS.values()))
    assert positions(audit.lines(AuditFilters(under=B))) == [2, 4, 5, 6, 7]


def test_an_ending_is_in_the_trail_of_the_superior_it_left(connection, home, audit, log):
    a = log.node(A)
    a.end("merger", [Successor(C, "whole", True)], envelope(DAYS[5]))
    log.record(a)
    follow(connection, home, log.source(), list(VIEWS.values()))
    assert positions(audit.lines(AuditFilters(under=B), after=6)) == [7]
    a = log.node(A)
    a.end("conversion", [Successor(C, "whole", True)], envelope(DAYS[5], voids=7))
    log.record(a)
    follow(connection, home, log.source(), list(VIEWS.values()))
    assert positions(audit.lines(AuditFilters(under=B), after=6)) == [7, 8]


def test_the_trail_in_words(connection, home, audit, log):
    a = log.node(A)
    a.end("merger", [Successor(C, "whole", True)], envelope(DAYS[5]))
    a = log.record(a)
    a.void(envelope(DAYS[5], voids=7))
    log.record(a)
    head = follow(connection, home, log.source(), list(VIEWS.values()))
    lines = audit.lines(after=3)
    names = audit.names(lines, head)
    assert names == {str(B): "Ba Đình", str(C): "Ba Đình"}
    basis = "(12-QĐ/TU, Ban Thường vụ Tỉnh ủy)."
    assert [sentence(line, "vi", names) for line in lines] == [
        f"16/07/2025: Ba Đình - chuyển về trực thuộc; trực thuộc: Ba Đình {basis}",
        "31/07/2025: Đảng bộ Bình Minh - đổi tên; đã bị bản ghi số 6 thu hồi; "
        f"tên: “Ba Đình” → “Đảng bộ Bình Minh” {basis}",
        "15/08/2025: Đảng bộ Bình An - đổi tên; thu hồi bản ghi số 5; "
        "tên [31/07/2025]: “Đảng bộ Bình Minh” → “Ba Đình”; "
        f"tên: “Đảng bộ Bình Minh” → “Đảng bộ Bình An” {basis}",
        "14/09/2025: Đảng bộ Bình An - kết thúc hoạt động; đã bị bản ghi số 8 thu hồi; "
        f"hình thức: hợp nhất, sáp nhập; bên tiếp nhận: Ba Đình (toàn bộ) {basis}",
        "14/09/2025: Đảng bộ Bình An - hủy bỏ nội dung đã ghi; thu hồi bản ghi số 7; "
        "hoạt động: không → có; hình thức: hợp nhất, sáp nhập → không; "
        f"bên tiếp nhận: Ba Đình (toàn bộ) → không {basis}",
    ]
    assert sentence(lines[3], "en", names) == (
        "2025-09-14: Đảng bộ Bình An - ceased to exist; taken back by record 8; "
        f"way: merger; successors: Ba Đình (whole) {basis}"
    )


def test_a_document_whose_number_is_not_known_is_flagged_and_told(connection, home, audit, log):
    for n, basis in enumerate(UNNUMBERED):
        b = log.node(B)
        b.rename(f"Đảng bộ số {n}", envelope(DAYS[n + 1], basis=basis))
        log.record(b)
    follow(connection, home, log.source(), list(VIEWS.values()))
    flagged = audit.lines(AuditFilters(number_unknown=True))
    assert positions(flagged) == [7, 8]
    assert positions(audit.lines(AuditFilters(number_unknown=False))) == [1, 2, 3, 4, 5, 6, 9]
    assert [line.documents for line in flagged] == [[], ["12-QĐ/TU"]]
    sentences = [sentence(line, language) for line in flagged for language in ("vi", "en")]
    by = "Ban Thường vụ Tỉnh ủy"
    assert [told.rpartition(" (")[2] for told in sentences] == [
        f"số chưa rõ: Tỉnh ủy, {by}).",
        f"number not known: Tỉnh ủy, {by}).",
        f"12-QĐ/TU, số chưa rõ: Về việc đổi tên, {by}).",
        f"12-QĐ/TU, number not known: Về việc đổi tên, {by}).",
    ]


def test_a_document_is_found_wherever_it_is_named_and_after_the_trail_was_emptied(
    connection, home, audit, log
):
    b = log.node(B)
    b.rename("Đảng bộ khác", envelope(DAYS[1], basis=(*BASIS, LegalBasis("13-QĐ/TU"), *BASIS)))
    log.record(b)
    for _ in range(2):
        follow(connection, home, log.source(), list(VIEWS.values()))
        assert positions(audit.lines(AuditFilters(document="13-QĐ/TU"))) == [7]
        assert positions(audit.lines(AuditFilters(document="12-QĐ/TU"), after=5)) == [6, 7]
        emptied(connection, home)
        assert audit.lines(AuditFilters(document="12-QĐ/TU")) == []


def test_what_never_had_a_name_on_that_day_is_called_by_the_nearest(connection, home, audit, log):
    c = log.node(C)
    c.void(envelope(DAYS[0], voids=3))
    log.record(c)
    c = log.node(C)
    c.correct_establishment(
        way="new",
        kind="cell",
        name="Chi bộ Một",
        superior_id=None,
        unit_id=None,
        setting=None,
        codes=(),
        envelope=envelope(DAYS[4]),
        rules=rule_book().on(DAYS[4]),
    )
    log.record(c)
    follow(connection, home, log.source(), list(VIEWS.values()))
    assert [line.name for line in audit.lines(after=6)] == ["Ba Đình", "Chi bộ Một"]


def test_an_entry_has_its_number_and_says_who_recorded_it_and_when(audit):
    line = audit.lines()[0]
    assert entry(line, "vi", "Việc này.") == (
        "Bản ghi số 1 - Việc này. Ghi bởi clerk-1 (văn thư), 07:00:00 01/01/2026."
    )
    assert entry(replace(line, actor_post=None), "en", "This.") == (
        "Record 1 - This. Recorded by clerk-1, 2026-01-01 07:00:00+07:00."
    )


def test_units_are_told_apart(connection, home):
    log = PaperLog()
    established(log, UNITS[0])
    follow(connection, home, log.source(), list(VIEWS.values()))
    (line,) = Audit(connection, home).lines(AuditFilters(categories=["unit"]))
    assert (line.category, line.name) == ("unit", "Ba Đình")
    fields = [change["field"] for change in line.changes]
    assert fields == ["is_active", "name", "type", "code.nso", "way"]


@pytest.fixture
def led(connection, home, log):
    """Somebody is appointed to lead A (7), under B; that is taken back (8) and told of C (9)."""
    somebody = {"person_id": PERSON, "body": "executive_committee", "post": "secretary"}
    for id_ in (A, C):
        leadership = Leadership.of(id_)
        said = {"holding_id": UUID(int=7), "occasion": "new", **somebody}
        leadership.happen(Leadership.Appointed, envelope(DAYS[5]), **said)
        leadership = log.record(leadership)
        if id_ == A:
            leadership.void(envelope(DAYS[5], voids=7))
            log.record(leadership)
    return follow(connection, home, log.source(), list(VIEWS.values()))


def test_whoever_is_mentioned_has_the_line_in_the_trail(audit, led):
    def trail(**asked):
        return positions(audit.lines(AuditFilters(**asked), after=6))

    assert trail(subject=leadership_id(A)) == [7, 8]
    assert trail(subject=A) == [7, 8]
    assert trail(subject=C) == [9]
    assert trail(subject=PERSON) == [7, 9]
    assert trail(subject=PERSON, document="12-QĐ/TU") == [7, 9]
    assert trail(subject=PERSON, document="13-QĐ/TU") == []
    assert trail(under=B) == [7, 8]
    assert trail(subject=PERSON, categories=["leadership"]) == [7, 9]
    assert audit.lines(AuditFilters(subject=PERSON), newest_first=True)[0].position == 9


def test_what_is_about_no_node_is_told_as_the_event_says_it(audit, led):
    lines = audit.lines(after=6)
    names = audit.names(lines, led)
    basis = "(12-QĐ/TU, Ban Thường vụ Tỉnh ủy)."
    somebody = "nhân sự: người 0000002a; chức vụ: executive_committee.secretary; trường hợp:"
    assert [sentence(line, "vi", names) for line in lines] == [
        f"14/09/2025: Đảng bộ Bình An - chỉ định; đã bị bản ghi số 8 thu hồi; {somebody} "
        f"thành lập mới {basis}",
        "14/09/2025: Đảng bộ Bình An - hủy bỏ nội dung đã ghi; thu hồi bản ghi số 7; "
        "nhân sự: người 0000002a → không; chức vụ: executive_committee.secretary → không; "
        f"trường hợp: thành lập mới → không {basis}",
        f"14/09/2025: Ba Đình - chỉ định; {somebody} thành lập mới {basis}",
    ]
    post = {"post=executive_committee.secretary": "Bí thư", str(PERSON): "Lê Thị Thử"}
    assert "nhân sự: Lê Thị Thử; chức vụ: Bí thư;" in sentence(lines[2], "vi", names | post)
    assert "person: người 0000002a; post: executive_committee.secretary; occasion: new" in sentence(
        lines[2], "en", names
    )


def test_what_is_taken_away_from_the_trail_mentions_nobody(connection, home, audit, led):
    emptied(connection, home)
    assert audit.lines(AuditFilters(subject=PERSON)) == []
