"""What the import of a reorganisation promises: all contradictions told, nothing half done."""

import unicodedata
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.errors import CommandReused, DossierRefused
from domain.organisation import PartyOrganisation
from domain.unit import AdministrativeUnit
from services.commands import Rename
from services.record import to_event
from services.reorganisation import InputRefused, checked, record, shipped, terms
from services.reorganisation.importing import command_key
from services.work import Work
from tests.services.country import Country
from tests.services.test_register import envelope

BEFORE, AFTER = terms.REORGANISATION - timedelta(days=1), terms.REORGANISATION


@pytest.fixture
def country(tmp_path):
    return Country(tmp_path)


def findings(country):
    """(file, line, field, rule) of all that is wrong."""
    with pytest.raises(InputRefused) as refused:
        checked(country.folder)
    return [(f.file.removesuffix(".csv"), f.line, f.field, f.rule) for f in refused.value.findings]


def test_the_shipped_lists_are_free_of_contradictions():
    lists = checked(shipped())
    assert (len(lists.provinces_before), len(lists.districts_before)) == (63, 696)
    assert (len(lists.communes_before), len(lists.communes_after)) == (10_035, 3_321)
    assert len(lists.commune_changes) == 10_566


def test_the_made_up_country_is_free_of_contradictions(country):
    assert len(checked(country.folder).commune_changes) == 7


# Each contradiction: what is done to the country, and the finding it must give

