"""`sogoc epoch` and `sogoc migrate`: what is done to the log by hand."""

import psycopg
import pytest

import ops.migrate
from ops.migrate import Migration, migrate

KEYS = "For the keys of persons: applied 0001_keys.\n"  # which stand apart


def test_a_log_begins_with_an_epoch(empty, postgres, sogoc):
    migrate(postgres.dsn, empty)
    [first] = sogoc("epoch").rows
    assert (first["number"], first["position"], first["reason"]) == ("1", "0", "the log begins")


def test_a_new_epoch_is_kept_with_its_reason_and_where_it_began(empty, postgres, sogoc):
    migrate(postgres.dsn, empty)
    said = sogoc("epoch", "--new", "--reason", "khôi phục từ bản sao ngày 20/11/2026")
    assert said.code == 0
    first, second = sogoc("epoch", "--format", "json").json
    assert (second["number"], second["position"]) == (2, 0)
    assert second["reason"] == "khôi phục từ bản sao ngày 20/11/2026"
    assert second["epoch"] != first["epoch"]
    assert second["begun_by"]


@pytest.mark.parametrize(
    "arguments", [["--new"], ["--reason", "words"], ["--new", "--reason", " "]]
)
def test_an_epoch_without_a_reason_does_not_begin(empty, postgres, sogoc, arguments):
    migrate(postgres.dsn, empty)
    said = sogoc("epoch", *arguments)
    assert (said.code > 0, said.out, said.err.count("\n")) == (True, "", 1)
    assert len(sogoc("epoch").rows) == 1


def test_migrating_says_what_was_missing(empty, sogoc):
    assert sogoc("migrate").out == f"Applied 0001_log.\n{KEYS}"
    assert sogoc("migrate").out == "Nothing to do.\n"


@pytest.mark.parametrize(
    "command", ["units", "projections", "verify", "audit", "events", "epoch", "rebuild all"]
)
def test_asking_makes_nothing(empty, postgres, sogoc, command):

    said = sogoc(*command.split())
    assert (said.code, said.out) == (1, "")
    assert said.err == "sogoc: The register is empty: run `sogoc demo` or `sogoc import` first\n"
    with psycopg.connect(postgres.dsn) as connection:
        query = "SELECT FROM pg_namespace WHERE nspname LIKE %s"
        assert connection.execute(query, [f"{empty}%"]).fetchall() == []


def test_tables_of_an_older_release_are_told(empty, postgres, sogoc, monkeypatch):
    migrate(postgres.dsn, empty)
    newer = [*ops.migrate.shipped(), Migration("0002_more", "SELECT 1")]
    monkeypatch.setattr(ops.migrate, "shipped", lambda: newer)
    said = sogoc("units")
    assert (said.code, said.err) == (
        1,
        "sogoc: the database lacks 0002_more: run `sogoc migrate`\n",
    )
    assert sogoc("migrate").out == f"Applied 0002_more.\n{KEYS}"
    assert "is empty" in sogoc("units").err


def test_asking_makes_no_server_in_a_folder_that_is_not_there(sogoc, monkeypatch, tmp_path):
    monkeypatch.delenv("SOGOC_DSN", raising=False)
    monkeypatch.setenv("SOGOC_DATA", str(tmp_path / "slip"))
    said = sogoc("units")
    assert said.code == 1
    assert said.err.startswith(f"sogoc: There is no register in {tmp_path / 'slip'}: run")
    assert not (tmp_path / "slip").exists()
