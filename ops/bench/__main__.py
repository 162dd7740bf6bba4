"""The register beside its peers: python -m ops.bench [--works A,B8] [--rounds 5] [--quick]."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from ops.bench import serving
from ops.bench.contest import Ground, as_json, report, run
from ops.bench.contestants import CONTESTANTS
from ops.bench.place import server
from ops.bench.sizes import QUICK, Sizes
from ops.bench.works import WORKS
from ops.collecting import collect_seldom

ALL = {work.name: work for work in (*WORKS, *serving.WORKS)}
RESULTS = Path("build/bench.json")


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ops.bench", description=__doc__)
    parser.add_argument("--works", help=f"some of {', '.join(ALL)}, with commas; default: all")
    parser.add_argument("--contestants", help="some of those, with commas; default: all")
    parser.add_argument("--rounds", type=int, default=5, help="default: 5")
    parser.add_argument("--quick", action="store_true", help="one small round: does it work?")
    parser.add_argument("--json", type=Path, default=RESULTS, help=f"default: {RESULTS}")
    parser.add_argument("--dsn", help="another PostgreSQL 18; default: one of our own")
    chosen = parser.parse_args(arguments)
    unknown = set(_split(chosen.works)) - ALL.keys()
    if unknown:
        parser.error(f"there is no work {', '.join(sorted(unknown))}")
    return chosen


def _split(text: str | None) -> list[str]:
    return [part.strip() for part in text.split(",")] if text else []


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = options(arguments)
    works = [ALL[name] for name in _split(chosen.works) or ALL]
    sizes, rounds = (QUICK, 1) if chosen.quick else (Sizes(), chosen.rounds)
    missing = {name: why for name, of in CONTESTANTS.items() if (why := of.missing())}
    for name, why in missing.items():
        print(f"{name} is left out: {why}", file=sys.stderr)
    everybody = {name for work in works for name in work.contestants}
    contestants = [n for n in _split(chosen.contestants) or everybody if n not in missing]
    began = time.monotonic()
    with server(chosen.dsn) as (dsn, folder):
        ground = Ground(dsn, folder, sizes)
        results = run(works, contestants, ground, rounds, _tell)
        about = _about(dsn, chosen, rounds, missing)
    about["seconds"] = round(time.monotonic() - began, 1)
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    chosen.json.write_text(json.dumps(as_json(works, results, about), indent=1) + "\n")
    print(_title(about), report(works, results), sep="\n\n")
    return 1 if results.failures else 0


def _tell(words: str) -> None:
    print(time.strftime("%H:%M:%S"), words, file=sys.stderr, flush=True)


def _about(
    dsn: str, chosen: argparse.Namespace, rounds: int, missing: dict[str, str]
) -> dict[str, Any]:
    with psycopg.connect(dsn) as connection:
        [version] = connection.execute("SHOW server_version").fetchone() or [""]
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "postgresql": version,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "rounds": rounds,
        "quick": chosen.quick,
        "left_out": missing,
    }


def _title(about: dict[str, Any]) -> str:
    return (
        f"{about['cores']} cores, Python {about['python']}, PostgreSQL {about['postgresql']};"
        f" medians of {about['rounds']} rounds, {about['seconds']:.0f} s in all"
    )


if __name__ == "__main__":
    collect_seldom()  # as every process of ours; the others gain as much by it
    sys.exit(main())
