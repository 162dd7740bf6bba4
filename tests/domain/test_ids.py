"""Derived identifiers: the same every time, in order of their time, version 8 of RFC 9562."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import RFC_4122, UUID

from hypothesis import given as whenever
from hypothesis import strategies as st

from domain.ids import beside, derived_id

DAY = datetime(2025, 7, 1, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
milliseconds = st.integers(0, 250_000_000_000_000)  # to the year 9892
instants = st.builds(
    lambda ms, us: EPOCH + timedelta(milliseconds=ms, microseconds=us),
    milliseconds,
    st.integers(0, 999),
)


@whenever(st.text(st.characters(codec="utf-8")), instants)
def test_the_bits_are_those_of_rfc_9562_version_8(name, at):
    id_ = derived_id(name, at)
    assert (id_.version, id_.variant) == (8, RFC_4122)
    since = timedelta(milliseconds=id_.int >> 80)
    assert since <= at - EPOCH < since + timedelta(milliseconds=1)


def test_a_name_has_the_same_id_for_ever():
    assert derived_id("unit:nso:10081", DAY) == UUID("0197c348-8800-82a5-afe1-8198c55e788c")


@whenever(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_ids_differ_when_names_do(one, other):
    assert (derived_id(one, DAY) == derived_id(other, DAY)) == (one == other)


@whenever(instants, instants, st.text(st.characters(codec="utf-8")))
def test_ids_keep_the_order_of_their_times_to_the_millisecond(one, other, name):
    if other - one >= timedelta(milliseconds=1):
        assert derived_id(name, one) < derived_id("x", other)


def test_an_instant_is_one_whatever_its_time_zone():
    hanoi = DAY.astimezone(timezone(timedelta(hours=7)))
    assert derived_id("x", DAY) == derived_id("x", hanoi)


@whenever(st.uuids(), st.uuids(), st.text(st.characters(codec="utf-8")))
def test_what_stands_beside_an_id_keeps_its_time_and_is_its_own(id_, other, name):
    found = beside(id_, name)
    assert found.int >> 80 == id_.int >> 80
    assert found not in {id_, beside(id_, name + "x")}
    assert (found == beside(other, name)) == (id_ == other)
