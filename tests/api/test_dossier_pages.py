"""The page on which a rehearsal is read: the small province, and Phú Thọ of 2025 as it was."""

from __future__ import annotations

import re

import pytest

from domain.dossier.tables import Heading
from services.dossiers.files.to_json import json_document
from services.reorganisation.dossiers import dossiers, key_of
from services.reorganisation.importing import checked, shipped
from services.reorganisation.opening import steps
from tests.api.test_dossiers import APPROVES, BOARD, Office, office
from tests.api.test_pages import Page
from tests.services.dossiers import DAY, DOSSIER, HEADING, TODAY, merger, tables, was

__all__ = ["office"]


def page(office: Office, id_: str, status: int = 200) -> Page:
    response = office.client.get(f"/dossiers/{id_}", headers={"Accept": "text/html"})
    assert response.status_code == status, response.text[:500]
    return Page(response.text)


def test_a_dossier_is_read_before_it_is_approved(office):
    id_ = office.draw_up()
    assert "Đạt: không có lỗi" in page(office, id_).text
    digest = office.checked(id_)
    shown = page(office, id_)
    assert f"{id_}/approvals" in shown.text
    assert f'"digest": "{digest}"' in shown.text
    assert "chuyên viên ( office-1 )" in shown.text
    for words in (
        "Xã Đồng Suối",
        "Đảng bộ xã Đồng Suối",
        "Tài liệu lưu trữ",
        "cấp cho nơi khác",
        "Người thôi giữ chức",
        "khớp",
    ):
        assert words in shown.text, words
    approved = office.act(f"/{id_}/approvals", APPROVES, digest=digest, **BOARD)
    assert approved.status_code == 201
    assert f"{id_}/carrying-out" in page(office, id_).text


def test_what_is_wrong_stands_first_and_nothing_is_offered(office):
    id_ = office.draw_up(tables(was("60009"), was("60003", name="Xã Sông")))
    shown = page(office, id_)
    assert re.search(r"Không đạt: \d+ lỗi", shown.text)
    assert "code-known" in shown.text
    assert not shown.all("pre")


def test_a_check_that_is_outdated_is_not_to_be_approved(office):
    id_ = office.draw_up()
    office.checked(id_)
    other = office.upload(_renamed(), path=f"/{id_}", method="PUT")
    assert other.status_code == 201
    assert "approvals" not in page(office, id_).text


def _renamed() -> bytes:
    return json_document(HEADING, merger("Xã Suối Đồng"))


def test_what_was_carried_out_and_what_was_withdrawn_is_told(office):
    id_ = office.draw_up()
    office.approved(id_)
    assert office.act(f"/{id_}/carrying-out", APPROVES).status_code == 201
    shown = page(office, id_)
    assert "Đã thực hiện" in shown.text
    assert "Xã Đồng Suối" in shown.text
    assert not shown.all("pre")
    withdrawn = office.draw_up(heading=Heading("Hồ sơ khác", DAY, key="an/2"))
    office.act(f"/{withdrawn}/withdrawals", reason="Chưa đủ hồ sơ")
    told = page(office, withdrawn).text
    assert "Đã rút" in told
    assert "Chưa đủ hồ sơ" in told


def test_words_of_a_drafter_are_shown_as_text(office):
    evil = 'Xã <script>alert(1)</script> & "Bạn"'
    id_ = office.draw_up(merger(evil))
    shown = page(office, id_)
    assert not shown.all("script")
    assert evil in shown.text


def test_nobody_is_told_as_such(office):
    page(office, str(DOSSIER), 404)
    page(office, "nothing", 404)


def test_a_page_tells_one_thing_once_and_each_part_by_name(office):
    shown = page(office, office.draw_up())
    ids = [attrs["id"] for _, attrs in shown.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    named = [a["aria-labelledby"] for _, a in shown.elements if "aria-labelledby" in a]
    assert set(named) <= set(ids)
    links = [a["href"] for a in shown.all("a") if a.get("href", "").startswith("#")]
    assert {link.removeprefix("#") for link in links} <= set(ids)


@pytest.mark.timeout(300)
def test_a_real_province_passes_and_is_drawn(office):
    """Phú Thọ, Vĩnh Phúc and Hòa Bình became Phú Thọ: 468 communes became 148."""
    lists = checked(shipped())
    olds = {"before/25", "before/26", "before/17"}
    for step in steps(lists):
        if step.key in olds:
            office.register.execute(*step.commands)
    heading, rows = next(d for d in dossiers(lists) if d[0].key == key_of("25"))
    id_ = office.draw_up(rows, heading)
    rehearsal = office.get(f"/{id_}/rehearsal").json()
    assert (rehearsal["passes"], rehearsal["balanced"]) == (True, True)
    shown = page(office, id_)
    assert "Đạt: không có lỗi" in shown.text
    begun = rehearsal["events"]["unit.established"]
    assert len(shown.all("figure")) == begun > 100
    sums = {b["sort"]: (b["before"], b["after"]) for b in rehearsal["balances"]}
    before = sum(b for s, (b, _) in sums.items() if s.startswith("unit.commune."))
    after = sum(a for s, (_, a) in sums.items() if s.startswith("unit.commune."))
    of_levels = [(d.before, d.after) for d in rows.declared if d.level == "commune"]
    assert [(before, after)] == of_levels
    assert heading.effective_on < TODAY
