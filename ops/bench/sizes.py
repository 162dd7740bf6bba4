"""How much is done in one round of each work."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """The usual ones; QUICK shows that everything works, and measures nothing worth telling."""

    # A to G
    appends: int = 1000
    seconds: float = 1.5  # A at most, B8 and B32 exactly
    mergers: int = 5
    streams: int = 5000  # of the bulk load, ten events each
    view_streams: int = 20_000  # of which a view is built
    loads: int = 20  # of one history
    cap_s: float = 3.0  # for who projects event by event
    listened: int = 400  # events appended while others listen, 200 a second

    # H, I and J
    provinces: int = 34
    communes: int = 98  # in each, about as many as there are
    bases: int = 15  # base organisations in each commune
    years: int = 10  # of renamings in one of the provinces
    http_s: float = 1.5
    trees: int = 7  # readings of one


QUICK = Sizes(
    appends=40,
    seconds=0.2,
    mergers=1,
    streams=60,
    view_streams=60,
    loads=3,
    cap_s=0.2,
    listened=30,
    provinces=2,
    communes=2,
    bases=3,
    years=2,
    http_s=0.2,
    trees=2,
)
