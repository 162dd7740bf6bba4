"""The official patterns of names: of organisations and boards, from the name of their unit."""

from __future__ import annotations

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
