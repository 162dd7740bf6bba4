"""Places by what people call them, on one day of an invented country with real names."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given as whenever
from hypothesis import strategies as st

from domain.places import Gazetteer, Place

NAMES = {  # id: (name, superior)
    1: ("Thành phố Hồ Chí Minh", None),
    2: ("Quận Gò Vấp", 1),
    3: ("Quận 12", 1),
    4: ("Phường 12", 2),
    5: ("Phường 1", 2),
    6: ("Quận 10", 1),
    7: ("Phường 12", 6),
    8: ("Tỉnh Hòa Bình", None),
    9: ("Thành phố Hòa Bình", 8),
    10: ("Xã Hòa Bình", 9),
    11: ("Xã Hoa Bình", 9),
    12: ("Tỉnh Bà Rịa - Vũng Tàu", None),
    13: ("Xã Ninh Xá", 9),
    14: ("Thị trấn Mđrắk", 8),
    15: ("Đặc khu Cô Tô", 12),
    16: ("Thị xã Tân Châu", 8),
    17: ("Phường Gò Vấp", 1),
}
GAZETTEER = Gazetteer(
    Place(UUID(int=n), name, UUID(int=above) if above else None)
    for n, (name, above) in NAMES.items()
)


def found(text: str) -> list[int]:
    return sorted(id_.int for id_ in GAZETTEER.find(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Phường 12 quận Gò Vấp", [4]),
        ("phuong 12, go vap, tp ho chi minh", [4]),
        ("P.12, Q. Gò Vấp, TP HCM", [4]),
        ("TPHCM, q.go vap; P12", [4]),
        ("F12 Q10", [7]),
        ("Phường 012, Quận 10, Việt Nam", [7]),
        ("PHƯỜNG 1 (QUẬN GÒ VẤP)", [5]),
        ("T.P. Hòa Bình", [9]),
        ("TT. M'Drắk", [14]),
        ("tx tan chau", [16]),
        ("bà rịa-vũng tàu", [12]),
        ("dk Cô Tô - Bà Rịa - Vũng Tàu", [15]),
        ("xã Ninh Xá", [13]),
        ("Q.12", [3]),
    ],
)
def test_a_place_is_found_however_it_is_written(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Phường 12", [4, 7]),
        ("phuong 12, tp hcm", [4, 7]),
        ("xa hoa binh", [10, 11]),
        ("Gò Vấp", [2, 17]),
        ("Hòa Bình", [8, 9, 10]),
    ],
)
def test_what_fits_several_is_never_picked_in_silence(text, expected):
    assert found(text) == expected


def test_marks_tell_apart_wherever_the_tone_is_written():
    assert found("xã Hòa Bình") == found("xã Hoà Bình") == found("xã HÒA BÌNH") == [10]
    assert found("xã Hoa Bình, tp Hoà Bình") == [10, 11]  # the text has both
    assert found("xã Họa Bình") == [10, 11]  # nobody is called just that


@pytest.mark.parametrize(
    "text", ["", ",", "12", "Phường 12, Quận 12", "phường", "xã Gò Vấp", "Phường 12 Gò Vấp Q"]
)
def test_what_fits_nothing_finds_nothing(text):
    assert found(text) == []


@whenever(st.sampled_from(sorted(NAMES)), st.randoms(use_true_random=False), st.booleans())
def test_with_all_that_stands_above_it_a_place_is_found_in_any_order(number, random, comma):
    parts, at = [], number
    while at:
        name, above = NAMES[at]
        parts.append(name)
        at = above
    random.shuffle(parts)
    assert number in found((", " if comma else " ").join(parts))


def test_a_circle_of_superiors_ends():
    one, other = UUID(int=1), UUID(int=2)
    gazetteer = Gazetteer([Place(one, "Xã A", other), Place(other, "Huyện B", one)])
    assert gazetteer.find("xã A, huyện B")
