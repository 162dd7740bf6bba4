"""What a reader may ask with: the two times, pages, filters. An unknown name is refused.

A misspelt `valid_at` that went unnoticed would be answered for today, so nothing goes unnoticed.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from fastapi import Query
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
)

from domain.names import folded

POSITION_MAX = 2**53 - 1  # the largest number that every JSON reader keeps exactly
PAGE, PAGE_MAX = 100, 5000
CURSOR_LENGTH_MAX = 3000  # the sort key of the longest name, twice encoded, and what it rests on
PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f]*$"

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")


def nfc(text: str) -> str:
    """Text has one form from the door inward."""
    return unicodedata.normalize("NFC", text)


def _day(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise ValueError("a day is written YYYY-MM-DD")
    if not isinstance(value, (str, date)):
        raise ValueError("a day is a text, YYYY-MM-DD")
    return value


def _instant(value: Any) -> Any:
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        return datetime.fromisoformat(value)
    raise ValueError("a time is written like 2025-07-01T00:00:00Z (a + is written %2B)")


def _known(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"\d{1,16}", value, re.ASCII):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= POSITION_MAX:
        return value
    return value if isinstance(value, datetime) else _instant(value)


def _searchable(text: str) -> str:
    if not folded(text):
        raise ValueError("it has no letter and no digit to look for")
    return text


Text = Annotated[str, Field(min_length=1, max_length=200, pattern=PRINTABLE), AfterValidator(nfc)]
CursorText = Annotated[str, Field(max_length=CURSOR_LENGTH_MAX, pattern=r"^[A-Za-z0-9_-]+$")]
Fragment = Annotated[Text, AfterValidator(_searchable)]
Day = Annotated[date, BeforeValidator(_day)]
KnownAt = Annotated[
    int | datetime,
    BeforeValidator(_known),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": POSITION_MAX},
                {"type": "string", "format": "date-time"},
            ]
        }
    ),
]
Instant = Annotated[
    datetime, BeforeValidator(_instant), WithJsonSchema({"type": "string", "format": "date-time"})
]
Category = Literal["units", "organisations"]


class Asked(BaseModel):
    """A question to the register; every name in it is known."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    DAY: ClassVar[str] = "valid_at"  # the names under which the point is asked; "": not at all
    KNOWN: ClassVar[str] = "known_at"

    @property
    def day(self) -> date | None:
        """The day asked about; None: today."""
        found: date | None = getattr(self, "valid_at", None)
        return found

    @property
    def knowing(self) -> int | datetime | None:
        """The knowledge asked for; None: all that the read models know."""
        found: int | datetime | None = getattr(self, "known_at", None)
        return found

    @property
    def is_pinned(self) -> bool:
        """Whether the position asked for, the day and the filters tell all that is asked."""
        return True

    def filters(self) -> dict[str, Any]:
        """What is asked, apart from the point and the page."""
        apart = {self.DAY, self.KNOWN, "limit", "cursor"}
        return {n: v for n, v in self.model_dump(by_alias=True).items() if n not in apart}


class AtPoint(Asked):
    """A question at a point in both times."""

    valid_at: Day | None = Field(
        None,
        description="The day asked about, in Asia/Ho_Chi_Minh; left out: today.",
        examples=["2025-07-01"],
    )
    known_at: KnownAt | None = Field(
        None,
        description="As the register knew it then: a position in the log, or an RFC 3339 time; "
        "left out: all that the read models know.",
    )


class Known(Asked):
    """A question about all days, as known at one time."""

    DAY: ClassVar[str] = ""

    known_at: KnownAt | None = Field(
        None, description="As the register knew it then: a position, or an RFC 3339 time."
    )


class Pages(Asked):
    """A question whose answer comes in pages."""

    limit: int = Field(PAGE, ge=1, le=PAGE_MAX, description="Rows on a page.")
    cursor: CursorText | None = Field(
        None, description="Where to go on, from the `next` link of the page before."
    )


class NodeFilters(AtPoint, Pages):
    """What a list of units or of organisations can be limited to."""

    parent: UUID | None = Field(None, description="Directly under this one.")
    subtree: UUID | None = Field(None, description="Anywhere below this one.")
    roots: bool = Field(False, description="Only those under nobody.")
    code: Text | None = Field(None, description="Bears this official code.", examples=["10081"])
    scheme: Text | None = Field(None, description="The scheme of the code; left out: any.")
    name: Fragment | None = Field(
        None, description="Part of the name; tone marks do not matter.", examples=["ba dinh"]
    )


class UnitFilters(NodeFilters):
    level: list[Literal["province", "district", "commune"]] = Field(
        [], description="May be repeated."
    )
    type: list[Text] = Field([], description="May be repeated: `phuong`, `xa`.", max_length=20)


class OrganisationFilters(NodeFilters):
    kind: list[Text] = Field([], description="May be repeated: `commune_upper`.", max_length=20)
    status: list[Literal["active", "suspended"]] = Field([], description="May be repeated.")
    unit: UUID | None = Field(None, description="Stands on this administrative unit.")
    setting: Text | None = Field(None, description="Formed in this setting: `village`.")


class TreeAsked(AtPoint):
    depth: int = Field(100, ge=0, le=100, description="How many levels down; 0: only itself.")


class HistoryAsked(Known):
    superseded: bool = Field(False, description="Also what was believed before.")


class Between(Asked):
    """A question about two days, as known at one time."""

    DAY: ClassVar[str] = "to"

    begins: Day = Field(alias="from", description="The day from which one looks.")
    ends: Day = Field(alias="to", description="The day to which one looks; it may lie before.")
    known_at: KnownAt | None = Field(
        None, description="As the register knew it then: a position, or an RFC 3339 time."
    )

    @property
    def day(self) -> date | None:
        return self.ends


AtPointQuery = Annotated[AtPoint, Query()]
TreeQuery = Annotated[TreeAsked, Query()]
HistoryQuery = Annotated[HistoryAsked, Query()]
