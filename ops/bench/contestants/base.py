"""What a contestant is asked to do; ops.bench.works says who takes part in which work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import ClassVar, Self

from ops.bench.place import Place, database
from ops.bench.timing import Pace

Key = tuple[str, int]
"""An event: the id of its stream and its version there."""


class Contestant:
    """One event store in one place. Made anew in every process that takes part."""

    name: ClassVar[str]

    @classmethod
    def missing(cls) -> str | None:
        """Why it cannot take part on this machine; None when it can."""
        return None

    @classmethod
    def housed(cls, dsn: str, folder: Path) -> AbstractContextManager[Place]:
        """A fresh place, for the time of one work."""
        return database(dsn)

    def __init__(self, place: Place, clients: int = 1) -> None:
        """`clients`: how many threads of this process will use it at once."""
        self.place, self.clients = place, clients

    def prepare(self) -> None:
        """Make its tables; once in a place."""

    def close(self) -> None:
        """Let go of connections."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def stored_bytes(self) -> int:
        """Of one renaming, as it is stored."""
        raise NotImplementedError

    # The works

    def appender(self, client: int) -> Callable[[], Key]:
        """Appends one event in one transaction, and tells which."""
        raise NotImplementedError

    def announcer(self, client: int) -> Callable[[], Key]:
        """An appender that those who wait for `deliveries` hear of."""
        return self.appender(client)

    def merger(self, streams: range, events: int) -> Callable[[], None]:
        """Appends so many events to these streams, in turn, in one transaction."""
        raise NotImplementedError

    def loader(self, streams: range) -> Callable[[], int]:
        """Loads the bulk data of these streams; what may be made ready beforehand is."""
        raise NotImplementedError

    def fill(self, streams: range) -> int:
        """The same data by the quickest way it has, before something else is timed."""
        return self.loader(streams)()

    def history(self, events: int) -> Callable[[], object]:
        """Loads one stream of so many events, written beforehand, into its current state."""
        raise NotImplementedError

    def scan(self) -> int:
        """Read everything in order and decode it; how many there were."""
        raise NotImplementedError

    def projecting(self) -> Mapping[str, Callable[[float], Pace]]:
        """Its ways to build the read model of ops.bench.current, each by the figure it gives.

        Each is given the seconds after which it may stop half-way.
        """
        raise NotImplementedError

    def deliveries(self) -> AbstractContextManager[Iterator[Key]]:
        """Events as they come from now on; leaving the block ends the iteration."""
        raise NotImplementedError
