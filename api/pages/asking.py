"""What a reader typed, made into a question. Lenient in form, strict in meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time

from api.pages.words import LOCAL
from domain.errors import InvalidValue

QUERY_LENGTH_MAX = 100  # characters; no official name is near it
_VIETNAMESE_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


@dataclass(frozen=True, slots=True)
class Asked:
    """The point a page is asked at, and the text to put back into its boxes."""

    valid_at: date | None
    known_at: int | datetime | None
    valid_text: str = ""
    known_text: str = ""


def asked(valid_at: str = "", known_at: str = "") -> Asked:
    """Raises InvalidValue when a box holds no day, position or moment."""
    valid_text, known_text = valid_at.strip(), known_at.strip()
    return Asked(
        a_day(valid_text, "valid_at") if valid_text else None,
        knowing(known_text) if known_text else None,
        valid_text,
        known_text,
    )


def a_day(text: str, field: str) -> date:
    """2025-06-30 or 30/6/2025. Raises InvalidValue."""
    try:
        if found := _VIETNAMESE_DAY.fullmatch(text):
            d, month, year = map(int, found.groups())
            return date(year, month, d)
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidValue(
            "Ngày viết như 30/6/2025 hoặc 2025-06-30. / A day is written 30/6/2025 or 2025-06-30.",
            field=field,
        ) from None


def knowing(text: str) -> int | datetime:
    """A position in the log, a moment, or a day (then: what was known when it was over).

    Moments without an offset are Vietnam's. Raises InvalidValue.
    """
    if re.fullmatch(r"[0-9]{1,18}", text):
        return int(text)
    if re.fullmatch(r"\S{8,10}", text):
        return datetime.combine(a_day(text, "known_at"), time.max, LOCAL)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidValue(
            "Thời điểm biết là vị trí trong sổ (12345), một ngày hoặc giờ (2025-07-02T10:00). / "
            "It is a position in the log, a day or a moment.",
            field="known_at",
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)


def query(text: str) -> str:
    """The search text with single blanks, "" when there is none. Raises InvalidValue: too long."""
    plain = " ".join(text.split())
    if len(plain) > QUERY_LENGTH_MAX:
        raise InvalidValue(
            f"Từ khóa dài quá {QUERY_LENGTH_MAX} ký tự. / "
            f"A search has at most {QUERY_LENGTH_MAX} characters.",
            field="q",
        )
    return plain
