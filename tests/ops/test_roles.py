"""Two roles of the database: one owns the log, the other runs the service and can do no more."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ops.settings import Settings
from ops.wiring import Wiring, open_register
from projections.catalogue import VIEWS
from tests.ops.conftest import settle
from tests.ops.test_cli import ended, free_port, opened
from tests.ops.test_cli import sogoc as sogoc_of_its_own
from tests.services.country import Country
from tests.services.test_people import AN, READER, destroying, recording, registering
from tests.store.events import life, new_stream

OWNER, SERVICE, NOBODY = "test_owner", "test_service", "test_nobody"
numbers = count(1)


@pytest.fixture(scope="module")
def roles(postgres) -> Iterator[None]:
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        for role in (OWNER, SERVICE, NOBODY):
            connection.execute(f"CREATE ROLE {role} LOGIN")
        connection.execute(f"GRANT {SERVICE} TO {OWNER}")
    yield
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        for role in (OWNER, SERVICE, NOBODY):
            connection.execute(f"DROP ROLE {role}")


@pytest.fixture
def database(postgres, roles) -> Iterator[str]:
    """Connection string of a database that OWNER owns and that others may not even enter."""
    name = f"roles_{next(numbers)}"
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE template0")
        connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    yield make_conninfo(postgres.dsn, dbname=name)
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def become(database, monkeypatch) -> Callable[[str], str]:
    """Take on a role for the commands that follow; returns its connection string."""

    def take_on(role: str) -> str:
        dsn = make_conninfo(database, user=role)
        monkeypatch.setenv("SOGOC_DSN", dsn)
        monkeypatch.delenv("SOGOC_SCHEMA", raising=False)
        return dsn

    return take_on


@pytest.fixture
def served(become: Callable[[str], str], sogoc) -> str:
    """As SERVICE, in a database that OWNER has prepared."""
    become(OWNER)
    said = sogoc("migrate", "--service", SERVICE)
    assert (said.code, said.out.splitlines()[0]) == (0, "Applied 0001_log.")
    return become(SERVICE)


@pytest.fixture
def wiring(served, tmp_path) -> Iterator[Wiring]:
    settings = Settings(tmp_path, served)
    wiring = Wiring(settings, served, open_register(settings, served))
    yield wiring
    wiring.close()


def test_the_service_records_projects_rebuilds_and_verifies(wiring, sogoc):
    settle(wiring)
    assert sogoc("units", "--code", "00008").rows[0]["name"] == "Xã Bến"
    assert [row["lag"] for row in sogoc("projections").rows] == ["0"] * len(VIEWS)
    assert sogoc("rebuild", "all").code == sogoc("verify").code == 0
    assert sogoc("rebuild", "units", "--back").code == 0
    assert sogoc("migrate").out == "Nothing to do.\n"


def test_the_service_appends_many_events_at_once_too(wiring):
    assert wiring.register.store.append(life(new_stream(), 1, 400)).last == 400


def test_the_service_imports(served, sogoc, tmp_path):
    assert sogoc("import", str(Country(tmp_path).folder)).code == 0
    assert sogoc("verify").code == 0


def test_the_service_keeps_people_and_cannot_forget_who_has_read_of_them(wiring):
    wiring.people.execute(registering(AN))
    assert wiring.people.names_of([AN], READER) == {AN: "Nguyễn Văn Thử"}
    wiring.people.execute(recording(AN, "Nguyễn Văn Đổi"))
    wiring.people.execute(destroying(AN))
    assert wiring.people.sweep() == (0, 0)
    statements = [
        "DELETE FROM register_keys.readings",
        "DELETE FROM register_keys.destructions",
        "UPDATE register_keys.keys SET wrapped = ''",
        "UPDATE register_keys.masters SET is_current = false",
        "INSERT INTO register_keys.migrations VALUES ('0002', '')",
    ]
    for statement in statements:
        with (
            psycopg.connect(wiring.dsn, autocommit=True) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(statement)


def test_the_service_serves(served, monkeypatch):
    port = free_port()
    process = sogoc_of_its_own("serve", "--port", str(port), environment=dict(os.environ))
    try:
        assert json.load(opened(port, "/health/ready"))["status"] == "ready"
        process.send_signal(signal.SIGTERM)
        assert "Traceback" not in ended(process)[2]
    finally:
        process.kill()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE register.events SET record = ''",
        "UPDATE register.log SET recorded_at = now()",
        "UPDATE register.heads SET version = version + 1",
        "INSERT INTO register.heads VALUES (gen_random_uuid(), 1)",
        "INSERT INTO register.event_keys VALUES ('key', 1, gen_random_uuid())",
        "DELETE FROM register.commands",
        "INSERT INTO register.migrations VALUES ('0002', '')",
        "SELECT register.begin_epoch('a whim')",
        "ALTER TABLE register.events DISABLE TRIGGER events_stay",
        "DROP SCHEMA register CASCADE",
        "CREATE TABLE register.beside (n int)",
    ],
)
def test_the_service_can_do_no_more(served, statement):
    with (
        psycopg.connect(served, autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


def claimed(connection: psycopg.Connection, *streams: int) -> tuple[int, datetime]:
    """Positions for the first event of each stream; the first one, and the time they are given."""
    none = "NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL"
    call = f"SELECT * FROM register.claim(%s::uuid[], %s::int[], {none})"
    ids = [UUID(int=stream) for stream in streams]
    position, at = connection.execute(call, [ids, [1] * len(ids)]).fetchall()[0]
    return position, at


def laid(connection: psycopg.Connection, position: int, stream: int, at: datetime, n: int = 1):
    insert = "INSERT INTO register.events VALUES (%s, %s, %s, 'unit.dreamt', %s, '{}')"
    connection.execute(insert, [position, UUID(int=stream), n, at])


def unclaimed(connection):
    laid(connection, 1, 7, datetime.now(UTC))


def beyond_the_claim(connection):
    position, at = claimed(connection, 7)
    laid(connection, position, 7, at)
    laid(connection, position + 1, 8, at)


def another_stream(connection):
    position, at = claimed(connection, 7)
    laid(connection, position, 8, at)


def another_version(connection):
    position, at = claimed(connection, 7)
    laid(connection, position, 7, at, 2)


def another_order(connection):
    position, at = claimed(connection, 7, 8)
    laid(connection, position + 1, 7, at)
    laid(connection, position, 8, at)


def another_time(connection):
    position, at = claimed(connection, 7)
    laid(connection, position, 7, at - timedelta(microseconds=1))


UNCLAIMED = [
    unclaimed,
    beyond_the_claim,
    another_stream,
    another_version,
    another_order,
    another_time,
]


@pytest.mark.parametrize("wrong", UNCLAIMED)
def test_the_service_inserts_what_it_has_claimed_and_nothing_else(served, wrong):
    with (
        psycopg.connect(served) as connection,
        pytest.raises(psycopg.DatabaseError, match="claim") as refused,
        connection,
    ):
        wrong(connection)
    assert refused.value.sqlstate == "SG008"
    with psycopg.connect(served) as connection:
        position, at = claimed(connection, 7, 8)
        laid(connection, position, 7, at)
        laid(connection, position + 1, 8, at)
    with psycopg.connect(served) as connection:
        assert connection.execute("SELECT position FROM register.events ORDER BY 1").fetchall() == [
            (1,),
            (2,),
        ]


def test_a_table_of_the_service_does_not_come_before_one_of_the_log(wiring):
    """claim() runs with its owner's rights: it must not look into pg_temp first."""
    with psycopg.connect(wiring.dsn, autocommit=True) as connection:
        connection.execute("CREATE TEMP TABLE log AS SELECT * FROM register.log")
        claimed = (
            "SELECT * FROM register.claim('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', %s, %s)"
        )
        connection.execute(claimed, ["key", b"1"])
        moved = connection.execute(
            "SELECT l.recorded_at > t.recorded_at FROM register.log l, pg_temp.log t"
        ).fetchone()
    assert moved == (True,)


