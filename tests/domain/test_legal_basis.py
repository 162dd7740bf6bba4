"""Numbers of documents, after R-DOC-1 to R-DOC-4; every one here is public or invented."""

from __future__ import annotations

import pytest

from domain.errors import InvalidValue
from domain.legal_basis import PARTY_TYPES, DocumentNumber, LegalBasis

PARTY = {
    "178-KL/TW": (178, "KL", "TW"),
    "294-QĐ/TW": (294, "QĐ", "TW"),
    "01-QĐ/TU": (1, "QĐ", "TU"),
    "219-QĐNS/TW": (219, "QĐNS", "TW"),
    "05-NQ/ĐU": (5, "NQ", "ĐU"),
    "05-HD/VPTW": (5, "HD", "VPTW"),
    "31-HD/BTCTW": (31, "HD", "BTCTW"),
    "02-CTr/CB": (2, "CTr", "CB"),
    "02-TTr/BTCTU": (2, "TTr", "BTCTU"),
    "118-ĐA/ĐH": (118, "ĐA", "ĐH"),
    "04-CT/ThU": (4, "CT", "ThU"),
}
STATE = {
    "1656/NQ-UBTVQH15": (1656, "NQ", "UBTVQH15", None),
    "72/2025/QH15": (72, None, "QH15", 2025),
    "124/2004/QĐ-TTg": (124, "QĐ", "TTg", 2004),
    "19/2025/QĐ-TTg": (19, "QĐ", "TTg", 2025),
    "45/2019/TT-BGDĐT": (45, "TT", "BGDĐT", 2019),
    "7/2025/NQ-HĐND": (7, "NQ", "HĐND", 2025),
}


@pytest.mark.parametrize(("text", "parts"), PARTY.items())
def test_the_party_writes_number_type_and_issuer(text, parts):
    found = DocumentNumber.parse(text)
    assert (found.number, found.type, found.issuer) == parts
    assert found.of_the_party
    assert found.year is None


@pytest.mark.parametrize(("text", "parts"), STATE.items())
def test_the_state_writes_number_year_type_and_issuer(text, parts):
    found = DocumentNumber.parse(text)
    assert (found.number, found.type, found.issuer, found.year) == parts
    assert not found.of_the_party


@pytest.mark.parametrize("type_", PARTY_TYPES)
def test_every_type_of_the_party_may_be_written(type_):
    assert DocumentNumber.parse(f"12-{type_}/TU").type == type_


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Số 05-NQ/ĐU",  # the word is not part of the number
        "Số: 05-NQ/ĐU",
        "5-NQ/ĐU",  # below ten with a zero
        "00-NQ/ĐU",  # numbers begin at 01
        "05-XX/ĐU",
        "05 -NQ/ĐU",
        "05-NQ/ĐU ",
        "05-NQ/ĐU\n",
        "05-NQ-ĐU",
        "05-nq/ĐU",
        "NQ/ĐU",
        "178/KL/TW",
        "72-2025-QH15",
        "0/NQ-UBTVQH15",
        "1656/NQ-",
        "1656/ubtvqh",
        "٣٤-QĐ/TW",  # digits are ASCII
        "05-NQ/D\u031bU",
    ],
)
def test_a_bad_form_is_refused_and_the_rule_is_named(text):
    with pytest.raises(InvalidValue) as refusal:
        DocumentNumber.parse(text)
    assert refusal.value.facts["field"] == "basis.number"
    assert refusal.value.facts["rule"] == "R-DOC-2"
    assert repr(text) in refusal.value.detail


def test_a_decomposed_letter_is_refused():
    with pytest.raises(InvalidValue):
        DocumentNumber.parse("05-NQ/ĐU".replace("Q", "Q\u0323"))


def test_a_number_not_known_is_flagged_and_told_by_issuer_or_title():
    basis = LegalBasis(None, issuer="Ban Thường vụ Tỉnh ủy")
    basis.refuse_ill_formed()
    assert basis.number_unknown
    LegalBasis(None, title="Đề án sắp xếp").refuse_ill_formed()
    assert not LegalBasis("12-QĐ/TU").number_unknown


@pytest.mark.parametrize(
    ("basis", "field"),
    [
        (LegalBasis(None), "basis.number"),
        (LegalBasis(""), "basis.number"),
        (LegalBasis(None, issuer=""), "basis.number"),
        (LegalBasis("12-QĐ/TU", title=" "), "basis.title"),
        (LegalBasis("12-QĐ/TU", issuer="\x07"), "basis.issuer"),
    ],
)
def test_an_ill_formed_basis_is_refused(basis, field):
    with pytest.raises(InvalidValue) as refusal:
        basis.refuse_ill_formed()
    assert refusal.value.facts["field"] == field
