"""Who takes part: PostgreSQL itself, the peers, and the register at each of its levels."""

from __future__ import annotations

from ops.bench.contestants.base import Contestant
from ops.bench.contestants.ordered import Ordered
from ops.bench.contestants.raw import Raw
from ops.bench.contestants.sogoc import AtApplication, AtCommands, AtRecorder
from ops.bench.contestants.stock import Stock
from ops.bench.contestants.uma import Uma

CONTESTANTS: dict[str, type[Contestant]] = {
    each.name: each for each in (Raw, Ordered, Stock, Uma, AtRecorder, AtApplication, AtCommands)
}
