"""What is stored in every contest: organisations that are founded once and renamed ever after.

All contestants store the same facts, and all but the stock library the same bytes: our record,
some 600 of them. Names and documents are invented. A stream is told by its number.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from eventsourcing.persistence import StoredEvent

from domain.envelope import Actor, Authority, Envelope
from domain.ids import derived_id
from domain.legal_basis import LegalBasis
from domain.organisation import PartyOrganisation
from services.record import FORMAT, UNSTAMPED

PER_STREAM = 10  # events of a stream in bulk data
CLIENT_STREAMS = 1000  # streams that one client writes to

_BEGAN = datetime(2025, 7, 1, tzinfo=UTC)
_FIRST_DAY = date(2015, 1, 1)
_SUPERIORS = 307
_ACTORS = 97
_DOCUMENTS = 90_000
_AUTHORITY = "Ban Bí thư"  # which has the power, so that commands may be given, too
_KIND, _SETTING = "base_committee", "territory"


@lru_cache(maxsize=65536)
def stream_id(stream: int) -> UUID:
    """Ids of streams that begin one after the other stand one after the other, as UUIDv7 do."""
    return derived_id(f"bench/{stream}", _BEGAN + timedelta(milliseconds=stream))


@lru_cache(maxsize=_SUPERIORS)
def _superior(number: int) -> UUID:
    return derived_id(f"bench/superior/{number}", _BEGAN)


def superiors() -> list[PartyOrganisation]:
    """Those under whom the others stand, each with its first event pending."""
    return [
        PartyOrganisation.begin(
            _superior(number),
            envelope(0, 0),  # before anybody stands under it
            way="new",
            kind="province",
            name=f"Đảng bộ tỉnh Bình Yên {number}",
            superior_id=None,
            unit_id=None,
            setting=_SETTING,
            codes=(),
        )
        for number in range(_SUPERIORS)
    ]


def superior_id(stream: int) -> UUID:
    return _superior(stream % _SUPERIORS)


def effective_on(stream: int, version: int) -> date:
    """Later versions take effect later: the last one is the current state."""
    return _FIRST_DAY + timedelta(days=stream % 1000 + 10 * version)


def name(stream: int, version: int) -> str:
    return f"Đảng bộ cơ sở Bình Yên số {stream * 31 + version}"


def actor(stream: int) -> str:
    return f"office-{stream % _ACTORS:02d}"


def document(stream: int, version: int) -> str:
    return f"{10 + (stream * 7 + version) % _DOCUMENTS}-QĐ/TU"


def flat(stream: int, version: int) -> dict[str, str]:
    """The facts of an event without structure, for the stock library's aggregate."""
    day = effective_on(stream, version).isoformat()
    return {
        "kind": "established" if version == 1 else "renamed",
        "organisation_kind": _KIND,
        "setting": _SETTING,
        "effective_on": day,
        "decided_on": day,
        "actor": actor(stream),
        "authority": _AUTHORITY,
        "document": document(stream, version),
        "issued_on": day,
        "issuer": _AUTHORITY,
        "name": name(stream, version),
        "superior_id": str(superior_id(stream)),
    }


def plain(stream: int, version: int) -> dict[str, Any]:
    """The whole record as a dict, made the quickest way; `record` encodes it."""
    day = effective_on(stream, version)
    data: dict[str, Any] = {"name": name(stream, version)}
    if version == 1:
        data |= {
            "codes": [],
            "kind": _KIND,
            "setting": _SETTING,
            "superior_id": superior_id(stream),
            "unit_id": None,
            "way": "new",
        }
    return {
        "actor": {"id": actor(stream), "post": None},
        "authority": {"name": _AUTHORITY, "organisation_id": None},
        "basis": [
            {
                "issued_on": day,
                "issuer": _AUTHORITY,
                "number": document(stream, version),
                "sha256": None,
                "signatory": None,
                "title": None,
            }
        ],
        "causation_id": None,
        "correlation_id": None,
        "data": data,
        "decided_on": day,
        "effective_on": day,
        "format": FORMAT,
        "reason": None,
        "recorded_at": UNSTAMPED,
        "rule_set": None,
        "schema": 1,
        "stream": stream_id(stream),
        "type": topic(version),
        "version": version,
        "voids": None,
    }


def record(stream: int, version: int) -> bytes:
    """The canonical bytes, the same as the product's own mapper makes of the event."""
    return orjson.dumps(plain(stream, version), option=orjson.OPT_SORT_KEYS)


def topic(version: int) -> str:
    made = PartyOrganisation.Established if version == 1 else PartyOrganisation.Renamed
    return made.TOPIC


def stored(stream: int, version: int) -> StoredEvent:
    return StoredEvent(stream_id(stream), version, topic(version), record(stream, version))


def envelope(stream: int, version: int) -> Envelope:
    day = effective_on(stream, version)
    basis = LegalBasis(document(stream, version), day, _AUTHORITY)
    return Envelope(day, day, Actor(actor(stream)), Authority(_AUTHORITY), (basis,))


def founded(stream: int) -> PartyOrganisation:
    """The organisation with its first event pending."""
    return PartyOrganisation.begin(
        stream_id(stream),
        envelope(stream, 1),
        way="new",
        kind=_KIND,
        name=name(stream, 1),
        superior_id=superior_id(stream),
        unit_id=None,
        setting=_SETTING,
        codes=(),
    )


def rename(organisation: PartyOrganisation, stream: int) -> None:
    """One more event, pending."""
    version = organisation.version + 1
    organisation.rename(name(stream, version), envelope(stream, version))


def grown(stream: int, versions: int) -> PartyOrganisation:
    """The organisation with so many events pending."""
    organisation = founded(stream)
    for _ in range(1, versions):
        rename(organisation, stream)
    return organisation


class Walk:
    """What one client writes next: a stream of its own, chosen by chance, and its next version.

    `begun` is the version at which all of its streams stand already.
    """

    def __init__(self, client: int, begun: int = 0) -> None:
        self._chance = random.Random(client)
        self.streams = range(client * CLIENT_STREAMS, (client + 1) * CLIENT_STREAMS)
        self._versions = dict.fromkeys(self.streams, begun)

    def next(self) -> tuple[int, int]:
        stream = self._chance.choice(self.streams)
        self._versions[stream] += 1
        return stream, self._versions[stream]


def bulk(streams: range) -> list[tuple[int, int]]:
    """(stream, version) of all events of these streams, one stream after the other."""
    return [(stream, version) for stream in streams for version in range(1, PER_STREAM + 1)]
