"""Holding a data folder's server together with other processes: who starts it and who stops it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from ops.server import programs as wheel_programs
from ops.server.account import Account
from ops.server.cluster import Cluster, Server
from ops.server.errors import ServerError
from ops.settings import Settings

UNSPEAKABLE = frozenset("\"'$`\\\n")  # pg_ctl hands paths to a shell


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Yield a libpq connection string of a running PostgreSQL, started when none was named.

    Raises ServerError.
    """
    if settings.dsn:
        _refuse_unreadable(settings.dsn)
        yield settings.dsn
    else:
        with embedded(settings.data) as server:
            yield server.dsn


def _refuse_unreadable(dsn: str) -> None:
    """In words that quote nothing: what the driver cannot read may be a part of the password.

    With a bare @ or / in a password, a part of it is taken for a host, a port or a database, and
    would be told as that when it cannot be reached.
    """
    try:
        said = conninfo_to_dict(dsn)
    except psycopg.Error:
        said = None
    is_url = dsn.startswith(("postgresql://", "postgres://"))
    misread = said and [str(said.get(name, "")) for name in ("host", "port", "dbname")]
    if misread is None or (is_url and any("@" in value for value in misread)):
        raise ServerError(
            "SOGOC_DSN is no connection string that PostgreSQL understands; in the password of a"
            " URL write %40 for @, %2F for / and %25 for %; after password= quote one with blanks"
        ) from None


@contextmanager
def embedded(
    data: Path,
    *,
    tcp: bool = False,
    parameters: Mapping[str, str] | None = None,
    programs: Path | None = None,
) -> Iterator[Server]:
    """Hold the server of a data folder: start it when it does not run, stop it when last to leave.

    `tcp` (a free port of 127.0.0.1, open to every local user: for tests) and `parameters` count
    only when this call starts the server. `programs` is the folder that holds `pginstall`;
    None takes the wheel's.

    Raises ServerError.
    """
    data = Path(os.path.realpath(data))
    account = _prepare(data)
    cluster = Cluster(data, account, programs or wheel_programs.wheel(), tcp, parameters or {})
    holding = _open_lock(cluster, "holders.lock")
    try:
        with _alone(cluster):
            fcntl.flock(holding, fcntl.LOCK_SH)
            server = _running(cluster)
        yield server
    finally:
        with _closing(holding), _alone(cluster):
            _stop_unless_held(cluster, holding)


def _prepare(data: Path) -> Account:
    """Make the data folder and choose whom the server runs as."""
    if UNSPEAKABLE & set(str(data)):
        raise ServerError(f"the path of the data folder {data} has a quote, $, ` or \\ in it")
    try:
        account = Account.choose(data / "pg18")
        _make_folders(data, 0o711 if account.switch else 0o700)
    except OSError as error:
        raise _unusable(data, error) from None
    if not account.can_enter(data):
        raise ServerError(
            f"the server's user (uid {account.user_id}) cannot enter the data folder {data};"
            " set SOGOC_DATA to a folder it can reach"
        )
    return account


def _running(cluster: Cluster) -> Server:
    try:
        return cluster.ensure_running()
    except OSError as error:
        raise _unusable(cluster.data, error) from None


def _unusable(data: Path, error: OSError) -> ServerError:
    words = f"cannot use the data folder {data}: {error.strerror}"
    return ServerError(f"{words}; set SOGOC_DATA to a folder with room in it that you may write to")


def _make_folders(folder: Path, mode: int) -> None:
    """Make a folder and the parents it lacks; what is there already keeps its mode."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        path.chmod(mode)


def _open_lock(cluster: Cluster, name: str) -> int:
    try:
        return cluster.account.open(cluster.data / name)
    except OSError as error:
        if not isinstance(error, PermissionError) or cluster.data.stat().st_uid == os.geteuid():
            raise _unusable(cluster.data, error) from None
        raise ServerError(
            f"the data folder {cluster.data} belongs to another user;"
            " set SOGOC_DATA to a folder of your own"
        ) from None


@contextmanager
def _alone(cluster: Cluster) -> Iterator[None]:
    """Be the only one that starts or stops this server."""
    with _closing(_open_lock(cluster, "start.lock")) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


@contextmanager
def _closing(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _stop_unless_held(cluster: Cluster, holding: int) -> None:
    try:
        fcntl.flock(holding, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    cluster.stop()
