"""The feed: pages, exact bytes, and a stream that is taken up where it broke off."""

import asyncio
import json
import socket
import threading
import time
from base64 import b64decode
from contextlib import contextmanager, suppress
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx2
import pytest
import uvicorn

from api.events import DATA_BYTES_MAX, Feed, streamed
from domain.dossier.tables import Before, Heading, Tables
from services.dossiers.commands import DrawUp
from tests.logs import envelope


def test_pages_of_the_feed_follow_each_other(house):
    seen: list[int] = []
    head, path = house.register.store.position(), "/v1/events?limit=4"
    while len(seen) < head:
        page = house.client.get(path)
        seen += [int(event["id"]) for event in page.json()]
        path = page.links["next"]["url"]
    assert seen == list(range(1, head + 1))
    assert house.client.get(path).json() == []


def test_an_event_of_the_feed_is_a_cloudevent_with_the_whole_record(house):
    page = house.client.get("/v1/events?limit=1")
    assert page.headers["Content-Type"] == "application/cloudevents-batch+json"
    [event] = page.json()
    assert event["specversion"] == "1.0"
    assert event["source"] == f"urn:uuid:{page.headers['Sogoc-Epoch']}"
    assert event["data"]["type"] == "unit.established"
    assert event["type"] == "vn.sogoc.unit.established.v1"
    assert event["time"] == event["data"]["recorded_at"]
    assert event["subject"] == event["data"]["stream"]
    [line] = house.client.get(
        "/v1/events?limit=1", headers={"Accept": "application/x-ndjson"}
    ).text.splitlines()
    assert json.loads(line) == event
    assert house.client.get("/v1/events/1").json() == event


def test_the_stored_bytes_can_be_had_exactly(house):
    [stored] = house.register.store.feed(0, 1)
    raw = house.client.get("/v1/events/1?raw=true")
    assert raw.content == stored.state
    assert raw.headers["Content-Type"] == "application/json"
    assert sha256(raw.content).digest() == b64decode(
        raw.headers["Repr-Digest"].removeprefix("sha-256=:").rstrip(":")
    )
    assert stored.state in house.client.get("/v1/events/1").content


def test_a_page_that_has_not_grown_is_not_sent_again(house):
    page = house.client.get("/v1/events?limit=2")
    house.unit("Xã Mọc Thêm", "commune", "Huyện Bình")
    again = house.client.get("/v1/events?limit=2", headers={"If-None-Match": page.headers["ETag"]})
    assert again.status_code == 304


def test_what_is_too_large_to_be_carried_along_is_referred_to(house):
    """Some 90 KB: a portion of the rows of a dossier."""
    before = house.register.store.position()
    rows = Tables(before=tuple(Before(row, "unit", f"{row:05}") for row in range(1, 501)))
    heading = Heading("Hồ sơ thử", date(2026, 12, 1))
    wish = DrawUp(id=UUID(int=5), envelope=envelope(), heading=heading, tables=rows)
    house.register.execute(wish)
    drafted, stated = house.client.get(f"/v1/events?after={before}").json()
    assert drafted["data"]["data"]["heading"]["title"] == "Hồ sơ thử"
    assert "data" not in stated
    assert stated["dataref"] == f"/v1/events/{before + 2}?raw=true"
    [stored] = house.register.store.feed(before + 1, 1)
    assert len(stored.state) > DATA_BYTES_MAX
    assert house.client.get(stated["dataref"]).content == stored.state
    whole = house.client.get(f"/v1/events/{before + 2}").json()
    assert len(whole["data"]["data"]["tables"]["before"]) == 500
    with served(house.app) as base:
        [_, (_, _, streamed_)] = take(f"{base}/v1/events?after={before}", 2)
    assert streamed_ == stated


def test_the_feed_is_no_table(house):
    refused = house.client.get("/v1/events", headers={"Accept": "text/csv"})
    assert refused.status_code == 406


