"""One cluster: made, started, found and stopped. Whoever calls holds the start lock."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ops.server import programs
from ops.server.account import Account
from ops.server.errors import ServerError

DATABASE = SUPERUSER = "sogoc"
PORT = 5432  # names the socket's file; nothing listens on it unless TCP is asked for
PATIENCE_S = 60
QUOTED_LINES = 15

PARAMETERS = {
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "max_connections": "100",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
}

# Sorted by code point. The character type is Unicode's: under C, pg_trgm would drop every letter
# that is not ASCII.
INITDB = (
    "--auth-local=trust",
    "--auth-host=reject",
    "--data-checksums",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--lc-collate=C",
    "--lc-ctype=C.UTF-8",
)


@dataclass(frozen=True)
class Server:
    """A running embedded PostgreSQL."""

    process_id: int
    sockets: Path
    port: int
    listens: bool

    @property
    def dsn(self) -> str:
        """libpq connection string of the register's database, over the Unix socket."""
        return self.dsn_of(DATABASE)

    @property
    def tcp_dsn(self) -> str:
        """The same over 127.0.0.1. Raises ServerError when the server does not listen there."""
        if not self.listens:
            raise ServerError("this server was started without TCP")
        return make_conninfo(self.dsn, host="127.0.0.1")

    def dsn_of(self, database: str) -> str:
        """libpq connection string of another database of this server."""
        return make_conninfo(
            host=str(self.sockets), port=self.port, dbname=database, user=SUPERUSER
        )


