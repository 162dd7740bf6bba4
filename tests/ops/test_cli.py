"""The command line: what it writes, how it refuses, and how it stops."""

import csv
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import date
from pathlib import Path

import psycopg
import pytest

from ops.cli.output import Format, write
from projections.catalogue import VIEWS
from tests.services.country import Country

ROWS: list[dict[str, object]] = [
    {
        "code": "00004",
        "name": 'Phường "Ba Đình"',
        "on": date(2025, 7, 1),
        "codes": {"nso": "00004"},
    },
    {"code": "00008", "name": "Xã Một,\nHai", "on": None, "codes": {}},
]
COLUMNS = ["code", "name", "on", "codes"]
PATIENCE_S = 60


def written(capsys, format_, rows=ROWS):
    write(iter(rows), format_, COLUMNS)
    return capsys.readouterr().out


def test_csv_has_a_header_and_line_feeds_and_keeps_zeros(capsys):
    text = written(capsys, Format.CSV)
    assert text.startswith("code,name,on,codes\n00004,")
    assert "\r" not in text
    assert list(csv.DictReader(io.StringIO(text, newline="")))[1]["name"] == "Xã Một,\nHai"


def test_json_is_one_array_and_ndjson_one_object_a_line(capsys):
    array = json.loads(written(capsys, Format.JSON))
    lines = [json.loads(line) for line in written(capsys, Format.NDJSON).splitlines()]
    assert array == lines
    assert array[0] == ROWS[0] | {"on": "2025-07-01"}


def test_no_rows_are_an_answer_too(capsys):
    assert written(capsys, Format.CSV, []) == "code,name,on,codes\n"
    assert json.loads(written(capsys, Format.JSON, [])) == []
    assert written(capsys, Format.NDJSON, []) == ""


def test_a_table_shows_every_value(capsys):
    assert "Phường" in written(capsys, Format.TABLE)


# As a user runs it


@pytest.fixture
def environment(postgres, schema):
    yield os.environ | {"SOGOC_DSN": postgres.dsn, "SOGOC_SCHEMA": schema}
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        for view in VIEWS:
            connection.execute(f'DROP SCHEMA IF EXISTS "{schema}_{view}" CASCADE')


