"""A connection that does not wait for ever, and never cancels.

It speaks to the server through libpq itself, without the driver's cursors: an append takes a tenth
less time, and how long to wait is ours to say. An append that is cancelled while it waits for a
standby would end in success, although the standby may not have it: so when the server keeps silent
for too long the socket is shut, and nobody knows what became of the append.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from os import dup
from select import POLLIN, POLLOUT, poll
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.errors import Diagnostic, error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

from services.store import InDoubt

PATIENCE_S = 3.0  # for a connection
PAUSE_S = 0.1
BINARY = 1
WARNING = "01000"
AT_REST = {TransactionStatus.IDLE, TransactionStatus.INTRANS, TransactionStatus.INERROR}


class ConnectionLost(InDoubt):
    """The connection broke before the answer came."""


class Line:
    """A connection, opened when it is needed and kept. For one thread at a time."""

    def __init__(self, dsn: str, silence_s: float) -> None:
        """`silence_s`: for so long the server may give no sign of life."""
        self._dsn = dsn
        self.silence_s = silence_s
        self._connection: Connection[Any] | None = None
        self._prepared: dict[bytes, bytes] = {}
        self._warnings: list[str | None] = []

    def call(self, statement: bytes, parameters: Sequence[bytes | None]) -> PGresult:
        """Execute a statement, prepared once, with parameters as text; its result is binary.

        Outside transaction() it is one, so the answer means that it is committed. Raises
        psycopg.Error when the server refuses or cannot be reached; InDoubt when it did what it was
        asked with a warning, as when a wait for a standby was cancelled; ConnectionLost.
        """
        pgconn = self._pgconn()
        try:  # as _talking(), which would take its time
            name = self._prepared.get(statement) or self._prepare(pgconn, statement)
            pgconn.send_query_prepared(name, parameters, None, BINARY)
            return self._answer(pgconn, ExecStatus.TUPLES_OK)
        except BaseException as error:
            self._judge(pgconn, error)
            raise

    def execute(self, command: bytes) -> None:
        """Execute a command. Raises as call()."""
        with self._talking() as pgconn:
            pgconn.send_query_params(command, None)
            self._answer(pgconn, ExecStatus.COMMAND_OK)

    def copy(self, command: bytes, blocks: Iterable[bytes]) -> None:
        """COPY FROM STDIN. Raises as call()."""
        with self._talking() as pgconn:
            pgconn.send_query_params(command, None)
            self._send(pgconn)
            self._receive(pgconn)
            began = pgconn.get_result()
            if began is None or began.status != ExecStatus.COPY_IN:
                raise _refusal(began)
            for block in blocks:
                self._put(pgconn, block)
            while not pgconn.put_copy_end():
                self._send(pgconn)
            self._answer(pgconn, ExecStatus.COMMAND_OK)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Several calls that are committed together. Raises as call()."""
        self.execute(b"BEGIN")
        try:
            yield
        except psycopg.Error:
            self.execute(b"ROLLBACK")
            raise
        except BaseException:
            self.close()
            raise
        self.execute(b"COMMIT")

    def rest(self) -> None:
        """Give the connection up if somebody who was interrupted left it amid something."""
        if self._connection is not None:
            pgconn = self._connection.pgconn
            if pgconn.transaction_status != TransactionStatus.IDLE:
                self._shut(pgconn)

    def close(self) -> None:
        """Give the connection up; the next call opens another one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    # The connection

    def _pgconn(self) -> PGconn:
        if self._connection is None:
            self._connection = self._opened()
            self._prepared.clear()
            self._warnings.clear()
            self._connection.add_notice_handler(self._note)
            self._readable, self._either = poll(), poll()
            self._readable.register(self._connection.pgconn.socket, POLLIN)
            self._either.register(self._connection.pgconn.socket, POLLIN | POLLOUT)
        return self._connection.pgconn

    def _opened(self) -> Connection[Any]:
        terms = self._terms()
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return psycopg.connect(terms, autocommit=True)
            except psycopg.OperationalError:
                if time.monotonic() + PAUSE_S > deadline:
                    raise
                time.sleep(PAUSE_S)

    def _terms(self) -> str:
        """Who waits for the log in vain is refused, before we lose patience and are in doubt."""
        terms: dict[str, Any] = {"connect_timeout": int(PATIENCE_S), **conninfo_to_dict(self._dsn)}
        lock_timeout = f"-c lock_timeout={round(self.silence_s * 800)}"  # milliseconds
        options = f"{terms.pop('options', '')} {lock_timeout}"
        return make_conninfo(**terms | {"options": options, "client_encoding": "UTF8"})

    def _note(self, diagnostic: Diagnostic) -> None:
        if diagnostic.sqlstate == WARNING:
            self._warnings.append(diagnostic.message_primary)

    def _prepare(self, pgconn: PGconn, statement: bytes) -> bytes:
        name = b"sogoc_%d" % len(self._prepared)
        pgconn.send_prepare(name, statement)
        self._answer(pgconn, ExecStatus.COMMAND_OK)
        self._prepared[statement] = name
        return name

    @contextmanager
    def _talking(self) -> Iterator[PGconn]:
        pgconn = self._pgconn()
        try:
            yield pgconn
        except BaseException as error:
            self._judge(pgconn, error)
            raise

    def _judge(self, pgconn: PGconn, error: BaseException) -> None:
        """Give the connection up when it is left in an unknown state, whatever the reason."""
        if pgconn.status == ConnStatus.OK and pgconn.transaction_status in AT_REST:
            return
        self._shut(pgconn)
        if isinstance(error, psycopg.Error):
            raise ConnectionLost(f"the connection broke: {error}") from error

    def _shut(self, pgconn: PGconn) -> None:
        """End the conversation at once."""
        if pgconn.status == ConnStatus.OK:
            with socket.socket(fileno=dup(pgconn.socket)) as broken:
                broken.shutdown(socket.SHUT_RDWR)
        self.close()

    # The conversation

    def _answer(self, pgconn: PGconn, expected: ExecStatus) -> PGresult:
        """All there is to hear of a command."""
        self._send(pgconn)
        self._receive(pgconn)
        answer = following = pgconn.get_result()
        while following is not None:
            self._receive(pgconn)
            following = pgconn.get_result()
        warnings, self._warnings = self._warnings, []
        if answer is None or answer.status != expected:
            raise _refusal(answer)
        if warnings:
            raise InDoubt(f"recorded, but perhaps on this server only: {warnings[0]}")
        return answer

    def _put(self, pgconn: PGconn, block: bytes) -> None:
        while not pgconn.put_copy_data(block):
            self._send(pgconn)
        self._send(pgconn)

    def _send(self, pgconn: PGconn) -> None:
        while pgconn.flush():
            self._wait(self._either)
            pgconn.consume_input()

    def _receive(self, pgconn: PGconn) -> None:
        while pgconn.is_busy():
            self._wait(self._readable)
            pgconn.consume_input()

    def _wait(self, until: poll) -> None:
        if not until.poll(self.silence_s * 1000):
            raise psycopg.OperationalError(
                f"the server gave no sign of life for {self.silence_s:g} s"
            )


def _refusal(answer: PGresult | None) -> psycopg.Error:
    if answer is None:
        return psycopg.OperationalError("the server gave no answer")
    return error_from_result(answer)
