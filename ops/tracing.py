"""Spans of what the service does, for a collector that speaks OTLP, when there is one to be told.

Set up by OpenTelemetry's own variables (OTEL_EXPORTER_OTLP_ENDPOINT and its kin) and the extra
`tracing`. Spans say what was done and how long it took, by routes, names of commands and counts:
no addresses, no queries, no values, no messages of errors.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from functools import wraps
from typing import Any, Protocol, TypeVar, cast

import structlog
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import route_of
from domain.errors import RegisterError
from ops.follower import Follower, Watch
from ops.store.observer import Observer
from ops.store.recorder import Recorder
from services.register import Register

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PATIENCE_S = 2.0  # with a collector, unless the variables say otherwise: stopping waits for it

F = TypeVar("F", bound=Callable[..., Any])

log = structlog.get_logger(__name__)


class Tracing(Protocol):
    """Whoever is told of spans."""

    def application(self, app: ASGIApp) -> ASGIApp:
        """The application with a span for each request."""

    def watch(self, register: Register, follower: Follower) -> None:
        """Let these be told of, too; whoever watched them before still does."""

    def close(self) -> None:
        """Tell what has not been told yet; takes PATIENCE_S when nobody listens."""


class Untraced:
    """Nobody is told, and nothing costs anything."""

    def application(self, app: ASGIApp) -> ASGIApp:
        return app

    def watch(self, register: Register, follower: Follower) -> None: ...

    def close(self) -> None: ...


class Traced:
    """A tracer is told."""

    def __init__(self, tracer: Tracer, close: Callable[[], None] = lambda: None) -> None:
        self._tracer, self.close = tracer, close

    def application(self, app: ASGIApp) -> ASGIApp:
        return _Requests(app, self._tracer)

    def watch(self, register: Register, follower: Follower) -> None:
        register.execute = _told(register.execute, self._tracer)  # type: ignore[method-assign]
        recorder = cast(Recorder, register.recorder)
        recorder.observer = _Appends(recorder.observer, self._tracer)
        follower.watch = _Batches(follower.watch, self._tracer)


def from_environment(release: str, environment: Mapping[str, str] = os.environ) -> Tracing:
    """As the variables say; nobody is told when they name no collector."""
    disabled = environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if disabled or not any(environment.get(name) for name in ENDPOINTS):
        return Untraced()
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.warning("tracing.not_installed", extra="tracing")
        return Untraced()
    named = environment.get("OTEL_SERVICE_NAME") or "sogoc"
    resource = Resource.create({"service.name": named, "service.version": release})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    timeout_s = None if environment.get("OTEL_EXPORTER_OTLP_TIMEOUT") else PATIENCE_S
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=timeout_s)))
    return Traced(provider.get_tracer("sogoc", release), provider.shutdown)


def span_ids(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """For log lines: the ids of the span that each belongs to, if there is one."""
    context = get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"], event["span_id"] = f"{context.trace_id:032x}", f"{context.span_id:016x}"
    return event


class _Requests:
    """A span for each request, a child of the caller's (W3C traceparent)."""

    def __init__(self, app: ASGIApp, tracer: Tracer) -> None:
        self._app, self._tracer = app, tracer
        self._callers = TraceContextTextMapPropagator()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method, caller = scope["method"], self._callers.extract(Headers(scope=scope))

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                span.set_attribute("http.response.status_code", message["status"])
                if message["status"] >= 500:
                    span.set_status(StatusCode.ERROR)
            await send(message)

        with _span(self._tracer, method, context=caller, kind=SpanKind.SERVER) as span:
            try:
                await self._app(scope, receive, noted)
            finally:
                route = route_of(scope)
                span.update_name(f"{method} {route}")
                span.set_attributes({"http.request.method": method, "http.route": route})


def _told(execute: F, tracer: Tracer) -> F:
    """Register.execute with a span around it."""

    @wraps(execute)
    def told(*commands: Any, **options: Any) -> Any:
        names = sorted({type(command).__name__ for command in commands})
        with _span(tracer, "register.execute") as span:
            span.set_attributes({"sogoc.commands": names, "sogoc.requests": len(commands)})
            outcome = execute(*commands, **options)
            span.set_attributes(
                {"sogoc.events": len(outcome.events), "sogoc.repeated": outcome.repeated}
            )
            return outcome

    return cast(F, told)


class _Appends:
    """An observer of the recorder: a span for each transaction, in the span of who wrote it."""

    def __init__(self, inner: Observer, tracer: Tracer) -> None:
        self._inner, self._tracer = inner, tracer
        self.refused, self.in_doubt = inner.refused, inner.in_doubt

    def appended(self, requests: int, events: int, seconds: float) -> None:
        self._inner.appended(requests, events, seconds)
        counts = {"sogoc.requests": requests, "sogoc.events": events}
        _tell_afterwards(self._tracer, "log.append", seconds, counts)


class _Batches:
    """A watch on the follower: a span for each batch."""

    def __init__(self, inner: Watch, tracer: Tracer) -> None:
        self._inner, self._tracer = inner, tracer

    def followed(self, events: int, seconds: float) -> None:
        self._inner.followed(events, seconds)
        _tell_afterwards(self._tracer, "follower.batch", seconds, {"sogoc.events": events})


@contextmanager
def _span(tracer: Tracer, name: str, **options: Any) -> Iterator[Span]:
    """A span that names the class of an error and not what it says; a refusal is no fault."""
    with tracer.start_as_current_span(
        name, record_exception=False, set_status_on_exception=False, **options
    ) as span:
        try:
            yield span
        except Exception as error:
            span.set_attribute("error.type", type(error).__name__)
            if not isinstance(error, RegisterError):
                span.set_status(StatusCode.ERROR)
            raise


def _tell_afterwards(
    tracer: Tracer, name: str, seconds: float, attributes: Mapping[str, int]
) -> None:
    """A span that ends now."""
    ended_at = time.time_ns()
    began_at = ended_at - int(seconds * 1e9)
    tracer.start_span(name, attributes=dict(attributes), start_time=began_at).end(ended_at)
