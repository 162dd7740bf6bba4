"""Every event there ever was can be told in words, with official terms and nobody's name."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.leadership import Leadership
from projections.audit import AUDIT, Line, Lines
from services.record import to_event
from services.telling import told

STORED = sorted((Path(__file__).parents[1] / "log").glob("*.json"))


def line_of(event: Any, aggregate: Any = None) -> Line:
    """The line of an event that comes after what is folded."""
    lines = Lines(0)
    lines.before(event, aggregate)
    lines.after(event, event.mutate(aggregate))
    [row] = lines.changes(0).added
    values: dict[str, Any] = dict(zip(AUDIT.columns, row, strict=True))
    values["effective_on"] = date.fromisoformat(values["effective_on"])
    values["recorded_at"] = datetime.fromisoformat(values["recorded_at"])
    read = {name: json.loads(values[name]) for name in ("basis", "changes")}
    return Line(**(values | read), voided_by=None)


def stored(topic: str, position: int = 1) -> Any:
    [file] = [each for each in STORED if each.name == f"{topic}.v1.json"]
    return to_event(topic, file.read_bytes(), position)


@pytest.mark.parametrize("file", STORED, ids=lambda file: file.stem)
def test_every_event_is_told(file):
    record = file.read_bytes()
    line = line_of(to_event(json.loads(record)["type"], record, 7))
    for language in ("vi", "en"):
        sentence = told(line, language)
        assert sentence.endswith(f"{line.authority_name}).")
        assert "None" not in sentence
        assert "holding" not in sentence


def test_who_leaves_is_told_with_the_posts_that_are_left():
    seated = stored("leadership.appointed")
    leadership = seated.mutate(None)
    assert isinstance(leadership, Leadership)
    somebody = "nhân sự: người 000000a1"
    assert f"; {somebody}; chức vụ: bí thư; lý do: hồ sơ gốc" in told(
        line_of(stored("leadership.relieved", 2), leadership), "vi"
    )
    leadership = stored("leadership.elected").mutate(None)
    approved = told(line_of(stored("leadership.election-approved", 2), leadership), "vi")
    assert "; nhân sự và chức vụ: người 000000a1 – bí thư; lý do: " in approved


JUDGED = [UUID(int=number) for number in range(1, 31)]


def decided() -> Line:
    """Thirty are judged by one decision."""
    line = line_of(stored("review.levels-decided"))
    met = {"level": "good", "conditions": ["all_tasks_done"], "hundredths": 7820}
    [change] = [each for each in line.changes if each["field"] == "decisions"]
    to = [met | {"subject_id": str(each)} for each in JUDGED]
    return replace(line, changes=[change | {"to": to}], basis=[CITED], reason="họp ngày 20/12")


CITED = {"number": "12-QĐ/TU", "issuer": None, "title": None, "signatory": "Phó Bí thư"}


def test_of_a_long_list_it_tells_what_regards_whom_one_asks_about():
    called = {str(JUDGED[20]): "Đảng bộ xã Bình An"}
    asked = told(decided(), "vi", called, JUDGED[20])
    judged = "mức xếp loại hoàn thành tốt nhiệm vụ, điều kiện đạt hoàn thành 100 % nhiệm vụ"
    assert f"quyết định: Đảng bộ xã Bình An – {judged}, điểm 78,20 và 29 mục khác;" in asked
    for about in (None, UUID(int=99)):
        whole = told(decided(), "vi", called, about)
        assert str(JUDGED[11]) in whole
        assert str(JUDGED[12]) not in whole
        assert " và 18 mục khác;" in whole
    assert " and 29 more;" in told(decided(), "en", called, JUDGED[20])


def test_an_entry_says_who_signed_and_why():
    assert "; lý do: họp ngày 20/12 (12-QĐ/TU – người ký: Phó Bí thư, " in told(decided(), "vi")
    assert "; reason: họp ngày 20/12 (12-QĐ/TU – signed by: Phó Bí thư, " in told(decided(), "en")
    by_somebody = replace(decided(), basis=[CITED | {"signatory": str(UUID(int=7))}])
    assert "người ký: người 00000007, " in told(by_somebody, "vi")


def test_those_who_are_listed_to_be_judged_are_told_by_name():
    line = line_of(stored("review.subjects-listed"))
    [change] = [each for each in line.changes if each["field"] == "subjects"]
    a, b, somebody = (str(each) for each in JUDGED[:3])
    to = [{"id": a, "organisation_id": None}, {"id": somebody, "organisation_id": b}]
    named = told(replace(line, changes=[change | {"to": to}]), "vi", {a: "A", b: "B"})
    assert "đối tượng: A, người 00000003 (B)" in named


def test_what_a_member_answers_for_no_longer_is_told():
    leadership = stored("leadership.member-assigned").mutate(None)
    ended = told(line_of(stored("leadership.assignment-ended", 2), leadership), "vi")
    assert "; nhân sự: người 000000a1; " in ended
    assert "chi bộ" in ended
