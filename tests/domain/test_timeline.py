"""The law of the two times, against a naive list of facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.timeline import Fact, Span, Timeline, together

FIRST = date(2025, 6, 26)
DAYS = [FIRST + timedelta(days=n) for n in range(12)]
EARLY, MIDDLE, LATE = DAYS[2], DAYS[5], DAYS[9]
Value = str | None


@dataclass(frozen=True)
class Said:
    """One recorded event: a value from a day on, or the withdrawal of an earlier event."""

    day: date
    value: Value
    voids: int | None = None  # its place in the log, counted from 1


def naive(log: Sequence[Said], day: date) -> Value:
    """The law, word for word: sort all that is not voided, take the last."""
    voided = {said.voids for said in log if said.voids}
    facts = [
        (said.day, position, said.value)
        for position, said in enumerate(log, start=1)
        if not said.voids and position not in voided and said.day <= day
    ]
    return max(facts, key=lambda fact: fact[:2])[2] if facts else None


def folded(log: Sequence[Said]) -> Timeline[Value]:
    timeline: Timeline[Value] = Timeline()
    for position, said in enumerate(log, start=1):
        if said.voids:
            timeline.void(said.voids)
        else:
            timeline.set(said.day, said.value, position)
    return timeline


days = st.sampled_from(DAYS)
values = st.sampled_from(["xã", "phường", "đặc khu", None])


@st.composite
def logs(draw) -> list[Said]:
    log: list[Said] = []
    for _ in range(draw(st.integers(0, 14))):
        if log and draw(st.integers(0, 3)) == 0:
            log.append(Said(FIRST, None, voids=draw(st.integers(1, len(log)))))
        else:
            log.append(Said(draw(days), draw(values)))
    return log


def at(spans: Sequence[Span[Value]], day: date) -> Value:
    found = [s.value for s in spans if s.first <= day and (s.after is None or day < s.after)]
    assert len(found) <= 1
    return found[0] if found else None


@given(logs(), st.integers(0, 14))
def test_the_state_of_every_day_as_known_at_every_position_is_what_the_law_says(log, known):
    timeline = folded(log[:known])
    assert [timeline.at(day) for day in DAYS] == [naive(log[:known], day) for day in DAYS]


@given(logs())
def test_the_fact_that_decides_is_named_with_its_day_and_its_event(log):
    timeline = folded(log)
    for day in DAYS:
        fact = timeline.fact_at(day)
        assert (fact.value if fact else None) == timeline.at(day)
        assert fact is None or (fact.day <= day and log[fact.order - 1].day == fact.day)


@given(logs())
def test_spans_follow_each_other_without_a_break_and_differ_in_value(log):
    spans = list(folded(log).spans())
    for one, other in pairwise(spans):
        assert one.after == other.first
        assert one.value != other.value
    assert all(span.after is None or span.first < span.after for span in spans)
    assert not spans or spans[-1].after is None
    assert [at(spans, day) for day in DAYS] == [naive(log, day) for day in DAYS]


@given(logs(), days)
def test_spans_since_a_day_are_those_of_the_whole_life_that_reach_beyond_it(log, since):
    timeline = folded(log)
    beyond = [s for s in timeline.spans() if s.after is None or s.after > since]
    assert list(timeline.spans(since)) == beyond


@given(st.lists(logs(), min_size=1, max_size=3), days)
def test_timelines_read_together_agree_with_asking_each_on_every_day(several, since):
    timelines = [folded(log) for log in several]
    rows = list(together(*timelines, since=since))
    for day in (day for day in DAYS if day >= since):
        found = [v for v, first, after in rows if first <= day and (after is None or day < after)]
        asked = tuple(timeline.at(day) for timeline in timelines)
        assert found == [asked] or (not found and asked == (None,) * len(timelines))
    assert all(after is None or after > since for _, _, after in rows)


@given(st.lists(logs(), min_size=1, max_size=3), days)
def test_rows_since_a_day_are_those_of_the_whole_life_that_reach_beyond_it(several, since):
    timelines = [folded(log) for log in several]
    beyond = [row for row in together(*timelines) if row[2] is None or row[2] > since]
    assert list(together(*timelines, since=since)) == beyond


@given(logs())
def test_the_facts_are_listed_in_the_order_of_days_and_positions(log):
    facts = folded(log).facts()
    assert list(facts) == sorted(facts, key=lambda fact: (fact.day, fact.order))
    assert folded(log).days() == [fact.day for fact in facts]


@given(logs())
def test_two_folds_of_one_log_are_equal(log):
    assert folded(log) == folded(log)


def test_a_fact_recorded_late_does_not_undo_a_later_one():
    timeline = folded([Said(LATE, "phường"), Said(EARLY, "xã")])
    assert timeline.at(MIDDLE) == "xã"
    assert timeline.at(LATE) == "phường"


def test_a_change_of_a_coming_day_needs_no_further_event():
    timeline = folded([Said(EARLY, "xã"), Said(LATE, "phường")])
    assert timeline.at(LATE - timedelta(days=1)) == "xã"
    assert timeline.at(LATE) == "phường"


def test_a_change_may_be_withdrawn_before_its_day():
    log = [Said(EARLY, "xã"), Said(LATE, "phường"), Said(MIDDLE, None, voids=2)]
    assert folded(log[:2]).at(LATE) == "phường"
    assert folded(log).at(LATE) == "xã"


def test_a_voided_fact_may_be_recorded_again():
    log = [Said(EARLY, "xã"), Said(EARLY, None, voids=1), Said(MIDDLE, "xã")]
    assert folded(log).at(EARLY) is None
    assert folded(log).facts() == (Fact(MIDDLE, 3, "xã"),)


def test_of_two_facts_of_one_day_the_last_recorded_wins():
    assert folded([Said(EARLY, "xã"), Said(EARLY, "phường")]).at(EARLY) == "phường"


def test_what_a_day_says_last_joins_with_the_days_before():
    timeline = folded([Said(EARLY, "xã"), Said(MIDDLE, "phường"), Said(MIDDLE, "xã")])
    assert list(timeline.spans()) == [Span("xã", EARLY, None)]
    assert list(timeline.spans(MIDDLE)) == [Span("xã", EARLY, None)]


def test_before_the_first_fact_there_is_nothing():
    timeline = folded([Said(MIDDLE, "xã")])
    assert timeline.at(EARLY) is None
    assert timeline.fact_at(EARLY) is None
    assert not list(Timeline[str]().spans())
    assert not list(together(Timeline[str]()))
