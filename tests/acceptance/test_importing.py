"""The import of the real country: twice is once, and cut off it finishes when run again."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
from psycopg import sql

from ops.cli.importing import fewer_collections
from ops.settings import Settings
from ops.wiring import opened
from services.reorganisation import checked, record, shipped
from tests.acceptance.conftest import SCHEMA

STAMP = re.compile(r'"recorded_at":"[^"]*"')


def test_importing_twice_changes_nothing(country):
    position = country.register.store.position()
    again = record(country.register, checked(shipped()))
    assert (again.transactions, again.transactions_new) == (203, 0)
    assert country.register.store.position() == position


def test_a_folder_that_contradicts_itself_is_refused_whole(postgres, tmp_path):
    for name in ("commune_changes", "resolutions"):
        (tmp_path / f"{name}.csv").write_text("code\n")
    environment = os.environ | {"SOGOC_DSN": postgres.dsn, "SOGOC_SCHEMA": "refused"}
    ran = sogoc("import", str(tmp_path), environment=environment)
    out, err = ran.communicate()
    assert (ran.returncode, out) == (1, "")
    assert "commune_changes.csv:1: old_code: this column is missing [columns]" in err
    with psycopg.connect(postgres.dsn) as connection:
        [[made]] = connection.execute("SELECT to_regclass('refused.events')").fetchall()
    assert made is None


def test_an_import_that_was_killed_finishes_when_run_again(country, connection, postgres):
    schema = "killed"
    environment = os.environ | {"SOGOC_DSN": postgres.dsn, "SOGOC_SCHEMA": schema}
    killed = sogoc("import", environment=environment)
    wait_for_events(connection, schema, 10_000)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    assert 10_000 <= position(connection, schema) < position(connection, SCHEMA)
    assert events_at(connection, schema) == position(connection, schema)
    with opened(Settings(Path("/nowhere"), postgres.dsn, schema)) as again, fewer_collections():
        finished = record(again.register, checked(shipped()))
    assert 0 < finished.transactions_new < finished.transactions == 203
    assert records(connection, schema) == records(connection, SCHEMA)


def sogoc(*arguments, environment):
    """The command in a process group of its own, as a user would run it."""
    command = [sys.executable, "-c", "from ops.cli import main; main()", *arguments]
    return subprocess.Popen(
        command,
        env=environment,
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for_events(connection, schema, number):
    deadline = time.monotonic() + 100
    while position(connection, schema) < number:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def position(connection, schema):
    [[there]] = connection.execute("SELECT to_regclass(%s)", [f"{schema}.log"]).fetchall()
    if there is None:
        return 0
    return value(connection, "SELECT position FROM {}", schema, "log")


def events_at(connection, schema):
    return value(connection, "SELECT count(*) FROM {}", schema, "events")


def value(connection, statement, *table):
    query = sql.SQL(statement).format(sql.Identifier(*table))
    [[found]] = connection.execute(query).fetchall()
    return found


def records(connection, schema):
    """All records in the order of the log, without the time of their recording."""
    query = sql.SQL("SELECT record FROM {} ORDER BY position").format(
        sql.Identifier(schema, "events")
    )
    return [STAMP.sub("", record) for (record,) in connection.execute(query)]
