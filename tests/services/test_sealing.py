"""What is sealed opens with its key, in its place, unaltered, and in no other way."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.sealing import (
    BLOCK_BYTES,
    Box,
    SealBroken,
    context,
    fingerprint,
    new_key,
    opened,
    padded,
    seal,
    unpadded,
)

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
PLACE = context("tests", UUID(int=1), "a")
keys = st.binary(min_size=32, max_size=32)
texts = st.binary(max_size=3000)


@given(key=keys, text=texts, parts=st.lists(st.text(max_size=8), max_size=3))
def test_what_is_sealed_opens_again(key, text, parts):
    place = context("tests", *parts)
    assert opened(key, place, seal(key, place, text)) == text


@given(key=keys, other=keys, text=texts)
def test_another_key_is_refused_by_the_commitment(key, other, text):
    assume(key != other)
    with pytest.raises(SealBroken, match="another key"):
        opened(other, PLACE, seal(key, PLACE, text))


@given(one=st.lists(st.text(max_size=4), max_size=3), two=st.lists(st.text(max_size=4), max_size=3))
def test_no_two_places_are_the_same_and_neither_opens_what_was_sealed_for_the_other(one, two):
    assume(one != two)
    assert context("tests", *one) != context("tests", *two)
    with pytest.raises(SealBroken):
        opened(KEY, context("tests", *two), seal(KEY, context("tests", *one), b"x"))


@given(text=texts, data=st.data())
def test_a_bit_that_was_turned_is_noticed_wherever_it_is(text, data):
    packed = bytearray(seal(KEY, PLACE, text).packed())
    bit = data.draw(st.integers(0, len(packed) * 8 - 1))
    packed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealBroken):
        opened(KEY, PLACE, Box.unpacked(bytes(packed)))


@given(one=texts, two=texts)
def test_parts_of_two_boxes_do_not_make_a_third(one, two):
    first, second = seal(KEY, PLACE, one), seal(KEY, PLACE, two)
    for mixed in (
        replace(first, ciphertext=second.ciphertext),
        replace(first, commitment=second.commitment),
        replace(first, salt=second.salt),
    ):
        with pytest.raises(SealBroken):
            opened(KEY, PLACE, mixed)


def test_a_ciphertext_cannot_be_given_the_commitment_of_another_key():
    """What plain GCM would leave to the forger: a box that passes for one under another key."""
    ours, theirs = seal(KEY, PLACE, b"one"), seal(OTHER, PLACE, b"two")
    for key in (KEY, OTHER):
        with pytest.raises(SealBroken):
            opened(key, PLACE, Box(ours.salt, theirs.commitment, ours.ciphertext))


def test_the_same_text_sealed_twice_looks_different():
    assert seal(KEY, PLACE, b"x").packed() != seal(KEY, PLACE, b"x").packed()


@pytest.mark.parametrize("packed", [b"", b"x" * 79, b"x" * 80])
def test_what_was_never_sealed_does_not_open(packed):
    with pytest.raises(SealBroken):
        opened(KEY, PLACE, Box.unpacked(packed))


@given(text=texts)
def test_padding_comes_in_a_few_sizes_only(text):
    assert unpadded(padded(text)) == text
    blocks = len(padded(text)) // BLOCK_BYTES
    assert (len(padded(text)) % BLOCK_BYTES, blocks & (blocks - 1)) == (0, 0)


def test_what_was_never_padded_is_refused():
    with pytest.raises(SealBroken):
        unpadded(b"\xff\xff\xff\xff and so on")


def test_a_fingerprint_tells_keys_apart():
    assert fingerprint(KEY) != fingerprint(OTHER)
    assert len(fingerprint(new_key())) == 64


def test_the_scheme_gives_what_it_always_gave():
    """Frozen on the day it shipped: what was sealed then must open for ever."""
    kept = Box.unpacked(bytes.fromhex(FROZEN))
    assert opened(KEY, PLACE, kept) == "Nguyễn Văn Thử".encode()


FROZEN = (
    "f559cb3f86bb8679c36ef6d7254458888208afb1d481ee001ed8f94a36a67a89163402cff4433fee5948d923"
    "fc3725f961b7792424e51d7982606473825f4dd8c47a21f32a0bcf4cac2598b2c73213c52084446cf29fc89e"
    "7989438c02984cadefa3d5"
)
