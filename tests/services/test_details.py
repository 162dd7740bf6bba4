"""What is known of a person: well formed, found by name, shown by nothing that merely holds it."""

from __future__ import annotations

import traceback
import unicodedata
from base64 import b64encode
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import EventFromTheFuture, InvalidValue
from services import sealing
from services.details import Details, fits, place_of, sealed, unsealed, words_of
from services.record import to_event
from services.sealing import SealBroken
from tests.services.test_log import LOG

KEY = bytes(range(32))
PERSON = UUID(int=7)
PLACE = place_of(PERSON, PERSON, "person.registered")
WHOLE = Details.of(
    name="Nguyễn Thị Thử Nghiệm",
    birth_date=date(1975, 3, 2),
    sex="female",
    of_minority=False,
    has_religion=False,
    card_number="00.123456",
    citizen_number="001175000001",
    phone="+84 900 000 001",
    home_place="Xã Bình Yên, tỉnh An",
)


def test_text_is_kept_in_one_form():
    spaced = Details.of(name=unicodedata.normalize("NFD", "  Trần   Thử "), home_place=" Xã  An ")
    assert (spaced.name, spaced.home_place) == ("Trần Thử", "Xã An")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "..."),
        ("name", "SECRET\x00"),
        ("sex", "SECRET"),
        ("birth_date", date(1066, 10, 14)),
        ("citizen_number", "SECRET"),
        ("card_number", "secret-SECRET"),
        ("phone", "SECRET"),
        ("home_place", "SECRET\u200b"),
        ("home_place", "S" * 301),
    ],
)
def test_a_refusal_names_the_field_and_quotes_no_value(field, value):
    with pytest.raises(InvalidValue) as refusal:
        Details.of(**{"name": "Trần Thử", field: value})
    assert refusal.value.facts["field"] == f"details.{field}"
    told = "".join(traceback.format_exception(refusal.value))
    assert "SECRET" not in told.replace("SECRET\\", "")
    assert "1066" not in told


def test_whoever_prints_them_sees_nothing():
    assert str(WHOLE) == repr([WHOLE])[1:-1] == "Details(...)"


@pytest.mark.parametrize("details", [WHOLE, Details.of(name="Trần Thử")])
def test_they_come_out_of_the_seal_as_they_went_in(details):
    assert unsealed(KEY, PLACE, sealed(KEY, 1, PLACE, details)) == details


def test_the_seal_shows_nothing_and_its_length_neither():
    short, long = (sealed(KEY, 1, PLACE, each) for each in (Details.of(name="An"), WHOLE))
    assert len(short.ciphertext) == len(long.ciphertext)
    assert "Th" not in repr(long).replace(long.ciphertext, "")


@pytest.mark.parametrize(
    "place",
    [
        place_of(UUID(int=8), PERSON, "person.registered"),
        place_of(PERSON, UUID(int=8), "person.registered"),
        place_of(PERSON, PERSON, "person.details-recorded"),
    ],
)
def test_they_open_for_their_person_in_their_stream_and_event_only(place):
    with pytest.raises(SealBroken):
        unsealed(KEY, place, sealed(KEY, 1, PLACE, WHOLE))


def test_what_a_later_release_seals_is_refused():
    whole = sealed(KEY, 1, PLACE, WHOLE)
    with pytest.raises(SealBroken):
        unsealed(KEY, PLACE, replace(whole, scheme="another/2"))
    box = sealing.seal(KEY, PLACE, sealing.padded(b'{"name":"An","shoe_size":41}'))
    later = sealed(KEY, 1, PLACE, WHOLE)
    later = replace(
        later,
        nonce=base64(box.salt),
        commitment=base64(box.commitment),
        ciphertext=base64(box.ciphertext),
    )
    with pytest.raises(EventFromTheFuture):
        unsealed(KEY, PLACE, later)


def base64(value: bytes) -> str:
    return b64encode(value).decode()


@pytest.mark.parametrize("topic", ["registered", "registration-corrected", "details-recorded"])
def test_what_was_ever_stored_opens_with_its_key(topic):
    stored = (LOG / f"person.{topic}.v1.json").read_bytes()
    event: Any = to_event(f"person.{topic}", stored)
    id_ = event.originator_id
    assert unsealed(KEY, place_of(id_, id_, event.TOPIC), event.sealed).name == WHOLE.name


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("nguyen thu", True),
        ("NGUYỄN THỊ", True),
        ("thử nguyễn", True),
        ("nghiem", True),
        ("nghiêm", False),  # another tone
        ("thu nghiem tran", False),
        ("ngu", False),  # whole words
        (unicodedata.normalize("NFD", "Nghiệm"), True),
    ],
)
def test_a_name_is_found_by_its_words(wanted, found):
    assert fits(wanted, WHOLE.name) is found


@pytest.mark.parametrize("written", ["H'Mai Ê-ban", "H’Mai Ê ban", "HMai ê-BAN"])
def test_apostrophes_and_hyphens_do_not_matter(written):
    assert fits(written, "H'Mai Ê-ban")
    assert words_of(written) == {"hmai", "e", "ban"}


@given(name=st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạấờợỳỷ '-", min_size=1, max_size=40))
def test_whoever_fits_has_all_words_that_are_looked_up(name):
    assert fits(name, name)
    assert words_of(name) >= words_of(" ".join(words_of(name)))
