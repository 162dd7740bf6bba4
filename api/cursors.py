"""Where to go on in a list: opaque, and bound to the question and to the point in both times.

What is shown at a point never changes, so whoever follows the pages sees each row once, however
much is recorded meanwhile.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

import msgspec

from api.errors import CursorRefused
from api.render import to_json

_CHECK = 9  # bytes of digest in front: a cursor that was cut or edited is told from a good one


class _Written(msgspec.Struct, frozen=True, array_like=True):
    valid_at: date
    known_at: int
    question: str
    after: list[str | int | None]


_decoder = msgspec.json.Decoder(_Written)


@dataclass(frozen=True)
class Cursor:
    """A place in the list that answers one question at one point."""

    valid_at: date
    known_at: int
    question: str  # digest of the path and the filters
    after: tuple[str | int | None, ...]  # sort key of the last row seen

    def __str__(self) -> str:
        written = to_json([self.valid_at, self.known_at, self.question, list(self.after)])
        return urlsafe_b64encode(_check(written) + written).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Raises CursorRefused."""
        try:
            data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            read = _decoder.decode(data[_CHECK:])
        except (ValueError, msgspec.DecodeError) as error:
            raise _damaged() from error
        if _check(data[_CHECK:]) != data[:_CHECK]:
            raise _damaged()
        return cls(read.valid_at, read.known_at, read.question, tuple(read.after))

    def refuse_other(self, valid_at: date, known_at: int, question: str) -> None:
        """Raises CursorRefused unless it was given for this question at this point."""
        if (self.valid_at, self.known_at, self.question) != (valid_at, known_at, question):
            raise CursorRefused(
                "The cursor was given for other filters or another point in time; "
                "follow the link as it was given, or begin without a cursor",
                field="cursor",
            )


def question(path: str, filters: Mapping[str, Any]) -> str:
    """A digest of what is asked, apart from the point and the page."""
    asked = {name: value for name, value in sorted(filters.items()) if value is not None}
    return sha256(to_json([path, asked])).hexdigest()[:16]


def _check(written: bytes) -> bytes:
    return sha256(written).digest()[:_CHECK]


def _damaged() -> CursorRefused:
    return CursorRefused("This is no cursor that was given here", field="cursor")
