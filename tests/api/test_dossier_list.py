"""Which dossiers there are: from the read model, as known at any time."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from services.dossiers.files.to_json import json_document
from tests.api.test_pages import Page
from tests.services.dossiers import DAY, HEADING, merger

LATER = replace(HEADING, title="Sắp xếp tỉnh Phú Thọ", key="an/2", scope=None)


@pytest.fixture(scope="module")
def drawn(house):
    """The ids of two dossiers, by key."""
    ids = {}
    for heading in (HEADING, LATER):
        body = json.loads(json_document(heading, merger()))
        response = house.post("/v1/dossiers", body)
        assert response.status_code == 201, response.text
        ids[heading.key] = response.json()["id"]
    return ids


def keys(house, query=""):
    response = house.get(f"/v1/dossiers{query}")
    assert response.status_code == 200, response.text
    return {row["key"] for row in response.json()["items"]}


def test_they_are_listed_and_found(house, drawn):
    assert keys(house) == {"an/1", "an/2"}
    assert keys(house, "?name=phu+tho") == {"an/2"}
    assert keys(house, "?scope=60") == {"an/1"}
    assert keys(house, "?state=approved") == set()
    assert keys(house, f"?effective_on={DAY}&state=drafted") == {"an/1", "an/2"}
    assert keys(house, "?effective_on=2026-03-02") == set()
    assert keys(house, "?known_at=1") == set()
    [row] = house.get("/v1/dossiers?name=phu+tho").json()["items"]
    assert (row["id"], row["drafter_id"]) == (drawn["an/2"], "office-17")


def test_the_index_leads_to_them(house, drawn):
    assert keys(house) == {"an/1", "an/2"}
    assert house.client.get("/v1").json()["links"]["dossiers"] == "/v1/dossiers"


def test_pages_of_the_list_hold_each_once(house, drawn):
    first = house.get("/v1/dossiers?limit=1").json()
    second = house.get(first["next"]).json()
    found = [row["id"] for row in (*first["items"], *second["items"])]
    assert (sorted(found), second["next"]) == (sorted(drawn.values()), None)


def test_the_list_is_a_page_too(house, drawn):
    house.get("/v1/dossiers")  # waits until the read model has seen them
    shown = Page(house.client.get("/dossiers", headers={"Accept": "text/html"}).text)
    assert {a["href"] for a in shown.all("a")} >= {f"/dossiers/{id_}" for id_ in drawn.values()}
    sought = Page(house.client.get("/dossiers?q=phu+tho").text)
    assert LATER.title in sought.text
    assert HEADING.title not in sought.text
    after = Page(house.client.get(f"/dossiers?after={min(drawn.values())}").text)
    assert f"/dossiers/{min(drawn.values())}" not in {a["href"] for a in after.all("a")}
