"""Commands about streams that are parked in a read model: try again, or leave the event out.

Whether anything is parked there is for the caller to see: the log knows nothing of read models.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from domain.read_model import ReadModel, read_model_id
from services.commands import Command
from services.work import Work


@dataclass(frozen=True, kw_only=True)
class ParkedCommand(Command):
    """What becomes of a stream that is parked; `id` is the stream, and `view` where it is parked.

    The envelope has a reason; it needs no legal basis.
    """

    view: str  # name of the read model
    event_position: int  # of the event that it could not take in

    def touches(self) -> Iterator[UUID]:
        yield read_model_id(self.view)

    def read_model(self, work: Work) -> ReadModel:
        id_ = read_model_id(self.view)
        if work.find_any(ReadModel, id_) is None:
            work.add(ReadModel.of(self.view))
        return work.get(ReadModel, id_, self.expected_version)


@dataclass(frozen=True, kw_only=True)
class RetryParked(ParkedCommand):
    """Tell the read model the whole stream anew; an event that was left out counts again."""

    def decide(self, work: Work) -> None:
        read_model = self.read_model(work)
        read_model.retry(self.view, self.id, self.event_position, self.envelope)


@dataclass(frozen=True, kw_only=True)
class DiscardEvent(ParkedCommand):
    """Tell the read model the whole stream anew, but for this event. Twice records nothing."""

    def decide(self, work: Work) -> None:
        read_model = self.read_model(work)
        read_model.discard(self.view, self.id, self.event_position, self.envelope)
