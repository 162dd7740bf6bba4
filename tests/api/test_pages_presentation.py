"""What the pages say and draw, without a server."""

from datetime import UTC, date, datetime
from itertools import pairwise
from uuid import UUID

import pytest

from api.pages import asking, words
from api.pages.asking import knowing
from api.pages.counting import organisation_figures, unit_figures
from api.pages.descent import Family, descent
from api.pages.drawing import BOX_HEIGHT, BOXES_MAX, LINE_LENGTH_MAX, broken, drawn, related
from api.pages.rendering import address
from api.pages.searching import is_code, is_name, namesakes, ranked
from api.pages.subjects import nearest, shown, standing
from domain.errors import InvalidValue
from domain.lineage import Certainty, Edge
from domain.names import sort_key
from projections.nodes import Life
from projections.units import Unit
from services.documents import addresses

OPENING, EVE, JULY, LATER = (
    date(2025, 4, 1),
    date(2025, 6, 30),
    date(2025, 7, 1),
    date(2026, 1, 1),
)


def id_of(n):
    return UUID(int=n)


def edge(giver, taker, extent="whole", on=JULY, order=1, is_default=False):
    return Edge(id_of(giver), id_of(taker), on, order, extent, is_default)


def unit(name, level="commune", code="00001", first=OPENING, after=None, n=1):
    facts = {"unit_id": id_of(n), "level": level, "type": "phuong", "name": name}
    known = {"valid_from": first, "valid_to": after, "known_from": 1, "known_to": None}
    codes = {"code": code, "codes": {"nso": code}, "superior_id": None}
    return Unit(**facts, sort_key=sort_key(name), **codes, **known)


def a_drawing(start, edges):
    names = {id_of(n): f"Phường {n}" for n in range(300)}
    return drawn(id_of(start), edges, names, lambda id_: f"/places/{id_}")


# The drawing


def test_every_hand_over_is_one_line_from_left_to_right():
    edges = [edge(n, 100, "part" if n % 2 else "whole", order=n) for n in range(1, 16)]
    drawing = a_drawing(100, edges)
    assert {line.edge for line in drawing.lines} == set(edges)
    boxes = {box.id: box for box in drawing.boxes}
    assert all(boxes[e.giver].x < boxes[e.taker].x for e in edges)


def test_boxes_never_lie_upon_each_other_and_stay_inside():
    drawing = a_drawing(100, [edge(n, 100, order=n) for n in range(1, 16)])
    for x in {box.x for box in drawing.boxes}:
        tops = sorted(box.y for box in drawing.boxes if box.x == x)
        assert all(b - a > BOX_HEIGHT for a, b in pairwise(tops))
    assert max(box.y for box in drawing.boxes) + BOX_HEIGHT <= drawing.height


def test_several_steps_stand_in_several_columns():
    drawing = a_drawing(3, [edge(1, 2), edge(2, 3, on=LATER, order=2), edge(3, 4, order=3)])
    assert drawing.columns == 4


def test_a_thing_given_and_given_back_is_drawn_once():
    drawing = a_drawing(1, [edge(1, 2, "part"), edge(2, 1, "part", LATER, 2)])
    assert len(drawing.boxes) == 2
    assert len(drawing.lines) == 2


def test_a_default_is_marked_only_where_there_was_a_choice():
    divided = [edge(1, 2, "part", is_default=True), edge(1, 3, "part")]
    whole = [edge(4, 2, "whole", order=2, is_default=True)]
    marks = {line.edge: line.mark for line in a_drawing(2, divided + whole).lines}
    assert marks[divided[0]] is not None
    assert marks[whole[0]] is None


def test_what_the_givers_gave_to_others_is_not_drawn():
    edges = [edge(1, 2, "part"), edge(1, 3, "part")]
    assert related(id_of(2), edges) == [edges[0]]


