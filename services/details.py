"""What may be known of a person: the fields, how they are written, and how they are sealed.

The fields are those that the regulation on the electronic handbook lists (name, birth date, sex,
card number, citizen number, phone), home place, and two flags that statistics ask for. They exist
in clear only between the door and the seal; the classes here show nothing of them in a traceback or
a log, and no refusal quotes a value.
"""

from __future__ import annotations

import base64
import json
import re
import unicodedata
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from domain.envelope import LAST_YEAR
from domain.errors import EventFromTheFuture, InvalidValue
from domain.names import folded, proper_name, same_name
from domain.person import Sealed
from services import sealing
from services.sealing import Box, SealBroken, context, padded, unpadded

SEXES = ("female", "male")
FIRST_BIRTH_YEAR = 1850  # founders of the movement are in old rolls; what lies before is a slip
PLACE_LENGTH_MAX = 300  # characters
_fold = folded.__wrapped__  # the other one remembers, and names must not outlive their keys
_APOSTROPHES = str.maketrans("", "", "'’ʼ‘`")
_CITIZEN = re.compile(r"\d{12}|\d{9}", re.ASCII)  # the identity card before 2016 had nine
_CARD = re.compile(r"[0-9A-Z][0-9A-Z .\-/]{0,18}[0-9A-Z]", re.ASCII)
_PHONE = re.compile(r"\+?\d[\d .\-]{5,18}\d", re.ASCII)


@dataclass(frozen=True, repr=False)
class Details:
    """What is known of one person; None: not known. Text is in NFC."""

    name: str
    birth_date: date | None = None
    sex: str | None = None  # one of SEXES
    of_minority: bool | None = None  # belongs to an ethnic minority (dân tộc thiểu số)
    has_religion: bool | None = None  # professes a religion (có đạo)
    card_number: str | None = None  # of the Party card (số thẻ đảng viên)
    citizen_number: str | None = None  # số định danh cá nhân
    phone: str | None = None
    home_place: str | None = None  # quê quán

    def __repr__(self) -> str:
        return "Details(...)"

    @classmethod
    def of(cls, **said: Any) -> Details:
        """As the register keeps them. Raises InvalidValue, which names a field and no value."""
        texts = {n: _text(n, v) for n, v in said.items() if isinstance(v, str) and n != "name"}
        details = cls(**(said | texts | {"name": proper_name(said["name"], "details.name")}))
        details._refuse_ill_formed()
        return details

    def _refuse_ill_formed(self) -> None:
        if not _fold(self.name):
            raise _wrong("name", "A name has a letter")
        if self.sex is not None and self.sex not in SEXES:
            raise _wrong("sex", f"It is one of {', '.join(SEXES)}")
        if self.birth_date and not FIRST_BIRTH_YEAR <= self.birth_date.year <= LAST_YEAR:
            raise _wrong("birth_date", f"Nobody here was born before {FIRST_BIRTH_YEAR}")
        for field, form, words in (
            ("citizen_number", _CITIZEN, "It has 12 digits, or 9 as before 2016"),
            ("card_number", _CARD, "It has 2 to 20 digits and capital letters"),
            ("phone", _PHONE, "It has 7 to 20 digits, with a + before them perhaps"),
        ):
            text = getattr(self, field)
            if text is not None and not form.fullmatch(text):
                raise _wrong(field, words)

    def plain(self) -> dict[str, Any]:
        """By field, what is known only; a day is text."""
        known = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {n: v.isoformat() if isinstance(v, date) else v for n, v in known if v is not None}


_NAMES = frozenset(field.name for field in fields(Details))


def words_of(name: str) -> frozenset[str]:
    """What a name is looked up by: its words without tone marks, in small letters."""
    return frozenset(_fold(name).split())


def fits(wanted: str, name: str) -> bool:
    """Whether every word of `wanted` is one of `name`; one that has tone marks with just these."""
    plain, marked = words_of(name), set(_marked(name))
    return all(each in (plain if _fold(each) == each else marked) for each in _marked(wanted))


def _marked(name: str) -> list[str]:
    """The words of a name in small letters, with their tone marks."""
    return re.findall(r"\w+", same_name(name).translate(_APOSTROPHES))


def sealed(key: bytes, generation: int, place: bytes, details: Details) -> Sealed:
    """Details as an event carries them; `place` is that event's."""
    box = sealing.seal(key, place, padded(_encoded(details)))
    parts = (base64.b64encode(part).decode() for part in (box.salt, box.commitment, box.ciphertext))
    return Sealed(sealing.SCHEME, generation, *parts)


def unsealed(key: bytes, place: bytes, said: Sealed) -> Details:
    """What the event of that place carries. Raises SealBroken."""
    if said.scheme != sealing.SCHEME:
        raise SealBroken("It was sealed in a way that this release does not know")
    parts = (base64.b64decode(part) for part in (said.nonce, said.commitment, said.ciphertext))
    return _decoded(unpadded(sealing.opened(key, place, Box(*parts))))


def place_of(person_id: UUID, stream_id: UUID, topic: str) -> bytes:
    """Where details of a person are carried: they open in no other stream or type of event."""
    return context("details", person_id, stream_id, topic)


def _encoded(details: Details) -> bytes:
    text = json.dumps(details.plain(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def _decoded(text: bytes) -> Details:
    said = msgspec.json.decode(text)
    if "birth_date" in said:
        said["birth_date"] = date.fromisoformat(said["birth_date"])
    if not said.keys() <= _NAMES:
        raise EventFromTheFuture("More is known of this person than this release knows of")
    return Details(**said)


def _text(field: str, value: str) -> str:
    text = " ".join(unicodedata.normalize("NFC", value).split())
    if not text or len(text) > PLACE_LENGTH_MAX or not text.isprintable():
        raise _wrong(field, f"A text has 1 to {PLACE_LENGTH_MAX} characters that can be seen")
    return text


def _wrong(field: str, words: str) -> InvalidValue:
    return InvalidValue(words, field=f"details.{field}")
