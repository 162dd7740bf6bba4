"""Rounds of chaos until told to stop: python -m tests.chaos [--rounds N] [--seed N] [--kills N].

Prints a line a round; a round with faults prints them with its seed, keeps its evidence, and the
exit code is 1 in the end.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time

from tests.chaos.scenario import KILLS, play
from tests.chaos.stage import stage
from tests.conftest import temporary_folder


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    environment = os.environ
    parser.add_argument("--rounds", type=int, default=int(environment.get("CHAOS_ROUNDS", "10")))
    seed = int(environment.get("CHAOS_SEED", int(time.time())))
    parser.add_argument("--seed", type=int, default=seed, help="of the first round; then +1")
    parser.add_argument("--kills", type=int, default=KILLS, help="in a round")
    options = parser.parse_args()
    folder, failed = temporary_folder(), 0
    with stage(folder) as place:
        for seed in range(options.seed, options.seed + options.rounds):
            notes = folder / str(seed)
            notes.mkdir()
            report = play(place, notes, seed, options.kills)
            print(report.verdict() if report.faults else report, flush=True)
            failed += bool(report.faults)
            if not report.faults:
                shutil.rmtree(notes)
    if failed:
        print(f"{failed} of {options.rounds} rounds had faults; the evidence is in {folder}")
    else:
        shutil.rmtree(folder)
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
