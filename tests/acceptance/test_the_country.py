"""What the register says of the real country is what the lists say, before and after 1 July."""

from collections import Counter, defaultdict
from datetime import date

import pytest

from projections.nodes import Filters
from projections.organisations import Organisations
from projections.point import Point
from projections.units import Units
from services.crosswalk import crosswalk

BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)
OPENING = date(2025, 4, 1)
SIDES = {
    BEFORE: {
        "province": "provinces_before",
        "district": "districts_before",
        "commune": "communes_before",
    },
    AFTER: {"province": "provinces_after", "commune": "communes_after"},
}


def units_on(reading, day, level):
    """All units of a level, by code."""
    units = Units(reading.connection, reading.schema)
    filters = Filters(kinds={"level": [level]})
    found = units.many(Point(day, reading.point.known_at), filters, limit=20_000)
    return {unit.code: unit for unit in found}


@pytest.fixture(params=[BEFORE, AFTER], ids=str)
def day(request):
    return request.param


def test_counts_by_level_and_type_are_those_of_the_lists(reading, lists, day):
    expected = Counter(
        (level, row["type"]) for level, name in SIDES[day].items() for row in lists.rows(name)
    )
    units = Units(reading.connection, reading.schema)
    assert units.count(Point(day, reading.point.known_at)) == expected


def test_the_official_figures(reading):
    units = Units(reading.connection, reading.schema)
    before = units.count(Point(BEFORE, reading.point.known_at))
    after = units.count(Point(AFTER, reading.point.known_at))
    assert before == {
        ("province", "tinh"): 57,
        ("province", "thanh_pho"): 6,
        ("district", "huyen"): 508,
        ("district", "thanh_pho"): 87,
        ("district", "thi_xa"): 52,
        ("district", "quan"): 49,
        ("commune", "xa"): 7_692,
        ("commune", "phuong"): 1_726,
        ("commune", "thi_tran"): 617,
    }
    assert after == {
        ("province", "tinh"): 28,
        ("province", "thanh_pho"): 6,
        ("commune", "xa"): 2_621,
        ("commune", "phuong"): 687,
        ("commune", "dac_khu"): 13,
    }


def test_the_opening_day_is_as_the_last_day_before(reading):
    units = Units(reading.connection, reading.schema)
    known_at = reading.point.known_at
    assert units.count(Point(OPENING, known_at)) == units.count(Point(BEFORE, known_at))
    assert units.count(Point(date(2025, 3, 31), known_at)) == {}


def test_names_types_and_parents_are_those_of_the_lists(reading, lists, day):
    provinces = units_on(reading, day, "province")
    districts = units_on(reading, day, "district")
    for level, name in SIDES[day].items():
        found = units_on(reading, day, level)
        rows = {row["code"]: row for row in lists.rows(name)}
        assert found.keys() == rows.keys()
        for code, unit in found.items():
            row = rows[code]
            assert (unit.name, unit.type) == (row["name"], row["type"])
            assert unit.superior_id == _superior(row, provinces, districts)


def _superior(row, provinces, districts):
    if "district_code" in row:
        return districts[row["district_code"]].unit_id
    return provinces[row["province_code"]].unit_id if "province_code" in row else None


def test_every_edge_is_followed_forward(reading, lists):
    edges = defaultdict(set)
    for row in lists.rows("commune_changes"):
        edges[row["old_code"]].add((row["new_code"], row["extent"], row["is_default"] == "true"))
    lines = crosswalk(reading, list(edges), BEFORE, AFTER)
    for line in lines:
        [crossing] = line.crossings
        assert {(f.unit.code, f.extent, f.is_default) for f in crossing.found} == edges[line.code]
        assert line.certainty == ("exact" if len(edges[line.code]) == 1 else "split")
    assert len(lines) == 10_035


