"""Reads: the same content in three forms, pages, ETags, and what an answer rests on."""

import csv
import io
import json
import re
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from uuid import UUID

import orjson
import psycopg
import pytest

from api.cursors import Cursor, Ground
from api.render import cell, plain, to_csv, to_json
from domain.envelope import Authority
from domain.unit import AdministrativeUnit
from projections.catalogue import VIEWS
from services.commands import Rename
from tests.api.conftest import said
from tests.logs import envelope

BASIS = ("Sogoc-Position", "Sogoc-Epoch", "Sogoc-Projection", "Sogoc-Lag", "ETag")
POINT = ("Sogoc-Valid-At", "Sogoc-Known-At")


def tables(house):
    """Every read that is a table."""
    unit, organisation = house.ids["Huyện Bình"], house.ids["Đảng bộ tỉnh An"]
    for path, id_ in (("/v1/units", unit), ("/v1/organisations", organisation)):
        yield path
        for what in ("tree", "ancestors", "descendants", "history?superseded=true", "audit"):
            yield f"{path}/{id_}/{what}"
        yield from (f"{path}/{id_}/successors", f"{path}/{id_}/predecessors")
    yield "/v1/audit?document=202/2025/QH15"
    yield "/v1/crosswalk?from=2025-01-01&to=2025-07-01&codes=01001&codes=99999"
    yield "/v1/diff?category=units&from=2024-12-31"
    yield f"/v1/why?category=units&id={unit}&field=name"
    yield "/v1/rules?on=2025-07-01"


def test_every_table_is_the_same_in_all_forms(house):
    for path in tables(house):
        items = house.get(path).json()["items"]
        lines = house.get(path, "application/x-ndjson").text.splitlines()
        assert [json.loads(line) for line in lines] == items, path
        text = house.get(path, "text/csv").content.decode()
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        assert rows == [{k: cell(v) for k, v in item.items()} for item in items], path


def test_most_tables_of_the_small_country_have_rows(house):
    empty = [path for path in tables(house) if not house.get(path).json()["items"]]
    assert all(re.search("successors|predecessors|ancestors", path) for path in empty)


def test_one_thing_is_a_row_too(house):
    path = f"/v1/units/{house.ids['Xã Bình 1']}"
    one = house.get(path).json()
    assert json.loads(house.get(path, "application/x-ndjson").text) == one
    [row] = csv.DictReader(io.StringIO(house.get(path, "text/csv").text, newline=""))
    assert row == {k: cell(v) for k, v in one.items()}


def test_every_read_says_what_it_rests_on(house):
    for path in one_and_tables(house):
        headers = house.get(path).headers
        assert all(name in headers for name in (*BASIS, *POINT)), path
        assert re.fullmatch(r"[a-z]+/\d+(, [a-z]+/\d+)*", headers["Sogoc-Projection"])
        assert headers["Vary"] == "Accept"


def test_an_answer_rests_on_the_read_models_that_it_needs(house):
    unit, organisation = house.ids["Huyện Bình"], house.ids["Đảng bộ tỉnh An"]
    for path, views in {
        f"/v1/units/{unit}": ["units"],
        f"/v1/units/{unit}/tree": ["units"],
        f"/v1/organisations/{organisation}": ["organisations"],
        f"/v1/organisations/{organisation}/successors": ["lineage", "organisations"],
        f"/v1/units/{unit}/audit": ["audit", "organisations", "units"],
    }.items():
        named = house.get(path).headers["Sogoc-Projection"].split(", ")
        assert [view.partition("/")[0] for view in named] == views, path


def one_and_tables(house):
    """Every read that says what it rests on."""
    yield f"/v1/units/{house.ids['Huyện Bình']}"
    yield f"/v1/organisations/{house.ids['Đảng bộ tỉnh An']}"
    yield from (path for path in tables(house) if not path.startswith("/v1/rules"))


def test_what_one_has_already_is_not_sent_again(house):
    for path in [*one_and_tables(house), "/v1/rules?on=2025-07-01"]:
        first = house.get(path)
        again = house.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b""), path
        assert again.headers["ETag"] == first.headers["ETag"]
        other = house.get(path, "text/csv", headers={"If-None-Match": first.headers["ETag"]})
        assert other.status_code == 200


