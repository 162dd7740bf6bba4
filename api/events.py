"""The record itself, in order: as pages, as one event with its exact bytes, and as a stream."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Sequence
from hashlib import sha256
from typing import Annotated, Any, Protocol

import orjson
from anyio import to_thread
from fastapi import APIRouter, Header, Query, Request
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from api import openapi
from api.models import CloudEvent, RawRecord
from api.negotiation import CLOUDEVENT, CLOUDEVENTS, EVENT_STREAM, JSON, NDJSON, chosen
from api.parameters import PAGE, PAGE_MAX, POSITION_MAX, Asked, Position
from api.render import plain
from domain.errors import NotFound
from services.register import Register
from services.store import Log, Recorded

BATCH = 500  # events read at once for a stream
POLL_S = 0.5  # how long a stream waits when nobody wakes it
HEARTBEAT_S = 15.0

router = APIRouter(prefix="/events", tags=["events"])


class Tide(Protocol):
    """Tells when there may be something new."""

    def listen(self, listener: Callable[[int], None]) -> Callable[[], None]:
        """Call `listener` with each new position, from any thread; returns the undoing."""


class FeedAsked(Asked):
    after: Position = Field(0, description="Events beyond this position; 0: from the beginning.")
    limit: int = Field(PAGE, ge=1, le=PAGE_MAX)


class EventAsked(Asked):
    raw: bool = Field(False, description="The exact stored bytes, as they are hashed.")


@router.get("", summary="The feed", responses=openapi.feed(list[CloudEvent]))
async def events(
    request: Request,
    asked: Annotated[FeedAsked, Query()],
    last_event_id: Annotated[
        int | None,
        Header(
            alias="Last-Event-ID",
            ge=0,
            le=POSITION_MAX,
            description="For a stream: the last position seen; it goes before `after`.",
        ),
    ] = None,
) -> Response:
    """Events in the order of positions: a page, or with `Accept: text/event-stream` all that come.

    A page that is full never changes. The stream goes on until the reader leaves.
    """
    offers = (CLOUDEVENTS, JSON, NDJSON, EVENT_STREAM)
    form = chosen(request.headers.get("Accept"), offers)
    log = _log(request)
    epoch = await to_thread.run_sync(log.epoch)
    if form == EVENT_STREAM:
        after = asked.after if last_event_id is None else last_event_id
        wake = request.app.state.follower
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        stream = streamed(log, f"urn:uuid:{epoch}", after, wake)
        return StreamingResponse(stream, headers=headers, media_type=EVENT_STREAM)
    return await to_thread.run_sync(_page, request, log, asked, form, f"urn:uuid:{epoch}")


def _page(request: Request, log: Log, asked: FeedAsked, form: str, source: str) -> Response:
    found = log.feed(asked.after, asked.limit)
    headers = _headers(source, [asked.after, len(found), form], log.position())
    if found:
        further = f"{request.url.path}?after={found[-1].id}&limit={asked.limit}"
        headers["Link"] = f'<{further}>; rel="next"'
    if _seen(request, headers["ETag"]):
        return Response(None, 304, headers)
    told = [cloud_event(each, source) for each in found]
    if form == NDJSON:
        return Response(b"".join(each + b"\n" for each in told), 200, headers, NDJSON)
    return Response(b"[" + b",".join(told) + b"]", 200, headers, form)


@router.get("/{position}", summary="One event", responses=openapi.event(CloudEvent | RawRecord))
def event(
    position: Annotated[int, Field(ge=1, le=POSITION_MAX)],
    request: Request,
    asked: Annotated[EventAsked, Query()],
) -> Response:
    """As a CloudEvent; with `raw=true` the stored bytes, with their SHA-256 in `Repr-Digest`."""
    log = _log(request)
    found = log.feed(position - 1, 1)
    if not found:
        raise NotFound(f"The log has not reached position {position}", position=position)
    source = f"urn:uuid:{log.epoch()}"
    form = chosen(request.headers.get("Accept"), (JSON,) if asked.raw else (CLOUDEVENT, JSON))
    headers = _headers(source, [position, asked.raw, form], log.position())
    if _seen(request, headers["ETag"]):
        return Response(None, 304, headers)
    if asked.raw:
        digest = _base64(sha256(found[0].state).digest())
        return Response(found[0].state, 200, headers | {"Repr-Digest": f"sha-256=:{digest}:"}, form)
    return Response(cloud_event(found[0], source), 200, headers, form)


def cloud_event(recorded: Recorded, source: str) -> bytes:
    """Structured mode; the record's bytes stand in `data` as they are stored."""
    attributes: dict[str, Any] = {
        "specversion": "1.0",
        "id": str(recorded.id),
        "source": source,
        "type": recorded.topic,
        "subject": str(recorded.originator_id),
        "time": plain(recorded.recorded_at),
        "datacontenttype": "application/json",
        "data": orjson.Fragment(recorded.state),
    }
    return orjson.dumps(attributes)


async def streamed(
    log: Log,
    source: str,
    after: int,
    tide: Tide | None,
    heartbeat_s: float = HEARTBEAT_S,
) -> AsyncIterator[bytes]:
    """Server-sent events beyond a position, for ever; a comment when nothing comes for long."""
    risen, loop = asyncio.Event(), asyncio.get_running_loop()

    def wake(_: int) -> None:
        loop.call_soon_threadsafe(risen.set)

    leave = tide.listen(wake) if tide else lambda: None
    try:
        yield b"retry: 1000\n\n"
        quiet_since = loop.time()
        while True:
            risen.clear()
            found = await to_thread.run_sync(log.feed, after, BATCH)
            if found:
                yield _frames(found, source)
                after, quiet_since = found[-1].id, loop.time()
                continue
            if loop.time() - quiet_since >= heartbeat_s:
                yield b": still here\n\n"
                quiet_since = loop.time()
            await _any(risen, min(POLL_S, heartbeat_s))
    finally:
        leave()


async def _any(risen: asyncio.Event, timeout_s: float) -> None:
    try:
        await asyncio.wait_for(risen.wait(), timeout_s)
    except TimeoutError:
        return


def _frames(found: Sequence[Recorded], source: str) -> bytes:
    return b"".join(
        b"id: %d\nevent: %s\ndata: %s\n\n" % (e.id, e.topic.encode(), cloud_event(e, source))
        for e in found
    )


def _log(request: Request) -> Log:
    register: Register = request.app.state.register
    return register.store


def _headers(source: str, relies_on: list[Any], head: int) -> dict[str, str]:
    digest = sha256(orjson.dumps([source, *relies_on])).hexdigest()[:32]
    return {
        "Sogoc-Position": str(head),
        "Sogoc-Epoch": source.removeprefix("urn:uuid:"),
        "ETag": f'"{digest}"',
        "Vary": "Accept",
        "Cache-Control": "no-cache",
    }


def _seen(request: Request, tag: str) -> bool:
    return tag in [seen.strip() for seen in request.headers.get("If-None-Match", "").split(",")]


def _base64(data: bytes) -> str:
    return b64encode(data).decode()
