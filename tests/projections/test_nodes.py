"""What can be asked of units and organisations: lists, trees, codes, histories, lives."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest

from domain.codes import Code
from domain.unit import AdministrativeUnit
from projections.engine.following import follow
from projections.nodes import Filters, Life
from projections.organisations import ORGANISATIONS, Organisations
from projections.point import Point
from projections.units import UNITS, Units
from services.rulebook import rule_book
from tests.logs import ORGANISATIONS as ORGANISATION_IDS
from tests.logs import UNITS as UNIT_IDS
from tests.logs import PaperLog, envelope, established

MAY, JULY, AUGUST = date(2025, 5, 1), date(2025, 7, 1), date(2025, 8, 1)
HA_NOI, BA_DINH, DONG_DA, AN_BIEN = (uuid5(NAMESPACE_URL, n) for n in ("HN", "BD", "DD", "AB"))
DOAN = uuid5(NAMESPACE_URL, "Đoan")


def unit(log: PaperLog, id_: UUID, name: str, superior: UUID | None, code: str, **codes: str):
    level, type_ = ("commune", "phuong") if superior else ("province", "thanh_pho")
    borne = (Code("nso", code), *(Code(scheme, value) for scheme, value in codes.items()))
    facts: dict[str, Any] = {
        "way": "entered",
        "level": level,
        "type": type_,
        "name": name,
        "codes": borne,
    }
    given = envelope(JULY)
    rules = rule_book().on(JULY)
    return log.record(
        AdministrativeUnit.establish(
            id_, **facts, superior_id=superior, envelope=given, rules=rules
        )
    )


@pytest.fixture
def log(connection, home):
    log = PaperLog()
    unit(log, HA_NOI, "Thành phố Hà Nội", None, "01")
    unit(log, DONG_DA, "Phường Đống Đa", HA_NOI, "00190", home="DD-1")
    unit(log, DOAN, "Phường Đoan", HA_NOI, "00191")
    ba_dinh = unit(log, BA_DINH, "Phường Ba Đình", HA_NOI, "00004")
    unit(log, AN_BIEN, "Phường An Biên", BA_DINH, "00005")  # no such thing; but a tree of depth two
    ba_dinh.rename("Phường Ba Đình Mới", envelope(AUGUST))
    log.record(ba_dinh)
    follow(connection, home, log.source(), [UNITS, ORGANISATIONS])
    return log


@pytest.fixture
def units(connection, home, log):
    return Units(connection, home)


def names(rows):
    return [row.name for row in rows]


NOW = Point(AUGUST, 6)


def test_the_state_at_a_point_in_both_times(units):
    assert units.one(BA_DINH, NOW).name == "Phường Ba Đình Mới"
    assert units.one(BA_DINH, Point(JULY, 6)).name == "Phường Ba Đình"
    assert units.one(BA_DINH, Point(AUGUST, 5)).name == "Phường Ba Đình"
    assert units.one(BA_DINH, Point(MAY, 6)) is None
    assert units.one(BA_DINH, Point(AUGUST, 3)) is None


def test_a_list_in_the_order_of_the_alphabet_page_by_page(units):
    everybody = units.many(NOW)
    assert names(everybody)[:4] == [
        "Phường An Biên",
        "Phường Ba Đình Mới",
        "Phường Đoan",
        "Phường Đống Đa",
    ]
    page = units.many(NOW, limit=2)
    last = (page[-1].sort_key, page[-1].unit_id)
    assert page + units.many(NOW, after=last) == everybody


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(name="ba dinh"), ["Phường Ba Đình Mới"]),
        (Filters(name="ĐỐNG"), ["Phường Đống Đa"]),
        (Filters(code="00190"), ["Phường Đống Đa"]),
        (Filters(code="DD-1"), ["Phường Đống Đa"]),
        (Filters(code="DD-1", scheme="nso"), []),
        (Filters(code="DD-1", scheme="home"), ["Phường Đống Đa"]),
        (Filters(code='"'), []),
        (Filters(roots_only=True), ["Thành phố Hà Nội"]),
        (Filters(kinds={"level": ["province"]}), ["Thành phố Hà Nội"]),
        (Filters(superior_id=BA_DINH), ["Phường An Biên"]),
        (Filters(under=BA_DINH), ["Phường An Biên"]),
        (Filters(under=HA_NOI, name="da"), ["Phường Đống Đa"]),
        (Filters(unit_id=DOAN), ["Phường Đoan"]),
    ],
)
def test_a_list_limited(units, filters, found):
    assert names(units.many(NOW, filters)) == found


def test_counts_by_level_and_type(units):
    assert units.count(NOW) == {("province", "thanh_pho"): 1, ("commune", "phuong"): 4}
    assert units.count(NOW, Filters(under=BA_DINH)) == {("commune", "phuong"): 1}
    assert units.count(Point(MAY, 6)) == {}


def test_the_tree_down_and_up(units):
    tree = [(placed.depth, placed.row.name) for placed in units.tree(HA_NOI, NOW)]
    assert tree == [
        (0, "Thành phố Hà Nội"),
        (1, "Phường Ba Đình Mới"),
        (2, "Phường An Biên"),
        (1, "Phường Đoan"),
        (1, "Phường Đống Đa"),
    ]
    assert len(units.tree(HA_NOI, NOW, depth=1)) == 4
    assert len(units.descendants(HA_NOI, NOW)) == 4
    assert names(units.ancestors(AN_BIEN, NOW)) == ["Phường Ba Đình Mới", "Thành phố Hà Nội"]
    assert names(units.children(None, NOW)) == ["Thành phố Hà Nội"]
    assert names(units.children(BA_DINH, NOW)) == ["Phường An Biên"]
    assert units.tree(HA_NOI, Point(MAY, 6)) == []


def test_a_circle_ends(connection, home, units, log):
    for id_, superior in ((HA_NOI, AN_BIEN),):
        node = log.node(id_)
        node.resubordinate(superior, envelope(AUGUST))
        log.record(node)
    follow(connection, home, log.source(), [UNITS, ORGANISATIONS])
    circle = Point(AUGUST, 7)
    assert len(units.tree(HA_NOI, circle)) == 5
    assert len(units.ancestors(HA_NOI, circle)) == 2
    assert len(units.many(circle, Filters(under=HA_NOI))) == 5


def test_ten_thousand_codes_in_one_statement(units):
    codes = [f"{n:05}" for n in range(10_000)]
    assert names(sorted(units.by_codes(codes, NOW), key=lambda u: u.sort_key)) == [
        "Phường An Biên",
        "Phường Ba Đình Mới",
        "Phường Đoan",
        "Phường Đống Đa",
    ]
    assert names(units.by_codes(["DD-1"], NOW, scheme="home")) == ["Phường Đống Đa"]


def test_a_life_and_what_was_believed_of_it(connection, home, units, log):
    node = log.node(BA_DINH)
    node.rename("Phường Ba Đình Cũ", envelope(AUGUST, voids=6))
    log.record(node)
    follow(connection, home, log.source(), [UNITS, ORGANISATIONS])
    assert names(units.history(BA_DINH, 6)) == ["Phường Ba Đình", "Phường Ba Đình Mới"]
    assert names(units.history(BA_DINH, 7)) == ["Phường Ba Đình", "Phường Ba Đình Cũ"]
    everything = units.history(BA_DINH, 7, superseded=True)
    assert [(row.name, row.known_from, row.known_to) for row in everything] == [
        ("Phường Ba Đình", 4, 6),
        ("Phường Ba Đình", 6, None),
        ("Phường Ba Đình Mới", 6, 7),
        ("Phường Ba Đình Cũ", 7, None),
    ]
    lives = units.lives([BA_DINH, UNIT_IDS[0]], 7)
    assert lives == {BA_DINH: Life(JULY, None)}
    assert lives[BA_DINH].includes(AUGUST)
    assert units.lives([BA_DINH], 3) == {}
    assert units.names([BA_DINH, HA_NOI], 7)[BA_DINH] == "Phường Ba Đình Cũ"


def test_organisations_are_asked_alike(connection, home, log):
    node: Any = established(log, ORGANISATION_IDS[0], JULY)
    node.suspend(envelope(AUGUST))
    log.record(node)
    head = follow(connection, home, log.source(), [UNITS, ORGANISATIONS])
    organisations = Organisations(connection, home)
    now = Point(AUGUST, head)
    found = organisations.one(ORGANISATION_IDS[0], now)
    assert found
    assert found.status == "suspended"
    assert organisations.count(now) == {("commune_upper", "suspended"): 1}
    assert organisations.many(now, Filters(kinds={"status": ["active"]})) == []
    assert len(organisations.many(now, Filters(unit_id=UNIT_IDS[0]))) == 1


def test_what_bore_a_code_or_a_name_on_any_day(units):
    found = units.ever(6, Filters(code="00004"))
    assert [(row.name, row.valid_from, row.valid_to) for row in found] == [
        ("Phường Ba Đình", JULY, AUGUST),
        ("Phường Ba Đình Mới", AUGUST, None),
    ]
    assert names(units.ever(5, Filters(name="ba dinh"))) == ["Phường Ba Đình"]
    assert names(units.ever(6, limit=1)) == ["Phường An Biên"]
    with pytest.raises(AssertionError):
        units.ever(6, Filters(under=HA_NOI))


def test_all_that_stand_above_several(units):
    rows = units.named([AN_BIEN, DOAN], NOW)
    above = units.all_above(rows, NOW)
    assert {id_: row.name for id_, row in above.items()} == {
        BA_DINH: "Phường Ba Đình Mới",
        HA_NOI: "Thành phố Hà Nội",
    }
    assert units.all_above([], NOW) == {}