def test_nothing_is_drawn_of_nothing_and_of_too_much():
    assert a_drawing(1, []) is None
    assert a_drawing(200, [edge(n, 200) for n in range(BOXES_MAX)]) is None


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("Xã An", ("Xã An",)),
        ("Phường Xuân Phương", ("Phường Xuân Phương",)),
        ("Đảng bộ phường Ba Đình", ("Đảng bộ phường", "Ba Đình")),
        ("x" * 40, ("x" * (LINE_LENGTH_MAX - 1) + "…",)),
    ],
)
def test_a_name_is_broken_into_two_lines_at_most(name, lines):
    assert broken(name) == lines


# What is told of descent


def family(subject, edges, lives):
    return Family(
        category="unit",
        subject=id_of(subject),
        edges=edges,
        names={id_of(n): f"Phường {n}" for n in range(10)},
        lives={id_of(n): Life(*life) for n, life in lives.items()},
        documents={1: "1656/NQ-UBTVQH15"},
    )


OLD, NEW = (OPENING, JULY), (JULY, None)


def test_a_divided_one_tells_its_parts_and_promises_no_single_heir():
    edges = [edge(1, 2, "part", is_default=True), edge(1, 3, "part")]
    told = descent(family(1, edges, {1: OLD, 2: NEW, 3: NEW}), LATER)
    assert told.fate is not None
    assert "2 nơi khác nhau" in told.fate.vi
    assert [(f.end.name, f.extent.vi) for f in told.after_it] == [
        ("Phường 2", "một phần"),
        ("Phường 3", "một phần"),
    ]
    assert told.on_the_eve == ()
    assert told.lines[0].document == "1656/NQ-UBTVQH15"


def test_a_merged_one_is_exact_and_names_its_heir():
    told = descent(family(1, [edge(1, 2)], {1: OLD, 2: NEW}), LATER)
    assert told.fate is not None
    assert told.fate.en.startswith("Exact: all of it is in Phường 2")


def test_the_new_one_tells_where_the_rest_of_a_divided_one_went():
    edges = [edge(1, 2, "part", is_default=True), edge(1, 3, "part")]
    told = descent(family(2, edges, {1: OLD, 2: NEW, 3: NEW}), LATER)
    [line] = told.lines
    assert [(extent.vi, end.name) for extent, end in line.others] == [("một phần", "Phường 3")]
    assert line.is_default
    assert told.origin is not None
    assert "Phường 1" in told.origin.vi


def test_one_without_hand_overs_has_nothing_to_tell():
    told = descent(family(1, [], {1: (OPENING, None)}), LATER)
    assert (told.drawing, told.lines, told.origin, told.fate) == (None, (), None, None)


@pytest.mark.parametrize("certainty", list(Certainty))
def test_every_certainty_is_told_in_both_languages(certainty):
    for tell in (words.fate, words.origin):
        term = tell(certainty, ["Phường 1", "Phường 2"], JULY)
        assert term.vi != term.en
        assert term.vi


# Figures


def test_levels_are_totals_of_their_types_and_types_of_one_side_count_nothing_on_the_other():
    figures = unit_figures(
        {("commune", "thi_tran"): 617, ("commune", "xa"): 7692}, {("commune", "xa"): 2621}
    )
    told = [(f.term.vi, f.before, f.after) for f in figures]
    assert ("cấp xã", 8309, 2621) in told
    assert ("thị trấn", 617, 0) in told


def test_organisations_are_counted_by_kind_from_the_top_down():
    figures = organisation_figures(
        {("district", "active"): 2, ("province", "active"): 1, ("province", "suspended"): 1}, {}
    )
    assert [(f.before, f.after) for f in figures] == [(4, 0), (2, 0), (2, 0)]
    assert "tỉnh" in figures[1].term.vi


# Searching


def test_the_nearest_comes_first_and_tone_marks_do_not_matter():
    rows = [unit("Phường Tân Ba Đình"), unit("Phường Ba Đình Hạ"), unit("Phường Ba Đình")]
    names = [row.name for row in ranked("ba dinh", rows)]
    assert names == ["Phường Ba Đình", "Phường Ba Đình Hạ", "Phường Tân Ba Đình"]


