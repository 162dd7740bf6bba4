"""Where those who watch meet those who are watched."""

from __future__ import annotations

from functools import partial
from typing import cast

from ops.follower import Follower
from ops.gauges import FollowerGauges, PoolGauges, StandingGauges
from ops.lookout import Lookout
from ops.metrics import Metrics
from ops.standing import look
from ops.store.recorder import Recorder
from ops.wiring import Wiring


def watched(wiring: Wiring, follower: Follower, release: str) -> Metrics:
    """Measurements of an opened register and of what keeps its views level, from now on."""
    metrics = Metrics(release)
    recorder = cast(Recorder, wiring.register.recorder)
    recorder.observer = follower.watch = metrics
    wiring.pools["log"] = recorder.datastore.pool
    find = partial(look, wiring.dsn, wiring.settings.schema, wiring.views)
    metrics.registry.register(StandingGauges(Lookout(find)))
    metrics.registry.register(FollowerGauges(follower, [view.name for view in wiring.views]))
    metrics.registry.register(PoolGauges(wiring.pools))
    return metrics
