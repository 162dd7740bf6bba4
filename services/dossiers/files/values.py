"""From what stands in a cell to the value that its column wants, or to words why not.

A cell holds a text, a Number (as a workbook or JSON wrote it), a bool, a list of cells (JSON) or
None. Nothing is guessed: a number is no code unless its format says how many digits it has, and a
date that can be read in two ways is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from domain.dossier.tables import NOBODY, SUPERIOR
from domain.envelope import FIRST_YEAR, LAST_YEAR
from domain.names import NAME_LENGTH_MAX, TEXT_LENGTH_MAX
from services.dossiers import following
from services.dossiers.files import words
from services.dossiers.files.cells import Number, Refused, is_empty, shown
from services.dossiers.files.nearest import nearest
from services.dossiers.files.schema import CLOSED, EVERYTHING, Column

CODE_LENGTH_MAX = 100  # characters of a reference: "id:" and an id, "scheme:code", a handle
COUNT_MAX = 10**10
STEP_MAX = 10_000
AREA_MAX = 10**14  # square metres; the land of the Earth is 1.5 * 10**14
DECIMALS = 6  # of km²: a square metre

_CODE = re.compile(r"[A-Za-z0-9][!-~]*(?: [!-~]+)*")
_DECIMAL = re.compile(r"[+-]?\d+[.,]\d+(?:[eE][+-]?\d+)?|[+-]?\d+[eE][+-]?\d+")
_WHOLE = re.compile(r"\d{1,15}", re.ASCII)
_SQUARE_KM = re.compile(r"\d{1,9}(?:[.,]\d{1,6})?", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ]00:00(?::00(?:\.0+)?)?)?", re.ASCII)
_VIETNAMESE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_ZEROS = re.compile(r"0+")
_FORMULA = re.compile(r"[=+]|@(?!superior$)")  # what a spreadsheet would run
_SEPARATORS = re.compile(r"[;,\n]")

_UNSURE_SERIAL = 61  # the 1900 system counts a 29 February 1900 that never was
_BARE_SERIAL = 16_438  # 1945: a bare number below is rather a year, or a slip
_LAST_SERIAL = 2_958_465  # 31 December 9999
_EPOCH_1900 = date(1899, 12, 30)
_EPOCH_1904 = date(1904, 1, 1)

_SUPERIOR_WORDS = "cấp trên trực tiếp"


def plain_text(cell: Any, length_max: int = TEXT_LENGTH_MAX) -> str:
    """NFC, single spaces, printable. Raises Refused."""
    if not isinstance(cell, str):
        raise Refused("value-type", f"{_kind(cell)} {shown(cell)} stands where a text is expected")
    text = cell if cell.isascii() else unicodedata.normalize("NFC", cell)
    if not text.isprintable():
        _refuse_unprintable(text)
    text = " ".join(text.split())
    if len(text) > length_max:
        raise Refused("too-long", f"{len(text)} characters; at most {length_max} are allowed")
    if _FORMULA.match(text):
        raise Refused("text-form", f"{shown(text)} begins like a formula of a spreadsheet")
    return text


def _refuse_unprintable(text: str) -> None:
    for letter in text:
        if not (letter.isprintable() or letter in "\n\r\t" or unicodedata.category(letter) == "Zs"):
            name = unicodedata.name(letter, "a control character")
            raise Refused("text-printable", f"it holds U+{ord(letter):04X} ({name.lower()})")


def _name(cell: Any, column: Column, governing: str | None) -> str:
    text = plain_text(cell, NAME_LENGTH_MAX)
    is_superior = column.field == "authority" and text.casefold() == _SUPERIOR_WORDS
    return SUPERIOR if is_superior else text


def _text(cell: Any, column: Column, governing: str | None) -> str:
    return plain_text(cell)


def _code(cell: Any, column: Column, governing: str | None) -> str:
    return _code_of_text(_digits(cell) if isinstance(cell, Number) else plain_text(cell))


def _digits(number: Number) -> str:
    """Raises Refused unless the format of the cell says how many digits the code has."""
    text = number.text.removesuffix(".0") if number.format != "General" else number.text
    if _ZEROS.fullmatch(number.format) and text.isascii() and text.isdigit():
        return text.zfill(len(number.format))
    raise Refused(
        "code-number",
        f"the number {number.text} stands where a code is expected, and its format "
        f"{number.format!r} does not say how many digits it has; write it as text",
    )


@lru_cache(maxsize=65536)
def _code_of_text(text: str) -> str:
    if _DECIMAL.fullmatch(text):
        raise Refused("code-number", f"{text!r} is a number that was a code once; write the code")
    if not _CODE.fullmatch(text) or len(text) > CODE_LENGTH_MAX:
        raise Refused(
            "code-form",
            f"{shown(text)} is no code: at most {CODE_LENGTH_MAX} ASCII letters, digits and signs, "
            "the first a letter or digit",
        )
    return text


def _code_or_none(cell: Any, column: Column, governing: str | None) -> str:
    text = cell.strip() if isinstance(cell, str) else cell
    return NOBODY if text == NOBODY else _code(cell, column, governing)


def _handle(cell: Any, column: Column, governing: str | None) -> str:
    text = _digits(cell) if isinstance(cell, Number) else plain_text(cell, CODE_LENGTH_MAX)
    if _SEPARATORS.search(text):
        raise Refused("handle-form", f"{shown(text)} holds a comma or semicolon")
    return text


def _handles(cell: Any, column: Column, governing: str | None) -> tuple[str, ...]:
    cells = cell if isinstance(cell, list) else [cell]
    parts = [p for c in cells for p in (_SEPARATORS.split(c) if isinstance(c, str) else [c])]
    handles = tuple(_handle(part, column, governing) for part in parts if not is_empty(part))
    if len(set(handles)) != len(handles):
        raise Refused("repeated", f"{shown('; '.join(handles))} names one twice")
    return handles


def _date(cell: Any, column: Column, governing: str | None) -> date:
    day = _serial(cell) if isinstance(cell, Number) else _date_of_text(plain_text(cell))
    if column.field == "effective_on" and not FIRST_YEAR <= day.year <= LAST_YEAR:
        bounds = f"the years {FIRST_YEAR} to {LAST_YEAR}"
        raise Refused("date-form", f"{day:%d/%m/%Y} does not lie in {bounds}")
    return day


@lru_cache(maxsize=4096)
def _date_of_text(text: str) -> date:
    if iso := _ISO.fullmatch(text):
        year, month, day = map(int, iso.groups())
    elif vietnamese := _VIETNAMESE.fullmatch(text):
        day, month, year = map(int, vietnamese.groups())
    else:
        raise Refused("date-form", f"{shown(text)} is no date; write 2025-07-01 or 01/07/2025")
    try:
        return date(year, month, day)
    except ValueError:
        said = f"there is no day {day} of month {month} in {year}: {shown(text)}"
        raise Refused("date-form", said) from None


def _serial(number: Number) -> date:
    days = number.exact
    if days != days.to_integral_value():
        raise Refused("date-form", f"{number.text} is a day with a time of day")
    epoch, least = (_EPOCH_1904, 1) if number.from_1904 else (_EPOCH_1900, _UNSURE_SERIAL)
    if not number.is_date:
        least = _BARE_SERIAL - (1462 if number.from_1904 else 0)
    if not least <= days <= _LAST_SERIAL - 1462:
        raise Refused("date-form", f"the number {number.text} cannot be read as a date for sure")
    return epoch + timedelta(int(days))


def _whole(cell: Any, least: int, most: int, what: str) -> int:
    """A whole number; written as text it has neither separators nor decimals."""
    if isinstance(cell, Number):
        exact = cell.exact
        whole = int(exact) if exact == exact.to_integral_value() and not cell.is_date else -1
    else:
        text = plain_text(cell)
        whole = int(text) if _WHOLE.fullmatch(text) else -1
    if not least <= whole <= most:
        raise Refused("number-form", f"{shown(cell)} is no {what} from {least} to {most:,}")
    return whole


def _count(cell: Any, column: Column, governing: str | None) -> int:
    return _whole(cell, 0, COUNT_MAX, "whole number")


def _step(cell: Any, column: Column, governing: str | None) -> int:
    return _whole(cell, 1, STEP_MAX, "number of a step")


def _area(cell: Any, column: Column, governing: str | None) -> int:
    if isinstance(cell, Number):
        square_km = Decimal(-1) if cell.is_date else cell.exact
    else:
        text = plain_text(cell)
        square_km = Decimal(text.replace(",", ".") if _SQUARE_KM.fullmatch(text) else -1)
    metres = square_km.scaleb(DECIMALS)
    if metres != metres.to_integral_value() or not 0 <= metres <= AREA_MAX:
        said = f"{shown(cell)} is no area in km² with at most {DECIMALS} decimals"
        raise Refused("area-form", said)
    return int(metres)


def _truth(cell: Any, column: Column, governing: str | None) -> bool:
    if isinstance(cell, bool):
        return cell
    known = words.truth(cell.text if isinstance(cell, Number) else plain_text(cell))
    if known is None:
        raise Refused("truth-form", f"{shown(cell)} is neither yes (x, có, true, 1) nor no")
    return known


def _closed(cell: Any, column: Column, governing: str | None) -> str:
    text = plain_text(cell)
    if column.is_starred and text == EVERYTHING:
        return text
    code = words.recognise(column.type, text, governing)
    if code is None:
        labels = words.labels(column.type, governing)
        near = nearest(text, [*labels, *labels.values()])
        wish = f"; did you mean {near!r}?" if near else f"; it is one of {', '.join(labels)}"
        raise Refused(f"{column.type}-known", f"{shown(text)} is no {column.name}{wish}")
    return code


def _rule(cell: Any, column: Column, governing: str | None) -> str:
    if governing is not None and governing.startswith(f"{following.DECISION}."):
        return _handle(cell, column, governing)
    return _closed(cell, column, governing)


def _kind(cell: Any) -> str:
    if isinstance(cell, Number):
        return "the date" if cell.is_date else "the number"
    return "the truth value" if isinstance(cell, bool) else "the structure"


READERS: dict[str, Callable[[Any, Column, str | None], Any]] = {
    "name": _name,
    "text": _text,
    "code": _code,
    "code_or_none": _code_or_none,
    "handle": _handle,
    "handles": _handles,
    "date": _date,
    "count": _count,
    "step": _step,
    "area": _area,
    "truth": _truth,
    **dict.fromkeys(CLOSED, _closed),
    "rule": _rule,
}
"""By the type of a column; each is handed a cell that is not empty, and may raise Refused."""
