"""Vietnamese text: its one form, how it is searched, and how it is sorted.

PostgreSQL without ICU sorts by code point, which puts Đ after Z; so the order of the Vietnamese
alphabet is a key that we make here and store beside the name.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from domain.errors import InvalidValue

NAME_LENGTH_MAX = 200  # characters; the longest official name known is far below
TEXT_LENGTH_MAX = 10_000  # characters of a reason or a title: some three pages
_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng: the alphabet's order
_RANK = {letter: f"{index:02d}" for index, letter in enumerate(_LETTERS, start=10)}
_MARKS = {"\u0306", "\u0302", "\u031b"}  # breve, circumflex, horn: part of the letter
_VIETNAMESE_MARKS = re.compile(f"[{_TONES}{''.join(sorted(_MARKS))}]+")
_STROKED = str.maketrans("đð", "dd")  # Ð (Icelandic) is often typed for Đ
_STROKES = str.maketrans("ð", "đ")
_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "‘": "'", "`": "'"})


def proper_name(text: str, field: str = "name") -> str:
    """`text` as the register keeps it: NFC, single spaces, no control characters.

    Raises InvalidValue when it is empty, too long or holds control characters.
    """
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name or len(name) > NAME_LENGTH_MAX:
        raise InvalidValue(f"A name has 1 to {NAME_LENGTH_MAX} characters", field=field)
    if not name.isprintable():
        raise InvalidValue("A name holds no control characters", field=field)
    return name


def refuse_improper_text(text: str | None, field: str) -> None:
    """Raises InvalidValue for a text that says nothing, or that a store or a reader would spoil.

    It is in NFC and has no control characters but line breaks and tabs, nor invisible ones that
    would let it read otherwise than it is (zero width, direction of writing); None is fine.
    """
    if text is None:
        return
    if not text.strip() or len(text) > TEXT_LENGTH_MAX:
        raise InvalidValue(f"A text has 1 to {TEXT_LENGTH_MAX} characters", field=field)
    if not text.isprintable() and any(map(_spoils, text)):
        raise InvalidValue("A text holds no control characters", field=field)
    if not unicodedata.is_normalized("NFC", text):
        raise InvalidValue("A text is in Unicode NFC", field=field)


def _spoils(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cc", "Cf", "Cs"} and letter not in "\n\t"


@lru_cache(maxsize=65536)
def folded(text: str) -> str:
    """`text` for searching: lower case, without tone marks or letter marks, đ as d.

    "Phường Ba Đình" and "phuong ba dinh" fold to the same. Punctuation becomes a blank, but for
    apostrophes, which vanish (M'Drắk, M’Drắk and Mdrak are one).
    """
    plain = unicodedata.normalize("NFD", text.translate(_APOSTROPHES).casefold())
    kept = _VIETNAMESE_MARKS.sub("", plain).translate(_STROKED)
    if not kept.isascii():  # it has marks of other languages
        kept = "".join(c for c in kept if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", kept.replace("'", "")).split())


def toned(text: str) -> str:
    """`folded`, but with the marks: each word's letters, then its tone, wherever that is written.

    "hoà" and "hòa" are one, "hoa" is another.
    """
    plain = unicodedata.normalize("NFD", text.translate(_APOSTROPHES).casefold()).replace("'", "")
    words = re.split(r"[^\w\u0300-\u036f]+", plain.translate(_STROKES))
    return " ".join(
        unicodedata.normalize("NFC", "".join(c for c in word if c not in _TONES))
        + "".join(sorted(c for c in word if c in _TONES))
        for word in words
        if word
    )


@lru_cache(maxsize=65536)
def sort_key(text: str) -> str:
    """A key of ASCII characters whose order is the Vietnamese dictionary's.

    Letters first (a ă â b c d đ ...), numbers by their value and before letters, then tones (none,
    huyền, hỏi, ngã, sắc, nặng). What differs only in case or punctuation has the same key.
    """
    plain = unicodedata.normalize("NFC", text.translate(_APOSTROPHES).casefold())
    words = [_word_key(word) for word in re.split(r"[\s\-]+", plain)]
    letters = "".join("01" + letters for letters, _ in words)
    return letters + "00" + "".join(tones for _, tones in words)


@lru_cache(maxsize=16384)
def _word_key(word: str) -> tuple[str, str]:
    """(letters, tones)"""
    parts: list[str] = []
    tones: list[str] = []
    for run in re.findall(r"\d+|\D", word):
        if run.isdecimal():
            number = str(int(run))
            parts.append(f"05{len(number):03d}{number}")
            continue
        base, tone = _letter_and_tone(run)
        if base in _RANK:
            parts.append(_RANK[base])
            tones.append(tone)
    return "".join(parts), "".join(tones)


def _letter_and_tone(letter: str) -> tuple[str, str]:
    base, *marks = list(unicodedata.normalize("NFD", letter))
    tone = next((str(_TONES.index(m) + 1) for m in marks if m in _TONES), "0")
    return unicodedata.normalize("NFC", base + "".join(m for m in marks if m in _MARKS)), tone


def same_name(text: str) -> str:
    """What two names must share to count as the same among siblings: NFC, case folded."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
