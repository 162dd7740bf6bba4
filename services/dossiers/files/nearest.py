"""The known name that somebody most likely meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

from domain.names import folded

_CLOSE = 0.6  # of 1: below, a hint would rather mislead


def nearest(name: str, known: Iterable[str]) -> str | None:
    """None: nothing is near."""
    return _nearest(name[:100], tuple(known))


@lru_cache(maxsize=1024)
def _nearest(name: str, known: tuple[str, ...]) -> str | None:
    by_fold = {folded(each): each for each in reversed(known)}
    found = get_close_matches(folded(name), by_fold, 1, _CLOSE)
    return by_fold[found[0]] if found else None
