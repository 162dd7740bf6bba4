"""What was ever stored replays for ever: one record of every shape, as bytes, in tests/log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from domain.aggregate import Aggregate, Event
from domain.catalogue import AGGREGATES, EVENTS, events_of
from domain.errors import EventFromTheFuture
from domain.unit import AdministrativeUnit
from services.record import UNSTAMPED, schema_of, to_event, to_record

LOG = Path(__file__).parent.parent / "log"
FILES = sorted(LOG.glob("*.json"))

# Frozen on 21 November 2026 by the founding engineers, before the first event was stored: evidence
# is the hash of these bytes, and auditors' tools outside this repository read these keys. A key is
# never added, renamed or dropped; what an event says changes inside `data`, with its `schema`.
KEYS = [
    "actor",
    "authority",
    "basis",
    "causation_id",
    "correlation_id",
    "data",
    "decided_on",
    "effective_on",
    "format",
    "reason",
    "recorded_at",
    "rule_set",
    "schema",
    "stream",
    "type",
    "version",
    "voids",
]
PARTS = {
    "actor": ["id", "post"],
    "authority": ["name", "organisation_id"],
    "basis": ["issued_on", "issuer", "number", "sha256", "signatory", "title"],
}
CODE = ["scheme", "value"]
SUCCESSOR = ["extent", "id", "is_default"]
SEALED = ["ciphertext", "commitment", "generation", "nonce", "scheme"]
BALLOT = ["held_on", "present", "summoned", "valid", "votes_for"]
FOUNDING = ["codes", "name", "superior_id", "way"]
OPENING = ["decider_id", "due", "group", "period", "subjects_are", "terms"]
ROWS = {  # of the tables of a dossier
    "decisions": [
        *("authority", "authority_of", "cites", "decided_on", "issued_on", "issuer"),
        *("number", "reason", "ref", "row", "title"),
    ],
    "before": [
        *("area", "code", "decision", "level", "name", "population", "row", "step", "subject"),
        *("superior", "type", "way"),
    ],
    "after": [
        *("area", "code", "decision", "keeps", "level", "name", "population", "row", "setting"),
        *("step", "subject", "superior", "type", "unit"),
    ],
    "transfers": [
        *("area", "extent", "is_default", "new", "old", "population", "row", "step", "subject"),
    ],
    "declared": ["after", "before", "level", "row", "subject", "type"],
    "rules": ["row", "rule", "sort"],
    "handovers": ["note", "of", "row", "sort", "to", "what"],
    "seats": ["body", "due_on", "kind", "number", "post", "row"],
}
DOSSIER = {
    "heading": ["effective_on", "key", "note", "parts", "scheme", "scope", "title"],
    "outcome": ["balances", "digest", "events", "operations", "warnings"],
    "tables": sorted(ROWS),
}
BALANCE = ["after", "before", "begun", "changed_in", "changed_out", "ended", "sort"]
SETTLED = ["called", "of", "rule", "sort", "to", "what"]
DATA = {
    "unit.established": sorted([*FOUNDING, "level", "type"]),
    "unit.establishment-corrected": sorted([*FOUNDING, "level", "type"]),
    "unit.renamed": ["name"],
    "unit.type-changed": ["type"],
    "unit.resubordinated": ["superior_id"],
    "unit.code-assigned": ["code"],
    "unit.part-ceded": ["successors"],
    "unit.ended": ["successors", "way"],
    "unit.voided": [],
    "party-organisation.established": sorted([*FOUNDING, "kind", "unit_id", "setting"]),
    "party-organisation.establishment-corrected": sorted([*FOUNDING, "kind", "unit_id", "setting"]),
    "party-organisation.renamed": ["name"],
    "party-organisation.kind-changed": ["kind"],
    "party-organisation.resubordinated": ["superior_id"],
    "party-organisation.relocated": ["unit_id"],
    "party-organisation.code-assigned": ["code"],
    "party-organisation.activity-suspended": [],
    "party-organisation.activity-resumed": [],
    "party-organisation.part-ceded": ["successors"],
    "party-organisation.ended": ["successors", "way"],
    "party-organisation.voided": [],
    "person.registered": ["sealed"],
    "person.registration-corrected": ["sealed"],
    "person.details-recorded": ["sealed"],
    "person.hold-placed": ["body", "case"],
    "person.hold-lifted": ["body", "case"],
    "person.key-destroyed": ["receipt"],
    "person.voided": [],
    # Frozen on 22 November 2026, like the others.
    "review.opened": OPENING,
    "review.opening-corrected": OPENING,
    "review.subjects-listed": ["subjects"],
    "review.self-evaluated": ["level", "points", "subject_id"],
    "review.vote-recorded": ["roll", "subject_id", "votes"],
    "review.appraised": ["body", "level", "subject_id"],
    "review.levels-decided": ["applied", "decisions"],
    "review.left-unreviewed": ["because", "subject_ids"],
    "review.level-changed": ["applied", "decision"],
    "review.totals-stated": ["stated"],
    "review.closed": ["counts", "unreviewed"],
    "review.reopening-requested": [],
    "review.reopened": [],
    "review.voided": [],
    "award.registered": ["grant"],
    "award.proposed": ["grant"],
    "award.reviewed": ["body", "supports"],
    "award.decided": ["chain", "grant", "override"],
    "award.presented": [],
    "award.revoked": [],
    "award.voided": [],
    # Frozen on 21 November 2026, like the others.
    "read-model.parked-retried": ["event_position", "stream_id", "view"],
    "read-model.event-discarded": ["event_position", "stream_id", "view"],
    # Frozen on 22 November 2026.
    "leadership.seat-plan-set": [
        "body",
        "due_on",
        "number",
        "organisation_id",
        "post",
        "surplus_until",
    ],
    "leadership.term-started": ["bodies", "name", "organisation_id", "until"],
    "leadership.term-extended": ["bodies", "name", "organisation_id", "until"],
    "leadership.term-ended": ["bodies", "organisation_id"],
    "leadership.elected": [
        "ballot",
        "body",
        "by",
        "holding_id",
        "organisation_id",
        "person_id",
        "post",
    ],
    "leadership.inspection-deputy-elected": [
        "ballot",
        "body",
        "holding_id",
        "organisation_id",
        "person_id",
        "post",
    ],
    "leadership.election-approved": ["holding_ids", "organisation_id"],
    "leadership.election-not-approved": ["holding_ids", "organisation_id"],
    "leadership.appointed": [
        "body",
        "holding_id",
        "occasion",
        "organisation_id",
        "person_id",
        "post",
    ],
    "leadership.appointed-together": ["holders", "occasion", "organisation_id"],
    "leadership.seat-plans-set": ["due_on", "organisation_id", "plans", "surplus_until"],
    "leadership.entered": ["holders", "organisation_id"],
    "leadership.recognised": [
        "body",
        "form",
        "from_organisation_id",
        "holding_id",
        "organisation_id",
        "person_id",
        "post",
    ],
    "leadership.concurrent-post-taken": [
        "body",
        "holding_id",
        "organisation_id",
        "person_id",
        "place",
        "post",
    ],
    "leadership.acting-assigned": [
        "body",
        "holding_id",
        "organisation_id",
        "person_id",
        "post",
        "until",
    ],
    "leadership.reassigned": [
        "holding_ids",
        "organisation_id",
        "person_id",
        "to_organisation_id",
        "to_posts",
    ],
    "leadership.relieved": ["holding_ids", "organisation_id", "person_id"],
    "leadership.resigned": ["holding_ids", "organisation_id", "person_id"],
    "leadership.dismissed": ["holding_ids", "organisation_id", "person_id"],
    "leadership.removed-by-discipline": ["holding_ids", "organisation_id", "person_id"],
    "leadership.ended-by-law": ["cause", "holding_ids", "organisation_id", "person_id"],
    "leadership.suspended": ["holding_ids", "organisation_id", "person_id"],
    "leadership.suspension-lifted": ["holding_ids", "organisation_id", "person_id"],
    "leadership.closed": ["organisation_id"],
    "leadership.inspection-committee-established": ["mode", "organisation_id", "size"],
    "leadership.inspection-committee-approved": ["organisation_id"],
    "leadership.member-assigned": [
        "assignment_id",
        "duties",
        "kind",
        "organisation_id",
        "person_id",
        "target",
        "target_id",
    ],
    "leadership.assignment-ended": ["assignment_id", "organisation_id"],
    "leadership.working-regulations-issued": [
        "body",
        "document",
        "model",
        "organisation_id",
        "term",
    ],
    "leadership.working-regulations-superseded": ["body", "organisation_id"],
    "leadership.voided": ["organisation_id"],
    "membership.admitted": [
        "cell_decided_on",
        "cell_id",
        "introducer_ids",
        "is_above_age",
        "is_endorsed_by_union",
        "person_id",
        "vote",
    ],
    "membership.readmitted": [
        "cell_decided_on",
        "cell_id",
        "former_id",
        "introducer_ids",
        "is_above_age",
        "is_endorsed_by_union",
        "person_id",
        "vote",
    ],
    "membership.entered": [
        "badge_years",
        "cell_id",
        "ceremony_on",
        "degree",
        "official_on",
        "party_age_on",
        "person_id",
    ],
    "membership.arrived": [
        "badge_years",
        "cell_id",
        "ceremony_on",
        "degree",
        "official_on",
        "party_age_on",
        "person_id",
        "place",
    ],
    "membership.ceremony-held": ["decision_received_on"],
    "membership.recognised": ["cell_decided_on", "vote"],
    "membership.transfer-introduced": ["place", "to_id"],
    "membership.transfer-received": ["cell_id"],
    "membership.transfer-lapsed": [],
    "membership.transfer-returned": [],
    "membership.temporary-transfer-started": ["cell_id", "until"],
    "membership.temporary-transfer-ended": [],
    "membership.moved": ["cell_id", "way"],
    "membership.exempted": ["ground", "until"],
    "membership.exemption-ended": [],
    "membership.suspended": [],
    "membership.suspension-lifted": [],
    "membership.probationer-struck-off": ["vote"],
    "membership.struck-off": ["vote"],
    "membership.left": [],
    "membership.expelled": ["vote"],
    "membership.died": [],
    "membership.restored": ["cell_id", "degree"],
    "membership.badge-awarded": ["way", "years"],
    "membership.party-age-determined": ["party_age_on"],
    "membership.voided": [],
    # Frozen on 29 November 2026, like the others.
    "dossier.drafted": ["heading"],
    "dossier.redrafted": ["heading"],
    "dossier.stated": ["tables"],
    "dossier.checked": ["at", "outcome"],
    "dossier.approved": ["digest"],
    "dossier.scheduled": ["due_on"],
    "dossier.handed-over": ["settled"],
    "dossier.carried-out": ["before", "outcome"],
    "dossier.corrected": ["before", "outcome"],
    "dossier.withdrawn": [],
    "dossier.voided": [],
}

each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
each_event = pytest.mark.parametrize("event_class", EVENTS.values(), ids=EVENTS.keys())


def topic_of(file: Path) -> str:
    return file.stem.rpartition(".v")[0]


def event_in(file: Path) -> Event:
    return to_event(topic_of(file), file.read_bytes(), position=1042)


@each_file
def test_a_stored_event_replays(file):
    event = event_in(file)
    record = json.loads(file.read_bytes())
    assert event.TOPIC == topic_of(file) == record["type"]
    assert str(event.originator_id) == record["stream"]
    assert event.effective_on.isoformat() == record["effective_on"]
    assert event.recorded_at.isoformat().replace("+00:00", "Z") == record["recorded_at"]
    life = event.AGGREGATE.fold([event])
    assert life is not None
    assert life.version == record["version"]


@each_file
def test_a_stored_event_is_written_as_the_same_bytes_but_for_its_time(file):
    stored = file.read_bytes()
    stamp = json.loads(stored)["recorded_at"]
    event = event_in(file)
    if json.loads(stored)["schema"] == schema_of(type(event)):
        assert to_record(event) == stored.replace(stamp.encode(), UNSTAMPED.encode())


@each_event
def test_every_version_of_every_event_has_its_file(event_class):
    for version in range(1, schema_of(event_class) + 1):
        assert (LOG / f"{event_class.TOPIC}.v{version}.json").exists()


def test_every_file_belongs_to_an_event():
    assert {topic_of(file) for file in FILES} <= set(EVENTS)


@each_event
def test_every_event_says_what_it_does_and_what_it_is_called(event_class):
    assert event_class.apply is not Event.apply or event_class.__name__ == "Voided"
    assert event_class.TITLE
    assert f"{event_class.AGGREGATE.TOPIC}.{kebab(event_class.__name__)}" == event_class.TOPIC


def kebab(name: str) -> str:
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-")


def test_no_event_is_left_out_of_the_catalogue_and_no_topic_is_used_twice():
    classes = [event for aggregate in AGGREGATES for event in events_of(aggregate)]
    assert list(EVENTS.values()) == classes
    assert set(AGGREGATES) == set(leaves(Aggregate))


def leaves(of: type[Aggregate]) -> Iterator[type[Aggregate]]:
    if not of.__subclasses__():
        yield of
    for sub in of.__subclasses__():
        yield from leaves(sub)


# The frozen shape


@each_file
def test_the_record_has_the_frozen_keys(file):
    record = json.loads(file.read_bytes())
    assert list(record) == KEYS
    assert list(record["actor"]) == PARTS["actor"]
    assert list(record["authority"]) == PARTS["authority"]
    assert all(list(document) == PARTS["basis"] for document in record["basis"])


@each_file
def test_the_payload_of_version_1_has_the_frozen_keys(file):
    if not file.stem.endswith(".v1"):
        return
    data = json.loads(file.read_bytes())["data"]
    assert list(data) == DATA[topic_of(file)]
    for code in [*data.get("codes", ()), *([data["code"]] if "code" in data else ())]:
        assert list(code) == CODE
    assert list(data.get("sealed", SEALED)) == SEALED
    assert list(data.get("ballot", BALLOT)) == BALLOT
    assert list(data.get("document", PARTS["basis"])) == PARTS["basis"]
    assert all(list(post) == ["body", "post"] for post in data.get("to_posts", ()))
    assert all(list(successor) == SUCCESSOR for successor in data.get("successors", ()))


@pytest.mark.parametrize("file", [*LOG.glob("dossier.*.v1.json")], ids=lambda file: file.stem)
def test_the_parts_of_a_dossier_have_the_frozen_keys(file):
    data = json.loads(file.read_bytes())["data"]
    for part in DOSSIER.keys() & data.keys():
        assert list(data[part]) == DOSSIER[part]
    for table, rows in data.get("tables", {}).items():
        assert rows
        assert all(list(row) == ROWS[table] for row in rows)
    for balance in data.get("outcome", {}).get("balances", ()):
        assert list(balance) == BALANCE
    assert all(list(each) == SETTLED for each in data.get("settled", ()))


@pytest.mark.parametrize("topic", ["unit.part-ceded", "party-organisation.ended"])
def test_of_a_hand_over_recorded_before_figures_could_be_it_is_not_known_how_much_went(topic):
    early: Any
    late: Any
    early, late = (event_in(LOG / f"{topic}.v{version}.json") for version in (1, 2))
    assert {(s.population, s.area) for s in early.successors} == {(None, None)}
    assert late.successors[0].area == 5_610_000
    assert [s.id for s in late.successors] == [s.id for s in early.successors]


# What this release does not know

RENAMED = LOG / "unit.renamed.v1.json"


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ('"schema":1', '"schema":2'),
        ('"data":{"name"', '"data":{"colour":1,"name"'),
        ('"voids":null', '"voids":null,"witness":"x"'),
        ('"data":{"name":"Bình An Đông"}', '"data":{}'),
        ('"data":{"name":"Bình An Đông"}', '"data":{"name":7}'),
    ],
)
def test_a_record_of_another_shape_is_never_read_as_if_it_were_ours(written, instead):
    record = RENAMED.read_text("utf-8")
    assert written in record
    with pytest.raises((EventFromTheFuture, ValueError)):
        to_event("unit.renamed", record.replace(written, instead).encode())


@pytest.mark.parametrize("more", ["", '"future":{},'])
def test_a_record_of_a_newer_format_is_refused_before_it_is_read(more):
    newer = RENAMED.read_bytes().replace(b'"format":1,', b'"format":2,' + more.encode())
    with pytest.raises(EventFromTheFuture, match="format 2"):
        to_event("unit.renamed", newer)


def test_an_event_newer_than_this_release_is_refused_by_name():
    newer = RENAMED.read_bytes().replace(b'"schema":1', b'"schema":2')
    with pytest.raises(EventFromTheFuture) as refusal:
        to_event("unit.renamed", newer)
    assert refusal.value.facts == {"type": "unit.renamed"}
    with pytest.raises(EventFromTheFuture):
        to_event("unit.painted", RENAMED.read_bytes())


# How a shape may change: tried on an event that does not exist


class Twinned(Event):
    """v1 wrote place and country as one text; v2 in two; v3 says whether a paper was signed."""

    TOPIC = "unit.twinned"
    TITLE = "kết nghĩa"
    AGGREGATE = AdministrativeUnit
    class_version: ClassVar[int] = 3

    place: str
    country: str | None  # None: version 1 did not always say
    is_signed: bool | None  # None: not recorded before version 3

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        place, _, country = state.pop("with").partition(", ")
        state |= {"place": place, "country": country or None}

    @staticmethod
    def upcast_v2_v3(state: dict[str, Any]) -> None:
        state["is_signed"] = None


@pytest.fixture
def twinned() -> Iterator[None]:
    """The throw-away event, known to the catalogue during one test."""
    EVENTS[Twinned.TOPIC] = Twinned
    yield
    del EVENTS[Twinned.TOPIC]


def stored_twinned(schema: int, data: str) -> bytes:
    record = RENAMED.read_text("utf-8").replace("unit.renamed", Twinned.TOPIC)
    record = record.replace('"schema":1', f'"schema":{schema}')
    return record.replace('{"name":"Bình An Đông"}', data).encode()


@pytest.mark.usefixtures("twinned")
@pytest.mark.parametrize(
    ("schema", "data", "expected"),
    [
        (1, '{"with":"Xã Nà Ư, Lào"}', ("Xã Nà Ư", "Lào", None)),
        (1, '{"with":"Xã Nà Ư"}', ("Xã Nà Ư", None, None)),
        (2, '{"country":"Lào","place":"Nà Ư"}', ("Nà Ư", "Lào", None)),
        (3, '{"country":null,"is_signed":true,"place":"Nà Ư"}', ("Nà Ư", None, True)),
    ],
)
def test_an_old_shape_is_lifted_one_version_at_a_time(schema, data, expected):
    event: Any = to_event(Twinned.TOPIC, stored_twinned(schema, data), position=7)
    assert isinstance(event, Twinned)
    assert (event.place, event.country, event.is_signed) == expected
    assert event.position == 7
    assert b'"schema":3' in to_record(event)


@pytest.mark.usefixtures("twinned")
@pytest.mark.parametrize(
    ("schema", "data"),
    [(4, '{"country":null,"is_signed":true,"place":"x"}'), (2, '{"country":1,"place":"x"}')],
)
def test_a_shape_that_no_upcast_leads_from_is_refused(schema, data):
    with pytest.raises((EventFromTheFuture, ValueError)):
        to_event(Twinned.TOPIC, stored_twinned(schema, data))
