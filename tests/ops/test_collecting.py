"""How often a process of ours looks for circles: seldom, and not never."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from ops.collecting import EVERY, collect_seldom


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


class Circle:
    """It holds itself."""

    def __init__(self) -> None:
        self.itself = self


def test_what_is_loaded_is_not_looked_at_any_more_and_the_rest_seldom():
    gc.collect()
    loaded = len(gc.get_objects())
    collect_seldom()
    assert gc.isenabled()
    assert gc.get_freeze_count() >= loaded
    assert gc.get_threshold()[0] == EVERY > 10 * 700  # what Python comes with


def test_circles_are_found_all_the_same():
    collect_seldom()
    gone = weakref.ref(Circle())
    held: list[object] = []
    for _ in range(3 * EVERY):
        held.append([held])
        if gone() is None:
            return
    pytest.fail("nobody looked")


def test_every_command_does_so(sogoc):
    gc.set_threshold(700, 10, 10)
    sogoc("--help")
    assert gc.get_threshold()[0] == EVERY
