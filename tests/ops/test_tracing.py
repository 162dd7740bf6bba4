"""Spans nest as the work does, take up what the caller says, and hold no values."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import structlog
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.testclient import TestClient

from api.app import create_app
from ops.follower import Follower
from ops.logging import log_as_json
from ops.tracing import ENDPOINTS, Traced, Untraced, from_environment, span_ids
from ops.watching import watched
from ops.wiring import today
from services.access import Tokens
from tests.ops.test_metrics import BASIS, HOLDERS, House, until, value, wiring

__all__ = ["wiring"]

CALLER = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = {"traceparent": f"00-{CALLER}-00f067aa0ba902b7-01"}


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def house(wiring, spans) -> Iterator[House]:
    """A register that is measured and traced."""
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(spans))
    tracing = Traced(provider.get_tracer("test"))
    with wiring.following() as follower:
        metrics = watched(wiring, follower, "1.2.3")
        tracing.watch(wiring.register, follower)
        app = create_app(
            wiring.register, wiring.readings, Tokens(HOLDERS), follower, metrics, today=today
        )
        with TestClient(tracing.application(app), raise_server_exceptions=False) as client:
            yield House(wiring, follower, client)


def named(spans: InMemorySpanExporter, name: str) -> Any:
    [found] = [span for span in spans.get_finished_spans() if span.name == name]
    return found


def test_an_append_is_in_its_command_and_that_in_its_request(house, spans):
    house.client.headers.update(TRACEPARENT)
    house.found_a_province("Tỉnh An")
    request = named(spans, "POST /v1/units")
    command, append = named(spans, "register.execute"), named(spans, "log.append")
    assert f"{request.context.trace_id:032x}" == CALLER
    assert request.attributes == {
        "http.request.method": "POST",
        "http.route": "/v1/units",
        "http.response.status_code": 201,
    }
    assert command.parent == request.context
    assert command.attributes["sogoc.events"] == 1
    assert append.parent == command.context
    assert append.attributes == {"sogoc.requests": 1, "sogoc.events": 1}
    times = command.start_time, append.start_time, append.end_time, command.end_time
    assert list(times) == sorted(times)


def test_a_batch_of_the_follower_is_a_trace_of_its_own(house, spans):
    house.found_a_province("Tỉnh An")
    until(lambda: any(span.name == "follower.batch" for span in spans.get_finished_spans()))
    batch = named(spans, "follower.batch")
    assert batch.parent is None
    assert batch.attributes == {"sogoc.events": 1}


def test_metrics_still_move_when_spans_are_told(house):
    house.found_a_province("Tỉnh An")
    told = house.told()
    assert value(told, "sogoc_append_seconds_count") == 1
    assert value(told, "sogoc_follower_batch_events_sum") == 1


def test_spans_hold_no_addresses_no_values_and_no_words_of_errors(house, spans):
    id_ = house.found_a_province("Tỉnh Kín")
    house.client.get(f"/v1/units/{id_}?known_at=1")
    house.client.get("/v1/units", params={"name": "Kín"})
    house.client.get(f"/nowhere/{id_}")
    house.post(f"/v1/units/{id_}/renamings", **BASIS | {"effective_on": "2020-01-01"}, name="Kín")
    told = "\n".join(span.to_json() for span in spans.get_finished_spans())
    assert {"GET /v1/units", "GET /v1/units/{id}", "GET unmatched"} <= {
        span.name for span in spans.get_finished_spans()
    }
    for hidden in (
        id_,
        id_.replace("-", ""),
        "Kín",
        "K\\u00edn",
        "known_at",
        "nowhere",
        "202/2025",
    ):
        assert hidden not in told


def test_a_refusal_is_told_by_its_class_and_is_no_fault(house, spans):
    id_ = house.found_a_province("Tỉnh An")
    spans.clear()
    early = BASIS | {"effective_on": "2020-01-01"}
    refused = house.post(f"/v1/units/{id_}/renamings", **early, name="Tỉnh Bình")
    assert refused.status_code == 409
    command = named(spans, "register.execute")
    assert command.attributes["error.type"] in refused.text.title().replace("-", "")
    assert command.status.is_unset
    assert not command.events


def test_log_lines_name_the_span_they_belong_to(house, spans, capsys):
    handlers, level = logging.root.handlers[:], logging.root.level
    log_as_json(span_ids)
    try:
        house.client.get("/v1/units", headers=TRACEPARENT)
        lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    finally:
        logging.root.handlers[:], logging.root.level = handlers, level
        structlog.reset_defaults()
    [served] = [line for line in lines if line["event"] == "request.served"]
    span = named(spans, "GET /v1/units")
    assert (served["trace_id"], served["span_id"]) == (CALLER, f"{span.context.span_id:016x}")


@pytest.mark.parametrize(
    "environment", [{}, {ENDPOINTS[0]: ""}, {ENDPOINTS[1]: "http://x", "OTEL_SDK_DISABLED": "true"}]
)
def test_without_a_collector_nobody_is_told_and_nothing_is_wrapped(wiring, environment):
    tracing = from_environment("1.2.3", environment)
    assert isinstance(tracing, Untraced)
    follower = Follower(wiring.dsn, wiring.settings.schema, wiring.source, wiring.views)
    before = wiring.register.execute, wiring.register.recorder.observer, follower.watch
    with closing(tracing):
        tracing.watch(wiring.register, follower)
        assert tracing.application(nowhere) is nowhere
    assert before == (wiring.register.execute, wiring.register.recorder.observer, follower.watch)


async def nowhere(*_: object) -> None: ...


def test_a_collector_that_is_named_is_told(monkeypatch):
    """By the variables alone, over HTTP."""
    received: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((self.path, body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Collector) as collector:
        serving = threading.Thread(target=collector.serve_forever, daemon=True)
        serving.start()
        monkeypatch.setenv(ENDPOINTS[1], f"http://127.0.0.1:{collector.server_port}")
        tracing = from_environment("1.2.3")
        assert isinstance(tracing, Traced)
        with closing(tracing), tracing._tracer.start_as_current_span("told"):
            pass
        collector.shutdown()
        serving.join()
    [(path, body)] = received
    assert path == "/v1/traces"
    assert b"told" in body
    assert b"sogoc" in body
