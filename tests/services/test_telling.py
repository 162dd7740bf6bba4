"""Every event there ever was can be told in words, with official terms and nobody's name."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

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
    assert f"; {somebody}; chức vụ: bí thư (" in told(
        line_of(stored("leadership.relieved", 2), leadership), "vi"
    )
    leadership = stored("leadership.elected").mutate(None)
    approved = told(line_of(stored("leadership.election-approved", 2), leadership), "vi")
    assert "; nhân sự và chức vụ: người 000000a1 – bí thư (" in approved


def test_what_a_member_answers_for_no_longer_is_told():
    leadership = stored("leadership.member-assigned").mutate(None)
    ended = told(line_of(stored("leadership.assignment-ended", 2), leadership), "vi")
    assert "; nhân sự: người 000000a1; " in ended
    assert "chi bộ" in ended