@contextmanager
def locked(dsn, *tables):
    """Tables that nobody can read meanwhile."""
    with psycopg.connect(dsn) as connection:
        connection.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
        yield


def test_what_one_has_already_is_known_without_touching_the_tables(house, postgres):
    schema = house.app.state.readings.schema
    for path in one_and_tables(house):
        tag = {"If-None-Match": house.get(path).headers["ETag"]}
        tables = [f"{schema}_{name}.spans" for name in ("units", "organisations")]
        with locked(postgres.dsn, *tables, f"{schema}_audit.lines", f"{schema}_lineage.edges"):
            assert house.get(path, headers=tag).status_code == 304, path


def test_what_one_has_of_a_point_seen_a_moment_ago_is_known_without_the_database(
    house, postgres, monkeypatch
):
    monkeypatch.setattr("services.reading.REMEMBERED_S", 3600)
    schema, known_at = house.app.state.readings.schema, house.register.store.position()
    marks = [f"{schema}_{name}.mark" for name in VIEWS]
    for path in one_and_tables(house):
        if path.startswith("/v1/diff"):
            pinned = f"{path}&to_known_at={known_at}"
        else:
            pinned = f"{path}{'&' if '?' in path else '?'}known_at={known_at}"
        first = house.get(pinned)
        with locked(postgres.dsn, *marks):
            told = house.client.get(pinned, headers={"If-None-Match": first.headers["ETag"]})
        assert told.status_code == 304, path
        for name in (*POINT, "ETag", "Sogoc-Epoch", "Sogoc-Projection", "Vary", "Cache-Control"):
            assert told.headers[name] == first.headers[name], name


def test_an_etag_rests_on_what_is_held_back_and_from_where(house, postgres):
    """Not on how many that are: one may be mended while another is parked."""
    one, other = house.ids["Xã Bình 1"], house.ids["Xã Bình 2"]
    path, table = f"/v1/units/{one}", f"{house.app.state.readings.schema}_units.parked"
    insert = f"INSERT INTO {table} VALUES (%s, %s, 1, 'folding', '')"
    tags = [house.get(path).headers["ETag"]]
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        try:
            for held in ([(one, 3)], [(other, 3)], [(other, 4)], [(one, 3), (other, 4)]):
                connection.execute(f"DELETE FROM {table}")
                connection.cursor().executemany(insert, held)
                answer = house.get(path, headers={"If-None-Match": ", ".join(tags)})
                assert answer.status_code == 200
                assert answer.headers["Sogoc-Parked"] == str(len(held))
                tags.append(answer.headers["ETag"])
                again = house.get(path, headers={"If-None-Match": tags[-1]})
                assert again.status_code == 304
        finally:
            connection.execute(f"DELETE FROM {table}")
    assert len(set(tags)) == len(tags)
    assert house.get(path, headers={"If-None-Match": tags[0]}).status_code == 304


def test_another_question_at_a_remembered_point_is_answered(house, monkeypatch):
    monkeypatch.setattr("services.reading.REMEMBERED_S", 3600)
    known_at = house.register.store.position()
    path = f"/v1/units/{house.ids['Xã Bình 1']}?known_at={known_at}"
    tag = {"If-None-Match": house.get(path).headers["ETag"]}
    assert house.client.get(path, headers=tag).status_code == 304
    assert house.client.get(f"{path}&valid_at=2025-02-01", headers=tag).status_code == 200
    other = f"/v1/units/{house.ids['Xã Bình 2']}?known_at={known_at}"
    assert house.client.get(other, headers=tag).status_code == 200


def test_a_difference_is_told_as_known_at_its_later_point_unless_said_otherwise(house):
    id_ = house.unit("Xã Sẽ Đổi", "commune", "Huyện Bình")
    before = house.register.store.position()
    house.record(f"/v1/units/{id_}/renamings", effective_on="2025-01-15", name="Xã Đã Đổi")
    whole = "/v1/diff?category=units&from=2025-01-10&to=2025-01-20"
    then = house.get(f"{whole}&to_known_at={before}").json()["items"]
    assert not any(item["id"] == id_ for item in then)
    assert any(item["id"] == id_ for item in house.get(whole).json()["items"])
    across = f"/v1/diff?category=units&from=2025-01-20&to=2025-01-20&to_known_at={before}"
    assert house.get(across).json()["items"] == []


