"""What the first sheet of a workbook and docs/dossier-format.md say of the tables and columns."""

from __future__ import annotations

from collections.abc import Iterator

from services.dossiers.files import words
from services.dossiers.files.schema import ALL, CLOSED, Column, Table

_FORMS = {
    "name": "text, at most 200 characters",
    "text": "text, at most 10,000 characters",
    "code": "code, as text",
    "code_or_none": "code, as text, or `-`",
    "handle": "text without `,` and `;`",
    "handles": "several, separated by `;`",
    "date": "2025-07-01 or 01/07/2025",
    "count": "whole number",
    "step": "whole number from 1",
    "area": "km², at most six decimals",
    "truth": "true, x, có, 1 or false, không, 0",
    "type": "type of unit or kind of organisation",
    "level_or_kind": "level or kind of organisation",
    "kind": "kind of organisation",
    "body": "one of the bodies",
    "rule_sort": "one of the sorts, or what organisations follow",
}
_OPENING = (
    ("Hồ sơ sắp xếp", ""),
    (
        "Cách điền",
        "Mỗi trang là một bảng, mỗi dòng là một nội dung. Cột nền vàng là bắt buộc. "
        "Không gộp ô, không thêm cột, không đổi tên trang.",
    ),
    ("Mã số", "Mã số là văn bản: giữ nguyên các số 0 ở đầu (00004)."),
    ("Ngày", "Ghi dd/mm/yyyy hoặc yyyy-mm-dd."),
    ("Diện tích", "Tính bằng km², không dùng dấu phân cách hàng nghìn."),
    ("Danh mục", "Các cột có danh mục: chọn trong danh sách hoặc ghi mã. Xem trang Danh mục."),
)


def lines() -> Iterator[tuple[str, str]]:
    """(name, words) of each line of the first sheet; a title has no words."""
    yield from _OPENING
    for table in ALL:
        yield "", ""
        yield f"{table.heading} ({table.name})", ""
        yield "", table.words.replace("`", "")
        for column in table.columns:
            example = f" Ví dụ / example: {column.example}" if column.example else ""
            yield column.heading, f"{column.name}: {column.words}.{example}".replace("`", "")


def markdown_of(table: Table) -> str:
    """The columns of a table, as docs/dossier-format.md has them."""
    head = f"`{table.name}.csv`, sheet *{table.heading}*. {table.words}\n"
    rows = [
        "| column | heading | holds | required | meaning | example |",
        "|---|---|---|---|---|---|",
        *(
            f"| `{c.name}` | {c.heading} | {form(c)} | {_need(c)} | {c.words} | {_example(c)} |"
            for c in table.columns
        ),
    ]
    return "\n".join([head, *rows]) + "\n"


def markdown_of_words() -> str:
    """The closed values, with the words that are accepted for each."""
    rows = ["| list | codes and their words |", "|---|---|"]
    for type_ in (each for each in CLOSED if each not in ("type", "level_or_kind")):
        told = "; ".join(f"`{code}` {word}" for code, word in words.labels(type_).items())
        rows.append(f"| {type_} | {told} |")
    for subject, called in (("unit", "type of a unit"), ("organisation", "kind")):
        told = "; ".join(f"`{c}` {word}" for c, word in words.labels("type", subject).items())
        rows.append(f"| {called} | {told} |")
    return "\n".join(rows) + "\n"


def form(column: Column) -> str:
    """What stands in a column, in words."""
    closed = f"one of the {column.type}s" if column.type in CLOSED else column.type
    return _FORMS.get(column.type, closed) + (", or `*`" if column.is_starred else "")


def _need(column: Column) -> str:
    if column.is_required:
        return "yes"
    return f"no: {column.default}" if column.default else "no"


def _example(column: Column) -> str:
    return f"`{column.example}`" if column.example else ""
