"""Never skips, never doubles, never half: whoever is killed, at whatever moment.

A few rounds here; hundreds with `make soak`. CHAOS_ROUNDS and CHAOS_SEED choose others.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.scenario import Report, play
from tests.chaos.stage import Stage, stage
from tests.conftest import temporary_folder

ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "2"))
SEED = int(os.environ.get("CHAOS_SEED", "1"))


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Removed afterwards unless a round left evidence in it."""
    folder = temporary_folder()
    yield folder
    if not any(folder.glob("notes-*")):
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def place(folder: Path) -> Iterator[Stage]:
    with stage(folder) as place:
        yield place


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(SEED, SEED + ROUNDS))
def test_nothing_is_skipped_doubled_or_halved(place: Stage, folder: Path, seed: int) -> None:
    notes = folder / f"notes-{seed}"
    notes.mkdir()
    report = play(place, notes, seed)
    print(report)
    assert not report.faults, f"{report.verdict()}\nevidence: {notes}"
    _refuse_idle(report)
    shutil.rmtree(notes)


def _refuse_idle(report: Report) -> None:
    """A round in which little happened proves nothing."""
    told = report.history.told.values()
    assert sum(bool(each.recorded) for each in told) > 20
    assert any(each.refused for each in told)
    assert any(each.attempts > 1 for each in told)
    assert {*report.history.seen} == {"reader_plain_cursor", "reader_subscription"}
    assert report.history.glimpses


@pytest.mark.timeout(600)
def test_a_server_that_acknowledges_before_it_is_safe_is_found_out(folder: Path) -> None:
    """The whole of it can fail: without a flush at the commit, the machine's end loses some."""
    found: set[str] = set()
    with stage(folder / "hasty", synchronous_commit="off") as place:
        for seed in range(5):
            notes = folder / f"hasty-{seed}"
            notes.mkdir()
            report = play(place, notes, seed, kills=3, victims={"machine": 1}, patience_s=5)
            found |= report.faults.keys()
            if "acknowledged" in found:
                return
    raise AssertionError(f"found only {found}")
