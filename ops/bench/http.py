"""A light HTTP client: keep-alive connections over bare sockets, all served by one thread.

It leaves the cores to the service; a client library would take half of them.
"""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from ops.bench.timing import Figures, spread

PATIENCE_S = 30.0
CHUNK = 1 << 16
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


class Refused(Exception):
    """The service has not answered as it should."""


@dataclass
class _Line:
    """One connection, with what it is about to ask."""

    socket: socket.socket
    asking: Iterator[bytes]
    answer: bytearray = field(default_factory=bytearray)
    asked_at: float = 0.0

    def ask(self) -> None:
        self.answer.clear()
        self.asked_at = time.perf_counter()
        self.socket.sendall(next(self.asking))

    def is_answered(self) -> bool:
        """Read what has come. Raises Refused when the connection ends."""
        read = self.socket.recv(CHUNK)
        if not read:
            raise Refused("the connection was closed")
        self.answer += read
        head = self.answer.find(b"\r\n\r\n")
        if head < 0:
            return False
        length = _LENGTH.search(self.answer, 0, head + 2)
        if length is None:
            return self.answer.endswith(b"\r\n0\r\n\r\n")
        return len(self.answer) >= head + 4 + int(length[1])

    @property
    def status(self) -> int:
        return int(self.answer[9:12])


def asked(host: str, asking: Sequence[Iterator[bytes]], seconds: float, status: int) -> Figures:
    """Requests a second and their delays, each of `asking` over a connection of its own.

    Raises Refused when an answer has another status.
    """
    taken: list[float] = []
    with ExitStack() as leaving, selectors.DefaultSelector() as selector:
        lines = [_Line(leaving.enter_context(_connected(host)), each) for each in asking]
        began = time.perf_counter()
        for line in lines:
            selector.register(line.socket, selectors.EVENT_READ, line)
            line.ask()
        while not taken or time.perf_counter() < began + seconds:
            ready = selector.select(PATIENCE_S)
            if not ready:
                raise Refused(f"no answer in {PATIENCE_S:.0f} s")
            for key, _ in ready:
                line = key.data
                if line.is_answered():
                    taken.append((time.perf_counter() - line.asked_at) * 1000)
                    if line.status != status:
                        raise Refused(line.answer.decode(errors="replace"))
                    line.ask()
        elapsed = time.perf_counter() - began
    return {"rate": len(taken) / elapsed, **spread(taken)}


def _connected(host: str) -> socket.socket:
    name, port = host.split(":")
    connected = socket.create_connection((name, int(port)), timeout=PATIENCE_S)
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connected


def request(method: str, path: str, body: bytes = b"", token: str | None = None) -> bytes:
    """The bytes of one request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: bench", "Accept: application/json"]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    return "\r\n".join([*lines, "", ""]).encode() + body
