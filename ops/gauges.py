"""What is looked up whenever Prometheus asks: how the log, its views, the follower and pools stand.

The database is asked every few seconds at most; without it everything else is told all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ops.follower import Follower
from ops.lookout import Lookout
from ops.standing import Standing, ViewStanding
from ops.wiring import Pool

Number = float | int


class StandingGauges(Collector):
    """The log and its views."""

    def __init__(self, lookout: Lookout[Standing]) -> None:
        self._lookout = lookout

    def collect(self) -> Iterator[Metric]:
        standing = self._lookout.found()
        yield _gauge(
            "sogoc_up", "Whether the database answered of late: 1, else 0.", standing is not None
        )
        if standing is not None:
            yield from _of_log(standing)
            yield from _of_views(standing.views)


def _of_log(standing: Standing) -> Iterator[Metric]:
    yield _gauge("sogoc_log_position", "The last position of the log.", standing.head)
    yield _gauge(
        "sogoc_views_disagreeing",
        "Pairs of views that have come equally far and have not seen the same events.",
        standing.disagreeing,
    )


_VIEW_GAUGES: Mapping[str, tuple[str, Callable[[ViewStanding], Number]]] = {
    "position": ("The position a view has reached.", lambda each: _position(each)),
    "lag_events": ("Events recorded that a view has not seen.", lambda each: each.status.lag),
    "lag_seconds": (
        "How long the first event that a view has not seen has waited.",
        lambda each: each.status.lag_s,
    ),
    "uncounted_events": (
        "Events up to the position of a view that it has skipped, or counted twice.",
        lambda each: each.uncounted,
    ),
    "must_be_rebuilt": (
        "Whether a view was never built, is of another layout, is ahead of the log or has skipped"
        " events: 1, else 0.",
        lambda each: each.status.must_be_rebuilt,
    ),
    "parked_streams": (
        "Streams that a view has put aside because an event failed.",
        lambda each: each.parked,
    ),
    "parked_seconds": (
        "How long the first stream that a view has put aside has been so.",
        lambda each: each.parked_s,
    ),
}


def _of_views(views: Sequence[ViewStanding]) -> Iterator[Metric]:
    for name, (help_, value) in _VIEW_GAUGES.items():
        gauge = GaugeMetricFamily(f"sogoc_view_{name}", help_, labels=["view"])
        for each in views:
            gauge.add_metric([each.status.view], value(each))
        yield gauge
    seen = CounterMetricFamily(
        "sogoc_view_events", "Events that a view has taken in.", labels=["view"]
    )
    for each in views:
        seen.add_metric([each.status.view], each.status.mark.seen.count if each.status.mark else 0)
    yield seen
    yield from _of_rebuilds(views)


def _of_rebuilds(views: Iterable[ViewStanding]) -> Iterator[Metric]:
    """Nothing of a view that is not being rebuilt."""
    help_ = "Events that the rebuild of a view has laid out."
    done = GaugeMetricFamily("sogoc_rebuild_done_events", help_, labels=["view"])
    help_ = "Events that the rebuild of a view is to lay out."
    goal = GaugeMetricFamily("sogoc_rebuild_goal_events", help_, labels=["view"])
    for each in views:
        if each.building is not None:
            done.add_metric([each.status.view], each.building.done)
            goal.add_metric([each.status.view], each.building.of)
    yield done
    yield goal


def _position(standing: ViewStanding) -> int:
    return standing.status.mark.position if standing.status.mark else 0


class FollowerGauges(Collector):
    """What keeps the views level with the log, in this process."""

    def __init__(self, follower: Follower, views: Iterable[str]) -> None:
        self._follower, self._views = follower, tuple(views)

    def collect(self) -> Iterator[Metric]:
        follower = self._follower
        yield _gauge(
            "sogoc_follower_up", "Whether the follower runs: 1, else 0.", follower.is_alive
        )
        failing = follower.error is not None
        yield _gauge(
            "sogoc_follower_failing",
            "Whether the last attempt of the follower failed: 1, else 0.",
            failing,
        )
        yield _gauge(
            "sogoc_follower_idle_seconds",
            "Time since the follower last took something in, or found nothing to take in.",
            follower.idle_s,
        )
        help_ = "Whether a view cannot go on (it is tried again every few seconds): 1, else 0."
        stopped = GaugeMetricFamily("sogoc_view_stopped", help_, labels=["view"])
        for view in self._views:
            stopped.add_metric([view], view in follower.stopped_views)
        yield stopped


class PoolGauges(Collector):
    """Connections. `pools` by what they serve; those that are opened later are told of, too."""

    def __init__(self, pools: Mapping[str, Pool]) -> None:
        self._pools = pools

    def collect(self) -> Iterator[Metric]:
        told = {name: pool.get_stats() for name, pool in [*self._pools.items()]}
        for gauge, help_, value in _POOL_GAUGES:
            metric = GaugeMetricFamily(f"sogoc_pool_{gauge}", help_, labels=["pool"])
            for name, counted in told.items():
                metric.add_metric([name], value(counted))
            yield metric
        for counter, help_, key, factor in _POOL_COUNTERS:
            total = CounterMetricFamily(f"sogoc_pool_{counter}", help_, labels=["pool"])
            for name, counted in told.items():
                total.add_metric([name], counted.get(key, 0) * factor)
            yield total


_POOL_GAUGES: tuple[tuple[str, str, Callable[[Mapping[str, int]], int]], ...] = (
    ("max", "Connections that a pool may have.", lambda told: told["pool_max"]),
    ("size", "Connections that a pool has.", lambda told: told["pool_size"]),
    (
        "in_use",
        "Connections that a pool has lent out.",
        lambda told: told["pool_size"] - told["pool_available"],
    ),
    (
        "waiting",
        "Requests that wait for a connection of a pool now.",
        lambda told: told.get("requests_waiting", 0),
    ),
)
_POOL_COUNTERS = (
    ("requests", "Requests for a connection of a pool.", "requests_num", 1),
    (
        "wait_seconds",
        "Time that requests have waited for a connection of a pool, in all.",
        "requests_wait_ms",
        0.001,
    ),
    ("errors", "Requests that got no connection of a pool.", "requests_errors", 1),
)


def _gauge(name: str, help_: str, value: Number) -> Metric:
    return GaugeMetricFamily(name, help_, value=value)