def test_a_difference_says_to_which_undertaking_it_belongs(house):
    id_ = house.unit("Xã Theo Hồ Sơ", "commune", "Huyện Bình")
    by = Authority("Quốc hội")
    renamed = envelope(date(2025, 1, 15), correlation_id="dossier/1", authority=by)
    house.register.execute(
        Rename(id=UUID(id_), envelope=renamed, of=AdministrativeUnit, name="Xã Đã Sắp Xếp")
    )
    asked = "/v1/diff?category=units&from=2025-01-10&to=2025-01-20"
    found = [each for each in house.get(asked).json()["items"] if each["id"] == id_]
    assert [(each["field"], each["correlation_id"]) for each in found] == [("name", "dossier/1")]


def test_an_etag_changes_with_the_log_and_not_at_a_point(house):
    pinned = f"/v1/units?known_at={house.register.store.position()}"
    before, then = house.get("/v1/units"), house.get(pinned)
    house.unit("Xã Thêm", "commune", "Huyện Bình")
    assert house.get("/v1/units").headers["ETag"] != before.headers["ETag"]
    assert house.get(pinned).headers["ETag"] == then.headers["ETag"]
    assert house.get(pinned).content == then.content


def test_filters(house):
    def names(query):
        return [u["name"] for u in house.get(f"/v1/units?{query}").json()["items"]]

    binh = house.ids["Huyện Bình"]
    assert names("level=district") == ["Huyện Bình", "Huyện Đông"]
    assert names("name=dong 2") == ["Xã Đông 2"]
    assert names("name=ĐÔNG 2") == ["Xã Đông 2"]
    assert names("code=01001") == ["Xã Bình 1"]
    assert names("code=01001&scheme=other") == []
    assert names("roots=true") == ["Tỉnh An"]
    assert names(f"parent={binh}&type=xa&name=binh") == ["Xã Bình 1", "Xã Bình 2", "Xã Bình 3"]
    assert "Huyện Bình" not in names(f"subtree={house.ids['Tỉnh An']}&level=commune")
    assert names("valid_at=2024-12-31") == []


def test_organisations_on_a_unit(house):
    query = f"unit={house.ids['Tỉnh An']}&kind=province&status=active"
    [found] = house.get(f"/v1/organisations?{query}").json()["items"]
    assert found["name"] == "Đảng bộ tỉnh An"


def test_a_tree_tells_depths(house):
    tree = house.get(f"/v1/units/{house.ids['Tỉnh An']}/tree?depth=1").json()["items"]
    assert [(n["name"], n["depth"]) for n in tree] == [
        ("Tỉnh An", 0),
        ("Huyện Bình", 1),
        ("Huyện Đông", 1),
    ]


def test_the_old_answer_can_still_be_asked_for(house):
    id_ = house.unit("Xã Cũ", "commune", "Huyện Bình")
    before = house.register.store.position()
    instant = house.register.store.recorded_at(before).astimezone(UTC).isoformat()
    house.record(f"/v1/units/{id_}/renamings", effective_on="2025-02-01", name="Xã Mới")
    for known_at in (before, instant.replace("+00:00", "Z")):
        read = house.get(f"/v1/units/{id_}", params={"known_at": known_at})
        assert read.json()["name"] == "Xã Cũ"
        assert read.headers["Sogoc-Known-At"] == str(before)
    assert house.get(f"/v1/units/{id_}").json()["name"] == "Xã Mới"


def test_pages_show_each_row_once_while_others_write(house):
    seen, path = [], "/v1/units?level=commune&limit=2"
    whole = [u["id"] for u in house.get("/v1/units?level=commune").json()["items"]]
    while path:
        page = house.get(path)
        seen += [u["id"] for u in page.json()["items"]]
        assert ("next" in page.links) == (page.json()["next"] is not None)
        path = page.json()["next"]
        if len(seen) == 2:
            house.unit("Xã Aa Chen Ngang", "commune", "Huyện Bình")
            house.record(
                f"/v1/units/{whole[0]}/renamings", effective_on="2025-01-15", name="Xã Zz Cuối"
            )
    assert seen == whole


