"""Official codes: dated attributes in a scheme, never an identity."""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import InvalidValue

CODE_LENGTH_MAX = 40  # characters; the longest scheme seen writes 18


@dataclass(frozen=True, slots=True)
class Code:
    """A code and the scheme that gives it ("nso": the National Statistics Office's list)."""

    scheme: str
    value: str

    def refuse_ill_formed(self) -> None:
        """Raises InvalidValue. Asked when a command decides, never when an event is read."""
        for field, text in (("codes.scheme", self.scheme), ("codes.value", self.value)):
            if not (text.isascii() and text.isprintable() and text == text.strip() and text):
                raise InvalidValue(
                    "A code is printable ASCII without blanks around it", field=field
                )
            if len(text) > CODE_LENGTH_MAX:
                raise InvalidValue(f"A code has at most {CODE_LENGTH_MAX} characters", field=field)
