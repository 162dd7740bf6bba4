"""What is fixed about the reorganisation of 2025 and stands in none of its lists."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from uuid import UUID

from domain.ids import derived_id

UNDERTAKING = "vn2025"
OPENING = date(2025, 4, 1)  # the lists of before are the state after the changes up to March
REORGANISATION = date(2025, 7, 1)

CODE_SCHEME = "nso"
MERGER_OF_PROVINCES = "202/2025/QH15"
END_OF_DISTRICTS = "203/2025/QH15"

LIST_ISSUER = "Cục Thống kê"
LIST_TITLE = "Danh mục và mã số các đơn vị hành chính Việt Nam"

TYPE_WORDS = {  # how the full name of a unit of that type begins
    "tinh": "tỉnh",
    "thanh_pho": "thành phố",
    "quan": "quận",
    "huyen": "huyện",
    "thi_xa": "thị xã",
    "xa": "xã",
    "phuong": "phường",
    "thi_tran": "thị trấn",
    "dac_khu": "đặc khu",
}
COMMITTEE_WORDS = {  # how the committee of a province or district of that type is called
    "tinh": "Tỉnh ủy",
    "thanh_pho": "Thành ủy",
    "quan": "Quận ủy",
    "huyen": "Huyện ủy",
    "thi_xa": "Thị ủy",
}


def organisation_name(unit_name: str, unit_type: str) -> str:
    """By the official pattern: "Phường Ba Đình" gives "Đảng bộ phường Ba Đình"."""
    word = TYPE_WORDS[unit_type]
    return f"Đảng bộ {word}{unit_name[len(word) :]}"


def standing_board(unit_name: str, unit_type: str) -> str:
    """The board that decides for it: "Tỉnh Lào Cai" gives "Ban Thường vụ Tỉnh ủy Lào Cai"."""
    own = unit_name[len(TYPE_WORDS[unit_type]) :]
    return f"Ban Thường vụ {COMMITTEE_WORDS[unit_type]}{own}"


def old_id(kind: str, level: str, code: str) -> UUID:
    """Of a unit ("unit") or a Party organisation that was there before."""
    return _id(OPENING, f"{UNDERTAKING}/{kind}/{level}/old/{code}")


def new_id(kind: str, level: str, code: str) -> UUID:
    """Of one that began with the reorganisation."""
    return _id(REORGANISATION, f"{UNDERTAKING}/{kind}/{level}/new/{code}")


def _id(day: date, name: str) -> UUID:
    return derived_id(name, datetime.combine(day, time(), UTC))