@dataclass(frozen=True)
class Cluster:
    """The cluster of one data folder, and how it is to be started."""

    data: Path
    account: Account
    wheel: Path
    tcp: bool
    parameters: Mapping[str, str]

    @property
    def folder(self) -> Path:
        """PGDATA."""
        return self.data / "pg18"

    @property
    def log(self) -> Path:
        """What initdb's followers said: pg_ctl and the server."""
        return self.data / "server.log"

    @property
    def sockets(self) -> Path:
        """Folder of the Unix socket; the same for everybody who uses this data folder."""
        key = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]
        return Path("/tmp") / f"sogoc-{self.account.user_id}-{key}"

    def ensure_running(self) -> Server:
        """Find the server or start it, and see to it that the database is there."""
        server = self._running()
        if server is None:
            self._ensure_sockets()
            if not (self.folder / "PG_VERSION").exists():
                self._create()
            self._start()
            server = self._described()
        _ensure_database(server)
        return server

    def stop(self) -> None:
        """Stop the server, disconnecting whoever is still connected; one that is gone is fine."""
        if self._lives():
            self._pg_ctl("stop", "-m", "fast")
            with suppress(OSError):
                self.sockets.rmdir()

    def _running(self) -> Server | None:
        """Return the server when it runs, after waiting for one that starts up or shuts down."""
        deadline = time.monotonic() + PATIENCE_S
        while self._lives():
            with suppress(psycopg.OperationalError, FileNotFoundError, IndexError):
                server = self._described()
                psycopg.connect(server.dsn_of("postgres"), connect_timeout=5).close()
                return server
            if time.monotonic() > deadline:
                raise self._failed(f"the server in {self.folder} runs but does not answer")
            time.sleep(0.05)
        # Its processes are gone, so a file that names one is stale. PostgreSQL itself would
        # refuse to start when the number has gone to another process of this user since.
        (self.folder / "postmaster.pid").unlink(missing_ok=True)
        return None

    def _lives(self) -> bool:
        """Tell whether any process of the server lives; all of them stand in its folder."""
        if not Path("/proc/self/cwd").exists():
            return (self.folder / "postmaster.pid").exists() and not self._pg_ctl("status")
        return any(_is_server(process, self.folder) for process in Path("/proc").glob("[0-9]*"))

    def _described(self) -> Server:
        """Read postmaster.pid: process id, folder, start time, port, sockets, address, ..."""
        lines = (self.folder / "postmaster.pid").read_text().splitlines()
        return Server(int(lines[0]), self.sockets, int(lines[3]), listens=bool(lines[5]))

    def _ensure_sockets(self) -> None:
        """Make the folder of the socket; one that somebody else could have laid is refused."""
        with suppress(FileExistsError):
            self.account.make_folder(self.sockets)
        there = self.sockets.lstat()
        is_folder = self.sockets.is_dir() and not self.sockets.is_symlink()
        if not is_folder or there.st_uid != self.account.user_id or there.st_mode & 0o077:
            raise ServerError(
                f"{self.sockets} is not a private folder of uid {self.account.user_id};"
                " remove it, or set SOGOC_DATA to another folder"
            )
        for left in self.sockets.glob(".s.PGSQL.*"):  # by a server that was killed
            left.unlink()

    def _create(self) -> None:
        """Make the cluster beside its place and move it there whole."""
        making = self.data / "pg18.new"
        shutil.rmtree(making, ignore_errors=True)
        self.account.make_folder(making)
        hasty = ["--no-sync"] if self.parameters.get("fsync") == "off" else []
        terms = ["-D", str(making), "--username", SUPERUSER, *INITDB, *hasty]
        outcome = self.account.run([self._programs / "initdb", *terms])
        if outcome.returncode:
            said = (outcome.stdout + outcome.stderr).splitlines()[-QUOTED_LINES:]
            raise ServerError("\n".join([f"initdb failed in {making}; it ends:", *said]))
        making.rename(self.folder)

    def _start(self) -> None:
        self.account.write(self.folder / "postgresql.conf", self._configuration())
        self.account.write(self.folder / "pg_hba.conf", self._admission())
        if self._pg_ctl("start", "-l", self.log):
            raise self._failed(f"the server in {self.folder} did not start")

    def _configuration(self) -> str:
        chosen = PARAMETERS | dict(self.parameters)
        chosen["listen_addresses"] = "127.0.0.1" if self.tcp else ""
        chosen["port"] = str(_free_port() if self.tcp else PORT)
        chosen["unix_socket_directories"] = str(self.sockets)
        lines = ["# Written at every start; make changes of your own with ALTER SYSTEM."]
        for name, value in chosen.items():
            quoted = value.replace("\\", "\\\\").replace("'", "''")
            lines.append(f"{name} = '{quoted}'")
        return "\n".join(lines) + "\n"

    def _admission(self) -> str:
        """Whoever may enter the socket's folder is trusted, nobody else."""
        lines = ["# Written at every start.", "local all all trust", "local replication all trust"]
        if self.tcp:
            lines.append("host all all 127.0.0.1/32 trust")
        return "\n".join(lines) + "\n"

    def _pg_ctl(self, action: str, *arguments: str | Path) -> int:
        terms = [action, "-D", self.folder, "-t", str(PATIENCE_S), *arguments]
        return self.account.run_into(self.log, [self._programs / "pg_ctl", *terms])

    @cached_property
    def _programs(self) -> Path:
        return programs.reachable(self.wheel, self.data, self.account)

    def _failed(self, words: str) -> ServerError:
        lines = self.log.read_text(errors="replace").splitlines()[-QUOTED_LINES:]
        return ServerError("\n".join([f"{words}; {self.log} ends:", *lines]))


def _is_server(process: Path, folder: Path) -> bool:
    try:
        stands_there = (process / "cwd").readlink() == folder
        return stands_there and (process / "exe").readlink().name.startswith("postgres")
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ensure_database(server: Server) -> None:
    with psycopg.connect(server.dsn_of("postgres"), autocommit=True) as connection:
        query = "SELECT FROM pg_database WHERE datname = %s"
        if connection.execute(query, [DATABASE]).fetchone() is None:
            create = sql.SQL("CREATE DATABASE {} TEMPLATE template0")
            connection.execute(create.format(sql.Identifier(DATABASE)))