CONTRADICTIONS = {
    "edge from an unknown code": (
        ("add", "commune_changes", "99999,20001,whole,true"),
        ("commune_changes", 9, "old_code", "code-known"),
    ),
    "edge to an unknown code": (
        ("change", "commune_changes", 5, "10003,99999,whole,true"),
        ("commune_changes", 5, "new_code", "code-known"),
    ),
    "commune without successor": (
        ("change", "commune_changes", 7, None),
        ("communes_before", 6, "code", "has-successor"),
    ),
    "new commune without predecessor": (
        ("add", "communes_after", "20009,Xã Mới,xa,12"),
        ("communes_after", 7, "code", "has-predecessor"),
    ),
    "province without successor": (
        ("change", "province_changes", 2, None),
        ("provinces_before", 2, "code", "has-successor"),
    ),
    "new province without predecessor": (
        ("add", "provinces_after", "14,Tỉnh Mới,tinh"),
        ("provinces_after", 4, "code", "has-predecessor"),
    ),
    "codes that go round in a circle": (
        ("change", "commune_changes", 6, "20001,10003,whole,true"),
        ("change", "commune_changes", 5, "10003,20001,whole,true"),
        ("commune_changes", 5, "new_code", "cycle"),
    ),
    "a province merged into one that is merged away": (
        ("change", "province_changes", 3, "12,13,merged"),
        ("province_changes", 2, "new_code", "cycle"),
    ),
    "two provinces merged into each other": (
        ("add", "provinces_after", "11,Tỉnh Bình,tinh"),
        ("change", "province_changes", 3, "12,11,merged"),
        ("province_changes", 3, "new_code", "cycle"),
    ),
    "edge out of the province pair": (
        ("change", "commune_changes", 8, "30001,20001,whole,true"),
        ("commune_changes", 8, "new_code", "province-pair"),
    ),
    "code twice": (
        ("add", "communes_before", "10001,Xã Khác,xa,101,11"),
        ("communes_before", 8, "code", "code-unique"),
    ),
    "edge twice": (
        ("add", "commune_changes", "10001,10001,whole,true"),
        ("commune_changes", 9, "new_code", "edge-unique"),
    ),
    "code of another form": (
        ("change", "provinces_after", 3, "013,Thành phố Cảng,thanh_pho"),
        ("provinces_after", 3, "code", "code-form"),
    ),
    "unknown type": (
        ("change", "communes_before", 2, "10001,Xã Đông,thon,101,11"),
        ("communes_before", 2, "type", "type-known"),
    ),
    "type of another level": (
        ("change", "districts_before", 2, "101,Xã Một,xa,11"),
        ("districts_before", 2, "type", "type-known"),
    ),
    "type that ended": (
        ("change", "communes_after", 3, "10003,Thị trấn Nam Mới,thi_tran,12"),
        ("communes_after", 3, "type", "type-known"),
    ),
    "name and type differ": (
        ("change", "communes_after", 3, "10003,Phường Nam Mới,xa,12"),
        ("communes_after", 3, "name", "name-type"),
    ),
    "no name": (
        ("change", "communes_after", 3, "10003,,xa,12"),
        ("communes_after", 3, "name", "name-form"),
    ),
    "blanks too many in a name": (
        ("change", "communes_after", 3, "10003,Xã  Nam Mới,xa,12"),
        ("communes_after", 3, "name", "name-form"),
    ),
    "one name twice in a province": (
        ("change", "communes_after", 3, "10003,xã ĐÔNG,xa,12"),
        ("communes_after", 3, "name", "INV-ORG-6"),
    ),
    "district unknown": (
        ("change", "communes_before", 2, "10001,Xã Đông,xa,199,11"),
        ("communes_before", 2, "district_code", "code-known"),
    ),
    "district of another province": (
        ("change", "communes_before", 2, "10001,Xã Đông,xa,102,11"),
        ("communes_before", 2, "district_code", "district-province"),
    ),
    "province unknown": (
        ("change", "communes_after", 2, "10001,Xã Đông,xa,99"),
        ("communes_after", 2, "province_code", "code-known"),
    ),
    "whole to two successors": (
        ("change", "commune_changes", 3, "10002,10001,whole,true"),
        ("commune_changes", 3, "extent", "extent-fits"),
    ),
    "part to a single successor": (
        ("change", "commune_changes", 2, "10001,10001,part,true"),
        ("commune_changes", 2, "extent", "extent-fits"),
    ),
    "unknown extent": (
        ("change", "commune_changes", 2, "10001,10001,most,true"),
        ("commune_changes", 2, "extent", "extent-known"),
    ),
    "no default": (
        ("change", "commune_changes", 3, "10002,10001,part,false"),
        ("commune_changes", 4, "is_default", "one-default"),
    ),
    "two defaults": (
        ("change", "commune_changes", 4, "10002,20001,part,true"),
        ("commune_changes", 4, "is_default", "one-default"),
    ),
    "default neither true nor false": (
        ("change", "commune_changes", 4, "10002,20001,part,no"),
        ("commune_changes", 4, "is_default", "is_default-form"),
    ),
    "kept, and merged with others": (
        ("change", "province_changes", 2, "11,12,kept"),
        ("province_changes", 2, "kind", "kind-fits"),
    ),
    "unknown kind of change": (
        ("change", "province_changes", 2, "11,12,moved"),
        ("province_changes", 2, "kind", "kind-known"),
    ),
    "a province with two targets": (
        ("add", "province_changes", "11,13,merged"),
        ("province_changes", 5, "old_code", "one-target"),
    ),
    "a district with communes as a whole": (
        ("add", "district_to_commune_changes", "103,30001,"),
        ("district_to_commune_changes", 3, "old_district_code", "district-empty"),
    ),
    "a special zone that came from communes too": (
        ("change", "district_to_commune_changes", 2, "104,30001,"),
        ("district_to_commune_changes", 2, "new_commune_code", "one-origin"),
    ),
    "no resolution of a province": (
        ("change", "resolutions", 3, None),
        ("provinces_after", 3, "code", "has-resolution"),
    ),
    "no resolution of the country": (
        ("change", "resolutions", 4, None),
        ("resolutions", 0, "number", "has-resolution"),
    ),
    "two resolutions of a province": (
        ("add", "resolutions", "12,1603/NQ-UBTVQH15,2025-06-16,Quốc hội,Nghị quyết,,"),
        ("resolutions", 6, "province_code", "one-resolution"),
    ),
    "no document number": (
        ("change", "resolutions", 3, "13,1602-NQ/UBTVQH15?,2025-06-16,Quốc hội,Nghị quyết,,"),
        ("resolutions", 3, "number", "R-DOC-2"),
    ),
    "no such day": (
        ("change", "resolutions", 3, "13,1602/NQ-UBTVQH15,2025-06-31,Quốc hội,Nghị quyết,,"),
        ("resolutions", 3, "date", "date-form"),
    ),
    "no day": (
        ("change", "resolutions", 3, "13,1602/NQ-UBTVQH15,,Quốc hội,Nghị quyết,,"),
        ("resolutions", 3, "date", "date-form"),
    ),
    "decided after the day of effect": (
        ("change", "resolutions", 3, "13,1602/NQ-UBTVQH15,2025-07-02,Quốc hội,Nghị quyết,,"),
        ("resolutions", 3, "date", "date-fits"),
    ),
    "number and date of different years": (
        ("change", "resolutions", 4, ",202/2025/QH15,2024-06-12,Quốc hội,Sắp xếp,,"),
        ("resolutions", 4, "date", "date-fits"),
    ),
    "a body that does not decide on units": (
        ("change", "resolutions", 3, "13,1602/NQ-UBTVQH15,2025-06-16,Bộ Chính trị,Nghị quyết,,"),
        ("resolutions", 3, "issuer", "INV-ORG-5"),
    ),
    "a row too short": (
        ("change", "provinces_before", 4, "13,Thành phố Cảng"),
        ("provinces_before", 4, "row", "row-form"),
    ),
    "a column missing": (
        ("change", "provinces_before", 1, "code,title,type"),
        ("provinces_before", 1, "name", "columns"),
    ),
}


