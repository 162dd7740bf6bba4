"""The files of a dossier: which tables there are, and what each column is called and means.

Readers, writers, templates and docs/dossier-format.md are derived from these values. A column has
the name of the field of its row (domain/dossier/tables.py) and the official Vietnamese heading.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from functools import cached_property
from typing import Any, Literal

from domain.dossier import tables as rows

ColumnType = Literal[
    "name",  # Vietnamese text of at most 200 characters
    "text",  # of at most 10,000
    "code",  # a reference to a unit or organisation: never a number
    "code_or_none",  # or "-": none
    "handle",  # a text that something is referred to by: never a number
    "handles",  # several of them
    "date",
    "count",  # 0, 1, 2, ...
    "step",  # 1, 2, ...
    "area",  # km² in the file, whole m² in the row
    "truth",
    "subject",
    "level",
    "type",  # type of a unit, kind of an organisation
    "level_or_kind",
    "way",
    "extent",
    "setting",
    "sort",  # of what hangs on an organisation
    "rule_sort",  # what a rule may be about
    "rule",  # what becomes of that; a ref where it is about decisions
    "kind",  # of organisations
    "body",
    "post",
]

EVERYTHING = "*"
"""In a column of the types in STARRED: whatever it is."""

CLOSED = (
    "subject",
    "level",
    "type",
    "level_or_kind",
    "way",
    "extent",
    "setting",
    "sort",
    "rule_sort",
    "rule",
    "kind",
    "body",
    "post",
)
GOVERNING = ("subject", "rule_sort", "body")
"""Types whose value says what the closed values after it in the row may be."""

NUMBERS = ("count", "step", "area")


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    field: str  # of the row
    heading: str  # official Vietnamese
    type: ColumnType
    words: str  # what it means
    example: str
    is_required: bool = False
    default: Any = None  # what an empty cell means
    file_name: str | None = None  # where the file does not call it as the row does
    also: tuple[str, ...] = ()  # other headings it goes by
    is_starred: bool = False  # EVERYTHING is a value

    @property
    def name(self) -> str:
        """In English files and in verdicts."""
        return self.file_name or self.field

    @property
    def headings(self) -> tuple[str, ...]:
        """All that it may be called."""
        return (self.name, self.heading, *self.also)


@dataclass(frozen=True)
class Table:
    """One table: a CSV file, a sheet of a workbook, a member of the JSON object."""

    name: str  # "before": of the field in Tables
    heading: str  # official Vietnamese, of the sheet
    words: str
    row_type: type[Any]
    columns: tuple[Column, ...]
    also: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, self.heading, *self.also)

    @cached_property
    def by_field(self) -> dict[str, Column]:
        return {column.field: column for column in self.columns}


def _column(
    row_type: type[Any],
    field: str,
    heading: str,
    type_: ColumnType,
    words: str,
    example: str,
    **more: Any,
) -> Column:
    """Whether it is required, and what an empty cell means, is said by the row itself."""
    [of_row] = [f for f in fields(row_type) if f.name == field]
    is_required = of_row.default is MISSING
    default = None if is_required else of_row.default
    return Column(field, heading, type_, words, example, is_required, default, **more)


def _table(
    name: str,
    heading: str,
    words: str,
    row_type: type[Any],
    columns: list[tuple[Any, ...]],
    also: tuple[str, ...] = (),
) -> Table:
    made = [_column(row_type, *c[:5], **(c[5] if len(c) > 5 else {})) for c in columns]
    return Table(name, heading, words, row_type, tuple(made), also)


_SUBJECT = ("subject", "Đối tượng", "subject", "a unit or a Party organisation", "unit")
_STEP = (
    "step",
    "Bước",
    "step",
    "the step of the dossier it belongs to; steps of one day happen in their order",
    "1",
    {"also": ("Bước thứ",)},
)

DOSSIER = _table(
    "dossier",
    "Hồ sơ",
    "What the dossier says of itself: two columns `field` and `value`, or one row.",
    rows.Heading,
    [
        ("key", "Mã hồ sơ", "handle", "a handle of yours, unique among dossiers", "vn2025/25"),
        ("title", "Tên hồ sơ", "name", "what it is called", "Sắp xếp xã, phường của tỉnh A"),
        (
            "effective_on",
            "Ngày có hiệu lực",
            "date",
            "the first day on which all of it holds",
            "2025-07-01",
        ),
        ("scheme", "Hệ mã số", "handle", "the scheme in which codes are written", "nso"),
        (
            "scope",
            "Mã tỉnh, thành phố",
            "code",
            "code of the province it is about; empty: the country",
            "25",
            {"also": ("Phạm vi",)},
        ),
        (
            "parts",
            "Hồ sơ đi kèm",
            "handles",
            "keys of the dossiers that must be carried out with it",
            "vn2025/national",
        ),
        ("note", "Ghi chú", "text", "anything else to be kept with it", ""),
    ],
    also=("Hồ sơ sắp xếp", "Thông tin hồ sơ"),
)

DECISIONS = _table(
    "decisions",
    "Văn bản",
    "The documents that decide; other rows point to them by `ref`.",
    rows.Decision,
    [
        ("ref", "Ký hiệu dẫn chiếu", "handle", "how rows of this dossier refer to it", "nq"),
        (
            "number",
            "Số, ký hiệu",
            "handle",
            "number and symbol; empty: not known",
            "1656/NQ-UBTVQH15",
            {"also": ("Số ký hiệu văn bản",)},
        ),
        ("issued_on", "Ngày ban hành", "date", "the day it was issued", "2025-06-16"),
        (
            "issuer",
            "Cơ quan ban hành",
            "name",
            "who issued it",
            "Ủy ban Thường vụ Quốc hội",
        ),
        ("title", "Trích yếu", "text", "its title", "Về việc sắp xếp các xã, phường của tỉnh A"),
        (
            "authority",
            "Cơ quan quyết định",
            "name",
            "who decided, when not the issuer; `@superior`: the standing board of whatever "
            "organisation is directly above",
            "@superior",
        ),
        (
            "authority_of",
            "Thuộc tổ chức",
            "code",
            "code of the organisation whose board decided",
            "25",
        ),
        (
            "decided_on",
            "Ngày quyết định",
            "date",
            "the day of the decision; empty: the day of issue",
            "2025-06-16",
        ),
        ("cites", "Căn cứ", "handles", "refs of further documents at its head", "luat"),
        ("reason", "Lý do", "text", "why", ""),
    ],
    also=("Quyết định", "Văn bản quyết định"),
)

_AREA = {"file_name": "area_km2", "also": ("Diện tích", "Diện tích km2")}

BEFORE = _table(
    "before",
    "Trước sắp xếp",
    "What stood on the eve and is touched; the register must say the same of it.",
    rows.Before,
    [
        _STEP,
        _SUBJECT,
        ("code", "Mã số", "code", "its code", "08674", {"also": ("Mã",)}),
        ("level", "Cấp", "level", "level of a unit", "commune"),
        ("name", "Tên gọi", "name", "its official name; empty: not compared", "Xã Tam Hợp"),
        (
            "type",
            "Loại hình",
            "type",
            "type of a unit or kind of an organisation; empty: not compared",
            "xa",
        ),
        (
            "superior",
            "Trực thuộc",
            "code_or_none",
            "code of its superior; `-`: none; empty: not compared",
            "249",
        ),
        (
            "way",
            "Hình thức kết thúc",
            "way",
            "how it ends, if it does; empty: as follows from its heirs",
            "merger",
        ),
        (
            "decision",
            "Theo văn bản",
            "handle",
            "ref of the document that ends it; empty: the first",
            "nq",
        ),
        (
            "population",
            "Dân số",
            "count",
            "people it had; must come to what went to its heirs",
            "12345",
        ),
        (
            "area",
            "Diện tích (km²)",
            "area",
            "the area it had, in km²",
            "54.07",
            _AREA,
        ),
    ],
    also=("Trước",),
)

AFTER = _table(
    "after",
    "Sau sắp xếp",
    "What stands on the day.",
    rows.After,
    [
        _STEP,
        _SUBJECT,
        ("code", "Mã số", "code", "its code from that day on", "08674", {"also": ("Mã",)}),
        ("level", "Cấp", "level", "level of a unit", "commune"),
        ("name", "Tên gọi", "name", "its official name; empty: as it was", "Xã Tam Hợp Mới"),
        (
            "type",
            "Loại hình",
            "type",
            "type of a unit or kind of an organisation; empty: as it was",
            "xa",
        ),
        (
            "superior",
            "Trực thuộc",
            "code_or_none",
            "code of its superior; `-`: none; empty: as it was",
            "25",
        ),
        (
            "keeps",
            "Kế tục",
            "code_or_none",
            "code of the one before that lives on as this one; `-`: it is new; empty: by the "
            "rule of identity",
            "08674",
        ),
        (
            "unit",
            "Địa bàn",
            "code_or_none",
            "code of the unit that an organisation stands on; `-`: none",
            "08674",
            {"also": ("Đơn vị hành chính",)},
        ),
        (
            "setting",
            "Loại cơ sở",
            "setting",
            "of an organisation: among whom it stands",
            "territory",
        ),
        (
            "decision",
            "Theo văn bản",
            "handle",
            "ref of the document; empty: the first",
            "nq",
        ),
        (
            "population",
            "Dân số",
            "count",
            "people it has; must come to what came from those before",
            "23456",
        ),
        (
            "area",
            "Diện tích (km²)",
            "area",
            "the area it has, in km²",
            "80.1",
            _AREA,
        ),
    ],
    also=("Sau",),
)

TRANSFERS = _table(
    "transfers",
    "Chuyển giao",
    "How much of an old one went to a new one.",
    rows.Transfer,
    [
        _STEP,
        _SUBJECT,
        ("old", "Mã cũ", "code", "code of the one before", "08674"),
        ("new", "Mã mới", "code", "code of the one after", "08674"),
        ("extent", "Phạm vi", "extent", "how much of the old one went there", "whole"),
        (
            "is_default",
            "Kế tục chính",
            "truth",
            "where a reader who must choose one heir looks first",
            "true",
        ),
        ("population", "Dân số", "count", "people who went there", "12345"),
        (
            "area",
            "Diện tích (km²)",
            "area",
            "the area that went there, in km²; no separators of thousands",
            "54.07",
            _AREA,
        ),
    ],
    also=("Chuyển",),
)

DECLARED = _table(
    "declared",
    "Số lượng công bố",
    "How many of those that the rows name there are before and after by the words of the decision; "
    "it must come out so.",
    rows.Declared,
    [
        _SUBJECT,
        (
            "level",
            "Cấp",
            "level_or_kind",
            "level of units, kind of organisations",
            "commune",
            {"is_starred": True},
        ),
        ("type", "Loại hình", "type", "type of units", "phuong", {"is_starred": True}),
        ("before", "Trước sắp xếp", "count", "how many on the eve", "136", {"also": ("Trước",)}),
        ("after", "Sau sắp xếp", "count", "how many on the day", "36", {"also": ("Sau",)}),
    ],
    also=("Số lượng",),
)

RULES = _table(
    "rules",
    "Quy tắc xử lý",
    "What becomes of organisations as their units change, and of all of a sort that hangs on "
    "what ends.",
    rows.Rule,
    [
        ("sort", "Nội dung", "rule_sort", "what the rule is about", "members"),
        (
            "rule",
            "Quy tắc",
            "rule",
            "what becomes of that; for `organisation_decision...` the ref of a document",
            "default_successor",
        ),
    ],
    also=("Quy tắc",),
)

HANDOVERS = _table(
    "handovers",
    "Bàn giao",
    "What becomes of one thing, stated by hand; goes before the rule of its sort.",
    rows.Handover,
    [
        ("sort", "Nội dung", "sort", "the sort of the thing", "members"),
        ("of", "Bên giao", "code", "code of the organisation on which it hangs", "08674"),
        ("what", "Đối tượng bàn giao", "handle", "id or number of the thing; `*`: all", "*"),
        ("to", "Bên nhận", "code", "code of who takes it over; empty: it ends", "08677"),
        ("note", "Ghi chú", "text", "anything to be kept with it", ""),
    ],
)

SEATS = _table(
    "seats",
    "Chức danh",
    "How many are to hold a post in each organisation of a kind that begins, and until when.",
    rows.Seats,
    [
        ("kind", "Loại tổ chức đảng", "kind", "kind of the organisations", "commune_upper"),
        ("body", "Cơ quan", "body", "the body the post is in", "executive_committee"),
        ("post", "Chức vụ", "post", "a post of that body", "secretary"),
        ("number", "Số lượng", "count", "how many are to hold it", "1"),
        (
            "due_on",
            "Thời hạn",
            "date",
            "the day until which they are to be filled; empty: no day was set",
            "2025-07-25",
        ),
    ],
)

TABLES = (DECISIONS, BEFORE, AFTER, TRANSFERS, DECLARED, RULES, HANDOVERS, SEATS)
"""Those of rows, as fields of domain/dossier/tables.Tables; DOSSIER stands before them."""

ALL = (DOSSIER, *TABLES)

FIELD = ("field", "Mục", "Thông tin")
VALUE = ("value", "Nội dung", "Giá trị")
"""Headings of the two columns in which DOSSIER may be written."""

GUIDES = ("Hướng dẫn", "Danh mục", "guide", "lists")
"""Sheets that explain and are not read."""

COUNTERS = ("STT", "TT", "Số TT", "No.")
"""Headings of a column that counts the rows; it is not read."""
