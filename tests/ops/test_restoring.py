"""The restore of the guide, step by step, from a dump that lost the end of the log."""

from __future__ import annotations

import subprocess

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from ops.server.programs import wheel
from ops.settings import Settings
from ops.wiring import Wiring, open_register
from projections.catalogue import VIEWS
from tests.ops.conftest import settle
from tests.services.test_register import organisation

NAME = "restored"


@pytest.fixture
def restored(postgres):
    """Connection string of a new database; its name is NAME."""
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {NAME} TEMPLATE template0")
    yield make_conninfo(postgres.dsn, dbname=NAME)
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


def run(program, *arguments, given=""):
    command = [wheel() / "pginstall" / "bin" / program, *arguments]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_log_is_restored_from_its_dump(empty, postgres, restored, sogoc, monkeypatch, tmp_path):
    sogoc("migrate")
    settings = Settings(tmp_path, postgres.dsn, empty)
    wiring = Wiring(settings, postgres.dsn, open_register(settings, postgres.dsn))
    settle(wiring)
    dump = run("pg_dump", f"--schema={empty}", postgres.dsn)
    wiring.register.execute(organisation("Đảng bộ mất"))
    wiring.close()
    monkeypatch.setenv("SOGOC_DSN", restored)
    run("psql", "-v", "ON_ERROR_STOP=1", restored, given=dump)
    assert "lacks btree_gist, pg_trgm" in sogoc("projections").err
    assert sogoc("migrate").code == 0
    assert sogoc("epoch", "--new", "--reason", "khôi phục").rows[-1]["position"] == "18"
    assert sogoc("rebuild", "all", "--accept-differences").code == 0
    assert sogoc("verify").code == 0
    assert [row["mark"] for row in sogoc("projections").rows] == ["18"] * len(VIEWS)
    settings = Settings(tmp_path, restored, empty)
    wiring = Wiring(settings, restored, open_register(settings, restored))
    wiring.register.execute(organisation("Đảng bộ khác"))
    assert wiring.register.store.position() == 19
    wiring.close()
    with psycopg.connect(restored) as connection, pytest.raises(psycopg.DatabaseError):
        connection.execute(f"UPDATE {empty}.log SET epoch = gen_random_uuid()")
