"""Where to go on in a list: opaque, and bound to the question and to the point in both times.

What is shown at a point never changes, so whoever follows the pages sees each row once, however
much is recorded meanwhile. A point means something in one log only, and another layout of the read
models may sort otherwise: a cursor is bound to both.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from api.errors import CursorRefused, OtherEpoch
from api.render import to_json

_CHECK = 9  # bytes of digest in front: a cursor that was cut or edited is told from a good one


class Ground(NamedTuple):
    """What a list rests on: its log, the layouts of the read models, the point, the question."""

    epoch: UUID
    layouts: str  # "audit/1, lineage/1, ..."
    valid_at: date
    known_at: int
    question: str  # digest of the path and the filters


_decoder = msgspec.json.Decoder(tuple[Ground, list[str | int | None]])


@dataclass(frozen=True)
class Cursor:
    """A place in the list that answers one question at one point."""

    ground: Ground
    after: tuple[str | int | None, ...]  # sort key of the last row seen

    def __str__(self) -> str:
        written = to_json([self.ground, self.after])
        return urlsafe_b64encode(_check(written) + written).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Raises CursorRefused."""
        try:
            data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            ground, after = _decoder.decode(data[_CHECK:])
        except (ValueError, msgspec.DecodeError) as error:
            raise _damaged() from error
        if _check(data[_CHECK:]) != data[:_CHECK]:
            raise _damaged()
        return cls(ground, tuple(after))

    def refuse_epoch(self, epoch: UUID) -> None:
        """Raises OtherEpoch unless it was given by the log of this epoch."""
        if self.ground.epoch != epoch:
            raise OtherEpoch(
                f"The cursor belongs to epoch {self.ground.epoch}, and this log is of epoch "
                f"{epoch}; begin without a cursor",
                field="cursor",
                epoch=str(epoch),
            )

    def refuse_other(self, ground: Ground) -> None:
        """Raises CursorRefused unless it was given for the same question at the same point."""
        if self.ground.layouts != ground.layouts:
            detail = "The read models have another layout by now; begin without a cursor"
            raise CursorRefused(detail, field="cursor")
        if self.ground != ground:
            detail = (
                "The cursor was given for other filters or another point in time; "
                "follow the link as it was given, or begin without a cursor"
            )
            raise CursorRefused(detail, field="cursor")


def question(path: str, filters: Mapping[str, Any]) -> str:
    """A digest of what is asked, apart from the point and the page."""
    asked = {name: value for name, value in sorted(filters.items()) if value is not None}
    return sha256(to_json([path, asked])).hexdigest()[:16]


def _check(written: bytes) -> bytes:
    return sha256(written).digest()[:_CHECK]


def _damaged() -> CursorRefused:
    return CursorRefused("This is no cursor that was given here", field="cursor")
