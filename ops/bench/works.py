"""Works A to G on event stores: what is done, how it is timed, and how good we want to be."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from threading import Event, Thread

from ops.bench.contest import Goal, Ground, Measured, Work
from ops.bench.contestants import CONTESTANTS
from ops.bench.contestants.base import Contestant, Key
from ops.bench.place import Place
from ops.bench.sizes import Sizes
from ops.bench.timing import at_once, in_processes, latencies, paced, spread, without_rate

PROCESSES = 2
MERGED_EVENTS, MERGED_STREAMS = 1000, 200
RATE = 200  # appends a second while others listen
WARM = 20
PATIENCE_S = 20.0

Doing = Callable[[type[Contestant], Place, Sizes], Measured]


def in_fresh_places(do: Doing) -> Callable[[Ground, str], Measured]:
    """A work that is done in a fresh place each time."""

    def turn(ground: Ground, name: str) -> Measured:
        of = CONTESTANTS[name]
        with of.housed(ground.dsn, ground.folder) as place:
            with of(place) as contestant:
                contestant.prepare()
            return do(of, place, ground.sizes)

    return turn


def append_alone(of: type[Contestant], place: Place, sizes: Sizes) -> Measured:
    with of(place) as contestant:
        append = contestant.appender(0)
        figures = latencies(append, sizes.appends, sizes.seconds, WARM)
        return {"A": figures | {"bytes": contestant.stored_bytes()}}


def append_together(clients: int) -> Doing:
    def do(of: type[Contestant], place: Place, sizes: Sizes) -> Measured:
        share = clients // PROCESSES
        places = [(of, place, share, number, sizes.seconds) for number in range(PROCESSES)]
        done, seconds = in_processes(_clients, places)
        return {f"B{clients}": {"rate": sum(done) / seconds, "events": sum(done)}}

    return do


def _clients(
    of: type[Contestant], place: Place, clients: int, process: int, seconds: float
) -> Callable[[], int]:
    contestant = of(place, clients)
    appends = [contestant.appender(process * clients + client) for client in range(clients)]
    at_once(appends, seconds / 5)

    def work() -> int:
        try:
            return at_once(appends, seconds)
        finally:
            contestant.close()

    return work


def merge(of: type[Contestant], place: Place, sizes: Sizes) -> Measured:
    with of(place) as contestant:
        work = contestant.merger(range(MERGED_STREAMS), MERGED_EVENTS)
        figures = latencies(work, sizes.mergers, float("inf"), warm=1)
        return {"C1": figures | {"rate": figures["rate"] * MERGED_EVENTS}}


def load_alone(of: type[Contestant], place: Place, sizes: Sizes) -> Measured:
    with of(place) as contestant:
        return {"C2": paced(contestant.loader(range(sizes.streams))).figures()}


def load_together(of: type[Contestant], place: Place, sizes: Sizes) -> Measured:
    share = sizes.streams // PROCESSES
    portions = [range(number * share, (number + 1) * share) for number in range(PROCESSES)]
    done, seconds = in_processes(_loader, [(of, place, portion) for portion in portions])
    return {"C2 by two": {"rate": sum(done) / seconds, "events": sum(done)}}


def _loader(of: type[Contestant], place: Place, streams: range) -> Callable[[], int]:
    contestant = of(place)
    load = contestant.loader(streams)

    def work() -> int:
        try:
            return load()
        finally:
            contestant.close()

    return work


def fold(events: int) -> Doing:
    def do(of: type[Contestant], place: Place, sizes: Sizes) -> Measured:
        with of(place) as contestant:
            load = contestant.history(events)
            figures = latencies(load, sizes.loads, float("inf"), warm=1)
            return {f"D{events}": without_rate(figures)}

    return do


def scan(of: type[Contestant], place: Place, sizes: Sizes) -> Measured:
    with of(place) as contestant:
        expected = contestant.fill(range(sizes.streams))
        pace = paced(contestant.scan)
        assert pace.events == expected, f"{pace.events} events were read, not {expected}"
        return {"E": pace.figures()}


def project(of: type[Contestant], place: Place, sizes: Sizes) -> Measured:
    with of(place) as contestant:
        contestant.fill(range(sizes.view_streams))
        ways = contestant.projecting()
        return {figure: way(sizes.cap_s).figures() for figure, way in ways.items()}


def deliver(of: type[Contestant], place: Place, sizes: Sizes) -> Measured:
    """From the append's return in one process until another has the event in its hands."""
    seen: dict[Key, int] = {}
    done = Event()

    def listen(deliveries: Iterator[Key]) -> None:
        for key in deliveries:
            seen[key] = time.monotonic_ns()
            if len(seen) == sizes.listened:
                done.set()

    with of(place) as contestant:
        with contestant.deliveries() as deliveries:
            thread = Thread(target=listen, args=(deliveries,))
            thread.start()
            [sent], _ = in_processes(_writer, [(of, place, sizes.listened)])
            done.wait(PATIENCE_S)
        thread.join()
    missed = sent.keys() - seen.keys()
    assert not missed, f"{len(missed)} of {len(sent)} events never came"
    return {"G": spread([(seen[key] - at) / 1e6 for key, at in sent.items()])}