def test_read_models_that_the_owner_built_are_handed_over(become, sogoc, tmp_path):
    become(OWNER)
    assert sogoc("import", str(Country(tmp_path).folder)).code == 0
    assert sogoc("rebuild", "units").code == 0
    assert sogoc("migrate", "--service", SERVICE).code == 0
    become(SERVICE)
    assert sogoc("rebuild", "all").code == 0
    assert sogoc("rebuild", "units", "--back").code == 0


def test_a_role_that_may_nothing_is_told_so_in_one_line(served, database, become, sogoc):
    with psycopg.connect(database, autocommit=True) as connection:
        name = sql.Identifier(connection.info.dbname)
        connection.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, sql.SQL(NOBODY))
        )
    become(NOBODY)
    for arguments in (["projections"], ["migrate"], ["units"], ["serve", "--port", "0"]):
        said = sogoc(*arguments)
        assert (said.code, said.out, said.err.count("\n")) == (1, "", 1), said.err
        assert "permission denied for schema register" in said.err


def test_what_cannot_be_granted_is_told(become, sogoc, database):
    become(OWNER)
    said = sogoc("migrate", "--service", "no_such_role")
    assert (said.code, said.err) == (
        1,
        'sogoc: nothing was granted: role "no_such_role" does not exist\n',
    )
