"""A reorganisation over HTTP: from a file to the day, by two persons, whole or not at all."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from domain.envelope import Actor
from domain.unit import AdministrativeUnit
from services.access import Holder, Tokens
from services.commands import Rename
from services.dossiers.files.reading import read_bytes
from services.dossiers.files.to_csv import csv_files, zipped
from services.dossiers.files.to_json import json_document
from services.dossiers.files.to_workbook import workbook
from services.reading import Readings
from services.register import Register
from tests.api.conftest import drop
from tests.api.test_problems import is_problem
from tests.services.dossiers import (
    HEADING,
    STATE,
    STOOD,
    TODAY,
    country,
    envelope,
    id_of,
    merger,
    people,
    tables,
    was,
)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OFFICE = {"authority": {"name": "Văn phòng Tỉnh ủy"}}
BOARD = {"authority": {"name": "Ban Thường vụ Tỉnh ủy An"}}
DRAFTS, APPROVES = "a-token-that-drafts", "a-token-that-approves"
HOLDERS = {
    sha256(DRAFTS.encode()).hexdigest(): Holder(Actor("office-1", "chuyên viên")),
    sha256(APPROVES.encode()).hexdigest(): Holder(Actor("office-2", "chánh văn phòng")),
}
_schemas = count(1)


class Office:
    """A province in a register of its own, and who speaks to it."""

    def __init__(self, register: Register, client: TestClient) -> None:
        self.register, self.client = register, client

    def send(self, method: str, path: str, token: str = DRAFTS, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"} | more.pop("headers", {})
        return self.client.request(method, f"/v1/dossiers{path}", headers=headers, **more)

    def act(self, path: str, token: str = DRAFTS, headers: Any = None, **facts: Any) -> Any:
        return self.send("POST", path, token, json=OFFICE | facts, headers=headers or {})

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(f"/v1/dossiers{path}", **more)

    def draw_up(self, of: Any = None, heading: Any = HEADING, **headers: str) -> str:
        """The id of a dossier with these rows."""
        response = self.upload(json_document(heading, of or merger()), headers=headers)
        assert response.status_code == 201, response.text
        return str(response.json()["id"])

    def upload(
        self,
        content: bytes,
        form: str = "application/json",
        path: str = "",
        method: str = "POST",
        headers: Any = None,
    ) -> Any:
        given = {"Content-Type": form} | (headers or {})
        return self.send(method, path, content=content, headers=given)

    def checked(self, id_: str) -> str:
        """The digest of what it passed its check with."""
        response = self.act(f"/{id_}/checks")
        assert response.status_code == 201, response.text
        return str(response.json()["digest"])

    def approved(self, id_: str) -> str:
        digest = self.checked(id_)
        response = self.act(f"/{id_}/approvals", APPROVES, digest=digest, **BOARD)
        assert response.status_code == 201, response.text
        return digest


@pytest.fixture
def office(postgres, quiet) -> Iterator[Office]:
    schema = f"api_dossiers_{next(_schemas)}"
    environment = {
        "PERSISTENCE_MODULE": "ops.store",
        "SOGOC_DSN": postgres.dsn,
        "SOGOC_SCHEMA": schema,
    }
    with Register(environment) as register:
        register.today = lambda: TODAY
        register.execute(*country())
        register.execute(*people())
        readings = Readings(None, schema, lambda: TODAY, None)  # type: ignore[arg-type]
        app = create_app(register, readings, Tokens(HOLDERS), today=lambda: TODAY)
        yield Office(register, TestClient(app, raise_server_exceptions=False))
    drop(postgres.dsn, schema)


def renamed() -> Rename:
    """Somebody else gives one of the touched units another name."""
    facts: dict[str, Any] = {"of": AdministrativeUnit, "id": id_of("60002")}
    return Rename(envelope=envelope(STOOD, STATE), name="Xã Suối Mới", **facts)


# Drawing up


@pytest.mark.parametrize("form", ["json", "xlsx", "zip"])
def test_it_is_drawn_up_from_any_form_of_file_and_given_back_in_all(office, form):
    content, media = {
        "json": (json_document(HEADING, merger()), "application/json"),
        "xlsx": (workbook(HEADING, merger()), XLSX),
        "zip": (zipped(csv_files(HEADING, merger())), "application/zip"),
    }[form]
    response = office.upload(content, media)
    assert response.status_code == 201, response.text
    told = response.json()
    assert told["events"] == {"dossier.drafted": 1, "dossier.stated": 1}
    assert response.headers["Location"] == f"/v1/dossiers/{told['id']}"
    for accept in ("application/json", XLSX, "application/zip"):
        given = office.get(f"/{told['id']}/tables", headers={"Accept": accept})
        assert given.headers["Content-Type"] == accept
        read = read_bytes("x", given.content)
        assert read.digest == read_bytes("y", content).digest, accept
    assert read.heading == HEADING


def test_everything_wrong_in_a_file_is_told_at_once(office):
    document = {
        "dossier": {"title": "Sắp xếp", "effective_on": "31/02/2026"},
        "before": [{"subject": "unit", "code": "60001", "extent": "whole"}],
        "transfers": [{"subject": "ward", "old": "60001", "new": "60001"}],
    }
    before = office.register.store.position()
    told = is_problem(office.send("POST", "", json=document), 422, "files-refused")
    places = {(f["table"], f["row"], f["field"]) for f in told["findings"]}
    assert ("dossier", 0, "effective_on") in places
    assert {table for table, _, _ in places} == {"dossier", "before", "transfers"}
    assert {e["in"] for e in told["errors"]} == {"body"}
    assert told["found"] == len(told["errors"]) >= 3
    assert office.register.store.position() == before


def test_what_is_no_file_is_refused(office):
    is_problem(office.upload(b"a,b", "text/csv"), 415, "unsupported-media-type")
    is_problem(office.upload(b"{", "application/json"), 400, "malformed-body")
    is_problem(office.upload(b"PK\x03\x04 broken", XLSX), 422, "files-refused")
    is_problem(office.upload(b" " * 16_000_001), 413, "body-too-large")
    nobody = office.client.post("/v1/dossiers", json={})
    is_problem(nobody, 401, "unauthenticated")


def test_a_trial_stores_nothing_and_a_repeated_key_records_once(office):
    before = office.register.store.position()
    content = json_document(HEADING, merger())
    tried = office.upload(content, headers={"Prefer": "dry-run"})
    assert (tried.status_code, tried.json()["position"]) == (200, None)
    assert tried.json()["events"] == {"dossier.drafted": 1, "dossier.stated": 1}
    assert office.register.store.position() == before
    key = {"Idempotency-Key": "k-1"}
    first, second = (office.upload(content, headers=key).json() for _ in range(2))
    assert first == second
    other = json_document(HEADING, merger("Xã Khác"))
    is_problem(office.upload(other, headers=key), 422, "idempotency-key-reused")


def test_two_dossiers_do_not_bear_one_key(office):
    id_ = office.draw_up()
    told = is_problem(office.upload(json_document(HEADING, merger("Xã Khác"))), 409)
    assert (told["type"], told["id"]) == ("/problems/already-exists", id_)


def test_drawing_up_anew_needs_the_version_that_was_read(office):
    id_ = office.draw_up()
    other = json_document(HEADING, merger("Xã Suối Đồng"))
    tag = office.get(f"/{id_}").headers["ETag"]
    stale = {"If-Match": '"1"'}
    missed = office.upload(other, path=f"/{id_}", method="PUT", headers=stale)
    assert is_problem(missed, 412, "concurrent-change")["version"] == 2
    response = office.upload(other, path=f"/{id_}", method="PUT", headers={"If-Match": tag})
    assert response.status_code == 201, response.text
    [after] = office.get(f"/{id_}/tables").json()["after"]
    assert after["name"] == "Xã Suối Đồng"
    again = office.upload(other, path=f"/{id_}", method="PUT")
    assert (again.status_code, again.json()["events"]) == (200, {})
    nobody = office.upload(other, path=f"/{id_of('nobody')}", method="PUT")
    is_problem(nobody, 404, "not-found")


def test_a_template_is_there_to_be_filled_in(office):
    for form, media in (("xlsx", XLSX), ("csv", "application/zip"), ("json", "application/json")):
        given = office.get(f"/template?format={form}")
        assert given.headers["Content-Type"] == media
    names = zipfile.ZipFile(io.BytesIO(office.get("/template?format=csv").content)).namelist()
    assert {"dossier.csv", "before.csv", "after.csv", "transfers.csv"} <= set(names)
    tag = {"If-None-Match": given.headers["ETag"]}
    assert office.get("/template?format=json", headers=tag).status_code == 304
    is_problem(office.upload(b"{}", path="/template", method="PUT"), 405)


# Its life


def test_from_draft_to_carried_out_by_two_persons(office):
    id_ = office.draw_up()
    digest = office.checked(id_)
    own = office.act(f"/{id_}/approvals", digest=digest)
    assert is_problem(own, 409, "second-person-needed")["rule"] == "INV-DOS-1"
    wrong = office.act(f"/{id_}/approvals", APPROVES, digest="0" * 64)
    assert is_problem(wrong, 409, "not-checked-so")["digest"] == digest
    early = office.act(f"/{id_}/carrying-out", APPROVES)
    is_problem(early, 409, "wrong-state")
    assert office.act(f"/{id_}/approvals", APPROVES, digest=digest).status_code == 201
    due = office.act(f"/{id_}/schedules", APPROVES, due_on="2026-03-01")
    assert due.status_code == 201, due.text
    done = office.act(f"/{id_}/carrying-out", APPROVES)
    assert done.status_code == 201, done.text
    assert done.json()["digest"] == digest
    assert done.json()["events"]["unit.ended"] == 2
    one = office.get(f"/{id_}").json()
    assert (one["state"], one["carried_out"]["digest"]) == ("carried_out", digest)
    assert [(act["act"], act["actor"]) for act in one["acts"]] == [
        ("dossier.drafted", "office-1"),
        ("dossier.checked", "office-1"),
        ("dossier.approved", "office-2"),
        ("dossier.scheduled", "office-2"),
        ("dossier.carried-out", "office-2"),
    ]
    position = office.register.store.position()
    again = office.act(f"/{id_}/carrying-out", APPROVES)
    assert (again.status_code, again.json()["events"]) == (200, {})
    assert office.register.store.position() == position


def test_a_check_that_fails_tells_all_that_is_wrong_and_records_nothing(office):
    id_ = office.draw_up(tables(was("60009"), was("60003", name="Xã Sông")))
    before = office.register.store.position()
    told = is_problem(office.act(f"/{id_}/checks"), 409, "dossier-refused")
    found = {(f["table"], f["row"], f["field"], f["rule"]) for f in told["findings"]}
    assert ("before", 1, "code", "code-known") in found
    assert any(place[:3] == ("before", 2, "name") for place in found)
    assert office.register.store.position() == before
    shown = office.get(f"/{id_}/rehearsal").json()
    assert not shown["passes"]
    assert {(f["table"], f["row"], f["field"], f["rule"]) for f in shown["findings"]} >= found


def test_a_withdrawn_one_has_no_effect_and_keeps_its_trace(office):
    id_ = office.draw_up()
    is_problem(office.act(f"/{id_}/withdrawals"), 422, "malformed-request")
    response = office.act(f"/{id_}/withdrawals", reason="Chưa đủ hồ sơ")
    assert response.status_code == 201, response.text
    one = office.get(f"/{id_}").json()
    assert (one["state"], one["acts"][-1]["reason"]) == ("withdrawn", "Chưa đủ hồ sơ")
    is_problem(office.get(f"/{id_}/rehearsal"), 409, "wrong-state")


# Rehearsing


def test_a_rehearsal_tells_what_would_be_and_stores_nothing(office):
    id_ = office.draw_up()
    before = office.register.store.position()
    shown = office.get(f"/{id_}/rehearsal").json()
    assert shown["passes"]
    assert shown["balanced"]
    assert shown["at"] == before == office.register.store.position()
    assert shown["events"]["unit.ended"] == 2
    assert {b["sort"]: (b["before"], b["after"]) for b in shown["balances"]}["unit.commune.xa"] == (
        2,
        1,
    )
    assert {c["code"]: c["change"] for c in shown["codes"]} == {
        "60001": "reused",
        "60002": "retired",
    }
    assert {a["sort"] for a in shown["affected"]} >= {"subordinates", "posts", "archives"}
    assert shown["digest"] == office.checked(id_)


def test_a_trial_of_the_carrying_out_decides_all_and_stores_nothing(office):
    id_ = office.draw_up()
    office.approved(id_)
    before = office.register.store.position()
    tried = office.act(f"/{id_}/carrying-out", APPROVES, headers={"Prefer": "dry-run"})
    assert (tried.status_code, tried.json()["events"]["unit.ended"]) == (200, 2)
    assert office.register.store.position() == before


def test_who_does_not_wait_is_told_how_far_it_is(office):
    id_ = office.draw_up()
    office.approved(id_)
    assert office.get(f"/{id_}/carrying-out").json()["state"] == "not-begun"
    begun = office.act(f"/{id_}/carrying-out", APPROVES, headers={"Prefer": "respond-async"})
    assert begun.status_code == 202, begun.text
    assert begun.headers["Preference-Applied"] == "respond-async"
    office.client.app.state.jobs.close()
    told = office.client.get(begun.headers["Location"]).json()
    assert told["state"] == "done"
    assert told["decided"] == told["operations"] > 0
    assert told["position"] == office.register.store.position()
    job = office.client.app.state.jobs.of(UUID(id_))
    assert job.decided == told["operations"]


def test_what_is_refused_while_nobody_waits_is_told_afterwards(office):
    id_ = office.draw_up()
    office.approved(id_)
    office.register.execute(renamed())
    office.act(f"/{id_}/carrying-out", APPROVES, headers={"Prefer": "respond-async"})
    office.client.app.state.jobs.close()
    told = office.get(f"/{id_}/carrying-out").json()
    assert (told["state"], told["problem"]["type"]) == ("refused", "/problems/moved")


# Afterwards


def test_the_crosswalk_tells_which_codes_became_which(office):
    id_ = office.draw_up()
    rows = office.get(f"/{id_}/crosswalk").json()["items"]
    assert [(r["old"], r["old_name"], r["new"], r["new_name"], r["extent"]) for r in rows] == [
        ("60001", "Xã Đồng", "60001", "Xã Đồng Suối", "whole"),
        ("60002", "Xã Suối", "60001", "Xã Đồng Suối", "whole"),
    ]
    lines = office.get(f"/{id_}/crosswalk", headers={"Accept": "text/csv"}).text.splitlines()
    assert lines[0].startswith("step,subject,old,old_name,new,new_name,extent")
    assert len(lines) == 3


def test_a_correction_tells_which_answers_it_changed(office):
    id_ = office.draw_up()
    office.approved(id_)
    assert office.act(f"/{id_}/carrying-out", APPROVES).status_code == 201
    assert office.get(f"/{id_}/impact").json()["items"] == []
    right = json_document(HEADING, merger("Xã Suối Đồng"))
    assert office.upload(right, path=f"/{id_}", method="PUT").status_code == 201
    office.approved(id_)
    done = office.act(f"/{id_}/carrying-out", APPROVES)
    assert done.status_code == 201, done.text
    changed = office.get(f"/{id_}/impact").json()["items"]
    names = {(r["of"], r["field"], r["first"], r["old"], r["new"]) for r in changed}
    unit = ("unit", "name", "2026-03-01", "Xã Đồng Suối", "Xã Suối Đồng")
    assert unit in names
    assert office.get(f"/{id_}").json()["corrections"] == 1


# Reports


def test_reports_are_given_as_a_page_a_workbook_an_archive_and_values(office):
    id_ = office.draw_up()
    page = office.get(f"/{id_}/reports/rehearsal?format=html")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Báo cáo chạy thử" in page.text
    values = office.get(f"/{id_}/reports/rehearsal").json()
    assert {row["code"] for row in values["tables"]["codes"]} == {"60001", "60002"}
    office.approved(id_)
    assert office.act(f"/{id_}/carrying-out", APPROVES).status_code == 201
    english = office.get(f"/{id_}/reports/completion?format=html&language=en")
    assert "What became of a reorganisation dossier" in english.text
    for form, begins in (("xlsx", b"PK"), ("csv", b"PK"), ("json", b"{")):
        told = office.get(f"/{id_}/reports/crosswalk?format={form}")
        assert (told.status_code, told.content[: len(begins)]) == (200, begins)
    assert (
        "attachment"
        in office.get(f"/{id_}/reports/impact?format=csv").headers["content-disposition"]
    )
    is_problem(office.get(f"/{id_}/reports/rehearsal"), 409, "wrong-state")
    is_problem(office.get(f"/{id_}/reports/elsewhere"), 422, "malformed-request")
