"""The rule book as shipped: every value has its document and dates, and a day has one answer."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from domain.errors import InvalidValue, KindNotAllowed
from domain.rulebook import RuleBook, RuleSetName, RuleValue
from services.rulebook import rule_book

BOOK = rule_book()
EVE, JULY = date(2025, 6, 30), date(2025, 7, 1)
EVE_OF_208, SINCE_208 = date(2026, 7, 25), date(2026, 7, 26)


@pytest.mark.parametrize("rule", BOOK.rules, ids=lambda rule: f"{rule.key} {rule.valid_from}")
def test_every_value_has_a_document_and_dates_in_their_order(rule):
    assert rule.document.strip()
    assert rule.valid_from is None or isinstance(rule.valid_from, date)
    assert rule.valid_to is None or isinstance(rule.valid_to, date)
    assert not (rule.valid_from and rule.valid_to) or rule.valid_from < rule.valid_to
    assert rule.verified or rule.source or rule.document


def test_the_rule_sets_follow_each_other_without_gap_or_overlap():
    names = BOOK.names
    assert names[0].valid_from is None
    assert names[-1].valid_to is None
    assert all(one.valid_to == other.valid_from for one, other in pairwise(names))
    assert len({name.id for name in names}) == len(names)


@pytest.mark.parametrize(
    ("day", "id_"),
    [
        (date(1930, 2, 3), "24-QĐ/TW/1"),
        (date(2025, 1, 19), "24-QĐ/TW/1"),
        (date(2025, 1, 20), "232-QĐ/TW/1"),
        (EVE, "232-QĐ/TW/1"),
        (JULY, "294-QĐ/TW/1"),
        (EVE_OF_208, "294-QĐ/TW/1"),
        (SINCE_208, "208-QĐ/TW/1"),
        (date(2199, 12, 31), "208-QĐ/TW/1"),
    ],
)
def test_a_day_has_the_rule_set_in_force(day, id_):
    assert BOOK.on(day).id == id_
    assert BOOK.on(day).day == day


def test_kinds_begin_and_end_with_their_documents():
    def kinds(day: date) -> set[str]:
        return set(BOOK.on(day).kinds())

    def begins_and_ends(day: date) -> tuple[set[str], set[str]]:
        eve = kinds(day - timedelta(days=1))
        return kinds(day) - eve, eve - kinds(day)

    assert begins_and_ends(date(2025, 3, 1)) == (
        {"prov_agencies", "prov_government"},
        {"bloc", "caucus", "affairs_committee"},
    )
    assert begins_and_ends(JULY) == ({"commune_upper"}, {"district"})
    assert begins_and_ends(SINCE_208) == (
        {"sub_base", "prov_front"},
        {"base_cell", "dept_committee"},
    )


def test_types_of_unit_begin_and_end_with_the_two_levels():
    before, after = set(BOOK.on(EVE).unit_types()), set(BOOK.on(JULY).unit_types())
    assert after - before == {"commune.dac_khu"}
    assert {type_.partition(".")[0] for type_ in before - after} == {"district", "commune"}
    assert before - after == {
        "commune.thi_tran",
        "district.huyen",
        "district.quan",
        "district.thanh_pho",
        "district.thi_xa",
    }


def test_a_commune_stands_under_its_district_until_the_two_levels_and_then_its_province():
    assert BOOK.on(EVE).kind("commune_base").superiors == ("district",)
    assert BOOK.on(JULY).kind("commune_upper").superiors == ("province",)
    assert BOOK.on(EVE).value("unit.superiors")["commune"] == ["district"]
    assert BOOK.on(JULY).value("unit.superiors")["commune"] == ["province"]


def test_208_calls_every_cell_a_cell_and_every_commune_may_be_a_base_organisation():
    before, since = BOOK.on(EVE_OF_208), BOOK.on(SINCE_208)
    assert before.kind("base_cell").name == "chi bộ cơ sở"
    assert since.kind("cell").name == "chi bộ"
    assert since.kind("sub_base").name == "đảng bộ trực thuộc cơ sở"
    assert before.kind("commune_base").name == "đảng bộ đặc khu (đảng bộ cơ sở)"
    assert since.kind("commune_base").name == "đảng bộ xã, phường, đặc khu (đảng bộ cơ sở)"
    assert {"commune_base", "sub_base"} <= set(since.kind("cell").superiors)
    assert not since.kind("sub_base").document.startswith("294")


def test_what_is_known_from_secondary_sources_only_is_marked():
    assert not BOOK.on(SINCE_208).rule("organisation.kind.sub_base").verified
    assert BOOK.on(JULY).rule("organisation.kind.commune_upper").verified


@pytest.mark.parametrize("day", sorted({rule.valid_from or EVE for rule in BOOK.rules}))
def test_every_kind_stands_under_kinds_of_its_time_and_is_decided_by_known_levels(day):
    known = BOOK.on(day).kinds()
    for kind in known.values():
        assert kind.superiors
        assert any(superior is None or superior in known for superior in kind.superiors)
        assert set(kind.deciders) <= {"central", *(other.level for other in known.values())} | {
            "district"
        }
        assert kind.name
        assert kind.english


def test_sizes_come_from_the_charter():
    rules = BOOK.on(JULY)
    assert rules.value("cell.official_members_min") == 3
    assert rules.value("base_committee.members_min") == 30
    assert rules.value("cell.thematic_supervision.members_above") == 30


def test_what_no_rule_of_the_day_sets_is_refused_by_its_name():
    with pytest.raises(InvalidValue) as refusal:
        BOOK.on(EVE).value("cell.colour")
    assert refusal.value.facts == {"rule": "cell.colour", "rule_set": "232-QĐ/TW/1"}


def test_a_kind_unknown_on_the_day_is_refused_with_those_that_are_known():
    with pytest.raises(KindNotAllowed) as refusal:
        BOOK.on(JULY).kind("district")
    assert refusal.value.facts["rule_set"] == "294-QĐ/TW/1"
    assert "commune_upper" in str(refusal.value.facts["allowed"])
    with pytest.raises(KindNotAllowed) as refusal:
        BOOK.on(JULY).unit_type("district", "quan")
    assert "commune.phuong" in str(refusal.value.facts["allowed"])


# Books with mistakes

NAME = RuleSetName("x/1", date(2025, 1, 1), None, "x")


def value(first: date | None, after: date | None) -> RuleValue:
    return RuleValue("a.b", 1, first, after, "01-QĐ/TW")


@pytest.mark.parametrize(
    "rules",
    [
        (value(None, None), value(JULY, None)),
        (value(None, JULY), value(EVE, None)),
        (value(EVE, None), value(EVE, JULY)),
        (value(JULY, None), value(None, None)),
    ],
)
def test_two_values_of_one_day_are_refused(rules):
    with pytest.raises(InvalidValue):
        RuleBook((NAME,), rules)


def test_values_that_meet_are_fine_and_days_without_a_rule_set_are_refused():
    book = RuleBook((NAME,), (value(JULY, None), value(None, JULY)))
    assert book.on(EVE).rule("a.b").valid_to == JULY
    assert book.on(JULY).rule("a.b").valid_from == JULY
    with pytest.raises(InvalidValue) as refusal:
        book.on(date(2024, 12, 31))
    assert refusal.value.facts["field"] == "effective_on"


def test_a_book_does_not_grow_with_the_days_it_is_asked_about():
    book = RuleBook((NAME,), (value(JULY, None), value(None, JULY)))
    sets = [book.on(JULY + timedelta(days=n)) for n in range(1000)]
    assert len({id(rules.values) for rules in sets}) == 1
