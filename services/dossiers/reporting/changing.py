"""Tables of the changes of structure, one for each sort of change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from services.dossiers.reporting.frame import Column, Table, Term
from services.dossiers.reporting.structure import CHANGES, Change

_TITLES = {
    "begun": Term("Thành lập mới", "Begun"),
    "ended": Term("Kết thúc hoạt động", "Ended"),
    "renamed": Term("Đổi tên", "Renamed"),
    "moved": Term("Chuyển trực thuộc", "Under another superior"),
    "sort_changed": Term("Đổi loại", "Of another type or kind"),
    "recoded": Term("Đổi mã", "Recoded"),
    "relocated": Term("Chuyển địa bàn", "On another unit"),
    "ceded": Term("Chuyển một phần", "Parts ceded"),
}
_WHO = (
    Column("subject", Term("Đối tượng", "Subject"), "coded", "subject"),
    Column("code", Term("Mã", "Code"), "code"),
    Column("called", Term("Tên", "Name")),
    Column("sort", Term("Loại", "Type or kind"), "coded", "unit_or_kind"),
)
_DOCUMENT = (Column("document", Term("Số văn bản", "Document number")),)
_WAY = (Column("way", Term("Hình thức", "Way"), "coded", "way"),)
_HEIRS = (Column("heirs", Term("Bên tiếp nhận", "Taken over by"), "heirs"),)
_OF = {"sort_changed": "unit_or_kind"}


def change_tables(changes: Iterable[Change]) -> Iterator[Table]:
    """Those with rows, in the order of CHANGES."""
    changes = tuple(changes)
    for name in CHANGES:
        rows = tuple(each for each in changes if each.change == name)
        yield Table(name, _TITLES[name], (*_WHO, *_more(name), *_DOCUMENT), rows)


def _more(change: str) -> tuple[Column, ...]:
    if change == "begun":
        return (*_WAY, Column("is_", Term("Trực thuộc", "Under")))
    if change == "ended":
        return (*_WAY, *_HEIRS)
    if change == "ceded":
        return _HEIRS
    of = _OF.get(change)
    was = Column("was", Term("Trước", "Before"), "coded" if of else "text", of)
    return (was, Column("is_", Term("Sau", "After"), "coded" if of else "text", of))