def test_every_edge_is_followed_backward(reading, lists):
    edges = defaultdict(set)
    for row in lists.rows("commune_changes"):
        edges[row["new_code"]].add((row["old_code"], row["extent"]))
    for row in lists.rows("district_to_commune_changes"):
        edges[row["new_commune_code"]].add((row["old_district_code"], "whole"))
    lines = crosswalk(reading, [row["code"] for row in lists.rows("communes_after")], AFTER, BEFORE)
    for line in lines:
        [crossing] = line.crossings
        assert {(f.unit.code, f.extent) for f in crossing.found} == edges[line.code]
    assert len(lines) == 3_321


def test_every_province_is_followed_both_ways(reading, lists):
    pairs = {(row["old_code"], row["new_code"]) for row in lists.rows("province_changes")}
    olds, news = {old for old, _ in pairs}, {new for _, new in pairs}
    forward = {
        (line.code, found.unit.code)
        for line in crosswalk(reading, sorted(olds), BEFORE, AFTER)
        for found in line.crossings[0].found
    }
    backward = {
        (found.unit.code, line.code)
        for line in crosswalk(reading, sorted(news), AFTER, BEFORE)
        for found in line.crossings[0].found
    }
    assert forward == backward == pairs


def test_five_island_districts_became_special_zones(reading, lists):
    pairs = lists.rows("district_to_commune_changes")
    lines = crosswalk(reading, [row["old_district_code"] for row in pairs], BEFORE, AFTER)
    became = {line.code: [found.unit.code for found in line.crossings[0].found] for line in lines}
    assert became == {row["old_district_code"]: [row["new_commune_code"]] for row in pairs}
    others = {row["code"] for row in lists.rows("districts_before")} - became.keys()
    lines = crosswalk(reading, sorted(others), BEFORE, AFTER)
    assert {line.certainty for line in lines} == {"none"}


# Party organisations


def test_there_is_one_organisation_on_every_unit(reading, day):
    organisations = Organisations(reading.connection, reading.schema)
    units = Units(reading.connection, reading.schema)
    point = Point(day, reading.point.known_at)
    found = organisations.many(point, limit=20_000)
    named = {unit.unit_id: unit for unit in units.many(point, limit=20_000)}
    assert Counter(o.unit_id for o in found) == Counter(named.keys())
    for organisation in found:
        assert organisation.unit_id is not None
        unit = named[organisation.unit_id]
        assert organisation.name.casefold() == f"đảng bộ {unit.name}".casefold()


def test_kinds_and_superiors_follow_the_model_of_the_day(reading):
    organisations = Organisations(reading.connection, reading.schema)
    known_at = reading.point.known_at
    assert organisations.count(Point(BEFORE, known_at)) == {
        ("province", "active"): 63,
        ("district", "active"): 696,
        ("commune_base", "active"): 10_035,
    }
    assert organisations.count(Point(AFTER, known_at)) == {
        ("province", "active"): 34,
        ("commune_upper", "active"): 3_321,
    }
    after = {o.organisation_id: o for o in organisations.many(Point(AFTER, known_at), limit=9_999)}
    superiors = {o.superior_id for o in after.values() if o.kind == "commune_upper"}
    assert {after[id_].kind for id_ in superiors if id_} == {"province"}
    assert None not in superiors


def test_names_are_official(reading):
    organisations = Organisations(reading.connection, reading.schema)
    point = Point(AFTER, reading.point.known_at)
    found = organisations.many(point, Filters(name="Đảng bộ phường Ba Đình"))
    assert [organisation.name for organisation in found] == ["Đảng bộ phường Ba Đình"]


def test_every_change_names_its_document(reading, lists):
    numbers = {row["province_code"]: row["number"] for row in lists.rows("resolutions")}
    new = units_on(reading, AFTER, "commune")
    provinces = {u.unit_id: code for code, u in units_on(reading, AFTER, "province").items()}
    cursor = reading.connection.execute(
        f"SELECT stream, documents FROM {reading.schema}_audit.lines"
        " WHERE event_type = 'unit.established' AND effective_on = %s",
        [AFTER],
    )
    by_id = {unit.unit_id: unit for unit in new.values()}
    seen = 0
    for line in cursor:
        if unit := by_id.get(line["stream"]):
            assert line["documents"] == [numbers[provinces[unit.superior_id]]]
            seen += 1
    assert seen == 3_321 - 132
