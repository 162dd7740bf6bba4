"""Reports over HTTP: catalogue, forms, basis, refusals."""

import csv
import io
import json

import pytest
from openpyxl.reader.excel import load_workbook

from api.negotiation import XLSX
from services.reports.catalogue import REPORTS
from tests.api.test_problems import is_problem

JULY = "?valid_at=2025-07-01"
FORMULA = {"number": "178-KL/TW", "signatory": "=1+1"}
GIVEN = {"from": "2025-01-01", "to": "2026-01-01", "period": "2025", "year": 2025}


def asked(report):
    """The least a report can be asked with."""
    return {"valid_at": "2025-07-01"} | {
        each.name: GIVEN[each.name] for each in report.parameters if each.is_required
    }


def sheet_of(response):
    book = load_workbook(io.BytesIO(response.content))
    [sheet] = book.worksheets
    return sheet


def test_the_catalogue_names_every_report_with_its_columns(house):
    told = house.get("/v1/reports").json()["items"]
    assert [each["id"] for each in told] == sorted(REPORTS)
    for each in told:
        report = REPORTS[each["id"]]
        assert [c["heading"] for c in each["columns"]] == [c.heading for c in report.columns]
        assert house.get(each["href"], params=asked(report)).status_code == 200
    tag = house.get("/v1/reports").headers["ETag"]
    assert house.get("/v1/reports", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("id_", REPORTS)
def test_a_report_is_the_same_in_all_forms(house, id_):
    report, params = REPORTS[id_], asked(REPORTS[id_])
    told = house.get(f"/v1/reports/{id_}", params=params).json()
    items, names = told["items"], [column.name for column in report.columns]
    assert all(list(item) == names for item in items)
    lines = house.get(f"/v1/reports/{id_}", "application/x-ndjson", params=params).text
    assert [json.loads(line) for line in lines.splitlines()] == items
    text = house.get(f"/v1/reports/{id_}", "text/csv", params=params | {"headings": "name"}).text
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [list(row) for row in rows] == [names for _ in items]
    sheet = sheet_of(house.get(f"/v1/reports/{id_}", XLSX, params=params))
    headings = next(
        number for number, row in enumerate(sheet.values) if row[0] == report.columns[0].heading
    )
    assert sheet.max_row - headings - 1 == len(items)


def test_a_workbook_says_what_it_rests_on(house):
    answer = house.get("/v1/reports/RP-01?format=xlsx&valid_at=2025-07-01")
    assert answer.headers["Content-Type"] == XLSX
    position = answer.headers["Sogoc-Known-At"]
    name = f"RP-01_2025-07-01_{position}.xlsx"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    head = [row[0] for row in sheet_of(answer).values][:4]
    assert head == [
        "RP-01. Số lượng chi bộ, đảng bộ",
        "Organisations on a date",
        "Tình hình ngày 01/07/2025",
        "Theo những gì đã ghi nhận đến hết bản ghi số "
        f"{position}; sổ {answer.headers['Sogoc-Epoch']}",
    ]


def test_the_same_workbook_has_the_same_bytes_and_an_etag_of_its_own(house):
    path = "/v1/reports/RP-01?valid_at=2025-07-01&known_at=5"
    first, second = house.get(path, XLSX), house.get(path, XLSX)
    assert first.content == second.content
    assert first.headers["ETag"] == second.headers["ETag"]
    assert first.headers["ETag"] != house.get(path, "text/csv").headers["ETag"]
    assert first.headers["ETag"] != house.get(f"{path}&headings=en", XLSX).headers["ETag"]
    tag = {"If-None-Match": first.headers["ETag"]}
    assert house.get(path, XLSX, headers=tag).status_code == 304


def test_csv_begins_with_a_mark_for_who_wants_it(house):
    assert house.get("/v1/reports/RP-01?format=csv&bom=true").content[:3] == b"\xef\xbb\xbf"
    plain = house.get("/v1/reports/RP-01?format=csv").content.decode()
    assert plain.startswith("Tổ chức đảng cấp trên trực tiếp,Loại tổ chức đảng,Số lượng,")


def test_organisations_are_counted_by_superior_and_kind(house):
    items = house.get("/v1/reports/RP-01?valid_at=2025-02-01").json()["items"]
    found = [(i["superior"], i["kind"], i["number"], i["on_province_tinh"]) for i in items]
    assert (None, "province", 1, 1) in found
    assert ("Đảng bộ tỉnh An", "district", 1, None) in found
    under = house.ids["Đảng bộ tỉnh An"]
    below = house.get(f"/v1/reports/RP-01?valid_at=2025-02-01&superior={under}").json()["items"]
    assert [(i["kind"], i["number"]) for i in below] == [("district", 1)]


def test_changes_of_a_period_name_successor_and_decision(house):
    centre = {"authority": {"name": "Bộ Chính trị"}, "basis": [FORMULA]}
    above, unit = house.ids["Đảng bộ tỉnh An"], house.ids["Huyện Đông"]
    founded = house.record(
        "/v1/organisations",
        effective_on="2025-05-01",
        way="new",
        kind="district",
        name="Đảng bộ huyện Đông",
        superior_id=above,
        unit_id=unit,
        **centre,
    )
    id_ = founded["events"][0]["stream"]
    period = "from=2025-05-01&to=2025-06-01"
    [row] = house.get(f"/v1/reports/RP-02?{period}").json()["items"]
    assert (row["change"], row["superior"], row["decision"], row["effective_on"]) == (
        "founded",
        "Đảng bộ tỉnh An",
        "178-KL/TW",
        "2025-05-01",
    )
    sheet = sheet_of(house.get(f"/v1/reports/RP-02?{period}&format=xlsx"))
    [cell] = [cell for row in sheet.iter_rows() for cell in row if cell.value == "=1+1"]
    assert cell.data_type in ("s", "inlineStr")
    assert ",'=1+1," in house.get(f"/v1/reports/RP-02?{period}", "text/csv").text
    before = house.get(f"/v1/reports/RP-02?{period}&known_at={founded['position'] - 1}")
    assert before.json()["items"] == []
    house.record(
        f"/v1/organisations/{id_}/voidings",
        effective_on="2025-05-01",
        voids=founded["position"],
        **centre,
    )
    assert house.get(f"/v1/reports/RP-02?{period}").json()["items"] == []


def test_what_cannot_be_asked_is_refused(house):
    told = is_problem(house.get("/v1/reports/RP-01?superiour=1"), 422, "malformed-request")
    assert told["field"] == "superiour"
    is_problem(house.get("/v1/reports/RP-01?format=pdf"), 422, "malformed-request")
    is_problem(house.get("/v1/reports/RP-01", "image/png"), 406, "not-acceptable")
    told = is_problem(house.get("/v1/reports/RP-02?from=2025-01-01"), 422, "malformed-request")
    assert told["field"] == "to"
    is_problem(house.get("/v1/reports/RP-02?from=2025-01-01&to=2025-01-01"), 422)
    is_problem(house.get("/v1/reports/RP-99"), 404, "no-such-route")
