"""What operators have decided about a read model: which streams it tries again, what it leaves out.

An event that a read model cannot take in parks its stream there. Whoever mends that decides what
becomes of it, and what was decided is on record like everything else. No document of an authority
stands behind it: it is a matter of running the register, and a reason is given instead.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from domain.aggregate import NOT_YET_RECORDED, Aggregate, Event
from domain.envelope import Envelope
from domain.errors import InvalidValue
from domain.ids import derived_id

_PLACE = datetime(2025, 7, 1, tzinfo=UTC)  # of the derived ids among those of a time


def read_model_id(view: str) -> UUID:
    """The stream of the decisions about the read model of that name."""
    return derived_id(f"read-model/{view}", _PLACE)


class Decision(Event):
    """What becomes of a stream that is parked in a read model."""

    view: str  # name of the read model
    stream_id: UUID  # the stream that is parked there
    event_position: int  # of the event that it could not take in

    def apply(self, aggregate: ReadModel) -> None:
        aggregate.view = self.view
        aggregate.decided = self.position or aggregate.decided


class ReadModel(Aggregate):
    """A read model (mô hình đọc), as far as somebody has decided about it."""

    TOPIC = "read-model"

    class ParkedRetried(Decision):
        """The stream is told to the read model anew, that event included (xử lý lại)."""

        TOPIC = "read-model.parked-retried"
        TITLE = "xử lý lại hồ sơ đang tạm dừng"

        def apply(self, aggregate: ReadModel) -> None:
            super().apply(aggregate)
            aggregate.discarded.pop(self.event_position, None)

    class EventDiscarded(Decision):
        """The stream is told to the read model anew, and that event left out (loại khỏi)."""

        TOPIC = "read-model.event-discarded"
        TITLE = "loại bản ghi khỏi mô hình đọc"

        def apply(self, aggregate: ReadModel) -> None:
            super().apply(aggregate)
            aggregate.discarded[self.event_position] = self.stream_id

    def __init__(self) -> None:
        super().__init__()
        self.view = ""
        self.discarded: dict[int, UUID] = {}  # position of an event that is left out -> its stream
        self.decided = 0  # position of the last decision; 0: there is none

    @classmethod
    def refuse_unfounded(cls, envelope: Envelope) -> None:
        if not envelope.reason:
            raise InvalidValue("Say why, in a few words", field="reason")

    def retry(self, view: str, stream_id: UUID, event_position: int, envelope: Envelope) -> None:
        """Let the stream be told anew; an event that was discarded counts again. Each time anew."""
        facts = {"view": view, "stream_id": stream_id, "event_position": event_position}
        self.happen(self.ParkedRetried, envelope, **facts)

    def discard(self, view: str, stream_id: UUID, event_position: int, envelope: Envelope) -> None:
        """Leave the event out; one that is left out already records nothing."""
        if event_position not in self.discarded:
            facts = {"view": view, "stream_id": stream_id, "event_position": event_position}
            self.happen(self.EventDiscarded, envelope, **facts)

    @classmethod
    def of(cls, view: str) -> ReadModel:
        """The read model of that name, of which nothing has been decided yet."""
        return cls.shell(read_model_id(view), NOT_YET_RECORDED)
