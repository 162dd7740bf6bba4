"""Persons over log and vault: sealed, found, read on record, unreadable once their key is gone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

import psycopg
import pytest

from domain.envelope import Actor, Authority, Envelope
from domain.errors import (
    AlreadyExists,
    CommandReused,
    InvalidValue,
    KeyGone,
    LegalHold,
    NotFound,
)
from domain.legal_basis import LegalBasis
from domain.person import DESTROYED, Person
from services.commands import Void
from services.details import Details
from services.people import (
    DestroyKey,
    LiftHold,
    People,
    PlaceHold,
    RecordDetails,
    RegisterPerson,
)
from services.sealing import SealBroken
from services.store import CommandKey
from services.vault import Reader
from services.verify import verify_log
from tests.services.conftest import TODAY
from tests.services.test_register import unit
from tests.vaults import people_of

JULY, AUGUST = date(2025, 7, 1), date(2025, 8, 1)
ORDER = (LegalBasis("05-QĐ/TU", JULY),)
READER = Reader(Actor("office-17", "chuyên viên"), "vụ việc 07-VV/UBKTTU")
CASE: dict[str, Any] = {"case": "07-VV/UBKTTU", "body": "Ủy ban Kiểm tra Tỉnh ủy"}
AN, BINH = UUID(int=0x0198 << 112 | 1), UUID(int=0x0198 << 112 | 2)


def envelope(on=JULY, basis=(), **more) -> Envelope:
    usual = {"reason": "Danh sách của chi bộ"} | more
    return Envelope(on, None, Actor("office-17"), Authority("Ban Tổ chức Tỉnh ủy"), basis, **usual)


def registering(id_, name="Nguyễn Văn Thử", on=JULY, **more) -> RegisterPerson:
    return RegisterPerson(id=id_, envelope=envelope(on), details=Details.of(name=name, **more))


def recording(id_, name, on=AUGUST, **more) -> RecordDetails:
    return RecordDetails(id=id_, envelope=envelope(on, **more), details=Details.of(name=name))


def destroying(id_, on=AUGUST, **more) -> DestroyKey:
    return DestroyKey(id=id_, envelope=envelope(on, **({"basis": ORDER} | more)))


@pytest.fixture
def people(register, postgres, schema) -> Iterator[People]:
    register.today = lambda: TODAY
    with people_of(register, postgres.dsn, schema) as opened:
        yield opened


@pytest.fixture
def vault_rows(postgres, schema):
    def rows(table: str) -> list[Any]:
        with psycopg.connect(postgres.dsn) as connection:
            return connection.execute(f"SELECT * FROM {schema}_keys.{table}").fetchall()

    return rows


def names(people: People, *ids: UUID, **point: Any) -> dict[UUID, str]:
    return people.names_of(ids, READER, **point)


# Recording and reading


def test_a_person_is_sealed_in_the_log_and_read_by_name(people, register):
    [event] = people.execute(registering(AN, home_place="Xã Bình An")).events
    assert isinstance(event, Person.Registered)
    [stored] = register.store.feed(0, 1)
    assert "Thử".encode() not in stored.state
    shown = people.one(AN, READER)
    assert (shown.status, shown.details.name) == ("registered", "Nguyễn Văn Thử")
    assert shown.details.home_place == "Xã Bình An"
    assert names(people, AN, BINH) == {AN: "Nguyễn Văn Thử"}


def test_many_are_named_as_each_is_by_itself(people, register):
    """Whoever has one entry is not folded; the others are, and nobody can tell."""
    many = [uuid5(AN, str(n)) for n in range(140)]  # more than one statement gives at once
    people.execute(*(registering(id_, f"Lê Văn Mẫu {n}") for n, id_ in enumerate(many)))
    entry = register.store.position()
    changed, corrected, gone, withdrawn = many[:4]
    people.execute(recording(changed, "Lê Văn Khác"))
    first = people.execute(recording(corrected, "Lê Văn Sai")).events[0].position
    people.execute(recording(corrected, "Lê Văn Đúng", voids=first))
    people.execute(destroying(gone))
    people.execute(Void(of=Person, id=withdrawn, envelope=envelope(JULY, voids=4)))
    assert names(people, withdrawn, up_to=entry)
    assert not names(people, withdrawn)
    assert len(names(people, *many)) == 138
    for up_to in (3, entry, first, first + 1, None):
        for on in (JULY - timedelta(days=9), JULY, AUGUST):
            alone = {i: d.name for i in many[:6] if (d := details_of(people, i, on, up_to))}
            assert names(people, *many[:6], on=on, up_to=up_to) == alone


def details_of(people: People, id_: UUID, on: date, up_to: int | None) -> Details | None:
    """By folding."""
    try:
        return people.one(id_, READER, on, up_to).details
    except NotFound:
        return None


def test_without_a_reader_nothing_is_shown_and_nothing_noted(people, vault_rows):
    people.execute(registering(AN))
    assert people.one(AN).details is None
    assert vault_rows("readings") == []
    with pytest.raises(NotFound):
        people.one(BINH)


def test_what_is_read_is_on_record_with_who_and_what_for(people):
    people.execute(registering(AN), registering(BINH, "Trần Thị Mẫu"))
    people.one(AN, READER)
    names(people, AN, BINH)
    people.search("tran", READER)
    people.search("không ai", READER)
    of_an, of_binh = people.readers_of(AN), people.readers_of(BINH)
    assert [each.people for each in of_an] == [2, 1]
    assert [each.people for each in of_binh] == [1, 2]
    told = of_an[0]
    assert (told.actor_id, told.actor_post, told.purpose) == (
        "office-17",
        "chuyên viên",
        "vụ việc 07-VV/UBKTTU",
    )


CHANGES = ["UPDATE {} SET purpose = 'x'", "DELETE FROM {}", "TRUNCATE {}"]


@pytest.mark.parametrize("statement", CHANGES)
def test_what_was_read_is_not_unwritten(people, postgres, schema, statement):
    people.execute(registering(AN))
    people.one(AN, READER)
    with (
        psycopg.connect(postgres.dsn) as connection,
        pytest.raises(psycopg.DatabaseError, match="stays as it is"),
    ):
        connection.execute(statement.format(f"{schema}_keys.readings"))


def test_names_are_those_of_a_day_as_known_at_a_position(people):
    people.execute(registering(AN))
    people.execute(recording(AN, "Nguyễn Văn Đổi"))
    assert names(people, AN, on=JULY) == {AN: "Nguyễn Văn Thử"}
    assert names(people, AN, on=AUGUST) == {AN: "Nguyễn Văn Đổi"}
    assert names(people, AN, on=AUGUST, up_to=1) == {AN: "Nguyễn Văn Thử"}
    assert names(people, AN, up_to=0) == {}


def test_the_same_again_records_nothing(people):
    people.execute(registering(AN))
    assert people.execute(registering(AN)).events == ()
    assert people.execute(recording(AN, "Nguyễn Văn Thử")).events == ()
    assert people.execute(recording(AN, "Nguyễn Văn Đổi")).events
    assert people.execute(recording(AN, "Nguyễn Văn Đổi")).events == ()
    with pytest.raises(AlreadyExists):
        people.execute(registering(AN, "Người Khác"))


def test_an_id_of_something_else_is_not_taken(people, register):
    province = unit("Tỉnh An")
    register.execute(province)
    with pytest.raises(AlreadyExists):
        people.execute(registering(province.id))
    assert names(people, province.id) == {}
    with pytest.raises(NotFound):
        people.execute(recording(province.id, "Ai"))


def test_wrong_details_give_way_and_nobody_is_shown_them_any_more(people):
    people.execute(registering(AN, "Nguyễn Văn Sai"))
    [event] = people.execute(recording(AN, "Nguyễn Văn Đúng", on=JULY, voids=1)).events
    assert isinstance(event, Person.RegistrationCorrected)
    assert names(people, AN) == {AN: "Nguyễn Văn Đúng"}
    assert people.search("sai", READER)[0] == []


def test_an_entry_that_was_taken_back_shows_nobody(people, register):
    people.execute(registering(AN))
    register.execute(Void(of=Person, id=AN, envelope=envelope(JULY, voids=1)))
    assert people.one(AN, READER).status == "withdrawn"
    assert names(people, AN) == {}


def test_a_dry_run_makes_no_key(people, vault_rows):
    assert people.execute(registering(AN), dry_run=True).events
    people.execute(registering(BINH))
    words = vault_rows("keys")
    people.execute(recording(BINH, "Ai Đó"), dry_run=True)
    people.execute(destroying(BINH), dry_run=True)
    assert vault_rows("keys") == words
    assert len(words) == 1


def test_a_repeat_under_its_key_gets_the_first_answer_and_makes_no_key(people, vault_rows):
    key = CommandKey("k", people.vault.digest(b"said"))
    first = people.execute(registering(AN), key=key)
    again = people.execute(registering(BINH), key=key)
    assert (again.repeated, again.events) == (True, first.events)
    assert len(vault_rows("keys")) == 1
    with pytest.raises(CommandReused):
        people.execute(registering(BINH), key=replace(key, fingerprint=people.vault.digest(b"x")))
    assert len(vault_rows("keys")) == 1


# Searching


@pytest.fixture
def crowd(people: People) -> People:
    born = ("Nguyễn Văn Ân", "Nguyễn Văn An", "Trần Văn Ân", "Nguyễn Thị Mẫu")
    for n, name in enumerate(born, start=1):
        people.execute(registering(UUID(int=AN.int + 16 * n), name))
    return people


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("nguyen an", {"Nguyễn Văn Ân", "Nguyễn Văn An"}),
        ("ÂN", {"Nguyễn Văn Ân", "Trần Văn Ân"}),
        ("Nguyễn văn ân", {"Nguyễn Văn Ân"}),
        ("mau", {"Nguyễn Thị Mẫu"}),
        ("nguyen tran", set()),
    ],
)
def test_people_are_found_with_and_without_tone_marks(crowd, asked, found):
    shown, further = crowd.search(asked, READER)
    assert {each.details.name for each in shown} == found
    assert further is None


def test_a_search_comes_in_pages(crowd):
    seen: list[UUID] = []
    after = None
    while True:
        page, after = crowd.search("van", READER, after, limit=1)
        seen += [each.id for each in page]
        if after is None:
            break
    assert seen == sorted(seen)
    assert len(seen) == 3


def test_a_former_name_finds_too(people):
    people.execute(registering(AN, "Lê Thị Xưa"))
    people.execute(recording(AN, "Lê Thị Nay"))
    assert [s.details.name for s in people.search("xưa", READER)[0]] == ["Lê Thị Nay"]


def test_a_name_without_letters_is_refused(people):
    with pytest.raises(InvalidValue):
        people.search("%", READER)


def test_the_vault_shows_no_words(crowd, vault_rows):
    text = str(vault_rows("keys")).lower()
    assert "nguy" not in text


# Holds and destruction


def test_a_hold_refuses_destruction_by_case_and_body(people, vault_rows):
    people.execute(registering(AN))
    people.execute(PlaceHold(id=AN, envelope=envelope(), **CASE))
    with pytest.raises(LegalHold, match=CASE["case"]):
        people.execute(destroying(AN))
    assert len(vault_rows("keys")) == 1
    people.execute(LiftHold(id=AN, envelope=envelope(AUGUST), **CASE))
    assert people.execute(destroying(AN)).events


def test_a_destroyed_key_leaves_the_log_whole_and_nothing_to_read(people, register, vault_rows):
    people.execute(registering(AN))
    people.execute(recording(AN, "Nguyễn Văn Đổi"))
    before = [r.state for r in register.store.feed(0, 10)]
    people.one(AN, READER)
    [event] = people.execute(destroying(AN)).events
    assert vault_rows("keys") == []
    [(id_, fingerprint, generation, _)] = vault_rows("destructions")
    assert (id_, fingerprint, generation) == (AN, event.receipt.fingerprint, 1)
    assert [r.state for r in register.store.feed(0, 10)][:2] == before
    checks = verify_log(register.store)
    assert sum(check.wrong for check in checks) == 0
    assert all(check.looked_at for check in checks if check.claim.startswith("columns"))
    shown = people.one(AN, READER)
    assert (shown.status, shown.details, shown.destruction) == ("destroyed", None, event)
    assert names(people, AN) == names(people, AN, up_to=2) == {}
    assert people.search("nguyen", READER)[0] == []
    assert len(people.readers_of(AN)) == 1


def test_whose_key_was_destroyed_comes_back_under_no_circumstances(people, vault_rows):
    people.execute(registering(AN))
    people.execute(destroying(AN))
    hold = PlaceHold(id=AN, envelope=envelope(), **CASE)
    for refused in (registering(AN), recording(AN, "Ai"), hold):
        with pytest.raises(KeyGone):
            people.execute(refused)
    assert people.execute(destroying(AN)).events == ()
    assert people.vault.make({AN: []}) == {}
    assert vault_rows("keys") == []


def test_a_key_is_destroyed_on_a_basis_and_not_one_day(people):
    people.execute(registering(AN))
    with pytest.raises(InvalidValue, match="basis"):
        people.execute(destroying(AN, basis=()))
    with pytest.raises(InvalidValue, match="at once"):
        people.execute(destroying(AN, on=TODAY + timedelta(days=1)))
    assert names(people, AN)


class Stopped(BaseException):
    """As abrupt as a kill."""


class StoppedBefore:
    """The vault of a process that dies before the key is destroyed."""

    def __init__(self, vault):
        self._vault = vault

    def __getattr__(self, name):
        return getattr(self._vault, name)

    def destroy(self, *_):
        raise Stopped


@pytest.mark.parametrize("repair", ["again", "sweep"])
def test_who_dies_between_order_and_deed_leaves_a_key_that_opens_nothing(
    people, register, vault_rows, repair
):
    people.execute(registering(AN))
    with pytest.raises(Stopped):
        People(register, StoppedBefore(people.vault)).execute(destroying(AN))
    assert len(vault_rows("keys")) == 1
    assert people.one(AN, READER).status == "destroyed"
    assert names(people, AN) == {}
    assert people.search("nguyen", READER)[0] == []
    if repair == "again":
        assert people.execute(destroying(AN)).events == ()
    else:
        assert people.sweep() == (1, 0)
    assert vault_rows("keys") == []
    assert len(vault_rows("destructions")) == 1
    assert people.sweep() == (0, 0)


def test_an_order_repeated_under_its_key_finishes_the_deed(people, register, vault_rows):
    people.execute(registering(AN))
    key = CommandKey("k", b"same")
    with pytest.raises(Stopped):
        People(register, StoppedBefore(people.vault)).execute(destroying(AN), key=key)
    assert people.execute(destroying(AN), key=key).repeated
    assert vault_rows("keys") == []


def test_a_key_without_an_event_is_harmless_and_swept_once_it_is_old(people, postgres, schema):
    people.vault.make({AN: ["lone"], BINH: ["young"]})
    assert people.sweep() == (0, 0)
    with psycopg.connect(postgres.dsn) as connection:
        age = "UPDATE {}_keys.keys SET made_at = made_at - interval '2 days' WHERE person_id = %s"
        connection.execute(age.format(schema), [AN])
    assert people.sweep() == (0, 1)
    assert people.vault.keys([AN, BINH]).keys() == {BINH}
    people.execute(registering(AN))
    assert names(people, AN)


def test_a_vault_that_was_restored_destroys_again_what_is_on_record(people, postgres, schema):
    people.execute(registering(AN))
    with psycopg.connect(postgres.dsn) as connection:
        connection.execute(f"CREATE TABLE {schema}.kept AS SELECT * FROM {schema}_keys.keys")
    people.execute(destroying(AN))
    with psycopg.connect(postgres.dsn) as connection:
        connection.execute(f"INSERT INTO {schema}_keys.keys SELECT * FROM {schema}.kept")
    assert names(people, AN) == {}
    assert people.sweep() == (1, 0)
    assert people.vault.keys([AN]) == {}


def test_the_destroyed_can_be_found_in_the_log(people, register):
    people.execute(registering(AN), registering(BINH))
    people.execute(destroying(AN))
    assert register.store.keyed([DESTROYED])[DESTROYED][1] == [AN]


def test_a_key_that_is_lost_is_told_as_that(people):
    people.execute(registering(AN))
    people.vault.discard([AN])
    for refused in (recording(AN, "Ai"), destroying(AN)):
        with pytest.raises(SealBroken):
            people.execute(refused)
    assert names(people, AN) == {}


# Many


def test_many_are_entered_in_portions_and_again_to_no_effect(people, register):
    def crowd():
        return (registering(uuid5(AN, str(n)), f"Nguyễn Văn Số {n}") for n in range(1100))

    assert list(people.enter(crowd())) == [500, 500, 100]
    assert register.store.position() == 1100
    assert list(people.enter(crowd())) == [500, 500, 100]
    assert register.store.position() == 1100
    found = names(people, *(uuid5(AN, str(n)) for n in range(1100)))
    assert len(found) == 1100
    assert found[uuid5(AN, "7")] == "Nguyễn Văn Số 7"


def test_two_who_enter_the_same_crowd_at_once_enter_each_once(people, register):
    crowd = [registering(uuid5(AN, str(n)), f"Nguyễn Văn Số {n}") for n in range(600)]
    threads = [threading.Thread(target=lambda: list(people.enter(crowd))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert register.store.position() == 600
    assert len(names(people, *(each.id for each in crowd))) == 600


def test_nobody_is_entered_by_a_decision_that_is_still_to_come(people):
    ahead = replace(envelope(), decided_on=TODAY + timedelta(days=1))
    with pytest.raises(InvalidValue, match="has not come yet"):
        list(people.enter([replace(registering(AN), envelope=ahead)]))
    assert people.vault.keys([AN]) == {}


def test_nobody_is_born_tomorrow(people):
    unborn = registering(AN, birth_date=TODAY + timedelta(days=1))
    for enter in (people.execute, lambda one: list(people.enter([one]))):
        with pytest.raises(InvalidValue, match="has not come yet") as refused:
            enter(unborn)
        assert refused.value.facts["field"] == "details.birth_date"
    assert people.vault.keys([AN]) == {}
    assert people.execute(registering(AN, birth_date=TODAY)).events


def test_two_who_register_the_same_person_at_once_agree(people):
    done: list[object] = []

    def enter():
        done.append(people.execute(registering(AN)).events)

    threads = [threading.Thread(target=enter) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 6
    assert sum(bool(events) for events in done) == 1
    assert names(people, AN) == {AN: "Nguyễn Văn Thử"}