# Whoever runs the tests in the background (nohup, a CI) has these ignored, and children inherit it.
LISTENING = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from ops.cli import main
main()
"""


def sogoc(*arguments, environment):
    command = [sys.executable, "-c", LISTENING, *arguments]
    return subprocess.Popen(
        command,
        env=environment,
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process):
    out, err = process.communicate(timeout=PATIENCE_S)
    return process.returncode, out, err


def test_an_import_of_a_folder_tells_what_it_did(environment, tmp_path):
    folder = str(Country(tmp_path).folder)
    first = ended(sogoc("import", folder, environment=environment))
    assert first[:2] == (0, "Recorded 15 of 15 transactions; the log is at position 82.\n")
    again = ended(sogoc("import", folder, environment=environment))
    assert again[:2] == (0, "Nothing new: all 15 transactions are in the log already.\n")


def test_an_import_with_contradictions_tells_each_on_a_line(environment, tmp_path):
    country = Country(tmp_path)
    country.change("commune_changes", 5, "10003,99999,whole,true")
    code, out, err = ended(sogoc("import", str(country.folder), environment=environment))
    assert (code, out) == (1, "")
    assert "commune_changes.csv:5: new_code: " in err
    assert err.splitlines()[-1].endswith("nothing was recorded")


def test_a_server_that_does_not_answer_is_told_in_one_line(environment, tmp_path):
    environment |= {"SOGOC_DSN": "host=/nowhere dbname=sogoc"}
    folder = str(Country(tmp_path).folder)
    code, _, err = ended(sogoc("import", folder, environment=environment))
    assert (code, err.count("\n")) == (1, 1)
    assert err.startswith("sogoc: the database does not answer")


def test_a_port_that_is_taken_is_told_in_one_line(environment):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, _, err = ended(sogoc("serve", "--port", port, environment=environment))
    assert code == 1
    assert err == (
        f"sogoc: Port {port} of 127.0.0.1 cannot be used: Address already in use;"
        " choose another with --port (field --port)\n"
    )


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_service_answers_and_stops_in_order_with_a_stream_open(environment, stop):
    port = free_port()
    process = sogoc("serve", "--port", str(port), environment=environment)
    try:
        assert json.load(opened(port, "/health/ready"))["status"] == "ready"
        stream = opened(port, "/v1/events", accept="text/event-stream")
        process.send_signal(stop)
        stream.read()  # to its end, which is in order
        code, out, err = ended(process)
    finally:
        process.kill()
    assert out == f"Serving http://127.0.0.1:{port} until Ctrl-C.\n"
    assert "Traceback" not in err
    assert code == 0


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_service_that_is_stopped_stops_its_own_server(folder, stop):
    port = free_port()
    own = {n: v for n, v in os.environ.items() if n != "SOGOC_DSN"} | {
        "SOGOC_DATA": str(folder / "data")
    }
    process = sogoc("serve", "--port", str(port), environment=own)
    try:
        assert json.load(opened(port, "/health/ready"))["status"] == "ready"
        assert (folder / "data" / "pg18" / "postmaster.pid").exists()
        process.send_signal(stop)
        assert ended(process)[0] == 0
    finally:
        process.kill()
    assert not (folder / "data" / "pg18" / "postmaster.pid").exists()


def test_a_service_starts_its_own_server_again_when_that_was_killed(folder):
    port, data = free_port(), folder / "data"
    own = {n: v for n, v in os.environ.items() if n != "SOGOC_DSN"} | {"SOGOC_DATA": str(data)}
    process = sogoc("serve", "--port", str(port), environment=own)
    try:
        opened(port, "/health/ready").close()
        killed = int((data / "pg18" / "postmaster.pid").read_text().split()[0])
        os.kill(killed, signal.SIGKILL)
        until(lambda: postmaster(data) not in (None, killed))
        assert json.load(opened(port, "/health/ready"))["status"] == "ready"
        process.send_signal(signal.SIGTERM)
        _, out, err = ended(process)
    finally:
        process.kill()
    assert (out + err).count("Traceback") <= 1
    assert postmaster(data) is None


def postmaster(data):
    try:
        return int((data / "pg18" / "postmaster.pid").read_text().split()[0])
    except (OSError, IndexError):
        return None


def until(condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_import_that_is_stopped_says_that_nothing_is_lost(environment, stop):
    process = sogoc("import", environment=environment)
    until_something_is_recorded(environment)
    process.send_signal(stop)
    code, out, err = ended(process)
    assert (code, out) == (130, "")
    assert err.splitlines()[-2:] == [
        "What is recorded stays; run it again and it goes on from there.",
        "sogoc: stopped",
    ]


def until_something_is_recorded(environment):
    deadline = time.monotonic() + PATIENCE_S
    with psycopg.connect(environment["SOGOC_DSN"], autocommit=True) as connection:
        position = f"SELECT position FROM {environment['SOGOC_SCHEMA']}.log"
        while time.monotonic() < deadline:
            try:
                if connection.execute(position).fetchone() not in (None, (0,)):
                    return
            except psycopg.errors.UndefinedTable:
                time.sleep(0.1)
    raise AssertionError("nothing was recorded")


def test_a_data_folder_that_is_a_file_is_told_in_one_line(environment, tmp_path):
    (tmp_path / "afile").write_text("")
    environment = environment | {"SOGOC_DSN": "", "SOGOC_DATA": str(tmp_path / "afile")}
    code, _, err = ended(sogoc("import", environment=environment))
    assert (code, err.count("\n")) == (1, 1)
    assert "Not a directory; set SOGOC_DATA" in err


def opened(port, path, accept="application/json"):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Accept": accept})
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return urllib.request.urlopen(request, timeout=PATIENCE_S)
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]
