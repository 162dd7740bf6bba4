"""Streams that were told of late: what is appended to one of them costs what is new, no more."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from uuid import UUID

from projections.engine.layout import Telling

EVENTS_MAX = 20_000  # kept at once; some 2 to 3 kB each

Views = tuple[str, ...]


class Memory:
    """Tellings by the views they are told to and their stream; those asked for least go first.

    One that is taken is forgotten until it is kept again: who fails in between leaves nothing that
    is not in the tables as well. It serves one log; begin another with another connection to it.
    """

    def __init__(self, limit: int = EVENTS_MAX) -> None:
        self._limit = limit
        self._tellings: OrderedDict[tuple[Views, UUID], Telling] = OrderedDict()
        self._events = 0

    def take(self, views: Views, stream: UUID, version: int) -> Telling | None:
        """The telling that has come to that version; None: the stream must be read."""
        telling = self._forget(views, stream)
        return telling if telling and telling.version == version else None

    def keep(self, views: Views, tellings: Iterable[tuple[UUID, Telling]]) -> None:
        """Once what they changed has been committed."""
        for stream, telling in tellings:
            self._forget(views, stream)  # views that began anew are told from the beginning
            self._tellings[views, stream] = telling
            self._events += telling.version
        while self._events > self._limit:
            _, telling = self._tellings.popitem(last=False)
            self._events -= telling.version

    def _forget(self, views: Views, stream: UUID) -> Telling | None:
        telling = self._tellings.pop((views, stream), None)
        if telling is not None:
            self._events -= telling.version
        return telling
