"""Vietnamese names: their one form, their order, and how they are found."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example
from hypothesis import given as whenever
from hypothesis import strategies as st

from domain.errors import InvalidValue
from domain.names import NAME_LENGTH_MAX, folded, proper_name, same_name, sort_key

vietnamese = st.text("aăâeêioôơuưyđĐAÂƯ ạảãáàbcdghklmnpqrstvx0123456789'’-.", max_size=30)

IN_ORDER = [
    "Phường 1",
    "Phường 2",
    "Phường 2A",
    "Phường 10",
    "Phường 10B",
    "Phường 12",
    "Phường An Khánh",
    "Phường An Lạc",
    "Phường Ăn Thịnh",
    "Phường Ân Thi",
    "Phường Ba Đình",
    "Phường Bạc Liêu",
    "Phường Cầu Giấy",
    "Phường Dĩ An",
    "Phường Đa Kao",
    "Phường Định Công",
    "Phường Giảng Võ",
    "Phường Hoa Lư",
    "Phường Hòa Lư",
    "Phường Hỏa Lư",
    "Phường Hõa Lư",
    "Phường Hóa Lư",
    "Phường Họa Lư",
    "Phường Hoa Lưu",
    "Phường Ô Chợ Dừa",
    "Phường Ơn",
    "Phường Tam Kỳ",
    "Phường Tân An",
    "Phường Tân Sơn Hòa",
    "Phường U Minh",
    "Phường Ương",
    "Phường Vũng Tàu",
    "Phường Y Yên",
    "Xã A Dơi",
]


def in_order(texts: list[str]) -> list[str]:
    backwards = texts[::-1]  # so that what has one key would come out wrong
    return sorted(backwards, key=sort_key)


def test_names_sort_as_in_a_vietnamese_dictionary():
    assert in_order(IN_ORDER) == IN_ORDER


def test_letters_keep_the_order_of_the_alphabet():
    alphabet = list("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")
    assert in_order(alphabet) == alphabet
    capitals = [letter.upper() for letter in alphabet]
    assert in_order(capitals) == capitals


def test_tones_keep_the_order_of_the_dictionary():
    for syllable in ("a à ả ã á ạ", "â ầ ẩ ẫ ấ ậ", "ư ừ ử ữ ứ ự", "y ỳ ỷ ỹ ý ỵ"):
        assert in_order(syllable.split()) == syllable.split()


def test_letters_weigh_more_than_tones():
    assert sort_key("Hạ An") < sort_key("Hà Ân")


@whenever(st.integers(0, 10**30), st.integers(0, 10**30))
def test_numbers_sort_by_their_value(one, other):
    assert (sort_key(f"Tổ {one}") < sort_key(f"Tổ {other}")) == (one < other)
    assert (sort_key(f"Tổ {one}a") < sort_key(f"Tổ {other}a")) == (one < other)


@whenever(st.text())
@example("Phường ٣")
@example("²")
def test_a_sort_key_is_ascii_digits_whatever_the_text(text):
    assert set(sort_key(text)) <= set("0123456789")


@whenever(vietnamese)
def test_the_form_of_unicode_case_and_apostrophes_do_not_matter_to_the_order(text):
    for other in (unicodedata.normalize("NFD", text), text.upper(), text.replace("'", "’")):
        assert sort_key(other) == sort_key(text)


def test_a_name_comes_before_its_continuation():
    for name, longer in pairwise(["Phường", "Phường Hoa", "Phường Hoa Lư", "Phường Hoa Lư 2"]):
        assert sort_key(name) < sort_key(longer)


# Searching


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Phường Ba Đình", "phuong ba dinh"),
        ("PHƯỜNG BA ĐÌNH", "phuong ba dinh"),
        ("Ðống Ða", "dong da"),  # Icelandic Ð, often typed for Đ
        ("Xã M'Drắk", "xa mdrak"),
        ("Xã M’Drắk", "xa mdrak"),
        ("Thừa Thiên - Huế", "thua thien hue"),
        ("  Bà Rịa–Vũng   Tàu ", "ba ria vung tau"),
        ("Phường 10", "phuong 10"),
        ("ưứừửữự ơớờởỡợ ăắằẳẵặ", "uuuuuu oooooo aaaaaa"),
        ("", ""),
    ],
)
def test_text_is_folded_for_searching(text, plain):
    assert folded(text) == plain


@whenever(st.text())
def test_folding_twice_is_folding_once(text):
    assert folded(folded(text)) == folded(text)
    assert folded(unicodedata.normalize("NFD", text)) == folded(unicodedata.normalize("NFC", text))


# The one form


@whenever(st.text())
def test_a_name_is_kept_in_nfc_with_single_blanks_or_refused(text):
    try:
        name = proper_name(text)
    except InvalidValue:
        return
    assert unicodedata.is_normalized("NFC", name)
    assert name == " ".join(name.split())
    assert 0 < len(name) <= NAME_LENGTH_MAX
    assert proper_name(name) == name


def test_a_decomposed_name_is_composed():
    assert proper_name(unicodedata.normalize("NFD", "Xã Bình Yên")) == "Xã Bình Yên"


@pytest.mark.parametrize("text", ["", " \n", "a\x00", "a\u200b", "a\u00ad", "\ue000", "a" * 201])
def test_what_is_no_name_is_refused(text):
    with pytest.raises(InvalidValue) as refusal:
        proper_name(text, "title")
    assert refusal.value.facts["field"] == "title"


def test_siblings_have_the_same_name_whatever_its_case_and_form():
    assert same_name("Đảng bộ XÃ Bình Yên") == same_name("đảng bộ xã bình yên")
    assert same_name(unicodedata.normalize("NFD", "Xã")) == same_name("Xã")
    assert same_name("Xã Hòa") != same_name("Xã Hoà")  # two spellings are two names
    assert same_name("Xã Hòa") != same_name("Xã Hóa")
