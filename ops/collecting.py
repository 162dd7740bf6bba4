"""How often a process of ours looks for circles of objects that nobody holds any more."""

from __future__ import annotations

import gc

EVERY = 50_000  # objects; an import or an answer makes many, and hardly a circle


def collect_seldom() -> None:
    """What is loaded now stays: the collector need not look at it again and again."""
    gc.freeze()
    gc.set_threshold(EVERY, 20, 20)
