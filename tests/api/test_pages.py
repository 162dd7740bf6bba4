"""The pages as a reader gets them: content, escaping, what helps those who cannot see or click."""

import contextlib
import re
import shutil
import subprocess
import threading
import time
from html.parser import HTMLParser
from itertools import pairwise
from types import SimpleNamespace
from uuid import UUID

import pytest
import uvicorn

from api.pages.reference import type_of
from api.pages.rendering import POLICY

JULY, LATER = "2025-07-01", "2026-01-01"
EVIL = 'Xã <script>alert(1)</script> & "Bạn"'
RESOLUTION = {"number": "1656/NQ-UBTVQH15", "issued_on": "2025-06-16", "title": "Nghị <b>quyết</b>"}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
VOID = {"meta", "link", "input", "br", "hr", "img"}


class Page(HTMLParser):
    """A page taken apart: its elements with their attributes, and whether all are closed."""

    def __init__(self, text):
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, _given(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, _given(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes what was not opened last"

    def handle_data(self, data):
        self.texts.append(data)

    def all(self, tag, **wanted):
        wanted = {name.rstrip("_"): value for name, value in wanted.items()}
        found = [attrs for name, attrs in self.elements if name == tag]
        return [a for a in found if all(a.get(n) == v for n, v in wanted.items())]

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())


def _given(attrs):
    return {name: value or "" for name, value in attrs}


def ended(house, name, *heirs, on=JULY, way="merger"):
    successors = [
        {"id": house.ids[heir], "extent": extent, "is_default": is_default}
        for heir, extent, is_default in heirs
    ]
    facts = {"way": way, "successors": successors, "basis": [RESOLUTION]}
    return house.record(f"/v1/units/{house.ids[name]}/endings", effective_on=on, **facts)


def founded(house, name, code, on=JULY):
    facts = {"effective_on": on, "way": "merger", "codes": {"nso": code}, "basis": [RESOLUTION]}
    return house.unit(name, "commune", "Tỉnh An", **facts)


@pytest.fixture(scope="module")
def country(house):
    """Communes merged and divided on 1 July 2025, one of the new ones merged again later."""
    founded(house, "Phường Mới", "09001")
    founded(house, EVIL, "09002")
    founded(house, "Xã Cuối", "09003", LATER)
    ended(house, "Xã Bình 1", ("Phường Mới", "whole", True))
    ended(
        house,
        "Xã Bình 2",
        ("Phường Mới", "part", True),
        (EVIL, "part", False),
        way="division",
    )
    ended(house, EVIL, ("Xã Cuối", "whole", True), on=LATER)
    for district in ("Huyện Bình", "Huyện Đông"):
        house.unit("Xã Trùng", "commune", district)
    house.unit("Huyện Tan", "district", "Tỉnh An")
    house.unit("Xã Tan", "commune", "Huyện Tan")
    ended(house, "Xã Tan", ("Phường Mới", "whole", True))
    ended(house, "Huyện Tan", way="dissolution")
    centre = {"authority": {"name": "Ban Bí thư"}, "basis": [{"number": None, "issuer": "TW"}]}
    facts = {"way": "entered", "kind": "district", "name": "Đảng bộ huyện Đông"}
    above = {"superior_id": house.ids["Đảng bộ tỉnh An"], "unit_id": house.ids["Huyện Đông"]}
    told = house.record("/v1/organisations", **(facts | above | centre))
    house.ids["Đảng bộ huyện Đông"] = told["events"][0]["stream"]
    house.get("/v1/units?limit=1")  # waits until the read models have seen all this
    return house


@pytest.fixture
def visit(country):
    def visit(path, status=200, accept="text/html", **headers):
        response = country.client.get(path, headers={"Accept": accept} | headers)
        assert response.status_code == status, response.text[:500]
        return response

    return visit


@pytest.fixture
def look(visit):
    return lambda path, status=200: Page(visit(path, status).text)


def paths(house):
    """One of every page there is."""
    yield from (
        "/",
        "/search",
        "/search?q=xa+binh",
        "/search?q=%3F%3F",
        "/search?q=tinh&within=organisations",
    )
    for name in ("Tỉnh An", "Huyện Bình", "Xã Bình 2", "Xã Bình 3", "Phường Mới", EVIL, "Xã Cuối"):
        yield f"/places/{house.ids[name]}"
    position = house.register.store.position()
    yield f"/places/{house.ids['Phường Mới']}?valid_at=2025-06-30&known_at={position}"
    for name in ("Đảng bộ tỉnh An", "Đảng bộ huyện Bình", "Đảng bộ huyện Đông"):
        yield f"/organisations/{house.ids[name]}"


REFUSED = {
    "/nowhere": 404,
    "/places/no-id": 404,
    f"/places/{UUID(int=1)}": 404,
    f"/organisations/{UUID(int=1)}": 404,
    "/assets/nothing.css": 404,
    f"/search?q={'x' * 101}": 422,
    f"/places/{UUID(int=1)}?valid_at=31/6/2025": 422,
    "/?known_at=999999999": 422,
}


# Content


def test_the_first_page_counts_the_country_before_and_after(look):
    text = look("/").text
    assert "cấp tỉnh province level 1 1" in text
    assert "cấp xã commune level 9 8" in text
    assert "đảng bộ tỉnh, thành phố trực thuộc Trung ương provincial Party organisation 1 1" in text


def test_pages_say_what_they_rest_on(country, look):
    for path in ("/", "/search", f"/places/{country.ids['Tỉnh An']}"):
        text = look(path).text
        assert str(country.register.store.position()) in text
        assert str(country.register.store.epoch()) in text


@pytest.mark.parametrize("query", ["phường mới", "phuong moi", "PHƯỜNG   MỚI", "moi", "09001"])
def test_a_place_is_found_by_name_or_code_with_or_without_tone_marks(country, look, query):
    page = look(f"/search?q={query}")
    assert page.all("a", href=f"/places/{country.ids['Phường Mới']}")
    assert "0 kết quả" in page.text  # before: there was none of that name


def test_the_search_tells_what_a_former_commune_is_in_now(look):
    text = look("/search?q=xã bình 2").text
    assert "thuộc in Huyện Bình , Tỉnh An" in text
    assert "Phường Mới (một phần)" in text


def test_namesakes_are_listed_and_none_is_picked(look):
    page = look("/search?q=trung")
    assert "2 nơi cùng mang tên này" in page.text
    assert "thuộc in Huyện Bình , Tỉnh An" in page.text
    assert "thuộc in Huyện Đông , Tỉnh An" in page.text


def test_party_organisations_are_searched_for_beside(country, look):
    page = look("/search?q=dang+bo+huyen+binh&within=organisations")
    assert page.all("a", href=f"/organisations/{country.ids['Đảng bộ huyện Bình']}")


@pytest.mark.parametrize("query", ["", "   ", "%25%3F"])
def test_a_search_for_nothing_finds_nothing_and_says_so(look, query):
    page = look(f"/search?q={query}")
    assert "kết quả" not in page.text
    assert len(page.all("p", class_="empty")) == 1


def test_a_place_shows_its_superiors_codes_party_organisation_and_data(country, look):
    page = look(f"/places/{country.ids['Huyện Bình']}")
    assert "mã code 001" in page.text
    assert page.all("a", href=f"/places/{country.ids['Tỉnh An']}")
    assert page.all("a", href=f"/organisations/{country.ids['Đảng bộ huyện Bình']}")
    json = [a["href"] for a in page.all("a") if a["href"].startswith("/v1/units/")]
    assert len(json) == 6
    assert [country.client.get(href).status_code for href in json] == [200] * 6


def test_a_former_place_tells_its_fate_and_its_resolution(country, look):
    page = look(f"/places/{country.ids['Xã Bình 2']}")
    assert "Không còn tồn tại từ ngày 1/7/2025" in page.text
    assert "Split: its parts are in 2 different places" in page.text
    assert "1656/NQ-UBTVQH15" in page.text
    links = [a for a in page.all("a") if a["href"].startswith("https://")]
    assert links
    assert "office-17" in page.text


def test_a_place_that_nobody_took_over_leads_on_to_where_its_parts_are(country, look):
    page = look(f"/places/{country.ids['Huyện Tan']}")
    assert "Kết thúc hoạt động, không có nơi kế thừa" in page.text
    [after] = re.findall("Sau: 1/7/2025 .*?Nguồn gốc", page.text)
    assert "1656/NQ-UBTVQH15" in after
    assert "Phường Mới" in after
    assert page.all("a", href=f"/places/{country.ids['Phường Mới']}")
    assert "không có nơi kế thừa" not in look(f"/places/{country.ids['Xã Bình 1']}").text
    found = look("/search?q=huyện tan")
    assert "kết thúc hoạt động, không có nơi kế thừa" in found.text


def test_a_search_that_finds_nothing_says_what_to_try(look):
    assert "gõ không dấu" in look("/search?q=khongdauca").text


def test_an_address_that_leads_nowhere_says_so(look):
    assert "Không có gì ở địa chỉ này" in look("/nowhere", 404).text


def test_the_point_in_both_times_can_be_asked(country, look):
    path = f"/places/{country.ids['Phường Mới']}"
    before = look(f"{path}?valid_at=30/6/2025")
    assert "Chưa có trong sổ vào ngày 30/6/2025" in before.text
    assert before.all("input", name="valid_at", value="2025-06-30")
    look(f"{path}?known_at=1", 404)
    position = country.register.store.position()
    known = look(f"{path}?known_at={position}")
    assert known.all("a", href=f"/places/{country.ids['Tỉnh An']}?known_at={position}")


def test_an_organisation_shows_what_is_above_and_below_it(country, look):
    page = look(f"/organisations/{country.ids['Đảng bộ tỉnh An']}")
    assert page.all("a", href=f"/organisations/{country.ids['Đảng bộ huyện Bình']}")
    assert page.all("a", href=f"/places/{country.ids['Tỉnh An']}")
    below = look(f"/organisations/{country.ids['Đảng bộ huyện Đông']}")
    assert below.all("a", href=f"/organisations/{country.ids['Đảng bộ tỉnh An']}")
    assert "chưa rõ số number unknown" in below.text


# The drawing


@pytest.mark.parametrize(
    ("name", "extents"),
    [
        ("Xã Bình 2", ["part", "part", "whole"]),  # two parts, one of them merged again
        ("Phường Mới", ["part", "whole", "whole"]),
        (EVIL, ["part", "whole"]),
        ("Xã Cuối", ["part", "whole"]),  # over two steps
    ],
)
def test_the_drawing_has_a_line_for_every_hand_over(country, look, name, extents):
    page = look(f"/places/{country.ids[name]}")
    edges = [a["class"].split() for a in page.all("path") if a["d"] != "M0 6H36"]
    assert sorted(kind for _, kind in edges) == extents
    table = [tag for tag, attrs in page.elements if tag == "tr"]
    assert len(table) - 1 == len(extents)  # the same in words


def test_a_default_is_marked_and_explained(country, look):
    page = look(f"/places/{country.ids['Xã Bình 2']}")
    assert len(page.all("circle", class_="default")) == 2  # one mark, one legend
    assert "không chính thức" in page.text
    assert "không chính thức" not in look(f"/places/{country.ids['Tỉnh An']}").text


# Escaping and safety


def test_text_from_data_is_never_markup(country, visit):
    for path in (*paths(country), "/search?q=<script>alert(1)</script>"):
        page = Page(visit(path).text)
        assert not page.all("script"), path
        assert not page.all("b"), path
    assert "&lt;script&gt;" in visit(f"/places/{country.ids[EVIL]}").text


def test_no_page_runs_or_loads_anything_foreign(country, visit):
    for path in paths(country):
        response = visit(path)
        assert response.headers["Content-Security-Policy"] == POLICY
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        for tag, attrs in Page(response.text).elements:
            assert not any(name.startswith("on") or name == "style" for name in attrs), path
            assert tag not in {"style", "iframe", "object", "base"}
            loaded = attrs.get("src") or (attrs.get("href", "") if tag == "link" else "")
            assert loaded == "" or loaded.startswith("/assets/")
    assert "'unsafe" not in POLICY


def test_assets_may_be_kept_and_have_their_type(visit):
    for href in re.findall(r'"(/assets/[^"]+)"', visit("/").text):
        response = visit(href, accept="*/*")
        assert "immutable" in response.headers["Cache-Control"]
        assert response.headers["Content-Type"].startswith(("text/css", "image/svg"))


def test_what_one_has_already_is_not_sent_again(visit):
    tag = visit("/").headers["ETag"]
    again = visit("/", 304, **{"If-None-Match": f'W/"x", {tag}'})
    assert again.content == b""


def test_the_head_of_a_page_can_be_asked(country):
    response = country.client.head("/", headers={"Accept": "text/html"})
    assert (response.status_code, response.content) == (200, b"")


# Errors


@pytest.mark.parametrize(("path", "status"), REFUSED.items())
def test_refusals_look_like_pages_to_browsers_and_like_problems_to_programs(visit, path, status):
    page = Page(visit(path, status).text)
    assert len(page.all("h1")) == 1
    assert page.all("a", href="/")
    problem = visit(path, status, accept="application/json")
    assert problem.headers["Content-Type"] == "application/problem+json"


def test_the_api_never_answers_with_pages(visit):
    problem = visit("/v1/units/no-id", 422, accept="text/html,*/*;q=0.8")
    assert problem.headers["Content-Type"] == "application/problem+json"


def test_a_wrong_method_is_refused_as_a_page(country):
    response = country.client.post("/search", headers={"Accept": "text/html"})
    assert response.status_code == 405
    assert "does not take that method" in response.text
    assert "GET" in response.headers["Allow"]


# For everybody


def all_pages(house, visit):
    for path in paths(house):
        yield path, Page(visit(path).text)
    for path, status in REFUSED.items():
        yield path, Page(visit(path, status).text)


def test_every_page_has_a_language_a_title_and_one_main_heading(country, visit):
    for path, page in all_pages(country, visit):
        assert page.all("html", lang="vi"), path
        assert page.all("title")
        assert page.all("meta", name="viewport"), path
        assert len(page.all("main", id="content")) == 1
        assert len(page.all("h1")) == 1, path


def test_headings_leave_no_level_out(country, visit):
    for path, page in all_pages(country, visit):
        levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
        steps = [b - a for a, b in pairwise(levels)]
        assert max(steps, default=0) <= 1, (path, levels)


def test_every_box_has_a_label_and_ids_are_unique(country, visit):
    for path, page in all_pages(country, visit):
        ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
        assert len(ids) == len(set(ids)), path
        labelled = {attrs["for"] for attrs in page.all("label")}
        boxes = [a for a in page.all("input") if a.get("type") != "hidden"]
        assert all(attrs["id"] in labelled for attrs in boxes), path
        named = [
            a[n]
            for _, a in page.elements
            for n in ("aria-labelledby", "aria-describedby")
            if n in a
        ]
        assert set(named) <= set(ids), path


def test_english_is_marked_as_english(country, visit):
    for path, page in all_pages(country, visit):
        for _, attrs in page.elements:
            if "en" in attrs.get("class", "").split():
                assert attrs.get("lang") == "en", path


def test_every_link_inside_leads_somewhere(country, visit):
    seen = set()
    for path in paths(country):
        links = {a["href"] for a in Page(visit(path).text).all("a")}
        seen |= {href for href in links if href.startswith("/")}
    for href in seen:
        assert country.client.get(href).status_code == 200, href


# The reference of the API


def test_the_reference_tells_every_operation_and_every_shape(country, visit):
    page, document = Page(visit("/docs").text), country.client.get("/openapi.json").json()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert page.all("section", id=operation["operationId"])
            assert f"{method.upper()} {path}" in page.text
            for each in operation.get("parameters", []):
                assert each["name"] in page.text
    for name in document["components"]["schemas"]:
        assert page.all("section", id=f"shape-{name}")


def test_the_reference_needs_nothing_from_elsewhere(visit):
    page = Page(visit("/docs").text)
    assert not page.all("script")
    for _, given in page.elements:
        for name in ("src", "href"):
            assert given.get(name, "/")[0] in "/#"


def test_every_mark_in_the_reference_is_on_the_page(visit):
    page = Page(visit("/docs").text)
    ids = {given["id"] for _, given in page.elements if "id" in given}
    marks = {a["href"][1:] for a in page.all("a") if a["href"].startswith("#")}
    assert marks <= ids


def test_types_are_told_in_words():
    def words(schema):
        return "".join(word.text for word in type_of(schema))

    assert words({"type": "string", "format": "date"}) == "day (YYYY-MM-DD)"
    assert words({"anyOf": [{"$ref": "#/components/schemas/A"}, {"type": "null"}]}) == "A or null"
    assert words({"type": "array", "items": {"enum": ["a", "b"]}, "maxItems": 3}) == (
        "list of a, b, at most 3"
    )
    assert words({}) == "anything"


# In a real browser


@pytest.fixture
def served(country):
    """The same pages on a port of 127.0.0.1."""
    config = uvicorn.Config(country.app, port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def browse(folder, url):
    """The page as Chromium shows it: its document, and what the browser complained of."""
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"]
    options += [f"--user-data-dir={folder}", "--dump-dom"]
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)
    done = subprocess.run([CHROMIUM, *options, url], capture_output=True, text=True, timeout=90)
    complaints = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return SimpleNamespace(page=Page(done.stdout.strip()), complaints=complaints)


@pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed (apt-get install chromium)")
def test_a_browser_shows_the_pages_and_complains_of_nothing(country, served, tmp_path):
    for path in ("/docs", "/", "/search?q=xa+binh", f"/places/{country.ids[EVIL]}"):
        seen = browse(tmp_path / "profile", served + path)
        assert seen.complaints == [], path
        assert seen.page.all("h1"), path
    assert seen.page.all("svg")
    assert not seen.page.all("script")