def test_pages_of_the_trail_and_of_differences(house):
    for path in ("/v1/audit?limit=3", "/v1/diff?category=units&from=2024-12-31&limit=3"):
        seen: list[object] = []
        whole = house.get(path.replace("limit=3", "limit=1000")).json()["items"]
        while path:
            page = house.get(path).json()
            seen, path = seen + page["items"], page["next"]
        assert len(seen) > 3
        assert seen == whole


def test_a_cursor_of_another_question_is_refused(house):
    path = house.get("/v1/units?limit=2").json()["next"]
    _, cursor = path.split("&cursor=")
    for other in (
        f"/v1/units?level=commune&cursor={cursor}",
        f"/v1/units?valid_at=2025-06-30&cursor={cursor}",
        f"/v1/units?known_at=2&cursor={cursor}",
        f"/v1/organisations?cursor={cursor}",
        f"/v1/units?cursor={cursor[:-4]}",
        "/v1/units?cursor=AAAA",
    ):
        refused = house.get(other)
        assert refused.status_code == 422, other
        assert refused.json()["type"] == "/problems/cursor-refused"
    assert house.get(f"/v1/units?cursor={cursor}").status_code == 200


def test_a_cursor_keeps_its_value():
    ground = Ground(UUID(int=7), "units/1", date(2025, 7, 1), 17, "abc")
    cursor = Cursor(ground, ("đ", 3, None))
    assert Cursor.parse(str(cursor)) == cursor


def a_cursor(house):
    path = house.get("/v1/units?limit=2").json()["next"]
    before, text = path.split("&cursor=")
    return before, Cursor.parse(text)


def test_a_cursor_of_another_log_is_refused(house):
    path, cursor = a_cursor(house)
    other = replace(cursor, ground=cursor.ground._replace(epoch=UUID(int=7), known_at=10**9))
    for asked in (f"{path}&cursor={other}", f"/v1/units?limit=2&cursor={other}"):
        refused = house.client.get(asked)
        assert refused.status_code == 409
        assert refused.json()["type"] == "/problems/other-epoch"


def test_a_cursor_of_another_layout_is_refused(house):
    path, cursor = a_cursor(house)
    other = replace(cursor, ground=cursor.ground._replace(layouts="units/0"))
    refused = house.client.get(f"{path}&cursor={other}")
    assert refused.status_code == 422
    assert refused.json()["type"] == "/problems/cursor-refused"
    assert "layout" in refused.json()["detail"]


def test_the_longest_names_have_pages_too(house):
    """A cursor holds the sort key of the last row, which is longer than the name."""
    names = [f"Xã {'Ữ' * 190} {n}" for n in range(3)]
    for name in names:
        house.unit(name, "commune", "Huyện Bình", superior_id=house.ids["Huyện Bình"])
    path, seen = "/v1/units?name=uuuuuuuu&limit=1", []
    while path:
        page = house.get(path)
        assert page.status_code == 200, page.text
        seen += [unit["name"] for unit in page.json()["items"]]
        path = page.json()["next"]
    assert seen == names


def test_what_is_given_whole_has_an_end(house, monkeypatch):
    path = f"/v1/units/{house.ids['Tỉnh An']}"
    monkeypatch.setattr("api.reads.ROWS_MAX", 2)
    for what in ("tree", "descendants"):
        refused = house.get(f"{path}/{what}")
        assert refused.status_code == 422
        assert refused.json()["type"] == "/problems/answer-too-large"
        assert refused.json()["limit"] == 2
    assert house.get(f"{path}/tree?depth=0").status_code == 200


def test_waiting_for_a_position_that_is_not_there_is_refused(house):
    ahead = house.register.store.position() + 1000
    refused = house.client.get("/v1/units", headers={"Min-Position": str(ahead)})
    assert refused.status_code == 422


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("'=1+1", "''=1+1"),
        ("-2", "'-2"),
        ("@a", "'@a"),
        ("+84", "'+84"),
        ("\tx", "'\tx"),
        ("'quoted'", "'quoted'"),
        ("a=b", "a=b"),
        ("Đông", "Đông"),
    ],
)
def test_a_spreadsheet_is_given_nothing_to_run(text, written):
    assert cell(text) == written
    taken_off = written[1:] if re.match(r"'+[=+@\t\r-]", written) else written
    assert taken_off == text