@pytest.mark.parametrize("contradiction", CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_a_contradiction_is_told_with_its_place_and_its_rule(country, contradiction):
    *doings, finding = contradiction
    for what, *arguments in doings:
        getattr(country, what)(*arguments)
    assert finding in findings(country)


def test_a_missing_file_is_told_and_nothing_else(country):
    (country.folder / "commune_changes.csv").unlink()
    assert findings(country) == [("commune_changes", 0, "file", "file-missing")]


def test_bytes_that_are_no_text_are_told_with_their_line(country):
    file = country.folder / "communes_before.csv"
    file.write_bytes(file.read_bytes().replace("Xã Tây".encode(), b"X\xe3 T\xe2y"))
    assert findings(country) == [("communes_before", 3, "file", "encoding")]


def test_all_contradictions_are_told_in_one_pass(country):
    country.change("communes_before", 2, "10001,Xã Đông,thon,101,11")
    country.change("resolutions", 3, None)
    assert findings(country) == [
        ("communes_before", 2, "type", "type-known"),
        ("provinces_after", 3, "code", "has-resolution"),
    ]


def test_a_finding_reads_like_a_message_of_a_compiler(country):
    country.change("commune_changes", 5, "10003,99999,whole,true")
    with pytest.raises(InputRefused) as refused:
        checked(country.folder)
    assert str(refused.value.findings[0]) == (
        "commune_changes.csv:5: new_code: there is no '99999' in the list it points to [code-known]"
    )


# Recording


def unit(register, side, level, code):
    return register.node(AdministrativeUnit, side("unit", level, code))


def organisation(register, side, level, code):
    return register.node(PartyOrganisation, side("organisation", level, code))


def new_id(register, code):
    """Of the unit that bears this code from the day on."""
    bearers = Work(register.store, register.rules).bearers(f"code:unit:nso:{code}")
    [found] = [unit for unit in bearers if unit.is_active_on(AFTER)]
    return found.id


def new_unit(register, code):
    return register.node(AdministrativeUnit, new_id(register, code))


@pytest.fixture
def recorded(register, country):
    record(register, checked(country.folder))
    return register


def test_a_commune_that_went_whole_to_one_of_its_own_lives_on(recorded):
    market = unit(recorded, terms.old_id, "commune", "30001")
    assert market.is_active_on(AFTER)
    assert (market.name.at(BEFORE), market.name.at(AFTER)) == ("Phường Chợ", "Phường Chợ Lớn")
    assert market.superior_id.at(AFTER) == terms.old_id("unit", "province", "13")
    assert new_id(recorded, "30001") == market.id


def test_a_town_that_lives_on_becomes_a_commune(recorded):
    town = unit(recorded, terms.old_id, "commune", "10003")
    assert (town.type.at(BEFORE), town.type.at(AFTER)) == ("thi_tran", "xa")
    assert town.superior_id.at(AFTER) == new_id(recorded, "12")


def test_a_divided_commune_names_its_heirs(recorded):
    end = unit(recorded, terms.old_id, "commune", "10002").standing_end()
    heirs = [(s.id, s.extent, s.is_default) for s in end.successors]
    assert end.way == "division"
    assert heirs == [
        (new_id(recorded, "10001"), "part", True),
        (new_id(recorded, "20001"), "part", False),
    ]


def test_a_merged_province_ends_and_the_new_one_bears_the_code_of_one_of_them(recorded):
    new = new_unit(recorded, "12")
    assert not unit(recorded, terms.old_id, "province", "12").is_active_on(AFTER)
    assert (new.name.at(AFTER), new.codes["nso"].at(AFTER)) == ("Tỉnh An", "12")
    assert new.events[1].basis[0].number == "202/2025/QH15"


def test_districts_end_and_an_island_becomes_a_special_zone(recorded):
    end = unit(recorded, terms.old_id, "district", "101").standing_end()
    assert (end.way, end.successors, end.basis[0].number) == ("dissolution", (), "203/2025/QH15")
    island = unit(recorded, terms.old_id, "district", "104").standing_end()
    assert (island.way, island.basis[0].number) == ("conversion", "1602/NQ-UBTVQH15")
    assert [s.id for s in island.successors] == [new_id(recorded, "30009")]


def test_a_commune_organisation_comes_directly_under_the_province(recorded):
    market = organisation(recorded, terms.old_id, "commune", "30001")
    assert (market.kind.at(BEFORE), market.kind.at(AFTER)) == ("commune_base", "commune_upper")
    assert market.superior_id.at(AFTER) == terms.old_id("organisation", "province", "13")
    assert market.name.at(AFTER) == "Đảng bộ phường Chợ Lớn"
    assert market.unit_id.at(AFTER) == terms.old_id("unit", "commune", "30001")


def test_how_a_divided_organisation_was_divided_is_not_known(recorded):
    end = organisation(recorded, terms.old_id, "commune", "10002").standing_end()
    assert {s.extent for s in end.successors} == {"unknown"}


def test_what_is_not_known_is_flagged(recorded):
    entered = unit(recorded, terms.old_id, "commune", "10001").events[1]
    assert entered.effective_on == date(2025, 4, 1)
    assert entered.way == "entered"
    assert entered.basis[0].number_unknown
    moved = organisation(recorded, terms.old_id, "commune", "30001").events[2]
    assert [document.number for document in moved.basis] == [
        None,
        "31-HD/BTCTW",
        "1602/NQ-UBTVQH15",
    ]


def test_the_same_input_records_nothing_twice(recorded, country):
    position = recorded.store.position()
    again = record(recorded, checked(country.folder))
    assert (again.transactions_new, again.position) == (0, position)


def test_the_same_facts_in_other_bytes_record_nothing_either(recorded, country):
    position = recorded.store.position()
    file = country.folder / "communes_after.csv"
    decomposed = unicodedata.normalize("NFD", file.read_text("utf-8"))
    file.write_text(decomposed, "utf-8", newline="\r\n")
    record(recorded, checked(country.folder))
    events = [to_event(r.topic, r.state, r.id) for r in recorded.store.feed(position, 100)]
    assert events == []


ALL = 3 + 4 * 3  # old provinces; and what is done with the dossiers of two new ones and the country


@pytest.mark.parametrize("done", [1, 3, 4, 5, 6, 7, 10, 13, 14])
def test_an_import_that_was_cut_off_goes_on(register, country, done):
    lists, told = checked(country.folder), []

    def stop(_done, _total, words):
        told.append(words)
        if len([each for each in told if each]) > done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record(register, lists, stop)
    position = register.store.position()
    assert position > 0
    again = record(register, lists)
    assert (again.transactions, again.transactions_new) == (ALL, ALL - done)
    assert again.position > position
    assert record(register, lists).transactions_new == 0


def test_what_others_recorded_while_an_import_stood_still_is_checked_anew(register, country):
    lists = checked(country.folder)

    def stop(_done, _total, words):
        if words.startswith("carrying out"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record(register, lists, stop)
    renamed = Rename(
        of=AdministrativeUnit,
        id=terms.old_id("unit", "commune", "10001"),
        envelope=envelope(date(2025, 5, 1)),
        name="Xã Đông Cũ",
    )
    register.execute(renamed)
    with pytest.raises(DossierRefused) as refused:
        record(register, lists)
    findings: Any = refused.value.facts["findings"]
    assert [each["words"] for each in findings] == [
        "The register says 'Xã Đông Cũ' on 30/06/2025, not 'Xã Đông'"
    ]


def test_what_another_plan_recorded_is_not_taken_for_the_same(register, country):
    lists = checked(country.folder)
    key = command_key(lists.digest, "before/11")
    register.store.remember(replace(key, fingerprint=b"of another plan"))
    with pytest.raises(CommandReused):
        record(register, lists)
