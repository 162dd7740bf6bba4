"""Documents that give a change its force, and how their numbers are written.

Party documents: "178-KL/TW", "01-QĐ/TU": number, hyphen, type, slash, issuer, no colon, numbers
below ten with a zero. Source: R-DOC-1 to R-DOC-5 after 399-QĐ/TW and 05-HD/VPTW.
State documents: "1656/NQ-UBTVQH15", "72/2025/QH15", "124/2004/QĐ-TTg": number, slash, year where it
is given, type and issuer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from domain.errors import InvalidValue
from domain.names import refuse_improper_text

PARTY_TYPES = {
    "NQ": "nghị quyết",
    "CT": "chỉ thị",
    "KL": "kết luận",
    "QĐ": "quyết định, quy định",
    "QĐNS": "quyết định nhân sự",  # 219-QĐNS/TW: numbers of their own for decisions on persons
    "QC": "quy chế",
    "TB": "thông báo",
    "BC": "báo cáo",
    "KH": "kế hoạch",
    "HD": "hướng dẫn",
    "CTr": "chương trình",
    "TTr": "tờ trình",
    "CV": "công văn",
    "BB": "biên bản",
    "ĐA": "đề án",
    "PA": "phương án",
    "TT": "thông tri",
}

_SHA256 = re.compile(r"[0-9a-f]{64}")
_ISSUER = r"[A-ZĐ](?:[A-Za-zĐđ0-9.]*[A-Za-zĐđ0-9])?"
_PARTY = re.compile(
    rf"(?P<number>0[1-9]|[1-9]\d{{1,5}})-(?P<type>{'|'.join(PARTY_TYPES)})/(?P<issuer>{_ISSUER}(?:-{_ISSUER})*)",
    re.ASCII,
)
_STATE = re.compile(
    rf"(?P<number>0?[1-9]|[1-9]\d{{1,5}})/(?:(?P<year>(?:19|20)\d\d)/)?"
    rf"(?:(?P<type>NQ|QĐ|NĐ|TT|CT|L|PL|KH|VBHN|TB|CV)-)?(?P<issuer>{_ISSUER}(?:-{_ISSUER})*)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """The parts of a number-symbol (số và ký hiệu)."""

    number: int
    type: str | None  # "NQ"; None where the form has none ("72/2025/QH15")
    issuer: str  # "TW", "UBTVQH15"
    year: int | None
    of_the_party: bool

    @classmethod
    @lru_cache(maxsize=4096)
    def parse(cls, text: str) -> DocumentNumber:
        """Raises InvalidValue when `text` has neither the Party's nor the State's form."""
        if found := _PARTY.fullmatch(text):
            return cls(int(found["number"]), found["type"], found["issuer"], None, True)
        if found := _STATE.fullmatch(text):
            year = int(found["year"]) if found["year"] else None
            return cls(int(found["number"]), found["type"], found["issuer"], year, False)
        raise InvalidValue(
            f"{text!r} is not a document number: the Party writes 178-KL/TW, or 05-HD/VPTW with a "
            "zero below ten, the State 1656/NQ-UBTVQH15 or 72/2025/QH15",
            field="basis.number",
            rule="R-DOC-2",
            document="05-HD/VPTW",
        )


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """One document as printed at the head of a decision (căn cứ)."""

    number: str | None  # "12-QĐ/TU"; None: not known, which reports show as a flag
    issued_on: date | None = None
    issuer: str | None = None  # "Ban Thường vụ Tỉnh ủy"
    title: str | None = None
    signatory: str | None = None  # post that signed (T/M, bí thư), or a person's id; never a name
    sha256: str | None = None  # of the document's file, 64 hexadecimal digits in lower case

    def refuse_ill_formed(self) -> None:
        """Raises InvalidValue. Asked when a command decides, never when an event is read."""
        if self.number is not None:
            DocumentNumber.parse(self.number)
        elif not (self.issuer or self.title):
            raise InvalidValue(
                "A document without a known number needs its issuer or its title",
                field="basis.number",
            )
        refuse_improper_text(self.issuer, "basis.issuer")
        refuse_improper_text(self.title, "basis.title")
        refuse_improper_text(self.signatory, "basis.signatory")
        if self.sha256 is not None and not _SHA256.fullmatch(self.sha256):
            raise InvalidValue("64 hexadecimal digits in lower case", field="basis.sha256")

    @property
    def number_unknown(self) -> bool:
        """True where somebody still has to find the number."""
        return self.number is None
