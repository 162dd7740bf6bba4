"""`sogoc report`: the list, and a report in each form."""

import csv
import io

from openpyxl.reader.excel import load_workbook

from services.reports.catalogue import REPORTS


def test_the_list_tells_the_options(town, sogoc):
    rows = sogoc("report").rows
    assert [row["id"] for row in rows] == sorted(REPORTS)
    assert rows[1]["options"] == "--from --to --superior"


def test_a_report_is_written_as_csv(town, sogoc, folder):
    file = folder / "rp01.csv"
    said = sogoc(
        "report", "RP-01", "--superior", "Đảng bộ tỉnh An Mới", "--valid-at", "2025-07-01",
        "--output", str(file), "--headings", "name", "--bom",
    )  # fmt: skip
    assert (said.code, said.out, said.err) == (0, "", "")
    text = file.read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    [row] = csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline=""))
    assert (row["superior"], row["kind"], row["number"]) == ("Đảng bộ tỉnh An Mới", "district", "1")


def test_a_report_is_written_as_a_workbook(town, sogoc, folder):
    file = folder / "rp02.xlsx"
    said = sogoc(
        "report", "RP-02", "--from", "2025-01-01", "--to", "01/01/2026", "--output", str(file)
    )
    assert (said.code, said.err) == (0, "")
    [sheet] = load_workbook(file).worksheets
    assert "Từ ngày: 01/01/2025" in [row[0] for row in sheet.values]


def test_a_table_has_its_headings(town, sogoc):
    said = sogoc("report", "RP-01", "--format", "table", "--valid-at", "2025-07-01")
    assert "Số lượng chi bộ, đảng bộ" in said.out
    assert "Đảng bộ tỉnh An Mới" in said.out


def test_what_is_not_well_asked_is_refused(town, sogoc):
    missing = sogoc("report", "RP-02", "--from", "2025-01-01")
    assert (missing.code, "--to" in missing.err) == (2, True)
    odd = sogoc("report", "RP-01", "--output", "report.doc")
    assert (odd.code, "--format" in odd.err) == (1, True)
    assert sogoc("report", "RP-99").code == 2
