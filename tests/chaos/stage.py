"""A PostgreSQL of its own, with fsync on, and the ways in which it dies."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

import psycopg

from ops.server import Server, embedded


class Stage:
    """The server of one data folder; whoever kills it starts it again, here."""

    def __init__(self, data: Path, server: Server, parameters: Mapping[str, str]) -> None:
        self._data, self._server, self._parameters = data, server, parameters
        self.dsn = server.dsn  # stays the same: the socket's folder goes by the data folder

    def restart(self) -> None:
        """Start it where it does not run; where it recovers, wait until it answers."""
        with embedded(self._data, parameters=self._parameters) as server:
            self._server = server

    def kill_machine(self) -> None:
        """The postmaster and all its processes at once."""
        for process in (self._server.process_id, *self._children()):
            _kill(process)

    def kill_postmaster(self) -> None:
        """It alone; the others find out by themselves."""
        _kill(self._server.process_id)

    def kill_backend(self, chance: Random) -> None:
        """One that serves somebody; the postmaster then throws out everybody and recovers."""
        _kill(self._somebody(chance))

    def end_session(self, chance: Random) -> None:
        """One connection breaks; nobody else notices."""
        with suppress(ProcessLookupError):
            os.kill(self._somebody(chance), signal.SIGTERM)

    def stall(self, chance: Random, seconds: float) -> None:
        """A backend that records stands still for a while, with all it holds, and goes on then.

        Its caller may have given up by then; what it was asked for may still be recorded.
        """
        backend = self._somebody(chance, appending=True)
        with suppress(ProcessLookupError):
            os.kill(backend, signal.SIGSTOP)
            try:
                time.sleep(seconds)
            finally:
                os.kill(backend, signal.SIGCONT)

    def _somebody(self, chance: Random, *, appending: bool = False) -> int:
        """A backend that is at work, if there is one. Raises psycopg.OperationalError."""
        query = (
            "SELECT pid, state = 'active' FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            " AND (NOT %s OR query ~ 'append|claim|COPY')"
        )
        with psycopg.connect(self.dsn) as connection:
            found = connection.execute(query, [appending]).fetchall()
        active = [pid for pid, is_active in found if is_active]
        candidates = active or [pid for pid, _ in found]
        if not candidates:
            raise psycopg.OperationalError("nobody is connected")
        return int(chance.choice(candidates))

    def _children(self) -> list[int]:
        parent = self._server.process_id
        with suppress(FileNotFoundError):
            tasks = Path(f"/proc/{parent}/task/{parent}/children")
            return [int(child) for child in tasks.read_text().split()]
        return []


def _kill(process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


@contextmanager
def stage(folder: Path, **parameters: str) -> Iterator[Stage]:
    """Hold a server; without parameters it is as careful about writing as in earnest."""
    with embedded(folder / "data", parameters=parameters) as server:
        yield Stage(folder / "data", server, parameters)
