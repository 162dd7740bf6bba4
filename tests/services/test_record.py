"""The record: canonical bytes, the way there and back, and the place of the stamp."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import rfc8785
from eventsourcing.persistence import JSONTranscoder
from hypothesis import assume, example
from hypothesis import given as whenever
from hypothesis import strategies as st

from domain.aggregate import Event
from domain.codes import Code
from domain.envelope import Actor, Authority
from domain.errors import InvalidValue
from domain.legal_basis import LegalBasis
from services.record import (
    RECORD_BYTES_MAX,
    UNSTAMPED,
    RecordMapper,
    to_event,
    to_record,
)
from tests.facts import (
    JULY,
    PROVINCE,
    as_fact,
    organisation_founded,
    recorded,
    renamed,
    unit_founded,
    wish,
)

PLACE = f'"recorded_at":"{UNSTAMPED}"'
STAMP = "2026-11-21T18:30:00.123456Z"

letters = st.sampled_from("ăâđêôơưẠảãáàệ ợữ")
controls = st.characters(max_codepoint=0x9F)
far = st.sampled_from("😀🇻🇳👩‍👩‍👧\u2028\u2029\ufeff\U000f0000\ufffd")
nasty = st.sampled_from([PLACE, UNSTAMPED, '"', "\\", '\\"', "\\u0022", '":"', "recorded_at", "\n"])
texts = st.lists(letters | controls | far | nasty | st.characters(codec="utf-8"), max_size=12).map(
    lambda parts: unicodedata.normalize("NFC", "".join(parts))
)


def established(text: str) -> Event:
    """A beginning in which every text there can be is this one."""
    (event,) = recorded(
        [organisation_founded(name=text, setting=text, codes=(Code(text, text),), kind=text)]
    )
    envelope = wish(
        JULY,
        reason=text,
        actor=Actor(text, text),
        authority=Authority(text, PROVINCE),
        basis=(LegalBasis(text, date(2025, 6, 20), text, text), LegalBasis(None)),
        correlation_id=text,
        causation_id=text,
        rule_set=text,
    )
    object.__setattr__(event, "envelope", envelope)
    return event


def plain(event: Any) -> dict[str, Any]:
    """The record as another would write it down: this is the specification, in plain values."""
    envelope = event.envelope
    return {
        "actor": {"id": envelope.actor.id, "post": envelope.actor.post},
        "authority": {
            "name": envelope.authority.name,
            "organisation_id": str(envelope.authority.organisation_id),
        },
        "basis": [
            {
                "number": b.number,
                "issued_on": b.issued_on and b.issued_on.isoformat(),
                "issuer": b.issuer,
                "title": b.title,
                "signatory": b.signatory,
                "sha256": b.sha256,
            }
            for b in envelope.basis
        ],
        "causation_id": envelope.causation_id,
        "correlation_id": envelope.correlation_id,
        "data": {
            "way": event.way,
            "kind": event.kind,
            "name": event.name,
            "superior_id": str(event.superior_id),
            "unit_id": str(event.unit_id),
            "setting": event.setting,
            "codes": [{"scheme": c.scheme, "value": c.value} for c in event.codes],
        },
        "decided_on": envelope.decided_on.isoformat(),
        "effective_on": envelope.effective_on.isoformat(),
        "format": 1,
        "reason": envelope.reason,
        "recorded_at": UNSTAMPED,
        "rule_set": envelope.rule_set,
        "schema": 1,
        "stream": str(event.originator_id),
        "type": "party-organisation.established",
        "version": event.originator_version,
        "voids": envelope.voids,
    }


def written(text: str) -> tuple[Any, bytes]:
    """The event and its record; texts whose record would not be NFC as a whole are left out."""
    event = established(text)
    assume(unicodedata.is_normalized("NFC", rfc8785.dumps(plain(event)).decode()))
    return event, to_record(event)


@whenever(texts)
@example(PLACE)
@example("\x00\x1f\x7f\x80")
@example("Đảng bộ xã Bình Yên 😀")
def test_the_bytes_are_those_of_an_independent_rfc_8785(text):
    event, record = written(text)
    assert record == rfc8785.dumps(plain(event))
    assert record == rfc8785.dumps(json.loads(record))


@whenever(texts)
@example(PLACE)
@example(PLACE[1:-1])
@example(f"{PLACE},{PLACE}")
def test_the_place_of_the_stamp_occurs_exactly_once_whatever_the_texts_say(text):
    _, record = written(text)
    assert record.decode().count(PLACE) == 1
    stamped = record.decode().replace(PLACE, PLACE.replace(UNSTAMPED, STAMP))
    assert json.loads(stamped) == json.loads(record) | {"recorded_at": STAMP}
    assert len(stamped) == len(record.decode())


@whenever(texts)
def test_an_event_comes_back_as_it_was(text):
    event, record = written(text)
    again = to_event(event.TOPIC, stamped(record), position=7)
    assert type(again) is type(event)
    assert as_fact(again) == as_fact(event)
    assert again.envelope == event.envelope
    assert (again.originator_id, again.originator_version) == (event.originator_id, 1)
    assert (again.position, again.recorded_at.isoformat()) == (
        7,
        "2026-11-21T18:30:00.123456+00:00",
    )
    assert to_record(again) == record


def stamped(record: bytes) -> bytes:
    return record.decode().replace(PLACE, PLACE.replace(UNSTAMPED, STAMP)).encode()


@pytest.mark.parametrize("text", ["xa\u0303", "Đa\u0309ng", "\u212b", "a\u0323\u0302", "\u0958"])
def test_a_text_that_is_not_nfc_is_refused(text):
    with pytest.raises(InvalidValue) as refusal:
        to_record(established(text))
    assert refusal.value.facts["field"] == "event"


def test_a_mark_that_would_join_an_escape_is_refused():
    """ "\\n" and a mark: NFC as a text, but the record as a whole would not be."""
    with pytest.raises(InvalidValue):
        to_record(established("\n\u0301"))


@pytest.mark.parametrize("text", ["\ud800", "xã\udfff"])
def test_a_text_that_is_not_unicode_is_refused(text):
    with pytest.raises(InvalidValue):
        to_record(established(text))


def test_a_record_has_a_largest_size():
    (event,) = recorded([unit_founded(name="x" * RECORD_BYTES_MAX)])
    with pytest.raises(InvalidValue) as refusal:
        to_record(event)
    assert str(RECORD_BYTES_MAX) in refusal.value.detail


def test_what_is_not_known_is_written_as_null_and_no_key_is_left_out():
    founded, named = recorded([unit_founded(superior_id=None), renamed("Bình An", on=JULY)])
    assert b'"superior_id":null' in to_record(founded)
    object.__setattr__(named, "envelope", replace(named.envelope, decided_on=None))
    assert b'"decided_on":null' in to_record(named)
    assert b'"data":{"name":"B\xc3\xacnh An"}' in to_record(named)


def test_the_library_writes_and_reads_through_the_record():
    mapper: RecordMapper = RecordMapper(JSONTranscoder())
    (event,) = recorded([unit_founded()])
    stored = mapper.to_stored_event(event)
    assert stored.state == to_record(event)
    assert (stored.topic, stored.originator_version) == ("unit.established", 1)
    again = mapper.to_domain_event(replace(stored, state=stamped(stored.state)))
    assert as_fact(again) == as_fact(event)
