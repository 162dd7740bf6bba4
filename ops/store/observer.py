"""Who is told what the recorder does: metrics, for one."""

from __future__ import annotations

from typing import Protocol


class Observer(Protocol):
    """Told after each of these, in the thread that did it. Be quick; never raise."""

    def appended(self, requests: int, events: int, seconds: float) -> None:
        """One transaction recorded so many requests with so many events; `seconds` it took."""

    def refused(self, kind: str) -> None:
        """One request was refused; `kind` is the name of its error, as HeadMoved."""

    def in_doubt(self) -> None:
        """One request ended with nobody knowing whether it was recorded."""


class Unobserved:
    """Listens to nothing."""

    def appended(self, requests: int, events: int, seconds: float) -> None: ...

    def refused(self, kind: str) -> None: ...

    def in_doubt(self) -> None: ...
