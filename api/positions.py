"""Where a reader of the feed stands: a position, or one that also names the log it belongs to.

A position alone means another event after a log was restored and went on otherwise. So what is
given out names the epoch, `EPOCH:POSITION`, and a position of another epoch is refused.
"""

from __future__ import annotations

import re
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, WithJsonSchema

from api.errors import OtherEpoch, PositionNotReached
from api.parameters import POSITION_MAX

_UUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_PLACE = rf"^(({_UUID}):)?([0-9]{{1,16}})$"


def _written(value: Any) -> str:
    found = re.fullmatch(_PLACE, str(value), re.ASCII)
    if found is None or int(found[4]) > POSITION_MAX:
        raise ValueError("it is a position, 12345, or one with its epoch, EPOCH:12345")
    return found[0]


Place = Annotated[
    str,
    BeforeValidator(_written),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": POSITION_MAX},
                {"type": "string", "pattern": rf"^{_UUID}:[0-9]{{1,15}}$"},
            ]
        }
    ),
]


def position_in(epoch: UUID, head: int, place: str) -> int:
    """The position of a place, in the log of that epoch. Raises OtherEpoch, PositionNotReached."""
    of, _, text = place.rpartition(":")
    position = int(text)
    if of and UUID(of) != epoch:
        raise OtherEpoch(
            f"Position {position} belongs to epoch {of}, and this log is of epoch {epoch}; compare "
            "what you hold with this log before you go on",
            epoch=str(epoch),
        )
    if position > head:
        raise PositionNotReached(
            f"The log has not reached position {position}; its last one is {head}", position=head
        )
    return position


def told(epoch: UUID, position: int) -> str:
    """A place as it is given out."""
    return f"{epoch}:{position}"
