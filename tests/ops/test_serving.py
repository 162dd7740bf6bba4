"""The port that is served on."""

import asyncio
import socket

import pytest

from domain.errors import InvalidValue
from ops.cli.serving import listen


class Asked(asyncio.Protocol):
    """Tells how the socket of its connection is set, and hangs up."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        connection = transport.get_extra_info("socket")
        at_once = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        transport.write(b"at once" if at_once else b"when the packet is full")
        transport.close()


def test_an_answer_does_not_wait_for_a_fuller_packet():
    async def told(listening: socket.socket) -> bytes:
        loop = asyncio.get_running_loop()
        async with await loop.create_server(Asked, sock=listening):
            with socket.create_connection(listening.getsockname()) as client:
                client.setblocking(False)
                return await loop.sock_recv(client, 100)

    with listen(0) as listening:
        assert asyncio.run(told(listening)) == b"at once"


def test_a_port_is_held_by_one():
    with listen(0) as listening, pytest.raises(InvalidValue):
        listen(listening.getsockname()[1])
