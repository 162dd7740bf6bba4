"""`sogoc serve`: the API and the first page, on this machine."""

from __future__ import annotations

import asyncio
import signal
import socket
from contextlib import closing, suppress
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated

import typer
import uvicorn
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.errors import InvalidValue
from ops.cli.app import app, register, settings
from ops.logging import log_as_json
from ops.tokens import TokenFile, token_file
from ops.wiring import Wiring, today

if TYPE_CHECKING:
    from ops.tracing import Tracing

HOST = "127.0.0.1"
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port on this machine; 0: a free one.")]
STOP_S = 3
EVENT_STREAM = "text/event-stream"


@app.command()
def serve(port: Port = 8000) -> None:
    """Serve the API and the first page on 127.0.0.1 until Ctrl-C.

    `sogoc token` lets somebody record; SOGOC_TOKENS names another file of those who may.
    """
    from ops.tracing import from_environment, span_ids  # slow to load

    with (
        closing(from_environment(version("sogoc"))) as tracing,
        listen(port) as listening,
        register(migrating=True) as wiring,
    ):
        typer.echo(f"Serving {address(listening)} until Ctrl-C.")
        log_as_json(span_ids)
        run(wiring, listening, tracing)


def listen(port: int) -> socket.socket:
    """The port, held from now on. Raises InvalidValue when somebody else has it."""
    # Of the kind that asyncio knows for TCP: only then it turns the waiting for fuller packets off,
    # which costs 40 ms whenever headers and body go apart.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen()  # so that nobody else can have it; who connects early waits
    except OSError as error:
        listening.close()
        raise InvalidValue(
            f"Port {port} of {HOST} cannot be used: {error.strerror}; choose another with --port",
            field="--port",
        ) from None
    return listening


def address(listening: socket.socket) -> str:
    return f"http://{HOST}:{listening.getsockname()[1]}"


def run(wiring: Wiring, listening: socket.socket, tracing: Tracing | None = None) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP; returns when the last answer is given.

    Those that are not given in STOP_S are cut off.
    """
    from api.app import create_app  # slow to load, and no other command needs them
    from ops.watching import watched

    release = version("sogoc")
    with wiring.following() as follower:
        application: ASGIApp = create_app(
            register=wiring.register,
            readings=wiring.readings,
            access=TokenFile(token_file(settings().data)),
            follower=follower,
            measured=watched(wiring, follower, release),
            today=today,
            people=wiring.people,
            lag_limit_s=wiring.settings.lag_limit_s,
            stall_limit_s=wiring.settings.stall_limit_s,
            release=release,
        )
        if tracing is not None:
            tracing.watch(wiring.register, follower)
            application = tracing.application(application)
        ending = StreamsEnd(application)
        configuration = uvicorn.Config(
            ending, log_config=None, access_log=False, timeout_graceful_shutdown=STOP_S
        )
        server = Server(configuration, ending)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # uvicorn leaves that one alone
            signal.signal(signal.SIGHUP, server.handle_exit)
        with suppress(KeyboardInterrupt):  # given on by uvicorn once it has stopped in order
            server.run(sockets=[listening])


class Server(uvicorn.Server):
    """Lets the streams end before it waits for the last answers."""

    def __init__(self, configuration: uvicorn.Config, ending: StreamsEnd) -> None:
        super().__init__(configuration)
        self._ending = ending

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._ending.now.set()
        await super().shutdown(sockets)


class StreamsEnd:
    """Ends event streams in order when the server stops; they would go on for ever."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application
        self.now = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or EVENT_STREAM not in Headers(scope=scope).get("accept", ""):
            await self._application(scope, receive, send)
            return
        answering = asyncio.ensure_future(self._application(scope, receive, send))
        ending = asyncio.ensure_future(self.now.wait())
        await asyncio.wait({answering, ending}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if answering.done():
            answering.result()  # raises what it raised
            return
        answering.cancel()
        with suppress(asyncio.CancelledError):
            await answering
        await send({"type": "http.response.body", "body": b"", "more_body": False})