@contextmanager
def served(app):
    """The app on a port of its own: a stream that does not end needs a real connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def frames(lines):
    """(position, epoch, data) of each frame."""
    frame = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            frame[name] = value
        elif "data" in frame:
            assert frame.keys() <= {"id", "data", "retry"}, "a named one never reaches onmessage"
            epoch, _, position = frame["id"].partition(":")
            yield int(position), epoch, json.loads(frame["data"])
            frame = {}


def take(url, number, after=None, then=lambda: None):
    headers = {"Accept": "text/event-stream"}
    if after is not None:
        headers["Last-Event-ID"] = str(after)
    found = []
    with httpx2.stream("GET", url, headers=headers, timeout=10) as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        for frame in frames(response.iter_lines()):
            found.append(frame)
            if len(found) == number - 1:
                then()
            if len(found) == number:
                return found
    return found


def test_a_stream_is_taken_up_after_the_last_event_that_was_seen(house):
    with served(house.app) as base:
        first = take(f"{base}/v1/events", 3)
        assert [position for position, _, _ in first] == [1, 2, 3]
        epoch = str(house.register.store.epoch())
        assert first[0][1] == epoch
        assert first[0][2]["source"] == f"urn:uuid:{epoch}"
        for after in (3, f"{epoch}:3"):
            further = take(f"{base}/v1/events", 2, after=after)
            assert [position for position, _, _ in further] == [4, 5]


def test_a_stream_brings_what_is_recorded_while_it_is_open(house):
    head = house.register.store.position()
    began = time.monotonic()
    with served(house.app) as base:
        found = take(
            f"{base}/v1/events?after={head - 1}",
            2,
            then=lambda: house.unit("Xã Đang Mở", "commune", "Huyện Đông"),
        )
    assert [position for position, _, _ in found] == [head, head + 1]
    assert found[1][2]["data"]["data"]["name"] == "Xã Đang Mở"
    assert time.monotonic() - began < 8


def test_a_quiet_stream_shows_that_it_lives(house):
    async def comments(number):
        found = []
        store = house.register.store
        feed = Feed(store, store.epoch(), store.position())
        async for frame in streamed(feed, feed.head, None, heartbeat_s=0.05):
            found.append(frame)
            if len(found) > number:
                return found
        return found

    begins, *beats = asyncio.run(comments(2))
    assert begins.startswith(b"retry:")
    assert beats == [b": still here\n\n"] * 2


def test_a_reader_who_has_seen_more_than_there_is_is_told(house):
    """After a restore to an earlier state it would otherwise wait, and miss what is recorded."""
    head = house.register.store.position()
    beyond = f"/v1/events?after={head + 1}"
    stream = {"Accept": "text/event-stream"}
    for refused in (
        house.client.get(beyond),
        house.client.get(beyond, headers=stream),
        house.client.get("/v1/events", headers=stream | {"Last-Event-ID": str(head + 1)}),
    ):
        assert refused.status_code == 409
        assert refused.json()["type"] == "/problems/position-not-reached"
        assert refused.json()["position"] == head
    assert house.client.get(f"/v1/events?after={head}").json() == []


def test_a_position_of_another_log_is_refused(house):
    place = f"{UUID(int=7)}:1"
    stream = {"Accept": "text/event-stream", "Last-Event-ID": place}
    for refused in (
        house.client.get(f"/v1/events?after={place}"),
        house.client.get("/v1/events", headers=stream),
    ):
        assert refused.status_code == 409
        assert refused.json()["type"] == "/problems/other-epoch"
        assert refused.json()["epoch"] == str(house.register.store.epoch())


def test_the_next_page_of_the_feed_names_its_log(house):
    page = house.client.get("/v1/events?limit=2")
    epoch = page.headers["Sogoc-Epoch"]
    assert page.links["next"]["url"] == f"/v1/events?after={epoch}:2&limit=2"


def test_asking_for_the_headers_of_a_stream_ends(house):
    told = house.client.head("/v1/events", headers={"Accept": "text/event-stream"})
    assert told.status_code == 200
    assert told.headers["Content-Type"].startswith("text/event-stream")
    assert told.content == b""


def test_a_stream_that_is_woken_does_not_ask_the_log_all_the_time(house):
    asked = []

    class Counted:
        def feed(self, *_):
            asked.append(1)
            return []

    class Tide:
        def listen(self, _):
            return lambda: None

    async def for_a_while():
        log: Any = Counted()
        with suppress(TimeoutError):
            async with asyncio.timeout(1.2):
                async for _ in streamed(Feed(log, UUID(int=1), 0), 0, Tide()):
                    pass

    asyncio.run(for_a_while())
    assert len(asked) == 1


@pytest.mark.parametrize("tag", ["-1", "x", "1:1", "9" * 17])
def test_a_wrong_last_event_id_is_refused(house, tag):
    headers = {"Accept": "text/event-stream", "Last-Event-ID": tag}
    assert house.client.get("/v1/events", headers=headers).status_code == 422
