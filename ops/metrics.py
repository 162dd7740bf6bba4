"""What the register measures of itself, told as Prometheus reads it.

Labels are names that the code knows: views, routes, kinds of refusal. No ids, no addresses, nothing
that somebody typed. Seconds and bytes are plain numbers, as is the custom there.
"""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

SOON_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
LATER_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
REQUESTS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
EVENTS = (1, 2, 5, 10, 30, 100, 300, 1_000, 3_000, 10_000)


class Metrics:
    """Counts what happens in this process; `registry` takes what is looked up at each telling.

    It is an observer of the recorder (ops.store.observer), a watch on the follower (ops.follower)
    and the one who measures requests (api.metrics), from any thread.
    """

    media_type = CONTENT_TYPE_PLAIN_0_0_4

    def __init__(self, release: str) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # when each series began
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        built = Gauge("sogoc_build_info", "The release that runs.", ["release"], registry=registry)
        built.labels(release).set(1)
        self._append_seconds = Histogram(
            "sogoc_append_seconds",
            "Time of one transaction that recorded something.",
            buckets=SOON_S,
            registry=registry,
        )
        self._append_requests = Histogram(
            "sogoc_append_requests",
            "Requests that one transaction recorded.",
            buckets=REQUESTS,
            registry=registry,
        )
        self._append_events = Histogram(
            "sogoc_append_events",
            "Events that one transaction recorded.",
            buckets=EVENTS,
            registry=registry,
        )
        self._refused = Counter(
            "sogoc_append_refused",
            "Requests to record something that were refused, by the name of the error.",
            ["kind"],
            registry=registry,
        )
        self._in_doubt = Counter(
            "sogoc_append_in_doubt",
            "Requests to record something of which nobody can say whether it was recorded.",
            registry=registry,
        )
        self._batch_seconds = Histogram(
            "sogoc_follower_batch_seconds",
            "Time of one batch that the read models took in.",
            buckets=LATER_S,
            registry=registry,
        )
        self._batch_events = Histogram(
            "sogoc_follower_batch_events",
            "Events of one batch that the read models took in.",
            buckets=EVENTS,
            registry=registry,
        )
        self._request_seconds = Histogram(
            "sogoc_http_request_seconds",
            "Time until the answer to a request began, by route and class of status.",
            ["method", "route", "status"],
            buckets=SOON_S,
            registry=registry,
        )
        # Found quicker here than through their labels, which is what a request pays.
        self._routes: dict[tuple[str, str, int], Histogram] = {}

    def render(self) -> bytes:
        return generate_latest(self.registry)

    # What is told of the recorder

    def appended(self, requests: int, events: int, seconds: float) -> None:
        self._append_seconds.observe(seconds)
        self._append_requests.observe(requests)
        self._append_events.observe(events)

    def refused(self, kind: str) -> None:
        self._refused.labels(kind).inc()

    def in_doubt(self) -> None:
        self._in_doubt.inc()

    # What is told of the follower

    def followed(self, events: int, seconds: float) -> None:
        self._batch_seconds.observe(seconds)
        self._batch_events.observe(events)

    # What is told of a request

    def served(self, method: str, route: str, status: int, seconds: float) -> None:
        hundreds = status // 100
        measured = self._routes.get((method, route, hundreds))
        if measured is None:
            measured = self._request_seconds.labels(method, route, f"{hundreds}xx")
            self._routes[method, route, hundreds] = measured
        measured.observe(seconds)