def test_the_bearer_of_a_code_comes_before_all():
    rows = [unit("Xã 10081", code="1"), unit("Xã An", code="10081")]
    assert ranked("10081", rows)[0].name == "Xã An"


def test_those_of_one_name_are_counted():
    rows = [unit("Phường Ba Đình"), unit("Xã Ba Đình"), unit("Xã Ba Đình Hạ")]
    assert namesakes("ba đình", rows) == 2
    assert namesakes("Xã Ba Đình", rows) == 1
    assert namesakes("ba đình", [*rows, unit("Xã Ba Dinh")]) == 2  # tone marks are meant
    assert namesakes("ba dinh", [*rows, unit("Xã Ba Dinh")]) == 3


@pytest.mark.parametrize(
    ("query", "code", "name"),
    [("10081", True, True), ("Ba Đình", False, True), ("%_", False, False)],
)
def test_what_can_be_searched_for(query, code, name):
    assert (is_code(query), is_name(query)) == (code, name)


# Asking


@pytest.mark.parametrize("text", ["30/6/2025", "2025-06-30", " 30-06-2025 "])
def test_days_are_read_as_people_write_them(text):
    assert asking.asked(text).valid_at == EVE


@pytest.mark.parametrize("text", ["31/6/2025", "hôm qua", "2025-13-01", "9" * 30])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(InvalidValue):
        asking.asked(text)


def test_known_at_is_a_position_a_moment_or_the_end_of_a_day():
    assert knowing("12345") == 12345
    assert knowing("2025-07-02T10:00:00+07:00") == datetime(2025, 7, 2, 3, tzinfo=UTC)
    assert knowing("2025-07-02T10:00") == datetime(2025, 7, 2, 3, tzinfo=UTC)
    assert str(knowing("2/7/2025")) == "2025-07-02 23:59:59.999999+07:00"
    for text in ("sớm", "-1", "2025-07-32", "x" * 9):
        with pytest.raises(InvalidValue):
            knowing(text)


def test_a_query_that_is_too_long_is_refused():
    assert asking.query("  ba \n dinh ") == "ba dinh"
    with pytest.raises(InvalidValue):
        asking.query("x" * 101)


# Lives


def test_what_is_gone_is_shown_as_it_was_last():
    old = unit("Phường Cũ", after=JULY)
    assert nearest([old], LATER) == (old, EVE)
    is_there, said = standing([old], LATER)
    assert (is_there, said.vi) == (False, "Không còn tồn tại từ ngày 1/7/2025")


def test_what_has_not_begun_is_shown_as_it_will_be():
    new = unit("Phường Mới", first=JULY)
    assert nearest([new], OPENING) == (new, JULY)
    assert standing([new], OPENING)[1].en.startswith("Not on record on 1/4/2025")


def test_an_interrupted_life_tells_when_it_goes_on():
    lives = [unit("Phường Cũ", after=EVE), unit("Phường Cũ", first=LATER)]
    assert standing(lives, JULY)[1].vi.endswith("từ ngày 1/1/2026")


def test_a_type_is_told_in_the_words_of_its_days():
    assert shown(unit("Phường Ba Đình")).type == ("phường", "ward")


# Small things


def test_numbers_days_and_moments_are_written_as_in_vietnam():
    assert words.number(10035) == "10.035"
    assert words.day(JULY) == "1/7/2025"
    assert words.moment(datetime(2025, 6, 30, 17, tzinfo=UTC)) == "1/7/2025 00:00:00"


def test_addresses_are_encoded_and_leave_out_what_is_not_asked():
    assert address("/search", q="ba đình&", known_at=None) == "/search?q=ba+%C4%91%C3%ACnh%26"


def test_documents_lead_to_https_addresses_only():
    assert addresses()["1656/NQ-UBTVQH15"].startswith("https://")
    assert all(url.startswith("https://") for url in addresses().values())
