"""A log that grows from size to size, and what is told of it."""

from __future__ import annotations

import json

import pytest

from ops.bench.growth import Stage, event_at, growth, main
from ops.bench.memory import resident, watched


def test_streams_are_abreast_and_each_goes_on_in_its_order():
    events = [event_at(number) for number in range(45_000)]
    assert len(set(events)) == len(events)
    assert events[0] == (0, 1)
    assert events[2_000] == (0, 2)
    assert events[20_000] == (2_000, 1)
    for of in (0, 1_999, 2_000):
        versions = [version for stream, version in events if stream == of]
        assert versions == list(range(1, len(versions) + 1))


def test_growth_is_the_cost_of_the_largest_to_that_of_the_smallest():
    fast, slow = Stage(1, 1, 1, 30_000, 1), Stage(50, 1, 1, 20_000, 1)
    assert growth([fast, slow]) == pytest.approx(1.5)


def test_a_small_log_is_grown_followed_and_rebuilt(postgres, tmp_path, capsys):
    written = tmp_path / "growth.json"
    asked = ["--sizes", "0.002,0.004", "--dsn", postgres.tcp_dsn, "--json", str(written)]
    assert main(asked) == 0
    told = json.loads(written.read_text())
    assert [stage["events"] for stage in told["stages"]] == [2_000, 4_000]
    assert all(value > 0 for stage in told["stages"] for value in stage.values())
    assert "| 4,000 " in capsys.readouterr().out


def test_memory_is_seen_while_it_is_held():
    before = resident()
    with watched() as peak:
        held = b"x" * 100_000_000
        peak.look()
        assert peak.size > before + 0.9 * len(held)
