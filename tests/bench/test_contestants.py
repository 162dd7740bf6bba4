"""All contestants are given the same things to do, and come to the same."""

from __future__ import annotations

import json
from typing import cast

import psycopg
import pytest

from domain.aggregate import Event
from ops.bench import material
from ops.bench.__main__ import main
from ops.bench.contestants.raw import Raw
from ops.bench.contestants.sogoc import AtApplication
from ops.bench.contestants.stock import Stock
from ops.bench.current import COLUMNS
from ops.bench.place import database
from services.record import to_record

STREAMS = range(7)


@pytest.mark.parametrize(("stream", "versions"), [(0, 1), (5, 2), (311, 10)])
def test_the_bytes_that_everybody_stores_are_those_of_the_product(stream, versions):
    event = cast(Event, material.grown(stream, versions).pending_events[-1])
    assert material.record(stream, versions) == to_record(event)


def test_a_walk_goes_on_where_the_streams_stand():
    walk = material.Walk(3, begun=1)
    steps = [walk.next() for _ in range(2000)]
    for stream in walk.streams:
        versions = [version for of, version in steps if of == stream]
        assert versions == list(range(2, len(versions) + 2))


def current_state(of, postgres, figure) -> list[tuple[object, ...]]:
    """The read model as the contestant builds it by that way."""
    with database(postgres.tcp_dsn) as place, of(place) as contestant:
        contestant.prepare()
        assert contestant.fill(STREAMS) == 10 * len(STREAMS)
        assert contestant.scan() == 10 * len(STREAMS)
        assert contestant.projecting()[figure](60).events == 10 * len(STREAMS)
        table, standing = "current_state", "true"
        if of is AtApplication:
            table, standing = "register_current.current_state", "upper_inf(known)"
        with psycopg.connect(place.dsn) as connection:
            query = f"SELECT {COLUMNS} FROM {table} WHERE {standing} ORDER BY id"
            return connection.execute(query).fetchall()


def test_everybody_builds_the_same_read_model(postgres):
    raw = current_state(Raw, postgres, "F")
    assert len(raw) == len(STREAMS)
    assert raw[0][1] == material.name(0, material.PER_STREAM)
    assert current_state(Raw, postgres, "F text") == raw
    assert current_state(AtApplication, postgres, "F") == raw
    assert current_state(AtApplication, postgres, "F sql") == raw
    assert current_state(AtApplication, postgres, "F follow") == raw
    assert current_state(Stock, postgres, "F") == raw


def test_the_view_says_the_same_rows_in_sql_and_in_python(postgres):
    table = "register_current.current_state"
    with database(postgres.tcp_dsn) as place, AtApplication(place) as contestant:
        contestant.prepare()
        contestant.fill(STREAMS)
        laid_out = []
        for figure in ("F", "F sql"):
            contestant.projecting()[figure](60)
            with psycopg.connect(place.dsn) as connection:
                query = f"SELECT * FROM {table} ORDER BY id, known"
                laid_out.append(connection.execute(query).fetchall())
    in_python, in_sql = laid_out
    assert len(in_python) == 10 * len(STREAMS)
    assert in_sql == in_python


def test_a_quick_contest_runs_from_end_to_end(postgres, tmp_path, capsys):
    written = tmp_path / "bench.json"
    works = "A,B8,C1,C2,D100,G"
    asked = ["--quick", "--works", works, "--contestants", "raw,recorder,application,commands"]
    assert main([*asked, "--dsn", postgres.tcp_dsn, "--json", str(written)]) == 0
    told = json.loads(written.read_text())
    assert set(told["figures"]) == set(works.split(","))
    assert set(told["figures"]["A"]) == {"raw", "recorder", "application", "commands"}
    assert all(found["median"] for each in told["figures"].values() for found in each.values())
    measured = {(goal["figure"], goal["of"]) for goal in told["goals"] if goal["measured"]}
    assert ("A", "application") in measured
    assert "| A " in capsys.readouterr().out


def test_a_work_that_does_not_exist_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["--works", "Z"])
    assert "there is no work Z" in capsys.readouterr().err


def test_the_service_is_measured_beside_the_same_question_in_sql(postgres, tmp_path, capsys):
    written = tmp_path / "bench.json"
    asked = ["--quick", "--works", "H1,H8,J province,J country,J ten years,I1,I8"]
    assert main([*asked, "--dsn", postgres.tcp_dsn, "--json", str(written)]) == 0
    figures = json.loads(written.read_text())["figures"]
    rows = {name: {of: each["median"]["rows"] for of, each in figures[name].items()}
            for name in ("J province", "J country", "J ten years")}  # fmt: skip
    assert rows == {
        "J province": {"http": 9, "sql": 9},
        "J country": {"http": 18, "sql": 18},
        "J ten years": {"http": 9, "sql": 9},
    }
    assert figures["H8"]["http"]["median"]["rate"] > 0
    assert figures["I1"]["http"]["median"]["count"] > 0
