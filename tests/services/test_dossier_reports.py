"""Reports on dossiers: what is told, and how it is written in each form."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl.reader.excel import load_workbook

from domain.dossier.dossier import Dossier
from domain.dossier.tables import Seats
from services.dossiers.commands import Withdraw
from services.dossiers.rehearsing import rehearse
from services.dossiers.reporting.completion import (
    completion_report,
    crosswalk_report,
    impact_report,
)
from services.dossiers.reporting.crosswalk import Crossing
from services.dossiers.reporting.drawing import BOXES_MAX, drawings
from services.dossiers.reporting.frame import DossierReport, Table
from services.dossiers.reporting.page import html
from services.dossiers.reporting.rehearsal import rehearsal_report
from services.dossiers.reporting.writing import csv_archive, csv_files, plain, workbook
from services.work import Work
from tests.services.dossiers import (
    DAY,
    DOSSIER,
    DRAFTER,
    FOLLOW,
    HEADING,
    LEADS,
    TODAY,
    act,
    becomes,
    carried_out,
    country,
    id_of,
    merger,
    people,
    tables,
    was,
    went,
)


@pytest.fixture
def province(register):
    for command in (*country(), *people()):
        register.execute(command)
    return register


def rehearsed(register, of) -> DossierReport:
    work = Work(register.store, register.rules)
    dossier = Dossier.drawn_up(DOSSIER, HEADING, of, act())
    at = register.store.position()
    return rehearsal_report(work, dossier, rehearse(work, dossier, DRAFTER, TODAY, at), 0.4)


def done(register) -> DossierReport:
    return completion_report(register.store, register.rules, DOSSIER, TODAY)


def table(report: DossierReport, name: str) -> Table:
    return next(each for each in report.tables if each.name == name)


def rows(report: DossierReport, name: str, *fields: str) -> list[tuple[Any, ...]]:
    return [tuple(getattr(row, f) for f in fields) for row in table(report, name).rows]


def divided():
    """Of xã Đồng a part goes to xã Núi, the rest to a new one; xã Núi takes a new name."""
    return tables(
        was("60001", name="Xã Đồng"),
        was("60003"),
        becomes("60001", name="Xã Đồng Mới", type="xa", superior="60", keeps="-"),
        becomes("60003", name="Xã Núi Cao", keeps="60003"),
        went("60001", "60001", "part", is_default=True, population=6_000, area=3_000_000),
        went("60001", "60003", "part", population=2_000, area=1_000_000),
        *FOLLOW,
    )


# The rehearsal


def test_a_rehearsal_tells_what_begins_and_who_takes_over(province):
    report = rehearsed(province, merger())
    assert report.is_good
    assert rows(report, "begun", "code", "called", "way", "document") == [
        ("60001", "Xã Đồng Suối", "merger", "1700/NQ-UBTVQH15"),
        ("60001", "Đảng bộ xã Đồng Suối", "merger", "21-QĐ/TU"),
    ]
    [(heirs,)] = [r[1:] for r in rows(report, "ended", "called", "heirs") if r[0] == "Xã Suối"]
    assert [(h.code, h.called, h.extent) for h in heirs] == [("60001", "Xã Đồng Suối", "whole")]


def test_a_rehearsal_tells_what_was_and_what_it_becomes(province):
    of = tables(was("60003"), becomes("60103", name="Phường Núi", type="phuong"), *FOLLOW)
    of = replace(of, after=(replace(of.after[0], keeps="60003"),))
    report = rehearsed(province, of)
    for name, expected in (
        ("renamed", ("Xã Núi", "Phường Núi")),
        ("sort_changed", ("xa", "phuong")),
        ("recoded", ("60003", "60103")),
    ):
        told = rows(report, name, "was", "is_", "document")
        assert told[0] == (*expected, "1700/NQ-UBTVQH15")


def test_holders_who_lose_posts_are_told_by_record_and_never_by_name(province):
    report = rehearsed(province, merger())
    told = rows(report, "posts", "of_called", "what", "called")
    assert {(of, what) for of, what, _ in told} == {("Đảng bộ xã Suối", id_of(LEADS))}
    assert "Bí thư" in html(report) or "bí thư" in html(report)


def test_what_is_affected_is_counted_by_how_it_is_settled(province):
    report = rehearsed(province, merger())
    assert ("posts", "end", 2) in rows(report, "settled", "sort", "rule", "number")
    assert ("subordinates", "default_successor", 2) in rows(
        report, "settled", "sort", "rule", "number"
    )


def test_an_error_is_told_with_its_place_and_makes_the_verdict(province):
    report = rehearsed(province, tables(was("69999"), becomes("69999", name="Xã Không")))
    assert not report.is_good
    assert ("before", 1, "code", "code-known") in rows(
        report, "findings", "table", "row", "field", "rule"
    )
    assert "Không đạt" in html(report)
    assert "Not passed" in html(report, "en")


def test_vacancies_and_codes_are_told(province):
    of = merger()
    seats = (Seats(1, "commune_upper", "executive_committee", "secretary", 1, DAY),)
    report = rehearsed(province, replace(of, seats=seats))
    assert rows(report, "vacancies", "seat", "seats", "filled", "due_on") == [
        ("executive_committee.secretary", 1, 0, DAY)
    ]
    assert set(rows(report, "codes", "code", "change")) == {
        ("60001", "reused"),
        ("60002", "retired"),
    }


# The drawing


def test_a_merger_is_drawn_once_and_organisations_that_follow_are_not_drawn_again(province):
    [drawing] = rehearsed(province, merger()).drawings
    assert [box.called for box in drawing.boxes] == ["Xã Đồng", "Xã Suối", "Xã Đồng Suối"]
    assert [ribbon.extent for ribbon in drawing.ribbons] == ["whole", "whole"]


def test_n_to_m_is_drawn_together_with_defaults_and_what_lives_on(province):
    [drawing] = [d for d in rehearsed(province, divided()).drawings if d.subject == "unit"]
    assert sorted(r.extent for r in drawing.ribbons) == ["part", "part", "stays"]
    assert [r.words[1] for r in drawing.ribbons if r.mark] == ["Xã Đồng Mới"]
    assert len(drawing.boxes) == 4


def test_every_ribbon_ends_at_boxes_of_its_drawing(province):
    [drawing] = [d for d in rehearsed(province, divided()).drawings if d.subject == "unit"]
    for ribbon in drawing.ribbons:
        numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", ribbon.path)]
        ys = [box for box in drawing.boxes if box.y <= numbers[1] <= box.y + box.height]
        assert ribbon.words[0] in {box.called for box in ys}


def test_what_is_too_large_is_drawn_around_each_new_one():
    crossing = Crossing(
        subject="unit",
        old_id=id_of("cũ"),
        old_code="1",
        old_called="Xã Cũ",
        level="commune",
        old_sort="xa",
        new_id=id_of("mới"),
        new_code="1",
        new_called="Xã Mới",
        new_sort="xa",
        extent="part",
        is_default=False,
        lives_on=False,
        population=None,
        area=None,
        share=None,
        document=None,
    )
    made = [
        replace(crossing, new_id=id_of(f"mới {n}"), new_code=f"{n:05}", new_called=f"Xã {n}")
        for n in range(BOXES_MAX)
    ]
    drawn = drawings(made)
    assert [drawing.title for drawing in drawn] == [f"Xã {n}" for n in range(BOXES_MAX)]
    assert {(len(d.boxes), d.boxes[0].elsewhere) for d in drawn} == {(2, BOXES_MAX - 1)}
    [together] = drawings(made[: BOXES_MAX - 1])
    assert (len(together.boxes), together.boxes[0].elsewhere) == (BOXES_MAX, 0)


# The forms


def test_a_page_needs_nothing_beside_it(province):
    page = html(rehearsed(province, merger()))
    assert "<script" not in page
    assert not re.findall(r'(?:src|href)="(?!#)', page)
    assert '<html lang="vi">' in page
    assert "<svg" in page


def test_names_are_escaped_on_a_page(province):
    of = merger("Xã <b>Đồng</b>")
    page = html(rehearsed(province, of))
    assert "<b>" not in page
    assert "&lt;b&gt;Đồng" in page


def test_csv_has_official_headings_and_one_file_a_table(province):
    files = csv_files(rehearsed(province, merger()))
    lines = list(csv.reader(StringIO(files["ended.csv"].removeprefix("\ufeff"))))
    assert lines[0][:4] == ["Đối tượng", "Mã", "Tên", "Loại"]
    assert ["đơn vị hành chính", "60002", "Xã Suối", "xã"] in [line[:4] for line in lines]
    english = csv_files(rehearsed(province, merger()), "en")
    assert english["ended.csv"].removeprefix("\ufeff").startswith("Subject,Code,Name")


def test_a_text_that_a_spreadsheet_would_run_is_written_as_a_text(province):
    files = csv_files(rehearsed(province, merger("=Xã")))
    assert ",'=Xã," in files["begun.csv"]


def test_an_archive_has_the_same_bytes_each_time(province):
    report = rehearsed(province, merger())
    archive = csv_archive(report)
    assert archive == csv_archive(report)
    assert "balances.csv" in ZipFile(BytesIO(archive)).namelist()


def test_a_workbook_has_a_sheet_a_table_and_codes_stay_texts(province):
    book = load_workbook(BytesIO(workbook(rehearsed(province, merger()))))
    sheet = book["Kết thúc hoạt động"]
    assert [cell.value for cell in sheet[1]][:3] == ["Đối tượng", "Mã", "Tên"]
    assert "60002" in {row[1].value for row in sheet.iter_rows()}


def test_plain_values_are_codes_for_programs(province):
    told = plain(rehearsed(province, merger()))["tables"]
    assert {"before", "after", "holds"} <= told["balances"][0].keys()
    assert all(row["holds"] is True for row in told["balances"])
    assert told["ended"][0]["heirs"][0]["extent"] == "whole"


# After it


def test_a_completion_tells_who_did_what_and_what_was_recorded(province):
    carried_out(province, merger())
    report = done(province)
    acts = rows(report, "acts", "act", "actor")
    assert acts == [
        ("dossier.drafted", "office-1"),
        ("dossier.checked", "office-1"),
        ("dossier.approved", "office-2"),
        ("dossier.carried-out", "office-2"),
    ]
    outcome = province.store.position()
    assert any(str(outcome) in str(fact.value) for fact in report.facts)
    assert ("unit.ended", 2) in rows(report, "events", "topic", "number")
    assert len(rows(report, "begun", "code")) == 2
    assert ("archives", "Đảng bộ xã Suối", "Đảng bộ xã Đồng Suối") in rows(
        report, "handed_over", "sort", "of_called", "to_called"
    )
    assert "office-2" in html(report)


def test_vacancies_are_told_as_of_today(province):
    seats = (Seats(1, "commune_upper", "executive_committee", "secretary", 1, DAY),)
    carried_out(province, replace(merger(), seats=seats))
    assert rows(done(province), "vacancies", "seat", "filled") == [
        ("executive_committee.secretary", 0)
    ]


def test_a_withdrawn_one_tells_that_it_has_no_effect(province):
    ahead = replace(HEADING, effective_on=DAY.replace(year=2027))
    carried_out(province, merger(), ahead)
    province.execute(Withdraw(id=DOSSIER, envelope=act(reason="hoãn"), today=TODAY))
    report = done(province)
    assert not report.is_good
    assert rows(report, "acts", "act", "reason")[-1] == ("dossier.withdrawn", "hoãn")
    assert rows(report, "ended", "called") == []


def test_a_correction_tells_which_answers_changed(province):
    carried_out(province, merger())
    carried_out(province, merger("Xã Đồng Xuân"))
    [unit] = [r for r in table(impact_report(province.store, DOSSIER), "impact").rows
              if r.subject == "unit"]  # fmt: skip
    assert (unit.field, unit.old, unit.new) == ("name", "Xã Đồng Suối", "Xã Đồng Xuân")
    assert table(done(province), "impact").rows
    assert "đính chính 1 lần" in html(done(province))


# The crosswalk


def test_a_crosswalk_goes_both_ways_with_shares_of_the_people(province):
    carried_out(province, divided())
    report = crosswalk_report(province.store, province.rules, DOSSIER)
    fields = ("old_code", "new_code", "extent", "is_default", "population", "share")
    units = [row for row in table(report, "old_to_new").rows if row.subject == "unit"]
    assert [tuple(getattr(row, f) for f in fields) for row in units] == [
        ("60001", "60001", "part", True, 6_000, 0.75),
        ("60001", "60003", "part", False, 2_000, 0.25),
        ("60003", "60003", "whole", True, None, None),
    ]
    back = [row for row in table(report, "new_to_old").rows if row.subject == "unit"]
    assert [(row.new_code, row.old_code) for row in back] == [
        ("60001", "60001"),
        ("60003", "60001"),
        ("60003", "60003"),
    ]
    assert [row.share for row in back] == [1.0, None, None]
    assert {row.document for row in units} == {"1700/NQ-UBTVQH15"}


def test_a_crosswalk_is_a_workbook_with_official_headings(province):
    carried_out(province, merger())
    book = load_workbook(
        BytesIO(workbook(crosswalk_report(province.store, province.rules, DOSSIER)))
    )
    heads = [cell.value for cell in book["Bảng chuyển đổi - cũ sang mới"][1]]
    assert heads[1:5] == ["Mã cũ", "Tên cũ", "Cấp", "Loại cũ"]
