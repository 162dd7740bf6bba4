"""Names of people who do not exist, put together by chance from common parts.

A full name so common will be somebody's: nothing else about the person is true.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from services.details import Details

FAMILIES = (
    ("Nguyễn", 38),
    ("Trần", 12),
    ("Lê", 10),
    ("Phạm", 7),
    ("Hoàng", 5),
    ("Phan", 5),
    ("Vũ", 4),
    ("Võ", 4),
    ("Đặng", 3),
    ("Bùi", 3),
    ("Đỗ", 3),
    ("Hồ", 2),
    ("Ngô", 2),
    ("Dương", 2),
    ("Lý", 1),
)
"""Family names, with about how many in a hundred bear each."""

MIDDLES = {
    "female": ("Thị", "Thị Thu", "Thị Minh", "Thị Ngọc", "Thị Bích", "Thanh", "Hồng", "Mỹ"),
    "male": ("Văn", "Đức", "Hữu", "Quang", "Minh", "Xuân", "Công", "Đình", "Ngọc", "Thành"),
}
GIVENS = {
    "female": (
        *("Hà", "Lan", "Hương", "Mai", "Thảo", "Nga", "Yến", "Loan", "Phượng", "Thủy", "Hạnh"),
        *("Vân", "Trang", "Nhung", "Huệ", "Diệp", "Xuyến", "Oanh", "Quyên", "Sương"),
    ),
    "male": (
        *("An", "Bình", "Cường", "Dũng", "Hải", "Hùng", "Khoa", "Lâm", "Long", "Nam", "Phong"),
        *("Quân", "Sơn", "Tâm", "Thắng", "Tiến", "Toàn", "Trung", "Tuấn", "Vinh"),
    ),
}
FIRST_BIRTH, BIRTH_DAYS = date(1966, 1, 1), 25 * 365


def invented(chance: Random) -> Details:
    """What is known of somebody who does not exist: a name, a birth date, a sex."""
    sex = "female" if chance.random() < 0.3 else "male"
    families, weights = zip(*FAMILIES, strict=True)
    [family] = chance.choices(families, weights)
    name = f"{family} {chance.choice(MIDDLES[sex])} {chance.choice(GIVENS[sex])}"
    birth_date = FIRST_BIRTH + timedelta(days=chance.randrange(BIRTH_DAYS))
    return Details.of(name=name, birth_date=birth_date, sex=sex)
