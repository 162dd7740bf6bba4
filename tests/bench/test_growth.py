"""A log that grows from size to size, and what is told of it."""

from __future__ import annotations

import json
import subprocess
import sys

import psycopg
import pytest

from ops.bench.burning import burnt
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
    small, large = (Stage(1, 1, 1, 1, cost, 1, 1) for cost in (20.0, 30.0))
    assert growth([small, large]) == pytest.approx(1.5)


def test_what_is_burnt_is_ours_and_the_servers(postgres):
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        before = burnt(connection)
        connection.execute("SELECT count(*) FROM generate_series(1, 3000000)")
        of_the_server = burnt(connection) - before
        assert of_the_server > 0.05
        subprocess.run([sys.executable, "-c", "sum(range(10_000_000))"], check=True)
        assert burnt(connection) - before > of_the_server + 0.1


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
