"""What a crosswalk of the whole country costs: `python -m ops.bench.crosswalk [times]`.

Asks a register that has the reorganisation of 1 July 2025 (`sogoc import`, SOGOC_DATA); writes
nothing. CPU is that of this process; the server's comes on top.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from datetime import date
from statistics import median

from ops.cli.asking import reading
from ops.collecting import collect_seldom
from projections.nodes import Filters
from projections.point import Point
from projections.units import Unit, Units
from services.crosswalk import CODES_MAX, crosswalk
from services.reading import Reading

EVE, DAY = date(2025, 6, 30), date(2025, 7, 1)
COMMUNES = Filters(kinds={"level": ["commune"]})


def main() -> None:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    collect_seldom()
    with reading() as found:
        old, new = _communes(found, EVE)[:CODES_MAX], _communes(found, DAY)
        print("| question | p50 ms | fastest ms | CPU p50 ms |\n|---|---|---|---|")
        _measured(found, "codes onward", _codes(old), EVE, DAY, times)
        _measured(found, "codes backward", _codes(new), DAY, EVE, times)
        _measured(found, "names onward", _names(found, old, EVE), EVE, DAY, times)


def _measured(
    found: Reading, words: str, asked: Sequence[str], begins: date, ends: date, times: int
) -> None:
    elapsed, burnt = [], []
    for _ in range(times):
        clock, cpu = time.perf_counter(), time.process_time()
        lines = crosswalk(found, asked, begins, ends)
        elapsed.append((time.perf_counter() - clock) * 1000)
        burnt.append((time.process_time() - cpu) * 1000)
        assert all(line.crossings for line in lines)
    told = f"{median(elapsed):,.0f} | {min(elapsed):,.0f} | {median(burnt):,.0f}"
    print(f"| {len(asked):,} {words} | {told} |")


def _communes(found: Reading, day: date) -> list[Unit]:
    units = Units(found.connection, found.schema)
    return units.many(Point(day, found.point.known_at), COMMUNES, limit=20_000)


def _codes(units: Sequence[Unit]) -> list[str]:
    return [unit.code or "" for unit in units]


def _names(found: Reading, units: Sequence[Unit], day: date) -> list[str]:
    """With all that stands above each, as an address has it."""
    point = Point(day, found.point.known_at)
    above = Units(found.connection, found.schema).all_above(units, point)

    def address(unit: Unit) -> str:
        superior = above.get(unit.superior_id) if unit.superior_id else None
        return f"{unit.name}, {address(superior)}" if superior else unit.name

    return [address(unit) for unit in units]


if __name__ == "__main__":
    main()