def _writer(of: type[Contestant], place: Place, events: int) -> Callable[[], dict[Key, int]]:
    contestant = of(place)
    append = contestant.announcer(0)

    def work() -> dict[Key, int]:
        began, sent = time.monotonic(), dict[Key, int]()
        for number in range(events):
            time.sleep(max(began + number / RATE - time.monotonic(), 0))
            sent[append()] = time.monotonic_ns()
        contestant.close()
        return sent

    return work


def _work(name: str, words: str, do: Doing, among: tuple[str, ...], *goals: Goal) -> Work:
    return Work(name, words, among, in_fresh_places(do), goals)


STORES = ("raw", "stock", "umadb", "recorder", "application")
EVERYBODY = (*STORES, "commands")
IN_ORDER = ("raw", "in order", "stock", "umadb", "recorder", "application", "commands")
FOLLOWED = ("raw", "stock", "umadb", "application")  # by those who project or listen


def _concurrent(clients: int) -> Work:
    figure = f"B{clients}"
    words = f"one event a transaction, {clients} clients in {PROCESSES} processes"
    return _work(
        figure,
        words,
        append_together(clients),
        IN_ORDER,
        Goal(figure, "recorder", "raw", least=0.9),
        Goal(figure, "recorder", "in order", least=1.5),
        Goal(figure, "recorder", "umadb", least=1.1),
        Goal(figure, "application", "stock", least=5),
    )


WORKS = (
    _work(
        "A",
        "one event a transaction, one client",
        append_alone,
        IN_ORDER,
        Goal("A", "recorder", "raw", least=0.85),
        Goal("A", "recorder", "in order", least=0.9),
        Goal("A", "application", "raw", least=0.6),
    ),
    _concurrent(8),
    _concurrent(32),
    _work(
        "C1",
        f"one transaction of {MERGED_EVENTS} events over {MERGED_STREAMS} streams",
        merge,
        EVERYBODY,
        Goal("C1", "application", "stock", least=2),
    ),
    _work("C2", "bulk load", load_alone, STORES),
    _work(
        "C2 by two",
        f"bulk load in {PROCESSES} processes",
        load_together,
        STORES,
        Goal("C2 by two", "recorder", "raw", least=0.65, figure_against="C2"),
    ),
    _work("D100", "load one stream of 100 events", fold(100), STORES),
    _work(
        "D1000",
        "load one stream of 1,000 events",
        fold(1000),
        STORES,
        Goal("D1000", "application", "raw", most=1.5, of_what="p50_ms"),
    ),
    _work(
        "E",
        "read everything in order and decode it",
        scan,
        STORES,
        Goal("E", "recorder", "raw", least=0.9),
        Goal("E", "application", "stock", least=2),
    ),
    _work(
        "F",
        "build a small read model in PostgreSQL",
        project,
        FOLLOWED,
        Goal("F", "application", "stock", least=50),
        Goal("F sql", "application", "raw", least=0.5, figure_against="F text"),
        Goal("F sql", "application", "application", least=1, figure_against="F"),
        Goal("F follow", "application", None, least=20_000),
    ),
    _work(
        "G",
        f"commit to delivery, {RATE} events a second",
        deliver,
        FOLLOWED,
        Goal("G", "application", "stock", most=1.2, of_what="p50_ms"),
        Goal("G", "application", None, most=5, of_what="p99_ms"),
    ),
)
