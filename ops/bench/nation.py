"""The whole country as of 2025 and 2026: record it, project it, build it anew, ask it, verify it.

python -m ops.bench.nation [--scale 1]. The reorganisation comes from the lists that ship with the
register; what stands below the communes is invented (services.invented.localities). All of it is
recorded by ordinary commands. Prints tables in Markdown for docs/performance.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from ops.bench.contest import table
from ops.bench.memory import MEGABYTE, watched
from ops.bench.place import database, server
from ops.bench.timing import Figures, latencies
from ops.cli.importing import fewer_collections
from ops.collecting import collect_seldom
from ops.helpers import cores, helpers
from ops.migrate import migrate
from ops.settings import Settings
from ops.wiring import Wiring, open_register
from projections.audit import Audit, AuditFilters
from projections.catalogue import VIEWS
from projections.engine.marks import marks
from projections.nodes import Filters
from projections.organisations import Organisation, Organisations
from projections.rebuilding.rebuild import rebuild_together
from services.crosswalk import crosswalk
from services.invented.localities import COMMUNES, FOUNDED_ON, LAST_DAY, QUARTERS, Locality
from services.reading import Reading
from services.reorganisation import checked, record, shipped
from services.reorganisation.reading import Lists
from services.verify import verify_log

SEED = 2025
TOGETHER = 20  # communes whose changes of a quarter are one transaction
ASKED, ASKED_MUCH = 500, 20  # times, for a question that is small or large
MEMORY_GOAL_MB = 4_000
BEFORE = FOUNDED_ON - timedelta(days=1)
SIZES = """
    SELECT schemaname || '.' || relname, n_live_tup, pg_table_size(relid), pg_indexes_size(relid)
    FROM pg_stat_user_tables WHERE pg_total_relation_size(relid) >= 1000000
    ORDER BY pg_total_relation_size(relid) DESC
