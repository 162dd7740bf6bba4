"""Work K: do appending, following and rebuilding cost the same when the log has grown?

python -m ops.bench.growth [--sizes 1,10,50] [--view current]. One log grows from size to size (in
million events); at each the last stretch is followed and a view is rebuilt from all of it. Some
1.2 kB of disk an event are needed, the views included.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from eventsourcing.persistence import StoredEvent

from ops.bench import material
from ops.bench.contest import table
from ops.bench.current import CURRENT
from ops.bench.memory import MEGABYTE, watched
from ops.bench.place import database, server
from ops.bench.timing import Pace, paced
from ops.collecting import collect_seldom
from ops.helpers import cores, helpers
from ops.migrate import migrate
from ops.settings import Settings
from ops.wiring import Wiring, open_register
from projections.catalogue import VIEWS
from projections.engine.following import create, follow, marks
from projections.engine.view import View
from projections.rebuilding.rebuild import rebuild

MILLION = 1_000_000
ABREAST = 2_000  # streams whose events come in turn: as many organisations are changed at a time
PORTION = 5_000  # events of an append
LAST = 200_000  # events of the stretch that is timed
GOAL = 1.3  # of the rebuild: cost of an event in the largest log to that in the smallest
RESULTS = Path("build/growth.json")


@dataclass(frozen=True)
class Stage:
    """What was measured when the log had come to a size. Rates are events a second."""

    events: int
    append: float
    follow: float
    rebuild: float
    megabytes: float  # resident, of all our processes at most


def grown(wiring: Wiring, view: View, millions: float) -> Stage:
    """Let the log grow to that size, and measure."""
    size = int(millions * MILLION)
    with watched() as peak:
        _append(wiring, size - min(LAST, size // 2))
        _follow(wiring, view)
        appended = _append(wiring, size)
        followed = _follow(wiring, view)
        rebuilt = _rebuild(wiring, view)
    paces = (appended, followed, rebuilt)
    append, followed_at, rebuilt_at = (pace.events / pace.seconds for pace in paces)
    return Stage(size, append, followed_at, rebuilt_at, peak.size / MEGABYTE)


def _append(wiring: Wiring, up_to: int) -> Pace:
    """Record until the log is there; encoding beforehand is not counted."""
    log, seconds = wiring.register.store, 0.0
    began = log.position()
    for portion in _portions(began, up_to):
        start = time.perf_counter()
        log.append(portion)
        seconds += time.perf_counter() - start
    return Pace(up_to - began, seconds)


def _portions(after: int, up_to: int) -> Iterator[Sequence[StoredEvent]]:
    for first in range(after, up_to, PORTION):
        numbers = range(first, min(first + PORTION, up_to))
        yield [material.stored(*event_at(number)) for number in numbers]


def event_at(number: int) -> tuple[int, int]:
    """(stream, version) of the event at that place: many streams abreast, each in its order."""
    block, within = divmod(number, ABREAST * material.PER_STREAM)
    version, stream = divmod(within, ABREAST)
    return block * ABREAST + stream, version + 1


def _follow(wiring: Wiring, view: View) -> Pace:
    schema, log = wiring.settings.schema, wiring.register.store
    with wiring.connection() as connection:
        create(connection, schema, view)
        before = marks(connection, schema, [view.name])[view.name].position
        pace = paced(lambda: follow(connection, schema, wiring.source, [view]))
    assert pace.events == log.position()
    return Pace(pace.events - before, pace.seconds)


def _rebuild(wiring: Wiring, view: View) -> Pace:
    """From the whole log, compared with the live view; its tables are then the live ones."""
    gc.collect()

    def build() -> int:
        crew = helpers(wiring, cores())
        done = rebuild(wiring.dsn, wiring.settings.schema, wiring.source, view, helpers=crew)
        assert done.comparison is not None
        assert done.comparison.equal, done.comparison
        return done.mark.position

    return paced(build)


def measured(
    wiring: Wiring, view: View, sizes: Sequence[float], tell: Callable[[str], None]
) -> list[Stage]:
    """All sizes, the smallest first."""
    stages = []
    for millions in sorted(sizes):
        stages.append(grown(wiring, view, millions))
        tell(str(stages[-1]))
    return stages


def growth(stages: Sequence[Stage]) -> float:
    """What an event costs a rebuild of the largest log, to what it costs in the smallest."""
    return stages[0].rebuild / stages[-1].rebuild


def report(stages: Sequence[Stage]) -> str:
    """A table in Markdown, and the goal."""
    rows = [["events", "append/s", "follow/s", "rebuild/s", "Python, MB"]]
    for stage in stages:
        rates = (stage.append, stage.follow, stage.rebuild, stage.megabytes)
        rows.append([f"{stage.events:,}", *(f"{value:,.0f}" for value in rates)])
    ratio = growth(stages)
    verdict = "met" if ratio <= GOAL else "NOT MET"
    words = f"Rebuild, cost of an event in the largest log to that in the smallest: {ratio:.2f}"
    return f"{table(rows)}\n\n{words} (goal <= {GOAL}: {verdict})"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="ops.bench.growth", description=__doc__)
    parser.add_argument("--sizes", default="1,10,50", help="in million events")
    parser.add_argument("--view", default=CURRENT.name, choices=[CURRENT.name, *VIEWS])
    parser.add_argument("--dsn", help="another PostgreSQL 18; default: one of our own")
    parser.add_argument("--json", type=Path, default=RESULTS, help=f"default: {RESULTS}")
    chosen = parser.parse_args(arguments)
    sizes = [float(size) for size in chosen.sizes.split(",")]
    view = VIEWS.get(chosen.view, CURRENT)
    with server(chosen.dsn) as (dsn, folder), database(dsn) as place:
        settings = Settings(folder / "growth", dsn=place.dsn)
        migrate(place.dsn, settings.schema)
        wiring = Wiring(settings, place.dsn, open_register(settings, place.dsn))
        try:
            stages = measured(wiring, view, sizes, lambda words: print(words, file=sys.stderr))
        finally:
            wiring.close()
    told = {"view": view.name, "growth": growth(stages), "stages": [asdict(s) for s in stages]}
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    chosen.json.write_text(json.dumps(told, indent=1) + "\n")
    print(f"View {view.name}:\n\n{report(stages)}")
    return 0


if __name__ == "__main__":
    collect_seldom()  # as every process of ours; the others gain as much by it
    sys.exit(main())
