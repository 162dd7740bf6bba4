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


def old_id(kind: str, level: str, code: str) -> UUID:
    """Of a unit ("unit") or a Party organisation that was there before the reorganisation."""
    opening = datetime.combine(OPENING, time(), UTC)
    return derived_id(f"{UNDERTAKING}/{kind}/{level}/old/{code}", opening)
