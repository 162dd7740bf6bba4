"""The feed: pages, exact bytes, and a stream that is taken up where it broke off."""

import asyncio
import json
import socket
import threading
import time
from base64 import b64decode
from contextlib import contextmanager
from hashlib import sha256

import httpx2
import pytest
import uvicorn

from api.events import streamed


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
    assert event["type"] == event["data"]["type"] == "unit.established"
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
    """(id, event, data) of each frame."""
    frame = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            frame[name] = value
        elif "data" in frame:
            yield int(frame["id"]), frame["event"], json.loads(frame["data"])
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
        assert first[0][1] == first[0][2]["type"] == "unit.established"
        further = take(f"{base}/v1/events", 2, after=3)
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
        async for frame in streamed(store, "urn:x", store.position(), None, heartbeat_s=0.05):
            found.append(frame)
            if len(found) > number:
                return found
        return found

    begins, *beats = asyncio.run(comments(2))
    assert begins.startswith(b"retry:")
    assert beats == [b": still here\n\n"] * 2


@pytest.mark.parametrize("tag", ["-1", "x"])
def test_a_wrong_last_event_id_is_refused(house, tag):
    headers = {"Accept": "text/event-stream", "Last-Event-ID": tag}
    assert house.client.get("/v1/events", headers=headers).status_code == 422
