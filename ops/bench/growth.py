"""Work K: do appending, following and rebuilding cost the same when the log has grown?

python -m ops.bench.growth [--sizes 1,10,50] [--view current]. One log grows from size to size (in
million events); at each a view is rebuilt from all but the last stretch, then that is appended and
followed. Some 1.2 kB of disk an event are needed, the view included.

An hour is long, and others may work on the machine meanwhile. So the rebuild is told in time of
the processors, too: what it costs does not grow because somebody else was busy.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

from eventsourcing.persistence import StoredEvent
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from ops.bench import material
from ops.bench.burning import burnt
from ops.bench.contest import table
from ops.bench.current import CURRENT_IN_PYTHON
from ops.bench.memory import MEGABYTE, watched
from ops.bench.place import database, server
from ops.bench.timing import Pace, paced
from ops.collecting import collect_seldom
from ops.helpers import cores, helpers
from ops.migrate import migrate
from ops.settings import Settings
from ops.wiring import Wiring, open_register
from projections.catalogue import VIEWS
from projections.engine.following import follow, marks
from projections.engine.marks import namespace
from projections.engine.view import View
from projections.rebuilding.rebuild import rebuild
from services.store import Log

MILLION = 1_000_000
ABREAST = 2_000  # streams whose events come in turn: as many organisations are changed at a time
BLOCK = ABREAST * material.PER_STREAM  # events that such streams have
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
    rebuild_us: float  # of processors, ours and PostgreSQL's, for each event
    megabytes: float  # resident, of all our processes at most
    stored: float  # bytes of the log's tables and indexes, for each event


def grown(wiring: Wiring, view: View, millions: float) -> Stage:
    """Let the log grow to that size, and measure."""
    size = int(millions * MILLION)
    before = size - min(LAST, size // 2)
    with watched() as peak:
        _fill(wiring, before)
        rebuilt, burnt = _rebuild(wiring, view)
        appended = _append(wiring, size)
        followed = _follow(wiring, view)
    paces = (appended, followed, rebuilt)
    append, followed_at, rebuilt_at = (pace.events / pace.seconds for pace in paces)
    costs = (burnt / rebuilt.events * MILLION, peak.size / MEGABYTE, _stored(wiring) / size)
    return Stage(size, append, followed_at, rebuilt_at, *costs)


def _fill(wiring: Wiring, up_to: int) -> None:
    """Record until the log is there, in two processes that take streams in turn."""
    began = wiring.register.store.position()
    first = min(-(-began // BLOCK) * BLOCK, up_to)
    last = max(up_to // BLOCK * BLOCK, first)
    _append(wiring, first)
    blocks = range(first, last, BLOCK)
    spawning = get_context("spawn")
    with ProcessPoolExecutor(2, spawning, _open, (wiring.settings, wiring.dsn)) as pool:
        for done, _ in enumerate(pool.map(_append_block, blocks), 1):
            if done % 50 == 0:
                print(f"{first + done * BLOCK:,} of {up_to:,} events", file=sys.stderr)
    _append(wiring, up_to)


_log: list[Log] = []  # of a process that fills


def _open(settings: Settings, dsn: str) -> None:
    collect_seldom()
    _log.append(open_register(settings, dsn).store)


def _append_block(first: int) -> None:
    for portion in _portions(first, first + BLOCK):
        _log[0].append(portion)


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
    block, within = divmod(number, BLOCK)
    version, stream = divmod(within, ABREAST)
    return block * ABREAST + stream, version + 1


def _rebuild(wiring: Wiring, view: View) -> tuple[Pace, float]:
    """From the whole log, with nothing there before; and the seconds of processors."""
    gc.collect()
    home = namespace(wiring.settings.schema, view.name)
    with wiring.connection() as connection:
        connection.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(home)))
        connection.execute("ANALYZE")

    def build() -> int:
        crew = helpers(wiring, cores())
        return rebuild(
            wiring.dsn, wiring.settings.schema, wiring.source, view, helpers=crew
        ).mark.position

    with wiring.connection() as connection:
        began = burnt(connection)
        pace = paced(build)
        return pace, burnt(connection) - began


def _follow(wiring: Wiring, view: View) -> Pace:
    schema, log = wiring.settings.schema, wiring.register.store
    with wiring.connection() as connection:
        before = marks(connection, schema, [view.name])[view.name].position
        pace = paced(lambda: follow(connection, schema, wiring.source, [view]))
    assert pace.events == log.position()
    return Pace(pace.events - before, pace.seconds)


def _stored(wiring: Wiring) -> int:
    query = (
        "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c"
        " WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r'"
    )
    with wiring.connection() as connection, connection.cursor(row_factory=tuple_row) as cursor:
        (size,) = cursor.execute(query, [wiring.settings.schema]).fetchall()[0]
    return int(size)


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
    return stages[-1].rebuild_us / stages[0].rebuild_us


def report(stages: Sequence[Stage]) -> str:
    """A table in Markdown, and the goal."""
    heads = [
        "append/s",
        "follow/s",
        "rebuild/s",
        "rebuild, µs",
        "Python, MB",
        "log, bytes an event",
    ]
    rows = [["events", *heads]]
    for stage in stages:
        rates = (stage.append, stage.follow, stage.rebuild, stage.rebuild_us)
        sizes = (stage.megabytes, stage.stored)
        rows.append([f"{stage.events:,}", *(f"{value:,.0f}" for value in (*rates, *sizes))])
    ratio = growth(stages)
    verdict = "met" if ratio <= GOAL else "NOT MET"
    words = (
        "Rebuild, time of processors for an event in the largest log to that in the smallest: "
        f"{ratio:.2f} (goal <= {GOAL}: {verdict}); by the clock: "
        f"{stages[0].rebuild / stages[-1].rebuild:.2f}"
    )
    return f"{table(rows)}\n\n{words}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="ops.bench.growth", description=__doc__)
    parser.add_argument("--sizes", default="1,10,50", help="in million events")
    parser.add_argument("--view", default="current", choices=[CURRENT_IN_PYTHON.name, *VIEWS])
    parser.add_argument("--dsn", help="another PostgreSQL 18; default: one of our own")
    parser.add_argument("--json", type=Path, default=RESULTS, help=f"default: {RESULTS}")
    chosen = parser.parse_args(arguments)
    sizes = [float(size) for size in chosen.sizes.split(",")]
    view = VIEWS.get(chosen.view, CURRENT_IN_PYTHON)
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