"""


@dataclass(frozen=True)
class Stage:
    """Something that was done to the whole country."""

    name: str
    events: int
    seconds: float
    megabytes: float  # resident, of our processes at most


@dataclass
class Nation:
    """The register that the country is recorded in, and what was measured on the way."""

    wiring: Wiring
    lists: Lists  # of the reorganisation
    scale: float
    tell: Callable[[str], None]
    chance: Random = field(default_factory=lambda: Random(SEED))
    stages: list[Stage] = field(default_factory=list)
    answers: dict[str, Figures] = field(default_factory=dict)

    def run(self) -> None:
        """All of it, once, in an empty register."""
        self.wiring.register.today = lambda: LAST_DAY
        with fewer_collections():
            self._recording("recording the reorganisation of 1 July 2025", self.reorganise)
            self._following("following it")
            localities = [Locality(each, self.chance) for each in self.communes()]
            founding = partial(self._found, localities)
            self._recording("founding base organisations and cells", founding)
            changing = partial(self._change, localities)
            self._recording("a year and a half of changes and corrections", changing)
            self._following("following both")
        self._whole_log(f"rebuilding all views, processes: {cores()}", self._rebuild)
        self._ask(localities)
        self._whole_log("verifying the log", self._verify)

    # Stages

    def _recording(self, name: str, work: Callable[[], object]) -> None:
        before = self._position()
        self._stage(name, work, lambda: self._position() - before)

    def _following(self, name: str) -> None:
        with self.wiring.connection() as connection:
            reached = marks(connection, self.wiring.settings.schema, VIEWS)
        before = min((mark.position for mark in reached.values()), default=0)
        self._stage(name, self.wiring.project, lambda: self._position() - before)

    def _whole_log(self, name: str, work: Callable[[], object]) -> None:
        self._stage(name, work, self._position)

    def _stage(self, name: str, work: Callable[[], object], events: Callable[[], int]) -> None:
        self.tell(name)
        began = time.perf_counter()
        with watched() as peak:
            work()
        seconds = time.perf_counter() - began
        self.stages.append(Stage(name, events(), seconds, peak.size / MEGABYTE))

    def _position(self) -> int:
        return self.wiring.register.store.position()

    # What is done

    def reorganise(self) -> None:
        record(self.wiring.register, self.lists)

    def communes(self) -> list[Organisation]:
        """Of the organisations upon communes, as many as the scale says."""
        with self.wiring.readings.at(FOUNDED_ON) as reading:
            asking = Organisations(reading.connection, reading.schema)
            filters = Filters(kinds={"kind": ["commune_upper"]})
            found = asking.many(reading.point, filters, limit=2 * COMMUNES)
        return self.chance.sample(found, max(round(len(found) * self.scale), 1))

    def _found(self, localities: Sequence[Locality]) -> None:
        """A commune a transaction."""
        for locality in localities:
            self.wiring.register.execute(*locality.foundings())

    def _change(self, localities: Sequence[Locality]) -> None:
        for quarter in range(QUARTERS):
            for first in range(0, len(localities), TOGETHER):
                some = localities[first : first + TOGETHER]
                changes = [command for each in some for command in each.changes(quarter)]
                done = self.wiring.register.execute(*changes)
                wrong = [command for each in some for command in each.corrections(done.events)]
                self.wiring.register.execute(*wrong)

    def _rebuild(self) -> None:
        wiring, views = self.wiring, self.wiring.views
        crew = helpers(wiring, cores())
        schema = wiring.settings.schema
        for done in rebuild_together(wiring.dsn, schema, wiring.source, views, helpers=crew):
            assert done.comparison is not None
            assert done.comparison.equal, f"{done.view} differs"

    def _verify(self) -> None:
        wrong = [check.claim for check in verify_log(self.wiring.register.store) if check.wrong]
        assert not wrong, wrong

    # Questions

    def _ask(self, localities: Sequence[Locality]) -> None:
        self.tell("asking")
        ids = [each.id for locality in localities for each in locality.standing]
        communes = [locality.commune.organisation_id for locality in localities]
        names = [locality.commune.name.split()[-1] for locality in localities]
        codes = [old.code for old in self.lists.communes_before][:10_000]
        self._answers("one organisation as of a day", ASKED, lambda o: o.one, ids)
        self._answers("those directly under a commune", ASKED, lambda o: o.children, communes)
        self._answers("the tree of a commune", ASKED, lambda o: o.tree, communes)
        self._question("search by a part of the name", ASKED, names, _search)
        self._question("audit of an organisation", ASKED, ids, _audit)
        words = f"crosswalk of {len(codes):,} codes"
        self._question(words, ASKED_MUCH, [codes], _crosswalk)

    def _answers(
        self, words: str, times: int, which: Callable[[Organisations], Any], ids: Sequence[UUID]
    ) -> None:
        def ask(reading: Reading, id_: UUID) -> object:
            return which(Organisations(reading.connection, reading.schema))(id_, reading.point)

        self._question(words, times, ids, ask)

    def _question(
        self, words: str, times: int, about: Sequence[Any], ask: Callable[[Reading, Any], object]
    ) -> None:
        """Each in a reading of its own, as a reader would ask; every answer says something."""

        def work() -> None:
            with self.wiring.readings.at(LAST_DAY) as reading:
                assert ask(reading, self.chance.choice(about))

        self.answers[words] = latencies(work, times, float("inf"), warm=5)


def _search(reading: Reading, part: str) -> object:
    asking = Organisations(reading.connection, reading.schema)
    return asking.many(reading.point, Filters(name=part), limit=20)


def _audit(reading: Reading, id_: UUID) -> object:
    return Audit(reading.connection, reading.schema).lines(AuditFilters(subject=id_))


def _crosswalk(reading: Reading, codes: Sequence[str]) -> object:
    return crosswalk(reading, codes, BEFORE, FOUNDED_ON)


# Telling


def report(nation: Nation, disk: Sequence[tuple[str, int, int, int]]) -> str:
    """Tables in Markdown: rates and memory, answers, sizes on disk."""
    stages = [["stage", "events", "seconds", "events/s", "Python, MB"]]
    for each in nation.stages:
        rate = each.events / each.seconds
        numbers = (f"{each.events:,}", f"{each.seconds:,.1f}", f"{rate:,.0f}")
        stages.append([each.name, *numbers, f"{each.megabytes:,.0f}"])
    answers = [["question", "p50 ms", "p99 ms"]]
    for words, figures in nation.answers.items():
        answers.append([words, f"{figures['p50_ms']:.2f}", f"{figures['p99_ms']:.2f}"])
    sizes = [["table", "rows", "MB", "indexes, MB"]]
    for name, rows, own, indexes in disk:
        sizes.append([name, f"{rows:,}", f"{own / MEGABYTE:,.0f}", f"{indexes / MEGABYTE:,.0f}"])
    most = max(stage.megabytes for stage in nation.stages)
    verdict = "met" if most < MEMORY_GOAL_MB else "NOT MET"
    memory = f"Python at most: {most:,.0f} MB (goal < {MEMORY_GOAL_MB:,}: {verdict})"
    return "\n\n".join([table(stages), memory, table(answers), table(sizes)])


def sizes_on_disk(wiring: Wiring) -> list[tuple[str, int, int, int]]:
    """(table, rows, bytes, bytes of its indexes) of every table of a megabyte and more."""
    with wiring.connection() as connection:
        connection.execute("ANALYZE")
        return connection.execute(SIZES).fetchall()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="ops.bench.nation", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the communes; default 1")
    parser.add_argument("--dsn", help="another PostgreSQL 18; default: one of our own")
    chosen = parser.parse_args(arguments)
    began = time.monotonic()

    def tell(words: str) -> None:
        print(f"{time.monotonic() - began:7.1f} s  {words}", file=sys.stderr, flush=True)

    with server(chosen.dsn) as (dsn, folder), database(dsn) as place:
        settings = Settings(folder / "nation", dsn=place.dsn)
        migrate(place.dsn, settings.schema)
        wiring = Wiring(settings, place.dsn, open_register(settings, place.dsn))
        try:
            nation = Nation(wiring, checked(shipped()), chosen.scale, tell)
            nation.run()
            disk = sizes_on_disk(wiring)
        finally:
            wiring.close()
    seconds = time.monotonic() - began
    print(f"Scale {chosen.scale:g}, seed {SEED}, {seconds:,.0f} s in all.", end="\n\n")
    print(report(nation, disk))
    return 0


if __name__ == "__main__":
    collect_seldom()  # as every process of ours; the others gain as much by it
    sys.exit(main())
