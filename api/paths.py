"""Paths of requests as they may be told in logs and in answers."""

from __future__ import annotations

import re

_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_WORDS = frozenset(
    {"details", "holds", "hold-liftings", "destructions", "voidings", "readings", "audit", "posts"}
)  # that may follow the id of a person
PEOPLE = "/v1/people"


def told(path: str) -> str:
    """The path; of one about persons, only ids and the words that we know.

    Who looks for somebody may put the name where the id belongs.
    """
    if not path.startswith(PEOPLE):
        return path
    steps = path.removeprefix(PEOPLE).split("/")
    known = (s if not s or s in _WORDS or _ID.fullmatch(s) else "..." for s in steps)
    return PEOPLE + "/".join(known)