class Side(StrEnum):
    LEFT = "trái"


@dataclass(frozen=True, slots=True)
class Held:
    when: datetime
    by: tuple[UUID, ...]


def test_json_is_written_as_plain_says():
    hanoi = timezone(timedelta(hours=7))
    held = Held(datetime(2025, 7, 1, tzinfo=hanoi), (UUID(int=7),))
    values = [held, Side.LEFT, {Side.LEFT: {1, 2}}, {7: None}, (True, 1.5), date.min]
    values += [Ground(UUID(int=7), "units/1", date(2025, 7, 1), 17, "abc"), VIEWS.keys()]
    for value in values:
        assert to_json(value) == orjson.dumps(plain(value))
    assert to_json(held) == (
        b'{"when":"2025-06-30T17:00:00.000000Z","by":["00000000-0000-0000-0000-000000000007"]}'
    )
    with pytest.raises(TypeError):
        to_json(object())


def test_csv_is_rfc_4180():
    rows = [{"a": 'x,"y"\r\nz', "b": ["1", "2"], "c": None, "d": True, "e": {"k": 1}}]
    assert to_csv(["a", "b", "c", "d", "e"], rows) == (
        b'a,b,c,d,e\r\n"x,""y""\r\nz",1; 2,,true,"{""k"":1}"\r\n'
    )
    assert cell(["a; b"]) == '["a; b"]'


def test_why_names_the_event_and_what_it_superseded(house):
    id_ = house.unit("Xã Vì Sao", "commune", "Huyện Đông")
    told = house.record(f"/v1/units/{id_}/renamings", effective_on="2025-02-01", name="Xã Vì Thế")
    why = house.get(f"/v1/why?category=units&id={id_}&field=name").json()
    assert why["value"] == "Xã Vì Thế"
    assert [(s["standing"], s["value"]) for s in why["items"]] == [
        ("decides", "Xã Vì Thế"),
        ("superseded", "Xã Vì Sao"),
    ]
    assert why["items"][0]["position"] == told["position"]


def test_many_codes_at_once(house):
    body = {"from": "2025-01-01", "to": "2025-07-01", "codes": [f"{n:05}" for n in range(10_000)]}
    told = house.client.post("/v1/crosswalk", json=body)
    assert told.status_code == 200
    found = [row for row in told.json()["items"] if row["found_id"]]
    assert {row["code"] for row in found} >= {"01001", "02003"}
    assert len({row["code"] for row in told.json()["items"]}) == 10_000


def test_names_are_crossed_beside_codes(house):
    between = {"from": "2025-01-01", "to": "2025-01-01"}
    names = [row["name"] for row in house.get("/v1/units?valid_at=2025-01-01").json()["items"]]
    body = between | {"codes": ["01001", names[0].upper(), "Xã Không Đâu Có"]}
    rows = house.client.post("/v1/crosswalk", json=body).json()["items"]
    assert {row["code"]: row["certainty"] for row in rows} == dict(
        zip(body["codes"], ("exact", "exact", "none"), strict=True)
    )
    assert [row["asked_name"] for row in rows][1:] == [names[0], None]
    assert (rows[0]["asked_code"], rows[0]["population_share"]) == ("01001", 1.0)
    told = house.client.get("/v1/crosswalk", params=between | {"codes": names[0]}).json()["items"]
    assert [row["found_name"] for row in told] == [names[0]]


def test_the_rules_of_a_day(house):
    before, after = (house.get(f"/v1/rules?on={d}").json() for d in ("2025-06-30", "2025-07-01"))
    assert before["id"] != after["id"]
    assert any(rule["key"] == "organisation.kind.commune_upper" for rule in after["items"])


def test_the_audit_speaks_both_languages(house):
    id_ = house.unit("Xã Hai Tiếng", "commune", "Huyện Đông")
    house.post(f"/v1/units/{id_}/renamings", said("2025-02-01", name="Xã Song Ngữ"))
    [founded, renamed] = house.get(f"/v1/units/{id_}/audit").json()["items"]
    assert "đổi tên" in renamed["vi"]
    assert "renamed" in renamed["en"]
    newest = house.get(f"/v1/units/{id_}/audit?newest_first=true").json()["items"]
    assert newest == [renamed, founded]
