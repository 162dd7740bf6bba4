"""The record itself, in order: as pages, as one event with its exact bytes, and as a stream."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Protocol
from urllib.parse import urlencode
from uuid import UUID

import msgspec
import orjson
from anyio import to_thread
from fastapi import APIRouter, Header, Query, Request
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from api import openapi
from api.models import CloudEvent, RawRecord
from api.negotiation import CLOUDEVENT, CLOUDEVENTS, EVENT_STREAM, JSON, NDJSON, chosen
from api.parameters import PAGE, PAGE_MAX, POSITION_MAX, Asked
from api.positions import Place, position_in, told
from api.render import plain
from domain.errors import NotFound
from services.register import Register
from services.store import Log, Recorded

BATCH = 500  # events read at once for a stream
POLL_S = 0.5  # how long a stream waits when nobody wakes it ...
WOKEN_POLL_S = 5.0  # ... and when somebody does, and may fail to
HEARTBEAT_S = 15.0
DATA_BYTES_MAX = 65_536  # what CloudEvents asks everybody between to pass on; beyond: a reference
TYPES = "vn.sogoc"  # in front of each type of a CloudEvent, as the specification asks

router = APIRouter(prefix="/events", tags=["events"])


class Tide(Protocol):
    """Tells when there may be something new."""

    def listen(self, listener: Callable[[int], None]) -> Callable[[], None]:
        """Call `listener` with each new position, from any thread; returns the undoing."""


class FeedAsked(Asked):
    after: Place = Field(
        "0",
        description="Events beyond this position; 0: from the beginning. With its epoch before it, "
        "`EPOCH:POSITION`, it is refused by a log of another epoch.",
    )
    limit: int = Field(PAGE, ge=1, le=PAGE_MAX)


class EventAsked(Asked):
    raw: bool = Field(False, description="The exact stored bytes, as they are hashed.")


@dataclass(frozen=True)
class Feed:
    """The log, the epoch it is of, and how far it had come."""

    log: Log
    epoch: UUID
    head: int

    @classmethod
    def of(cls, request: Request) -> Feed:
        register: Register = request.app.state.register
        return cls(register.store, register.store.epoch(), register.store.position())

    def headers(self, *relies_on: Any) -> dict[str, str]:
        """What an answer that depends on these rests on."""
        digest = sha256(orjson.dumps([str(self.epoch), *relies_on])).hexdigest()[:32]
        return {
            "Sogoc-Position": str(self.head),
            "Sogoc-Epoch": str(self.epoch),
            "ETag": f'"{digest}"',
            "Vary": "Accept",
            "Cache-Control": "no-cache",
        }


@router.get("", summary="The feed", responses=openapi.feed(list[CloudEvent]))
async def events(
    request: Request,
    asked: Annotated[FeedAsked, Query()],
    last_event_id: Annotated[
        Place | None,
        Header(
            alias="Last-Event-ID",
            description="For a stream: the `id` of the last event seen; it goes before `after`.",
        ),
    ] = None,
) -> Response:
    """Events in the order of positions: a page, or with `Accept: text/event-stream` all that come.

    A page that is full never changes. The stream goes on until the reader leaves; each of its
    messages has an `id` of the form `EPOCH:POSITION`, and none has a name, so `onmessage` hears it.
    A record of more than 65,536 bytes, such as a portion of the rows of a dossier, is not carried
    along: such an event has `dataref` in the place of `data`.
    """
    offers = (CLOUDEVENTS, JSON, NDJSON, EVENT_STREAM)
    form = chosen(request.headers.get("Accept"), offers)
    feed = await to_thread.run_sync(Feed.of, request)
    if form != EVENT_STREAM:
        after = position_in(feed.epoch, feed.head, asked.after)
        return await to_thread.run_sync(_page, request, feed, after, asked.limit, form)
    after = position_in(feed.epoch, feed.head, last_event_id or asked.after)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    if getattr(request.state, "head", False):
        return Response(None, 200, headers, EVENT_STREAM)
    stream = streamed(feed, after, request.app.state.follower)
    return StreamingResponse(stream, headers=headers, media_type=EVENT_STREAM)


def _page(request: Request, feed: Feed, after: int, limit: int, form: str) -> Response:
    found = feed.log.feed(after, limit)
    headers = feed.headers(after, len(found), form)
    if found:
        further = urlencode({"after": told(feed.epoch, found[-1].id), "limit": limit}, safe=":")
        headers["Link"] = f'<{request.url.path}?{further}>; rel="next"'
    if _seen(request, headers["ETag"]):
        return Response(None, 304, headers)
    rows = [cloud_event(each, feed.epoch, DATA_BYTES_MAX) for each in found]
    if form == NDJSON:
        return Response(b"".join(each + b"\n" for each in rows), 200, headers, NDJSON)
    return Response(b"[" + b",".join(rows) + b"]", 200, headers, form)


@router.get("/{position}", summary="One event", responses=openapi.event(CloudEvent | RawRecord))
def event(
    position: Annotated[int, Field(ge=1, le=POSITION_MAX)],
    request: Request,
    asked: Annotated[EventAsked, Query()],
) -> Response:
    """As a CloudEvent; with `raw=true` the stored bytes, with their SHA-256 in `Repr-Digest`."""
    feed = Feed.of(request)
    found = feed.log.feed(position - 1, 1)
    if not found:
        raise NotFound(f"The log has not reached position {position}", position=position)
    form = chosen(request.headers.get("Accept"), (JSON,) if asked.raw else (CLOUDEVENT, JSON))
    headers = feed.headers(position, asked.raw, form)
    if _seen(request, headers["ETag"]):
        return Response(None, 304, headers)
    if asked.raw:
        digest = b64encode(sha256(found[0].state).digest()).decode()
        return Response(found[0].state, 200, headers | {"Repr-Digest": f"sha-256=:{digest}:"}, form)
    return Response(cloud_event(found[0], feed.epoch), 200, headers, form)


class _Shape(msgspec.Struct):
    """What one must know of a record to name its type."""

    schema: int


_shape = msgspec.json.Decoder(_Shape)


def cloud_event(recorded: Recorded, epoch: UUID, data_bytes_max: int | None = None) -> bytes:
    """Structured mode; the record's bytes stand in `data` as they are stored.

    Of one that is larger than asked for, `dataref` says where they are (CloudEvents, Dataref).
    """
    version = _shape.decode(recorded.state).schema
    attributes: dict[str, Any] = {
        "specversion": "1.0",
        "id": str(recorded.id),
        "source": f"urn:uuid:{epoch}",
        "type": f"{TYPES}.{recorded.topic}.v{version}",
        "subject": str(recorded.originator_id),
        "time": plain(recorded.recorded_at),
        "datacontenttype": "application/json",
    }
    if data_bytes_max is None or len(recorded.state) <= data_bytes_max:
        attributes["data"] = orjson.Fragment(recorded.state)
    else:
        attributes["dataref"] = f"/v1{router.prefix}/{recorded.id}?raw=true"
    return orjson.dumps(attributes)


async def streamed(
    feed: Feed,
    after: int,
    tide: Tide | None,
    heartbeat_s: float = HEARTBEAT_S,
) -> AsyncIterator[bytes]:
    """Server-sent events beyond a position, for ever; a comment when nothing comes for long."""
    risen, loop = asyncio.Event(), asyncio.get_running_loop()
    pause_s = min(WOKEN_POLL_S if tide else POLL_S, heartbeat_s)

    def wake(_: int) -> None:
        loop.call_soon_threadsafe(risen.set)

    leave = tide.listen(wake) if tide else lambda: None
    try:
        yield b"retry: 1000\n\n"
        quiet_since = loop.time()
        while True:
            risen.clear()
            found = await to_thread.run_sync(feed.log.feed, after, BATCH)
            if found:
                yield _frames(found, feed.epoch)
                after, quiet_since = found[-1].id, loop.time()
                continue
            if loop.time() - quiet_since >= heartbeat_s:
                yield b": still here\n\n"
                quiet_since = loop.time()
            await _any(risen, pause_s)
    finally:
        leave()


async def _any(risen: asyncio.Event, timeout_s: float) -> None:
    try:
        await asyncio.wait_for(risen.wait(), timeout_s)
    except TimeoutError:
        return


def _frames(found: Sequence[Recorded], epoch: UUID) -> bytes:
    frame = b"id: %s\ndata: %s\n\n"
    return b"".join(
        frame % (told(epoch, e.id).encode(), cloud_event(e, epoch, DATA_BYTES_MAX)) for e in found
    )


def _seen(request: Request, tag: str) -> bool:
    return tag in [seen.strip() for seen in request.headers.get("If-None-Match", "").split(",")]
